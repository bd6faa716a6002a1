"""After how long a silence is a customer lost: what each limit would say, and which one suits."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.metrics.intervals import wilson

LAPSES = (30, 45, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 365, 400, 450, 500, 540, 730)
MOST_RETURNS = 0.1  # of those silent for tau days, within the next tau days
LEAST_SILENCES = 30  # for a rate to be believed


def silences(occasions: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How often did a silence begin on each day, and after how many days did it end?

    A silence begins with every occasion and ends with the customer's next one. What came before
    the first occasion in the books is in none of them.

    Parameters
    ----------
    occasions
        Occasions that stood at a day: ``customer_key``, ``occasion_on``.
    by
        Columns of ``occasions`` that hold of the customer.

    Returns
    -------
    One row per first day, length (and value of ``by``): ``started_on`` (date), ``gap_days``
    (int64; null: not ended yet), ``silences`` (int64).
    """
    in_order = ibis.window(group_by="customer_key", order_by="occasion_on")
    rows = occasions.mutate(_next=occasions.occasion_on.lead().over(in_order))
    gaps = rows.select(
        *by,
        started_on="occasion_on",
        gap_days=rows["_next"].delta(rows.occasion_on, unit="day").cast("int64"),
    )
    return gaps.aggregate(by=[*by, "started_on", "gap_days"], silences=gaps.count().cast("int64"))


def returns_by_lapse(
    silences: ir.Table, *, as_of: date, lapses: Sequence[int] = LAPSES, by: Sequence[str] = ()
) -> ir.Table:
    """Of those silent for tau days, how many buy within the next tau days?

    Silent for tau days is who has bought nothing on the tau days after an occasion, and would
    be lost on the day after them. Only silences whose next tau days have closed by ``as_of`` are
    looked at: those that began 2 tau days before it or earlier.

    Parameters
    ----------
    silences
        ``silences`` of the occasions that stood at ``as_of``.
    as_of
        Day at whose end they are looked at.
    lapses
        The limits tau to try, days.
    by
        Columns of ``silences`` to tell apart.

    Returns
    -------
    One row per limit (and value of ``by``), none without silences: ``lapse_days``, ``silent``,
    ``came_back`` (int64), ``return_rate``, ``return_low``, ``return_high`` (float64, 0 to 1; null
    where no silence has closed).

    References
    ----------
    Definitions: tau.
    """
    limits = pa.table({"lapse_days": pa.array(list(lapses), pa.int64())})
    long = silences.filter(silences.gap_days.isnull() | (silences.gap_days > min(lapses)))
    rows = long.cross_join(ibis.memtable(limits))
    tau = rows.lapse_days
    age = ibis.literal(as_of).delta(rows.started_on, unit="day")
    is_silent = (age >= 2 * tau) & (rows.gap_days.isnull() | (rows.gap_days > tau))
    is_back = is_silent & (rows.gap_days <= 2 * tau).fill_null(False)
    sums = rows.aggregate(
        by=[*by, "lapse_days"],
        silent=rows.silences.sum(where=is_silent).fill_null(0).cast("int64"),
        came_back=rows.silences.sum(where=is_back).fill_null(0).cast("int64"),
    )
    low, high = wilson(sums.came_back, sums.silent)
    rate = sums.came_back.cast("float64") / sums.silent.nullif(0).cast("float64")
    found = sums.mutate(return_rate=rate, return_low=low, return_high=high)
    # Rounding leaves a trace outside 0 to 1 where nobody or everybody came back.
    return found.mutate(
        return_low=found.return_low.clip(lower=0.0), return_high=found.return_high.clip(upper=1.0)
    )


def proposed_lapse(returns: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which limit suits: after which silence do so few come back that they can be called lost?

    The smallest limit from which on at most 10 % come back within as long again. Shorter limits
    than the customers' own rhythm also read low, because hardly anybody is due so soon: hence
    *from which on*. Limits on fewer than 30 silences say nothing.

    Parameters
    ----------
    returns
        ``returns_by_lapse``.
    by
        Columns of ``returns`` to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``proposed_days`` (int64; null where no limit suits) and
    ``longest_days`` (int64, the longest limit that has 30 silences; null where none has).

    References
    ----------
    Definitions: tau.
    """
    is_known = returns.silent >= LEAST_SILENCES
    is_over = is_known & (returns.return_rate > MOST_RETURNS)
    whole = ibis.window(group_by=list(by)) if by else ibis.window()
    rows = returns.mutate(
        _known=is_known,
        _over=is_over.ifelse(returns.lapse_days, 0).max().over(whole),
    )
    return rows.aggregate(
        by=by,
        proposed_days=rows.lapse_days.min(where=rows["_known"] & (rows.lapse_days > rows["_over"])),
        longest_days=rows.lapse_days.max(where=rows["_known"]),
    )


def churn_by_lapse(
    opening: ir.Table,
    closing: ir.Table,
    *,
    lapses: Sequence[int] = LAPSES,
    running_then: ir.Table | None = None,
    running_now: ir.Table | None = None,
) -> ir.Table:
    """How would churn read if another silence made a customer lost?

    Active is, with each limit, who bought within it or has a contract that runs; lost is who was
    active at the opening and is not at the closing, and still has a purchase.

    Parameters
    ----------
    opening
        Ledger lines at the opening, in scope.
    closing
        Ledger lines at the closing, in every scope.
    lapses
        The limits tau to try, days: the same for every segment.
    running_then, running_now
        Customers (``customer_key``) of whom a contract runs at either end; null: there are none.

    Returns
    -------
    One row per limit: ``lapse_days``, ``active`` (int64, at the opening), ``lost`` (int64),
    ``churn`` (float64, 0 to 1; null where nobody was active). None where nobody could be active.

    References
    ----------
    Definitions: tau, retention / churn.
    """
    then = _silent_for(opening, running_then, "then")
    now = _silent_for(closing, running_now, "now").rename(_key="customer_key")
    both = then.left_join(now, then.customer_key == now["_key"])
    limits = pa.table({"lapse_days": pa.array(list(lapses), pa.int64())})
    within_longest = (both.silence_then <= max(lapses)).fill_null(False) | both.runs_then
    rows = both.filter(within_longest).cross_join(ibis.memtable(limits))
    was_active = rows.runs_then | (rows.silence_then <= rows.lapse_days).fill_null(False)
    is_active = rows.runs_now.fill_null(False) | (rows.silence_now <= rows.lapse_days).fill_null(
        False
    )
    is_lost = was_active & ~is_active & rows.is_customer_now.fill_null(False)
    sums = rows.aggregate(
        by="lapse_days",
        active=was_active.sum().cast("int64"),
        lost=is_lost.sum().cast("int64"),
    )
    return sums.mutate(churn=sums.lost.cast("float64") / sums.active.nullif(0).cast("float64"))


def _silent_for(lines: ir.Table, running: ir.Table | None, end: str) -> ir.Table:
    """Return the days of silence of each customer, and whether a contract runs."""
    found = lines.select(
        "customer_key",
        **{
            f"silence_{end}": lines.month_end.delta(lines.last_on, unit="day").cast("int64"),
            f"is_customer_{end}": lines.since_on.notnull(),
        },
    )
    if running is None:
        return found.mutate(**{f"runs_{end}": ibis.literal(False)})
    named = running.select(_runs="customer_key").distinct()
    both = found.left_join(named, found.customer_key == named["_runs"])
    return both.mutate(**{f"runs_{end}": both["_runs"].notnull()}).drop("_runs")
