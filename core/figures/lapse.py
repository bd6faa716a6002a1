"""The limit of silence that suits the company, as its own customers come back."""

import math
from collections.abc import Sequence
from datetime import date

import ibis.expr.types as ir

from core import engine
from core.definitions import Definitions
from core.figures.asked import Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.ledger.lines import LINES
from core.metrics.lapse import LAPSES, proposed_lapse, returns_by_lapse, silences
from core.view import View

# So many customers tell a rate to a few tenths of a per cent; to sort all the occasions of millions
# takes seconds.
MOST_CUSTOMERS = 100_000


def lapse(asked: Asked) -> Cells:
    """The smallest limit from which on at most a tenth of the silent come back as soon again."""
    found = returns(asked.view, asked.occasions, asked.as_of, by=asked.column)
    # Read twice: the rates, and what follows from them.
    rates = engine.small_table(asked.view.ledger.con, found.to_pyarrow())
    shown = {(*group, row["lapse_days"]): row for group, row in asked.rows(rates)}
    sample = sample_note(asked.view)
    cells: Cells = {}
    for group, row in asked.rows(proposed_lapse(rates, by=asked.column)):
        days, longest = row["proposed_days"], row["longest_days"]
        if longest is None:
            cells[group] = {"lapse_proposed": unknown("lapse_too_young", 0)}
        elif days is None:
            cells[group] = {"lapse_proposed": unknown("no_lapse_suits", longest=longest)}
        else:
            at = shown[(*group, days)]
            share = f"{at['return_rate']:.1%}"
            note = Note("lapse_returns", {"n": at["silent"], "days": days, "share": share})
            cells[group] = {"lapse_proposed": Cell(days, at["silent"], note=(note, *sample))}
    return cells


def returns(view: View, occasions: ir.Table, as_of: date, *, by: Sequence[str] = ()) -> ir.Table:
    """Return ``returns_by_lapse`` of the customers looked at, for every limit worth trying."""
    if (step := one_in(view)) > 1:
        occasions = occasions.filter(occasions.customer_key % step == 0)
    return returns_by_lapse(
        silences(occasions, by=by), as_of=as_of, lapses=tried(view.definitions), by=by
    )


def tried(definitions: Definitions) -> tuple[int, ...]:
    """Return the limits to try: round numbers of days, and those in force."""
    in_force = (definitions.lapse_after_days, *definitions.lapse_by_segment.values())
    return tuple(sorted({*LAPSES, *in_force}))


def one_in(view: View) -> int:
    """Return k, where every k-th customer is enough to look at."""
    lines = view.ledger.derived("ledger", LINES, (f"month_end={view.days[-1].isoformat()}",))
    return max(math.ceil(engine.count(lines) / MOST_CUSTOMERS), 1)


def sample_note(view: View) -> tuple[Note, ...]:
    """Return the note that not all customers were looked at, if so."""
    step = one_in(view)
    return (Note("one_in", {"k": step}),) if step > 1 else ()


FIGURES: tuple[FigureDefinition, ...] = (
    FigureDefinition("lapse_proposed", lapse, "days", "none", "history", "any date"),
)
