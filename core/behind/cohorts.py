"""Who stands behind a cell of the cohorts."""

import re
from datetime import date
from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.figures.asked import Asked
from core.periods import is_month_end, month_end, month_start, plus_months
from core.view import View


def cohort(asked: Asked, month: str) -> ir.Table:
    """Return who first bought in a month, given as ``2026-01``."""
    return _members(asked, _month(month)).mutate(counted=ibis.literal(1.0))


def bought(asked: Asked, month: str, k: str, *, is_since: bool = False) -> ir.Table:
    """Return the customers of a cohort; who bought in month k, or from then on, is the share."""
    first, from_on, to_on = _cell(asked, month, k)
    until = asked.as_of if is_since else to_on
    occasions = View(asked.view.ledger).occasions(asked.as_of)
    came = occasions.filter(occasions.occasion_on.between(from_on, until))
    days = came.group_by(_came=came.customer_key).agg(_days=came.count().cast("int64"))
    rows = _members(asked, first)
    rows = rows.left_join(days, rows.customer_key == days["_came"])
    return rows.select(
        "customer_key",
        "first_on",
        occasions=rows["_days"].fill_null(0),
        base=ibis.literal(1.0),
        counted=rows["_days"].notnull().cast("float64"),
    )


def money(asked: Asked, month: str, k: str) -> ir.Table:
    """Return the customers of a cohort with what they brought in month k, refunds taken off."""
    first, from_on, to_on = _cell(asked, month, k)
    entries = asked.view.entries(asked.as_of, since=from_on)
    booked = entries.filter(entries.entered_on <= to_on)
    net = (booked.gross - booked.returned).sum().cast("float64")
    sums = booked.group_by(_payer=booked.customer_key).agg(_net=net)
    rows = _members(asked, first)
    rows = rows.left_join(sums, rows.customer_key == sums["_payer"])
    return rows.select(
        "customer_key", "first_on", base=ibis.literal(1.0), counted=rows["_net"].fill_null(0.0)
    )


def _members(asked: Asked, first: date) -> ir.Table:
    lines = asked.lines(asked.as_of)
    rows = lines.filter(lines.first_on.between(first, month_end(first)))
    return rows.select("customer_key", "first_on")


def _cell(asked: Asked, month: str, k: str) -> tuple[date, date, date]:
    """Return the month of a cohort, and first and last day of month k after it.

    While that month is open, nobody: the cell is not known yet.
    """
    first = _month(month)
    months = int(k) if re.fullmatch(r"\d{1,2}", k) else 0
    from_on = plus_months(first, months) if first > date.min else first
    to_on = month_end(from_on)
    is_closed = to_on < month_start(asked.as_of) or (
        is_month_end(asked.as_of) and to_on <= asked.as_of
    )
    return (first if is_closed else date.min), from_on, to_on


def _month(text: str) -> date:
    """Return the first day of a month; one before all books where it is none."""
    known = re.fullmatch(r"([1-9]\d{3})-(0[1-9]|1[0-2])", text)
    return date(int(known[1]), int(known[2]), 1) if known else date.min


_CELL = ("cohort", "months_since")
BEHIND = {
    "cohort": Behind(cohort, values=("cohort",), more=("first_on",)),
    "cohort_bought": Behind(bought, "share", values=_CELL, more=("first_on", "occasions")),
    "cohort_bought_since": Behind(
        partial(bought, is_since=True), "share", values=_CELL, more=("first_on", "occasions")
    ),
    "cohort_money": Behind(money, "share", is_money=True, values=_CELL, more=("first_on",)),
}
