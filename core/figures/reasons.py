"""Why a figure cannot be known at all on the day and in the scope asked for."""

from collections.abc import Callable
from datetime import date

from core.figures.asked import MONTHS, Asked
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, unknown
from core.periods import is_month_end, window_start


def reason_unknown(asked: Asked, d: FigureDefinition) -> Cell | None:
    """Return a null with the reason why it cannot be known; null if it can."""
    for reason in _REASONS:
        if (found := reason(asked, d)) is not None:
            return found
    return None


def _no_table(asked: Asked, d: FigureDefinition) -> Cell | None:
    absent = [table for table in d.tables if not asked.view.ledger.has(table)]
    return unknown("no_table", tables=", ".join(absent)) if absent else None


def _before_books(asked: Asked, _: FigureDefinition) -> Cell | None:
    is_before = asked.as_of < asked.first_on
    return unknown("before_books", first_on=asked.first_on) if is_before else None


def _no_ledger_day(asked: Asked, d: FigureDefinition) -> Cell | None:
    """Figures of occasions hold at any date, but scopes at ledger days only."""
    if asked.is_ledger_day or (d.needs == "any date" and asked.is_whole):
        return None
    return _needs_ledger_day(asked, asked.as_of)


def _no_opening(asked: Asked, d: FigureDefinition) -> Cell | None:
    if not d.is_movement:
        return None
    if asked.opening is None:
        return unknown("no_opening", first_on=asked.first_on)
    if asked.opening not in asked.view.days:
        return _needs_ledger_day(asked, asked.opening)
    return None


def _no_year(asked: Asked, d: FigureDefinition) -> Cell | None:
    if not d.is_yearly:
        return None
    if asked.year_ago is None:
        reason = "no_year_ago" if is_month_end(asked.as_of) else "open_month_year"
        return unknown(reason, first_on=asked.first_on)
    from_on = window_start(asked.year_ago, MONTHS)
    if d.window == "24 months" and asked.is_before_books(from_on):
        return unknown("window_before_books", from_on=from_on, first_on=asked.first_on)
    return None


def _provisional_tiers(asked: Asked, d: FigureDefinition) -> Cell | None:
    """Tiers of provisional cut-points compare with no other day."""
    if not asked.is_by_tier or not (d.is_movement or d.is_yearly):
        return None
    opening = asked.year_ago if d.is_yearly else asked.opening
    for day in (opening, asked.as_of):
        if day is not None and asked.view.has_own_cuts(day):
            return unknown("provisional_compared", day=day)
    return None


def _not_whole(asked: Asked, d: FigureDefinition) -> Cell | None:
    return None if asked.is_whole or not d.is_whole_only else unknown("whole_only")


def _needs_ledger_day(asked: Asked, day: date) -> Cell:
    closest = sorted(asked.view.days, key=lambda one: abs((one - day).days))[:2]
    nearest = ", ".join(one.isoformat() for one in sorted(closest))
    return unknown("needs_ledger_day", day=day, nearest=nearest)


_REASONS: tuple[Callable[[Asked, FigureDefinition], Cell | None], ...] = (
    _no_table,
    _before_books,
    _no_ledger_day,
    _no_opening,
    _no_year,
    _provisional_tiers,
    _not_whole,
)
