"""A copy of everything that people recorded: to keep, to move to another database, to read.

One file for SQLite and PostgreSQL alike: a zip of JSON lines, one per row, with a list of what it
holds. It was read in one transaction, and is there wholly or not at all.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select

from core.store.auditing import plain
from core.store.errors import StoreError
from core.store.migrating import REVISION, migrate, revision
from core.store.record import Base, as_typed, utc_now
from core.store.store import Store

_LIST = "contents.json"
_ROWS = 5_000  # written at once


@dataclass(frozen=True)
class Contents:
    """What a backup holds: the revision of its tables, when it was made, rows by table."""

    revision: str
    made_at: str
    rows: Mapping[str, int]


def backup(store: Store, file: Path) -> Contents:
    """Write everything that stands in the store into ``file``; an older one is replaced whole."""
    partial = file.with_name(f".{file.name}.partial")
    with store.engine.connect().execution_options(reads_only=True) as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            marks = {each.name: _write(archive, connection, each) for each in _tables()}
            contents = {
                "product": "regulars",
                "revision": revision(connection),
                "made_at": utc_now().isoformat(timespec="seconds"),
                "tables": {name: {"rows": n, "sha256": mark} for name, (n, mark) in marks.items()},
            }
            archive.writestr(_LIST, json.dumps(contents, indent=1))
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(file)
    return _contents(contents)


def restore(engine: Engine, file: Path) -> Contents:
    """Put a backup into a store in which nothing stands, and bring it to this version's tables.

    Raises
    ------
    StoreError
        If the file is no backup, was changed, is of a newer version, or something stands in the
        store already.
    """
    with _opened(file) as archive:
        contents = _checked(archive, file)
        if contents["revision"] > REVISION:
            raise StoreError("store_newer", found=contents["revision"], known=REVISION)
        with engine.connect().execution_options(reads_only=True) as connection:
            is_new = revision(connection) is None
        if is_new:
            migrate(engine, contents["revision"])
        with engine.begin() as connection:
            _must_be_empty(connection, contents["tables"])
            for table in _tables():
                if table.name in contents["tables"]:
                    _read(archive, connection, table)
    migrate(engine)
    return _contents(contents)


def _tables() -> list[Table]:
    return Base.metadata.sorted_tables


def _ordered(table: Table) -> Any:
    return select(table).order_by(*table.primary_key)


def _write(archive: zipfile.ZipFile, connection: Connection, table: Table) -> tuple[int, str]:
    rows, mark = 0, hashlib.sha256()
    found = connection.execution_options(yield_per=_ROWS).execute(_ordered(table)).mappings()
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
        for row in found:
            values = {name: plain(value) for name, value in row.items() if value is not None}
            line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
            mark.update(line)
            out.write(line)
            rows += 1
    return rows, mark.hexdigest()


def _read(archive: zipfile.ZipFile, connection: Connection, table: Table) -> None:
    with archive.open(f"{table.name}.jsonl") as lines:
        for rows in _batches(json.loads(line) for line in lines):
            names = {name for row in rows for name in row}
            typed = [
                {name: as_typed(table.columns[name], row.get(name)) for name in names}
                for row in rows
            ]
            connection.execute(insert(table), typed)
    if table.name == "audit" and connection.dialect.name == "postgresql":
        last = select(func.coalesce(func.max(table.columns.id), 0) + 1).scalar_subquery()
        name = func.pg_get_serial_sequence("audit", "id")
        connection.execute(select(func.setval(name, last, False)))


def _batches(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as error:
        raise StoreError("store_no_backup", file=file) from error


def _checked(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        contents = json.loads(archive.read(_LIST))
        for name, told in contents["tables"].items():
            mark = hashlib.sha256()
            with archive.open(f"{name}.jsonl") as lines:
                for line in lines:
                    mark.update(line)
            if mark.hexdigest() != told["sha256"]:
                raise StoreError("store_backup_changed", file=file, table=name)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StoreError("store_no_backup", file=file) from error
    return contents


def _must_be_empty(connection: Connection, names: Iterable[str]) -> None:
    for table in _tables():
        if table.name in names and connection.execute(select(table).limit(1)).first():
            raise StoreError("store_not_empty", table=table.name)


def _contents(found: Mapping[str, Any]) -> Contents:
    rows = {name: told["rows"] for name, told in found["tables"].items()}
    return Contents(found["revision"], found["made_at"], rows)
