"""Playbooks: what to do next with each kind of customers, proposed by us and replaced by theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import engine
from core.definitions import TIERS
from core.desk.attention import NEGATIVE, OnBoard, kinds_day, kinds_now
from core.desk.refused import Refused
from core.i18n import translate
from core.periods import window_start
from core.store import changing
from core.store.records import Play
from core.view import View

KINDS = ("value", "potential", "migrating", "freezing", "steady", NEGATIVE)
# What we propose: kind, tier (null: all others), days, channel. Words stand in the locales.
_PROPOSED = (
    ("value", "top", 30, "visit"),
    ("value", None, 60, "phone"),
    ("potential", None, 60, "phone"),
    ("migrating", "top", 30, "visit"),
    ("migrating", None, 60, "phone"),
    ("freezing", None, 180, "message"),
    ("steady", None, 180, "message"),
    (NEGATIVE, None, 90, "phone"),
)


@dataclass(frozen=True)
class Advice:
    """What to do with customers of a kind in a tier; ``id`` is null for what we propose."""

    kind: str
    tier: str | None
    title: str
    action: str
    channel: str
    within_days: int | None
    budget: Decimal | None = None
    is_on_board: bool = False
    id: str | None = None
    version: int = 0

    @property
    def place(self) -> tuple[str, str | None]:
        """For whom it is."""
        return self.kind, self.tier


def proposed(language: str) -> list[Advice]:
    """Return what we propose, in a language."""
    return [
        Advice(
            kind, tier, translate(f"play.{_key(kind, tier)}.title", language),
            translate(f"play.{_key(kind, tier)}.action", language), channel, days,
        )
        for kind, tier, days, channel in _PROPOSED
    ]  # fmt: skip


def in_force(session: Session, language: str) -> list[Advice]:
    """Return the company's plays, and what we propose where it has none, by kind and tier."""
    own = [
        Advice(
            play.kind, play.tier, play.title, play.action, play.channel, play.within_days,
            play.budget, play.is_on_board, play.id, play.version,
        )
        for play in session.scalars(select(Play).where(Play.state == "stands").order_by(Play.id))
    ]  # fmt: skip
    taken = {each.place for each in own}
    found = [*own, *(each for each in proposed(language) if each.place not in taken)]
    return sorted(found, key=in_order)


def on_board(session: Session) -> tuple[OnBoard, ...]:
    """Return the plays that make cards."""
    chosen = select(Play).where(Play.state == "stands", Play.is_on_board).order_by(Play.id)
    return tuple(
        OnBoard(play.id, play.kind, play.tier, play.within_days) for play in session.scalars(chosen)
    )


def write(session: Session, kind: str, tier: str | None, values: Mapping[str, Any]) -> str:
    """Keep what the company does with customers of a kind and tier, instead of our proposal.

    Raises
    ------
    Refused
        If it has no title, or somebody else wrote one for the same customers in the meantime.
    """
    must_be_whole(values)
    is_same = (Play.kind == kind, Play.tier.is_not_distinct_from(tier))
    chosen = select(Play).where(Play.state == "stands", *is_same)
    if (other := session.scalars(chosen).first()) is not None:
        raise Refused("play_taken", by=other.changed_by)
    return changing.add(session, Play(kind=kind, tier=tier, **values))


def must_be_whole(values: Mapping[str, Any]) -> None:
    """Refuse a play without a title."""
    if not values["title"].strip():
        raise Refused("play_without_title")


def withdraw(session: Session, id: str, version: int) -> str:
    """Take the company's own back: what we propose holds again."""
    return changing.change(session, Play, id, version, state="withdrawn").id


@dataclass(frozen=True)
class Counted:
    """How many active customers there are by kind and tier, and what was spent on keeping them."""

    day: date | None  # at which kinds were told; null: they cannot be
    heads: Mapping[tuple[str, str | None], tuple[int, float]]  # customers, value of 12 months
    spent: float | None  # on retention in 12 months; null: the company did not say

    def of(self, advice: Advice, every: Sequence[Advice]) -> tuple[int, float]:
        """Return customers and value of a play; that of all tiers leaves out those with one."""
        own = {each.tier for each in every if each.kind == advice.kind and each.tier}
        parts = [
            found
            for (kind, tier), found in self.heads.items()
            if kind == advice.kind
            and (tier == advice.tier if advice.tier is not None else tier not in own)
        ]
        return sum(n for n, _ in parts), sum(value for _, value in parts)


def counted(view: View) -> Counted:
    """Return the customers of each kind and tier, at the last day at which kinds can be told."""
    day = kinds_day(view)
    heads: dict[tuple[str, str | None], tuple[int, float]] = {}
    if day is not None:
        rows = kinds_now(view, day)
        if view.scope:
            rows = rows.semi_join(view.lines(day), "customer_key")
        rows = rows.filter(rows.kind.notnull())
        sums = rows.group_by("kind", "tier_name").agg(
            n=rows.count(), value=rows.value.sum().cast("float64")
        )
        for row in sums.to_pyarrow().to_pylist():
            heads[row["kind"], row["tier_name"]] = row["n"], row["value"] or 0.0
    return Counted(day, heads, _spent(view))


def _spent(view: View) -> float | None:
    """Return what was spent on keeping customers in the 12 months to the newest ledger day."""
    if view.scope or not view.ledger.has("spend"):
        return None
    rows = view.ledger.table("spend")
    day = view.days[-1]
    rows = rows.filter(
        (rows.purpose == "retention") & (rows.month <= day) & (rows.month >= window_start(day, 12))
    )
    found = rows.agg(n=rows.count(), amount=rows.amount.sum().cast("float64"))
    (row,) = engine.kept(view.ledger.con, found).to_pyarrow().to_pylist()
    return row["amount"] if row["n"] else None


def _key(kind: str, tier: str | None) -> str:
    return f"{kind}_{tier}" if tier else kind


def in_order(advice: Advice) -> tuple[int, int]:
    """Return what sorts plays: by kind, the highest tier first, that of all others last."""
    tiers = (*TIERS, None)
    return KINDS.index(advice.kind), tiers.index(advice.tier)
