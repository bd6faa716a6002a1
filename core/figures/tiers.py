"""What tiers are called, and which periods their tiers can be compared over."""

from collections.abc import Sequence
from datetime import date

import ibis.expr.types as ir

from core.definitions import TIERS
from core.figures.figure import Note
from core.i18n import translate
from core.periods import is_month_end, month_end, month_start, plus_months, window_start
from core.view import View

LEAST_EARLIER = 2  # periods, without which nothing can be expected
MOST_EARLIER = 4  # periods that expectations are taken from: of quarters, a year of seasons

Days = tuple[date, date]  # opening and closing of a period


def tier_title(names: str, tier: str | None, language: str) -> str:
    """Return what a tier or level is called: by Curry, or by Zeithaml, Rust and Lemon.

    Parameters
    ----------
    names
        ``Definitions.tiers.names``: curry or zeithaml.
    tier
        One of ``TIERS``, or a level beside them (``lost``, ``prospect``, ``none``,
        ``elsewhere``); null: not known.
    """
    if tier is None:
        return translate("tier.unknown", language)
    if tier in TIERS:
        return translate(f"tier.{names}.{tier}", language)
    return translate(f"tier.{tier}", language)


def incomparable(view: View, *days: date) -> Note | None:
    """Return why the tiers of ``days`` do not compare; null if they do."""
    for day in days:
        if view.has_own_cuts(day):
            return Note("provisional_compared", {"day": day})
    return None


def earlier_periods(view: View, opening: date, closing: date) -> list[Days]:
    """Return the periods of equal length before ``opening`` whose tiers compare, newest first.

    They end where the one after them begins, so that none overlaps with another. There are none
    for a period that ends or begins within a month.
    """
    if not (is_month_end(opening) and is_month_end(closing)):
        return []
    months = (closing.year - opening.year) * 12 + closing.month - opening.month
    found: list[Days] = []
    end = opening
    while len(found) < MOST_EARLIER:
        start = month_end(plus_months(end, -months))
        if start not in view.days or incomparable(view, start, end):
            break
        found.append((start, end))
        end = start
    return found


def ends_of(view: View, periods: Sequence[Days]) -> tuple[ir.Table, ir.Table]:
    """Return the ledger lines of every scope at the openings and ends of ``periods``.

    ``period`` says of which of them, by its place.
    """
    found = []
    for days in zip(*periods, strict=True):
        # Read once for each side: as one table it would be kept in memory as a whole.
        lines = view.all_lines_of(days)
        places = [(day, place) for place, day in enumerate(days)]
        found.append(lines.mutate(period=lines.month_end.cases(*places)))
    return found[0], found[1]


def few_earlier(view: View, opening: date, closing: date) -> Note | None:
    """Return why nothing can be expected of a period; null if something can."""
    if not (is_month_end(opening) and is_month_end(closing)):
        return Note("open_period", {"opening": opening, "closing": closing})
    found = len(earlier_periods(view, opening, closing))
    if found < LEAST_EARLIER:
        return Note("few_earlier_periods", {"found": found, "needed": LEAST_EARLIER})
    return None


def longest_expected(view: View, closing: date) -> date | None:
    """Return the opening of the longest period up to ``closing`` of which something is expected.

    Returns
    -------
    The month-end 12, 6, 3 or 1 months before; null where none has enough periods before it.
    """
    for months in (12, 6, 3, 1):
        opening = month_end(plus_months(closing, -months))
        if opening not in view.days or incomparable(view, opening, closing):
            continue
        if few_earlier(view, opening, closing) is None:
            return opening
    return None


def no_year_before(view: View, day: date) -> Note | None:
    """Return why ``day`` cannot be held against 12 months before; null if it can."""
    first_on = view.ledger.refresh.first_on
    before = view.year_before(day)
    if before is None:
        key = "no_year_ago" if is_month_end(day) else "open_month_year"
        return Note(key, {"first_on": first_on})
    from_on = window_start(before, 12)
    if from_on < month_start(first_on):
        return Note("window_before_books", {"from_on": from_on, "first_on": first_on})
    return None
