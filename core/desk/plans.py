"""Activity plans: for whom, how often, what it costs, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import engine, lists
from core.desk.refused import Refused
from core.metrics import surveys
from core.metrics.follow_up import pending_opportunities
from core.store import changing
from core.store.records import Contact, Plan
from core.view import View

STATES = ("planned", "running", "done", "dropped")
MODES = ("phone", "visit", "message", "email", "event", "gift")
FREQUENCIES = ("once", "weekly", "monthly", "quarterly", "yearly")
# Lists of customers that an audience can be taken from.
AUDIENCES = ("at-risk", "overdue", "migrating", "silent", "expected", "early-warning")
Audience = Mapping[str, Any]  # list, tiers, branch: each may be missing


def add(session: Session, values: Mapping[str, Any]) -> str:
    """Add a plan and return its id.

    Raises
    ------
    Refused
        If it has no theme, or ends before it begins.
    """
    must_be_whole(values)
    return changing.add(session, Plan(**values))


def must_be_whole(values: Mapping[str, Any]) -> None:
    """Refuse a plan without a theme, or one that ends before it begins."""
    if not values["theme"].strip():
        raise Refused("plan_without_theme")
    if values["ends_on"] < values["starts_on"]:
        raise Refused("plan_ends_before", starts=values["starts_on"], ends=values["ends_on"])


def plans(session: Session, *states: str, most: int = 500) -> Sequence[Plan]:
    """Return the plans in some states, or in all; the newest first."""
    chosen = select(Plan).order_by(Plan.starts_on.desc(), Plan.id).limit(most)
    if states:
        chosen = chosen.where(Plan.state.in_(states))
    return session.scalars(chosen).all()


def within(session: Session, first: date, last: date) -> Sequence[Plan]:
    """Return the plans that run at some day from ``first`` to ``last``, the first to end first."""
    chosen = select(Plan).where(
        Plan.state.in_(("planned", "running", "done")), Plan.starts_on <= last,
        Plan.ends_on >= first,
    )  # fmt: skip
    return session.scalars(chosen.order_by(Plan.ends_on, Plan.id)).all()


@dataclass(frozen=True)
class Made:
    """The contacts of a plan, as the store has them."""

    contacts: int
    customers: int
    reached: int
    learned: int
    opportunities: int
    met: tuple[tuple[int, date, bool], ...]  # customer reached, day, whether an opportunity


def made(session: Session, plan_id: str, most: int = 100_000) -> Made:
    """Return what was done for a plan."""
    wanted = (Contact.plan_id == plan_id, Contact.state == "stands")
    n, customers = session.execute(
        select(func.count(), func.count(Contact.customer_key.distinct())).where(*wanted)
    ).one()
    columns = (
        Contact.customer_key, Contact.contacted_at, Contact.learned != "", Contact.opportunity != ""
    )  # fmt: skip
    rows = session.execute(select(*columns).where(*wanted, Contact.is_reached).limit(most)).all()
    met = tuple((key, at.date(), bool(found)) for key, at, _, found in rows)
    return Made(
        n, customers, len(rows), sum(1 for row in rows if row[2]),
        sum(1 for row in rows if row[3]), met,
    )  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """What became of those whom a plan reached, as the books know; null: it cannot be told."""

    pending: int | None  # opportunities that no business followed
    answered: int | None  # answers after the contact to questions of satisfaction
    satisfied: int | None  # of these, the upper two of five


def effect(view: View, met: Sequence[tuple[int, date, bool]]) -> Effect:
    """Return what became of those whom a plan reached by the newest day of the books."""
    if not met:
        return Effect(None, None, None)
    day = view.days[-1]
    rows = pa.table(
        {
            "customer_key": pa.array([key for key, _, _ in met], pa.int64()),
            "contacted_on": pa.array([min(on, day) for _, on, _ in met], pa.date32()),
            "has_opportunity": pa.array([found for _, _, found in met], pa.bool_()),
        }
    )
    reached = engine.small_table(view.ledger.con, rows)
    lines = view.all_lines(day).semi_join(reached, "customer_key")
    contracts = view.ledger.table("contracts") if view.ledger.has("contracts") else None
    pending = pending_opportunities(lines, reached, contracts, as_of=day)
    n = engine.count(pending.filter(pending.is_pending))
    if not view.ledger.has("surveys"):
        return Effect(n, None, None)
    first = reached.group_by(_key="customer_key").agg(_met=reached.contacted_on.min())
    asked = view.ledger.table("surveys").semi_join(reached, "customer_key")
    asked = surveys.asked_in(asked, since=min(on for _, on, _ in met), as_of=day)
    asked = asked.left_join(first, asked.customer_key == first["_key"])
    is_after = (asked.answered_on > asked["_met"]).fill_null(False)
    found = surveys.favourable(asked.filter(is_after & (asked.instrument == "csat")))
    rows = found.to_pyarrow().to_pylist()
    return Effect(n, rows[0]["n"] if rows else 0, rows[0]["favourable"] if rows else 0)


def audience_size(view: View, audience: Audience) -> int:
    """Return how many customers a plan is for, at the newest day of the books."""
    day = view.days[-1]
    if key := audience.get("list"):
        if lists.missing(view, key):
            return 0
        lines = view.lines(day).semi_join(lists.LISTS[key].build(view, day), "customer_key")
    else:
        lines = view.lines(day)
        lines = lines.filter(lines.is_active)
    lines = lines.anti_join(view.ledger.not_to_contact(), "customer_key")
    if tiers := audience.get("tiers"):
        lines = lines.filter(lines.tier_name.isin(tiers))
    if branch := audience.get("branch"):
        lines = lines.filter(lines.branch == branch)
    return engine.count(lines)
