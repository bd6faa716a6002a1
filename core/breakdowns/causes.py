"""Why customers were lost, why others are at risk, and how many of the lost come back unasked."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.definitions import TIERS
from core.figures import evidence as seen
from core.figures import losses
from core.figures.figure import Note
from core.lists import sources
from core.metrics import early_warning as early
from core.metrics.at_risk import REASONS, risk_reasons
from core.metrics.churn_causes import churn_causes
from core.metrics.intervals import wilson
from core.view import View


def causes(view: View, period: Period) -> ir.Table:
    """Return ``churn_causes`` of those lost since the opening; empty where there is none."""
    opening = period.opening or view.days[0]
    is_on_margin = view.is_on_margin(opening, period.as_of)
    lost = losses.lost_since(view, opening, period.as_of, is_on_margin)
    return churn_causes(losses.lost_with_causes(view, lost, opening, period.as_of))


def causes_by_tier(view: View, period: Period) -> ir.Table:
    """Return those lost since the opening by their tier then and the cause of their loss."""
    opening = period.opening or view.days[0]
    is_on_margin = view.is_on_margin(opening, period.as_of)
    lost = losses.lost_since(view, opening, period.as_of, is_on_margin)
    found = losses.lost_with_causes(view, lost, opening, period.as_of)
    then = view.all_lines(opening).select("customer_key", "tier", "tier_name")
    rows = found.inner_join(then, "customer_key")
    return rows.group_by("tier", "tier_name", "side", "cause").agg(
        heads=rows.count().cast("int64"), value_lost=rows.value_lost.sum()
    )


def reasons(view: View, period: Period) -> ir.Table:
    """Return ``risk_reasons`` of the day."""
    is_on_margin = view.is_on_margin(period.as_of)
    return risk_reasons(seen.customers_at_risk(view, period.as_of, is_on_margin))


def warning_signs(view: View, period: Period) -> ir.Table:
    """Return ``early_warning.warning_signs`` of the day."""
    return early.warning_signs(
        seen.key_accounts(view, period.as_of, view.is_on_margin(period.as_of))
    )


def return_rates(view: View, period: Period) -> ir.Table:
    """Return how many of the lost came back by themselves, by last tier and length of silence."""
    found = sources.spontaneous_returns(view, period.as_of)
    low, high = wilson(found.returned, found.return_n)
    is_enough = found.return_rate.notnull()
    names = dict(enumerate(TIERS, start=1))
    return found.mutate(
        came_back=found.returned,
        tier_name=found.tier.cases(*names.items()),
        low=is_enough.ifelse(low, ibis.null("float64")),
        high=is_enough.ifelse(high, ibis.null("float64")),
        _tier=found.tier,
        _from=found.silence_band.re_extract("^[0-9]+", 0).cast("int64"),
    )


def _since(view: View, period: Period) -> tuple[Note, ...]:
    opening = period.opening or view.days[0]
    kind = "on_margin" if view.is_on_margin(opening, period.as_of) else "on_net"
    notes = (Note("since", {"day": opening}), Note(kind))
    if absent := [table for table in losses.CAUSE_TABLES if not view.ledger.has(table)]:
        notes = (*notes, Note("causes_unseen", {"tables": ", ".join(absent)}))
    return notes


def _unseen(view: View, period: Period, names: tuple[str, ...] = REASONS) -> tuple[Note, ...]:
    kind = "on_margin" if view.is_on_margin(period.as_of) else "on_net"
    notes = (Note(kind),)
    if tables := seen.unseen_tables(view, names):
        notes = (*notes, Note("signs_unseen", {"tables": ", ".join(tables)}))
    if not seen.has_tiers_a_year_ago(view, period.as_of):
        notes = (*notes, Note("no_tiers_year_ago"))
    return notes


def _whole_books(view: View, period: Period) -> tuple[Note, ...]:
    days = view.definitions.winback_horizon_days
    return (Note("unasked_days", {"days": days}),)


BREAKDOWNS = (
    Breakdown(
        "churn-causes", causes,
        ("side", "cause", "evidence", "is_controllable", "heads", "value_lost", "share_of_heads",
         "share_of_value"),
        ("-value_lost", "-heads", "cause", "evidence"), notes=_since,
    ),
    Breakdown(
        "causes-by-tier", causes_by_tier, ("tier_name", "side", "cause", "heads", "value_lost"),
        ("tier", "-value_lost", "-heads", "cause"), notes=_since,
    ),
    Breakdown(
        "risk-reasons", reasons, ("reason", "heads", "only_this", "value", "value_at_risk"),
        ("-heads", "reason"), notes=_unseen,
    ),
    Breakdown(
        "warning-signs", warning_signs, ("reason", "heads", "value"), ("-heads", "reason"),
        notes=partial(_unseen, names=early.SIGNS),
    ),
    Breakdown(
        "return-rates", return_rates,
        ("tier_name", "silence_band", "return_n", "came_back", "return_rate", "low", "high"),
        ("_tier", "_from"), notes=_whole_books,
    ),
)  # fmt: skip
