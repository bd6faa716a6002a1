"""Complaints: how many, how long until answered and resolved, and which still wait."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

SECONDS_AN_HOUR = 3600.0
HOURS_A_DAY = 24.0


def complaint_states(complaints: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """How did each complaint opened from ``since`` to ``as_of`` stand at the end of ``as_of``?

    What was answered, resolved or opened again after ``as_of`` has not happened yet. A complaint is
    open until it is resolved, and again from when it was opened again after that.

    Returns
    -------
    One row per complaint: ``complaint_id``, ``customer_key``, ``opened_on``, ``month`` (its
    first day), ``resolved_on`` (null: not yet), ``branch``, ``category``, ``cause``, ``severity``,
    ``product_id``, ``response_hours`` (float64; null while unanswered), ``resolution_days``
    (float64; null while unresolved), ``is_reopened``, ``is_open``, ``waiting_since`` (date; null
    unless open).
    """
    opened_on = complaints.opened_at.cast("date")
    rows = complaints.filter((opened_on >= since) & (opened_on <= as_of))
    seen = {
        name: (rows[name].cast("date") <= as_of).ifelse(rows[name], ibis.null("timestamp"))
        for name in ("first_response_at", "resolved_at", "reopened_at")
    }
    rows = rows.mutate(**seen, opened_on=rows.opened_at.cast("date"))
    is_reopened = (rows.reopened_at >= rows.resolved_at).fill_null(False)
    is_open = rows.resolved_at.isnull() | is_reopened
    waits = is_reopened.ifelse(rows.reopened_at.cast("date"), rows.opened_on)
    return rows.select(
        "complaint_id", "customer_key", "opened_on", "branch", "category", "cause", "severity",
        "product_id",
        month=ibis.date(rows.opened_on.year(), rows.opened_on.month(), 1),
        response_hours=_hours(rows.opened_at, rows.first_response_at),
        resolution_days=_hours(rows.opened_at, rows.resolved_at) / HOURS_A_DAY,
        resolved_on=rows.resolved_at.cast("date"),
        is_reopened=rows.reopened_at.notnull(),
        is_open=is_open,
        waiting_since=is_open.ifelse(waits, ibis.null("date")),
    )  # fmt: skip


def open_complaints(complaints: ir.Table, *, as_of: date) -> ir.Table:
    """Which complaints, whenever opened, are open at the end of ``as_of``?

    Returns
    -------
    Rows as ``complaint_states``, with ``age_days`` (int64) since the complaint was opened.
    """
    rows = complaint_states(complaints, since=date(1, 1, 1), as_of=as_of)
    waiting = rows.filter(rows.is_open)
    age = ibis.literal(as_of).delta(waiting.opened_on, unit="day").cast("int64")
    return waiting.mutate(age_days=age)


def complaint_figures(states: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many complaints came in, and how long did people wait?

    Who still waits has waited longer than everybody who was answered: an unanswered or unresolved
    complaint counts so in medians and 90th percentiles, which are null where they fall among them.
    Leaving them out would make the slowest look fast.

    Parameters
    ----------
    states
        ``complaint_states``.
    by
        Columns to tell apart: ``month``, ``branch``, ``category``.

    Returns
    -------
    One row per ``by`` (one in all without it): ``opened``, ``answered``, ``resolved``, ``open``,
    ``reopened`` (int64), ``response_hours_median``, ``response_hours_p90``,
    ``resolution_days_median``, ``resolution_days_p90`` (float64).

    References
    ----------
    Definitions: complaints.
    """
    sums = states.aggregate(
        by=list(by),
        opened=states.count().cast("int64"),
        answered=states.response_hours.count().cast("int64"),
        resolved=states.resolution_days.count().cast("int64"),
        open=states.is_open.sum().cast("int64").fill_null(0),
        reopened=states.is_reopened.sum().cast("int64").fill_null(0),
        **{
            f"{name}_{label}": states[name].fill_null(float("inf")).quantile(share)
            for name in ("response_hours", "resolution_days")
            for label, share in (("median", 0.5), ("p90", 0.9))
        },
    )
    quantiles = [name for name in sums.columns if name.endswith(("_median", "_p90"))]
    is_number = {name: ~(sums[name].isinf() | sums[name].isnan()) for name in quantiles}
    return sums.mutate(**{n: is_number[n].ifelse(sums[n], ibis.null("float64")) for n in quantiles})


def complaint_rate(states: ir.Table, lines: ir.Table) -> ir.Table:
    """How many complaints per 1,000 active customers, by branch and month?

    Parameters
    ----------
    states
        ``complaint_states``.
    lines
        Ledger lines of the month-ends wanted, with ``month_end`` and ``branch``. Complaints of
        other months are left out.

    Returns
    -------
    One row per month-end and branch that had complaints or active customers: ``month_end``,
    ``branch`` (null: unknown), ``opened``, ``active`` (int64), ``per_thousand`` (float64; null
    where nobody is active).

    References
    ----------
    Definitions: complaints (per 1,000 active).
    """
    active = (
        lines.filter(lines.is_active).group_by("month_end", "branch").agg(active=ibis._.count())
    )
    days = lines.select("month_end").distinct()
    dated = days.mutate(month=ibis.date(days.month_end.year(), days.month_end.month(), 1))
    opened = (
        states.inner_join(dated, "month").group_by("month_end", "branch").agg(opened=ibis._.count())
    )
    found = opened.rename(_day="month_end", _branch="branch")
    same = [active.month_end == found["_day"], active.branch.identical_to(found["_branch"])]
    both = active.outer_join(found, same)
    count = both.opened.fill_null(0).cast("int64")
    heads = both.active.fill_null(0).cast("int64")
    return both.select(
        month_end=ibis.coalesce(both.month_end, both["_day"]),
        branch=ibis.coalesce(both.branch, both["_branch"]),
        opened=count,
        active=heads,
        per_thousand=1000.0 * count.cast("float64") / heads.cast("float64").nullif(0),
    )


def _hours(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    return (end.epoch_seconds() - start.epoch_seconds()).cast("float64") / SECONDS_AN_HOUR
