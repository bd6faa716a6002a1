"""Complaints: how many, how long until answered and resolved, and which still wait."""

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.metrics.survival import life_table

SECONDS_AN_HOUR = 3600.0
HOURS_A_DAY = 24.0
MINUTES_AN_HOUR = 60.0
_CLOSE = 1e-9  # products of logarithms do not hit a share exactly


def complaint_states(complaints: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """How did each complaint opened from ``since`` to ``as_of`` stand at the end of ``as_of``?

    What was answered, resolved or opened again after ``as_of`` has not happened yet. A complaint is
    open until it is resolved, and again from when it was opened again after that.

    Returns
    -------
    One row per complaint: ``complaint_id``, ``customer_key``, ``opened_on``, ``month`` (its
    first day), ``resolved_on`` (null: not yet), ``branch``, ``category``, ``cause``, ``severity``,
    ``product_id``, ``response_hours`` (float64; null while unanswered), ``resolution_days``
    (float64, to the resolution that is known, whether opened again after it or not; null while
    there is none), ``watched_hours`` (float64, to the end of ``as_of``), ``is_reopened``,
    ``is_open``, ``waiting_since`` (date; null unless open).
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
    end = ibis.literal(as_of + timedelta(days=1)).cast("timestamp")
    waits = is_reopened.ifelse(rows.reopened_at.cast("date"), rows.opened_on)
    return rows.select(
        "complaint_id", "customer_key", "opened_on", "branch", "category", "cause", "severity",
        "product_id",
        month=ibis.date(rows.opened_on.year(), rows.opened_on.month(), 1),
        response_hours=_hours(rows.opened_at, rows.first_response_at),
        resolution_days=_hours(rows.opened_at, rows.resolved_at) / HOURS_A_DAY,
        watched_hours=_hours(rows.opened_at, end),
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

    Times are Kaplan-Meier estimates: who still waits counts as waiting for as long as watched,
    so that a complaint of yesterday is not taken for a slow one, and one that was never resolved
    does not make the others look fast by dropping out. A complaint that was opened again and is
    open is not resolved. A median or 90th percentile that has not been reached is null.

    Parameters
    ----------
    states
        ``complaint_states``.
    by
        Columns to tell apart: ``month``, ``branch``, ``category``.

    Returns
    -------
    One row per ``by`` (one in all without it): ``opened``, ``answered``, ``resolved`` (ever),
    ``open``, ``reopened`` (int64), ``response_hours_median``, ``response_hours_p90``,
    ``resolution_hours_median``, ``resolution_hours_p90`` (float64).

    References
    ----------
    Definitions: complaints. Kaplan and Meier (1958).
    """
    sums = states.aggregate(
        by=list(by),
        opened=states.count().cast("int64"),
        answered=states.response_hours.count().cast("int64"),
        resolved=(states.resolved_on.notnull() | states.is_reopened)
        .sum()
        .cast("int64")
        .fill_null(0),
        open=states.is_open.sum().cast("int64").fill_null(0),
        reopened=states.is_reopened.sum().cast("int64").fill_null(0),
    )
    waits = _waits(states, by)
    if not by:
        return sums.cross_join(waits)
    waits = waits.rename({f"_{name}": name for name in by})
    same = [sums[name].identical_to(waits[f"_{name}"]) for name in by]
    return sums.left_join(waits, same).drop(*[f"_{name}" for name in by])


def _waits(states: ir.Table, by: Sequence[str]) -> ir.Table:
    """Return medians and 90th percentiles of both waiting times, in hours."""
    resolution_hours = states.is_open.ifelse(
        ibis.null("float64"), states.resolution_days * HOURS_A_DAY
    )
    times = {"response": states.response_hours, "resolution": resolution_hours}
    spells = ibis.union(
        *[
            states.select(
                *by,
                what=ibis.literal(what),
                days=_minutes(ibis.coalesce(hours, states.watched_hours)),
                is_event=hours.notnull(),
            )
            for what, hours in times.items()
        ]
    )
    # The life table counts in whole units of time; they are minutes here.
    table = life_table(spells, by=(*by, "what"))

    def reached(what: str, share: float) -> ir.FloatingValue:
        is_reached = (table.what == what) & (table.survival <= 1 - share + _CLOSE)
        return table.day.min(where=is_reached).cast("float64") / MINUTES_AN_HOUR

    return table.aggregate(
        by=list(by),
        **{
            f"{what}_hours_{label}": reached(what, share)
            for what in times
            for label, share in (("median", 0.5), ("p90", 0.9))
        },
    )


def _minutes(hours: ir.FloatingValue) -> ir.IntegerValue:
    return (hours * MINUTES_AN_HOUR).round().cast("int64").clip(lower=0)


def complaints_per_thousand(
    states: ir.Table, lines: ir.Table, *, by: Sequence[str] = ()
) -> ir.Table:
    """How many complaints were opened per 1,000 active customers?

    Parameters
    ----------
    states
        ``complaint_states``, with the columns of ``by``.
    lines
        Ledger lines of one day, with the columns of ``by``.
    by
        Columns of both to tell apart.

    Returns
    -------
    One row per ``by`` that had complaints or active customers (one in all without it): ``opened``,
    ``active`` (int64), ``per_thousand`` (float64; null where nobody is active).

    References
    ----------
    Definitions: complaints (per 1,000 active).
    """
    none = ibis.literal(0, "int64")
    both = ibis.union(
        states.select(*by, complaint=none + 1, customer=none),
        lines.filter(lines.is_active).select(*by, complaint=none, customer=none + 1),
    )
    sums = both.aggregate(
        by=list(by),
        opened=both.complaint.sum().cast("int64").fill_null(0),
        active=both.customer.sum().cast("int64").fill_null(0),
    )
    rate = 1000.0 * sums.opened.cast("float64") / sums.active.cast("float64").nullif(0)
    return sums.mutate(per_thousand=rate)


def _hours(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    return (end.epoch_seconds() - start.epoch_seconds()).cast("float64") / SECONDS_AN_HOUR


def is_about_quality(category: ir.StringValue, words: Sequence[str]) -> ir.BooleanValue:
    """Whether a complaint's category contains one of ``words``; without a category: no."""
    is_found: ir.BooleanValue = ibis.literal(False)
    for word in words:
        is_found |= category.lower().contains(word.lower()).fill_null(False)
    return is_found
