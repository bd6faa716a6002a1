"""The refresh: derived tables as a pure function of data version and definitions.

Only the days that an import touched are built anew. Whatever a killed refresh left is taken back
by the next; one row in ``refreshes`` makes a refresh real.
"""

import json
import time
from datetime import date, timedelta

import ibis
import pyarrow as pa
from deltalake import DeltaTable

from core.definitions import Configuration
from core.errors import BooksError
from core.facts import KEEP_FOR_GOOD, Books, now
from core.ledger.build import (
    Build,
    Progress,
    booked_entries,
    partition_files,
    write_partitioned,
)
from core.ledger.entries import ENTRIES, entries, month_of, void_months, without_rate
from core.ledger.gaps import write_gaps
from core.ledger.purchases import write_purchases
from core.ledger.steps import write_lines
from core.periods import is_month_end, ledger_days, month_start
from core.reading import REFRESHES, Reading, Refresh, refreshes

DERIVED = {
    f"derived/{name}"
    for name in ("entries", "gaps", "purchases", "purchase_lines", "ledger", "scopes", "cuts")
}


def refresh(
    books: Books,
    configuration: Configuration,
    *,
    version: int | None = None,
    progress: Progress | None = None,
) -> Refresh:
    """Build ledger and entries of a data version (the newest) under ``configuration``.

    If that was done before, the refresh made then is returned; if it lacks a table that was not
    kept yet in its time, that is added in a refresh of its own.

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
            if former.data_version == chosen.version and former.tables.keys() >= DERIVED:
                return former
        base = max(
            (r for r in same if r.data_version <= chosen.version),
            key=lambda r: (r.data_version, r.refresh),
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
            build = Build(books, reading, configuration, base, since, progress or _quiet)
            made = _publish(build, len(done) + 1, started)
        return made


def _quiet(text: str, share: float | None) -> None:
    """Say nothing."""


def _publish(build: Build, number: int, started: float) -> Refresh:
    books, chosen = build.books, build.reading.version
    if chosen.data_date is None:
        raise BooksError("no_sales", version=chosen.version)
    build.say("entries", None)
    _refuse_unknown_rates(build)
    months = None if build.since is None else _months_changed(build, build.since)
    former, added = _write_entries(build, months)
    booked = booked_entries(build)
    write_gaps(build, booked, former, added)
    write_purchases(build, booked, months)
    first_on = booked.entered_on.min().to_pyarrow().as_py()
    days = ledger_days(first_on, chosen.data_date)
    kept = _kept_days(build, days)
    rebuilt = [day for day in days if day not in kept]
    if rebuilt:
        write_lines(build, booked, first_on, kept, rebuilt)
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


def _refuse_unknown_rates(build: Build) -> None:
    currency = build.configuration.books.currency
    unknown = without_rate(build.reading, currency)
    found = unknown.group_by("currency").agg(n=unknown.count(), first=unknown.ordered_on.min())
    for row in found.order_by("currency").limit(1).to_pyarrow().to_pylist():
        raise BooksError("no_rate", books=currency, **row)


def _kept_days(build: Build, days: list[date]) -> set[date]:
    """Return the ledger days of the base that still stand: month-ends before the first change."""
    if build.base is None or build.since is None:
        return set()
    former = ledger_days(build.base.first_on, build.base.data_date)
    return {d for d in former if d < build.since and is_month_end(d) and d in days}


def _write_entries(build: Build, months: list[date] | None) -> tuple[list[str], list[str]]:
    """Write the entries of months that may have changed (null: all).

    Returns the files replaced, and those written.
    """
    expression = entries(build.reading, build.configuration.books.currency, months)
    removed = partition_files(build, "entries", months)
    added = write_partitioned(build, expression, "entries", "month")
    build.books.commit_files("derived/entries", ENTRIES, "month", added, removed)
    return removed, list(added)


def _months_changed(build: Build, since: date) -> list[date]:
    """Return the months of entries that an import since the base can have changed."""
    stored = booked_entries(build)
    voided = void_months(build.reading, since)
    former = stored.filter(stored.voided_on >= since).select("month")
    later = stored.filter(stored.month >= month_start(since)).select("month")
    orders = build.reading.table("orders")
    new = orders.filter(orders.ordered_at >= since).select(month=month_of(orders.ordered_at))
    parts = [voided, former, later, new]
    for table, column in (("refunds", "refunded_at"), ("service_costs", "incurred_on")):
        rows = build.reading.table(table)
        dated = rows.filter(rows[column] >= since)
        parts.append(dated.select(month=month_of(dated[column])))
    cancelled = orders.filter(orders.cancelled_at >= since)
    parts.append(cancelled.select(month=month_of(cancelled.cancelled_at)))
    months = ibis.union(*parts, distinct=True).to_pyarrow()["month"].to_pylist()
    return sorted(months) or [month_start(since)]
