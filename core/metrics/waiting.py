"""Waiting and punctuality: what happened to appointments, how long they waited and lasted."""

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir


def appointments_due(appointments: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """What became of each appointment that was due from ``since`` to ``as_of``?

    The wait runs from the time agreed to the start. Who was served early did not wait: 0, never
    less. Whether a late start was the customer's or ours cannot be told from the times.
    A start or an end after ``as_of`` has not happened yet. Cancelled appointments are neither kept
    nor missed; one without a status counts as kept once it has started.

    Parameters
    ----------
    appointments
        The company's appointments. Further columns stay.

    Returns
    -------
    One row per appointment: the columns of ``appointments``, ``hour`` (of the time agreed, 0 to
    23), ``is_kept``, ``is_missed``, ``wait_minutes`` (null: not kept, or no start known) and
    ``service_minutes`` (start to end; null where unknown or negative).

    References
    ----------
    Definitions: waiting.
    """
    tomorrow = as_of + timedelta(days=1)
    is_due = (appointments.scheduled_at >= since) & (appointments.scheduled_at < tomorrow)
    rows = appointments.filter(is_due)
    has_started = (rows.started_at < tomorrow).fill_null(False)
    has_ended = (rows.finished_at < tomorrow).fill_null(False)
    is_kept = (rows.status == "kept").fill_null(has_started)
    waited = rows.started_at.delta(rows.scheduled_at, unit="second") / 60.0
    lasted = rows.finished_at.delta(rows.started_at, unit="second") / 60.0
    nothing = ibis.null("float64")
    return rows.mutate(
        hour=rows.scheduled_at.hour().cast("int64"),
        is_kept=is_kept,
        is_missed=(rows.status == "missed").fill_null(False),
        wait_minutes=(is_kept & has_started).ifelse(waited.clip(lower=0.0), nothing),
        service_minutes=(is_kept & has_ended & (lasted >= 0)).ifelse(lasted, nothing),
    )


def waiting(due: ir.Table, *, target_minutes: int, by: Sequence[str] = ()) -> ir.Table:
    """How long do customers wait, how long does it take, and how many do not come?

    Parameters
    ----------
    due
        ``appointments_due``.
    target_minutes
        Begun within so many minutes is on time, these minutes included.
    by
        Columns to tell apart: ``branch``, ``hour``, ``service``.

    Returns
    -------
    One row per ``by``: ``appointments`` (kept or missed), ``kept``, ``missed``, ``started``,
    ``on_time``, ``served`` (int64); ``wait_minutes`` and ``service_minutes`` (medians) with
    ``wait_minutes_p90`` and ``service_minutes_p90``; ``on_time_share`` (of those started) and
    ``missed_rate`` (of kept and missed), 0 to 1; null where there are none.

    References
    ----------
    Definitions: waiting (means would be drawn up by a few long waits).
    """

    def count(is_so: ir.BooleanValue) -> ir.IntegerScalar:
        return is_so.fill_null(False).sum().cast("int64").fill_null(0)

    sums = due.aggregate(
        by=list(by),
        kept=count(due.is_kept),
        missed=count(due.is_missed),
        started=due.wait_minutes.count().cast("int64"),
        on_time=count(due.wait_minutes <= target_minutes),
        served=due.service_minutes.count().cast("int64"),
        wait_minutes=due.wait_minutes.median(),
        wait_minutes_p90=due.wait_minutes.quantile(0.9),
        service_minutes=due.service_minutes.median(),
        service_minutes_p90=due.service_minutes.quantile(0.9),
    )
    appointments = sums.kept + sums.missed
    return sums.mutate(
        appointments=appointments,
        on_time_share=sums.on_time.cast("float64") / sums.started.cast("float64").nullif(0),
        missed_rate=sums.missed.cast("float64") / appointments.cast("float64").nullif(0),
    )
