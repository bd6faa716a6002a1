"""How long until something happens, where for some it has not happened yet (Kaplan-Meier)."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import Z

_HALF = 0.5 + 1e-9  # products of logarithms do not hit a half exactly


def life_table(spells: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which share has not seen the event by each day?

    The Kaplan-Meier estimate: on each day, of those still watched without the event, the share
    that has it leaves. Whoever is no longer watched counts until then.

    Parameters
    ----------
    spells
        One row per spell: ``days`` (int64, 0 or more: until the event, or as long as watched) and
        ``is_event`` (boolean).
    by
        Columns to tell apart.

    Returns
    -------
    One row per day on which a spell ends (and value of ``by``): ``day``, ``at_risk``, ``events``,
    ``censored`` (int64), ``survival`` (float64, 0 to 1, at the end of the day), ``low`` and
    ``high`` (float64, 95 %; null where survival is 0 or 1), ``is_young`` (boolean: some are not
    old enough to have been watched for so long, so that the estimate rests on the older ones).

    References
    ----------
    Kaplan and Meier (1958); variance by Greenwood, interval on the log-minus-log scale
    (Kalbfleisch and Prentice 2002, section 1.4).
    """
    group = list(by)
    sums = spells.aggregate(
        by=[*by, "days"],
        events=spells.is_event.sum().cast("int64").fill_null(0),
        _all=spells.count().cast("int64"),
    )
    later = ibis.window(group_by=group, order_by=sums.days.desc(), preceding=None, following=0)
    table = sums.mutate(
        at_risk=sums["_all"].sum().over(later).cast("int64"), censored=sums["_all"] - sums.events
    )
    n, d = table.at_risk.cast("float64"), table.events.cast("float64")
    is_last = table.events == table.at_risk
    stays = is_last.ifelse(0.0, (1 - d / n).nullif(0).ln())
    variance = is_last.ifelse(0.0, d / (n * (n - d).nullif(0)))
    until = ibis.window(group_by=group, order_by="days", preceding=None, following=0)
    before = ibis.window(group_by=group, order_by="days", preceding=(None, 1))
    table = table.mutate(_log=stays, _part=variance, _is_last=is_last.cast("int64"))
    table = table.mutate(
        _log=table["_log"].sum().over(until),
        _variance=table["_part"].sum().over(until),
        _is_out=table["_is_last"].max().over(until) == 1,
        _left=table.censored.sum().over(before).fill_null(0),
    )
    survival = table["_is_out"].ifelse(0.0, table["_log"].exp())
    low, high = _interval(table)
    return table.select(
        *by,
        "at_risk",
        "events",
        "censored",
        day=table.days,
        survival=survival,
        low=low,
        high=high,
        is_young=table["_left"] > 0,
    )


def _interval(table: ir.Table) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    is_open = (table["_log"] < 0) & ~table["_is_out"]
    log = is_open.ifelse(table["_log"], ibis.null("float64"))
    deviation = table["_variance"].sqrt() / (-log)
    low = (log * (deviation * Z).exp()).exp()
    high = (log * (deviation * -Z).exp()).exp()
    return low, high


def median_days(table: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """By which day has half of them seen the event?

    Parameters
    ----------
    table
        ``life_table``.
    by
        Columns to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, spells), ``events`` (int64), ``median`` (int64,
    days; null where half has not been reached), ``low`` and ``high`` (int64, days, 95 %; null
    where the bound has not been reached).
    """
    return table.aggregate(
        by=by,
        n=table.at_risk.max(),
        events=table.events.sum().cast("int64"),
        median=table.day.min(where=table.survival <= _HALF),
        low=table.day.min(where=(table.low <= _HALF) | (table.survival == 0)),
        high=table.day.min(where=table.high <= _HALF),
    )


def days_until(table: ir.Table, share: float, *, by: Sequence[str] = ()) -> ir.Table:
    """By which day have so many of them seen the event?

    Parameters
    ----------
    table
        ``life_table``.
    share
        How many, above 0 and below 1: 0.9 for nine in ten.

    Returns
    -------
    One row (per value of ``by``): ``days`` (int64; null where the share has not been reached).
    """
    left = 1 - share + 1e-9  # products of logarithms do not hit it exactly
    return table.aggregate(by=by, days=table.day.min(where=table.survival <= left))
