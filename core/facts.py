"""Facts as Delta tables: opened at one data version, restored after a killed import.

A data version is one row of the small table ``versions``; it names the Delta version of every
table. Whatever was written without such a row was never imported: readers do not see it, and the
next writer takes it back.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.transaction import AddAction, RemoveAction
from filelock import FileLock, Timeout

from core.errors import BooksError
from core.schema import TABLES

# Replay would die after 30 days without these: a checkpoint removes older logs.
KEEP_FOR_GOOD = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}
# The log holds the least and greatest value of each column: never those of persons.
WITHOUT_STATISTICS = KEEP_FOR_GOOD | {"delta.dataSkippingNumIndexedCols": "0"}

# Which import last wrote a row, when its source last changed it, and which source it came from.
ROW_COLUMNS = (
    pa.field("_version", pa.int64()),
    pa.field("_updated_at", pa.timestamp("us")),
    pa.field("_source", pa.string()),
)
CUSTOMER_IDS = pa.schema([("customer_key", pa.int64()), ("customer_id", pa.string())])

# Rows are read by group, and several groups at once; a group holds the least and greatest value of
# each column, so that groups of other days are passed over.
LAYOUT = WriterProperties(max_row_group_size=131_072)

VERSIONS = pa.schema(
    [
        ("version", pa.int64()),
        ("imported_at", pa.timestamp("us")),  # UTC
        ("source", pa.string()),
        ("mapping", pa.string()),
        ("mapping_text", pa.string()),
        ("tables", pa.string()),  # JSON: "facts/orders" -> Delta version
        ("counts", pa.string()),  # JSON: table -> what was inserted, corrected, ...
        ("data_date", pa.date32()),  # last day on which anything was bought or given back
        ("earliest_on", pa.date32()),  # first day that this import changed; null: none
        ("currency", pa.string()),
    ]
)


@dataclass(frozen=True)
class Version:
    """One data version: an import that was published."""

    version: int
    imported_at: datetime
    source: str
    mapping: str
    mapping_text: str
    tables: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    data_date: date | None
    earliest_on: date | None
    currency: str | None


class Books:
    """The folder of the books: facts, persons, derived tables and their published versions."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()

    def path(self, name: str) -> Path:
        """Return the folder of the Delta table ``name``, such as ``facts/orders``."""
        return self.home / name

    def versions(self) -> list[Version]:
        """Return every published data version, oldest first."""
        rows = published(self.path("versions"))
        kinds = ("tables", "counts")
        found = [Version(**row | {name: json.loads(row[name]) for name in kinds}) for row in rows]
        return sorted(found, key=lambda version: version.version)

    def version(self, number: int | None = None) -> Version:
        """Return data version ``number``, or the newest.

        Raises
        ------
        BooksError
            If there are no books, or no such version.
        """
        versions = self.versions()
        if not versions:
            raise BooksError("no_books", home=self.home)
        if number is None:
            return versions[-1]
        for version in versions:
            if version.version == number:
                return version
        raise BooksError("no_version", version=number, newest=versions[-1].version)

    def files(self, name: str, tables: Mapping[str, int]) -> list[str]:
        """Return the files of Delta table ``name`` at its version in ``tables``; maybe none."""
        if name not in tables:
            return []
        path = self.path(name)
        return list(_files(path, tables[name], _born(path)))

    def fact_schema(self, table: str) -> pa.Schema:
        """Arrow schema of a table of facts as it is stored, row columns included."""
        return pa.schema([*TABLES[table].fact_schema(), *ROW_COLUMNS])

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the books as their only writer.

        Raises
        ------
        BooksError
            If somebody else writes.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            held = FileLock(self.home / ".writer.lock").acquire(timeout=1)
        except Timeout as error:
            raise BooksError("busy", home=self.home) from error
        with held:
            yield

    def take_back(self, area: str, published: Mapping[str, int]) -> None:
        """Bring every table below ``area`` to its published version; delete unpublished ones.

        An import that was killed leaves tables ahead of the last published row. Call it as the
        only writer, before anything is written.
        """
        for path in sorted(self.path(area).glob("*")):
            name = f"{area}/{path.name}"
            if name not in published:
                shutil.rmtree(path)
            elif (table := DeltaTable(path)).version() != published[name]:
                table.restore(published[name])

    def drop_history(self, area: str, published: Mapping[str, int]) -> None:
        """Remove from disk what the tables below ``area`` held before their published version."""
        for name, version in published.items():
            if name.startswith(f"{area}/"):
                DeltaTable(self.path(name)).vacuum(
                    retention_hours=0, enforce_retention_duration=False, dry_run=False,
                    full=True, keep_versions=[version],
                )  # fmt: skip

    def append(self, name: str, rows: pa.RecordBatchReader, configuration: dict) -> None:
        """Append ``rows`` to the Delta table ``name``, which is made if there is none.

        Columns that the table did not have when it was made are added; older rows are null there.
        """
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        exists = DeltaTable.is_deltatable(str(path))
        if exists:
            write_deltalake(
                path, rows, mode="append", schema_mode="merge", writer_properties=LAYOUT
            )
        else:
            write_deltalake(
                path, rows, mode="append", configuration=configuration, writer_properties=LAYOUT
            )

    def commit_files(
        self,
        name: str,
        schema: pa.Schema,
        partition: str,
        added: Mapping[str, str],
        removed: list[str],
    ) -> None:
        """Take Parquet files that lie in the folder of table ``name`` into it, in one commit.

        ``added`` maps each file, relative to the folder, to its value of ``partition``;
        ``removed`` names files, in the same way, that the table no longer has.
        """
        path = self.path(name)
        if not DeltaTable.is_deltatable(str(path)):
            DeltaTable.create(path, schema, partition_by=[partition], configuration=KEEP_FOR_GOOD)
        moment = int(datetime.now(UTC).timestamp() * 1000)
        actions: list[AddAction | RemoveAction] = [
            AddAction(file, (path / file).stat().st_size, {partition: value}, moment, True, "{}")
            for file, value in added.items()
        ]
        actions += [RemoveAction(file, True, moment) for file in removed]
        DeltaTable(path).create_write_transaction(actions, "append", schema, [partition])

    def overwrite(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Replace the whole of the Delta table ``name``, which is written as one."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        exists = DeltaTable.is_deltatable(str(path))
        write_deltalake(
            path, rows, mode="overwrite", configuration=None if exists else KEEP_FOR_GOOD,
            writer_properties=LAYOUT,
        )  # fmt: skip

    def publish(self, version: Version) -> None:
        """Make an import real: one row, one commit."""
        row = {
            **{name: getattr(version, name) for name in VERSIONS.names},
            "tables": json.dumps(version.tables, sort_keys=True),
            "counts": json.dumps(version.counts, sort_keys=True),
        }
        table = pa.Table.from_pylist([row], schema=VERSIONS)
        self.append("versions", table.to_reader(), KEEP_FOR_GOOD)


def published(path: Path) -> list[dict]:
    """Return the rows of a small Delta table as it stands; none if it was never written."""
    commits = sorted(path.glob("_delta_log/*.json"))
    if not commits:
        return []
    return [dict(row) for row in _rows(path, int(commits[-1].stem), _born(path))]


# A commit never changes. Opening a table takes longer than many a figure over it.
@lru_cache(maxsize=256)
def _rows(path: Path, version: int, born: int) -> list[dict]:
    return DeltaTable(path, version=version).to_pyarrow_table().to_pylist()


@lru_cache(maxsize=4096)
def _files(path: Path, version: int, born: int) -> list[str]:
    return DeltaTable(path, version=version).file_uris()


def _born(path: Path) -> int:
    """Return when a Delta table was made: books may be made anew in the same folder."""
    return (path / "_delta_log" / f"{0:020}.json").stat().st_mtime_ns


def now() -> datetime:
    """Return the present moment in UTC, without a zone, as the books store it."""
    return datetime.now(UTC).replace(tzinfo=None)
