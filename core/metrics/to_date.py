"""A period that is still open, held against earlier ones after as many days of business."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir

from core.periods import month_end, plus_months

Unit = Literal["month", "quarter", "year"]
MONTHS = {"month": 1, "quarter": 3, "year": 12}
_PATTERN_DAYS = 364  # every day of the week as often


@dataclass(frozen=True)
class Stretch:
    """Part of a period: its first day, the last that counts, and the business days in between."""

    from_on: date
    to_on: date
    days: int
    is_short: bool = False  # the whole period has fewer business days than were asked for


def business_days(entries: ir.Table) -> ir.Table:
    """On which days was anything sold?

    A day with a purchase by anybody, known or not, whether it was given back later or not.

    Parameters
    ----------
    entries
        What was booked (``View.entries``), of the whole company.

    Returns
    -------
    One row per business day: ``sold_on`` (date).
    """
    sold = entries.filter(entries.orders > 0)
    return sold.select(sold_on="entered_on").distinct()


def to_date(sold: Sequence[date], unit: Unit, *, as_of: date) -> Stretch:
    """Return the month, quarter or year of ``as_of`` from its first day to ``as_of``.

    ``sold`` are the business days, rising. Quarters and years are those of the calendar.
    """
    from_on = _start(as_of, unit)
    return Stretch(from_on, as_of, _count(sold, from_on, as_of))


def like_stretch(sold: Sequence[date], unit: Unit, *, from_on: date, days: int) -> Stretch:
    """Return the first ``days`` business days of the period that begins on ``from_on``.

    It ends with the last of them. A period that has fewer is taken whole, and marked short; so is
    an open one.
    """
    last = month_end(plus_months(from_on, MONTHS[unit] - 1))
    first = bisect_left(sold, from_on)
    within = sold[first : bisect_right(sold, last)]
    if len(within) < days:
        return Stretch(from_on, last, len(within), is_short=True)
    to_on = within[days - 1] if days else from_on - timedelta(days=1)
    return Stretch(from_on, to_on, days)


def compared(sold: Sequence[date], unit: Unit, *, as_of: date) -> dict[str, Stretch]:
    """Which days are to be held against the period to date?

    As many business days, from the first, of the period before (``previous``) and of the same
    period a year before (``last_year``): a month with a holiday week or one more Sunday is not
    held against one without.

    Parameters
    ----------
    sold
        Business days (``business_days``) from the beginning of the same period a year before to
        ``as_of``, rising.
    unit
        The period: month, quarter or year of the calendar.
    as_of
        The last day of the period to date.

    Returns
    -------
    ``now``, ``previous``, ``last_year``; of a year the last two are equal.
    """
    now = to_date(sold, unit, as_of=as_of)
    starts = {"previous": -MONTHS[unit], "last_year": -12}
    return {"now": now} | {
        name: like_stretch(sold, unit, from_on=plus_months(now.from_on, back), days=now.days)
        for name, back in starts.items()
    }


def expected_business_days(
    sold: Sequence[date], *, from_on: date, to_on: date, as_of: date, books_from: date
) -> float:
    """How many business days will a period have in the end?

    Those that it has had by ``as_of``, and for each day left the share of business days among the
    same days of the week in the 52 weeks up to ``as_of`` (fewer where the books are younger).
    Holidays to come are not known.

    Parameters
    ----------
    sold
        Business days, rising, from 52 weeks before ``as_of`` or the beginning of the period.
    from_on, to_on
        First and last day of the period.
    as_of
        Last day that is known.
    books_from
        First day of the books.

    Returns
    -------
    Days; whole where the period is over.
    """
    known = _count(sold, from_on, min(as_of, to_on))
    since = max(as_of - timedelta(days=_PATTERN_DAYS - 1), books_from)
    looked_at = [since + timedelta(days=n) for n in range((as_of - since).days + 1)]
    open_days = _by_weekday(d for d in sold if since <= d <= as_of)
    all_days = _by_weekday(looked_at)
    first_left = max(as_of + timedelta(days=1), from_on)
    left = [first_left + timedelta(days=n) for n in range((to_on - first_left).days + 1)]
    mean = sum(open_days) / max(len(looked_at), 1)
    share = [o / n if n else mean for o, n in zip(open_days, all_days, strict=True)]
    return known + sum(share[day.weekday()] for day in left)


def trade(entries: ir.Table, *, from_on: date, to_on: date) -> ir.Table:
    """What was sold from one day to another, on how many occasions, to how many customers?

    As it stood at the end of ``to_on``: a purchase that was given back later still counts, as the
    one of today does that will be given back tomorrow. Refunds lower net on their own day.

    Parameters
    ----------
    entries
        What was booked, of the customers that are to count.
    from_on, to_on
        First and last day.

    Returns
    -------
    One row: ``net`` (float64, money), ``occasions``, ``buyers`` (int64).

    References
    ----------
    Definitions: ground rules.
    """
    rows = entries.filter(entries.entered_on.between(from_on, to_on))
    stands = rows.voided_on.isnull() | (rows.voided_on > to_on)
    is_occasion = (rows.orders > 0) & rows.customer_key.notnull() & stands
    return rows.aggregate(
        net=(rows.gross - rows.returned).sum().cast("float64").fill_null(0.0),
        occasions=is_occasion.sum().fill_null(0).cast("int64"),
        buyers=rows.customer_key.nunique(where=is_occasion).cast("int64"),
    )


def new_buyers(firsts: ir.Table, *, from_on: date, to_on: date) -> ir.Table:
    """How many customers bought for the first time from one day to another?

    Parameters
    ----------
    firsts
        One row per customer: ``first_on`` (date; null: not yet).
    from_on, to_on
        First and last day.

    Returns
    -------
    One row: ``new_buyers`` (int64).
    """
    is_first = firsts.first_on.between(from_on, to_on)
    return firsts.aggregate(new_buyers=is_first.sum().fill_null(0).cast("int64"))


def traded(entries: ir.Table, stretches: dict[str, Stretch]) -> ir.Table:
    """Return ``trade`` of several stretches: one row each, with its name in ``stretch``."""
    return ibis.union(
        *[
            trade(entries, from_on=s.from_on, to_on=s.to_on).mutate(stretch=ibis.literal(name))
            for name, s in stretches.items()
        ]
    )


def _start(day: date, unit: Unit) -> date:
    months = MONTHS[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _count(sold: Sequence[date], from_on: date, to_on: date) -> int:
    return max(bisect_right(sold, to_on) - bisect_left(sold, from_on), 0)


def _by_weekday(days: Iterable[date]) -> list[int]:
    found = [0] * 7
    for day in days:
        found[day.weekday()] += 1
    return found
