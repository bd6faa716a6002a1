"""Figures of what goes wrong and is put right: complaints, recovery, promises."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir

from core import engine
from core.figures.asked import MONTHS, Asked, Cells, Group
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.figures.satisfaction import rate
from core.metrics import complaints as wrong
from core.metrics.intervals import wilson
from core.metrics.promises import due_promises, kept_rate
from core.metrics.recovery import complaint_recovery
from core.periods import is_month_end, window_start
from core.view import View

BEGINNING = date(1, 1, 1)
# Like customers are looked at on one month-end in so many: each serves the resolutions after it.
EVERY_MONTHS = 3
_COMPLAINTS = ("orders", "complaints")
_PROMISES = ("orders", "promises")
_TIMES = ("response", "resolution")


def states(asked: Asked) -> ir.Table:
    """Return the complaints of customers in scope opened in the last 12 months."""
    since = window_start(asked.as_of, MONTHS)
    table = asked.view.ledger.table("complaints")
    return asked.scoped(wrong.complaint_states(table, since=since, as_of=asked.as_of))


def complaints(asked: Asked) -> Cells:
    """Complaints opened in 12 months, how long they waited, how many were opened again."""
    rows = asked.rows(wrong.complaint_figures(states(asked), by=asked.column))
    cells = {group: _complaints(row) for group, row in rows}
    if asked.is_before_books(since := window_start(asked.as_of, MONTHS)):
        early = {"complaints_opened": _before_books(asked, since)}
        cells = {group: found | early for group, found in cells.items()}
        cells[()] = cells.get((), {}) | early
    return cells


def _complaints(row: Mapping) -> dict[str, Cell]:
    opened = row["opened"]
    cells = {
        "complaints_opened": Cell(opened, opened),
        "complaints_reopened": rate(row["reopened"], row["resolved"], "none_resolved"),
    }
    for what in _TIMES:
        for suffix, label in (("", "median"), ("_p90", "p90")):
            hours = row[f"{what}_hours_{label}"]
            reason = f"{what}_{label}_not_reached" if opened else "no_complaints"
            cells[f"complaint_{what}_hours{suffix}"] = (
                unknown(reason, opened) if hours is None else Cell(hours, opened)
            )
    return cells


def complaints_open(asked: Asked) -> Cells:
    """Complaints, whenever opened, that are open."""
    table = asked.view.ledger.table("complaints")
    waiting = asked.scoped(wrong.open_complaints(table, as_of=asked.as_of))
    rows = waiting.aggregate(by=asked.column, n=waiting.count().cast("int64"))
    return {group: {"complaints_open": Cell(row["n"], row["n"])} for group, row in asked.rows(rows)}


def per_thousand(asked: Asked) -> Cells:
    """Complaints of 12 months per 1,000 active customers."""
    if asked.is_before_books(since := window_start(asked.as_of, MONTHS)):
        return {(): {"complaints_per_1000": _before_books(asked, since)}}
    lines = asked.lines(asked.as_of)
    rows = wrong.complaints_per_thousand(states(asked), lines, by=asked.column)
    cells: Cells = {}
    for group, row in asked.rows(rows):
        known = Cell(row["per_thousand"], row["active"])
        nobody = unknown("nobody", 0)
        cells[group] = {"complaints_per_1000": known if row["active"] else nobody}
    return cells


def _before_books(asked: Asked, since: date) -> Cell:
    return unknown("window_before_books", from_on=since, first_on=asked.first_on)


def recovery(asked: Asked) -> Cells:
    """Who bought again after a complaint was resolved, against like customers."""
    return {
        group: recovery_cells(row, "recovery", "recovery_like", "recovery_gap", "none_resolved_old")
        for group, row in recovered(asked)
    }


def recovered(asked: Asked, quality: tuple[str, ...] = ()) -> list[tuple[Group, Mapping]]:
    """Return ``complaint_recovery`` of the resolutions of 12 months whose days have passed.

    With ``quality`` (words of their category), of complaints about quality alone.

    Like customers are those of the whole company, whatever the scope.
    """
    done = asked.scoped(resolved(asked.view, asked.as_of, quality))
    told = ("complaint_id", "customer_key", "resolved_on", *asked.column)
    done = engine.kept(asked.view.ledger.con, done.select(*told))  # read three times
    parts = compared(asked.view, asked.as_of)
    return asked.rows(complaint_recovery(done, **parts, by=asked.column))


def resolved(view: View, as_of: date, quality: tuple[str, ...] = ()) -> ir.Table:
    """Return the complaints whose resolution is to be followed, of customers in any scope."""
    since, until = _resolved_in(view, as_of)
    table = view.ledger.table("complaints")
    every = wrong.complaint_states(table, since=BEGINNING, as_of=as_of)
    done = every.filter((every.resolved_on >= since) & (every.resolved_on <= until))
    return done.filter(wrong.is_about_quality(done.category, quality)) if quality else done


def compared(view: View, as_of: date) -> dict[str, Any]:
    """Return what ``complaint_recovery`` holds the resolutions against, by its arguments."""
    whole = View(view.ledger)
    since, until = _resolved_in(whole, as_of)
    days = compared_days(whole.days, since, until)
    table = whole.ledger.table("complaints")
    complained = table.select("customer_key", opened_on=table.opened_at.cast("date"))
    first_on = whole.ledger.refresh.first_on
    return {
        "occasions": occasions_since(whole, days[0] if days else first_on, as_of),
        "lines": whole.bare_lines_of(days),
        "as_of": as_of,
        "days": days,
        "within_days": whole.definitions.recovery_within_days,
        "complained": complained.filter(complained.opened_on <= as_of),
    }


def _resolved_in(view: View, as_of: date) -> tuple[date, date]:
    """Return first and last day of the 12 months whose days of recovery have passed."""
    until = as_of - timedelta(days=view.definitions.recovery_within_days)
    return window_start(until, MONTHS), until


def occasions_since(view: View, since: date, as_of: date) -> ir.Table:
    """Return the occasions from ``since`` that stood at ``as_of``, of customers in any scope."""
    rows = view.entries(as_of, since=since)
    stands = rows.voided_on.isnull() | (rows.voided_on > as_of)
    rows = rows.filter((rows.orders > 0) & rows.customer_key.notnull() & stands)
    return rows.select("customer_key", occasion_on="entered_on")


def compared_days(days: list[date], since: date, until: date) -> list[date]:
    """Return the month-ends on which like customers are looked at: the last one before ``since``,
    or the first of the books, and every third after it up to ``until``."""
    ends = [day for day in days if is_month_end(day) and day < until]
    before = [day for day in ends if day < since]
    return ends[max(len(before) - 1, 0) :: EVERY_MONTHS]


def recovery_cells(
    row: Mapping, key: str, like_key: str, gap_key: str | None, nobody: str
) -> dict[str, Cell]:
    """Return a rate, that of like customers, and the difference, by their keys."""
    n, matched = row["resolved"], row["matched"]
    cells = {key: rate(row["returned"], n, nobody)}
    alone = (Note("unmatched", {"n": n - matched}),) if matched < n else ()
    if row["expected_rate"] is None:
        reason = unknown("nobody_alike" if n else nobody, 0)
        return cells | {like_key: reason} | ({gap_key: reason} if gap_key else {})
    cells[like_key] = Cell(row["expected_rate"], matched, note=alone)
    if gap_key:
        # That of like customers rests on many: only the own rate is uncertain.
        own = row["excess"] + row["expected_rate"]
        low, high = wilson(round(own * matched), matched)
        expected = row["expected_rate"]
        low, high = (None if end is None else end - expected for end in (low, high))
        cells[gap_key] = Cell(row["excess"], matched, low, high, alone)
    return cells


def promises(asked: Asked) -> Cells:
    """Promises that fell due in 12 months: the share kept in time, and those broken."""
    since = window_start(asked.as_of, MONTHS)
    table = asked.view.ledger.table("promises")
    due = asked.scoped(due_promises(table, since=since, as_of=asked.as_of))
    cells: Cells = {}
    for group, row in asked.rows(kept_rate(due, by=asked.column)):
        broken = row["due"] - row["kept"]
        cells[group] = {
            "promise_kept_rate": rate(row["kept"], row["due"], "none_due"),
            "promises_broken": Cell(broken, row["due"]),
        }
    if asked.is_before_books(since):
        cells = {g: f | {"promises_broken": _before_books(asked, since)} for g, f in cells.items()}
    return cells


FIGURES: tuple[FigureDefinition, ...] = (
    FigureDefinition(
        "complaints_opened", complaints, "count", "none", needs="any date", tables=_COMPLAINTS
    ),
    FigureDefinition(
        "complaints_open", complaints_open, "count", "down", "day", "any date", tables=_COMPLAINTS
    ),
    *(
        FigureDefinition(
            f"complaint_{what}_hours{suffix}", complaints, "hours", "down", needs="any date",
            tables=_COMPLAINTS, reference="Kaplan and Meier (1958)",
        )
        for what in _TIMES
        for suffix in ("", "_p90")
    ),
    FigureDefinition(
        "complaints_reopened", complaints, "rate", "down", needs="any date", tables=_COMPLAINTS
    ),
    FigureDefinition("complaints_per_1000", per_thousand, "ratio", "none", tables=_COMPLAINTS),
    FigureDefinition("recovery", recovery, "rate", "up", "N days", "any date", tables=_COMPLAINTS),
    FigureDefinition(
        "recovery_like", recovery, "rate", "none", "N days", "any date", tables=_COMPLAINTS
    ),
    FigureDefinition(
        "recovery_gap", recovery, "rate", "up", "N days", "any date", tables=_COMPLAINTS
    ),
    FigureDefinition(
        "promise_kept_rate", promises, "rate", "up", needs="any date", tables=_PROMISES
    ),
    FigureDefinition(
        "promises_broken", promises, "count", "down", needs="any date", tables=_PROMISES
    ),
)  # fmt: skip
