"""Which breakdowns there are, and how to get the rows of one."""

from datetime import date

import ibis
import pyarrow as pa

from core.breakdowns import (
    answers,
    care,
    causes,
    channels,
    cohorts,
    complaints,
    composition,
    lapse,
    membership,
    pace,
    people,
    places,
    prospects,
    pyramid,
    repurchase,
    returning,
    satisfaction,
    service,
)
from core.breakdowns.breakdown import Breakdown, Period
from core.errors import UnknownFigure
from core.figures.computing import STEPS_BACK
from core.figures.figure import Note
from core.view import View

FAMILIES: dict[str, tuple[Breakdown, ...]] = {
    "risk": causes.BREAKDOWNS,
    "prospects": prospects.BREAKDOWNS,
    "money": returning.BREAKDOWNS,
    "pace": pace.BREAKDOWNS,
    "lapse": lapse.BREAKDOWNS,
    "kinds": pyramid.BREAKDOWNS,
    "composition": composition.BREAKDOWNS,
    "places": places.BREAKDOWNS,
    "repurchase": repurchase.BREAKDOWNS,
    "cohorts": cohorts.BREAKDOWNS,
    "satisfaction": satisfaction.BREAKDOWNS,
    "answers": answers.BREAKDOWNS,
    "service": service.BREAKDOWNS,
    "complaints": complaints.BREAKDOWNS,
    "care": care.BREAKDOWNS,
    "people": people.BREAKDOWNS,
    "channels": channels.BREAKDOWNS,
    "membership": membership.BREAKDOWNS,
}
BREAKDOWNS: dict[str, Breakdown] = {each.key: each for f in FAMILIES.values() for each in f}


def breakdown_of(key: str) -> Breakdown:
    """Return the breakdown ``key``.

    Raises
    ------
    UnknownFigure
        If there is none.
    """
    if key not in BREAKDOWNS:
        raise UnknownFigure("list", found=key, known=", ".join(BREAKDOWNS))
    return BREAKDOWNS[key]


def rows(
    view: View, key: str, *, as_of: date | None = None, compare: date | None = None
) -> pa.Table:
    """Return the rows of a breakdown.

    Parameters
    ----------
    key
        One of ``BREAKDOWNS``.
    as_of
        A ledger day; null for the last closed month-end.
    compare
        Ledger day that movements begin at; null for three ledger days before.

    Returns
    -------
    The columns of the breakdown, sorted. Empty where a table that it needs was not brought.

    Raises
    ------
    UnknownFigure
        If there is no such breakdown, or no ledger at one of the days.
    """
    chosen = breakdown_of(key)
    period = period_of(view, as_of, compare)
    if missing(view, key):
        return pa.table({name: pa.array([], pa.string()) for name in chosen.columns})
    found = chosen.build(view, period)
    if isinstance(found, pa.Table):
        return found.select(chosen.columns)
    if chosen.order:
        found = found.order_by(
            [
                ibis.desc(name[1:]) if name.startswith("-") else ibis.asc(name)
                for name in chosen.order
            ]
        )
    return found.select(*chosen.columns).to_pyarrow()


def missing(view: View, key: str) -> list[str]:
    """Return the tables that a breakdown needs and the company did not bring."""
    return [table for table in breakdown_of(key).tables if not view.ledger.has(table)]


def notes(
    view: View, key: str, *, as_of: date | None = None, compare: date | None = None
) -> tuple[Note, ...]:
    """Return what a reader of a breakdown must know."""
    if absent := missing(view, key):
        return (Note("no_table", {"tables": ", ".join(absent)}),)
    chosen = breakdown_of(key)
    return chosen.notes(view, period_of(view, as_of, compare)) if chosen.notes else ()


def period_of(view: View, as_of: date | None, compare: date | None) -> Period:
    """Return the days asked for; both have ledger lines."""
    day = view.ledger_day(as_of)
    if compare is not None:
        compare = view.ledger_day(compare)
        if compare >= day:
            raise UnknownFigure("compare_order", compare=compare, as_of=day)
        return Period(day, compare)
    position = view.days.index(day) - STEPS_BACK
    return Period(day, view.days[position] if position >= 0 else None)
