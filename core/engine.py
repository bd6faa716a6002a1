"""Connections to the engine that builds and reads the ledger.

DuckDB 2.0.0 with Ibis 12.0.0: on 10 M orders the ledger takes about a fifth less time than with
1.5.6. The calls of Ibis that DuckDB 2.0 broke (``list_tables``, ``con.sql``,
``to_pyarrow_batches``, ``to_delta``) are not used; ``stream`` stands for the third of them.
"""

import atexit
import threading
from collections.abc import Collection
from functools import cache
from pathlib import Path

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from core import settings

# To merge each select with the one within takes Ibis a fifth of what a figure takes it; DuckDB does
# the same in no time.
ibis.options.sql.fuse_selects = False

_lock = threading.Lock()


def connect(home: Path) -> Backend:
    """Return a connection of the caller's own to an in-memory DuckDB that may read ``home`` only.

    One DuckDB connection must not be shared by threads: every caller takes its own and
    disconnects it when done. All of them share one instance, its memory and its caches.
    """
    with _lock:
        return ibis.duckdb.from_connection(_instance(home.resolve()).cursor())


@cache
def _instance(home: Path) -> duckdb.DuckDBPyConnection:
    chosen = settings.load()
    spill = home / "spill"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": chosen.memory_limit,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    if chosen.threads:
        config["threads"] = chosen.threads
    instance = duckdb.connect(":memory:", config=config)
    instance.execute("set parquet_metadata_cache = true")
    # The order matters: once outside access is off, the folders cannot be named any more.
    instance.execute("set allowed_directories = [?]", [f"{home}/"])
    instance.execute("set enable_external_access = false")
    # Left to the interpreter's end, its threads are still running when they are taken down.
    atexit.register(instance.close)
    return instance


def stream(expression: ir.Table, rows: int = 500_000) -> pa.RecordBatchReader:
    """Return the rows of ``expression`` as a stream of Arrow batches of at most ``rows`` rows."""
    backend = expression.get_backend()
    return backend.con.sql(ibis.to_sql(expression, dialect="duckdb")).to_arrow_reader(rows)


def count(table: ir.Table) -> int:
    """Return the number of rows of ``table``."""
    return int(table.count().to_pyarrow().as_py())


def small_table(con: Backend, rows: pa.Table) -> ir.Table:
    """Return ``rows`` as a table of the connection.

    Unlike Ibis's own memory tables, it can be read by SQL that was compiled before.
    """
    name = ibis.util.gen_name("small")
    con.con.register(name, rows)
    return con.table(name)


def kept(con: Backend, rows: ir.Table) -> ir.Table:
    """Return ``rows`` worked out once, as a table that lives as long as the connection."""
    return con.create_table(ibis.util.gen_name("kept"), rows, temp=True)


def named(con: Backend, rows: ir.Table) -> ir.Table:
    """Return ``rows`` under a name, as a view that lives as long as the connection.

    Ibis takes longer over a large expression than over its parts: what is compiled by itself is
    not gone through again with everything that is made of it. To be read once: DuckDB works a
    view out wherever it stands.
    """
    return _view(con, "named", con.compile(rows), rows.schema())


def _view(con: Backend, prefix: str, sql: str, schema: ibis.Schema) -> ir.Table:
    name = ibis.util.gen_name(prefix)
    con.con.execute(f'create temp view "{name}" as {sql}')
    place = ops.Namespace(catalog="temp", database="main")
    return ops.DatabaseTable(name, schema, con, place).to_expr()


def read_parquet(con: Backend, files: list[str], schema: pa.Schema, hive: bool = False) -> ir.Table:
    """Return the rows of ``files`` as a table of exactly ``schema``.

    A column that no file has is null; no file at all is an empty table. ``hive`` takes columns
    from the names of folders.
    """
    target = ibis.Schema.from_pyarrow(schema)
    if not files:
        return small_table(con, schema.empty_table())
    found = _files(con, tuple(files), hive)
    if tuple(found.schema().items()) == tuple(target.items()):
        return found  # casts to the same would be compiled with every figure
    return found.select(
        **{
            name: (found[name] if name in found.columns else ibis.null()).cast(dtype)
            for name, dtype in target.items()
        }
    )


_schemas: dict[tuple[tuple[str, ...], bool], ibis.Schema] = {}  # files never change


def _files(con: Backend, files: tuple[str, ...], hive: bool) -> ir.Table:
    """Return the rows of ``files``; what columns they have is asked once."""
    if (known := _schemas.get((files, hive))) is None:
        found = con.read_parquet(files, union_by_name=True, hive_partitioning=hive)
        if len(_schemas) > 10_000:
            _schemas.clear()
        _schemas[files, hive] = found.schema()
        return found
    names = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    given = f"[{names}], union_by_name = true, hive_partitioning = {hive}"
    return _view(con, "files", f"from read_parquet({given})", known)


def rows_where(
    con: Backend, files: list[str], schema: pa.Schema, column: str, values: Collection[int | str]
) -> pa.Table:
    """Return the rows of ``files`` of which ``column`` holds one of ``values``, in ``schema``.

    For the few rows of one customer, whose expressions would take longer to compile than to run.
    """
    if not files or not values:
        return schema.empty_table()
    found = con.con.read_parquet(files, union_by_name=True, hive_partitioning=True)
    place = duckdb.ColumnExpression(column)
    wanted = [duckdb.ConstantExpression(value) for value in values]
    # Row groups without the value are passed over for one value, not for a list of one.
    is_wanted = place == wanted[0] if len(wanted) == 1 else place.isin(*wanted)
    known = [duckdb.ColumnExpression(name) for name in schema.names if name in found.columns]
    rows = found.filter(is_wanted).select(*known).to_arrow_table()
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def name_files(con: Backend, name: str, files: list[str], schema: pa.Schema) -> None:
    """Let ``name`` stand for the rows of ``files``, whatever it stood for before.

    Expressions that were compiled with the name read the new files.
    """
    con.con.unregister(name)
    if files:
        found = con.con.read_parquet(files, hive_partitioning=True)
        found.create_view(name, replace=True)
    else:
        con.con.register(name, schema.empty_table())
