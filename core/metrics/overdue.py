"""Who is overdue: silent for longer than the customer's own rhythm would lead to expect."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

LEAST_DAYS = 7
LEAST_GAPS = 3
OF_OWN_MEDIAN, OF_TAU, OF_TAU_WITHOUT_RHYTHM = 2, 0.8, 0.5


def overdue(
    lines: ir.Table,
    *,
    as_of: date,
    lapse_after_days: int,
    lapse_by_segment: Mapping[str, int] | None = None,
    by: Sequence[str] = (),
) -> ir.Table:
    """Who should have come by now?

    Overdue are active customers whose silence is longer than the least of twice their own median
    gap and 0.8 tau, but never before 7 days; with fewer than 3 gaps, longer than 0.5 tau. Who is
    active by contract alone and never bought has no silence and is not overdue.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of`` with ``gap_days``, the gaps that had closed by then
        (``View.with_gaps``), or with their number and median (``View.with_rhythm``); with
        ``segment`` where ``lapse_by_segment`` is given.
    as_of
        Day at whose end silence is measured.
    lapse_after_days
        tau, days.
    lapse_by_segment
        tau of single segments, days.
    by
        Columns of ``lines`` to keep.

    Returns
    -------
    One row per overdue customer: ``customer_key``, ``silence_days`` (int64), ``gaps`` (int64),
    ``median_gap_days`` (float64; null with fewer than 3 gaps), ``threshold_days`` (float64),
    ``overdue_on`` (first day on which silence was longer than the threshold).

    References
    ----------
    Definitions: overdue.
    """
    rows = _silent(lines, as_of, lapse_after_days, lapse_by_segment, by)
    has_rhythm = rows.gaps >= LEAST_GAPS
    slowest = ibis.greatest(OF_TAU * rows.tau, float(LEAST_DAYS))
    own = ibis.greatest(OF_OWN_MEDIAN * _own_median(rows), float(LEAST_DAYS))
    # The median is worked out of those alone of whom silence and tau do not tell.
    late = rows.filter(
        ibis.cases(
            (~has_rhythm, rows.silence_days > OF_TAU_WITHOUT_RHYTHM * rows.tau),
            (rows.silence_days > slowest, True),
            else_=rows.silence_days > own,
        )
    )
    late = late.mutate(
        median_gap_days=(late.gaps >= LEAST_GAPS).ifelse(_own_median(late), ibis.null("float64"))
    )
    own = ibis.least(OF_OWN_MEDIAN * late.median_gap_days, OF_TAU * late.tau)
    threshold = (late.gaps >= LEAST_GAPS).ifelse(
        ibis.greatest(own, float(LEAST_DAYS)), OF_TAU_WITHOUT_RHYTHM * late.tau
    )
    first_day = (threshold.floor() + 1).cast("int64")
    return late.select(
        "customer_key",
        *by,
        "silence_days",
        "gaps",
        "median_gap_days",
        threshold_days=threshold,
        overdue_on=(late.last_on + first_day.as_interval("D")).cast("date"),
    )


def closed_gaps(occasions: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many days passed between the occasions of each customer?

    Parameters
    ----------
    occasions
        ``customer_key``, ``occasion_on``: one row per customer and day.
    by
        Columns of ``occasions`` to tell apart.

    Returns
    -------
    One row per customer with two occasions or more: ``customer_key``, the columns of ``by``,
    ``gap_days`` (array of int32, at least 1, in order).

    References
    ----------
    Definitions: gap.
    """
    keys = ["customer_key", *by]
    before = occasions.occasion_on.lag().over(
        ibis.window(group_by=keys, order_by=occasions.occasion_on)
    )
    days = occasions.occasion_on.delta(before, unit="day").cast("int32")
    rows = occasions.select(*keys, "occasion_on", _days=days)
    rows = rows.filter(rows["_days"].notnull())
    return rows.group_by(keys).agg(gap_days=rows["_days"].collect(order_by=rows.occasion_on))


def median_gaps(gaps: ir.Table) -> ir.Table:
    """After how many days does each customer usually come again?

    Parameters
    ----------
    gaps
        Gaps that had closed at a day (``View.gaps``, ``closed_gaps``).

    Returns
    -------
    One row per customer with two occasions or more: ``customer_key``, ``gaps`` (int64, at least
    1), ``median_gap_days`` (float64, at least 1).

    References
    ----------
    Definitions: overdue, gap.
    """
    return gaps.select(
        "customer_key",
        gaps=gaps.gap_days.length().cast("int64"),
        median_gap_days=median_of(gaps.gap_days),
    )


def lapse_days(
    lines: ir.Table, lapse_after_days: int, by_segment: Mapping[str, int] | None
) -> ir.IntegerValue:
    """Return tau of each line, in days: that of its segment, where the segment has its own."""
    if not by_segment:
        return ibis.literal(lapse_after_days)
    return lines.segment.cases(*by_segment.items(), else_=lapse_after_days)


def _silent(
    lines: ir.Table,
    as_of: date,
    lapse_after_days: int,
    lapse_by_segment: Mapping[str, int] | None,
    by: Sequence[str],
) -> ir.Table:
    """Return active customers with silence, tau and gaps; but not who cannot be overdue."""
    active = lines.filter(lines.is_active & lines.last_on.notnull())
    if "median_gap_days" in active.columns:
        known = {"gaps": active.gaps, "median_gap_days": active.median_gap_days}
    else:
        gaps = active.gap_days.length().fill_null(0).cast("int64")
        known = {"gaps": gaps, "gap_days": active.gap_days}
    silent = active.select(
        "customer_key",
        *by,
        "last_on",
        **known,
        silence_days=ibis.literal(as_of).delta(active.last_on, unit="day").cast("int64"),
        tau=lapse_days(active, lapse_after_days, lapse_by_segment).cast("float64"),
    )
    earliest = ibis.least(OF_TAU_WITHOUT_RHYTHM * silent.tau, float(LEAST_DAYS))
    return silent.filter(silent.silence_days > earliest)


def _own_median(rows: ir.Table) -> ir.FloatingValue:
    return rows.median_gap_days if "median_gap_days" in rows.columns else median_of(rows.gap_days)


@ibis.udf.scalar.builtin(name="list_median", signature=(("array<int32>",), "float64"))
def median_of(days):
    """Return the median of an array; of an even number, half-way between the middle two.

    Ibis 12 has no median of an array, and sorting it takes twice as long.
    """
