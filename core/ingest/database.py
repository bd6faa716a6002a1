"""Reads tables and queries of any database that SQLAlchemy knows: read only, streamed in chunks."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import sqlalchemy as sa
from ibis.backends.duckdb import Backend
from sqlalchemy import exc

from core.errors import SourceError
from core.ingest.reading import Part

CHUNK_ROWS = 20_000
_READ_ONLY = {
    "postgresql": "set transaction read only",
    "mysql": "set transaction read only",
    "mariadb": "set transaction read only",
    "oracle": "set transaction read only",
}


def shown(url: str) -> str:
    """Return the URL with its password hidden."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError:
        return url.partition("://")[0] + "://"


def tables(url: str, *, with_views: bool = True) -> list[str]:
    """Return the names of the tables and views. Raises SourceError if it cannot be opened."""
    with _connected(url) as connection:
        inspector = sa.inspect(connection)
        views = inspector.get_view_names() if with_views else []
        return sorted([*inspector.get_table_names(), *views])


def sample(url: str, from_: str, rows: int) -> tuple[list[str], list[list[str | None]]]:
    """Return the columns of a table or query and its first rows as texts."""
    with _connected(url) as connection, _executed(connection, url, from_) as result:
        names = _names(result, from_)
        found = result.fetchmany(rows)
        table = _arrow(list(found), len(names))
        return names, [list(row.values()) for row in table.to_pylist()]


def read(
    con: Backend, url: str, from_: str, name: str,
    progress: Callable[[str, float | None], None] | None = None,
) -> tuple[dict[str, str], list[Part]]:  # fmt: skip
    """Store every row of a table or query as texts in a new table ``name``.

    Parameters
    ----------
    con
        Staging connection.
    url
        SQLAlchemy URL.
    from_
        Name of a table or view (``schema.table`` too), or a query that begins with SELECT or WITH.
    name
        Table to create: ``_file`` and one text column per source column. Bytes become null.
    progress
        Told ``("read", None)`` after each chunk.

    Returns
    -------
    tuple
        Source column -> column of the table, and the one part read.

    Raises
    ------
    SourceError
        If the database cannot be opened, has no such table, or the query fails or would write.
    """
    with _connected(url) as connection, _executed(connection, url, from_) as result:
        names = _names(result, from_)
        slots = {column: f"c{at}" for at, column in enumerate(names)}
        texts = ", ".join(f"{slot} varchar" for slot in slots.values())
        con.con.execute(f"create table {name} (_file integer, {texts})")
        taken = 0
        while found := _fetched(result):
            con.con.register("chunk", _arrow(found, len(names)))
            con.con.execute(f"insert into {name} select 0, * from chunk")  # noqa: S608
            con.con.unregister("chunk")
            taken += len(found)
            if progress is not None:
                progress("read", None)
    label = from_ if len(from_) <= 60 else from_[:57] + "..."
    return slots, [Part(label, 0, taken)]


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """Open a connection that cannot write, and undo whatever was done on it."""
    try:
        parsed = sa.make_url(url)
        engine = _engine(parsed)
    except ModuleNotFoundError as error:
        raise SourceError("no_driver", driver=error.name, kind=url.partition("://")[0]) from error
    except (exc.ArgumentError, exc.NoSuchModuleError) as error:
        raise SourceError("no_database", source=shown(url), problem=_brief(error)) from error
    try:
        with engine.connect() as connection:
            before = _READ_ONLY.get(parsed.get_backend_name())
            if before:
                connection.execute(sa.text(before))
            yield connection
            connection.rollback()
    except exc.DBAPIError as error:
        raise SourceError("no_database", source=shown(url), problem=_brief(error)) from error
    finally:
        engine.dispose()


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url)
    # SQLite makes a missing file; opened by its own URI it is only ever read.
    if not url.database or not Path(url.database).is_file():
        raise SourceError("no_source", source=url.database or ":memory:")
    address = f"file:{quote(str(Path(url.database).resolve()))}?mode=ro"
    return sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))


def _is_query(from_: str) -> bool:
    return re.match(r"\s*(select|with)\b", from_, re.IGNORECASE) is not None


@contextmanager
def _executed(connection: sa.Connection, url: str, from_: str) -> Iterator[sa.CursorResult]:
    statement: sa.Executable
    if _is_query(from_):
        statement = sa.text(from_)
    elif re.match(r"\s*\w+\s", from_) and re.search(r"\b(from|into|table|set)\b", from_, re.I):
        raise SourceError("not_a_select", found=from_[:80])
    else:
        schema, name = _found(connection, url, from_)
        statement = sa.select(sa.text("*")).select_from(sa.table(name, schema=schema))
    options = {"stream_results": True, "yield_per": CHUNK_ROWS}
    try:
        result = connection.execution_options(**options).execute(statement)
    except (exc.DBAPIError, exc.ResourceClosedError) as error:
        raise SourceError("bad_query", problem=_brief(error)) from error
    with result:
        yield result


def _fetched(result: sa.CursorResult) -> list:
    try:
        return list(result.fetchmany(CHUNK_ROWS))
    except exc.DBAPIError as error:
        raise SourceError("bad_query", problem=_brief(error)) from error


def _found(connection: sa.Connection, url: str, from_: str) -> tuple[str | None, str]:
    """Return schema and name of a table as the database spells them."""
    inspector = sa.inspect(connection)
    present = [*inspector.get_table_names(), *inspector.get_view_names()]
    if from_ in present:
        return None, from_
    folded = {name.casefold(): name for name in present}
    if from_.casefold() in folded:
        return None, folded[from_.casefold()]
    schema, _, name = from_.rpartition(".")
    if schema and schema in inspector.get_schema_names():
        inside = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
        if name in inside:
            return schema, name
    raise SourceError(
        "no_database_table", source=shown(url), table=from_, tables=", ".join(sorted(present)[:60])
    )


def _names(result: sa.CursorResult, from_: str) -> list[str]:
    names = list(result.keys())
    for name in names:
        if names.count(name) > 1:
            raise SourceError("repeated_query_column", table=from_[:80], column=name)
    return names


def _arrow(rows: list, width: int) -> pa.Table:
    """Turn rows of whatever the driver returned into texts; bytes have none."""
    columns = [_texts([row[at] for row in rows]) for at in range(width)]
    return pa.Table.from_arrays(columns, names=[f"c{at}" for at in range(width)])


def _texts(values: list[object]) -> pa.Array:
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: object) -> str | None:
    if value is None or isinstance(value, bytes | bytearray | memoryview):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _brief(error: Exception) -> str:
    """Return what the driver said, without statement, parameters or address of help pages."""
    cause = getattr(error, "orig", None) or error
    return str(cause).partition("\n")[0][:200]
