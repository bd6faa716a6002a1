"""Lists of single matters: the overdue, open complaints, broken promises, dormant leads."""

from datetime import date

import ibis.expr.types as ir

from core.figures.evidence import open_leads, overdue_customers
from core.lists import sources
from core.metrics.at_risk import MONTHS
from core.metrics.complaints import open_complaints
from core.metrics.leads import dormant_leads
from core.metrics.promises import broken_promises
from core.periods import window_start
from core.view import View


def overdue_list(view: View, day: date) -> ir.Table:
    """Return the overdue with who they are."""
    late = overdue_customers(view, day)
    lines = sources.lines(view, day).select(
        "customer_key", "tier_name", "branch", "manager", "value", "last_on"
    )
    return lines.inner_join(late, "customer_key")


def complaints_list(view: View, day: date) -> ir.Table:
    """Return open complaints, with the value of the customer; the branch answers for it."""
    found = open_complaints(view.ledger.table("complaints"), as_of=day)
    return _valued(view, day, found, ("tier_name", "value"))


def promises_list(view: View, day: date) -> ir.Table:
    """Return the promises broken within 12 months, with the value of the customer."""
    since = window_start(day, MONTHS)
    found = broken_promises(view.ledger.table("promises"), since=since, as_of=day)
    return _valued(view, day, found, ("tier_name", "branch", "value"))


def leads_list(view: View, day: date) -> ir.Table:
    """Return dormant leads; in a scope, those of its customers only."""
    states = open_leads(view, day)
    found = dormant_leads(states, untouched_days=view.definitions.lead_untouched_days)
    return found.semi_join(view.lines(day), "customer_key") if view.scope else found


def _valued(view: View, day: date, found: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    """Add columns of the ledger line; in a scope, leave out customers outside it."""
    lines = sources.lines(view, day).select("customer_key", *columns)
    if view.scope:
        return found.inner_join(lines, "customer_key")
    return found.left_join(lines, "customer_key").drop("customer_key_right")
