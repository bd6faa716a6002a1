"""Figures of what is to be expected: who should come again in the next days."""

from datetime import date

import ibis.expr.types as ir

from core import engine
from core.figures.asked import Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, unknown
from core.metrics.next_expected import gaps_of_like, is_between, next_expected
from core.metrics.overdue import LEAST_GAPS
from core.view import View

DAYS = 30
LIKE = "segment"


def expected_purchases(view: View, lines: ir.Table, as_of: date) -> ir.Table:
    """Return ``next_expected`` of ``lines``; like customers are those of the segment, anywhere."""
    everywhere = View(view.ledger)
    everybody = everywhere.with_gaps(everywhere.lines(as_of), as_of)
    first = everybody.gap_days[:LEAST_GAPS]
    everybody = everybody.select("customer_key", "occasions", "last_on", LIKE, gap_days=first)
    everybody = engine.kept(view.ledger.con, everybody)  # read once for each k
    alike = gaps_of_like(everybody, None, as_of=as_of, like=LIKE)
    active = view.with_rhythm(lines.filter(lines.is_active), as_of)
    return next_expected(active, None, alike, like=LIKE)


def expected(asked: Asked) -> Cells:
    """Active customers who are expected to buy in the next 30 days."""
    lines = asked.lines(asked.as_of)
    rows = expected_purchases(asked.view, lines, asked.as_of)
    is_soon = is_between(rows, as_of=asked.as_of, days=DAYS)
    sums = rows.aggregate(
        by=asked.column,
        known=rows.expected_on.count().cast("int64"),
        soon=is_soon.sum().cast("int64").fill_null(0),
    )
    return {
        group: {
            "expected_next_30": Cell(row["soon"], row["known"])
            if row["known"]
            else unknown("no_rhythm", 0)
        }
        for group, row in asked.rows(sums)
    }


FIGURES = (FigureDefinition("expected_next_30", expected, "customers", "none", "history"),)
