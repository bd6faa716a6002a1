"""Membership: what members of each level bring, who moves, and how members differ from others."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson

NO_LEVEL = "none"
GROUPS = ("member", "joined", "non_member")
_MONEY = "decimal(38, 4)"


def with_level(lines: ir.Table, *, not_a_member: Sequence[str]) -> ir.Table:
    """Which membership level does each customer have?

    Parameters
    ----------
    lines
        Ledger lines with the scope ``membership``.
    not_a_member
        Values that stand for no membership, in small letters; so does no value at all.

    Returns
    -------
    The lines with ``level`` ("none": no member) and ``is_member``.
    """
    own = lines.membership.strip()
    is_member = own.notnull() & ~own.lower().isin(not_a_member)
    is_member = is_member.fill_null(False)
    return lines.mutate(level=is_member.ifelse(own, NO_LEVEL), is_member=is_member)


def member_share(lines: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many of the active customers are members, and what share of value do they bring?

    Parameters
    ----------
    lines
        ``with_level`` of the ledger lines, with ``value``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by``: ``active``, ``members``, ``known`` (int64; active ones of whom anything is
    recorded), ``value``, ``member_value`` (money), ``share``, ``value_share`` (null where the value
    is not above 0).

    References
    ----------
    Definitions: membership.
    """
    active = lines.filter(lines.is_active)
    sums = active.aggregate(
        by=list(by),
        active=active.count().cast("int64"),
        members=active.is_member.sum().cast("int64").fill_null(0),
        known=active.membership.count().cast("int64"),
        value=active.value.sum().cast(_MONEY).fill_null(0),
        member_value=active.value.sum(where=active.is_member).cast(_MONEY).fill_null(0),
    )
    share = sums.members.cast("float64") / sums.active.cast("float64").nullif(0)
    of_value = sums.member_value.cast("float64") / sums.value.cast("float64").nullif(0)
    return sums.mutate(
        share=share, value_share=(sums.value > 0).ifelse(of_value, ibis.null("float64"))
    )


def levels(
    closing: ir.Table, opening: ir.Table | None = None, everybody: ir.Table | None = None
) -> ir.Table:
    """What do the customers of each membership level bring, and do they stay?

    Value and repurchase are those of the level held now; churn is of those who were active at the
    opening, by the level held then.

    Parameters
    ----------
    closing, opening
        ``with_level`` of the ledger lines at the day, and at the opening of the period if any.
    everybody
        In a scope: ``with_level`` of the lines at the day in every scope, because who moved to
        another one is not lost.

    Returns
    -------
    One row per ``level``: ``active``, ``buyers`` (of the last 12 months, active or not),
    ``active_then``, ``lost`` (int64), ``value`` (money), ``value_per_active`` (float64),
    ``repeat_rate``, ``churn`` with ``churn_low`` and ``churn_high`` (0 to 1; null where nobody, or
    no opening).

    References
    ----------
    Definitions: membership, repeat_rate, churn.
    """
    is_on = closing.is_active
    now = closing.group_by("level").agg(
        active=is_on.sum().cast("int64"),
        buyers=(closing.occasions_12m > 0).sum().cast("int64"),
        _again=(closing.occasions_12m > 1).sum().cast("float64"),
        value=closing.value.sum(where=is_on).cast(_MONEY).fill_null(0),
    )
    if opening is None:
        blank = {"active_then": ibis.null("int64"), "lost": ibis.null("int64")}
        both = now.mutate(**blank)
    else:
        moved = levels_of(opening, closing if everybody is None else everybody)
        then = moved.group_by(_level="level_then").agg(
            active_then=moved.count().cast("int64"), lost=moved.is_lost.sum().cast("int64")
        )
        both = now.outer_join(then, now.level == then["_level"])
        both = both.mutate(
            level=ibis.coalesce(both.level, both["_level"]),
            **{
                name: both[name].fill_null(0)
                for name in ("active", "buyers", "value", "active_then", "lost")
            },
        ).drop("_level")
    low, high = wilson(both.lost, both.active_then)
    return both.mutate(
        value_per_active=both.value.cast("float64") / both.active.cast("float64").nullif(0),
        repeat_rate=both["_again"] / both.buyers.cast("float64").nullif(0),
        churn=both.lost.cast("float64") / both.active_then.cast("float64").nullif(0),
        churn_low=low,
        churn_high=high,
    ).drop("_again")


def level_moves(opening: ir.Table, closing: ir.Table) -> ir.Table:
    """From which level to which did customers move?

    Parameters
    ----------
    opening, closing
        ``with_level`` of the ledger lines at both ends; of those active at the opening.

    Returns
    -------
    One row per pair of levels and state: ``level_then``, ``level_now`` (that of the lost is the one
    they still hold), ``is_lost``, ``customers`` (int64), ``value_then``, ``value_now`` (money; 0
    for the lost), ``share`` (of those of ``level_then``, 0 to 1).

    References
    ----------
    Definitions: membership (moves between levels).
    """
    moved = levels_of(opening, closing)
    sums = moved.group_by("level_then", "level_now", "is_lost").agg(
        customers=moved.count().cast("int64"),
        value_then=moved.value_then.sum().cast(_MONEY),
        value_now=moved.value_now.sum().cast(_MONEY),
    )
    whole = sums.customers.sum().over(group_by="level_then").cast("float64")
    return sums.mutate(share=sums.customers.cast("float64") / whole.nullif(0))


def members_like(opening: ir.Table, closing: ir.Table) -> ir.Table:
    """How do members fare against customers of the same tier who are none?

    Groups are made at the opening, by tier and membership as they were then: *member*; *joined*,
    who was none then and is one at the close; *non_member*, who was none then and is none now. Who
    joined must have stayed long enough to join: their churn says nothing, and is null. Their value
    at the opening, before they joined, shows how much more they bought already.

    Parameters
    ----------
    opening, closing
        ``with_level`` of the ledger lines at both ends; of those active at the opening.

    Returns
    -------
    One row per tier and group: ``tier``, ``tier_name``, ``group``, ``customers``, ``lost`` (int64),
    ``value_then_per_head``, ``value_now_per_head`` (float64, money; 0 for the lost), ``churn`` with
    ``churn_low`` and ``churn_high`` (0 to 1).

    References
    ----------
    Definitions: membership (members bought more before they joined).
    """
    moved = levels_of(opening, closing)
    joined = ~moved.was_member & moved.is_member
    group = ibis.cases((moved.was_member, "member"), (joined, "joined"), else_="non_member")
    rows = moved.mutate(group=group)
    sums = rows.group_by("tier", "tier_name", "group").agg(
        customers=rows.count().cast("int64"),
        lost=rows.is_lost.sum().cast("int64"),
        value_then_per_head=rows.value_then.cast("float64").mean(),
        value_now_per_head=rows.value_now.cast("float64").mean(),
    )
    is_told = sums.group != "joined"
    low, high = wilson(sums.lost, sums.customers)
    rate = sums.lost.cast("float64") / sums.customers.cast("float64").nullif(0)
    nothing = ibis.null("float64")
    return sums.mutate(
        churn=is_told.ifelse(rate, nothing),
        churn_low=is_told.ifelse(low, nothing),
        churn_high=is_told.ifelse(high, nothing),
    )


def levels_of(opening: ir.Table, closing: ir.Table) -> ir.Table:
    """Which level did each customer active at the opening have, and have now?

    Parameters
    ----------
    opening, closing
        As in ``level_moves``.

    Returns
    -------
    One row per customer: ``customer_key``, ``tier``, ``tier_name``, ``level_then``, ``level_now``
    (text; of the lost the one they still hold), ``was_member``, ``is_member``, ``is_lost``
    (boolean), ``value_then``, ``value_now`` (decimal, money; 0 for the lost).
    """
    then = opening.filter(opening.is_active).select(
        "customer_key", "tier", "tier_name", level_then="level", was_member="is_member",
        value_then="value",
    )  # fmt: skip
    now = closing.select(
        _key="customer_key", _active="is_active", _level="level", _member="is_member",
        _value="value", _since="since_on",
    )  # fmt: skip
    both = then.left_join(now, then.customer_key == now["_key"])
    is_active = both["_active"].fill_null(False)
    return both.select(
        "customer_key", "tier", "tier_name", "level_then", "was_member", "value_then",
        level_now=both["_level"].fill_null(both.level_then),
        is_member=both["_member"].fill_null(False),
        # Who has no purchase left is undone, not lost.
        is_lost=~is_active & both["_since"].notnull(),
        value_now=is_active.ifelse(both["_value"], 0).cast("decimal(18, 4)"),
    )  # fmt: skip
