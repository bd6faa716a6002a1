"""Figures of the movement between two ledger days: bridge, retention, churn, return."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import ibis.expr.types as ir

from core.figures.asked import Asked, Cells
from core.figures.definition import Better, FigureDefinition, Unit
from core.figures.figure import Cell, Note, unknown
from core.metrics import retention as staying
from core.metrics.intervals import wilson
from core.metrics.movement import customer_bridge, movements, since_as_joined
from core.view import View

HEADS = ("opening", "new", "returned", "moved_in", "lost", "undone", "moved_out", "closing")
MONEY = (*HEADS, "up", "down")
# What cannot be told apart while the books are young.
ORIGINS = (
    "new", "returned", "came_and_went",
    "bridge_new", "bridge_returned", "bridge_value_new", "bridge_value_returned",
)  # fmt: skip


def movement(asked: Asked) -> Cells:
    """New, kept, returned, lost; the bridge; retention, churn and quick ratio of the period."""
    opening = asked.opening
    if opening is None:
        return {}
    is_on_margin = asked.is_on_margin(opening, asked.as_of)
    closing, is_origin_known = closing_lines(asked, opening)
    bridge = _bridge(asked, opening, closing, is_on_margin)
    basis = asked.basis(is_on_margin, opening)
    young = young_opening(asked, opening)
    rows = asked.rows(staying.quick_ratio(staying.retention(bridge)))
    cells = {
        group: _heads(row) | _money(row, basis) | _rates(row, young, basis) for group, row in rows
    }
    if not is_origin_known:
        unknown_origin = dict.fromkeys(
            ORIGINS, unknown("origin_unknown", until=first_whole_day(asked.view))
        )
        cells = {group: found | unknown_origin for group, found in cells.items()}
        cells[()] = cells.get((), {}) | unknown_origin
    return cells


def closing_lines(asked: Asked, opening: date) -> tuple[ir.Table, bool]:
    """Return the lines at the closing, and whether they tell the new from those who returned."""
    closing = asked.all_lines(asked.as_of, asked.is_on_margin(opening, asked.as_of))
    if not is_left_truncated(asked, opening):
        return closing, True
    known = _as_joined(asked, opening, closing)
    return (closing, False) if known is None else (known, True)


def is_left_truncated(asked: Asked, opening: date) -> bool:
    """Whether the period reaches into the first tau days of the books."""
    return opening + timedelta(days=1) < first_whole_day(asked.view)


def first_whole_day(view: View) -> date:
    """Return the first day after the first tau days of the books."""
    definitions = view.definitions
    tau = max([definitions.lapse_after_days, *definitions.lapse_by_segment.values()])
    return view.ledger.refresh.first_on + timedelta(days=tau)


def young_opening(asked: Asked, opening: date) -> tuple[Note, ...]:
    """Say that an opening in the first tau days of the books knows too few who were active.

    Whoever bought last before the books began is missing among the active, and among the lost.
    """
    until = first_whole_day(asked.view)
    return (Note("young_opening", {"until": until}),) if opening < until else ()


def _as_joined(asked: Asked, opening: date, closing: ir.Table) -> ir.Table | None:
    """Return ``closing`` with the days of joining, if known of everybody first seen since."""
    ledger = asked.view.ledger
    if not ledger.has("customers"):
        return None
    joined = ledger.table("customers").select("customer_key", "joined_on")
    known = since_as_joined(closing, joined, books_from=asked.first_on)
    first_seen = closing.filter((closing.since_on > opening) & closing.is_in_scope)
    blank = known.filter(~known.is_origin_known).semi_join(first_seen, "customer_key")
    is_complete = not blank.count().to_pyarrow().as_py()
    return known.drop("is_origin_known") if is_complete else None


def _bridge(asked: Asked, opening: date, closing: ir.Table, is_on_margin: bool) -> ir.Table:
    by = asked.column[0] if asked.column else None
    before = asked.all_lines(opening, is_on_margin)
    moved = movements(before, closing, opened_on=opening, by=by)
    return customer_bridge(moved, by=asked.column)


def _heads(row: Mapping) -> dict[str, Cell]:
    names = ("new", "kept", "returned", "lost", "undone", "came_and_went")
    arrived = row["new"] + row["returned"]
    counts = {name: Cell(row[name], row[name]) for name in names}
    return (
        counts
        | {"arrived": Cell(arrived, arrived)}
        | {f"bridge_{name}": Cell(row[name], row[name]) for name in HEADS}
    )


def _money(row: Mapping, basis: tuple[Note, ...]) -> dict[str, Cell]:
    heads = {name: row[name] for name in HEADS} | {"up": row["kept"], "down": row["kept"]}
    return {
        f"bridge_value_{name}": Cell(float(row[f"value_{name}"]), heads[name], note=basis)
        for name in MONEY
    }


def _rates(row: Mapping, young: tuple[Note, ...], basis: tuple[Note, ...]) -> dict[str, Cell]:
    n = row["opening"]
    nobody = unknown("nobody_active", 0)
    counts = (("retention", "stayed"), ("churn", "lost"))
    cells = {
        key: Cell(row[key], n, *wilson(row[counted], n), young) if n else nobody
        for key, counted in counts
    }
    for key in ("retention_value", "churn_value"):
        is_known = row[key] is not None
        reason = unknown("value_not_above_zero", n) if n else nobody
        cells[key] = Cell(row[key], n, note=(*young, *basis)) if is_known else reason
    for key in ("quick_ratio", "quick_ratio_value"):
        is_known = row[key] is not None
        cells[key] = Cell(row[key], n, note=young) if is_known else unknown("no_losses", n)
    return cells


def annual(asked: Asked) -> Cells:
    """Retention and churn over 12 months, measured directly."""
    if (opening := asked.year_ago) is None:
        return {}
    closing = asked.all_lines(asked.as_of)
    young = young_opening(asked, opening)
    bridge = _bridge(asked, opening, closing, False)
    return {
        group: {f"{key}_annual": _rates(row, young, ())[key] for key in ("retention", "churn")}
        for group, row in asked.rows(staying.quick_ratio(staying.retention(bridge)))
    }


def revenue(asked: Asked) -> Cells:
    """Gross and net revenue retention over 12 months."""
    if (year_ago := asked.year_ago) is None:
        return {}
    is_on_margin = asked.is_on_margin(year_ago, asked.as_of)
    then = asked.lines(year_ago, is_on_margin)
    now = asked.all_lines(asked.as_of, is_on_margin)
    basis = asked.basis(is_on_margin)
    rows = asked.rows(staying.revenue_retention(then, now, by=asked.column))
    return {
        group: {
            key: unknown("nobody", 0) if row[key] is None else Cell(row[key], row["n"], note=basis)
            for key in ("grr", "nrr")
        }
        for group, row in rows
    }


def reactivation(asked: Asked) -> Cells:
    """Share of those lost at the opening who bought again."""
    if asked.opening is None:
        return {}
    opening, closing = asked.lines(asked.opening), asked.all_lines(asked.as_of)
    cells: Cells = {}
    for group, row in asked.rows(staying.reactivation(opening, closing, by=asked.column)):
        n = row["n"]
        found = Cell(row["reactivation"], n, *wilson(row["returned"], n))
        cells[group] = {"reactivation": found if n else unknown("nobody_lost", 0)}
    return cells


def _figures() -> Iterator[FigureDefinition]:
    heads: tuple[tuple[str, Better], ...] = (
        ("new", "up"), ("kept", "up"), ("returned", "up"), ("arrived", "up"), ("lost", "down"),
        ("undone", "down"), ("came_and_went", "down"),
    )  # fmt: skip
    for key, better in heads:
        yield _moved(key, "customers", better)
    parts: tuple[tuple[str, Better], ...] = (
        ("opening", "none"), ("new", "up"), ("returned", "up"), ("moved_in", "none"),
        ("lost", "down"), ("undone", "down"), ("moved_out", "none"), ("closing", "up"),
        ("value_opening", "none"), ("value_new", "up"), ("value_returned", "up"),
        ("value_moved_in", "none"), ("value_up", "up"), ("value_lost", "down"),
        ("value_undone", "down"), ("value_moved_out", "none"), ("value_down", "down"),
        ("value_closing", "up"),
    )  # fmt: skip
    for part, better in parts:
        yield _moved(
            f"bridge_{part}", "money" if part.startswith("value_") else "customers", better
        )
    rates: tuple[tuple[str, Unit, Better], ...] = (
        ("retention", "rate", "up"), ("churn", "rate", "down"), ("retention_value", "rate", "up"),
        ("churn_value", "rate", "down"), ("quick_ratio", "ratio", "up"),
        ("quick_ratio_value", "ratio", "up"),
    )  # fmt: skip
    for key, unit, better in rates:
        yield _moved(key, unit, better)
    yield FigureDefinition("reactivation", reactivation, "rate", "up", "period", is_movement=True)
    yield FigureDefinition("retention_annual", annual, "rate", "up", is_yearly=True)
    yield FigureDefinition("churn_annual", annual, "rate", "down", is_yearly=True)
    yield FigureDefinition("grr", revenue, "rate", "up", "24 months", is_yearly=True)
    yield FigureDefinition("nrr", revenue, "ratio", "up", "24 months", is_yearly=True)


def _moved(key: str, unit: Unit, better: Better) -> FigureDefinition:
    return FigureDefinition(key, movement, unit, better, "period", is_movement=True)


FIGURES = tuple(_figures())
