"""Cohorts by the month of the first purchase: who came in each month after, with what money."""

import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.figure import Note
from core.metrics import cohorts as metric
from core.periods import is_month_end
from core.view import View

UP_TO = 24  # months after the first


def cohorts(view: View, period: Period) -> ir.Table:
    """Return ``cohort_retention`` of the view."""
    return _cells(view, period).rename(
        cohort_size="size",
        bought_again="bought",
        bought_again_since="bought_since",
        bought_rate="rate",
        bought_rate_since="rate_since",
    )


def average(view: View, period: Period) -> ir.Table:
    """Return ``cohort_average`` of the view."""
    found = metric.cohort_average(_cells(view, period))
    return found.rename(cohort_size="size", bought_rate="rate", bought_rate_since="rate_since")


def money(view: View, period: Period) -> ir.Table:
    """Return ``cohort_money`` of the view."""
    day = period.as_of
    found = metric.cohort_money(view.entries(day), _firsts(view, period), as_of=day, up_to=UP_TO)
    return found.rename(cohort_size="size")


def _cells(view: View, period: Period) -> ir.Table:
    # What stands outside the scope is left out by the firsts already.
    occasions = View(view.ledger).occasions(period.as_of)
    firsts = _firsts(view, period)
    return metric.cohort_retention(occasions, firsts, as_of=period.as_of, up_to=UP_TO)


def _firsts(view: View, period: Period) -> ir.Table:
    return view.lines(period.as_of).select("customer_key", "first_on")


def _open(_: View, period: Period) -> tuple[Note, ...]:
    return () if is_month_end(period.as_of) else (Note("open_month"),)


BREAKDOWNS = (
    Breakdown(
        "cohorts", cohorts,
        ("cohort", "months_since", "cohort_size", "bought_again", "bought_rate",
         "bought_again_since", "bought_rate_since"),
        ("cohort", "months_since"), notes=_open,
    ),
    Breakdown(
        "cohort-money", money, ("cohort", "months_since", "cohort_size", "net", "net_per_customer"),
        ("cohort", "months_since"), notes=_open,
    ),
    Breakdown(
        "cohort-average", average,
        ("months_since", "cohort_size", "bought_rate", "bought_rate_since"), ("months_since",),
        notes=_open,
    ),
)  # fmt: skip
