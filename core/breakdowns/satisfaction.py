"""What customers say, told apart; the ladder; and whether good answers go with purchases."""

from collections.abc import Mapping
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.attitudes import on_ladder
from core.figures.figure import Note
from core.figures.service import occasions_since
from core.metrics.answers_link import NO_ANSWER, bought_after_answer
from core.metrics.ladder import LEVELS, levels
from core.metrics.scores import scores
from core.metrics.surveys import ANSWERS, asked_in
from core.periods import window_start
from core.view import View

MONTHS = 12
_TABLES = ("orders", "surveys")


def told_apart(rows: ir.Table, dimensions: Mapping[str, ir.Value]) -> ir.Table:
    """Return every row once per dimension, with ``told_by`` and its value there as ``group``."""
    return ibis.union(
        *[
            rows.mutate(told_by=ibis.literal(name), group=value.cast("string"))
            for name, value in dimensions.items()
        ]
    )


def scores_told_apart(view: View, period: Period) -> ir.Table:
    """Return NPS, CSAT and CES by wave, tier, branch and membership."""
    since = window_start(period.as_of, MONTHS)
    asked = asked_in(view.ledger.table("surveys"), since=since, as_of=period.as_of)
    lines = view.lines(period.as_of).select("customer_key", "tier_name", "branch", "membership")
    asked = asked.inner_join(lines, "customer_key")
    rows = told_apart(
        asked,
        {
            "wave": asked.wave,
            "tier_name": asked.tier_name,
            "branch": asked.branch,
            "membership": asked.membership,
        },
    )
    return scores(
        rows,
        as_of=period.as_of,
        within_days=view.definitions.answer_within_days,
        by=("told_by", "group"),
    )


def ladder_levels(view: View, period: Period) -> ir.Table:
    """Return the customers and the value on each step of the ladder, the highest first."""
    lines = view.lines(period.as_of, view.is_on_margin(period.as_of))
    rows = levels(on_ladder(view, lines, period.as_of))
    ranks = [(name, rank) for rank, name in enumerate(LEVELS)]
    return rows.mutate(rank=rows.level.cases(*ranks, else_=0))


def ladder_notes(view: View, period: Period) -> tuple[Note, ...]:
    """Say what value is, and whether referrals are known."""
    basis = Note("on_margin" if view.is_on_margin(period.as_of) else "on_net")
    if view.ledger.has("referrals"):
        return (basis,)
    return (basis, Note("no_referrals"))


def purchases_by_answer(view: View, period: Period) -> ir.Table:
    """Return who bought after an answer, of the answers of 12 months that are old enough."""
    since, settings = link_settings(view, period.as_of)
    asked = asked_in(view.ledger.table("surveys"), since=since, as_of=period.as_of)
    if view.scope:
        asked = asked.semi_join(view.lines(period.as_of), "customer_key")
    occasions = occasions_since(view, since, period.as_of)
    rows = bought_after_answer(asked, occasions, as_of=period.as_of, **settings)
    ranks = {name: rank for names in ANSWERS.values() for rank, name in enumerate(names)}
    ranks |= {NO_ANSWER: len(ranks)}
    return rows.mutate(rank=rows.answer.cases(*ranks.items()))


def link_settings(view: View, as_of: date) -> tuple[date, dict[str, int]]:
    """Return since when answers are followed by purchases, and for how many days."""
    within_days = view.definitions.link_within_days
    since = window_start(as_of - timedelta(days=within_days), MONTHS)
    answer_within_days = view.definitions.answer_within_days
    return since, {"within_days": within_days, "answer_within_days": answer_within_days}


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "satisfaction", scores_told_apart,
        ("instrument", "told_by", "group", "asked", "response_rate", "n", "score", "low", "high"),
        ("instrument", "told_by", "group"), _TABLES,
    ),
    Breakdown(
        "ladder", ladder_levels,
        ("level", "customers", "share_of_heads", "may_stand_higher", "value", "share_of_value",
         "value_per_customer"),
        ("-rank",), _TABLES, ladder_notes,
    ),
    Breakdown(
        "satisfaction-link", purchases_by_answer,
        ("instrument", "answer", "n", "bought", "rate", "low", "high"),
        ("instrument", "rank"), _TABLES,
    ),
)  # fmt: skip
