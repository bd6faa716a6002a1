"""One import, one new data version: a batch enters the books whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from deltalake import DeltaTable

from core import engine
from core.batch import REJECTS, Batch
from core.changes import Change, compare, keyed
from core.earliest import first_day_changed, last_day
from core.facts import (
    CUSTOMER_IDS,
    KEEP_FOR_GOOD,
    LAYOUT,
    ROW_COLUMNS,
    WITHOUT_STATISTICS,
    Books,
    Version,
    now,
)
from core.schema import TABLES, TableSchema

Progress = Callable[[str, float | None], None]
AREAS = ("facts", "persons")
# Orders are compared after their lines, so that amounts can follow the lines.
_ORDER = sorted(TABLES, key=lambda name: (name == "orders", name))


@dataclass(frozen=True)
class Report:
    """What an import did; ``version`` is null where it changed nothing."""

    version: int | None
    source: str
    counts: dict[str, dict[str, int]]
    rows_read: int
    rows_left_out: int
    rejected: int
    earliest_on: date | None
    is_withdrawal_held: bool = False  # rows were rejected, so missing rows were not withdrawn


@dataclass
class _Import:
    books: Books
    batch: Batch
    base: Version | None
    source: str
    new: dict[str, ir.Table] = field(default_factory=dict)  # keyed rows of each table

    @cached_property
    def rejected(self) -> int:
        """Records of which something was rejected."""
        if self.batch.rejects is None:
            return 0
        rejects = self.batch.con.table(self.batch.rejects)
        return engine.count(rejects.select("file", "row").distinct())

    @property
    def number(self) -> int:
        return (self.base.version if self.base else 0) + 1

    def stored(self, name: str, schema: pa.Schema) -> ir.Table | None:
        """Return Delta table ``name`` as last published, or null if it was never written."""
        if self.base is None or name not in self.base.tables:
            return None
        files = self.books.files(name, self.base.tables)
        return engine.read_parquet(self.batch.con, files, schema)

    def facts(self, table: str) -> ir.Table | None:
        return self.stored(f"facts/{table}", self.books.fact_schema(table))


def publish(
    books: Books, batch: Batch, *, currency: str, progress: Progress | None = None
) -> Report:
    """Take a batch into the books as one new data version.

    Rows are merged by key. Equal rows change nothing; a changed row is a correction; in tables
    that the mapping calls snapshots, a row of the same source that is missing is withdrawn, unless
    rows were rejected: a rejected row is not a missing one. An
    import that changes nothing makes no version.

    Raises
    ------
    BooksError
        If somebody else writes to the books.
    """
    say = progress or (lambda text, share: None)
    with books.writer():
        versions = books.versions()
        base = versions[-1] if versions else None
        for area in AREAS:
            books.take_back(area, base.tables if base else {})
        books.drop_history("persons", base.tables if base else {})
        work = _Import(books, batch, base, batch.mapping or batch.source)
        keys, new_keys = _customer_keys(work)
        changes: dict[str, Change] = {}
        personal: dict[str, Change] = {}
        for name in _ORDER:
            if name in batch.tables:
                say(name, None)
                changes[name], persons = _table_change(work, TABLES[name], keys)
                if persons is not None:
                    personal[name] = persons
        rejects = _new_rejects(work)
        counts = {name: dict(change.counts) for name, change in changes.items()}
        is_held = bool(batch.snapshots and work.rejected)
        report = Report(
            None, batch.source, counts, batch.rows_read, batch.rows_left_out, work.rejected, None,
            is_held,
        )  # fmt: skip
        everything = [*changes.values(), *personal.values()]
        if all(change.is_empty for change in everything) and rejects is None:
            return report
        earliest_on = first_day_changed(batch.con, changes, work.facts)
        _write(work, changes, personal, new_keys, rejects, say)
        version = _version(work, counts, earliest_on, currency)
        books.publish(version)
        return replace(report, version=version.version, earliest_on=earliest_on)


def _customer_keys(work: _Import) -> tuple[ir.Table, ir.Table | None]:
    con = work.batch.con
    columns = [
        con.table(staged)[column.name].name("customer_id")
        for name, staged in work.batch.tables.items()
        for column in TABLES[name].columns
        if column.type == "customer" and column.name in con.table(staged).columns
    ]
    stored = work.stored("persons/customer_ids", CUSTOMER_IDS)
    known = stored if stored is not None else engine.small_table(con, CUSTOMER_IDS.empty_table())
    if not columns:
        return known, None
    found = (
        ibis.union(*[c.as_table() for c in columns], distinct=True)
        if len(columns) > 1
        else (columns[0].as_table().distinct())
    )
    found = found.filter(found.customer_id.notnull()).anti_join(known, "customer_id")
    last = known.customer_key.max().fill_null(0).as_scalar()
    fresh = con.create_table(
        "new_keys",
        found.select(
            customer_key=(last + 1 + ibis.row_number().over(order_by=found.customer_id)).cast(
                "int64"
            ),
            customer_id=found.customer_id,
        ),
        overwrite=True,
    )
    keys = con.create_table("keys", known.union(fresh), overwrite=True)
    return keys, fresh if engine.count(fresh) else None


def _table_change(
    work: _Import, schema: TableSchema, keys: ir.Table
) -> tuple[Change, Change | None]:
    con = work.batch.con
    new, repeated = keyed(con, con.table(work.batch.tables[schema.name]), schema, keys)
    stored = work.facts(schema.name)
    work.new[schema.name] = new
    if schema.name == "customer_attributes" and stored is not None:
        new = con.create_table("new_attributes", _without_known_values(new, stored))
    if schema.name == "orders" and work.batch.rolled_up and stored is not None:
        new = con.create_table("new_rolled_up", _rolled_up(work, new, stored))
    is_snapshot = schema.name in work.batch.snapshots and not work.rejected
    change = compare(
        con, new, stored, schema.fact_key, schema.fact_columns,
        source=work.source, is_snapshot=is_snapshot,
    )  # fmt: skip
    change.counts["repeated"] = repeated
    if not any(c.name in new.columns for c in schema.personal_columns):
        return change, None
    persons_schema = pa.schema([*schema.personal_schema(), *ROW_COLUMNS])
    persons = compare(
        con, new, work.stored(f"persons/{schema.name}", persons_schema),
        schema.fact_key, schema.personal_columns, source=work.source, is_snapshot=is_snapshot,
    )  # fmt: skip
    return change, persons


def _without_known_values(new: ir.Table, stored: ir.Table) -> ir.Table:
    """Leave out an undated value that the customer has already, if the import says no more."""
    key = ["customer_key", "attribute"]
    last = stored.valid_from == stored.valid_from.max().over(group_by=key)
    known = stored.filter(last & stored.valid_to.isnull()).select(*key, "value")
    single = new.filter(new.count().over(group_by=key) == 1)
    told = single.filter(~single.is_dated).semi_join(known, [*key, "value"])
    return new.anti_join(told, key)


def _rolled_up(work: _Import, new: ir.Table, stored: ir.Table) -> ir.Table:
    """Give orders the sums of all their lines, those of earlier imports included."""
    sums = [c for c in ("amount", "cost", "discount") if c in new.columns]
    lines = work.facts("order_lines")
    first = stored.select(order_id=stored.order_id, _first_at=stored.ordered_at)
    new = new.left_join(first, "order_id").drop("order_id_right")
    new = new.mutate(ordered_at=ibis.least(new.ordered_at, new["_first_at"])).drop("_first_at")
    if lines is None:
        return new
    brought = work.new["order_lines"]
    columns = ["order_id", "line_id", *(c for c in sums if c in brought.columns)]
    old = lines.semi_join(new, "order_id").anti_join(brought, ["order_id", "line_id"])
    both = old.select(*columns).union(brought.select(*columns))
    totals = both.group_by("order_id").agg(
        **{f"{c}_total": both[c].sum().cast("decimal(18, 4)") for c in columns[2:]}
    )
    joined = new.left_join(totals, "order_id").drop("order_id_right")
    return joined.mutate(**{c: joined[f"{c}_total"] for c in columns[2:]}).drop(
        *[f"{c}_total" for c in columns[2:]]
    )


def _new_rejects(work: _Import) -> ir.Table | None:
    if work.batch.rejects is None:
        return None
    found = work.batch.con.table(work.batch.rejects).select(*REJECTS.names)
    schema = pa.schema([*REJECTS, pa.field("_version", pa.int64())])
    stored = work.stored("persons/rejects", schema)
    if stored is not None:
        known = stored.select(*REJECTS.names)
        joined = [found[c].identical_to(known[c]) for c in REJECTS.names]
        found = found.anti_join(known, joined)
    return found if engine.count(found) else None


def _write(
    work: _Import,
    changes: dict[str, Change],
    personal: dict[str, Change],
    new_keys: ir.Table | None,
    rejects: ir.Table | None,
    say: Progress,
) -> None:
    books = work.books
    if new_keys is not None:
        books.append("persons/customer_ids", engine.stream(new_keys), WITHOUT_STATISTICS)
    for name, change in changes.items():
        say(name, None)
        _write_change(work, f"facts/{name}", TABLES[name], change, KEEP_FOR_GOOD)
    for name, change in personal.items():
        _write_change(work, f"persons/{name}", TABLES[name], change, WITHOUT_STATISTICS)
    if rejects is not None:
        rows = rejects.mutate(_version=ibis.literal(work.number, "int64"))
        books.append("persons/rejects", engine.stream(rows), WITHOUT_STATISTICS)


def _write_change(
    work: _Import, name: str, schema: TableSchema, change: Change, configuration: dict[str, str]
) -> None:
    on = " and ".join(f"stored.{k} = new.{k}" for k in schema.fact_key)
    path = work.books.path(name)
    if change.corrected is not None:
        DeltaTable(path).merge(
            engine.stream(_stamped(work, change.corrected)), on, "new", "stored",
            merge_schema=True, writer_properties=LAYOUT,
        ).when_matched_update_all().execute()  # fmt: skip
    if change.withdrawn is not None:
        gone = engine.stream(change.withdrawn.select(*schema.fact_key))
        DeltaTable(path).merge(
            gone, on, "new", "stored", writer_properties=LAYOUT
        ).when_matched_delete().execute()
    if change.inserted is not None:
        rows = _stamped(work, change.inserted)
        if schema.dated_by in rows.columns:
            rows = rows.order_by(schema.dated_by)  # files are read by day
        work.books.append(name, engine.stream(rows), configuration)


def _stamped(work: _Import, rows: ir.Table) -> ir.Table:
    return rows.mutate(
        _version=ibis.literal(work.number, "int64"), _source=ibis.literal(work.source)
    )


def _version(
    work: _Import, counts: dict[str, dict[str, int]], earliest_on: date | None, currency: str
) -> Version:
    tables = {
        f"{area}/{path.name}": DeltaTable(path).version()
        for area in AREAS
        for path in sorted(work.books.path(area).glob("*"))
    }
    version = Version(
        work.number, now(), work.batch.source, work.batch.mapping, work.batch.mapping_text,
        tables, counts, None, earliest_on, currency,
    )  # fmt: skip
    return replace(version, data_date=last_day(work.books, version, work.batch.con))
