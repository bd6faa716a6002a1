"""The lost: how long silent, what they were worth, and how many come back by themselves."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.overdue import lapse_days
from core.metrics.retention import silence_band

LEAST_CUSTOMERS = 30  # of a kind, for its rate to be shown


def lost_customers(
    lines: ir.Table,
    *,
    lapse_after_days: int,
    lapse_by_segment: Mapping[str, int] | None = None,
) -> ir.Table:
    """Who was a customer and no longer is?

    Silence counts from the last occasion, or from the end of a contract if that is what kept the
    customer longer.

    Parameters
    ----------
    lines
        Ledger lines, of one day or of several; those lost after a line's day are not lost in it.
    lapse_after_days, lapse_by_segment
        tau, days, and that of single segments.

    Returns
    -------
    The lines of the lost, one row per customer and day, with ``last_business_on`` (last occasion,
    or end of the contract), ``lost_on``, ``silence_days`` (int64, since the last business) and
    ``silence_band`` (as ``retention.silence_band``).

    References
    ----------
    Definitions: lost, reactivation.
    """
    rows = lines.mutate(_tau=lapse_days(lines, lapse_after_days, lapse_by_segment))
    lost = rows.filter(rows.since_on.notnull() & ~rows.is_active)
    lapsed_on = (lost.last_on + lost["_tau"].as_interval("D")).cast("date")
    by_silence = (lapsed_on >= lost.active_until).fill_null(False)
    business = by_silence.ifelse(lost.last_on, lost.active_until)
    banded = silence_band(lost.mutate(_bought_on=lost.last_on, last_on=business))
    return banded.mutate(
        last_business_on=banded.last_on,
        last_on=banded["_bought_on"],
        lost_on=(banded.active_until + ibis.interval(days=1)).cast("date"),
    ).drop("_tau", "_bought_on")


def spontaneous_return(
    lost: ir.Table, occasions: ir.Table, *, as_of: date, within_days: int
) -> ir.Table:
    """What share of the lost came back by themselves, by tier and length of silence?

    Of those lost at an earlier day *a*, those with an occasion in ``(a, a + within_days]``. Only
    days whose window has closed by ``as_of`` count. Days should lie ``within_days`` apart or more:
    else the same return counts twice.

    Parameters
    ----------
    lost
        ``lost_customers`` at earlier ledger days.
    occasions
        Occasions that stood at ``as_of``.
    within_days
        Days after which a return is no longer counted.

    Returns
    -------
    One row per last tier and band of silence: ``tier``, ``silence_band``, ``return_n`` (int64, how
    many were lost), ``returned`` (int64), ``return_rate`` (0 to 1; null where fewer than 30 were
    lost).

    References
    ----------
    Definitions: reactivation; winback_worth (spontaneous return by silence and tier).
    """
    until = (lost.month_end + ibis.interval(days=within_days)).cast("date")
    closed = lost.mutate(until=until).filter(until <= as_of)
    bought = occasions.select(_key="customer_key", bought_on="occasion_on")
    is_return = [
        closed.customer_key == bought["_key"],
        bought.bought_on > closed.month_end,
        bought.bought_on <= closed.until,
    ]
    kind = ("tier", "silence_band")
    lost_of = closed.group_by(*kind).agg(return_n=closed.count().cast("int64"))
    pairs = closed.inner_join(bought, is_return)
    came = pairs.select(*kind, "customer_key", "month_end").distinct()
    back = came.group_by(_tier=came.tier, _band=came.silence_band).agg(_came=came.count())
    is_kind = [
        lost_of.tier.identical_to(back["_tier"]),
        lost_of.silence_band.identical_to(back["_band"]),
    ]
    sums = lost_of.left_join(back, is_kind)
    sums = sums.mutate(returned=sums["_came"].fill_null(0).cast("int64"))
    sums = sums.drop("_tier", "_band", "_came")
    rate = sums.returned.cast("float64") / sums.return_n.cast("float64").nullif(0)
    is_enough = sums.return_n >= LEAST_CUSTOMERS
    return sums.mutate(return_rate=is_enough.ifelse(rate, ibis.null("float64")))


def winback(lost: ir.Table, history: ir.Table, returns: ir.Table) -> ir.Table:
    """Which lost customers were worth most, and how likely is each to come back unasked?

    What a customer was worth is the value of the 12 months up to the end of the month of the last
    business. Windows that end later fill with the silence itself: with tau = 365 days the year
    before the day of loss holds nothing at all. No verdict is given: it needs closed waves.

    Parameters
    ----------
    lost
        ``lost_customers`` at one day.
    history
        Ledger lines of all days up to that one, with ``month_end`` and ``value``.
    returns
        ``spontaneous_return``.

    Returns
    -------
    One row per lost customer: those of ``lost`` and ``value_lost`` (money),
    ``return_rate`` (0 to 1; null where fewer than 30 of the kind were ever lost), ``return_n``
    (int64: how many that rate was taken from).

    References
    ----------
    Definitions: lost, winback_worth.
    """
    then = history.select(
        _key="customer_key", _month=_month_number(history.month_end), value_lost="value"
    )
    dated = lost.mutate(_valued=_month_number(lost.last_business_on))
    same_month = [dated.customer_key == then["_key"], dated["_valued"] == then["_month"]]
    rows = dated.left_join(then, same_month).drop("_key", "_month", "_valued")
    rates = returns.select(
        _tier="tier", _band="silence_band", return_n="return_n", return_rate="return_rate"
    )
    is_kind = rows.tier.identical_to(rates["_tier"]) & rows.silence_band.identical_to(
        rates["_band"]
    )
    found = rows.left_join(rates, is_kind).drop("_tier", "_band")
    return found.mutate(return_n=found.return_n.fill_null(0))


def _month_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.year().cast("int64") * 12 + day.month().cast("int64")
