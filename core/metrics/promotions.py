"""Whether promotions bring customers who come again at full price."""

from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson


def promo_repurchase(
    orders: ir.Table, occasions: ir.Table, *, since: date, as_of: date, within_days: int
) -> ir.Table:
    """Do those whose first purchase was on a promotion come again at full price?

    First occasions from ``since`` on, whose days have all passed by ``as_of``. A first occasion is
    *on* a promotion if any order of that day is (of several the first by id). A later occasion is
    at full price if it has an order on no promotion. Newcomers without a promotion, in the calendar
    months in which the promotion brought its own, are what it is compared with.

    Parameters
    ----------
    orders
        The company's orders.
    occasions
        Occasions that stood at ``as_of``, all of history.
    since
        Day from which a first occasion is known to be the first: customers known before it, or the
        books' first tau days, would look new.
    within_days
        Days in which the full-price occasion must come.

    Returns
    -------
    One row per promotion that brought anybody: ``promotion_id``, ``first_on``, ``last_on`` (first
    occasions), ``newcomers`` (int64, matured), ``returned`` (int64), ``repurchase_rate`` (0 to 1),
    ``low`` and ``high`` (its Wilson interval), ``others`` (int64, matured newcomers without a
    promotion), ``others_rate`` (null where none), ``difference``.

    References
    ----------
    Definitions: promo_repurchase.
    """
    rows = _newcomers(orders, occasions, since=since, as_of=as_of, within_days=within_days)
    own = rows.filter(rows.promotion_id.notnull())
    sums = own.group_by("promotion_id").agg(
        first_on=own.first_on.min(),
        last_on=own.first_on.max(),
        newcomers=own.count().cast("int64"),
        returned=own.has_returned.sum().cast("int64"),
    )
    months = own.select(promotion_id="promotion_id", month="month").distinct()
    others = rows.filter(rows.promotion_id.isnull()).drop("promotion_id")
    compared = months.inner_join(others, "month")
    rates = compared.group_by(_promotion=compared.promotion_id).agg(
        others=compared.count().cast("int64"),
        others_rate=compared.has_returned.cast("float64").mean(),
    )
    both = sums.left_join(rates, sums.promotion_id == rates["_promotion"]).drop("_promotion")
    rate = both.returned.cast("float64") / both.newcomers.cast("float64").nullif(0)
    low, high = wilson(both.returned, both.newcomers)
    return both.mutate(
        others=both.others.fill_null(0),
        repurchase_rate=rate,
        low=low,
        high=high,
        difference=rate - both.others_rate,
    )


def _newcomers(
    orders: ir.Table, occasions: ir.Table, *, since: date, as_of: date, within_days: int
) -> ir.Table:
    """Return matured newcomers: promotion, first occasion, its month, and whether they returned."""
    first = occasions.group_by("customer_key").agg(first_on=occasions.occasion_on.min())
    last_day = (first.first_on + ibis.interval(days=within_days)).cast("date")
    first = first.mutate(until=last_day)
    new = first.filter((first.first_on >= since) & (first.until <= as_of))
    day = orders.ordered_at.cast("date")
    cancelled = (orders.cancelled_at.cast("date") <= as_of).fill_null(False)
    bought = orders.mutate(occasion_on=day).filter((orders.amount > 0) & ~cancelled)
    bought = bought.semi_join(occasions, ["customer_key", "occasion_on"])
    bought = bought.select("customer_key", "occasion_on", "promotion_id")
    both = new.inner_join(bought, "customer_key")
    is_first = both.occasion_on == both.first_on
    is_later = (both.occasion_on > both.first_on) & (both.occasion_on <= both.until)
    return both.group_by("customer_key", "first_on").agg(
        promotion_id=both.promotion_id.min(where=is_first),
        month=ibis.date(both.first_on.min().year(), both.first_on.min().month(), 1),
        has_returned=(is_later & both.promotion_id.isnull()).any(),
    )
