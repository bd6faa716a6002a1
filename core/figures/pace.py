"""Figures of the month to date, held against last year's after as many days of business."""

from datetime import date, timedelta

from core.figures.asked import Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.metrics import to_date as pacing
from core.metrics.sales import sales
from core.periods import month_end, plus_months
from core.view import View


def business_days(view: View, since: date, as_of: date) -> list[date]:
    """Return the days of business of the whole company from ``since`` to ``as_of``, rising."""
    entries = View(view.ledger).entries(as_of, since=since)
    found = pacing.business_days(entries).to_pyarrow()
    return sorted(found["sold_on"].to_pylist())


def month_to_date(asked: Asked) -> Cells:
    """Net sales of the month so far, of last year's after as many business days, and the pace."""
    as_of = asked.as_of
    from_on = as_of.replace(day=1)
    sold = business_days(asked.view, plus_months(from_on, -12), as_of)
    stretches = pacing.compared(sold, "month", as_of=as_of)
    now, last_year = stretches["now"], stretches["last_year"]
    known = {"now": now}
    if not asked.is_before_books(last_year.from_on):
        known["last_year"] = last_year
    net = {name: _net(asked, stretch) for name, stretch in known.items()}
    whole = pacing.expected_business_days(
        sold, from_on=from_on, to_on=month_end(as_of), as_of=as_of, books_from=asked.first_on
    )
    days = {"business_days_to_date": Cell(now.days)}
    groups = {group for found in net.values() for group in found} or {()}
    return {(): days} | {
        group: (days if not group else {})
        | _cells(group, net, now.days, whole, last_year, asked.first_on)
        for group in groups
    }


def _net(asked: Asked, stretch: pacing.Stretch) -> Cells:
    entries = asked.view.entries(stretch.to_on, since=stretch.from_on)
    rows = asked.scoped(entries).filter(lambda t: t.entered_on >= stretch.from_on)
    sums = rows.aggregate(
        by=asked.column,
        net=(rows.gross - rows.returned).sum().cast("float64").fill_null(0.0),
        n=rows.customer_key.nunique().cast("int64"),
    )
    return {group: {"net": Cell(row["net"], row["n"])} for group, row in asked.rows(sums)}


def _cells(
    group: tuple,
    net: dict[str, Cells],
    days: int,
    whole: float,
    last_year: pacing.Stretch,
    first_on: date,
) -> dict[str, Cell]:
    nothing = {"net": Cell(0.0, 0)}
    now = net["now"].get(group, nothing)["net"]
    cells = {"net_to_date": now}
    if "last_year" not in net:
        absent = unknown("window_before_books", from_on=last_year.from_on, first_on=first_on)
        cells["net_to_date_last_year"] = absent
    else:
        then = net["last_year"].get(group, nothing)["net"]
        key = "fewer_business_days" if last_year.is_short else "business_days_until"
        note = Note(key, {"days": last_year.days, "to_on": last_year.to_on})
        cells["net_to_date_last_year"] = Cell(then.value, then.n, note=(note,))
    if days and now.value is not None:
        note = Note("business_days_of", {"days": days, "whole": f"{whole:.1f}"})
        cells["pace_net"] = Cell(now.value * whole / days, now.n, note=(note,))
    else:
        cells["pace_net"] = unknown("no_business_day", 0)
    return cells


def net_sales(asked: Asked) -> Cells:
    """Net sales since the opening."""
    if asked.opening is None:
        return {}
    since = asked.opening + timedelta(days=1)
    rows = asked.scoped(asked.view.entries(asked.as_of, since=since))
    if asked.is_whole:
        (row,) = sales(rows).to_pyarrow().to_pylist()
        return {(): {"net_sales": Cell(float(row["net"]), row["customers"])}}
    sums = rows.aggregate(
        by=asked.column,
        net=(rows.gross - rows.returned).sum().cast("float64").fill_null(0.0),
        n=rows.customer_key.nunique().cast("int64"),
    )
    return {group: {"net_sales": Cell(row["net"], row["n"])} for group, row in asked.rows(sums)}


FIGURES: tuple[FigureDefinition, ...] = (
    FigureDefinition("net_sales", net_sales, "money", "up", "period", is_movement=True),
    FigureDefinition("net_to_date", month_to_date, "money", "up", "month to date", "any date"),
    FigureDefinition(
        "net_to_date_last_year", month_to_date, "money", "none", "month to date", "any date"
    ),
    FigureDefinition(
        "business_days_to_date", month_to_date, "days", "none", "month to date", "any date"
    ),
    FigureDefinition("pace_net", month_to_date, "money", "up", "month to date", "any date"),
)  # fmt: skip
