"""Customers to listen to: the quiet who slow down, and how each one stands among the others."""

from datetime import date

import ibis
import ibis.expr.types as ir

from core.figures import attitudes
from core.figures.evidence import about_a_year_before, brought
from core.figures.people import categories_bought
from core.lists.work_list import PERSON, WorkList
from core.metrics.indicators import four_indicators
from core.metrics.surveys import asked_in
from core.metrics.ties import contracts_running
from core.periods import window_start
from core.view import View

MONTHS = 12


def silent_list(view: View, day: date) -> ir.Table:
    """Return the customers who slow down without a word; nobody where there is no year before."""
    lines = view.lines(day, view.is_on_margin(day))
    year_ago = about_a_year_before(view, day)
    return attitudes.quiet(view, lines, day, year_ago)


def indicators_list(view: View, day: date) -> ir.Table:
    """Return every active customer with the four indicators."""
    lines = view.lines(day, view.is_on_margin(day))
    asked = asked_in(view.ledger.table("surveys"), since=window_start(day, MONTHS), as_of=day)
    return four_indicators(lines, asked, ties_of(view, day))


def ties_of(view: View, day: date) -> ir.Table | None:
    """Return how many categories each customer bought from in 12 months and how many contracts
    run; null if the company brought neither."""
    parts = []
    if view.ledger.has("order_lines") and view.ledger.has("products"):
        found = categories_bought(view, day)
        parts.append(found.select("customer_key", ties="categories"))
    if (contracts := brought(view, "contracts")) is not None:
        found = contracts_running(contracts, as_of=day)
        parts.append(found.select("customer_key", ties="contracts"))
    if not parts:
        return None
    both = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return both.group_by("customer_key").agg(ties=both.ties.sum().cast("int64"))


LISTS = (
    WorkList(
        "silent", silent_list,
        (*PERSON, "tier_name", "branch", "manager", "value", "last_on", "silence_days",
         "mean_gap_days", "occasions_12m", "occasions_before", "asked"),
        ("value",), tables=("surveys", "complaints"), is_call_list=True,
    ),
    WorkList(
        "indicators", indicators_list,
        (*PERSON, "tier_name", "segment", "branch", "manager", "value", "satisfaction", "loyalty",
         "contribution", "dependence", "satisfaction_by", "dependence_by"),
        ("value",),
    ),
)  # fmt: skip
