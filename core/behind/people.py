"""Who stands behind dependence on employees, ties, referrals, and returns by silence."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.breakdowns.people import departure_followed
from core.figures import people as figures
from core.figures.asked import Asked
from core.metrics import dependency, referrals, retention
from core.metrics.winback import lost_customers

_HOW = ("employee_id", "employee", "own_share", "own_last_on", "knows_nobody_else")


def dependents(asked: Asked, *, is_alone: bool = False) -> ir.Table:
    """Return the active customers who depend on one employee."""
    rows = _dependents(asked).mutate(counted=ibis.literal(1.0))
    return rows.filter(rows.uses_nobody_else) if is_alone else rows


def _dependents(asked: Asked) -> ir.Table:
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    handled = figures.handled_on(asked.view, lines, asked.as_of)
    return dependency.dependent_customers(lines, handled)


def share_dependent(asked: Asked) -> ir.Table:
    """Return the active customers with their value; that of the dependent is the share."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    found = _dependents(asked)
    names = [name for name in found.columns if name not in ("tier_name", "branch", "value")]
    rows = lines.filter(lines.is_active).select("customer_key", "value")
    rows = rows.left_join(found.select(*names), "customer_key").drop("customer_key_right")
    base = rows.value.cast("float64")
    return rows.mutate(base=base, counted=rows.employee_id.notnull().ifelse(base, 0.0))


def depending_on(asked: Asked, employee: str) -> ir.Table:
    """Return the customers who depend on one employee, with their value."""
    rows = _dependents(asked)
    return rows.filter(rows.employee_id == employee).mutate(counted=rows.value.cast("float64"))


def left_behind(asked: Asked, employee: str) -> ir.Table:
    """Return who depended on an employee on leaving; those lost in the follow-up are the share."""
    rows = departure_followed(asked.view, employee, asked.as_of)
    if rows is None:
        return asked.lines(asked.as_of).limit(0).mutate(counted=0.0, base=0.0, value_then=0.0)
    rows = rows.filter(rows.is_theirs).rename(value_then="value")
    return rows.mutate(counted=rows.is_lost.ifelse(1.0, 0.0), base=ibis.literal(1.0))


def one_product(asked: Asked) -> ir.Table:
    """Return the active buyers; those who buy from one category alone are the share."""
    lines = asked.lines(asked.as_of)
    bought = figures.categories_bought(asked.view, asked.as_of)
    rows = lines.filter(lines.is_active).select("customer_key").inner_join(bought, "customer_key")
    return rows.mutate(counted=(rows.categories == 1).ifelse(1.0, 0.0), base=ibis.literal(1.0))


def recommending(asked: Asked) -> ir.Table:
    """Return who recommended, in the 12 months judged; what became a customer is the share."""
    rows = asked.scoped(asked.view.ledger.table("referrals"))
    matured = figures.referrals_of(asked.view, rows, asked.all_lines(asked.as_of), asked.as_of)
    sums = referrals.referral_success(matured, by=("customer_key",))
    return sums.mutate(counted=sums.successes.cast("float64"), base=sums.referrals.cast("float64"))


def back_after(asked: Asked, silence_band: str) -> ir.Table:
    """Return those lost at the opening and silent for so long; who bought since is the share."""
    definitions = asked.view.definitions
    lost = lost_customers(
        asked.lines(asked.opened_on),
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    rows = retention.bought_since(lost, asked.all_lines(asked.as_of))
    rows = rows.filter(rows.silence_band == silence_band)
    rows = rows.select("customer_key", "silence_days", "is_returned")
    return rows.mutate(counted=rows.is_returned.ifelse(1.0, 0.0), base=ibis.literal(1.0))


BEHIND = {
    "dependency_share": Behind(share_dependent, "share", is_money=True, more=_HOW),
    "dependent_customers": Behind(dependents, more=_HOW),
    "dependent_alone": Behind(partial(dependents, is_alone=True), more=_HOW),
    "depends_on": Behind(depending_on, is_money=True, more=_HOW, values=("employee_id",)),
    "departure": Behind(
        left_behind, "share", more=("value_then",), values=("employee_id",), tables=("employees",)
    ),
    "one_product_share": Behind(one_product, "share", more=("categories",)),
    "referral_success": Behind(recommending, "share", more=("referrals",)),
    "silence_return": Behind(
        back_after, "share", more=("silence_days",), values=("silence_band",), is_movement=True
    ),
}
