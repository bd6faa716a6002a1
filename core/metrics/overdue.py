"""Who is overdue: silent for longer than the customer's own rhythm would lead to expect."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

LEAST_DAYS = 7
LEAST_GAPS = 3


def overdue(
    lines: ir.Table,
    occasions: ir.Table,
    *,
    as_of: date,
    lapse_after_days: int,
    lapse_by_segment: Mapping[str, int] | None = None,
) -> ir.Table:
    """Who should have come by now?

    Overdue are active customers whose silence is longer than the least of twice their own median
    gap and 0.8 tau, but never before 7 days; with fewer than 3 gaps, longer than 0.5 tau. Who is
    active by contract alone and never bought has no silence and is not overdue.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``, with ``segment`` where ``lapse_by_segment`` is given.
    occasions
        Occasions that stood at ``as_of`` (``View.occasions``), all of history.
    as_of
        Day at whose end silence is measured.
    lapse_after_days
        tau, days.
    lapse_by_segment
        tau of single segments, days.

    Returns
    -------
    One row per overdue customer: ``customer_key``, ``silence_days`` (int64), ``gaps`` (int64),
    ``median_gap_days`` (float64; null with fewer than 3 gaps), ``threshold_days`` (float64),
    ``overdue_on`` (first day on which silence was longer than the threshold).

    References
    ----------
    Definitions: overdue.
    """
    active = lines.filter(lines.is_active & lines.last_on.notnull())
    tau = lapse_days(active, lapse_after_days, lapse_by_segment)
    silent = active.select(
        "customer_key",
        "last_on",
        silence_days=ibis.literal(as_of).delta(active.last_on, unit="day").cast("int64"),
        tau=tau.cast("float64"),
    )
    rhythm = _rhythm(occasions.semi_join(active, "customer_key"))
    rows = silent.left_join(rhythm, "customer_key").drop("customer_key_right")
    rows = rows.mutate(gaps=rows.gaps.fill_null(0))
    own = ibis.greatest(ibis.least(2 * rows.median_gap_days, 0.8 * rows.tau), float(LEAST_DAYS))
    has_rhythm = rows.gaps >= LEAST_GAPS
    rows = rows.mutate(threshold_days=has_rhythm.ifelse(own, 0.5 * rows.tau))
    late = rows.filter(rows.silence_days > rows.threshold_days)
    first_day = (late.threshold_days.floor() + 1).cast("int64")
    return late.select(
        "customer_key",
        "silence_days",
        "gaps",
        median_gap_days=(late.gaps >= LEAST_GAPS).ifelse(
            late.median_gap_days, ibis.null("float64")
        ),
        threshold_days="threshold_days",
        overdue_on=(late.last_on + first_day.as_interval("D")).cast("date"),
    )


def lapse_days(
    lines: ir.Table, lapse_after_days: int, by_segment: Mapping[str, int] | None
) -> ir.IntegerValue:
    """Return tau of each line, in days: that of its segment, where the segment has its own."""
    if not by_segment:
        return ibis.literal(lapse_after_days)
    return lines.segment.cases(*by_segment.items(), else_=lapse_after_days)


def _rhythm(occasions: ir.Table) -> ir.Table:
    """Return the number of closed gaps of each customer, and their median in days."""
    in_order = ibis.window(group_by="customer_key", order_by="occasion_on")
    rows = occasions.mutate(_before=occasions.occasion_on.lag().over(in_order))
    gaps = rows.filter(rows["_before"].notnull())
    gaps = gaps.mutate(gap=gaps.occasion_on.delta(gaps["_before"], unit="day").cast("float64"))
    return gaps.group_by("customer_key").agg(
        gaps=gaps.count().cast("int64"), median_gap_days=gaps.gap.quantile(0.5)
    )
