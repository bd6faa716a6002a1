"""Who stands behind the figures of newcomers: promotions, and customers who bought but once."""

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.figures.asked import MONTHS, Asked
from core.figures.promotions import newcomers, standing_purchases
from core.metrics.promotions import promo_firsts
from core.periods import window_start

_MORE = ("promotion_id", "first_on")


def of_promotion(asked: Asked, promotion: str | None = None) -> ir.Table:
    """Return the newcomers on a promotion, or on any; who came again at full price is the share.

    Those whose days have not passed yet stand with neither.
    """
    rows = _firsts(asked)
    chosen = rows.promotion_id.notnull() if promotion is None else rows.promotion_id == promotion
    return _shared(rows.filter(chosen))


def matured(asked: Asked) -> ir.Table:
    """Return the newcomers on a promotion whose days have passed."""
    rows = of_promotion(asked)
    return rows.filter(rows.base.notnull())


def others(asked: Asked) -> ir.Table:
    """Return the newcomers without a promotion, each month weighing as its promotions brought."""
    rows = _beside(asked)
    rows = rows.filter(rows.promotion_id.isnull())
    weight = rows["_on"] / rows["_off"]
    return rows.select("customer_key", *_MORE, base=weight, counted=rows["_back"] * weight)


def both(asked: Asked) -> ir.Table:
    """Return both sides of the comparison: who came again adds on one, takes away on the other."""
    rows = _beside(asked)
    is_on = rows.promotion_id.notnull()
    weight = rows["_on"] / rows["_off"]
    return rows.select(
        "customer_key",
        *_MORE,
        base=is_on.ifelse(1.0, 0.0),
        counted=is_on.ifelse(rows["_back"], -rows["_back"] * weight),
    )


def one_off(asked: Asked) -> ir.Table:
    """Return the newcomers of the year before last; who never came again is the share."""
    from_on, until = (window_start(asked.as_of, months) for months in (2 * MONTHS, MONTHS))
    firsts = asked.firsts.select("customer_key", "first_on", "second_on")
    rows = newcomers(asked.view, firsts)
    rows = rows.filter((rows.first_on >= from_on) & (rows.first_on < until))
    never = rows.second_on.isnull().cast("float64")
    return rows.select("customer_key", "first_on", "second_on", base=_one(), counted=never)


def _firsts(asked: Asked) -> ir.Table:
    day = asked.as_of
    firsts = asked.lines(day).select("customer_key", "first_on")
    return promo_firsts(
        standing_purchases(asked.view, day),
        newcomers(asked.view, firsts),
        as_of=day,
        within_days=asked.view.definitions.promotion_within_days,
    )


def _shared(rows: ir.Table) -> ir.Table:
    unknown = ibis.null("float64")
    return rows.select(
        "customer_key",
        *_MORE,
        base=rows.is_mature.ifelse(1.0, unknown),
        counted=rows.is_mature.ifelse(rows.is_back.cast("float64"), unknown),
    )


def _beside(asked: Asked) -> ir.Table:
    """Return the matured of the months that have newcomers on a promotion, and without one.

    ``_on`` and ``_off`` count either in the month, ``_back`` is 1 for who came again.
    """
    rows = _firsts(asked)
    rows = rows.filter(rows.is_mature)
    is_on = rows.promotion_id.notnull()
    month = ibis.window(group_by="month")
    rows = rows.mutate(
        _back=rows.is_back.cast("float64"),
        _on=is_on.sum().over(month).cast("float64"),
        _off=(~is_on).sum().over(month).cast("float64"),
    )
    return rows.filter((rows["_on"] > 0) & (rows["_off"] > 0))


def _one() -> ir.FloatingScalar:
    return ibis.literal(1.0)


BEHIND = {
    "promo_repurchase": Behind(matured, "share", more=_MORE),
    "promo_repurchase_others": Behind(others, "share", more=("first_on",)),
    "promo_repurchase_gap": Behind(both, "share", more=_MORE),
    "one_off_share": Behind(one_off, "share", more=("first_on", "second_on")),
    "promotion_newcomers": Behind(of_promotion, "share", values=("promotion_id",), more=_MORE),
}
