"""The second life: what customers who came back brought after their return, and for how long."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson
from core.metrics.overdue import lapse_days

MONTHS = 12  # after the return, whose value is looked at
LEAST_CUSTOMERS = 30  # whose mean is shown
_MONEY = "decimal(18, 4)"


def second_lives(
    lost: ir.Table,
    occasions: ir.Table,
    *,
    lapse_after_days: int,
    lapse_by_segment: Mapping[str, int] | None = None,
) -> ir.Table:
    """Which of the lost bought again, and when?

    A second life begins with the first occasion after a day on which the customer was lost. Who was
    lost at several of the days before the same return has one; who was lost again and returned
    again has two.

    Parameters
    ----------
    lost
        ``winback.lost_customers`` at earlier ledger days.
    occasions
        Occasions that stood at the day that is looked from.
    lapse_after_days, lapse_by_segment
        tau, days, and that of single segments.

    Returns
    -------
    One row per return: ``customer_key``, ``returned_on`` (date), ``tier`` (the last one before;
    null: never had one), ``lapse_days`` (int64, tau of the customer).

    References
    ----------
    Definitions: winback_worth (second life), reactivation.
    """
    gone = lost.select(
        "customer_key",
        "month_end",
        "tier",
        lapse_days=lapse_days(lost, lapse_after_days, lapse_by_segment).cast("int64"),
    )
    bought = occasions.select(_key="customer_key", _on="occasion_on")
    pairs = gone.inner_join(bought, gone.customer_key == bought["_key"])
    pairs = pairs.filter(pairs["_on"] > pairs.month_end)
    each = pairs.group_by("customer_key", "month_end").agg(
        returned_on=pairs["_on"].min(), tier=pairs.tier.max(), lapse_days=pairs.lapse_days.max()
    )
    last = each.group_by("customer_key", "returned_on").agg(month_end=each.month_end.max())
    rows = each.semi_join(last, ["customer_key", "month_end"])
    return rows.select("customer_key", "returned_on", "tier", "lapse_days")


def second_life_money(lives: ir.Table, entries: ir.Table, *, as_of: date) -> ir.Table:
    """What did each bring in the 12 months from the return?

    Net and margin of what was booked from the day of the return on, the return's own purchase
    included and refunds on their own day taken off; value of contracts is not in it.

    Parameters
    ----------
    lives
        ``second_lives``.
    entries
        What was booked up to ``as_of``, as ``ledger.ENTRIES``.

    Returns
    -------
    The rows of ``lives`` with ``is_closed`` (boolean: the 12 months are over at ``as_of``), ``net``
    and ``margin`` (money; null while they are not).

    References
    ----------
    Definitions: net, margin; winback_worth.
    """
    until = (lives.returned_on + ibis.interval(months=MONTHS)).cast("date")
    rows = lives.mutate(_until=until, is_closed=until <= as_of + timedelta(days=1))
    net = entries.gross - entries.returned
    booked = entries.select(
        _key="customer_key", _on="entered_on", _net=net,
        _margin=net - entries.cost - entries.service_cost,
    )  # fmt: skip
    pairs = rows.inner_join(booked, rows.customer_key == booked["_key"])
    pairs = pairs.filter((pairs["_on"] >= pairs.returned_on) & (pairs["_on"] < pairs["_until"]))
    sums = pairs.group_by(_who="customer_key", _from="returned_on").agg(
        _net=pairs["_net"].sum().cast(_MONEY), _margin=pairs["_margin"].sum().cast(_MONEY)
    )
    is_same = [rows.customer_key == sums["_who"], rows.returned_on == sums["_from"]]
    both = rows.left_join(sums, is_same)
    zero = ibis.literal(0).cast(_MONEY)
    money = {
        name: both.is_closed.ifelse(both[f"_{name}"].fill_null(zero), ibis.null(_MONEY))
        for name in ("net", "margin")
    }
    return both.select(*lives.columns, "is_closed", **money)


def second_life_value(
    money: ir.Table, *, is_on_margin: bool, by: Sequence[str] = ("tier",)
) -> ir.Table:
    """What does a customer who came back bring in 12 months, on average?

    Only returns whose 12 months are over count.

    Parameters
    ----------
    money
        ``second_life_money``.
    is_on_margin
        Margin; else net.

    Returns
    -------
    One row per ``by``: ``returned`` (int64, closed), ``second_life`` (float64, money; null where
    there are fewer than 30).
    """
    closed = money.filter(money.is_closed)
    value = (closed.margin if is_on_margin else closed.net).cast("float64")
    rows = closed.aggregate(by=list(by), returned=closed.count().cast("int64"), _mean=value.mean())
    is_enough = rows.returned >= LEAST_CUSTOMERS
    shown = is_enough.ifelse(rows["_mean"], ibis.null("float64"))
    return rows.mutate(second_life=shown).drop("_mean")


def second_life_survival(
    lives: ir.Table,
    occasions: ir.Table,
    *,
    as_of: date,
    within_days: Sequence[int] = (90, 180, 365),
    by: Sequence[str] = (),
) -> ir.Table:
    """How many of those who came back stayed?

    After so many days: *again* is who bought on a later day within them, *active* who is not lost
    again when they end (silence at most tau). Up to tau everybody is active: the return itself is
    not longer ago. Returns for which the days are not over are left out.

    Parameters
    ----------
    lives
        ``second_lives``, or ``wave_outcomes.won``.
    occasions
        Occasions that stood at ``as_of``.
    within_days
        Days after the return.
    by
        Columns of ``lives`` to tell apart. Arms of a wave do not compare: who buys on an offer is
        not who buys without.

    Returns
    -------
    One row per number of days (and value of ``by``): ``days``, ``matured``, ``again``, ``active``
    (int64), ``again_rate``, ``active_rate`` (0 to 1; null where none has matured), ``again_low``,
    ``again_high``, ``active_low``, ``active_high`` (Wilson).

    References
    ----------
    Definitions: lift (survival of the second life).
    """
    bought = occasions.select(_key="customer_key", _on="occasion_on")
    pairs = lives.left_join(bought, lives.customer_key == bought["_key"])
    age = pairs["_on"].delta(pairs.returned_on, unit="day")
    last = {
        f"_{days}": age.max(where=(age > 0) & (age <= days)).fill_null(0) for days in within_days
    }
    each = pairs.group_by("customer_key", "returned_on").agg(
        lapse_days=pairs.lapse_days.max(), **{name: pairs[name].max() for name in by}, **last
    )
    parts = [_after(each, days, as_of, by) for days in within_days]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _after(each: ir.Table, days: int, as_of: date, by: Sequence[str]) -> ir.Table:
    last = each[f"_{days}"]
    grown = each.returned_on <= as_of - timedelta(days=days)
    sums = each.aggregate(
        by=list(by),
        matured=grown.sum().cast("int64").fill_null(0),
        again=(grown & (last > 0)).sum().cast("int64").fill_null(0),
        active=(grown & (days - last <= each.lapse_days)).sum().cast("int64").fill_null(0),
    )
    n = sums.matured.nullif(0).cast("float64")
    rates = {}
    for name in ("again", "active"):
        low, high = wilson(sums[name], sums.matured)
        rates |= {f"{name}_rate": sums[name].cast("float64") / n}
        rates |= {f"{name}_low": low, f"{name}_high": high}
    return sums.select(*by, "matured", "again", "active", days=ibis.literal(days, "int64"), **rates)
