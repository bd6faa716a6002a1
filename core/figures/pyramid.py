"""Figures of the pyramid: kinds of customers, the upper tiers that stay, negative value."""

from collections.abc import Iterator
from datetime import date

import ibis.expr.types as ir

from core.figures.asked import Asked, Cells
from core.figures.definition import Better, FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.figures.tiers import (
    earlier_periods,
    ends_of,
    few_earlier,
    incomparable,
    no_year_before,
)
from core.metrics.intervals import wilson
from core.metrics.kinds import KINDS, heads_of_kinds, kinds
from core.metrics.migration import upper_kept, upper_moves
from core.metrics.overdue import overdue
from core.view import View

_UPPER = ("upper_kept", "upper_fallen", "upper_fallen_excess")


def customers_by_kind(
    view: View, day: date, year_ago: date, is_on_margin: bool, by: tuple[str, ...] = ()
) -> ir.Table:
    """Return ``kinds`` of the customers in scope at ``day``."""
    definitions = view.definitions
    segment = ("segment",) if definitions.lapse_by_segment else ()
    now = view.own_lines(day, (*by, *segment), is_on_margin)
    late = overdue(
        view.with_rhythm(now, day),
        as_of=day,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    then = view.bare_lines_of([year_ago], is_on_margin)
    return kinds(now, then, late, change=definitions.kind_change, by=by)


def why_no_kinds(view: View, day: date) -> Note | None:
    """Return why the kinds of ``day`` cannot be told; null if they can."""
    if (reason := no_year_before(view, day)) is not None:
        return reason
    year_ago = view.year_before(day)
    return incomparable(view, day, *([year_ago] if year_ago else []))


def kind_heads(asked: Asked) -> Cells:
    """Customers of each kind, and what they bring."""
    if (year_ago := asked.year_ago) is None:
        return {}
    if (reason := why_no_kinds(asked.view, asked.as_of)) is not None:
        cell = Cell(None, note=(reason,))
        return {(): {f"kind_{kind}{part}": cell for kind in KINDS for part in ("", "_value")}}
    is_on_margin = asked.is_on_margin(year_ago, asked.as_of)
    found = customers_by_kind(asked.view, asked.as_of, year_ago, is_on_margin, asked.column)
    basis = asked.basis(is_on_margin, year_ago)
    groups: dict = {}
    for group, row in asked.rows(heads_of_kinds(found, by=asked.column)):
        groups.setdefault(group, {})[row["kind"]] = row
    return {group: _of_kinds(rows, basis) for group, rows in groups.items()}


def _of_kinds(rows: dict, basis: tuple[Note, ...]) -> dict[str, Cell]:
    blank = {"heads": 0, "value": 0}
    unsure = rows.get(None, blank)["heads"]
    doubt = (Note("kind_unknown", {"n": unsure}),) if unsure else ()
    cells = {}
    for kind in KINDS:
        row = rows.get(kind, blank)
        cells[f"kind_{kind}"] = Cell(row["heads"], row["heads"], note=doubt)
        cells[f"kind_{kind}_value"] = Cell(float(row["value"]), row["heads"], note=(*doubt, *basis))
    return cells


def upper(asked: Asked) -> Cells:
    """Of the upper tiers at the opening, who stayed and who fell, and the excess over usual."""
    view, opening, closing = asked.view, asked.opening, asked.as_of
    if opening is None:
        return {}
    if (reason := incomparable(view, opening, closing)) is not None:
        return {(): dict.fromkeys(_UPPER, Cell(None, note=(reason,)))}
    few = few_earlier(view, opening, closing)
    periods = [] if few else earlier_periods(view, opening, closing)
    moves = upper_moves(*ends_of(view, [(opening, closing)]), by=asked.column)
    earlier = upper_moves(*ends_of(view, periods), by=asked.column) if periods else None
    rows = asked.rows(upper_kept(moves, earlier, by=asked.column))
    return {group: _of_upper(row, few, len(periods)) for group, row in rows}


def _of_upper(row, few: Note | None, periods: int) -> dict[str, Cell]:
    n, kept = row["n"], row["kept"]
    if not n:
        return dict.fromkeys(_UPPER, unknown("nobody_upper", 0))
    if few is not None:
        excess = Cell(None, n, note=(few,))
    elif row["excess"] is None:
        excess = unknown("never_upper_before", n)
    else:
        excess = Cell(row["excess"], n, note=(Note("expected_from", {"periods": periods}),))
    return {
        "upper_kept": Cell(kept / n, n, *wilson(kept, n)),
        "upper_fallen": Cell(row["fallen"], n),
        "upper_fallen_excess": excess,
    }


def negative(asked: Asked) -> Cells:
    """Customers who cost more than they bring in, and how much."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    lines = asked.lines(asked.as_of, is_on_margin)
    is_below = lines.value < 0
    rows = lines.aggregate(
        by=asked.column,
        n=is_below.sum().cast("int64").fill_null(0),
        value=lines.value.sum(where=is_below).fill_null(0),
    )
    basis = asked.basis(is_on_margin)
    if not is_on_margin:
        basis = (Note("refunds_exceed_purchases"), *basis)
    return {
        group: {
            "negative_value_customers": Cell(row["n"], row["n"], note=basis),
            "negative_value_sum": Cell(float(row["value"]), row["n"], note=basis),
        }
        for group, row in asked.rows(rows)
    }


def _figures() -> Iterator[FigureDefinition]:
    better: dict[str, Better] = {
        "migrating": "down", "freezing": "down", "potential": "up", "value": "up", "steady": "none",
    }  # fmt: skip
    for kind in KINDS:
        key, window = f"kind_{kind}", "24 months"
        yield FigureDefinition(key, kind_heads, "customers", better[kind], window, is_yearly=True)
        yield FigureDefinition(
            f"{key}_value", kind_heads, "money", better[kind], window, is_yearly=True
        )
    drift = "Ehrenberg, Repeat-Buying (1988)"
    yield FigureDefinition("upper_kept", upper, "rate", "up", "period", is_movement=True)
    yield FigureDefinition("upper_fallen", upper, "customers", "down", "period", is_movement=True)
    yield FigureDefinition(
        "upper_fallen_excess", upper, "customers", "down", "period", is_movement=True,
        reference=drift,
    )  # fmt: skip
    yield FigureDefinition("negative_value_customers", negative, "customers", "down")
    yield FigureDefinition("negative_value_sum", negative, "money", "up")


FIGURES = tuple(_figures())
