"""Cases in the store: what is done about each customer, by whom, and what comes next."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store import Conflict, StoreError, changing
from core.store.records import Case, Contact, Member, Wave

STAGES = ("to_contact", "contacted", "offered", "won", "declined", "let_go")
OPEN = ("to_contact", "contacted", "offered")
CHANNELS = ("phone", "message", "visit", "email")
# Reasons to speak to a customer that every customer is given, in whichever arm of a wave.
SERVICE = ("complaint", "maturity", "inspection", "recall", "appointment")
PURPOSES = ("win_back", "care", *SERVICE)

SCHEMA = pa.schema([
    ("id", pa.string()), ("version", pa.int64()), ("customer_key", pa.int64()),
    ("wave_id", pa.string()), ("theme", pa.string()), ("programme", pa.string()),
    ("stage", pa.string()), ("stage_since", pa.date32()), ("owner", pa.string()),
    ("next_step", pa.string()), ("next_on", pa.date32()), ("cause", pa.string()),
    ("evidence", pa.string()), ("opened_on", pa.date32()), ("value", pa.float64()),
    ("worth", pa.float64()), ("verdict", pa.string()), ("tier", pa.int64()),
])  # fmt: skip


def cases(session: Session, *stages: str) -> pa.Table:
    """Return the cases in some stages, the most urgent first: by next day, then by value.

    ``cause`` is that of the case, else that of the list its wave was drawn from; ``opened_on`` the
    day since which an order counts as the customer's return. Whoever is held back as a control of
    an open wave is not among them.
    """
    listed = {f"listed_{name}": getattr(Member, name) for name in ("cause", *_LISTED)}
    chosen = (
        select(
            *(getattr(Case, name) for name in _OWN), Case.created_at, Wave.theme,
            Wave.assigned_on, *(column.label(name) for name, column in listed.items()),
        )
        .outerjoin(Wave, Wave.id == Case.wave_id)
        .outerjoin(
            Member, (Member.wave_id == Case.wave_id) & (Member.customer_key == Case.customer_key)
        )
        .where(Case.stage.in_(stages or OPEN), Case.customer_key.notin_(_controls()))
    )  # fmt: skip
    rows = [_row(found) for found in session.execute(chosen).mappings()]
    rows.sort(key=lambda row: (row["next_on"] or date.max, -(row["value"] or 0), row["id"]))
    return pa.Table.from_pylist(rows, schema=SCHEMA)


_LISTED = ("value", "worth", "verdict", "tier")
_OWN = (
    "id", "version", "customer_key", "wave_id", "programme", "stage", "stage_since", "owner",
    "next_step", "next_on", "cause", "evidence",
)  # fmt: skip


def _controls() -> Any:
    held = select(Member.customer_key).join(Wave, Wave.id == Member.wave_id)
    return held.where(Member.arm == "control", Wave.state == "open")


def _row(found: Mapping[Any, Any]) -> dict[str, Any]:
    row = {name: found[name] for name in (*_OWN, "theme")}
    row |= {name: found[f"listed_{name}"] for name in _LISTED}
    money = {name: None if row[name] is None else float(row[name]) for name in ("value", "worth")}
    return {
        **row, **money, "cause": found["cause"] or found["listed_cause"],
        "opened_on": found["assigned_on"] or found["created_at"].date(),
    }  # fmt: skip


def staged(case: Case, stage: str, today: date) -> dict[str, Any]:
    """Return what a case becomes in another stage; the same stage keeps its day."""
    if stage == case.stage:
        return {}
    return {"stage": stage, "stage_since": today}


def change_many(
    session: Session, versions: Mapping[str, int], values: Mapping[str, Any], *, today: date
) -> int:
    """Change several cases at once, or none of them, and return how many there were.

    Parameters
    ----------
    versions
        Id -> version that was read.
    values
        ``owner``, ``stage``, ``next_step``, ``next_on``.

    Raises
    ------
    StoreError
        If somebody changed one since it was read.
    """
    changed = 0
    for id, version in versions.items():
        case = changing.get(session, Case, id)
        wanted = dict(values)
        if "stage" in wanted:
            wanted |= staged(case, wanted.pop("stage"), today)
        try:
            changing.change(session, Case, id, version, **wanted)
        except Conflict:
            changed += 1
    if changed:
        raise StoreError("cases_changed", n=changed)
    return len(versions)


def open_cases(session: Session, keys: Sequence[int], owner: str, *, today: date) -> int:
    """Open a case outside of waves for customers who have none; return for how many.

    Controls of open waves get none: nobody is to work on them.
    """
    busy = set(session.scalars(select(Case.customer_key).where(Case.stage.in_(OPEN))))
    busy |= set(session.scalars(_controls()))
    wanted = [key for key in dict.fromkeys(keys) if key not in busy]
    session.add_all(Case(customer_key=key, stage_since=today, owner=owner) for key in wanted)
    return len(wanted)


def log(session: Session, case_id: str, contact: Mapping[str, Any], *, moment: datetime) -> str:
    """Log a contact of a case, and take its next step over.

    A case that nobody had reached yet counts as contacted from the first contact that reached the
    customer.

    Raises
    ------
    StoreError
        If it reached the customer as one of the same day did, by the same person, way and purpose,
        and says nothing: a form that was sent twice, the second time empty.
    """
    case = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    case = case or changing.get(session, Case, case_id)
    if _says_nothing_new(contact, contacts(session, case_id), moment.date()):
        raise StoreError("contact_repeated")
    made = Contact(
        customer_key=case.customer_key, wave_id=case.wave_id, case_id=case.id,
        contacted_at=moment, **contact,
    )  # fmt: skip
    session.add(made)
    values: dict[str, Any] = {}
    if contact.get("next_step") or contact.get("next_on"):
        values |= {"next_step": contact.get("next_step", ""), "next_on": contact.get("next_on")}
    if contact["is_reached"] and case.stage == "to_contact":
        values |= staged(case, "contacted", moment.date())
    for name, value in values.items():
        setattr(case, name, value)
    session.flush()
    return made.id


def _says_nothing_new(contact: Mapping[str, Any], made: Sequence[Contact], on: date) -> bool:
    if not contact["is_reached"] or any(contact.get(name) for name in _SAID):
        return False
    return any(
        each.contacted_at.date() == on
        and all(getattr(each, name) == contact.get(name) for name in _ALIKE)
        for each in made
    )


_SAID = ("learned", "opportunity", "next_step", "next_on")
_ALIKE = ("employee_id", "channel", "purpose", "is_reached")


def contacts(session: Session, case_id: str) -> Sequence[Contact]:
    """Return the contacts logged on a case, the newest first."""
    chosen = select(Contact).where(Contact.case_id == case_id, Contact.state == "stands")
    return session.scalars(chosen.order_by(Contact.contacted_at.desc(), Contact.id)).all()


def of_customer(session: Session, customer_key: int) -> Sequence[Case]:
    """Return the cases of a customer, the newest first."""
    chosen = select(Case).where(Case.customer_key == customer_key, Case.stage != "dropped")
    return session.scalars(chosen.order_by(Case.created_at.desc(), Case.id)).all()


def last_stages(session: Session) -> dict[int, str]:
    """Return the stage of the last case of each customer who has one."""
    chosen = select(Case.customer_key, Case.stage).where(Case.stage != "dropped")
    rows = session.execute(chosen.order_by(Case.created_at, Case.stage_since, Case.id))
    return {key: stage for key, stage in rows}


def causes_noted(session: Session) -> dict[int, tuple[str, str]]:
    """Return the cause and evidence that was noted last in a case of each customer."""
    chosen = select(Case.customer_key, Case.cause, Case.evidence).where(
        Case.cause.is_not(None), Case.cause != "unknown"
    )
    rows = session.execute(chosen.order_by(Case.cause_on, Case.id))
    return {key: (cause or "", evidence or "none") for key, cause, evidence in rows}
