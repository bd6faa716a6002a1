"""The cards that come from what was recorded here: promises, next steps, cases, handovers."""

from collections.abc import Collection, Iterator
from datetime import date

import pyarrow as pa
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core import engine
from core.desk import tasks
from core.desk.cards import Card
from core.desk.cases import OPEN
from core.store.records import Case, Contact, Handover, Promise, Refusal, Transfer, Wave
from core.view import View

MOST = 500  # of each kind


def recorded_cards(session: Session, until: date, owner: str | None) -> list[Card]:
    """Return what people wrote down that is due by ``until``, the oldest first of each kind.

    Their customers have no names, tiers or values yet: these stand in the books.

    Parameters
    ----------
    owner
        Who answers for them; null for everybody.
    """
    found = [*_promises(session, until, owner), *_next_steps(session, until, owner)]
    found += [*_cases(session, until, owner), *_transfers(session, until, owner)]
    return [*found, *tasks.own_cards(session, until, owner, MOST)]


def refused_before(view: View, customers: Collection[int]) -> set[int]:
    """Return who of them does not want to be contacted, as the books and people here say."""
    keys = pa.table({"customer_key": pa.array(sorted(customers), pa.int64())})
    asked = engine.small_table(view.ledger.con, keys)
    found = asked.semi_join(view.ledger.not_to_contact(), "customer_key")
    return set(found.to_pyarrow()["customer_key"].to_pylist())


def withdrawn(session: Session) -> int:
    """Return a number that changes when something that answered cards no longer does."""
    kinds = (Contact, Promise, Refusal, Transfer)
    gone = [
        session.scalar(select(func.count()).select_from(kind).where(kind.state == "withdrawn"))
        for kind in kinds
    ]
    ended = select(func.count()).select_from(Wave).where(Wave.state.in_(("closed", "dropped")))
    return sum(n or 0 for n in (*gone, session.scalar(ended)))


def _promises(session: Session, until: date, owner: str | None) -> Iterator[Card]:
    wanted = [Promise.state == "stands", Promise.kept_on.is_(None), Promise.due_on <= until]
    wanted += _is(Promise.employee_id, owner)
    for each in session.scalars(
        select(Promise).where(*wanted).order_by(Promise.due_on).limit(MOST)
    ):
        yield Card(
            f"promise:{each.id}:{each.due_on.isoformat()}", "promise", each.due_on,
            each.customer_key, each.employee_id, detail=each.kind or None, text=each.what,
            item=each.id, until_on=each.promised_on, version=each.version,
        )  # fmt: skip


def _next_steps(session: Session, until: date, owner: str | None) -> Iterator[Card]:
    """Yield the last next step of each contact; those of cases come from their case."""
    wanted = [
        Contact.state == "stands", Contact.next_step != "", Contact.next_on <= until,
        Contact.case_id.is_(None), *_is(Contact.employee_id, owner),
    ]  # fmt: skip
    for each in session.scalars(
        select(Contact).where(*wanted).order_by(Contact.next_on.desc()).limit(MOST)
    ):
        yield Card(
            f"next_step:{each.id}", "next_step", each.next_on or until, each.customer_key,
            each.employee_id, text=each.next_step, item=each.id,
        )  # fmt: skip


def _cases(session: Session, until: date, owner: str | None) -> Iterator[Card]:
    wanted = [Case.stage.in_(OPEN), Case.next_on <= until, *_is(Case.owner, owner)]
    for each in session.scalars(select(Case).where(*wanted).order_by(Case.next_on).limit(MOST)):
        yield Card(
            f"case:{each.id}:{each.next_on}", "win_back", each.next_on or until,
            each.customer_key, each.owner, detail=each.stage, text=each.next_step or None,
            item=each.id,
        )  # fmt: skip


def _transfers(session: Session, until: date, owner: str | None) -> Iterator[Card]:
    """Yield the first contacts after a handover that the successor has not made yet."""
    last = (
        select(func.max(Contact.contacted_at))
        .where(
            Contact.state == "stands", Contact.is_reached,
            Contact.customer_key == Transfer.customer_key,
            Contact.employee_id == Transfer.to_employee_id,
        )
        .scalar_subquery()
    )  # fmt: skip
    wanted = [
        Transfer.state == "open", Handover.state == "open", Transfer.contact_by <= until,
        Transfer.to_employee_id.isnot(None), *_is(Transfer.to_employee_id, owner),
    ]  # fmt: skip
    rows = select(Transfer, Handover.employee_id, last)
    rows = rows.join(Handover, Handover.id == Transfer.handover_id).where(*wanted)
    for each, leaver, met_at in session.execute(rows.order_by(Transfer.contact_by).limit(MOST)):
        if met_at is not None and each.assigned_on and met_at.date() >= each.assigned_on:
            continue
        yield Card(
            f"transfer:{each.id}", "handover", each.contact_by, each.customer_key,
            each.to_employee_id or "", detail=leaver, text=each.note or None, item=each.id,
        )  # fmt: skip


def _is(column: object, owner: str | None) -> list[ColumnElement[bool]]:
    return [] if owner is None else [column == owner]  # pyright: ignore[reportReturnType]
