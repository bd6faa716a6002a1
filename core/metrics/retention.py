"""Who stays: retention and churn, revenue retention, reactivation, quick ratio."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def retention(bridge: ir.Table) -> ir.Table:
    """Which share of those active at the opening was kept, and which lost?

    Kept over active at the opening; lost over active at the opening; in heads, and in the value
    that they had at the opening. In a scope, who moved to another one and is still active there
    was kept: the company kept them. A year is measured directly, on the bridge from 12 months ago;
    rates of months are never multiplied. Nobody active at the opening is null; so is a share of
    value where the opening value is not above 0.

    Parameters
    ----------
    bridge
        ``movement.customer_bridge``.

    Returns
    -------
    The rows of ``bridge`` with ``stayed`` (int64, customers kept anywhere), ``retention``,
    ``churn``, ``retention_value``, ``churn_value`` (float64, 0 to 1; of value possibly outside
    where some values are negative).

    References
    ----------
    Definitions: retention / churn.
    """
    stayed = bridge.kept + bridge.moved_out
    n = bridge.opening.nullif(0).cast("float64")
    value = _above_zero(bridge.value_opening)
    value_stayed = _float(bridge.value_kept) + _float(bridge.value_moved_out)
    return bridge.mutate(
        stayed=stayed,
        retention=stayed.cast("float64") / n,
        churn=bridge.lost.cast("float64") / n,
        retention_value=value_stayed / value,
        churn_value=_float(bridge.value_lost) / value,
    )


def quick_ratio(bridge: ir.Table) -> ir.Table:
    """How many customers, and how much money, come in for each that goes?

    (new + returned + up) / (lost + down). Up and down are what the kept bring more or less: money
    only. No losses is null.

    Parameters
    ----------
    bridge
        ``movement.customer_bridge``.

    Returns
    -------
    The rows of ``bridge`` with ``quick_ratio`` and ``quick_ratio_value`` (float64, 0 or more).

    References
    ----------
    Definitions: quick_ratio.
    """
    gained = _float(bridge.value_new) + _float(bridge.value_returned) + _float(bridge.value_up)
    gone = _float(bridge.value_lost) + _float(bridge.value_down)
    return bridge.mutate(
        quick_ratio=(bridge.new + bridge.returned).cast("float64")
        / bridge.lost.nullif(0).cast("float64"),
        quick_ratio_value=gained / (gone > 0).ifelse(gone, ibis.null("float64")),
    )


def revenue_retention(then: ir.Table, now: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What do last year's customers bring now, with and without those who grew?

    Of the customers with value above 0 in the same window a year ago: gross is the sum of
    min(max(now, 0), then) over the sum of then; net the sum of max(now, 0) over it. New customers
    are in neither, and gross is never above 1.

    Parameters
    ----------
    then
        Ledger lines a year ago in scope, with ``value``; their scope is the one that counts.
    now
        Ledger lines now in every scope, with ``value``.
    by
        Columns of ``then`` to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, customers), ``value_then`` (float64, money),
    ``grr`` (float64, 0 to 1), ``nrr`` (float64, 0 or more).

    References
    ----------
    Definitions: grr / nrr.
    """
    former = then.filter(then.value > 0)
    former = former.select("customer_key", *by, _then=former.value.cast("float64"))
    later = now.select(_key="customer_key", _now=now.value.cast("float64"))
    both = former.left_join(later, former.customer_key == later["_key"])
    left = both["_now"].fill_null(0.0).clip(lower=0.0)
    both = both.mutate(_left=left, _least=ibis.least(left, both["_then"]))
    sums = both.aggregate(
        by=by,
        n=both.count(),
        value_then=both["_then"].sum(),
        _gross=both["_least"].sum(),
        _net=both["_left"].sum(),
    )
    value = sums.value_then.nullif(0)
    return sums.mutate(grr=sums["_gross"] / value, nrr=sums["_net"] / value).drop("_gross", "_net")


def reactivation(opening: ir.Table, closing: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which share of those lost at the opening bought again since?

    Lost at the opening: was a customer and is no longer active. Bought again: has an occasion
    after the opening that still stands at the closing.

    Parameters
    ----------
    opening
        Ledger lines at the opening, in scope.
    closing
        Ledger lines at the closing, in every scope.
    by
        Columns of ``opening`` to tell apart, such as ``tier_name`` (the tier last held) or
        ``silence_band``.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, lost at the opening), ``returned`` (int64),
    ``reactivation`` (float64, 0 to 1; null where nobody was lost).

    References
    ----------
    Definitions: reactivation.
    """
    lost = opening.filter(opening.since_on.notnull() & ~opening.is_active)
    both = bought_since(lost, closing)
    sums = both.aggregate(by=by, n=both.count(), returned=both.is_returned.sum().cast("int64"))
    returned = sums.returned.fill_null(0)
    share = returned.cast("float64") / sums.n.nullif(0).cast("float64")
    return sums.mutate(returned=returned, reactivation=share)


def bought_since(lost: ir.Table, closing: ir.Table) -> ir.Table:
    """Return the lines of the lost at an opening with ``is_returned``: bought up to the closing."""
    later = closing.select(_key="customer_key", _last="last_on")
    both = lost.left_join(later, lost.customer_key == later["_key"])
    has_bought = (both["_last"] > both.month_end).fill_null(False)
    return both.mutate(is_returned=has_bought).drop("_key", "_last")


def silence_band(lines: ir.Table) -> ir.Table:
    """How long has each customer been silent, in bands that a reader can compare?

    Parameters
    ----------
    lines
        Ledger lines.

    Returns
    -------
    ``lines`` with ``silence_days`` (int64, days since the last occasion; null without one) and
    ``silence_band`` (text: ``0-90``, ``91-180``, ``181-365``, ``366-730``, ``731+``; null).
    """
    days = lines.month_end.delta(lines.last_on, unit="day").cast("int64")
    band = ibis.cases(
        (days.isnull(), ibis.null("string")),
        (days <= 90, "0-90"),
        (days <= 180, "91-180"),
        (days <= 365, "181-365"),
        (days <= 730, "366-730"),
        else_="731+",
    )
    return lines.mutate(silence_days=days, silence_band=band)


def _float(column: ir.NumericValue) -> ir.FloatingValue:
    return column.cast("float64")


def _above_zero(column: ir.NumericValue) -> ir.FloatingValue:
    value = column.cast("float64")
    return (value > 0).ifelse(value, ibis.null("float64"))
