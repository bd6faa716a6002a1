"""Gaps: the days between the occasions of each customer, in order, as they stood at any day.

The median gap of a million customers is asked for by many figures; ordering all their occasions
each time takes longer than all else that those figures do.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.ledger.build import Build, derived_table
from core.ledger.entries import ENTRIES
from core.ledger.scopes import BEGINNING, END
from core.metrics.overdue import LEAST_GAPS, closed_gaps, median_of

GAPS = pa.schema(
    [
        ("customer_key", pa.int64()),
        # The days [from_on, to_on) at whose end these occasions stood: an occasion that is voided
        # makes the gaps others from that day on. A day within them has seen the first gaps only.
        ("from_on", pa.date32()),
        ("to_on", pa.date32()),
        ("gap_days", pa.list_(pa.int32())),
        # How many, and their median: read without the arrays, where no gap has closed since.
        ("gaps", pa.int64()),
        ("median_gap_days", pa.float64()),
    ]
)


def gaps(booked: ir.Table) -> ir.Table:
    """Return the gaps of every customer with two occasions, as ``GAPS``.

    Parameters
    ----------
    booked
        ``ENTRIES`` of all of history.
    """
    is_occasion = (booked.orders > 0) & booked.customer_key.notnull()
    occasions = booked.filter(is_occasion).select(
        "customer_key", "voided_on", occasion_on="entered_on"
    )
    # Most customers had no occasion voided: theirs need no look at when.
    voided = occasions.filter(occasions.voided_on.notnull())
    names = voided.select("customer_key").distinct()
    steady = closed_gaps(occasions.anti_join(names, "customer_key"))
    steady = steady.mutate(from_on=ibis.literal(BEGINNING), to_on=ibis.literal(END))
    spans = _spans(voided)
    pairs = occasions.inner_join(spans, "customer_key")
    standing = pairs.filter(pairs.voided_on.isnull() | (pairs.voided_on >= pairs.to_on))
    revised = closed_gaps(standing, by=("from_on", "to_on"))
    names = ("customer_key", "from_on", "to_on", "gap_days")
    both = steady.select(*names).union(revised.select(*names))
    days = both.gap_days
    return both.mutate(gaps=days.length().cast("int64"), median_gap_days=median_of(days))


def _spans(voided: ir.Table) -> ir.Table:
    """Return the spans of days, cut at each day on which an occasion was voided."""
    since = voided.select("customer_key", from_on="voided_on")
    starts = since.union(since.mutate(from_on=ibis.literal(BEGINNING)), distinct=True)
    following = starts.from_on.lead().over(ibis.window(group_by="customer_key", order_by="from_on"))
    return starts.mutate(to_on=following.fill_null(END))


def write_gaps(build: Build, booked: ir.Table, former: Sequence[str], added: Sequence[str]) -> None:
    """Write the gaps; those of customers whose occasions did not change are taken over.

    Parameters
    ----------
    booked
        All entries as they stand.
    former, added
        Files of entries, relative to their table, that this refresh replaced and wrote.
    """
    fresh = gaps(booked)
    if build.base is not None and "derived/gaps" in build.base.tables:
        changed = _changed(build, former, added)
        known = derived_table(build, "gaps", GAPS).anti_join(changed, "customer_key")
        fresh = gaps(booked.semi_join(changed, "customer_key")).union(known)
    rows = engine.stream(fresh).cast(GAPS)
    build.books.overwrite("derived/gaps", rows)


def _changed(build: Build, former: Sequence[str], added: Sequence[str]) -> ir.Table:
    """Return the customers with an occasion that is new, gone or voided on another day."""
    before, after = (_occasions(build, files) for files in (former, added))
    other = ibis.union(before.difference(after), after.difference(before))
    found = other.select("customer_key").distinct()
    return build.reading.con.create_table("gaps_changed", found, temp=True, overwrite=True)


def _occasions(build: Build, files: Sequence[str]) -> ir.Table:
    folder: Path = build.books.path("derived/entries")
    paths = [str(folder / file) for file in files]
    rows = engine.read_parquet(build.reading.con, paths, ENTRIES, hive=True)
    rows = rows.filter((rows.orders > 0) & rows.customer_key.notnull())
    return rows.select("customer_key", "entered_on", "voided_on")


def with_gaps(lines: ir.Table, known: ir.Table, day: date) -> ir.Table:
    """Add to ledger lines of ``day`` the gaps that had closed by then.

    Parameters
    ----------
    lines
        Ledger lines of ``day``.
    known
        ``GAPS``.
    day
        A ledger day.

    Returns
    -------
    ``lines`` with ``gap_days`` (array of int32, at least 1, in order; null with one occasion).
    """
    standing = known.filter((known.from_on <= day) & (known.to_on > day))
    standing = standing.select(_key="customer_key", _gaps="gap_days")
    rows = lines.left_join(standing, lines.customer_key == standing["_key"])
    # Of a day in the past the later gaps are known too: the line tells how many had closed.
    closed = (rows.occasions >= 2).ifelse(
        rows["_gaps"][: rows.occasions - 1], ibis.null("array<int32>")
    )
    return rows.mutate(gap_days=closed).drop("_key", "_gaps")


def with_rhythm(lines: ir.Table, known: ir.Table, day: date) -> ir.Table:
    """Add to ledger lines of ``day`` how many gaps had closed by then, and their median.

    Parameters
    ----------
    lines, known, day
        As ``with_gaps``.

    Returns
    -------
    ``lines`` with ``gaps`` (int64) and ``median_gap_days`` (float64; null with fewer gaps than
    make a rhythm).
    """
    standing = known.filter((known.from_on <= day) & (known.to_on > day)).select(
        _key="customer_key", _gaps="gaps", _median="median_gap_days", _days="gap_days"
    )
    rows = lines.left_join(standing, lines.customer_key == standing["_key"])
    closed = ibis.greatest(rows.occasions.cast("int64") - 1, 0)
    median = ibis.cases(
        (closed < LEAST_GAPS, ibis.null("float64")),
        (rows["_gaps"] == closed, rows["_median"]),
        # Who has come since then, or whose gaps were written before they were counted.
        else_=median_of(rows["_days"][: rows.occasions - 1]),
    )
    return rows.mutate(gaps=closed, median_gap_days=median).drop(
        "_key", "_gaps", "_median", "_days"
    )
