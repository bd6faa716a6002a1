"""Complaints and promises, told apart."""

import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.breakdowns.satisfaction import MONTHS, told_apart
from core.metrics.complaints import complaint_figures, complaint_states, complaints_per_thousand
from core.metrics.promises import due_promises, kept_rate
from core.periods import window_start
from core.view import View

_EACH = ("told_by", "group")


def complaints_told_apart(view: View, period: Period) -> ir.Table:
    """Return complaints of 12 months by month, branch, category and cause."""
    since = window_start(period.as_of, MONTHS)
    table = view.ledger.table("complaints")
    states = complaint_states(table, since=since, as_of=period.as_of)
    lines = view.lines(period.as_of)
    if view.scope:
        states = states.semi_join(lines, "customer_key")
    rows = told_apart(
        states,
        {
            "month": states.month.strftime("%Y-%m"),
            "branch": states.branch,
            "category": states.category,
            "cause": states.cause,
        },
    )
    found = complaint_figures(rows, by=_EACH)
    heads = complaints_per_thousand(states, lines, by=("branch",))
    heads = heads.select("active", "per_thousand", _branch="branch")
    is_branch = (found.told_by == "branch") & found.group.identical_to(heads["_branch"])
    return found.left_join(heads, is_branch)


def promises_told_apart(view: View, period: Period) -> ir.Table:
    """Return promises due in 12 months by quarter, kind and employee."""
    since = window_start(period.as_of, MONTHS)
    due = due_promises(view.ledger.table("promises"), since=since, as_of=period.as_of)
    if view.scope:
        due = due.semi_join(view.lines(period.as_of), "customer_key")
    rows = told_apart(
        due, {"quarter_from": due.quarter_from, "kind": due.kind, "employee_id": due.employee_id}
    )
    found = kept_rate(rows, by=_EACH)
    staff = view.ledger.table("employees").select(_staff="employee_id", employee="name")
    is_employee = (found.told_by == "employee_id") & (found.group == staff["_staff"])
    return found.left_join(staff, is_employee)


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "complaints", complaints_told_apart,
        (*_EACH, "opened", "open", "reopened", "response_hours_median", "response_hours_p90",
         "resolution_hours_median", "resolution_hours_p90", "active", "per_thousand"),
        _EACH, ("orders", "complaints"),
    ),
    Breakdown(
        "promises", promises_told_apart,
        (*_EACH, "employee", "due", "kept", "kept_late", "open", "kept_rate", "low", "high"),
        _EACH, ("orders", "promises"),
    ),
)  # fmt: skip
