"""Contracts at a month-end: since when, until when, and what they brought in by then."""

import ibis
import ibis.expr.types as ir

from core.ledger.entries import MONEY, month_of
from core.ledger.scopes import END


def running(contracts: ir.Table, step: ir.Table) -> ir.Table:
    """Return what contracts mean for each customer at the day of ``step``.

    The monthly value accrues by the day: a month counts as the share of its days that the
    contract ran. A contract without an end runs on.

    Returns
    -------
    One row per customer with a contract begun by ``day``: ``customer_key``, ``c_since`` and
    ``c_until`` (first and last day of any of them), ``contract_12m`` (accrued in the window).
    """
    rows = contracts.cross_join(step.select("day", "old_until"))
    begun = rows.filter(rows.started_on <= rows.day)
    end = ibis.coalesce(begun.ended_on, END)
    opens = ibis.greatest(begun.started_on, begun.old_until)
    closes = ibis.least(end, begun.day)
    ran = (_months_through(closes) - _months_before(opens)).clip(lower=0)
    accrued = (begun.monthly_value.cast("float64").fill_null(0) * ran).round(4).cast(MONEY)
    return (
        begun.mutate(_end=end, _accrued=accrued)
        .group_by("customer_key")
        .agg(
            c_since=begun.started_on.min(),
            c_until=ibis._["_end"].max(),
            contract_12m=ibis._["_accrued"].sum().cast(MONEY),
        )
    )


def _months_before(day: ir.DateValue) -> ir.FloatingValue:
    """Months from the year 0 to the beginning of ``day``, its own month by its days."""
    return _month_number(day) + (day.day() - 1) / _days(day)


def _months_through(day: ir.DateValue) -> ir.FloatingValue:
    """Months from the year 0 to the end of ``day``."""
    return _month_number(day) + day.day() / _days(day)


def _month_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.year().cast("int64") * 12 + day.month().cast("int64")


def _days(day: ir.DateValue) -> ir.FloatingValue:
    first = month_of(day)
    following = (first.cast("timestamp") + ibis.interval(months=1)).cast("date")
    return following.delta(first, unit="day").cast("float64")
