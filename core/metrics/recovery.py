"""Whether those who complained come back, against like customers who did not complain."""

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

# Least days of silence of a band: who bought last week is not like who bought half a year ago.
SILENCE = (0, 31, 91, 181)


def complaint_recovery(
    states: ir.Table,
    occasions: ir.Table,
    lines: ir.Table,
    *,
    as_of: date,
    days: Sequence[date],
    within_days: int = 90,
    complained: ir.Table | None = None,
    by: Sequence[str] = (),
) -> ir.Table:
    """What share bought again within ``within_days`` after their complaint was resolved?

    Complaints resolved so recently that the days have not passed by ``as_of`` are left out; whether
    one was opened again later does not matter. Like customers stood, at the last of the days of
    ``lines`` before the resolution, in the same tier, and had been silent there for about as long
    as the complainer had at the resolution (0 to 30, 90, 180 days, or more); they were active, and
    did not complain in the 12 months before that day, in the days after it, nor before the next of
    those days. Theirs is the share that bought within as many days after that day.

    Parameters
    ----------
    states
        ``complaint_states``; further columns may be added for ``by``.
    occasions
        Occasions that stood at ``as_of``; those before the first day of ``lines`` are not needed.
    lines
        Ledger lines of some days before the resolutions: ``month_end``, ``customer_key``, ``tier``,
        ``is_active``, ``last_on``.
    days
        Those days: the closer, the more alike. A complaint resolved before the first is compared
        with nobody.
    complained
        ``complaint_states`` of everybody, where ``states`` are only some; at least 12 months more
        than are wanted.
    by
        Columns of ``states`` to tell apart.

    Returns
    -------
    One row per ``by``: ``resolved``, ``returned`` (int64, matured), ``return_rate``; of those for
    whom there are like customers, ``matched`` (int64), ``expected_rate`` (mean over complaints of
    the rate of their like customers; null where none had any) and ``excess`` (their own rate less
    the expected one).

    References
    ----------
    Definitions: complaints (recovery), attitudes (tolerance of quality accidents).
    """
    until = (states.resolved_on + ibis.interval(days=within_days)).cast("date")
    done = states.mutate(_until=until).filter(until <= as_of)
    days = sorted(days)
    bought = occasions.select(_buyer="customer_key", _bought_on="occasion_on")
    rows = _with_purchases(_placed(done, lines, days), bought)
    everybody = states if complained is None else complained
    soon = _bought_soon(bought, days, within_days)
    last = as_of - timedelta(days=within_days)
    like = _like_rates(lines, everybody, soon, days, within_days=within_days, last=last)
    kind = [
        rows["_day"] == like["_like_day"],
        rows["_tier"] == like["_like_tier"],
        rows["_band"].identical_to(like["_like_band"]),
    ]
    both = rows.left_join(like, kind)
    has_like = both["_like_rate"].notnull()
    sums = both.aggregate(
        by=list(by),
        resolved=both.count().cast("int64"),
        returned=both["_came"].sum().cast("int64").fill_null(0),
        matched=has_like.sum().cast("int64").fill_null(0),
        expected_rate=both["_like_rate"].mean(),
        excess=(both["_came"].cast("float64") - both["_like_rate"]).mean(where=has_like),
    )
    rate = sums.returned.cast("float64") / sums.resolved.cast("float64").nullif(0)
    return sums.mutate(return_rate=rate)


def _placed(done: ir.Table, lines: ir.Table, days: Sequence[date]) -> ir.Table:
    """Add the last of the days before the resolution, and how the customer stood on it."""
    last: ir.DateValue = ibis.null("date")
    for day in days:
        last = (done.resolved_on > day).ifelse(ibis.literal(day), last)
    rows = done.mutate(_day=last)
    then = lines.select(_key="customer_key", _on="month_end", _tier=_tier(lines), _last="last_on")
    same = [rows.customer_key == then["_key"], rows["_day"] == then["_on"]]
    return rows.left_join(then, same).drop("_key", "_on")


def _with_purchases(rows: ir.Table, bought: ir.Table) -> ir.Table:
    """Add whether the customer bought in time, and how long the silence was at the resolution."""
    pairs = rows.inner_join(bought, rows.customer_key == bought["_buyer"])
    is_after = pairs["_bought_on"] > pairs.resolved_on
    sums = pairs.group_by(_complaint="complaint_id").agg(
        _came=(is_after & (pairs["_bought_on"] <= pairs["_until"])).any(),
        _latest=pairs["_bought_on"].max(where=~is_after),
    )
    found = rows.left_join(sums, rows.complaint_id == sums["_complaint"]).drop("_complaint")
    last_on = ibis.coalesce(found["_latest"], found["_last"])
    return found.mutate(
        _came=found["_came"].fill_null(False), _band=_band(found.resolved_on, last_on)
    )


def _bought_soon(bought: ir.Table, days: Sequence[date], within_days: int) -> ir.Table:
    """Return for each customer and each of the days, in a column of its own, whether the customer
    bought within so many days after it: one pass over the purchases, however many the days."""
    on = bought["_bought_on"]
    return bought.group_by("_buyer").agg(
        **{
            f"_after_{day}": ((on > day) & (on <= day + timedelta(days=within_days))).any()
            for day in days
        }
    )


def _like_rates(
    lines: ir.Table,
    complained: ir.Table,
    soon: ir.Table,
    days: Sequence[date],
    *,
    within_days: int,
    last: date,
) -> ir.Table:
    """Return by day, tier and silence which share of those who did not complain bought again."""
    active = lines.filter(lines.is_active).select(
        "customer_key", "month_end", tier=_tier(lines), band=_band(lines.month_end, lines.last_on)
    )
    # Nobody is like himself: whose complaint may be held against a day is not alike on it.
    until: ir.DateValue = ibis.null("date")
    for day, following in zip(days, [*days, last][1:], strict=True):
        end = max(following, day + timedelta(days=within_days))
        until = (active.month_end == day).ifelse(ibis.literal(end), until)
    active = active.mutate(
        year_from=(active.month_end - ibis.interval(months=12)).cast("date"), until=until
    )
    wrong = complained.select(_key="customer_key", _opened="opened_on")
    content = active.anti_join(wrong, [
        active.customer_key == wrong["_key"],
        wrong["_opened"] > active.year_from,
        wrong["_opened"] <= active.until,
    ]).select(*active.columns)  # fmt: skip
    both = content.left_join(soon, content.customer_key == soon["_buyer"])
    is_back: ir.BooleanValue = both.month_end.isnull()  # a column of False, for want of days
    for day in days:
        is_back = (both.month_end == day).ifelse(both[f"_after_{day}"], is_back)
    return both.group_by(_like_day="month_end", _like_tier="tier", _like_band="band").agg(
        _like_rate=is_back.fill_null(False).cast("float64").mean()
    )


def _tier(lines: ir.Table) -> ir.IntegerValue:
    """Return the tier; 0 of those who stand in none because there was nobody to cut."""
    return lines.tier.fill_null(0)


def _band(on: ir.DateValue, last_on: ir.DateValue) -> ir.IntegerValue:
    """Return the band of ``SILENCE`` at ``on``, by its least days; null without a purchase."""
    silence = on.delta(last_on, unit="day")
    bands = [(silence >= least, least) for least in reversed(SILENCE)]
    return ibis.cases(*bands, else_=ibis.null("int64"))
