"""Stages a source as a batch: reads it, makes canonical rows, and proves that no record is lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core import schema
from core.batch import CONTENT_ID, SEQ, UPDATED_AT, Batch
from core.ingest import alike, attributes, database, identity, read, rejects, rollup, rows, texts
from core.ingest.layers import Layers
from core.ingest.mapping import Mapping, TableMapping, is_content, used_columns
from core.ingest.reading import ROW, Part, Reading
from core.ingest.source import Place, resolve
from core.ingest.tables import PREFIX, count, drop_all, fetch, view
from core.ingest.values import Maker

Progress = Callable[[str, float | None], None]


@dataclass
class _Work:
    job: rows.Job
    place: Place
    progress: Progress
    readings: dict[str | None, Reading] = field(default_factory=dict)
    parts: dict[str | None, list[tuple[str, TableMapping]]] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def reading(self, from_: str | None) -> Reading:
        """Return the records that ``from_`` names, read once."""
        if from_ not in self.readings:
            found = read.read(
                self.job.con, self.place, from_, self.job.mapping.source, self.job.rejected,
                self.progress,
            )  # fmt: skip
            found.trimmed = _trimmed(self.job, found, from_)
            self.readings[from_] = found
            self.notes += [_read_as(part) for part in found.parts if part.details]
        return self.readings[from_]


def stage(
    source: str, mapping: Mapping, con: Backend, *, imported_on: date,
    progress: Progress | None = None,
) -> Batch:  # fmt: skip
    """Read ``source`` as ``mapping`` says and stage its rows in ``con``.

    Parameters
    ----------
    source
        A file, a folder, or an SQLAlchemy URL.
    mapping
        What its columns mean.
    con
        A connection of ``core.batch.staging``; every table lies there, so memory stays bounded.
    imported_on
        Day of the import: undated attributes hold from it, and facts dated later than the day
        after it are rejected.
    progress
        Told ``(stage, share done or None)``; stages are "read", "rows" and "check", whose names
        are the texts ``progress.<stage>``.

    Returns
    -------
    Batch
        Staged tables, rejects and counts. Records read = taken + rejected + left out, where a
        record with any reject is rejected (several parts of a mapping may each reject it), one
        that no part of the mapping keeps is left out, and every other is taken.

    Raises
    ------
    SourceError
        If the source cannot be read whole.
    MappingError
        If the mapping does not fit the source.
    """
    place = resolve(source)
    job = rows.Job(con, mapping, imported_on, rejects.create(con))
    work = _Work(job, place, progress or _quiet)
    try:
        tables = _tables(work)
        read_count = sum(reading.records for reading in work.readings.values())
        left_out = sum(_left_out(work, from_) for from_ in work.readings)
        if found := alike.customers(con, tables):
            work.notes.append(("alike", {"count": found[0], "example": found[1]}))
    finally:
        drop_all(con)
    return Batch(
        con=con,
        source=database.shown(place.url) if place.url else source,
        mapping=mapping.name,
        mapping_text=mapping.text,
        tables=tables,
        snapshots=mapping.snapshots,
        rolled_up=any(part.rollup for part in mapping.tables.get("orders", [])),
        rejects=job.rejected,
        rows_read=read_count,
        rows_left_out=left_out,
        notes=work.notes,
    )


def _trimmed(job: rows.Job, reading: Reading, from_: str | None) -> frozenset[str]:
    """Return the text columns that several parts use and that have nothing to trim.

    Trimming is the dearest of what is done to a text; this looks once instead of trimming often.
    """
    parts = [part for parts in job.mapping.tables.values() for part in parts if part.from_ == from_]
    if len(parts) < 2:
        return frozenset()
    extract = job.mapping.source.extract
    used = Counter(name for part in parts for name in {*used_columns(part), extract} - {None})
    table = reading.table
    often = [
        name for name, count in used.items()
        if count > 1 and isinstance(table[reading.slots.get(name, ROW)], ir.StringValue)
    ]  # fmt: skip
    if not often:
        return frozenset()
    dirty = {
        reading.slots[name]: texts.needs_trimming(table[reading.slots[name]]).max()  # pyright: ignore
        for name in often
    }
    found = fetch(job.con, table.aggregate(**dirty))[0]
    return frozenset(name for name, is_dirty in zip(often, found, strict=True) if not is_dirty)


def _read_as(part: Part) -> tuple[str, dict[str, object]]:
    kind = "read_sheet" if "sheet" in part.details else "read_text"
    return kind, {"file": part.name, **part.details}


def _quiet(stage: str, share: float | None) -> None:
    """Tell nobody."""


def _tables(work: _Work) -> dict[str, str]:
    """Stage every table of the mapping; return canonical name -> staged table."""
    con, mapping = work.job.con, work.job.mapping
    rolled = next((part for part in mapping.tables.get("orders", []) if part.rollup), None)
    inherits = rolled is not None and rolled.from_ is None
    wanted = [name for name in mapping.tables if not (name == "orders" and inherits)]
    staged: dict[str, str] = {}
    for at, table in enumerate(wanted):
        work.progress("rows", at / len(wanted))
        staged[table] = _table(work, table, rolled if inherits and table == "order_lines" else None)
    work.progress("check", None)
    if rolled is not None:
        lines = staged["order_lines"]
        staged["orders"] = (
            rollup.from_lines(con, lines, mapping.currency)
            if inherits
            else rollup.onto_orders(con, staged["orders"], lines)
        )
    return {name: _published(con, name, staged[name]) for name in schema.TABLES if name in staged}


def _table(work: _Work, table: str, rolled: TableMapping | None) -> str:
    """Stage every part of one canonical table; return a table or view with one row of each key."""
    con, parts = work.job.con, work.job.mapping.tables[table]
    pieces = [piece for part in parts for piece in attributes.melted(table, part)]
    names: list[str] = []
    for number, part in enumerate(pieces):
        reading = work.reading(part.from_)
        place = (len(pieces), number)
        name = rows.make(work.job, reading, table, part, place=place, rolled=rolled)
        if table == "customer_attributes":
            is_wide = part not in parts
            name = attributes.dated(con, name, part, work.job.imported_on, is_wide=is_wide)
        name = _keyed(work, reading, table, part, place, name)
        if part.changes_only and table == "customer_attributes":
            name = attributes.changes(con, name)
        if rolled is not None:
            name = _one_customer(work, reading, place, name)
        names.append(name)
    for part in parts:
        work.parts.setdefault(part.from_, []).append((table, part))
    if len(names) == 1:
        return names[0]
    together = view(con, f"{PREFIX}{table}_all", _union([con.table(one) for one in names]))
    key = identity.key_of(table, con.table(together).columns)
    if table == "customer_attributes":
        return identity.keep_one(con, together, key, "last", table)[0]
    return identity.merge(con, together, key)


def _keyed(
    work: _Work, reading: Reading, table: str, part: TableMapping, place: tuple[int, int], name: str
) -> str:
    """Give rows the keys that are made of content, and keep one row of each key."""
    con = work.job.con
    for column, operand in part.columns.items():
        if is_content(operand):
            scope = [f"{column}_scope"] if operand.within else []  # pyright: ignore
            name = identity.number_equal_rows(con, name, column, column, scope)
    if part.content_id is not None:
        customers = [c.name for c in schema.TABLES[table].columns if c.type == "customer"]
        scope = [one for one in customers if one in con.table(name).columns]
        name = identity.number_equal_rows(con, name, rows.CONTENT, CONTENT_ID, scope)
    key = identity.key_of(table, con.table(name).columns)
    name, gone = identity.keep_one(con, name, key, part.duplicates, table)
    if gone and part.duplicates == "reject":
        operands = [part.columns.get(column) for column in key]
        columns = tuple(one for one in operands if isinstance(one, str))
        fault = rejects.Fault(ibis.literal(True), "duplicate", columns, table)
        _reject(work, reading, place, f"{name}_losers", fault)
    elif gone:
        work.notes.append(("repeated", {"table": table, "count": gone}))
    return name


def _one_customer(work: _Work, reading: Reading, place: tuple[int, int], name: str) -> str:
    """Reject the lines of orders whose lines name different customers; return what is left."""
    mixed = rollup.mixed(work.job.con, name)
    if mixed is None:
        return name
    fault = rejects.Fault(ibis.literal(True), "several_customers", (), "orders")
    _reject(work, reading, place, mixed, fault)
    lines, bad = work.job.con.table(name), work.job.con.table(mixed)
    return view(work.job.con, f"{name}_agreed", lines.anti_join(bad, SEQ))


def _reject(
    work: _Work, reading: Reading, place: tuple[int, int], rejected: str, fault: rejects.Fault
) -> None:
    """Add the records behind staged rows (a table with ``_seq``) to the rejects."""
    staged = work.job.con.table(rejected)
    row = ((staged[SEQ] - place[1]) / place[0]).floor().cast("int64")
    faulty = f"{rejected}_faulty"
    work.job.con.create_table(faulty, staged.select(_fault=ibis.literal(0), **{ROW: row}))
    rejects.add(work.job.con, work.job.rejected, reading, faulty, [fault])


def _union(tables: list[ir.Table]) -> ir.Table:
    """Put tables under one another by column name; what one lacks is null there."""
    types = {name: kind for table in tables for name, kind in table.schema().items()}
    return ibis.union(
        *(
            table.select(
                **{
                    name: table[name] if name in table.columns else ibis.null(kind)
                    for name, kind in types.items()
                }
            )
            for table in tables
        )
    )


def _published(con: Backend, table: str, name: str) -> str:
    """Store the canonical columns and those of the contract; return the table's name."""
    staged = con.table(name)
    wanted = [*schema.TABLES[table].names, CONTENT_ID, UPDATED_AT, SEQ]
    columns = [column for column in wanted if column in staged.columns]
    con.create_table(f"staged_{table}", staged.select(*columns), overwrite=True)
    return f"staged_{table}"


def _left_out(work: _Work, from_: str | None) -> int:
    """Count the records that no part of the mapping keeps, empty ones included."""
    reading, parts = work.readings[from_], work.parts.get(from_, [])
    if any(not part.where for _, part in parts):
        return reading.empty
    layers = Layers(work.job.con, reading.table)
    maker = Maker(reading, work.job.mapping.source, parts[0][0], layers)
    try:
        while True:
            conditions = [rows.kept(maker, part) for _, part in parts]
            if not layers.is_growing:
                nobody = ~ibis.or_(*(one for one in conditions if one is not None))
                return reading.empty + count(work.job.con, layers.table.filter(nobody))
            layers.grow()
    finally:
        layers.drop()
