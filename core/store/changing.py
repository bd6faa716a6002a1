"""Adds and changes records, so that of two who edit one record the later is told."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.errors import AlreadyGone, Conflict
from core.store.log import Audit
from core.store.record import Record, as_typed

R = TypeVar("R", bound=Record)


def add(session: Session, record: Record) -> str:
    """Add a record and return its id."""
    session.add(record)
    session.flush()
    return record.id


def get(session: Session, kind: type[R], id: str) -> R:
    """Return a record.

    Raises
    ------
    AlreadyGone
        If there is none.
    """
    record = session.get(kind, id)
    if record is None:
        raise AlreadyGone("store_gone", kind=kind.__tablename__, id=id)
    return record


def change(session: Session, kind: type[R], id: str, version: int, /, **values: Any) -> R:
    """Change fields of a record that was read at ``version``.

    Nothing happens where the fields hold the values already.

    Raises
    ------
    Conflict
        If somebody changed it since; holds what they wrote and what was to be written.
    AlreadyGone
        If there is none.
    """
    record = session.get(kind, id, with_for_update=True, populate_existing=True)
    if record is None:
        raise AlreadyGone("store_gone", kind=kind.__tablename__, id=id)
    if all(getattr(record, name) == value for name, value in values.items()):
        return record
    if record.version != version:
        raise _conflict(session, record, version, values)
    for name, value in values.items():
        setattr(record, name, value)
    session.flush()
    return record


def history(session: Session, kind: type[Record], id: str) -> Sequence[Audit]:
    """Return who changed a record and how, oldest first."""
    rows = select(Audit).where(Audit.kind == kind.__tablename__, Audit.record_id == id)
    return session.scalars(rows.order_by(Audit.id)).all()


def _conflict(session: Session, record: Record, version: int, mine: dict[str, Any]) -> Conflict:
    kind = type(record)
    theirs: dict[str, tuple[Any, Any]] = {}
    for row in history(session, kind, record.id):
        if row.record_version <= version:
            continue
        for name in {*row.before, *row.after}:
            before = as_typed(kind.__table__.columns[name], row.before.get(name))
            first = theirs[name][0] if name in theirs else before
            theirs[name] = (first, getattr(record, name))
    return Conflict(
        kind.__tablename__, record.id, record.version, record.changed_by, record.changed_at,
        theirs, mine,
    )  # fmt: skip
