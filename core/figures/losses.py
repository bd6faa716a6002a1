"""Who was lost between two ledger days, and what the tables of a view say of why."""

from datetime import date

import ibis.expr.types as ir

from core import engine
from core.figures.evidence import brought, departed, has_departed
from core.metrics import churn_causes as why
from core.metrics.movement import movements
from core.metrics.winback import lost_customers
from core.periods import plus_months
from core.view import View

CAUSE_TABLES = ("departures", "complaints", "contracts", "employees")


def lost_since(
    view: View, opening: date, closing: date, is_on_margin: bool, by: str | None = None
) -> ir.Table:
    """Return who was lost between two ledger days, as ``churn_causes`` takes them.

    One row per customer: ``customer_key``, the column ``by`` (if any), ``value_lost`` (trailing 12
    months at the opening, as the bridge takes it off), ``last_on``, ``last_business_on`` and
    ``lost_on``.
    """
    place = ("lost", opening, closing, is_on_margin, by)
    if place not in view.known:
        lost = _lost(view, opening, closing, is_on_margin, by)
        view.known[place] = engine.kept(view.ledger.con, lost)
    return view.known[place]


def _lost(view: View, opening: date, closing: date, is_on_margin: bool, by: str | None) -> ir.Table:
    definitions = view.definitions
    if view.scope or by is not None or definitions.lapse_by_segment:
        before, after = (view.all_lines(day, is_on_margin) for day in (opening, closing))
    else:
        ends = (view.bare_lines_of([day], is_on_margin) for day in (opening, closing))
        before, after = (lines.mutate(is_in_scope=True) for lines in ends)
        # Who was not active is not lost, nor is who is.
        before, after = before.filter(before.is_active), after.filter(~after.is_active)
    moved = movements(before, after, opened_on=opening, by=by)
    lost = moved.filter(moved.movement == "lost")
    group = () if by is None else (by,)
    lost = lost.select(*group, _key="customer_key", value_lost="value_then")
    dated = lost_customers(
        after,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    ).select("customer_key", "last_on", "last_business_on", "lost_on")
    return lost.inner_join(dated, lost["_key"] == dated.customer_key).drop("_key")


def lost_with_causes(view: View, lost: ir.Table, opening: date, closing: date) -> ir.Table:
    """Return ``churn_causes.causes`` of ``lost_since`` from ``opening`` to ``closing``."""
    found = []
    if (stated := brought(view, "departures")) is not None:
        found.append(why.causes_stated(lost, stated, as_of=closing))
    if (complaints := brought(view, "complaints")) is not None:
        handled_badly = why.causes_of_complaints(
            lost,
            complaints,
            slow_after_days=view.definitions.complaint_within_days,
            quality_categories=view.definitions.quality_categories,
        )
        found.append(handled_badly)
    if (contracts := brought(view, "contracts")) is not None:
        found.append(why.causes_of_contracts(lost, contracts))
    if view.ledger.has("employees"):
        # Who was lost had the last business up to the longest lapse before.
        definitions = view.definitions
        tau = max([definitions.lapse_after_days, *definitions.lapse_by_segment.values()])
        since = plus_months(opening, -why.MONTHS - tau // 28 - 1)
        if has_departed(view, since, closing):
            gone = departed(view, since, closing, lost)
            found.append(why.causes_of_departures(lost, gone))
    return why.causes(lost, found)
