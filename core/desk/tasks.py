"""What was done with cards, and tasks that somebody wrote: done, put off, dropped, moved."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.desk.cards import Card
from core.desk.refused import Refused
from core.periods import month_end
from core.store import changing
from core.store.records import Task

# An answered complaint that is still open comes up again.
COMES_BACK_DAYS = {"complaint": 7}
MOST = 500  # tasks of a month that are shown
_AT_ONCE = 900  # parameters of one statement


def mark(
    session: Session, card: Card, today: date, *, state: str = "done",
    put_off_until: date | None = None, note: str = "", owner: str = "",
) -> str:  # fmt: skip
    """Keep what was done with a card, and return the id of the task that holds it.

    Parameters
    ----------
    state
        "done", "dropped" (the reason is in ``note``), or "open" where it is put off.
    owner
        Who answers for the card; else who did it.

    Raises
    ------
    Refused
        If somebody has done or dropped it already.
    """
    values = {
        "state": state,
        "done_on": today if state == "done" else None,
        "put_off_until": put_off_until,
        "note": note,
    }
    known = _behind(session, card)
    if known is not None:
        if known.state != "open" and not comes_back(known, today):
            raise Refused(f"card_{known.state}", by=known.changed_by)
        for name, value in values.items():
            setattr(known, name, value)
        session.flush()
        return known.id
    made = Task(
        kind=card.kind, source=card.source, title=card.text or "", customer_key=card.customer_key,
        owner=owner or card.owner or session.info["by"], due_on=card.due_on, **values,
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else, a moment ago
        raise Refused("card_taken") from error
    return made.id


def drop(session: Session, card: Card, today: date, reason: str) -> str:
    """Drop a card, with the reason.

    Raises
    ------
    Refused
        If no reason is given, or somebody has done or dropped it already.
    """
    if not reason.strip():
        raise Refused("drop_without_reason")
    return mark(session, card, today, state="dropped", note=reason.strip())


def add(session: Session, values: Mapping[str, Any]) -> str:
    """Add a task that somebody wrote, and return its id.

    Raises
    ------
    Refused
        If it does not say what is to be done.
    """
    if not values["title"].strip():
        raise Refused("task_without_title")
    return changing.add(session, Task(**values))


def _behind(session: Session, card: Card) -> Task | None:
    """Return the task of a card, locked; null if nobody did anything with it yet."""
    if card.kind == "own":
        return session.get(Task, card.task_id, with_for_update=True)
    chosen = select(Task).where(Task.source == card.source).with_for_update()
    return session.scalars(chosen).one_or_none()


def comes_back(task: Task, today: date) -> bool:
    """Whether a card that was done is to be shown again."""
    days = COMES_BACK_DAYS.get(task.kind)
    if task.state != "done" or days is None or task.done_on is None:
        return False
    return task.done_on + timedelta(days=days) <= today


def reopen(session: Session, task_id: str) -> None:
    """Let a card that was done or dropped be open again."""
    task = session.get(Task, task_id)
    if task is not None and task.state != "open":
        task.state, task.done_on, task.put_off_until = "open", None, None
        session.flush()


def of_sources(session: Session, sources: Collection[str]) -> dict[str, Task]:
    """Return what was done with cards, by their names."""
    found = {}
    for some in _in_parts(sorted(sources)):
        for task in session.scalars(select(Task).where(Task.source.in_(some))):
            found[task.source or ""] = task
    return found


def done_in(
    session: Session, first: date, last: date, owner: str | None, most: int
) -> tuple[Sequence[Task], int]:
    """Return what was done from ``first`` to ``last``, the newest first, and how much it is."""
    is_wanted = [Task.state == "done", Task.done_on.between(first, last), *_of(owner)]
    order = (Task.done_on.desc(), Task.changed_at.desc())
    rows = session.scalars(select(Task).where(*is_wanted).order_by(*order).limit(most)).all()
    return rows, session.scalar(select(func.count()).select_from(Task).where(*is_wanted)) or 0


def own_cards(session: Session, until: date, owner: str | None, most: int = MOST) -> Iterator[Card]:
    """Yield the open tasks that somebody wrote and that are due by ``until``."""
    day = func.coalesce(Task.put_off_until, Task.due_on)
    is_wanted = [Task.source.is_(None), Task.state == "open", day <= until, *_of(owner)]
    for task in session.scalars(select(Task).where(*is_wanted).order_by(day).limit(most)):
        yield Card(
            f"task:{task.id}", "own", task.due_on or until, task.customer_key, task.owner,
            text=task.title, put_off_until=task.put_off_until, task_id=task.id,
            version=task.version,
        )  # fmt: skip


@dataclass(frozen=True)
class Month:
    """The plan of a month: its tasks, those of a day first, and how many there are in all."""

    first: date
    tasks: Sequence[Task]
    n: int
    done: int
    cards_done: int  # of cards that the figures made


def month_of(session: Session, first: date, owner: str | None) -> Month:
    """Return the tasks that somebody planned for the month beginning with ``first``."""
    last = month_end(first)
    is_theirs = or_(Task.due_on.between(first, last), Task.month == first)
    is_wanted = [Task.source.is_(None), Task.state != "dropped", is_theirs, *_of(owner)]
    order = (Task.due_on.is_(None), Task.due_on, Task.created_at)
    rows = session.scalars(select(Task).where(*is_wanted).order_by(*order).limit(MOST)).all()
    made = [Task.source.is_not(None), Task.state == "done", Task.done_on.between(first, last)]
    return Month(
        first, rows, _count(session, *is_wanted), _count(session, *is_wanted, Task.state == "done"),
        _count(session, *made, *_of(owner)),
    )  # fmt: skip


def _count(session: Session, *wanted: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Task).where(*wanted)) or 0


def _of(owner: str | None) -> list[ColumnElement[bool]]:
    return [] if owner is None else [Task.owner == owner]


def _in_parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
