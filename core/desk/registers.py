"""The registers of decisions and of events."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.desk.refused import Refused
from core.store import changing
from core.store.records import Decision, Event

EVENT_KINDS = ("accident", "campaign", "exit", "price", "competitor", "other")
DECISION_STATES = ("open", "done", "dropped")


def decide(
    session: Session, *, title: str, text: str, decided_on: date, owner: str, due_on: date | None,
    figure: str | None, scope: dict[str, str],
) -> str:  # fmt: skip
    """Record a decision and return its id.

    Raises
    ------
    Refused
        If it does not say what, or is due before it was made.
    """
    must_be_whole(title, decided_on, due_on)
    record = Decision(
        title=title.strip(), text=text.strip(), decided_on=decided_on, owner=owner.strip(),
        due_on=due_on, figure=figure or None, scope=scope,
    )  # fmt: skip
    return changing.add(session, record)


def must_be_whole(title: str, from_on: date, to_on: date | None) -> None:
    """Refuse what has no title, or ends before it begins."""
    if not title.strip():
        raise Refused("register_title")
    if to_on is not None and to_on < from_on:
        raise Refused("register_days", from_on=from_on, to_on=to_on)


def must_have_outcome(state: str, outcome: str) -> None:
    """Refuse to end a decision without saying what came of it."""
    if state != "open" and not outcome.strip():
        raise Refused("decision_outcome")


def decisions(session: Session, state: str, most: int) -> Sequence[Decision]:
    """Return decisions in a state: the open ones by the day they are due, others newest first."""
    chosen = select(Decision).where(Decision.state == state)
    if state == "open":
        chosen = chosen.order_by(Decision.due_on.is_(None), Decision.due_on, Decision.decided_on)
    else:
        chosen = chosen.order_by(Decision.changed_at.desc())
    return session.scalars(chosen.limit(most)).all()


def count_decisions(session: Session, today: date) -> dict[str, int]:
    """Return how many decisions are in each state, and how many open ones are ``overdue``."""
    rows = session.execute(select(Decision.state, func.count()).group_by(Decision.state))
    late = select(func.count()).select_from(Decision)
    late = late.where(Decision.state == "open", Decision.due_on < today)
    return dict.fromkeys(DECISION_STATES, 0) | {name: n for name, n in rows} | {
        "overdue": session.scalar(late) or 0
    }  # fmt: skip


def note_event(
    session: Session, *, title: str, kind: str, happened_on: date, until: date | None, text: str,
    scope: dict[str, str], today: date,
) -> str:  # fmt: skip
    """Record what happened and return its id.

    Raises
    ------
    Refused
        If it has no title, no kind, ends before it began, or has not happened yet.
    """
    must_be_whole(title, happened_on, until)
    must_have_happened(kind, happened_on, today)
    record = Event(
        title=title.strip(), kind=kind, happened_on=happened_on, until=until, text=text.strip(),
        scope=scope,
    )  # fmt: skip
    return changing.add(session, record)


def must_have_happened(kind: str, happened_on: date, today: date) -> None:
    """Refuse an event of no known kind, or of a day to come: plans are not events."""
    if kind not in EVENT_KINDS:
        raise Refused("event_kind", found=kind, known=", ".join(EVENT_KINDS))
    if happened_on > today:
        raise Refused("event_to_come", on=happened_on)


def events_noted(session: Session, most: int) -> Sequence[Event]:
    """Return the events recorded here, the newest first."""
    chosen = select(Event).where(Event.state == "stands")
    return session.scalars(chosen.order_by(Event.happened_on.desc(), Event.id).limit(most)).all()
