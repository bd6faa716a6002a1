"""The tables of the store: what people record, decide and plan.

Customers stand here by ``customer_key`` alone; names come from the books. Moments are UTC without a
zone, but for ``contacted_at``, which is business time like the facts. Money is exact.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.store.record import Base, Record

SCORES = ("satisfaction", "loyalty", "contribution", "dependence", "outlook")


class Wave(Record):
    """A programme of contacts with a hold-out: win-back, at risk or care."""

    __tablename__ = "waves"

    programme: Mapped[str]  # win_back, at_risk, care
    theme: Mapped[str]
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)  # list key and filters
    offer: Mapped[str] = mapped_column(default="")
    contact_mode: Mapped[str] = mapped_column(default="phone")
    cost_per_contact: Mapped[Decimal] = mapped_column(default=Decimal(0))
    incentive: Mapped[Decimal] = mapped_column(default=Decimal(0))
    horizon_days: Mapped[int] = mapped_column(default=90)
    control_share: Mapped[float] = mapped_column(default=0.1)
    owner: Mapped[str] = mapped_column(default="")
    assumptions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="draft")  # draft, open, closed, dropped
    salt: Mapped[str | None]
    assigned_on: Mapped[date | None]
    list_hash: Mapped[str | None]  # of the frozen list
    data_version: Mapped[int | None]
    as_of: Mapped[date | None]  # ledger day of the list
    closed_on: Mapped[date | None]
    reading: Mapped[dict[str, Any] | None]  # the lift, read once
    note: Mapped[str] = mapped_column(default="")


class Member(Base):
    """A customer of a wave, as drawn: never changed afterwards."""

    __tablename__ = "wave_members"

    wave_id: Mapped[str] = mapped_column(ForeignKey("waves.id"), primary_key=True)
    customer_key: Mapped[int] = mapped_column(primary_key=True)
    arm: Mapped[str]  # treated, control, exempt
    exempt_reason: Mapped[str | None]
    tier: Mapped[int | None]
    silence_band: Mapped[str | None]
    cause: Mapped[str | None]
    value: Mapped[Decimal | None]  # of the first life, trailing 12 months
    worth: Mapped[Decimal | None]
    verdict: Mapped[str | None]

    __table_args__ = (Index("ix_wave_members_customer", "customer_key"),)


class Case(Record):
    """The work on one customer who is to be won back or kept."""

    __tablename__ = "cases"

    customer_key: Mapped[int] = mapped_column(index=True)
    wave_id: Mapped[str | None] = mapped_column(ForeignKey("waves.id"), index=True)
    programme: Mapped[str] = mapped_column(default="win_back")
    stage: Mapped[str] = mapped_column(default="to_contact", index=True)
    stage_since: Mapped[date]
    owner: Mapped[str] = mapped_column(default="")
    next_step: Mapped[str] = mapped_column(default="")
    next_on: Mapped[date | None]
    cause: Mapped[str | None]  # of the tree in departures.cause
    evidence: Mapped[str | None]  # stated, inferred, none
    cause_on: Mapped[date | None]
    notes: Mapped[str] = mapped_column(default="")


class Contact(Record):
    """A visit, call or message, logged here."""

    __tablename__ = "contacts"

    customer_key: Mapped[int] = mapped_column(index=True)
    employee_id: Mapped[str] = mapped_column(default="")
    contacted_at: Mapped[datetime] = mapped_column(index=True)  # business time
    channel: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="")
    is_reached: Mapped[bool]
    learned: Mapped[str] = mapped_column(default="")
    opportunity: Mapped[str] = mapped_column(default="")
    next_step: Mapped[str] = mapped_column(default="")
    next_on: Mapped[date | None]
    wave_id: Mapped[str | None]
    case_id: Mapped[str | None]
    plan_id: Mapped[str | None]
    task_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="stands")  # stands, withdrawn


class Promise(Record):
    """What was promised to a customer, by whom, by when."""

    __tablename__ = "promises"

    customer_key: Mapped[int] = mapped_column(index=True)
    employee_id: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="")
    what: Mapped[str]
    promised_on: Mapped[date]
    due_on: Mapped[date]
    kept_on: Mapped[date | None]
    renegotiated_on: Mapped[date | None]  # day a new date was agreed
    moved_to: Mapped[date | None]  # the new date; figures go by the first
    replaces: Mapped[str | None] = mapped_column(unique=True)  # an imported one, by its id
    state: Mapped[str] = mapped_column(default="stands")  # stands, withdrawn


class Refusal(Record):
    """A customer who said here that they do not want to be contacted."""

    __tablename__ = "refusals"

    customer_key: Mapped[int] = mapped_column(index=True)
    refused_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="stands")  # stands, withdrawn


class Decision(Record):
    """What was decided, by whom, until when, and what came of it."""

    __tablename__ = "decisions"

    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    decided_on: Mapped[date]
    owner: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    figure: Mapped[str | None]  # key of the figure it is to move
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outcome: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")  # open, done, dropped


class Event(Record):
    """What happened that figures may show: an accident, a campaign, an exit, a change of price."""

    __tablename__ = "events"

    happened_on: Mapped[date]
    until: Mapped[date | None]
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="stands")  # stands, withdrawn


class Plan(Record):
    """A plan of activities: theme, mode, frequency, audience, cost."""

    __tablename__ = "plans"

    theme: Mapped[str]
    mode: Mapped[str] = mapped_column(default="")
    frequency: Mapped[str] = mapped_column(default="")
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    owner: Mapped[str] = mapped_column(default="")
    cost_estimate: Mapped[Decimal | None]
    cost_actual: Mapped[Decimal | None]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="planned")  # planned, running, done, dropped


class Task(Record):
    """A card of the week or month board.

    One made by hand, or what was done with a card that the figures made: ``source`` names that one,
    so that it is not shown again.
    """

    __tablename__ = "tasks"

    kind: Mapped[str] = mapped_column(default="own")
    source: Mapped[str | None] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    customer_key: Mapped[int | None] = mapped_column(index=True)
    owner: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    month: Mapped[date | None]  # first day of the month whose plan it belongs to
    done_on: Mapped[date | None]
    put_off_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    plan_id: Mapped[str | None]
    case_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")  # open, done, dropped


class Play(Record):
    """What to do next with a kind of customers in a tier."""

    __tablename__ = "plays"

    kind: Mapped[str]  # of metrics.kinds, or negative_value
    tier: Mapped[str | None]  # of definitions.TIERS; null for all
    title: Mapped[str]
    action: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(default="")
    within_days: Mapped[int | None]
    budget: Mapped[Decimal | None]  # per customer and year
    is_on_board: Mapped[bool] = mapped_column(default=False)
    place: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="stands")  # stands, withdrawn


class Evaluation(Record):
    """How an employee judges the relationship with a customer: 1 to 5, or not known."""

    __tablename__ = "evaluations"

    customer_key: Mapped[int] = mapped_column(index=True)
    rater: Mapped[str]
    department: Mapped[str] = mapped_column(default="")
    scored_on: Mapped[date]
    satisfaction: Mapped[int | None]
    loyalty: Mapped[int | None]
    contribution: Mapped[int | None]
    dependence: Mapped[int | None]
    outlook: Mapped[int | None]
    text: Mapped[str] = mapped_column(default="")
    reviewer: Mapped[str] = mapped_column(default="")
    reviewed_on: Mapped[date | None]
    review: Mapped[str] = mapped_column(default="")
    measures: Mapped[str] = mapped_column(default="")
    measures_owner: Mapped[str] = mapped_column(default="")
    measures_due: Mapped[date | None]
    follows: Mapped[str | None]  # id of the evaluation that this one repeats
    # draft, reviewed, agreed, scored_again, withdrawn
    state: Mapped[str] = mapped_column(default="draft")


class Handover(Record):
    """The customers of an employee who leaves."""

    __tablename__ = "handovers"

    employee_id: Mapped[str]
    leaves_on: Mapped[date]
    contact_by: Mapped[date]  # first contact by the successor
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")  # open, closed, dropped


class Transfer(Record):
    """One customer handed over to somebody else."""

    __tablename__ = "transfers"

    handover_id: Mapped[str] = mapped_column(ForeignKey("handovers.id"), index=True)
    customer_key: Mapped[int] = mapped_column(index=True)
    to_employee_id: Mapped[str | None]
    assigned_on: Mapped[date | None]
    contact_by: Mapped[date]
    value: Mapped[Decimal | None]  # trailing 12 months when handed over
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")  # open, dropped


class SetTarget(Record):
    """What a figure is to reach in a period and scope."""

    __tablename__ = "targets"

    key: Mapped[str]
    period: Mapped[str]
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    value: Mapped[float]
    owner: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="stands")  # stands, withdrawn


KINDS: dict[str, type[Record]] = {
    kind.__tablename__: kind
    for kind in (
        Wave, Case, Contact, Promise, Refusal, Decision, Event, Plan, Task, Play, Evaluation,
        Handover, Transfer, SetTarget,
    )
}  # fmt: skip
# Records that stand beside facts in the metrics; a change of one makes the figures anew.
JOINED = ("contacts", "promises", "cases", "refusals", "events", "waves", "targets")
