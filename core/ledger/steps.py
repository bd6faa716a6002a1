"""The ledger lines of a refresh: written month-end by month-end, committed once."""

import uuid
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.ledger import cuts as cutting
from core.ledger import scopes
from core.ledger.build import Build, derived_table, partition_day, partition_files
from core.ledger.entries import ENTRIES
from core.ledger.lines import LINES, STEP, Facts, next_lines, step, with_tiers
from core.periods import month_start
from core.reading import Reading


def write_lines(
    build: Build, booked: ir.Table, first_on: date, kept: set[date], rebuilt: list[date]
) -> None:
    """Write the lines of the days in ``rebuilt``, from the last of ``kept`` on, and commit them."""
    con, definitions = build.reading.con, build.configuration.definitions
    stored = derived_table(build, "cuts", cutting.CUTS).to_pyarrow().to_pylist() if kept else []
    build.cuts = [row for row in stored if row["month_end"] in kept]
    previous = max(kept, default=None)
    _point(build, step(previous, rebuilt[0], None), previous)
    facts = _facts(build, booked, previous)
    lines = next_lines(facts, definitions)
    # Compiled once: what the names stand for changes from day to day.
    lines = con.create_view("lines_next", lines, overwrite=True)
    con.con.execute("create temp table lines_of_day as from lines_next limit 0")
    sql_tiered = con.compile(with_tiers(lines, facts.step).drop("month_end"))
    sql_of_day = con.compile(with_tiers(con.table("lines_of_day"), facts.step).drop("month_end"))
    for position, day in enumerate(rebuilt):
        build.say(day.isoformat(), position / len(rebuilt))
        serving = cutting.serving(day, first_on, definitions)
        is_own = serving is None or serving == day
        cuts = None if serving is None or serving == day else _cuts_of(build, serving)
        _point(build, step(previous, day, cuts), previous)
        if cuts is None:
            con.con.execute("truncate lines_of_day")
            con.con.execute("insert into lines_of_day from lines_next")
            cuts = cutting.cut_points(con.table("lines_of_day"), day, definitions)
            _set_step(build, step(previous, day, cuts))
        build.found[day] = cuts
        build.cuts.append(
            cutting.row(day, cuts, cutting.is_provisional(day, first_on, definitions))
        )
        _write_day(build, sql_of_day if is_own else sql_tiered, day)
        previous = day
    _commit_lines(build, kept)


def _point(build: Build, row: dict, previous: date | None) -> None:
    """Let the names that the compiled expressions read stand for the files of one step."""
    _set_step(build, row)
    con = build.reading.con
    before = [str(f) for f in _day_files(build, previous)] if previous else []
    engine.name_files(con, "before", before, LINES)
    came = (month_start(row["previous"]), row["day"])
    old = (month_start(row["old_from"]), row["old_until"])
    for name, (first, last) in (("came", came), ("old", old)):
        files = [f for month, f in build.entry_files if first <= month <= last]
        engine.name_files(con, name, files, ENTRIES)


def _set_step(build: Build, row: dict) -> None:
    table = pa.Table.from_pylist([row], schema=STEP)
    build.reading.con.con.from_arrow(table).create_view("step", replace=True)


def _day_files(build: Build, day: date) -> list[Path]:
    folder = build.books.path("derived/ledger")
    fresh = [folder / name for name, value in build.added.items() if value == day.isoformat()]
    return fresh or [folder / name for name in partition_files(build, "ledger", [day])]


def _write_day(build: Build, sql: str, day: date) -> None:
    name = f"month_end={day.isoformat()}/{uuid.uuid4().hex[:12]}.parquet"
    path = build.books.path("derived/ledger") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    con = build.reading.con
    # DuckDB's sums are wider than what the table says.
    types = con.compiler.type_mapper
    exact = ", ".join(
        f"{name}::{types.to_string(dtype)} as {name}"
        for name, dtype in ibis.Schema.from_pyarrow(LINES).items()
        if name != "month_end"
    )
    copy = f"copy (select {exact} from ({sql})) to ? (format parquet)"  # noqa: S608 - our own
    con.con.execute(copy, [str(path)])
    build.added[name] = day.isoformat()


def _commit_lines(build: Build, kept: set[date]) -> None:
    books = build.books
    removed = [f for f in partition_files(build, "ledger", None) if partition_day(f) not in kept]
    books.commit_files("derived/ledger", LINES, "month_end", build.added, removed)
    books.overwrite("derived/cuts", pa.Table.from_pylist(build.cuts, schema=cutting.CUTS))


def _cuts_of(build: Build, day: date) -> cutting.Cuts:
    """Return the cut-points that the lines of ``day``, a fiscal year's end, give themselves."""
    if day not in build.found or build.found[day].cut_on != day:
        files = [str(f) for f in _day_files(build, day)]
        lines = engine.read_parquet(build.reading.con, files, LINES, hive=True)
        build.found[day] = cutting.cut_points(lines, day, build.configuration.definitions)
    return build.found[day]


def _facts(build: Build, booked: ir.Table, previous: date | None) -> Facts:
    reading, con = build.reading, build.reading.con
    of_customers = booked.filter(booked.customer_key.notnull())
    came, old = con.table("came"), con.table("old")
    later = of_customers.voided_on > (previous or scopes.BEGINNING)
    voided = of_customers.filter(later).select("customer_key").distinct()
    revised = of_customers.filter(of_customers.orders > 0).semi_join(voided, "customer_key")
    revised = con.create_table(
        "revised", revised.select("customer_key", "entered_on", "voided_on"),
        temp=True, overwrite=True,
    )  # fmt: skip
    known = derived_table(build, "scopes", scopes.SCOPE_TABLE)
    named, spans = scopes.numbered(con, scopes.spans(reading, previous), known)
    build.books.overwrite("derived/scopes", named.order_by("scope_key").to_pyarrow())
    is_blank = ibis.and_(*[named[name].isnull() for name in scopes.SCOPES])
    blank = named.filter(is_blank).scope_key.min().to_pyarrow().as_py()
    contracts = reading.table("contracts") if reading.has("contracts") else None
    definitions = build.configuration.definitions
    if contracts is not None and definitions.contracts_are_invoiced:
        contracts = contracts.mutate(monthly_value=ibis.null("decimal(18, 4)"))
    return Facts(
        con.table("step"),
        con.table("before"),
        came.filter(came.customer_key.notnull()),
        old.filter(old.customer_key.notnull()),
        revised, spans, blank, _known_since(reading), contracts, _lapse(build, named),
    )  # fmt: skip


def _known_since(reading: Reading) -> ir.Table:
    """Return since when each customer is known without a purchase: joined, or a contract begun."""
    customers = reading.table("customers")
    joined = customers.filter(customers.joined_on.notnull()).select("customer_key", "joined_on")
    begun = reading.table("contracts").select("customer_key", joined_on="started_on")
    both = joined.union(begun)
    return both.group_by("customer_key").agg(joined_on=both.joined_on.min())


def _lapse(build: Build, named: ir.Table) -> ir.Table | None:
    by_segment = build.configuration.definitions.lapse_by_segment
    if not by_segment:
        return None
    days = pa.table({"segment": list(by_segment), "lapse_after_days": list(by_segment.values())})
    return named.inner_join(engine.small_table(build.reading.con, days), "segment").select(
        "scope_key", lapse_after_days=ibis._.lapse_after_days.cast("int64")
    )
