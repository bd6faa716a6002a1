"""Promises made to customers: kept by their due date, or broken."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson


def due_promises(promises: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """What became of each promise that was due by ``as_of``?

    Due are promises whose due date lies from ``since`` to ``as_of``, both included; *kept* are
    those kept on that date at the latest. Open and late is broken, and so is kept too late, or
    moved to another date. What was kept after ``as_of`` is still open.

    Parameters
    ----------
    promises
        The company's promises.
    since, as_of
        First and last due date.

    Returns
    -------
    One row per promise: ``promise_id``, ``customer_key``, ``employee_id``, ``kind``,
    ``promised_on``, ``due_on``, ``kept_on`` (null while open at ``as_of``), ``is_kept``,
    ``is_open``, ``late_days`` (int64: from the due date to the day it was kept, or to ``as_of``; 0
    where kept in time), ``quarter_from`` (first day of the quarter in which it was due).

    References
    ----------
    Definitions: promises.
    """
    is_due = (promises.due_on >= since) & (promises.due_on <= as_of)
    rows = promises.filter(is_due & (promises.promised_on <= as_of))
    kept_on = (rows.kept_on <= as_of).ifelse(rows.kept_on, ibis.null("date"))
    rows = rows.mutate(kept_on=kept_on)
    until = ibis.coalesce(rows.kept_on, ibis.literal(as_of))
    return rows.select(
        "promise_id", "customer_key", "employee_id", "kind", "promised_on", "due_on", "kept_on",
        is_kept=(rows.kept_on <= rows.due_on).fill_null(False),
        is_open=rows.kept_on.isnull(),
        quarter_from=ibis.date(rows.due_on.year(), rows.due_on.quarter() * 3 - 2, 1),
        late_days=until.delta(rows.due_on, unit="day").clip(lower=0).cast("int64"),
    )  # fmt: skip


def broken_promises(promises: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """Which promises due from ``since`` to ``as_of`` were broken? Rows as ``due_promises``."""
    rows = due_promises(promises, since=since, as_of=as_of)
    return rows.filter(~rows.is_kept)


def kept_rate(due: ir.Table, *, by: Sequence[str] = ("quarter_from",)) -> ir.Table:
    """What share of the promises that fell due was kept?

    Parameters
    ----------
    due
        ``due_promises``.
    by
        Columns to tell apart: ``quarter_from``, ``kind``, ``employee_id``.

    Returns
    -------
    One row per ``by`` (one in all without it): ``due``, ``kept``, ``kept_late``, ``open`` (int64;
    the last three add up to ``due``), ``kept_rate`` (0 to 1; null where none was due), ``low`` and
    ``high`` (its Wilson interval).

    References
    ----------
    Definitions: promises.
    """
    counts = due.aggregate(
        by=list(by),
        due=due.count().cast("int64"),
        kept=due.is_kept.sum().cast("int64").fill_null(0),
        kept_late=(~due.is_kept & ~due.is_open).sum().cast("int64").fill_null(0),
        open=due.is_open.sum().cast("int64").fill_null(0),
    )
    rate = counts.kept.cast("float64") / counts.due.cast("float64").nullif(0)
    low, high = wilson(counts.kept, counts.due)
    return counts.mutate(kept_rate=rate, low=low, high=high)
