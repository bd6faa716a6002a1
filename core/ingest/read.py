"""Reads any source into DuckDB: files, folders, workbooks, Parquet, databases."""

import fnmatch
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import ibis
from ibis.backends.duckdb import Backend

from core.errors import SourceError
from core.ingest import database, parquet, text, workbook
from core.ingest.mapping import Source
from core.ingest.reading import ROW, Part, Reading
from core.ingest.rejects import Fault, add
from core.ingest.source import Place, files, kind_of
from core.ingest.tables import PREFIX

Progress = Callable[[str, float | None], None]
REPLACED = "\ufffd"


def read(
    con: Backend, place: Place, from_: str | None, source: Source, rejects: str,
    progress: Progress | None = None,
) -> Reading:  # fmt: skip
    """Read the records that ``from_`` names into ``con``.

    Parameters
    ----------
    con
        A staging connection.
    place
        What ``source.resolve`` found.
    from_
        File pattern of a folder, sheet of a workbook, table or query of a database; None for all.
    source
        How to read, as the mapping states it.
    rejects
        Table for the records that cannot be split into columns.
    progress
        Told ``("read", share done)``.

    Raises
    ------
    SourceError
        If something is missing, damaged, or not what it should be.
    """
    name = f"{PREFIX}raw_{uuid4().hex[:8]}"
    if place.url is not None:
        if from_ is None:
            tables = ", ".join(database.tables(place.url))
            raise SourceError("no_table_stated", tables=tables)
        slots, parts = database.read(con, place.url, from_, name, progress)
        return _numbered(con, name, slots, parts, rejects)
    paths = files(place, from_ if place.is_folder else None)
    kinds = {kind_of(path) for path in paths}
    is_sheet = not place.is_folder and from_ is not None and kinds == {"excel"}
    if not place.is_folder and not is_sheet and not fnmatch.fnmatch(paths[0].name, from_ or "*"):
        raise SourceError("not_this_file", file=paths[0].name, pattern=from_)
    if len(kinds) > 1:
        raise SourceError("mixed_kinds", files=", ".join(path.name for path in paths[:10]))
    kind = kinds.pop()
    if kind == "parquet":
        slots, parts = parquet.view(con, paths, name)
        _refuse_empty(parts)
        return Reading(con.table(name), slots, parts)
    if kind == "excel":
        sheet = from_ if is_sheet else None
        slots, parts = _workbooks(con, paths, source, sheet, name, progress)
    else:
        slots, parts = _texts(con, paths, source, name, rejects, progress)
    _refuse_empty(parts)
    return _numbered(con, name, slots, parts, rejects)


def create(con: Backend, name: str, names: list[str]) -> dict[str, str]:
    """Create an empty table of texts for the source columns ``names``; return their slots."""
    slots = {column: f"c{at}" for at, column in enumerate(names)}
    texts = ", ".join(f"{slot} varchar" for slot in slots.values())
    con.con.execute(f"create table {name} (_file integer, {texts})")
    return slots


def _texts(
    con: Backend, paths: list[Path], source: Source, name: str, rejects: str,
    progress: Progress | None,
) -> tuple[dict[str, str], list[Part]]:  # fmt: skip
    """Read text files under one another, matching columns by name."""
    found = [text.examine(path, source) for path in paths]
    names = list(dict.fromkeys(column for file in found for column in file.layout.names))
    slots = create(con, name, names)
    parts: list[Part] = []
    first = 0
    with TemporaryDirectory(dir=folder(con), prefix="text-") as copies:
        for number, file in enumerate(found):
            _tell(progress, number, len(found))
            own = [slots[column] for column in file.layout.names]
            part = text.read(
                con, file, name, own, number=number, first=first, folder=Path(copies),
                rejects=rejects,
            )  # fmt: skip
            parts.append(part)
            first += part.records
    return slots, parts


def _workbooks(
    con: Backend, paths: list[Path], source: Source, sheet: str | None, name: str,
    progress: Progress | None,
) -> tuple[dict[str, str], list[Part]]:  # fmt: skip
    """Read sheets under one another, matching columns by name."""
    places = [(path, one) for path in paths for one in workbook.choose(path, source, sheet)]
    found = [workbook.examine(path, one, source) for path, one in places]
    names = list(dict.fromkeys(column for each in found for column in each.names))
    slots = create(con, name, names)
    parts: list[Part] = []
    first = 0
    for number, each in enumerate(found):
        _tell(progress, number, len(found))
        own = ", ".join(slots[column] for column in each.names)
        taken = 0
        for batch in workbook.batches(each):
            con.con.register("batch", batch)
            con.con.execute(f"insert into {name} (_file, {own}) select {number}, * from batch")  # noqa: S608
            con.con.unregister("batch")
            taken += batch.num_rows
        label = each.path.name if len(places) == len(paths) else f"{each.path.name} [{each.sheet}]"
        parts.append(Part(label, first, taken, 0, each.details))
        first += taken
    return slots, parts


def _numbered(
    con: Backend, name: str, slots: dict[str, str], parts: list[Part], rejects: str
) -> Reading:
    """Give the records of a stored table their order; set apart empty and undecodable ones."""
    table = con.table(name)
    table = table.mutate(table.rowid().name(ROW))
    columns = list(slots.values())
    row = con.con.execute(
        f"select count(*) from {name} where coalesce({', '.join(columns)}) is null"  # noqa: S608
    ).fetchone()
    empty = int(row[0]) if row else 0
    if empty:
        table = table.filter(ibis.coalesce(*(table[slot] for slot in columns)).notnull())
    if any(part.details.get("is_clean") is False for part in parts):
        broken = ibis.or_(*(table[slot].contains(REPLACED).fill_null(False) for slot in columns))
        faulty = f"{name}_undecodable"
        con.create_table(faulty, table.filter(broken).select(ROW, _fault=ibis.literal(0)))
        fault = Fault(broken, "undecodable", (), None)
        add(con, rejects, Reading(table, slots, parts), faulty, [fault])
        table = table.filter(~broken)
    return Reading(table, slots, parts, empty)


def folder(con: Backend) -> str | None:
    """Return the folder in which the staging database lies; None for one in memory."""
    row = con.con.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchone()
    return str(Path(row[0]).parent) if row and row[0] else None


def _refuse_empty(parts: list[Part]) -> None:
    if not any(part.records + part.ragged for part in parts):
        raise SourceError("only_header", file=", ".join(part.name for part in parts[:5]))


def _tell(progress: Progress | None, done: int, of: int) -> None:
    if progress is not None:
        progress("read", done / of)
