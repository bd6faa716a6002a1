"""What was answered: wave by wave, and answer by answer."""

import ibis
import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.service import BEGINNING
from core.metrics.intervals import wilson
from core.metrics.scores import scores
from core.metrics.surveys import ANSWERS, answers, asked_in
from core.periods import window_start
from core.view import View

MONTHS = 12
_TABLES = ("orders", "surveys")


def in_waves(view: View, period: Period) -> ir.Table:
    """Return everything asked of customers in scope; who named no wave has that of the quarter."""
    asked = asked_in(view.ledger.table("surveys"), since=BEGINNING, as_of=period.as_of)
    if view.scope:
        asked = asked.semi_join(view.lines(period.as_of), "customer_key")
    year, quarter = asked.asked_on.year(), asked.asked_on.quarter()
    quarter_name = year.cast("string") + "-Q" + quarter.cast("string")
    return asked.mutate(wave=ibis.coalesce(asked.wave, quarter_name))


def scores_by_wave(view: View, period: Period) -> ir.Table:
    """Return NPS, CSAT and CES of every wave, the oldest first."""
    asked = in_waves(view, period)
    within_days = view.definitions.answer_within_days
    found = scores(asked, as_of=period.as_of, within_days=within_days, by=("wave",))
    asked = asked.mutate(last_day=(asked.asked_on + ibis.interval(days=within_days)).cast("date"))
    spans = asked.group_by(_instrument="instrument", _wave="wave").agg(
        asked_from=asked.asked_on.min(), last_day=asked.last_day.max()
    )
    same = [found.instrument == spans["_instrument"], found.wave == spans["_wave"]]
    rows = found.inner_join(spans, same)
    return rows.mutate(is_closed=rows.last_day <= period.as_of)


def counted_answers(view: View, period: Period) -> ir.Table:
    """Return how often each answer was given in 12 months, the favourable first."""
    since = window_start(period.as_of, MONTHS)
    asked = asked_in(view.ledger.table("surveys"), since=since, as_of=period.as_of)
    if view.scope:
        asked = asked.semi_join(view.lines(period.as_of), "customer_key")
    given = answers(asked.filter(asked.instrument.isin(list(ANSWERS))))
    sums = given.group_by("instrument", "answer").agg(n=given.count().cast("int64"))
    whole = sums.n.sum().over(group_by="instrument").cast("int64")
    low, high = wilson(sums.n, whole)
    ranks = {name: rank for names in ANSWERS.values() for rank, name in enumerate(names)}
    share = sums.n.cast("float64") / whole.cast("float64").nullif(0)
    return sums.mutate(share=share, low=low, high=high, rank=sums.answer.cases(*ranks.items()))


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "satisfaction-waves", scores_by_wave,
        ("instrument", "wave", "asked_from", "is_closed", "asked", "response_rate", "n", "score",
         "low", "high"),
        ("instrument", "asked_from", "wave"), _TABLES,
    ),
    Breakdown(
        "satisfaction-answers", counted_answers,
        ("instrument", "answer", "n", "share", "low", "high"), ("instrument", "rank"), _TABLES,
    ),
)  # fmt: skip
