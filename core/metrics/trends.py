"""The past of the headline figures at many month-ends, in one expression.

Each column means what the figure of its name means (``core.figures``); computing that figure for
one month-end after the other would take as many times as long.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.periods import is_month_end, window_start

MONTHS = 12
WITHIN_DAYS = 90


def trends(lines: ir.Table, days: Sequence[date], *, books_from: date) -> ir.Table:
    """How have the headline figures moved from month-end to month-end?

    Parameters
    ----------
    lines
        Ledger lines of ``days`` and of the 12 months before them, with ``value`` and
        ``is_in_scope``.
    days
        Ledger days to look at.
    books_from
        First day of the books.

    Returns
    -------
    One row per day that has lines in scope: ``day``, ``active_customers`` (int64), ``value``
    (float64, money), ``repurchase_within_90``, ``retention_annual``, ``churn_annual``, ``nrr``
    (float64; null where not known: the last three at days that end no month, and revenue retention
    while the 12 months of a year ago reach back before the books).

    References
    ----------
    Definitions: active, value, repurchase_within, retention / churn, nrr.
    """
    wanted = lines.filter(lines.month_end.isin(list(days)))
    now = _standing(wanted.filter(wanted.is_in_scope))
    closed = [day for day in days if is_month_end(day)]
    whole = [day for day in closed if window_start(day, 2 * MONTHS) >= books_from]
    year = _annual(lines, lines.filter(lines.month_end.isin(closed)), whole)
    both = now.left_join(year, now.day == year["_day"])
    return both.drop("_day").order_by("day")


def _standing(lines: ir.Table) -> ir.Table:
    age = lines.month_end.delta(lines.first_on, unit="day")
    gap = lines.second_on.delta(lines.first_on, unit="day")
    is_old_enough = (age >= WITHIN_DAYS).fill_null(False)
    is_back = is_old_enough & (gap <= WITHIN_DAYS).fill_null(False)
    rows = lines.mutate(_old=is_old_enough.cast("int64"), _back=is_back.cast("int64"))
    sums = rows.group_by(day="month_end").agg(
        active_customers=rows.is_active.sum().cast("int64").fill_null(0),
        value=rows.value.sum(where=rows.is_active).cast("float64").fill_null(0.0),
        _back=rows["_back"].sum().cast("float64"),
        _old=rows["_old"].sum().cast("float64"),
    )
    rate = sums["_back"] / sums["_old"].nullif(0)
    return sums.mutate(repurchase_within_90=rate).drop("_back", "_old")


def _annual(lines: ir.Table, now: ir.Table, whole: Sequence[date]) -> ir.Table:
    then = lines.filter(lines.is_in_scope & (lines.is_active | (lines.value > 0)))
    then = then.select(
        _key="customer_key", _month=_month(then.month_end) + MONTHS, _was="is_active",
        _then=then.value.cast("float64"),
    )  # fmt: skip
    days = now.select(_day="month_end").distinct()
    now = now.select(
        "customer_key", _number=_month(now.month_end), _is=now.is_active,
        _now=now.value.cast("float64"), _bought=now.since_on.notnull(),
    )  # fmt: skip
    both = then.left_join(now, [then["_key"] == now.customer_key, then["_month"] == now["_number"]])
    stayed = both["_was"] & both["_is"].fill_null(False)
    # Who has no purchase left is undone, not lost.
    went = both["_was"] & ~both["_is"].fill_null(True) & both["_bought"]
    is_counted = both["_then"] > 0
    left = both["_now"].fill_null(0.0).clip(lower=0.0)
    sums = both.group_by("_month").agg(
        _n=both["_was"].sum().cast("float64"),
        _stayed=stayed.sum().cast("float64"),
        _went=went.sum().cast("float64"),
        _value=both["_then"].sum(where=is_counted),
        _left=left.sum(where=is_counted),
    )
    dated = sums.inner_join(days, sums["_month"] == _month(days["_day"]))
    return dated.select(
        "_day",
        retention_annual=dated["_stayed"] / dated["_n"].nullif(0),
        churn_annual=dated["_went"] / dated["_n"].nullif(0),
        nrr=dated["_day"]
        .isin(list(whole))
        .ifelse(dated["_left"] / dated["_value"].nullif(0), ibis.null("float64")),
    )


def _month(day: ir.DateValue) -> ir.IntegerValue:
    return day.year().cast("int64") * 12 + day.month().cast("int64")
