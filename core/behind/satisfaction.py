"""Who stands behind what customers say: those who were asked, answered, and bought afterwards."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.behind.events import one, per_customer
from core.breakdowns.answers import in_waves
from core.breakdowns.breakdown import Period
from core.breakdowns.satisfaction import link_settings
from core.figures.asked import MONTHS, Asked
from core.figures.satisfaction import questions
from core.figures.service import occasions_since
from core.metrics import surveys, weighted
from core.metrics.answers_link import bought_in_time, followed_answers
from core.periods import window_start

_TABLES = ("orders", "surveys")
_POINTS = {"nps": 100.0, "csat": 1.0}  # that a favourable answer adds to the score
_SAID = ("answer", "score", "answered_on")


def graded(asked: Asked, *, instrument: str) -> ir.Table:
    """Return who answered the NPS or the CSAT, with the grades of their answers."""
    rows = surveys.answers(questions(asked, instrument))
    good, _, bad = surveys.ANSWERS[instrument]
    low = -1.0 if instrument == "nps" else 0.0
    return _said(rows, rows.answer.cases((good, 1.0), (bad, low), else_=0.0))


def effort(asked: Asked, *, is_mean: bool) -> ir.Table:
    """Return who answered the CES, with their scores, or whether it was easy."""
    rows = surveys.answers(questions(asked, "ces"))
    return _said(rows, rows.score if is_mean else rows.answer == "easy")


def responses(asked: Asked, *, instrument: str) -> ir.Table:
    """Return who was asked long enough ago, with how often they were and answered in time."""
    rows = surveys.matured(
        questions(asked, instrument),
        as_of=asked.as_of,
        within_days=asked.view.definitions.answer_within_days,
    )
    return per_customer(rows, rows.in_time, one(), asked_on=rows.asked_on.max())


def spoken_for(asked: Asked, *, instrument: str, weight: str) -> ir.Table:
    """Return the active customers who answered, with how many, or how much, they speak for."""
    since = window_start(asked.as_of, MONTHS)
    found = surveys.asked_in(asked.view.ledger.table("surveys"), since=since, as_of=asked.as_of)
    grades = weighted.graded(surveys.answers(found.filter(found.instrument == instrument)))
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    heard = weighted.strata(grades, lines)
    each = ibis.greatest(heard[weight].cast("float64"), 0.0) / heard.n.cast("float64").nullif(0)
    heard = heard.select("stratum", weight=each.fill_null(0.0))
    active = lines.filter(lines.is_active)
    active = active.select("customer_key", stratum=active.tier_name.fill_null(weighted.UNTIERED))
    rows = grades.inner_join(active, "customer_key").inner_join(heard, "stratum")
    return per_customer(rows, rows.grade / _POINTS[instrument] * rows.weight, rows.weight)


def given(asked: Asked, instrument: str, answer: str) -> ir.Table:
    """Return who gave an answer in 12 months, and how often."""
    rows = surveys.answers(questions(asked, instrument))
    rows = rows.filter(rows.answer == answer)
    return _said(rows, one(), has_base=False)


def in_wave(asked: Asked, instrument: str, wave: str) -> ir.Table:
    """Return who answered in a wave."""
    rows = in_waves(asked.view, Period(asked.as_of, None))
    rows = surveys.answers(rows.filter((rows.instrument == instrument) & (rows.wave == wave)))
    return _said(rows, one(), has_base=False)


def after_answer(asked: Asked, instrument: str, answer: str) -> ir.Table:
    """Return who gave an answer long enough ago, and how often they bought in time after it."""
    since, settings = link_settings(asked.view, asked.as_of)
    found = surveys.asked_in(asked.view.ledger.table("surveys"), since=since, as_of=asked.as_of)
    rows = followed_answers(asked.scoped(found), as_of=asked.as_of, **settings)
    rows = rows.filter((rows.instrument == instrument) & (rows.answer == answer))
    came = bought_in_time(rows, occasions_since(asked.view, since, asked.as_of))
    both = ibis.union(
        rows.select("customer_key", base=ibis.literal(1.0), counted=ibis.literal(0.0)),
        came.select("customer_key", base=ibis.literal(0.0), counted=ibis.literal(1.0)),
    )
    return per_customer(both, both.counted, both.base)


def _said(rows: ir.Table, counted: ir.Value, *, has_base: bool = True) -> ir.Table:
    """Add what each customer said last, and when."""
    last = rows.answered_at
    return per_customer(
        rows, counted, one() if has_base else None,
        answer=rows.answer.argmax(last), score=rows.score.argmax(last),
        answered_on=rows.answered_on.max(),
    )  # fmt: skip


def _spoken_for(instrument: str, weight: str) -> Behind:
    rows = partial(spoken_for, instrument=instrument, weight=weight)
    return Behind(rows, "share", _POINTS[instrument])


BEHIND = {
    "nps": Behind(partial(graded, instrument="nps"), "share", _POINTS["nps"], more=_SAID),
    "csat": Behind(partial(graded, instrument="csat"), "share", more=_SAID),
    "ces_mean": Behind(partial(effort, is_mean=True), "share", more=_SAID),
    "ces_agree": Behind(partial(effort, is_mean=False), "share", more=_SAID),
    **{
        f"{name}_response": Behind(partial(responses, instrument=name), "share", more=("asked_on",))
        for name in ("nps", "csat", "ces")
    },
    **{
        f"{name}_by_{label}": _spoken_for(name, weight)
        for name in ("nps", "csat")
        for label, weight in (("response", "heads"), ("value", "value"))
    },
    "survey_answers": Behind(
        given, more=("score", "answered_on"), values=("instrument", "answer"), tables=_TABLES
    ),
    "survey_wave": Behind(in_wave, more=_SAID, values=("instrument", "wave"), tables=_TABLES),
    "bought_after": Behind(
        after_answer, "share", values=("instrument", "answer"), tables=_TABLES
    ),
}  # fmt: skip
