"""Whether promotions bring customers who come again at full price."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson


def promo_newcomers(
    bought: ir.Table,
    newcomers: ir.Table,
    *,
    as_of: date,
    within_days: int,
    by: Sequence[str] = (),
) -> ir.Table:
    """On which promotion did newcomers first buy, and did they come again at full price?

    A first day is *on* a promotion if any purchase of that day is (of several, the first by id). A
    later day within ``within_days`` of the first is at full price if it has a purchase on no
    promotion. A newcomer has *matured* when those days have passed by ``as_of``; others are left
    out of every rate, even if already back.

    Parameters
    ----------
    bought
        Purchases that stand: ``customer_key``, ``ordered_on``, ``promotion_id``.
    newcomers
        One row per newcomer: ``customer_key``, ``first_on``, and the columns ``by``.
    as_of
        Day at whose end the customers are looked at.
    within_days
        Days in which the full-price purchase must come.
    by
        Columns of ``newcomers`` to tell apart.

    Returns
    -------
    One row per promotion (null: none), month of the first purchase and value of ``by``:
    ``promotion_id``, ``month`` (int64, months since the year 0), ``first_on``, ``last_on`` (first
    purchases), ``newcomers``, ``matured``, ``returned`` (int64; returned of the matured).

    References
    ----------
    Definitions: promo_repurchase.
    """
    each = promo_firsts(bought, newcomers, as_of=as_of, within_days=within_days, by=by)
    is_mature = each.is_mature
    return each.group_by("promotion_id", "month", *by).agg(
        first_on=each.first_on.min(),
        last_on=each.first_on.max(),
        newcomers=each.count().cast("int64"),
        matured=is_mature.sum().cast("int64"),
        returned=(is_mature & each.is_back).sum().cast("int64"),
    )


def promo_firsts(
    bought: ir.Table,
    newcomers: ir.Table,
    *,
    as_of: date,
    within_days: int,
    by: Sequence[str] = (),
) -> ir.Table:
    """On which promotion did each newcomer first buy, and who came again at full price?

    Parameters
    ----------
    bought, newcomers, as_of, within_days, by
        As ``promo_newcomers``.

    Returns
    -------
    One row per newcomer: ``customer_key``, the columns of ``by``, ``promotion_id`` (null: none),
    ``first_on``, ``month`` (int64, months since the year 0), ``is_mature`` (boolean: the days have
    passed), ``is_back`` (boolean: came again at full price within them).
    """
    new = newcomers.select("customer_key", "first_on", *by)
    both = bought.select("customer_key", "ordered_on", "promotion_id").inner_join(
        new, "customer_key"
    )
    age = both.ordered_on.delta(both.first_on, unit="day")
    both = both.filter((age >= 0) & (age <= within_days))
    is_first = both.ordered_on == both.first_on
    each = both.group_by("customer_key").agg(
        first_on=both.first_on.min(),
        promotion_id=both.promotion_id.min(where=is_first),
        is_back=(~is_first & both.promotion_id.isnull()).any(),
        **{name: both[name].max() for name in by},
    )
    return each.mutate(
        month=each.first_on.year().cast("int64") * 12 + each.first_on.month().cast("int64") - 1,
        is_mature=ibis.literal(as_of).delta(each.first_on, unit="day") >= within_days,
    )


def promo_repurchase(
    counted: ir.Table, *, each: Sequence[str] = (), by: Sequence[str] = ()
) -> ir.Table:
    """Do those whose first purchase was on a promotion come again as others do?

    They are compared with like newcomers: those of the same calendar months (and value of ``by``)
    without a promotion. Each month weighs as many as the promotion brought in it, so that a
    promotion of spring is held against spring. Months without such others are left out of the
    comparison, and of the difference.

    Parameters
    ----------
    counted
        ``promo_newcomers``.
    each
        ``("promotion_id",)`` for each promotion on its own; empty for all of them together.
    by
        Columns of ``counted`` to tell apart.

    Returns
    -------
    One row per promotion (and value of ``by``) that brought anybody: ``first_on``, ``last_on``
    (first purchases), ``newcomers``, ``matured``, ``returned`` (int64), ``repurchase_rate`` (0 to
    1; null where nobody has matured), ``low``, ``high`` (Wilson), ``compared`` (int64, the matured
    of months with others), ``others`` (int64, matured, without a promotion), ``others_rate``,
    ``others_low``, ``others_high``, ``difference``, ``difference_low``, ``difference_high`` (-1 to
    1; null where there is nobody to compare with).

    References
    ----------
    Definitions: promo_repurchase. Newcombe (1998), method 10, for one month; for several, the
    intervals of the months are combined as by Zou and Donner (2008), equation 3.
    """
    months = _beside_others(counted, each, by)
    p, low, high = _rate(months.others_back, months.others)
    is_compared = (months.others > 0) & (months.matured > 0)
    weight = months.matured.cast("float64")
    rows = months.aggregate(
        by=[*each, *by],
        first_on=months.first_on.min(),
        last_on=months.last_on.max(),
        **{n: months[n].sum().cast("int64") for n in ("newcomers", "matured", "returned")},
        compared=months.matured.sum(where=is_compared).fill_null(0).cast("int64"),
        _back=months.returned.sum(where=is_compared).fill_null(0).cast("int64"),
        others=months.others.sum(where=is_compared).fill_null(0).cast("int64"),
        _rate=(weight * p).sum(where=is_compared),
        _low=((weight * (p - low)) ** 2).sum(where=is_compared),
        _high=((weight * (high - p)) ** 2).sum(where=is_compared),
    )
    return _differing(rows)


def _beside_others(counted: ir.Table, each: Sequence[str], by: Sequence[str]) -> ir.Table:
    """Return one row per month with newcomers on a promotion, beside the others of the month."""
    is_other = counted.promotion_id.isnull()
    others = {
        "others": is_other.ifelse(counted.matured, 0),
        "others_back": is_other.ifelse(counted.returned, 0),
    }
    of_month = ibis.window(group_by=["month", *by])
    rows = counted.mutate(
        **{name: column.sum().over(of_month).cast("int64") for name, column in others.items()}
    )
    own = rows.filter(rows.promotion_id.notnull())
    return own.group_by("month", *each, *by).agg(
        first_on=own.first_on.min(),
        last_on=own.last_on.max(),
        **{n: own[n].sum().cast("int64") for n in ("newcomers", "matured", "returned")},
        **{n: own[n].max() for n in others},
    )


def _differing(rows: ir.Table) -> ir.Table:
    rate, low, high = _rate(rows.returned, rows.matured)
    own, own_low, own_high = _rate(rows["_back"], rows.compared)
    weight = rows.compared.nullif(0).cast("float64")
    others = rows["_rate"] / weight
    others_down, others_up = rows["_low"] ** 0.5 / weight, rows["_high"] ** 0.5 / weight
    difference = own - others
    return rows.mutate(
        repurchase_rate=rate,
        low=low,
        high=high,
        others_rate=others,
        others_low=others - others_down,
        others_high=others + others_up,
        difference=difference,
        difference_low=difference - ((own - own_low) ** 2 + others_up**2) ** 0.5,
        difference_high=difference + ((own_high - own) ** 2 + others_down**2) ** 0.5,
    ).drop("_back", "_rate", "_low", "_high")


def _rate(
    successes: ir.NumericValue, n: ir.NumericValue
) -> tuple[ir.NumericValue, ir.NumericValue, ir.NumericValue]:
    low, high = wilson(successes, n)
    return successes.cast("float64") / n.nullif(0).cast("float64"), low, high
