"""Contacts logged here: in a click, told in full, withdrawn, and counted by employee."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from core.desk import cases, promises, tasks
from core.desk.cards import Card
from core.desk.cases import SERVICE
from core.desk.refused import Refused
from core.store import changing
from core.store.records import Contact, Member, Promise, Refusal, Wave

# What contacts are for; the first are services that both arms of a wave get alike.
PURPOSES = (
    *SERVICE, "promise", "care", "greeting", "reminder", "follow_up", "invitation",
    "win_back", "handover", "survey",
)  # fmt: skip
_PURPOSE_OF = {
    "complaint": "complaint", "promise": "promise", "next_step": "follow_up",
    "win_back": "win_back", "handover": "handover", "birthday": "greeting",
    "maturity": "maturity", "inspection": "inspection",
}  # fmt: skip
_AT_ONCE = 900


@dataclass(frozen=True)
class Told:
    """What a contact brought, beyond whether somebody was reached."""

    learned: str = ""
    opportunity: str = ""
    next_step: str = ""
    next_on: date | None = None
    promised: str = ""
    promise_due: date | None = None
    is_refused: bool = False


def purpose_of(card: Card) -> str:
    """Return what a contact about a card is for."""
    if card.kind == "key_date":
        return _PURPOSE_OF.get(card.detail or "", "reminder")
    return _PURPOSE_OF.get(card.kind, "care")


def log_card(
    session: Session, card: Card, now: datetime, *, contact_id: str, is_reached: bool,
    employee: str, channel: str = "phone",
) -> str:  # fmt: skip
    """Log a contact about a card, and return its id.

    Who was reached has the card done; who was not is tried again the next day.
    """
    today = now.date()
    state, again = ("done", None) if is_reached else ("open", today + timedelta(days=1))
    task_id = tasks.mark(session, card, today, state=state, put_off_until=again, owner=employee)
    contact = {
        "id": contact_id, "employee_id": employee, "channel": channel, "is_reached": is_reached,
        "purpose": purpose_of(card), "task_id": task_id,
    }  # fmt: skip
    if card.kind == "win_back" and card.item is not None:
        return cases.log(session, card.item, contact, moment=now)
    made = Contact(customer_key=card.customer_key, contacted_at=now, **contact)
    return changing.add(session, made)


def log(
    session: Session, contact_id: str, customer_key: int, at: datetime, *, employee: str,
    channel: str, purpose: str, is_reached: bool, told: Told, plan_id: str | None = None,
) -> str:  # fmt: skip
    """Log a contact in full, with the promise and the refusal that came of it."""
    made = Contact(
        id=contact_id, customer_key=customer_key, employee_id=employee, contacted_at=at,
        channel=channel, purpose=purpose, is_reached=is_reached, plan_id=plan_id, **_texts(told),
    )  # fmt: skip
    id = changing.add(session, made)
    _follow(session, made, told)
    return id


def complete(session: Session, contact_id: str, version: int, told: Told) -> str:
    """Add to a contact what it brought."""
    made = changing.change(session, Contact, contact_id, version, **_texts(told))
    _follow(session, made, told)
    return contact_id


def _texts(told: Told) -> dict[str, Any]:
    return {
        "learned": told.learned.strip(),
        "opportunity": told.opportunity.strip(),
        "next_step": told.next_step.strip(),
        "next_on": told.next_on if told.next_step.strip() else None,
    }


def _follow(session: Session, made: Contact, told: Told) -> None:
    on = made.contacted_at.date()
    if told.promised.strip():
        promises.promise(
            session, customer_key=made.customer_key, employee_id=made.employee_id,
            what=told.promised, promised_on=on, due_on=told.promise_due,
        )  # fmt: skip
    if told.is_refused:
        changing.add(session, Refusal(customer_key=made.customer_key, refused_on=on))


def withdraw(session: Session, contact_id: str, version: int) -> str:
    """Take back a contact that was logged by mistake; the card it answered is open again.

    Raises
    ------
    Refused
        If somebody else logged it.
    """
    found = changing.get(session, Contact, contact_id)
    if found.created_by != session.info["by"]:
        raise Refused("contact_of_another", by=found.created_by)
    changing.change(session, Contact, contact_id, version, state="withdrawn")
    if found.task_id is not None:
        tasks.reopen(session, found.task_id)
    return contact_id


def keep_promise(session: Session, card: Card, today: date) -> str:
    """Keep a promise that a card is about: one made here, or one that the company brought."""
    if card.version:
        changing.change(session, Promise, card.item or "", card.version, kept_on=today)
    else:
        promises.stand_for(
            session,
            promises.Promised(
                None, card.item, card.customer_key or 0, card.owner or None, card.detail,
                card.text, card.until_on or card.due_on, card.due_on, None, None, "late",
            ),
            kept_on=today,
        )  # fmt: skip
    return tasks.mark(session, card, today)


def last_reached_on(session: Session, customers: Collection[int]) -> dict[int, date]:
    """Return the day on which each customer was last reached, as logged here."""
    found: dict[int, date] = {}
    for some in _in_parts(sorted(customers)):
        rows = select(Contact.customer_key, func.max(Contact.contacted_at)).where(
            _stands(), Contact.is_reached, Contact.customer_key.in_(some)
        )
        for key, at in session.execute(rows.group_by(Contact.customer_key)):
            found[key] = at.date()
    return found


def tries_of(session: Session, tasks_of: Collection[str]) -> dict[str, int]:
    """Return how often somebody was tried in vain, by task."""
    found: dict[str, int] = {}
    for some in _in_parts(sorted(tasks_of)):
        rows = select(Contact.task_id, func.count()).where(
            _stands(), ~Contact.is_reached, Contact.task_id.in_(some)
        )
        for task_id, n in session.execute(rows.group_by(Contact.task_id)):
            found[task_id or ""] = n
    return found


def refused(session: Session, customers: Collection[int]) -> set[int]:
    """Return who of them said here that they do not want to be contacted."""
    found: set[int] = set()
    for some in _in_parts(sorted(customers)):
        is_theirs = Refusal.customer_key.in_(some)
        found |= set(
            session.scalars(
                select(Refusal.customer_key).where(is_theirs, Refusal.state == "stands")
            )
        )
    return found


def held_out(session: Session, customers: Collection[int]) -> dict[int, str]:
    """Return who of them is a control of an open wave, with its theme."""
    found: dict[int, str] = {}
    for some in _in_parts(sorted(customers)):
        rows = select(Member.customer_key, Wave.theme).join(Wave, Wave.id == Member.wave_id)
        is_held = (Member.arm == "control", Wave.state == "open", Member.customer_key.in_(some))
        found |= {key: theme for key, theme in session.execute(rows.where(*is_held))}
    return found


def logged(
    session: Session, *, since: date | None = None, employee: str | None = None,
    plan_id: str | None = None, skip: int = 0, most: int = 50,
) -> tuple[Sequence[Contact], int]:  # fmt: skip
    """Return what was logged, the newest first, and how much it is; withdrawn ones too."""
    wanted: list[ColumnElement[bool]] = []
    if since is not None:
        wanted.append(Contact.contacted_at >= datetime.combine(since, time()))
    if employee is not None:
        wanted.append(Contact.employee_id == employee)
    if plan_id is not None:
        wanted.append(Contact.plan_id == plan_id)
    rows = select(Contact).where(*wanted)
    rows = rows.order_by(Contact.contacted_at.desc(), Contact.id).offset(skip).limit(most)
    n = session.scalar(select(func.count()).select_from(Contact).where(*wanted)) or 0
    return session.scalars(rows).all(), n


@dataclass(frozen=True)
class Summary:
    """What came of the contacts of one employee, or of all; ``empty`` reached, yet for form's sake:
    nothing learned, no opportunity, no next step."""

    employee: str
    contacts: int
    reached: int
    learned: int
    opportunities: int
    empty: int


def summaries(
    session: Session, since: date, until: date, plan_id: str | None = None
) -> list[Summary]:
    """Return the contacts logged from ``since`` to ``until`` by employee, most contacts first."""
    met = Contact.is_reached
    has_content = (Contact.learned != "") | (Contact.opportunity != "") | (Contact.next_step != "")
    sums = [
        func.sum(case((is_so, 1), else_=0))
        for is_so in (
            met,
            and_(met, Contact.learned != ""),
            and_(met, Contact.opportunity != ""),
            and_(met, ~has_content),
        )
    ]
    first = datetime.combine(since, time())
    end = datetime.combine(until + timedelta(days=1), time())
    wanted = [_stands(), Contact.contacted_at >= first, Contact.contacted_at < end]
    if plan_id is not None:
        wanted.append(Contact.plan_id == plan_id)
    rows = select(Contact.employee_id, func.count(), *sums).where(*wanted)
    found = session.execute(rows.group_by(Contact.employee_id))
    made = [Summary(employee, *(int(n) for n in counts)) for employee, *counts in found]
    return sorted(made, key=lambda each: (-each.contacts, each.employee))


def whole(found: Sequence[Summary]) -> Summary:
    """Return all employees as one."""
    return Summary(
        "", sum(each.contacts for each in found), sum(each.reached for each in found),
        sum(each.learned for each in found), sum(each.opportunities for each in found),
        sum(each.empty for each in found),
    )  # fmt: skip


def _stands() -> ColumnElement[bool]:
    return Contact.state == "stands"


def _in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
