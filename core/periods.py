"""Month-ends and half-open windows of calendar months."""

import calendar
from datetime import date, timedelta

import ibis.expr.types as ir


def month_end(day: date) -> date:
    """Return the last day of the month of ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_start(day: date) -> date:
    """Return the first day of the month of ``day``."""
    return day.replace(day=1)


def plus_months(day: date, months: int) -> date:
    """Return ``day`` so many months later, at the latest on the last day of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def window_start(as_of: date, months: int) -> date:
    """Return the first day of the window of ``months`` that ends with the end of ``as_of``.

    Examples
    --------
    >>> window_start(date(2011, 11, 30), 12)
    datetime.date(2010, 12, 1)
    >>> window_start(date(2011, 12, 9), 12)
    datetime.date(2010, 12, 10)
    """
    return plus_months(as_of + timedelta(days=1), -months)


def took_place(moments: ir.TimestampValue, since: date, as_of: date) -> ir.BooleanValue:
    """Whether moments lie on the days from ``since`` to ``as_of``.

    Compared as moments, so that what lies on other days is not read from the files at all.
    """
    return (moments >= since) & (moments < as_of + timedelta(days=1))


def is_month_end(day: date) -> bool:
    """Whether ``day`` is the last of its month."""
    return day == month_end(day)


def ledger_days(first: date, last: date) -> list[date]:
    """Return the days that have ledger lines: every month-end from ``first``, and ``last``.

    Examples
    --------
    >>> ledger_days(date(2011, 10, 3), date(2011, 12, 9))[1:]
    [datetime.date(2011, 11, 30), datetime.date(2011, 12, 9)]
    """
    days = []
    day = month_end(first)
    while day < last:
        days.append(day)
        day = month_end(day + timedelta(days=1))
    return [*days, last]
