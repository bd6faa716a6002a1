"""Why customers were lost, why others are at risk, and how many of the lost come back unasked."""

import ibis
import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.definitions import TIERS
from core.figures import evidence as seen
from core.figures import losses
from core.figures.figure import Note
from core.lists import sources
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


def reasons(view: View, period: Period) -> ir.Table:
    """Return ``risk_reasons`` of the day."""
    is_on_margin = view.is_on_margin(period.as_of)
    return risk_reasons(seen.customers_at_risk(view, period.as_of, is_on_margin))


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


def _unseen(view: View, period: Period) -> tuple[Note, ...]:
    kind = "on_margin" if view.is_on_margin(period.as_of) else "on_net"
    notes = (Note(kind),)
    if tables := seen.unseen_tables(view, REASONS):
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
        "risk-reasons", reasons, ("reason", "heads", "only_this", "value", "value_at_risk"),
        ("-heads", "reason"), notes=_unseen,
    ),
    Breakdown(
        "return-rates", return_rates,
        ("tier_name", "silence_band", "return_n", "came_back", "return_rate", "low", "high"),
        ("_tier", "_from"), notes=_whole_books,
    ),
)  # fmt: skip
