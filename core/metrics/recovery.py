"""Whether those who complained come back, against like customers who did not complain."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir


def complaint_recovery(
    states: ir.Table,
    occasions: ir.Table,
    lines: ir.Table,
    *,
    as_of: date,
    within_days: int = 90,
    by: Sequence[str] = (),
) -> ir.Table:
    """What share bought again within ``within_days`` after their complaint was resolved?

    Complaints resolved so recently that the days have not passed by ``as_of`` are left out. Like
    customers stood in the same tier at the month-end before the resolution, were active, and did
    not complain in the 12 months before it nor in the days after; theirs is the share that bought
    within as many days after that month-end.

    Parameters
    ----------
    states
        ``complaint_states``, of at least 12 months more than are wanted; further columns may be
        added for ``by``.
    occasions
        Occasions that stood at ``as_of``.
    lines
        Ledger lines of the month-ends before the resolutions wanted: ``month_end``,
        ``customer_key``, ``tier``, ``is_active``. Complaints resolved elsewhen are left out.
    by
        Columns of ``states`` to tell apart.

    Returns
    -------
    One row per ``by``: ``resolved`` (int64, matured), ``returned`` (int64), ``return_rate``,
    ``expected_rate`` (of like customers, one to one with the complaints; null where none had any),
    ``excess``.

    References
    ----------
    Definitions: complaints (recovery).
    """
    until = (states.resolved_on + ibis.interval(days=within_days)).cast("date")
    done = states.mutate(until=until).filter(until <= as_of)
    bought = occasions.select(_key="customer_key", bought_on="occasion_on")
    came = done.semi_join(bought, [
        done.customer_key == bought["_key"],
        bought.bought_on > done.resolved_on,
        bought.bought_on <= done.until,
    ]).select("complaint_id", came=ibis.literal(1))  # fmt: skip
    rows = done.left_join(came, "complaint_id").drop("complaint_id_right")
    first = ibis.date(rows.resolved_on.year(), rows.resolved_on.month(), 1)
    rows = rows.mutate(month_before=(first - ibis.interval(days=1)).cast("date"))
    then = lines.select(_key="customer_key", _day="month_end", _tier="tier")
    rows = rows.inner_join(
        then, [rows.customer_key == then["_key"], rows.month_before == then["_day"]]
    ).drop("_key", "_day")
    like = _like_rates(states, bought, lines, within_days)
    kind = [rows.month_before == like["_day"], rows["_tier"].identical_to(like["_like_tier"])]
    both = rows.left_join(like, kind)
    sums = both.aggregate(
        by=list(by),
        resolved=both.count().cast("int64"),
        returned=both.came.count().cast("int64"),
        expected_rate=both.like_rate.mean(),
    )
    rate = sums.returned.cast("float64") / sums.resolved.cast("float64").nullif(0)
    return sums.mutate(return_rate=rate, excess=rate - sums.expected_rate)


def _like_rates(states: ir.Table, bought: ir.Table, lines: ir.Table, within_days: int) -> ir.Table:
    """Return by month-end and tier which share of those who did not complain bought again."""
    active = lines.filter(lines.is_active).select("customer_key", "month_end", "tier")
    active = active.mutate(
        year_from=(active.month_end - ibis.interval(months=12)).cast("date"),
        until=(active.month_end + ibis.interval(days=within_days)).cast("date"),
    )
    wrong = states.select(_key="customer_key", _opened="opened_on")
    content = active.anti_join(wrong, [
        active.customer_key == wrong["_key"],
        wrong["_opened"] > active.year_from,
        wrong["_opened"] <= active.until,
    ])  # fmt: skip
    came = content.semi_join(bought, [
        content.customer_key == bought["_key"],
        bought.bought_on > content.month_end,
        bought.bought_on <= content.until,
    ]).select("customer_key", "month_end", like_came=ibis.literal(1))  # fmt: skip
    both = content.left_join(came, ["customer_key", "month_end"])
    sums = both.group_by(_day="month_end", _like_tier="tier").agg(
        n=both.count(), returned=both.like_came.count()
    )
    rate = sums.returned.cast("float64") / sums.n.cast("float64").nullif(0)
    return sums.select("_day", "_like_tier", like_rate=rate)
