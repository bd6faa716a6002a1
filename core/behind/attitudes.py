"""Who stands behind attitudes, the steps of the ladder, and silence."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.behind.events import one, per_customer
from core.behind.service import like_customers, recovered
from core.figures.asked import Asked
from core.figures.attitudes import bought_in_a_year, on_ladder, quiet
from core.figures.satisfaction import questions
from core.metrics import surveys
from core.metrics.effort import wallet_shares
from core.metrics.ladder import STEPS

_STATED = {
    "brand": "brand_attention",
    "competitor": "competitor_attention",
    "price": "price_sensitivity_stated",
    "quality": "accident_tolerance_stated",
}
_QUIET = ("silence_days", "mean_gap_days", "occasions_12m", "occasions_before", "asked")


def stated(asked: Asked, *, instrument: str) -> ir.Table:
    """Return who answered a question, and who of them agreed."""
    rows = surveys.answers(questions(asked, instrument))
    return per_customer(
        rows, rows.answer.isin(surveys.FAVOURABLE), one(),
        score=rows.score.argmax(rows.answered_at), answered_on=rows.answered_on.max(),
    )  # fmt: skip


def wallet(asked: Asked) -> ir.Table:
    """Return who stated a share of wallet, with its sum over their answers."""
    rows = wallet_shares(questions(asked, "wallet"))
    return per_customer(rows, rows.wallet_share, one(), answered_on=rows.answered_on.max())


def on_discount(asked: Asked) -> ir.Table:
    """Return who bought in 12 months, with what they bought on days with a discount."""
    rows = asked.scoped(bought_in_a_year(asked))
    gross = rows.gross.cast("float64")
    return per_customer(rows, (rows.discount > 0).fill_null(False).ifelse(gross, 0.0), gross)


def on_step(asked: Asked, *, level: str) -> ir.Table:
    """Return the active customers on a step of the ladder."""
    rows = on_ladder(asked.view, asked.lines(asked.as_of), asked.as_of)
    rows = rows.filter(rows.level == level)
    return rows.select("customer_key", "may_stand_higher", counted=ibis.literal(1.0))


def silent(asked: Asked, *, is_money: bool) -> ir.Table:
    """Return the customers who slow down without a word."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    rows = quiet(asked.view, lines, asked.as_of, asked.year_ago)
    counted = rows.value.cast("float64") if is_money else ibis.literal(1.0)
    return rows.select("customer_key", *_QUIET, counted=counted)


def after_quality(asked: Asked, *, is_like: bool) -> ir.Table:
    """Return whose complaint about quality was resolved, and who bought again, or would have."""
    words = asked.view.definitions.quality_categories
    return (like_customers if is_like else recovered)(asked, quality=words)


BEHIND = {
    **{
        key: Behind(partial(stated, instrument=name), "share", more=("score", "answered_on"))
        for name, key in _STATED.items()
    },
    "demand_met": Behind(wallet, "share", more=("answered_on",)),
    "price_sensitivity": Behind(on_discount, "share", is_money=True),
    "accident_tolerance": Behind(partial(after_quality, is_like=False), "share"),
    "accident_tolerance_like": Behind(partial(after_quality, is_like=True), "share"),
    **{
        f"ladder_{level}": Behind(partial(on_step, level=level), more=("may_stand_higher",))
        for level in (*STEPS, "none", "unknown")
    },
    "silent": Behind(partial(silent, is_money=False), more=_QUIET),
    "silent_value": Behind(partial(silent, is_money=True), is_money=True, more=_QUIET),
}
