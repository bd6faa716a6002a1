"""Handing the customers of an employee over, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import engine
from core.desk.refused import Refused
from core.figures.evidence import dealings
from core.metrics import dependency, handover
from core.periods import window_start
from core.reading import Ledger
from core.store import changing
from core.store.records import Contact, Handover, Transfer
from core.view import View


@dataclass(frozen=True)
class Employee:
    """Somebody who meets customers; ``customers`` counts the active ones they manage."""

    employee_id: str
    name: str | None
    role: str | None
    branch: str | None
    left_on: date | None
    customers: int = 0


@dataclass(frozen=True)
class Assigned:
    """One customer and who is to look after them; null: not decided yet."""

    customer_key: int
    to_employee_id: str | None
    value: Decimal | None


def staff(view: View) -> list[Employee]:
    """Return the employees of the books, with how many customers each manages now, by branch."""
    if not view.ledger.has("employees"):
        return []
    counted = handover.loads(View(view.ledger).all_lines(view.days[-1])).to_pyarrow().to_pylist()
    load = {row["manager"]: row["customers"] for row in counted}
    rows = view.ledger.table("employees").to_pyarrow().to_pylist()
    found = [
        Employee(
            row["employee_id"], row["name"], row["role"], row["branch"], row["left_on"],
            load.get(row["employee_id"], 0) + load.get(row["name"], 0),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda e: (e.branch or "", e.name or "", e.employee_id))


def customers_left(view: View, employee: Employee, leaves_on: date) -> pa.Table:
    """Return whom an employee leaves behind, the most valuable first.

    Dealings are those of the 12 months up to the last day, or up to the last day of the books where
    that is earlier; value, tier and whether they are active are those of now.

    Returns
    -------
    ``handover.customers_left`` with ``second_id`` and ``second_events``.
    """
    now, day = view.days[-1], min(leaves_on, view.ledger.refresh.data_date)
    events = dealings(view, window_start(day, dependency.MONTHS), day)
    theirs = events.filter(events.employee_id == employee.employee_id).select("customer_key")
    # Few ever dealt with them: only these are told apart by employee.
    events = engine.kept(view.ledger.con, events.semi_join(theirs.distinct(), "customer_key"))
    handled = dependency.handled_on(
        events, day, least_share=view.definitions.dependency_share,
        least_events=view.definitions.dependency_events,
    )  # fmt: skip
    called = [name for name in (employee.employee_id, employee.name) if name]
    lines = view.lines(now, view.is_on_margin(now))
    found = handover.customers_left(
        lines, handled, employee_id=employee.employee_id, called=called
    )  # fmt: skip
    people = view.ledger.table("employees")
    here = people.filter((people.left_on > leaves_on).fill_null(True)).select("employee_id")
    second = handover.second_contacts(events, here, employee_id=employee.employee_id, day=day)
    second = second.rename(_key="customer_key")
    rows = found.left_join(second, found.customer_key == second["_key"]).drop("_key")
    return rows.order_by(rows.value.desc(), rows.customer_key).to_pyarrow()


def proposed(
    rows: Iterable[Mapping], people: Sequence[Employee], leaver: Employee, day: date
) -> dict[int, str | None]:  # fmt: skip
    """Return who is to look after each customer from now on.

    The customer's manager, if that is somebody else; else whoever else dealt with the customer
    most; else of those of the same role in the customer's branch (or in that of who leaves; or
    anybody there) the one with the fewest customers, those just given included. Rows are taken in
    order; equals go by number.
    """
    here = {e.employee_id: e for e in people if _is_here(e, leaver, day)}
    named = {e.name: key for key, e in here.items() if e.name}
    load = {key: each.customers for key, each in here.items()}
    found: dict[int, str | None] = {}
    for row in rows:
        known = (row["manager"], named.get(row["manager"]), row["second_id"])
        chosen = next((key for key in known if key in here), None)
        if chosen is None:
            among = _colleagues(here.values(), leaver, row["branch"])
            chosen = min(among, key=lambda key: (load[key], key), default=None)
        if chosen is not None:
            load[chosen] += 1
        found[row["customer_key"]] = chosen
    return found


def _is_here(employee: Employee, leaver: Employee, day: date) -> bool:
    is_gone = employee.left_on is not None and employee.left_on <= day
    return employee.employee_id != leaver.employee_id and not is_gone


def _colleagues(
    here: Iterable[Employee], leaver: Employee, branch: str | None
) -> list[str]:  # fmt: skip
    every = list(here)
    for place in (branch, leaver.branch):
        local = [e for e in every if place and e.branch == place]
        same = [e for e in local if e.role == leaver.role]
        if chosen := same or local:
            return [e.employee_id for e in chosen]
    return []


def hand_over(
    session: Session, *, employee_id: str, leaves_on: date, contact_by: date, note: str,
    assigned: Sequence[Assigned], today: date,
) -> str:  # fmt: skip
    """Record a handover with its customers and return its id.

    Raises
    ------
    Refused
        If there is nobody to hand over, the first contact is due in the past, somebody is to get
        their own customers, or a handover of the employee is still open.
    """
    if not assigned:
        raise Refused("handover_nobody")
    if contact_by < today:
        raise Refused("handover_past", on=contact_by)
    if any(each.to_employee_id == employee_id for each in assigned):
        raise Refused("handover_self")
    is_open = select(Handover.id).where(
        Handover.employee_id == employee_id, Handover.state == "open"
    )
    if session.scalars(is_open).first() is not None:
        raise Refused("handover_open", employee=employee_id)
    made = Handover(
        employee_id=employee_id, leaves_on=leaves_on, contact_by=contact_by, note=note.strip()
    )
    id = changing.add(session, made)
    session.add_all(
        Transfer(
            handover_id=id, customer_key=each.customer_key, to_employee_id=each.to_employee_id,
            assigned_on=today if each.to_employee_id else None, contact_by=contact_by,
            value=each.value,
        )
        for each in assigned
    )  # fmt: skip
    session.flush()
    return id


def reassign(
    session: Session, chosen: Mapping[str, int], to_employee_id: str, today: date
) -> int:  # fmt: skip
    """Give transfers (id -> version as read) to somebody else; return how many.

    Raises
    ------
    Conflict
        If somebody changed one of them since; nothing is written then.
    """
    for id, version in chosen.items():
        changing.change(
            session, Transfer, id, version, to_employee_id=to_employee_id, assigned_on=today
        )
    return len(chosen)


def handovers(session: Session) -> Sequence[Handover]:
    """Return the handovers, open ones first, then the newest."""
    chosen = select(Handover).where(Handover.state != "dropped")
    newest = chosen.order_by(Handover.state.desc(), Handover.leaves_on.desc())
    return session.scalars(newest.limit(100)).all()


def transfers(session: Session, handover_id: str) -> Sequence[Transfer]:
    """Return the customers of a handover that stand, the most valuable first."""
    chosen = select(Transfer).where(Transfer.handover_id == handover_id, Transfer.state == "open")
    return session.scalars(chosen.order_by(Transfer.value.desc(), Transfer.customer_key)).all()


def assigned_transfers(session: Session) -> list[tuple[int, date]]:
    """Return customer and day of every transfer made, in all handovers."""
    chosen = select(Transfer.customer_key, Transfer.assigned_on).where(
        Transfer.state == "open", Transfer.assigned_on.is_not(None)
    )
    rows = session.execute(chosen.order_by(Transfer.customer_key, Transfer.assigned_on))
    return [(key, on) for key, on in rows if on is not None]


def contacted_here(session: Session, handover_id: str) -> dict[int, date]:
    """Return when a successor first reached each customer, by the contacts logged here."""
    is_theirs = (Contact.customer_key == Transfer.customer_key) & (
        Contact.employee_id == Transfer.to_employee_id
    )
    rows = session.execute(
        select(Transfer.customer_key, Transfer.assigned_on, Contact.contacted_at)
        .join(Contact, is_theirs)
        .where(
            Transfer.handover_id == handover_id, Transfer.state == "open",
            Contact.is_reached, Contact.state == "stands",
        )
        .order_by(Contact.contacted_at.desc())
    )  # fmt: skip
    return {
        key: at.date()
        for key, since, at in rows
        if since is not None and at >= datetime.combine(since, time.min)
    }


def contacted_imported(
    ledger: Ledger, wanted: Sequence[tuple[int, str, date]]
) -> dict[int, date]:  # fmt: skip
    """Return when a successor first reached each customer, by the contacts of the books.

    ``wanted`` are customer, successor and day of the transfer.
    """
    if not wanted or not ledger.has("contacts"):
        return {}
    asked = pa.table(
        {
            "_key": pa.array([key for key, _, _ in wanted], pa.int64()),
            "_to": pa.array([to for _, to, _ in wanted], pa.string()),
            "_since": pa.array([since for _, _, since in wanted], pa.date32()),
        }
    )
    asked_rows = engine.small_table(ledger.con, asked)
    made = ledger.table("contacts")
    made = made.filter(made.contacted_at.notnull() & made.is_reached.fill_null(True))
    made = made.select("customer_key", "employee_id", on=made.contacted_at.cast("date"))
    both = made.inner_join(
        asked_rows,
        [made.customer_key == asked_rows["_key"], made.employee_id == asked_rows["_to"]],
    )
    both = both.filter(both.on >= both["_since"])
    rows = both.group_by("customer_key").agg(on=both.on.min()).to_pyarrow().to_pylist()
    return {row["customer_key"]: row["on"] for row in rows}
