"""What a refresh works with: the books, the base it starts from, and the files of its tables."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
from deltalake import DeltaTable

from core import engine
from core.definitions import Configuration
from core.facts import Books
from core.ledger.cuts import Cuts
from core.ledger.entries import ENTRIES
from core.reading import Reading, Refresh

Progress = Callable[[str, float | None], None]


@dataclass
class Build:
    """One refresh under way."""

    books: Books
    reading: Reading
    configuration: Configuration
    base: Refresh | None
    since: date | None  # first day that changed since the base; null: everything
    say: Progress
    added: dict[str, str] = field(default_factory=dict)
    cuts: list[dict] = field(default_factory=list)
    entry_files: list[tuple[date, str]] = field(default_factory=list)  # month, file
    found: dict[date, Cuts] = field(default_factory=dict)


def booked_entries(build: Build) -> ir.Table:
    """Return the entries as they stand, and note which file holds which month."""
    table = build.books.path("derived/entries")
    files = DeltaTable(table).file_uris()
    build.entry_files = [(partition_day(f), f) for f in files]
    return engine.read_parquet(build.reading.con, files, ENTRIES, hive=True)


def derived_table(build: Build, name: str, schema: pa.Schema) -> ir.Table:
    """Return a derived table as it stands; empty if there is none."""
    path = build.books.path(f"derived/{name}")
    files = DeltaTable(path).file_uris() if DeltaTable.is_deltatable(str(path)) else []
    return engine.read_parquet(build.reading.con, files, schema, hive=True)


def partition_files(build: Build, name: str, days: Collection[date] | None) -> list[str]:
    """Return the files, relative to the table's folder, of some partitions or, for null, all."""
    folder = build.books.path(f"derived/{name}")
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    files = DeltaTable(folder).file_uris()
    return [
        str(Path(file).relative_to(folder))
        for file in files
        if days is None or partition_day(file) in days
    ]


def partition_day(file: str) -> date:
    """Return the day that the folder of a file names."""
    return date.fromisoformat(Path(file).parent.name.split("=", 1)[1])


def write_partitioned(
    build: Build, expression: ir.Table, name: str, partition: str
) -> dict[str, str]:
    """Write rows into the folder of a derived table; return the files by their partition."""
    folder = build.books.path(f"derived/{name}")
    folder.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:12]
    build.reading.con.to_parquet(
        expression, folder, partition_by=(partition,), overwrite_or_ignore=True,
        filename_pattern=f"{mark}-{{i}}",
    )  # fmt: skip
    return {
        str(path.relative_to(folder)): path.parent.name.split("=", 1)[1]
        for path in folder.glob(f"*/{mark}-*.parquet")
    }
