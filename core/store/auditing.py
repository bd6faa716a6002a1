"""Every change of a record leaves a row of who changed what, in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import event, insert, inspect, orm

from core.store.errors import StoreError
from core.store.log import Audit
from core.store.record import KEPT, Record, new_id, utc_now

_AT_ONCE = 2_000  # rows of one statement


class Session(orm.Session):
    """A session that writes: ``info`` holds who writes (``by``) and the ``key`` of the write."""


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value


def note_many(session: orm.Session, record: Record, action: str, after: Mapping[str, Any]) -> None:
    """Leave one audit row for what was done with many rows at once."""
    info = session.info
    session.add(
        Audit(
            by=info["by"], write_key=info["key"], kind=record.__tablename__, record_id=record.id,
            action=action, record_version=record.version,
            after={name: plain(value) for name, value in after.items()},
        )
    )  # fmt: skip


def add_many(session: orm.Session, kind: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add many records by few statements, each with its audit row; fields as columns."""
    session.flush()
    by, key, at = session.info["by"], session.info["key"], utc_now()
    kept = {
        "version": 1, "created_at": at, "created_by": by, "changed_at": at, "changed_by": by,
    }  # fmt: skip
    made = [{"id": new_id(), **row, **kept} for row in rows]
    log = [
        {
            "at": at, "by": by, "write_key": key, "kind": kind.__tablename__,
            "record_id": row["id"], "action": "added", "record_version": 1, "before": {},
            "after": {n: plain(v) for n, v in row.items() if n not in KEPT and v is not None},
        }
        for row in made
    ]  # fmt: skip
    for table, found in ((kind, made), (Audit, log)):
        for begin in range(0, len(found), _AT_ONCE):
            session.execute(insert(table), found[begin : begin + _AT_ONCE])


@event.listens_for(Session, "before_flush")
def _audit(session: orm.Session, context: object, instances: object) -> None:
    by, key = session.info["by"], session.info["key"]
    for record in list(session.deleted):
        if isinstance(record, Record):
            raise StoreError("store_delete", kind=record.__tablename__)
    made = [(each, "added") for each in session.new if isinstance(each, Record)]
    made += [
        (each, "changed") for each in session.dirty
        if isinstance(each, Record) and session.is_modified(each)
    ]  # fmt: skip
    for record, action in made:
        before, after = _changes(record)
        record.changed_at, record.changed_by = utc_now(), by
        if action == "added":
            record.created_at, record.created_by = record.changed_at, by
            record.id = record.id or new_id()
        version = 1 if action == "added" else record.version + 1
        session.add(
            Audit(
                by=by, write_key=key, kind=record.__tablename__, record_id=record.id,
                action=action, record_version=version, before=before, after=after,
            )
        )  # fmt: skip


def _changes(record: Record) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = {}, {}
    for attribute in inspect(record).attrs:
        history = attribute.history
        if attribute.key in KEPT or not history.has_changes():
            continue
        if history.deleted and history.deleted[0] is not None:
            before[attribute.key] = plain(history.deleted[0])
        if history.added and (history.added[0] is not None or attribute.key in before):
            after[attribute.key] = plain(history.added[0])
    return before, after
