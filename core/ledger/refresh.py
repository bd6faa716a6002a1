"""The refresh: derived tables as a pure function of data version and definitions.

Only the days that an import touched are built anew. Whatever a killed refresh left is taken back
by the next; one row in ``refreshes`` makes a refresh real.
"""

import json
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from deltalake import DeltaTable

from core import engine
from core.definitions import Configuration
from core.errors import BooksError
from core.facts import KEEP_FOR_GOOD, Books, now
from core.ledger import cuts as cutting
from core.ledger import scopes
from core.ledger.entries import ENTRIES, entries, month_of, void_months
from core.ledger.lines import LINES, STEP, Facts, next_lines, step, with_tiers
from core.periods import is_month_end, ledger_days, month_start
from core.reading import REFRESHES, Reading, Refresh, refreshes

Progress = Callable[[str, float | None], None]


@dataclass
class _Build:
    books: Books
    reading: Reading
    configuration: Configuration
    base: Refresh | None
    since: date | None  # first day that changed since the base; null: everything
    say: Progress
    added: dict[str, str] = field(default_factory=dict)
    cuts: list[dict] = field(default_factory=list)
    entry_files: list[tuple[date, str]] = field(default_factory=list)  # month, file
    found: dict[date, cutting.Cuts] = field(default_factory=dict)


def refresh(
    books: Books,
    configuration: Configuration,
    *,
    version: int | None = None,
    progress: Progress | None = None,
) -> Refresh:
    """Build ledger and entries of a data version (the newest) under ``configuration``.

    If that was done before, the refresh made then is returned.

    Raises
    ------
    BooksError
        If there are no books, no such version, no dated sales, or somebody else writes.
    """
    started = time.monotonic()
    definitions = configuration.definitions
    with books.writer():
        chosen = books.version(version)
        done = refreshes(books)
        same = [r for r in done if r.definitions_version == definitions.version()]
        for former in same:
            if former.data_version == chosen.version:
                return former
        base = max(
            (r for r in same if r.data_version < chosen.version),
            key=lambda r: r.data_version,
            default=None,
        )
        published = base or (done[-1] if done else None)
        books.take_back("derived", published.tables if published else {})
        changed = [
            v.earliest_on
            for v in books.versions()
            if base and base.data_version < v.version <= chosen.version and v.earliest_on
        ]
        since = None if base is None else min(changed, default=base.data_date + timedelta(days=1))
        with Reading(books, chosen) as reading:
            build = _Build(books, reading, configuration, base, since, progress or _quiet)
            made = _publish(build, len(done) + 1, started)
        return made


def _quiet(text: str, share: float | None) -> None:
    """Say nothing."""


def _publish(build: _Build, number: int, started: float) -> Refresh:
    books, chosen = build.books, build.reading.version
    if chosen.data_date is None:
        raise BooksError("no_sales", version=chosen.version)
    build.say("entries", None)
    _write_entries(build)
    booked = _entries(build)
    first_on = booked.entered_on.min().to_pyarrow().as_py()
    days = ledger_days(first_on, chosen.data_date)
    kept = _kept_days(build, days)
    rebuilt = [day for day in days if day not in kept]
    _write_lines(build, booked, first_on, kept, rebuilt)
    tables = {
        f"derived/{path.name}": DeltaTable(path).version()
        for path in sorted(books.path("derived").glob("*"))
    }
    definitions = build.configuration.definitions
    made = Refresh(
        number, now(), chosen.version, definitions.version(), definitions.model_dump_json(),
        tables, first_on, chosen.data_date, rebuilt[0] if rebuilt else chosen.data_date,
        time.monotonic() - started,
    )  # fmt: skip
    row = {name: getattr(made, name) for name in REFRESHES.names} | {"tables": json.dumps(tables)}
    rows = pa.Table.from_pylist([row], schema=REFRESHES)
    books.append("refreshes", rows.to_reader(), KEEP_FOR_GOOD)
    return made


def _kept_days(build: _Build, days: list[date]) -> set[date]:
    """Return the ledger days of the base that still stand: month-ends before the first change."""
    if build.base is None or build.since is None:
        return set()
    former = ledger_days(build.base.first_on, build.base.data_date)
    return {d for d in former if d < build.since and is_month_end(d) and d in days}


def _write_entries(build: _Build) -> None:
    expression = entries(build.reading, build.configuration.books.currency)
    months = None
    if build.since is not None:
        months = _months_changed(build)
        expression = expression.filter(expression.month.isin(months))
    removed = _files(build, "entries", months)
    added = _write_partitioned(build, expression, "entries", "month")
    build.books.commit_files("derived/entries", ENTRIES, "month", added, removed)


def _months_changed(build: _Build) -> list[date]:
    """Return the months of entries that an import since the base can have changed."""
    assert build.since is not None
    stored = _entries(build)
    voided = void_months(build.reading, build.since)
    former = stored.filter(stored.voided_on >= build.since).select("month")
    later = stored.filter(stored.month >= month_start(build.since)).select("month")
    orders = build.reading.table("orders")
    new = orders.filter(orders.ordered_at >= build.since).select(month=month_of(orders.ordered_at))
    parts = [voided, former, later, new]
    for table, column in (("refunds", "refunded_at"), ("service_costs", "incurred_on")):
        rows = build.reading.table(table)
        dated = rows.filter(rows[column] >= build.since)
        parts.append(dated.select(month=month_of(dated[column])))
    cancelled = orders.filter(orders.cancelled_at >= build.since)
    parts.append(cancelled.select(month=month_of(cancelled.cancelled_at)))
    months = ibis.union(*parts, distinct=True).to_pyarrow()["month"].to_pylist()
    return sorted(months) or [month_start(build.since)]


def _entries(build: _Build) -> ir.Table:
    table = build.books.path("derived/entries")
    files = DeltaTable(table).file_uris()
    build.entry_files = [(_partition_day(f), f) for f in files]
    return engine.read_parquet(build.reading.con, files, ENTRIES, hive=True)


def _partition_day(file: str) -> date:
    return date.fromisoformat(Path(file).parent.name.split("=", 1)[1])


def _write_partitioned(
    build: _Build, expression: ir.Table, name: str, partition: str
) -> dict[str, str]:
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


def _files(build: _Build, name: str, days: Collection[date] | None) -> list[str]:
    """Return the files, relative to the table's folder, of some partitions or, for null, all."""
    folder = build.books.path(f"derived/{name}")
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    files = DeltaTable(folder).file_uris()
    return [
        str(Path(file).relative_to(folder))
        for file in files
        if days is None or _partition_day(file) in days
    ]


def _write_lines(
    build: _Build, booked: ir.Table, first_on: date, kept: set[date], rebuilt: list[date]
) -> None:
    con, definitions = build.reading.con, build.configuration.definitions
    stored = _table(build, "cuts", cutting.CUTS).to_pyarrow().to_pylist() if kept else []
    build.cuts = [row for row in stored if row["month_end"] in kept]
    previous = max(kept, default=None)
    _point(build, step(previous, rebuilt[0], None), previous)
    facts = _facts(build, booked)
    lines = next_lines(facts, definitions)
    # Compiled once: what the names stand for changes from day to day.
    sql = con.compile(lines)
    of_day = con.con.sql(sql).limit(0).to_arrow_table().schema
    con.create_table("lines_of_day", schema=ibis.Schema.from_pyarrow(of_day), temp=True)
    sql_tiered = con.compile(with_tiers(lines, facts.step).drop("month_end"))
    sql_of_day = con.compile(with_tiers(con.table("lines_of_day"), facts.step).drop("month_end"))
    for position, day in enumerate(rebuilt):
        build.say(day.isoformat(), position / len(rebuilt))
        serving = cutting.serving(day, first_on, definitions)
        is_own = serving is None or serving == day
        cuts = None if is_own else _cuts_of(build, serving)
        _point(build, step(previous, day, cuts), previous)
        if cuts is None:
            con.con.execute("truncate lines_of_day")
            con.con.execute(f"insert into lines_of_day {sql}")  # noqa: S608
            cuts = cutting.cut_points(con.table("lines_of_day"), day, definitions)
            _set_step(build, step(previous, day, cuts))
        build.found[day] = cuts
        build.cuts.append(cutting.row(day, cuts, serving is None))
        _write_day(build, sql_of_day if is_own else sql_tiered, day)
        previous = day
    _commit_lines(build, kept)


def _point(build: _Build, step: dict, previous: date | None) -> None:
    """Let the names that the compiled expressions read stand for the files of one step."""
    _set_step(build, step)
    con = build.reading.con
    before = [str(f) for f in _day_files(build, previous)] if previous else []
    engine.name_files(con, "before", before, LINES)
    came = (month_start(step["previous"]), step["day"])
    old = (month_start(step["old_from"]), step["old_until"])
    for name, (first, last) in (("came", came), ("old", old)):
        files = [f for month, f in build.entry_files if first <= month <= last]
        engine.name_files(con, name, files, ENTRIES)


def _set_step(build: _Build, step: dict) -> None:
    table = pa.Table.from_pylist([step], schema=STEP)
    build.reading.con.con.from_arrow(table).create_view("step", replace=True)


def _day_files(build: _Build, day: date) -> list[Path]:
    folder = build.books.path("derived/ledger")
    fresh = [folder / name for name, value in build.added.items() if value == day.isoformat()]
    return fresh or [folder / name for name in _files(build, "ledger", [day])]


def _write_day(build: _Build, sql: str, day: date) -> None:
    name = f"month_end={day.isoformat()}/{uuid.uuid4().hex[:12]}.parquet"
    path = build.books.path("derived/ledger") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    build.reading.con.con.sql(sql).write_parquet(str(path))
    build.added[name] = day.isoformat()


def _commit_lines(build: _Build, kept: set[date]) -> None:
    books = build.books
    removed = [f for f in _files(build, "ledger", None) if _partition_day(f) not in kept]
    books.commit_files("derived/ledger", LINES, "month_end", build.added, removed)
    books.overwrite("derived/cuts", pa.Table.from_pylist(build.cuts, schema=cutting.CUTS))


def _cuts_of(build: _Build, day: date) -> cutting.Cuts:
    """Return the cut-points that the lines of ``day``, a fiscal year's end, give themselves."""
    if day not in build.found or build.found[day].cut_on != day:
        files = [str(f) for f in _day_files(build, day)]
        lines = engine.read_parquet(build.reading.con, files, LINES, hive=True)
        build.found[day] = cutting.cut_points(lines, day, build.configuration.definitions)
    return build.found[day]


def _table(build: _Build, name: str, schema: pa.Schema) -> ir.Table:
    path = build.books.path(f"derived/{name}")
    files = DeltaTable(path).file_uris() if DeltaTable.is_deltatable(str(path)) else []
    return engine.read_parquet(build.reading.con, files, schema)


def _facts(build: _Build, booked: ir.Table) -> Facts:
    reading, con = build.reading, build.reading.con
    of_customers = booked.filter(booked.customer_key.notnull())
    came, old = con.table("came"), con.table("old")
    voided = of_customers.filter(of_customers.voided_on.notnull()).select("customer_key").distinct()
    revised = of_customers.filter(of_customers.orders > 0).semi_join(voided, "customer_key")
    revised = con.create_table(
        "revised", revised.select("customer_key", "entered_on", "voided_on"),
        temp=True, overwrite=True,
    )  # fmt: skip
    known = _table(build, "scopes", scopes.SCOPE_TABLE)
    named, spans = scopes.numbered(con, scopes.spans(reading), known)
    build.books.overwrite("derived/scopes", named.order_by("scope_key").to_pyarrow())
    is_blank = ibis.and_(*[named[name].isnull() for name in scopes.SCOPES])
    blank = named.filter(is_blank).scope_key.min().to_pyarrow().as_py()
    customers = reading.table("customers")
    joined = customers.filter(customers.joined_on.notnull()).select("customer_key", "joined_on")
    once = joined.group_by("customer_key").agg(joined_on=joined.joined_on.min())
    contracts = reading.table("contracts") if reading.has("contracts") else None
    definitions = build.configuration.definitions
    if contracts is not None and definitions.contracts_are_invoiced:
        contracts = contracts.mutate(monthly_value=ibis.null("decimal(18, 4)"))
    return Facts(
        con.table("step"),
        con.table("before"),
        came.filter(came.customer_key.notnull()),
        old.filter(old.customer_key.notnull()),
        revised, spans, blank, once, contracts, _lapse(build, named),
    )  # fmt: skip


def _lapse(build: _Build, named: ir.Table) -> ir.Table | None:
    by_segment = build.configuration.definitions.lapse_by_segment
    if not by_segment:
        return None
    days = pa.table({"segment": list(by_segment), "lapse_after_days": list(by_segment.values())})
    return named.inner_join(engine.small_table(build.reading.con, days), "segment").select(
        "scope_key", lapse_after_days=ibis._.lapse_after_days.cast("int64")
    )
