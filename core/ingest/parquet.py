"""Reads Parquet files: typed columns, records numbered by their place in the file."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from core.errors import SourceError
from core.ingest.layout import check_names
from core.ingest.reading import FILE_STEP, Part, literal, quoted

MANY_GROUPS = 16


def columns(path: Path) -> list[str]:
    """Return the names of the columns. Raises SourceError if the file is damaged."""
    try:
        names = list(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(
            "unreadable", file=path.name, problem=str(error).partition("\n")[0][:200]
        ) from error
    check_names(names, path.name)
    return names


def view(con: Backend, paths: list[Path], name: str) -> tuple[dict[str, str], list[Part]]:
    """Make a view or table ``name`` of the files, one under the other, with ``_row`` and ``_file``.

    Columns are matched by name; one that a file lacks is null there.

    Returns
    -------
    tuple
        Source column -> column of the view, and one part per file.
    """
    present = [columns(path) for path in paths]
    union = list(dict.fromkeys(column for names in present for column in names))
    slots = {column: f"c{at}" for at, column in enumerate(union)}
    parts, selects = [], []
    for number, (path, names) in enumerate(zip(paths, present, strict=True)):
        taken = ", ".join(
            f"{quoted(column)} as {slot}" if column in names else f"null as {slot}"
            for column, slot in slots.items()
        )
        selects.append(
            f"select {number}::int as _file, {number * FILE_STEP}::bigint + file_row_number as _row, "  # noqa: S608, E501
            f"{taken} from read_parquet({literal(str(path))}, file_row_number = true)"
        )
        parts.append(Part(path.name, number * FILE_STEP, _count(con, path), 0, {}))
    # DuckDB reads a row group with one thread: a file of few large ones is copied first.
    groups = sum(pq.read_metadata(path).num_row_groups for path in paths)
    kind = "view" if groups >= MANY_GROUPS else "table"
    con.con.execute(f"create {kind} {name} as {' union all '.join(selects)}")
    return slots, parts


def _count(con: Backend, path: Path) -> int:
    try:
        row = con.con.execute(
            f"select count(*) from read_parquet({literal(str(path))})"  # noqa: S608
        ).fetchone()
    except duckdb.Error as error:
        problem = str(error).partition("\n")[0][:200]
        raise SourceError("unreadable", file=path.name, problem=problem) from error
    return int(row[0]) if row else 0
