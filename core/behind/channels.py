"""Who comes by which channel, and who is a member."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.behind.kinds import nobody
from core.figures.asked import Asked
from core.figures.channels import used_channels
from core.figures.people import purchases_of
from core.metrics.channels import days_by_channel
from core.metrics.membership import levels_of, with_level

_MOVES = ("level_then", "level_now", "value_then", "value_now")
LOST = "lost"  # a level that the lost have gone to


def visitors(asked: Asked) -> ir.Table:
    """Return the active customers; those who came to a branch are the share."""
    rows = used_channels(asked)
    return _share(rows, rows.was_at_branch)


def on_several(asked: Asked) -> ir.Table:
    """Return the buyers on a known channel; those on more than one are the share."""
    rows = used_channels(asked)
    rows = rows.filter(rows.is_channel_known)
    return _share(rows, rows.is_multi)


def worth(asked: Asked, *, is_multi: bool) -> ir.Table:
    """Return the buyers on several channels, or on one, with their value for its mean."""
    rows = used_channels(asked)
    rows = rows.filter(rows.is_channel_known & (rows.is_multi == is_multi))
    value = rows.value.cast("float64")
    return rows.select("customer_key", base=ibis.literal(1.0), counted=value)


def bought_through(asked: Asked, channel: str) -> ir.Table:
    """Return the customers who bought through a channel, with the days on which they did."""
    bought = purchases_of(asked.view, asked.as_of)
    if asked.view.scope:
        bought = bought.semi_join(asked.lines(asked.as_of), "customer_key")
    rows = days_by_channel(bought)
    rows = rows.filter(rows.channel == channel)
    return rows.select("customer_key", counted=rows.occasions.cast("float64"))


def members(asked: Asked, *, is_money: bool = False) -> ir.Table:
    """Return the active customers; the members are the share, in heads or in value."""
    rows = levelled(asked)
    base = rows.value.cast("float64") if is_money else ibis.literal(1.0)
    return rows.select(
        "customer_key", membership_level="level", base=base,
        counted=rows.is_member.ifelse(base, 0.0),
    )  # fmt: skip


def of_level(asked: Asked, level: str) -> ir.Table:
    """Return the active customers of a membership level."""
    rows = levelled(asked)
    rows = rows.filter(rows.level == level)
    return rows.select("customer_key", counted=ibis.literal(1.0))


def moved(asked: Asked, level_then: str, level_now: str) -> ir.Table:
    """Return who moved from a membership level to another, or was lost from it."""
    if asked.opening is None:
        return nobody(asked, level_then="string", level_now="string", value_then="float64",
                      value_now="float64")  # fmt: skip
    ends, days = [], (asked.opening, asked.as_of)
    is_on_margin = asked.is_on_margin(*days)
    for day, lines_of in zip(days, (asked.lines, asked.all_lines), strict=True):
        ends.append(_with_level(asked, lines_of(day, is_on_margin)))
    rows = levels_of(*ends)
    is_there = (rows.level_now == level_now) & ~rows.is_lost
    is_moved = rows.is_lost if level_now == LOST else is_there
    return rows.filter((rows.level_then == level_then) & is_moved).select(
        "customer_key", *_MOVES, counted=ibis.literal(1.0)
    )


def levelled(asked: Asked) -> ir.Table:
    """Return the active customers with their membership level."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    return _with_level(asked, lines.filter(lines.is_active))


def _with_level(asked: Asked, lines: ir.Table) -> ir.Table:
    return with_level(lines, not_a_member=asked.view.definitions.not_a_member)


def _share(rows: ir.Table, is_part: ir.BooleanValue) -> ir.Table:
    return rows.select(
        "customer_key", base=ibis.literal(1.0), counted=is_part.ifelse(1.0, 0.0)
    )  # fmt: skip


_ATTRIBUTES = ("customer_attributes",)
BEHIND = {
    "branch_visit_rate": Behind(visitors, "share"),
    "multi_channel_share": Behind(on_several, "share"),
    "multi_channel_value": Behind(partial(worth, is_multi=True), "share", is_money=True),
    "single_channel_value": Behind(partial(worth, is_multi=False), "share", is_money=True),
    "member_share": Behind(members, "share", more=("membership_level",)),
    "member_value_share": Behind(
        partial(members, is_money=True), "share", is_money=True, more=("membership_level",)
    ),
    "channel_buyers": Behind(bought_through, values=("channel",)),
    "membership_level": Behind(of_level, values=("level",), tables=_ATTRIBUTES),
    "membership_moves": Behind(
        moved, more=_MOVES, values=("level_then", "level_now"), tables=_ATTRIBUTES,
        is_movement=True,
    ),
}  # fmt: skip
