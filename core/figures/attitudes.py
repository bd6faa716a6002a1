"""Figures of attitudes, stated and shown; the ladder; and those who go quiet."""

from datetime import date

import ibis.expr.types as ir

from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.figures.satisfaction import questions
from core.figures.service import recovered, recovery_cells
from core.metrics import attitudes, effort, surveys
from core.metrics.ladder import STEPS, ladder, levels
from core.metrics.silence import silent_customers
from core.periods import month_start, window_start
from core.view import View

_SURVEYS = ("orders", "surveys")
_COMPLAINTS = ("orders", "complaints")
_QUIET = ("orders", "surveys", "complaints")
_STATED = {
    "brand": "brand_attention",
    "competitor": "competitor_attention",
    "price": "price_sensitivity_stated",
    "quality": "accident_tolerance_stated",
}
_LADDER = {level: f"ladder_{level}" for level in (*reversed(STEPS), "none", "unknown")}


def stated(asked: Asked) -> Cells:
    """What customers say of our brand, of others, of prices, and of faults."""
    cells: Cells = {(): dict.fromkeys(_STATED.values(), unknown("nobody_answered", 0))}
    if asked.column:
        cells = {}
    found = questions(asked, *_STATED)
    for group, row in asked.rows(surveys.favourable(found, by=asked.column)):
        cell = Cell(row["rate"], row["n"], row["low"], row["high"])
        cells.setdefault(group, {})[_STATED[row["instrument"]]] = cell
    return cells


def demand_met(asked: Asked) -> Cells:
    """The share of wallet that customers state."""
    found = effort.demand_met(questions(asked, "wallet"), by=asked.column)
    return {
        group: {
            "demand_met": Cell(row["mean"], row["n"], row["low"], row["high"])
            if row["n"]
            else unknown("nobody_answered", 0)
        }
        for group, row in asked.rows(found)
    }


def price_sensitivity(asked: Asked) -> Cells:
    """The share of what customers bought that they bought on a discount."""
    # A company that does not say what it gave off is not one that gives nothing off.
    if not asked.view.ledger.table("orders").discount.count().to_pyarrow().as_py():
        return {(): {"price_sensitivity": unknown("no_discounts")}}
    rows = attitudes.bought_on_discount(asked.scoped(bought_in_a_year(asked)), by=asked.column)
    return {
        group: {
            "price_sensitivity": unknown("nobody", 0)
            if row["share"] is None
            else Cell(row["share"], row["n"])
        }
        for group, row in asked.rows(rows)
    }


def bought_in_a_year(asked: Asked) -> ir.Table:
    """Return what was booked in 12 months on days of purchases that stand, in any scope."""
    entries = asked.view.entries(asked.as_of, since=window_start(asked.as_of, MONTHS))
    stands = entries.voided_on.isnull() | (entries.voided_on > asked.as_of)
    return entries.filter((entries.orders > 0) & entries.customer_key.notnull() & stands)


def accident_tolerance(asked: Asked) -> Cells:
    """Who bought again after a complaint about quality, against like customers."""
    keys = ("accident_tolerance", "accident_tolerance_like", None)
    return {
        group: recovery_cells(row, *keys, "none_resolved_old")
        for group, row in recovered(asked, asked.view.definitions.quality_categories)
    }


def on_ladder(view: View, lines: ir.Table, as_of: date) -> ir.Table:
    """Return ``ladder`` of ledger lines at ``as_of``, by what the company brought."""
    since = window_start(as_of, MONTHS)
    ledger = view.ledger
    referrers = None
    if ledger.has("referrals"):
        referrals = ledger.table("referrals")
        in_time = (referrals.referred_on >= since) & (referrals.referred_on <= as_of)
        referrers = referrals.filter(in_time).select("customer_key")
    asked = surveys.asked_in(ledger.table("surveys"), since=since, as_of=as_of)
    is_year_known = since >= month_start(ledger.refresh.first_on)
    return ladder(lines, asked, referrers, is_year_known=is_year_known)


def ladder_steps(asked: Asked) -> Cells:
    """How many customers stand on each step of the ladder."""
    found = on_ladder(asked.view, asked.lines(asked.as_of), asked.as_of)
    cells: Cells = {}
    for group, row in asked.rows(levels(found, by=asked.column)):
        n = row["may_stand_higher"]
        note = (Note("may_stand_higher", {"n": n}),) if n else ()
        key = _LADDER[row["level"]]
        cells.setdefault(group, {})[key] = Cell(row["customers"], row["customers"], note=note)
    nobody = dict.fromkeys(_LADDER.values(), Cell(0, 0))
    return {group: nobody | known for group, known in cells.items()}


def quiet(view: View, lines: ir.Table, as_of: date, year_ago: date | None) -> ir.Table:
    """Return ``silent_customers`` of ledger lines at ``as_of``; nobody without a year before."""
    return silent_customers(
        lines,
        view.all_lines_of([] if year_ago is None else [year_ago]),
        view.ledger.table("surveys"),
        view.ledger.table("complaints"),
        since=window_start(as_of, MONTHS),
        as_of=as_of,
        fall=view.definitions.kind_change,
    )


def silent(asked: Asked) -> Cells:
    """Customers who slow down without a word, and what they bring."""
    if (year_ago := asked.year_ago) is None:
        return {}
    is_on_margin = asked.is_on_margin(asked.as_of)
    found = quiet(asked.view, asked.lines(asked.as_of, is_on_margin), asked.as_of, year_ago)
    rows = found.aggregate(
        by=asked.column,
        n=found.count().cast("int64"),
        value=found.value.sum().cast("float64").fill_null(0.0),
    )
    basis = asked.basis(is_on_margin)
    return {
        group: {
            "silent": Cell(row["n"], row["n"]),
            "silent_value": Cell(row["value"], row["n"], note=basis),
        }
        for group, row in asked.rows(rows)
    }


FIGURES: tuple[FigureDefinition, ...] = (
    FigureDefinition("demand_met", demand_met, "rate", "up", needs="any date", tables=_SURVEYS),
    FigureDefinition("brand_attention", stated, "rate", "up", needs="any date", tables=_SURVEYS),
    FigureDefinition(
        "competitor_attention", stated, "rate", "down", needs="any date", tables=_SURVEYS
    ),
    FigureDefinition("price_sensitivity", price_sensitivity, "rate", "down", needs="any date"),
    FigureDefinition(
        "price_sensitivity_stated", stated, "rate", "down", needs="any date", tables=_SURVEYS
    ),
    FigureDefinition(
        "accident_tolerance", accident_tolerance, "rate", "up", "N days", "any date",
        tables=_COMPLAINTS,
    ),
    FigureDefinition(
        "accident_tolerance_like", accident_tolerance, "rate", "none", "N days", "any date",
        tables=_COMPLAINTS,
    ),
    FigureDefinition(
        "accident_tolerance_stated", stated, "rate", "up", needs="any date", tables=_SURVEYS
    ),
    *(
        FigureDefinition(
            key, ladder_steps, "customers", "up" if level in STEPS else "none", tables=_SURVEYS
        )
        for level, key in _LADDER.items()
    ),
    FigureDefinition(
        "silent", silent, "customers", "down", "24 months", is_yearly=True, tables=_QUIET
    ),
    FigureDefinition(
        "silent_value", silent, "money", "down", "24 months", is_yearly=True, tables=_QUIET
    ),
)  # fmt: skip
