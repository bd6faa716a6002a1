"""Who stands behind the figures of one ledger day."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.definitions import TIERS
from core.figures.asked import Asked
from core.metrics.migration import UPPER
from core.metrics.overdue import overdue as overdue_customers
from core.metrics.pyramid import top_buyers


def standing(asked: Asked, *, levels: tuple[str, ...], is_money: bool = False) -> ir.Table:
    """Return the customers in some levels: "active", "lost", "prospect"."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    below = lines.since_on.notnull().ifelse("lost", "prospect")
    level = lines.is_active.ifelse("active", below)
    rows = lines.filter(level.isin(levels))
    counted = rows.value.cast("float64") if is_money else ibis.literal(1.0)
    return rows.select("customer_key", counted=counted)


def mean_value(asked: Asked) -> ir.Table:
    """Return the active customers with their value, for its mean."""
    rows = standing(asked, levels=("active",), is_money=True)
    return rows.mutate(base=ibis.literal(1.0))


def tier(asked: Asked, *, name: str, is_money: bool = False) -> ir.Table:
    """Return the active customers of a tier."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    rows = lines.filter(lines.is_active & (lines.tier_name == name))
    counted = rows.value.cast("float64") if is_money else ibis.literal(1.0)
    return rows.select("customer_key", counted=counted)


def upper_tiers(asked: Asked) -> ir.Table:
    """Return the active customers, what those of the upper tiers bring as a part of all."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    rows = lines.filter(lines.is_active)
    base = rows.value.cast("float64")
    is_upper = rows.tier_name.isin(UPPER).fill_null(False)
    return rows.select("customer_key", base=base, counted=is_upper.ifelse(base, 0.0))


def best_fifth(asked: Asked) -> ir.Table:
    """Return the buyers, what the best fifth of them bring as a part of all."""
    return top_buyers(asked.lines(asked.as_of, asked.is_on_margin(asked.as_of)))


def buyers(asked: Asked) -> ir.Table:
    """Return the buyers."""
    rows = best_fifth(asked)
    return rows.select("customer_key", counted=ibis.literal(1.0))


def overdue(asked: Asked) -> ir.Table:
    """Return the active customers who should have come by now."""
    definitions = asked.view.definitions
    rows = overdue_customers(
        asked.view.with_gaps(asked.lines(asked.as_of), asked.as_of),
        as_of=asked.as_of,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    return rows.mutate(counted=ibis.literal(1.0))


def _levels(*levels: str) -> Behind:
    return Behind(partial(standing, levels=levels))


BEHIND = {
    "customers": _levels("active", "lost"),
    "active_customers": _levels("active"),
    "lost_customers": _levels("lost"),
    "prospects": _levels("prospect"),
    "value": Behind(partial(standing, levels=("active",), is_money=True), is_money=True),
    "value_per_active": Behind(mean_value, "share", is_money=True),
    **{f"tier_{name}": Behind(partial(tier, name=name)) for name in TIERS},
    **{
        f"tier_{name}_value": Behind(partial(tier, name=name, is_money=True), is_money=True)
        for name in TIERS
    },
    "upper_value_share": Behind(upper_tiers, "share", is_money=True),
    "top_share": Behind(best_fifth, "share", is_money=True),
    "gini": Behind(buyers, "those"),
    "overdue": Behind(overdue, more=("silence_days", "threshold_days")),
}
