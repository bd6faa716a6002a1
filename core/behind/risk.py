"""Who stands behind what may be lost next, and behind why what was lost was lost."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind, How, Rows
from core.figures import evidence as seen
from core.figures import losses
from core.figures.asked import Asked
from core.metrics.at_risk import REASONS
from core.metrics.early_warning import SIGNS

_WHY = ("side", "cause", "evidence", "noted_on", "lost_on")


def at_risk(asked: Asked, *, is_money: bool = False) -> ir.Table:
    """Return the customers at risk; where money counts, the overdue with what they brought."""
    found = seen.customers_at_risk(asked.view, asked.as_of, asked.is_on_margin(asked.as_of))
    if is_money:
        found = found.filter(found.overdue_on.notnull())
    stake = found.value_at_risk.cast("float64")
    return found.mutate(counted=stake if is_money else ibis.literal(1.0))


def share_at_risk(asked: Asked, *, is_money: bool = False) -> ir.Table:
    """Return the active customers; those at risk, or what they bring, are the share."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    found = seen.customers_at_risk(asked.view, asked.as_of, is_on_margin)
    lines = seen.active_lines(asked.view, asked.as_of, is_on_margin)
    active = lines.select(_key="customer_key", _value=lines.value.cast("float64"))
    rows = active.left_join(found, active["_key"] == found.customer_key)
    rows = rows.drop("customer_key").rename(customer_key="_key")
    base = rows["_value"] if is_money else ibis.literal(1.0)
    counted = rows.value_at_risk.cast("float64") if is_money else ibis.literal(1.0)
    return rows.mutate(base=base, counted=rows.reasons.notnull().ifelse(counted, 0.0))


def with_reason(asked: Asked, reason: str) -> ir.Table:
    """Return the customers at risk for one of ``REASONS``, with their value."""
    found = seen.customers_at_risk(asked.view, asked.as_of, asked.is_on_margin(asked.as_of))
    return _with_sign(found, REASONS, reason)


def warned(asked: Asked, *, is_money: bool = False) -> ir.Table:
    """Return the key accounts that give a warning."""
    found = seen.key_accounts(asked.view, asked.as_of, asked.is_on_margin(asked.as_of))
    counted = found.value.cast("float64") if is_money else ibis.literal(1.0)
    return found.filter(found.is_warned).mutate(counted=counted)


def with_sign(asked: Asked, sign: str) -> ir.Table:
    """Return the key accounts that give a warning and show one of ``SIGNS``, with their value."""
    return _with_sign(warned(asked), SIGNS, sign)


def _with_sign(found: ir.Table, known: tuple[str, ...], wanted: str) -> ir.Table:
    rows = found.mutate(counted=found.value.cast("float64"))
    return rows.filter(rows[f"{wanted}_on"].notnull() if wanted in known else False)


def lost(asked: Asked) -> ir.Table:
    """Return the customers lost since the opening with the cause of each."""
    opening = asked.opened_on
    is_on_margin = asked.is_on_margin(opening, asked.as_of)
    found = losses.lost_since(asked.view, opening, asked.as_of, is_on_margin)
    found = losses.lost_with_causes(asked.view, found, opening, asked.as_of)
    return found.rename(noted_on="evidence_on")


def share_known(asked: Asked, *, grades: tuple[str, ...]) -> ir.Table:
    """Return the lost; those whose cause is known by some grade of evidence are the share."""
    rows = lost(asked)
    known = rows.evidence.isin(grades).ifelse(1.0, 0.0)
    return rows.mutate(base=ibis.literal(1.0), counted=known)


def controllable(asked: Asked) -> ir.Table:
    """Return those lost to causes of the company, with their value at the opening."""
    rows = lost(asked)
    rows = rows.filter(rows.is_controllable.fill_null(False))
    return rows.mutate(counted=rows.value_lost.cast("float64"))


def share_controllable(asked: Asked) -> ir.Table:
    """Return the lost with their value; that lost to causes of the company is the share."""
    rows = lost(asked)
    rows = rows.mutate(base=rows.value_lost.cast("float64"))
    return rows.mutate(counted=rows.is_controllable.fill_null(False).ifelse(rows.base, 0.0))


def lost_to(asked: Asked, value: str, *, column: str) -> ir.Table:
    """Return those lost to a cause, or to causes of one side, with their value."""
    rows = lost(asked)
    return rows.filter(rows[column] == value).mutate(counted=rows.value_lost.cast("float64"))


def lost_of_tier(asked: Asked, tier: str, cause: str) -> ir.Table:
    """Return those of a tier at the opening who were lost to a cause, with their value."""
    opening = asked.opened_on
    is_on_margin = asked.is_on_margin(opening, asked.as_of)
    then = asked.all_lines(opening, is_on_margin)
    then = then.filter(then.tier_name == tier).select("customer_key")
    return lost_to(asked, cause, column="cause").semi_join(then, "customer_key")


def _reasoned(
    rows: Rows, reasons: tuple[str, ...], how: How = "sum", *, is_money: bool = False,
    values: tuple[str, ...] = (),
) -> Behind:  # fmt: skip
    more = ("reasons", "evidence_on")
    return Behind(rows, how, is_money=is_money, more=more, values=values, reasons=reasons)


def _lost_to(column: str) -> Behind:
    rows = partial(lost_to, column=column)
    return Behind(rows, is_money=True, more=_WHY, values=(column,), is_movement=True)


BEHIND = {
    "customers_at_risk": _reasoned(at_risk, REASONS),
    "at_risk_share": _reasoned(share_at_risk, REASONS, "share"),
    "value_at_risk": _reasoned(partial(at_risk, is_money=True), REASONS, is_money=True),
    "at_risk_value_share": _reasoned(
        partial(share_at_risk, is_money=True), REASONS, "share", is_money=True
    ),
    "risk_reason": _reasoned(with_reason, REASONS, is_money=True, values=("reason",)),
    "early_warning": _reasoned(warned, SIGNS),
    "early_warning_value": _reasoned(partial(warned, is_money=True), SIGNS, is_money=True),
    "warning_sign": _reasoned(with_sign, SIGNS, is_money=True, values=("reason",)),
    "churn_cause_known": Behind(
        partial(share_known, grades=("stated", "inferred")), "share", more=_WHY
    ),
    "churn_cause_stated": Behind(partial(share_known, grades=("stated",)), "share", more=_WHY),
    "controllable_loss": Behind(controllable, is_money=True, more=_WHY),
    "controllable_share": Behind(share_controllable, "share", is_money=True, more=_WHY),
    "loss_cause": _lost_to("cause"),
    "loss_side": _lost_to("side"),
    "loss_tier_cause": Behind(
        lost_of_tier, is_money=True, more=_WHY, values=("tier_name", "cause"), is_movement=True
    ),
}
