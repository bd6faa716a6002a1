"""Whether those who answer well buy more often afterwards than those who answer badly."""

from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson
from core.metrics.surveys import answers

LINKED = ("nps", "csat", "ces")
NO_ANSWER = "no_answer"


def bought_after_answer(
    asked: ir.Table,
    occasions: ir.Table,
    *,
    as_of: date,
    within_days: int = 90,
    answer_within_days: int = 30,
) -> ir.Table:
    """What share bought within ``within_days`` after their answer, by what they answered?

    Counted from the day of the answer; of those who did not answer, from the last day on which they
    could have. Whose days have not passed by ``as_of`` is left out. One answer per customer and
    wave, the last; who answered in a wave is not among those who did not. The groups differ in more
    than their answer, so that a difference is no proof of a cause.

    Parameters
    ----------
    asked
        ``surveys.asked_in``.
    occasions
        Occasions that stood at ``as_of``.
    within_days
        Days looked at, from the day after.
    answer_within_days
        Time to answer.

    Returns
    -------
    One row per instrument of ``LINKED`` and answer: ``instrument``, ``answer`` (of
    ``surveys.ANSWERS``, or ``no_answer``), ``n``, ``bought`` (int64), ``rate`` (0 to 1), ``low``
    and ``high`` (its Wilson interval).

    References
    ----------
    Definitions: weighted satisfaction; repurchase_within.
    """
    rows = followed_answers(
        asked, as_of=as_of, within_days=within_days, answer_within_days=answer_within_days
    )
    came = bought_in_time(rows, occasions)
    asked_all = rows.group_by("instrument", "answer").agg(n=rows.count().cast("int64"))
    back = came.group_by(_instrument="instrument", _answer="answer").agg(
        _bought=came.count().cast("int64")
    )
    both = asked_all.left_join(
        back,
        [asked_all.instrument == back["_instrument"], asked_all.answer == back["_answer"]],
    )
    sums = both.select("instrument", "answer", "n", bought=both["_bought"].fill_null(0))
    low, high = wilson(sums.bought, sums.n)
    rate = sums.bought.cast("float64") / sums.n.cast("float64").nullif(0)
    return sums.mutate(rate=rate, low=low, high=high)


def followed_answers(
    asked: ir.Table, *, as_of: date, within_days: int = 90, answer_within_days: int = 30
) -> ir.Table:
    """Which answers, and which silences, are old enough to be followed by a purchase?

    Parameters
    ----------
    asked, as_of, within_days, answer_within_days
        As of ``bought_after_answer``.

    Returns
    -------
    One row per customer, instrument and wave: ``customer_key``, ``instrument``, ``wave``,
    ``answer``, ``from_on`` and ``until`` (dates).
    """
    rows = _from_when(asked, answer_within_days)
    until = (rows.from_on + ibis.interval(days=within_days)).cast("date")
    return rows.mutate(until=until).filter(until <= as_of)


def bought_in_time(followed: ir.Table, occasions: ir.Table) -> ir.Table:
    """Return those rows of ``followed_answers`` after which the customer bought in time."""
    bought = occasions.select(_buyer="customer_key", _bought_on="occasion_on")
    return followed.semi_join(bought, [
        followed.customer_key == bought["_buyer"],
        bought["_bought_on"] > followed.from_on,
        bought["_bought_on"] <= followed.until,
    ])  # fmt: skip


def _from_when(asked: ir.Table, answer_within_days: int) -> ir.Table:
    """Return one row per customer, instrument and wave: the answer, and the day it counts from."""
    asked = asked.filter(asked.instrument.isin(LINKED))
    given = answers(asked).select(
        "customer_key", "instrument", "wave", "answer", from_on="answered_on"
    )
    last_day = (asked.asked_on + ibis.interval(days=answer_within_days)).cast("date")
    silent = asked.filter(asked.answered_on.isnull()).mutate(_last_day=last_day)
    # A wave that is not named is one wave: null is like null.
    same = [silent.customer_key == given.customer_key, silent.instrument == given.instrument,
            silent.wave.identical_to(given.wave)]  # fmt: skip
    silent = silent.anti_join(given, same)
    quiet = silent.group_by("customer_key", "instrument", "wave").agg(
        from_on=silent["_last_day"].max()
    )
    quiet = quiet.mutate(answer=ibis.literal(NO_ANSWER))
    return given.union(quiet.select(*given.columns))
