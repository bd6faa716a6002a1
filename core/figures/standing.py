"""Figures of one ledger day: how many customers there are and what they bring."""

from collections.abc import Iterator

from core.definitions import TIERS
from core.figures.asked import Asked, Cells
from core.figures.definition import Better, FigureDefinition, Unit, Window
from core.figures.figure import Cell, Note, unknown
from core.metrics import pyramid
from core.metrics.migration import UPPER
from core.metrics.overdue import overdue as overdue_customers


def standing(asked: Asked) -> Cells:
    """Customers, active, lost, prospects, value; heads and value of each tier."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    rows = pyramid.pyramid(asked.lines(asked.as_of, is_on_margin), by=asked.column)
    heads: dict = {}
    money: dict = {}
    for group, row in asked.rows(rows):
        key = (group, row["level"])
        heads[key] = heads.get(key, 0) + row["heads"]
        money[key] = money.get(key, 0.0) + float(row["value"])
    groups = {group for group, _ in heads} or ({()} if asked.by is None else set())
    basis = asked.basis(is_on_margin)
    provisional = (Note("provisional"),) if asked.view.has_own_cuts(asked.as_of) else ()
    return {
        group: _standing(
            {level: heads.get((group, level), 0) for level in (*pyramid.LEVELS, None)},
            {level: money.get((group, level), 0.0) for level in (*pyramid.LEVELS, None)},
            basis,
            provisional,
        )
        for group in groups
    }


def _standing(
    heads: dict, money: dict, basis: tuple[Note, ...], provisional: tuple[Note, ...]
) -> dict[str, Cell]:
    # An active customer has no tier where there is nobody to cut.
    levels = (*TIERS, None)
    active, value = sum(heads[t] for t in levels), sum(money[t] for t in levels)
    customers = active + heads["lost"]
    per_active = Cell(value / active, active, note=basis) if active else unknown("nobody", 0)
    cells = {
        "customers": Cell(customers, customers),
        "active_customers": Cell(active, active),
        "prospects": Cell(heads["prospect"], heads["prospect"]),
        "lost_customers": Cell(heads["lost"], heads["lost"]),
        "value": Cell(value, active, note=basis),
        "value_per_active": per_active,
    }
    upper = sum(money[tier] for tier in UPPER)
    share = Cell(upper / value, active, note=(*provisional, *basis)) if value > 0 else None
    reason = "value_not_above_zero" if active else "nobody"
    cells["upper_value_share"] = share or unknown(reason, active)
    for tier in TIERS:
        cells[f"tier_{tier}"] = Cell(heads[tier], heads[tier], note=provisional)
        cells[f"tier_{tier}_value"] = Cell(money[tier], heads[tier], note=(*provisional, *basis))
    return cells


def top_share(asked: Asked) -> Cells:
    """Share of value of the best fifth of buyers."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    rows = pyramid.top_share(asked.lines(asked.as_of, is_on_margin), by=asked.column)
    return _shares(asked, rows, "top_share", is_on_margin)


def gini(asked: Asked) -> Cells:
    """Inequality of value among buyers."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    rows = pyramid.gini(asked.lines(asked.as_of, is_on_margin), by=asked.column)
    return _shares(asked, rows, "gini", is_on_margin)


def _shares(asked: Asked, rows, key: str, is_on_margin: bool) -> Cells:
    basis = asked.basis(is_on_margin)
    cells: Cells = {}
    for group, row in asked.rows(rows):
        if row[key] is not None:
            cells[group] = {key: Cell(row[key], row["n"], note=basis)}
        else:
            reason = "value_not_above_zero" if row["n"] else "nobody"
            cells[group] = {key: unknown(reason, row["n"])}
    return cells


def overdue(asked: Asked) -> Cells:
    """Active customers who should have come by now."""
    definitions = asked.view.definitions
    lines = asked.lines(asked.as_of)
    late = overdue_customers(
        asked.view.with_rhythm(lines, asked.as_of),
        as_of=asked.as_of,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
        by=asked.column,
    )
    active = lines.aggregate(by=asked.column, active=lines.is_active.sum().cast("int64"))
    counted = dict(asked.rows(late.aggregate(by=asked.column, late=late.count().cast("int64"))))
    return {
        group: {"overdue": Cell(counted[group]["late"] if group in counted else 0, row["active"])}
        for group, row in asked.rows(active.mutate(active=active.active.fill_null(0)))
    }


def _figures() -> Iterator[FigureDefinition]:
    headline: tuple[tuple[str, Unit, Better], ...] = (
        ("customers", "customers", "up"),
        ("active_customers", "customers", "up"),
        ("prospects", "customers", "none"),
        ("lost_customers", "customers", "down"),
        ("value", "money", "up"),
        ("value_per_active", "money", "up"),
    )
    for key, unit, better in headline:
        tables = ("orders", "customers") if key == "prospects" else ("orders",)
        window: Window = "12 months" if unit == "money" else "day"
        is_mean = key == "value_per_active"
        yield FigureDefinition(key, standing, unit, better, window, tables=tables, is_mean=is_mean)
    curry = "Curry and Curry, The Customer Marketing Method (2000)"
    for tier in TIERS:
        yield FigureDefinition(f"tier_{tier}", standing, "customers", "none", reference=curry)
        yield FigureDefinition(f"tier_{tier}_value", standing, "money", "none", reference=curry)
    yield FigureDefinition("upper_value_share", standing, "rate", "none", reference=curry)
    yield FigureDefinition("top_share", top_share, "rate", "none")
    yield FigureDefinition("gini", gini, "ratio", "none", reference="Gini (1912)")
    yield FigureDefinition("overdue", overdue, "customers", "down", "history")


FIGURES = tuple(_figures())
