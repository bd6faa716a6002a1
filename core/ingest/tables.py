"""Small acts on staged tables that Ibis does not offer on DuckDB."""

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core.ingest.reading import quoted

PREFIX = "ingest_"  # of every table and view that does not outlive the staging


def fetch(con: Backend, table: ir.Table) -> list[tuple]:
    """Return the rows of an expression; for a few rows this is faster than through Arrow."""
    return con.con.execute(str(con.compile(table))).fetchall()


def count(con: Backend, table: ir.Table) -> int:
    """Return the number of rows."""
    return int(fetch(con, table.aggregate(n=table.count()))[0][0])


def view(con: Backend, name: str, made: ir.Table) -> str:
    """Create a view of ``made`` and return its name."""
    con.con.execute(f"create view {quoted(name)} as {con.compile(made)}")
    return name


def drop_all(con: Backend) -> None:
    """Drop every table and view that was only a step on the way."""
    rows = con.con.execute(
        "select table_name, table_type = 'VIEW' from information_schema.tables"
        " where starts_with(table_name, ?)",
        [PREFIX],
    ).fetchall()
    for name, is_view in rows:
        con.con.execute(f"drop {'view' if is_view else 'table'} if exists {quoted(name)}")
