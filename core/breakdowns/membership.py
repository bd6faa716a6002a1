"""Membership told apart: what each level brings, who moves, and members against like customers."""

from collections.abc import Mapping
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from core.breakdowns.breakdown import Breakdown, Period
from core.definitions import TIERS
from core.figures.figure import Note
from core.metrics import membership
from core.periods import is_month_end
from core.view import View

_LEVELS = (
    "membership_level", "active", "value", "value_per_active", "buyers_12m", "repeat_rate",
    "active_then", "lost", "churn", "churn_low", "churn_high",
)  # fmt: skip
_MOVES = (
    "level_then", "level_now", "is_lost", "customers", "share", "value_then", "value_now",
)  # fmt: skip
_LIKE = pa.schema(
    [
        ("tier_name", pa.string()),
        ("member_group", pa.string()),
        ("customers", pa.int64()),
        ("value_then_per_head", pa.float64()),
        ("value_now_per_head", pa.float64()),
        ("value_change", pa.float64()),
        ("lost", pa.int64()),
        ("churn", pa.float64()),
        ("churn_low", pa.float64()),
        ("churn_high", pa.float64()),
    ]
)
ALL_TIERS = "all"  # weighted by the tiers of members
_RATES = ("value_then_per_head", "value_now_per_head", "churn")


def levels(view: View, period: Period) -> ir.Table:
    """Return what the customers of each level bring, and how many were lost."""
    if period.opening is None:
        lines = view.lines(period.as_of, view.is_on_margin(period.as_of))
        return _named(membership.levels(_with_level(view, lines)))
    then, everybody = _ends(view, period.opening, period.as_of)
    now = everybody.filter(everybody.is_in_scope)
    return _named(membership.levels(now, then, everybody))


def _named(found: ir.Table) -> ir.Table:
    return found.rename(membership_level="level", buyers_12m="buyers")


def moves(view: View, period: Period) -> ir.Table | pa.Table:
    """Return the moves from level to level since the opening."""
    if period.opening is None:
        return pa.table({name: pa.array([], pa.string()) for name in _MOVES})
    return membership.level_moves(*_ends(view, period.opening, period.as_of))


def like(view: View, period: Period) -> pa.Table:
    """Return how members of a year ago fared, beside those who joined since and those who are none.

    One row per tier and group, and one per group over all tiers, weighted as members are.
    """
    opening = view.year_before(period.as_of)
    if opening is None:
        return _LIKE.empty_table()
    found = membership.members_like(*_ends(view, opening, period.as_of)).to_pyarrow().to_pylist()
    by_tier = {(row["tier_name"], row["group"]): row for row in found}
    cells = [
        {**row, "tier_name": tier}
        for tier in (*TIERS, None)
        for group in membership.GROUPS
        if (row := by_tier.get((tier, group)))
    ]
    cells += [row for group in membership.GROUPS if (row := _weighted(by_tier, group))]
    return pa.Table.from_pylist([_finished(row) for row in cells], schema=_LIKE)


def _weighted(by_tier: Mapping[tuple[str | None, str], Mapping], group: str) -> dict | None:
    """Return a group over all tiers, weighted by the members; rates null where a tier lacks it."""
    weights = {tier: row["customers"] for (tier, each), row in by_tier.items() if each == "member"}
    own = {tier: row for (tier, each), row in by_tier.items() if each == group}
    if not own:
        return None
    n = sum(weights.values())
    row: dict = {"tier_name": ALL_TIERS, "group": group}
    for name in ("customers", "lost"):
        row[name] = sum(each[name] for each in own.values())
    for name in _RATES:
        values = {tier: own[tier][name] if tier in own else None for tier in weights}
        is_whole = n and all(value is not None for value in values.values())
        row[name] = sum(weights[t] * v for t, v in values.items()) / n if is_whole else None
    return row


def _finished(row: Mapping) -> dict:
    then, now = row["value_then_per_head"], row["value_now_per_head"]
    change = now / then - 1 if then is not None and now is not None and then > 0 else None
    return {**row, "member_group": row["group"], "value_change": change}


def _ends(view: View, opening: date, closing: date) -> tuple[ir.Table, ir.Table]:
    is_on_margin = view.is_on_margin(opening, closing)
    then = _with_level(view, view.lines(opening, is_on_margin))
    return then, _with_level(view, view.all_lines(closing, is_on_margin))


def _with_level(view: View, lines: ir.Table) -> ir.Table:
    return membership.with_level(lines, not_a_member=view.definitions.not_a_member)


def _notes(view: View, period: Period) -> tuple[Note, ...]:
    basis = Note("on_margin" if view.is_on_margin(period.as_of) else "on_net")
    if period.opening is None:
        return (Note("no_opening", {"first_on": view.ledger.refresh.first_on}), basis)
    return (Note("since", {"day": period.opening}), basis)


def _like_notes(view: View, period: Period) -> tuple[Note, ...]:
    opening = view.year_before(period.as_of)
    if opening is None:
        reason = "no_year_ago" if is_month_end(period.as_of) else "open_month_year"
        return (Note(reason, {"first_on": view.ledger.refresh.first_on}),)
    return (Note("since", {"day": opening}), Note("members_chose"))


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "membership", levels, _LEVELS, ("-value", "membership_level"), ("customer_attributes",),
        _notes,
    ),
    Breakdown(
        "membership-moves", moves, _MOVES, ("level_then", "is_lost", "level_now"),
        ("customer_attributes",), _notes,
    ),
    Breakdown(
        "members-like", like, tuple(_LIKE.names), tables=("customer_attributes",),
        notes=_like_notes,
    ),
)  # fmt: skip
