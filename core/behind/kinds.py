"""Who stands behind the kinds of customers, the moves between tiers, and negative value."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.figures.asked import Asked
from core.figures.pyramid import customers_by_kind, why_no_kinds
from core.figures.tiers import ends_of, incomparable
from core.metrics.kinds import KINDS
from core.metrics.migration import upper_customers
from core.metrics.pyramid import tier_pairs

_MOVES = ("tier_then", "tier_now", "value_then", "value_now")
_KINDS = ("tier_then", "value_then", "is_overdue")


def kind(asked: Asked, *, name: str, is_money: bool = False) -> ir.Table:
    """Return the customers of a kind."""
    year_ago = asked.year_ago
    if year_ago is None or why_no_kinds(asked.view, asked.as_of) is not None:
        return nobody(asked, tier_then="string", value_then="float64", is_overdue="boolean")
    is_on_margin = asked.is_on_margin(year_ago, asked.as_of)
    found = customers_by_kind(asked.view, asked.as_of, year_ago, is_on_margin)
    rows = found.filter(found.kind == name)
    counted = rows.value.cast("float64") if is_money else ibis.literal(1.0)
    return rows.mutate(counted=counted).drop("kind")


def upper(asked: Asked) -> ir.Table:
    """Return who stood in the upper tiers at the opening, and whether they still do."""
    if asked.opening is None or incomparable(asked.view, asked.opening, asked.as_of):
        return nobody(asked, tier_then="string", base="float64", is_kept="boolean")
    found = upper_customers(*ends_of(asked.view, [(asked.opening, asked.as_of)]))
    return found.select("customer_key", "tier_then", "is_kept", base=ibis.literal(1.0))


def kept(asked: Asked) -> ir.Table:
    """Return the upper tiers at the opening; those who stayed are the share."""
    rows = upper(asked)
    return rows.mutate(counted=rows.is_kept.ifelse(1.0, 0.0))


def fallen(asked: Asked) -> ir.Table:
    """Return those of the upper tiers at the opening who are in them no more."""
    rows = upper(asked)
    return rows.filter(~rows.is_kept).mutate(counted=ibis.literal(1.0))


def fallen_of_all(asked: Asked) -> ir.Table:
    """Return the upper tiers at the opening, of whom some were expected to fall."""
    return upper(asked).mutate(counted=ibis.literal(1.0))


def moved(asked: Asked, tier_then: str, tier_now: str) -> ir.Table:
    """Return the customers of a cell of the breakdown ``tier-migration``."""
    opening, closing = asked.opening, asked.as_of
    if opening is None or incomparable(asked.view, opening, closing):
        return nobody(asked, tier_then="string", tier_now="string", value_then="float64",
                      value_now="float64")  # fmt: skip
    is_on_margin = asked.is_on_margin(opening, closing)
    pairs = tier_pairs(*(asked.all_lines(day, is_on_margin) for day in (opening, closing)))
    rows = pairs.filter((pairs.tier_then == tier_then) & (pairs.tier_now == tier_now))
    return rows.mutate(counted=ibis.literal(1.0))


def negative(asked: Asked, *, is_money: bool = False) -> ir.Table:
    """Return the customers who cost more than they bring in."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    rows = lines.filter(lines.value < 0)
    counted = rows.value.cast("float64") if is_money else ibis.literal(1.0)
    return rows.select("customer_key", "is_active", counted=counted)


def negative_of_tier(asked: Asked, tier: str) -> ir.Table:
    """Return those of a row of the breakdown ``negative-value-parts``, with their value."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    level = lines.is_active.ifelse(lines.tier_name, "lost")
    rows = lines.filter((lines.value < 0) & (level == tier))
    return rows.select("customer_key", counted=rows.value.cast("float64"))


def nobody(asked: Asked, **columns: str) -> ir.Table:
    """Return no customer, with ``counted`` and ``columns`` of the types that they name."""
    lines = asked.lines(asked.as_of)
    blank = {name: ibis.null(type_) for name, type_ in columns.items()}
    return lines.filter(ibis.literal(False)).select(
        "customer_key", counted=ibis.null("float64"), **blank
    )


BEHIND = {
    **{f"kind_{name}": Behind(partial(kind, name=name), more=_KINDS) for name in KINDS},
    **{
        f"kind_{name}_value": Behind(
            partial(kind, name=name, is_money=True), is_money=True, more=_KINDS
        )
        for name in KINDS
    },
    "upper_kept": Behind(kept, "share", more=("tier_then",)),
    "upper_fallen": Behind(fallen, more=("tier_then",)),
    "upper_fallen_excess": Behind(fallen_of_all, "those", more=("tier_then", "is_kept")),
    "negative_value_customers": Behind(negative, more=("is_active",)),
    "negative_value_sum": Behind(
        partial(negative, is_money=True), is_money=True, more=("is_active",)
    ),
    "tier_moves": Behind(moved, more=_MOVES, values=("tier_then", "tier_now"), is_movement=True),
    "negative_value_tier": Behind(negative_of_tier, is_money=True, values=("tier",)),
}  # fmt: skip
