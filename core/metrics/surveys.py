"""What customers answer, and who does not: response, NPS, CSAT, favourable answers."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson
from core.periods import took_place

ANSWER_WITHIN_DAYS = 30
# What an answer is called, by instrument: the favourable, the middle and the low one.
ANSWERS = {
    "nps": ("promoter", "passive", "detractor"),
    "csat": ("satisfied", "neutral", "dissatisfied"),
    "ces": ("easy", "neutral", "hard"),
    "brand": ("agree", "neutral", "disagree"),
    "competitor": ("agree", "neutral", "disagree"),
    "price": ("agree", "neutral", "disagree"),
    "quality": ("agree", "neutral", "disagree"),
}
FAVOURABLE = ("promoter", "satisfied", "easy", "agree")
OF_FIVE = ("csat", "brand", "competitor", "price", "quality")


def asked_in(surveys: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """Return the questions asked from ``since`` to ``as_of``; later answers are not given yet.

    Returns
    -------
    The columns of ``surveys`` and ``asked_on``, ``answered_on`` (null: not yet); ``answered_at``
    and ``score`` are null where the answer came after ``as_of``.
    """
    rows = surveys.filter(took_place(surveys.asked_at, since, as_of))
    answered_on = rows.answered_at.cast("date")
    is_known = (answered_on <= as_of).fill_null(False)
    return rows.mutate(
        asked_on=rows.asked_at.cast("date"),
        answered_on=is_known.ifelse(answered_on, ibis.null("date")),
        answered_at=is_known.ifelse(rows.answered_at, ibis.null("timestamp")),
        score=is_known.ifelse(rows.score, ibis.null("float64")),
    )


def response_rate(
    asked: ir.Table, *, as_of: date, within_days: int = ANSWER_WITHIN_DAYS, by: Sequence[str] = ()
) -> ir.Table:
    """What share of those asked answered within ``within_days``?

    Questions asked so recently that the days have not passed by ``as_of`` are left out: they may
    still be answered.

    Parameters
    ----------
    asked
        ``asked_in``; columns of the customers, such as their tier, may be added for ``by``.
    by
        Columns to tell apart: ``instrument``, ``wave``, ``tier_name``, ``membership``.

    Returns
    -------
    One row per ``by``: ``asked``, ``answered`` (int64, matured), ``response_rate`` (0 to 1),
    ``low`` and ``high`` (its Wilson interval).

    References
    ----------
    Definitions: csat (with response rate); weighted satisfaction (non-response per tier).
    """
    rows = matured(asked, as_of=as_of, within_days=within_days)
    sums = rows.aggregate(
        by=list(by),
        asked=rows.count().cast("int64"),
        answered=rows.in_time.sum().cast("int64").fill_null(0),
    )
    rate = sums.answered.cast("float64") / sums.asked.cast("float64").nullif(0)
    low, high = wilson(sums.answered, sums.asked)
    return sums.mutate(response_rate=rate, low=low, high=high)


def matured(asked: ir.Table, *, as_of: date, within_days: int = ANSWER_WITHIN_DAYS) -> ir.Table:
    """Which questions were asked so long ago that the time to answer has passed?

    Returns
    -------
    Those rows of ``asked``, with ``in_time`` (boolean): answered within ``within_days``.
    """
    last_day = (asked.asked_on + ibis.interval(days=within_days)).cast("date")
    rows = asked.mutate(in_time=(asked.answered_on <= last_day).fill_null(False))
    return rows.filter(last_day <= as_of)


def labelled(asked: ir.Table) -> ir.Table:
    """What does each answer say, on the scale that its instrument is meant for?

    Each instrument counts on its own scale alone, the others are not converted: NPS 0-10; CES 1-7,
    agreement that it was easy (a scale that runs the other way is brought as 7 to 1 and is left
    out); five points for CSAT, brand, competitor, price and quality; any scale for the share of
    wallet. A score outside its scale says nothing.

    Parameters
    ----------
    asked
        ``asked_in``.

    Returns
    -------
    The rows of ``asked`` that were answered, with ``answer`` (of ``ANSWERS``: nps 9-10, 7-8, 0-6;
    ces 5-7, 4, 1-3; of five the upper two, the middle, the lower two; null for the share of
    wallet).

    References
    ----------
    Definitions: nps, csat, ces. Reichheld, The one number you need to grow (2003); Dixon, Freeman
    and Toman, Stop trying to delight your customers (2010).
    """
    width = asked.scale_max - asked.scale_min
    is_own = ibis.cases(
        (asked.instrument == "nps", (asked.scale_min == 0) & (asked.scale_max == 10)),
        (asked.instrument == "ces", (asked.scale_min == 1) & (asked.scale_max == 7)),
        (asked.instrument.isin(OF_FIVE), width == 4),
        (asked.instrument == "wallet", width > 0),
        else_=False,
    )
    is_inside = asked.score.between(asked.scale_min, asked.scale_max)
    rows = asked.filter((is_own & is_inside).fill_null(False))
    return rows.mutate(answer=_answer(rows))


def answers(asked: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which answer of each customer counts?

    The last one of a customer to an instrument in a wave; where a company has no waves, the last of
    the window. Of answers given at the same moment the lowest counts.

    Parameters
    ----------
    asked
        ``asked_in``.
    by
        Columns in whose every value the last answer counts, where one question stands in several.

    Returns
    -------
    Rows of ``labelled``, one per customer, instrument and wave (and value of ``by``).

    References
    ----------
    Definitions: nps (one answer per customer per wave).
    """
    rows = labelled(asked)
    newest = ibis.row_number().over(
        group_by=["customer_key", "instrument", "wave", *by],
        order_by=[rows.answered_at.desc(), rows.score.asc()],
    )
    return rows.mutate(_rank=newest).filter(ibis._["_rank"] == 0).drop("_rank")


def _answer(rows: ir.Table) -> ir.StringValue:
    # Least score of the middle and of the favourable answer, from the lowest of the scale.
    cuts = {"nps": (7, 9), "ces": (3, 4)} | dict.fromkeys(OF_FIVE, (2, 3))
    height = rows.score - rows.scale_min
    branches: list[tuple[ir.BooleanValue, str]] = []
    for instrument, (middle, high) in cuts.items():
        names = ANSWERS[instrument]
        is_it = rows.instrument == instrument
        branches += [(is_it & (height >= high), names[0]), (is_it & (height >= middle), names[1]),
                     (is_it, names[2])]  # fmt: skip
    return ibis.cases(*branches, else_=ibis.null("string"))


def nps(asked: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many more would recommend us than advise against us?

    Promoters (9, 10) minus detractors (0 to 6), in percent, on the 0-10 scale only: other scales
    are not converted. One answer per customer and wave, the last.

    Parameters
    ----------
    asked
        ``asked_in``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by``: ``n``, ``promoters``, ``detractors`` (int64), ``nps`` (-100 to 100),
    ``standard_error`` (100 sqrt((p + d - (p - d)^2) / n)); null where nobody answered.

    References
    ----------
    Definitions: nps. Rocks, Interval estimation for the "net promoter score" (2016).
    """
    rows = answers(asked.filter(asked.instrument == "nps"))
    sums = rows.aggregate(
        by=list(by),
        n=rows.count().cast("int64"),
        promoters=(rows.answer == "promoter").sum().cast("int64").fill_null(0),
        detractors=(rows.answer == "detractor").sum().cast("int64").fill_null(0),
    )
    n = sums.n.cast("float64").nullif(0)
    p, d = sums.promoters / n, sums.detractors / n
    variance = ibis.greatest(p + d - (p - d) ** 2, 0.0)
    return sums.mutate(nps=100.0 * (p - d), standard_error=100.0 * (variance / n).sqrt())


def favourable(asked: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What share of the answers to each instrument is favourable?

    The upper two of five for CSAT, brand, competitor, price and quality; 5 to 7 for the CES; 9 and
    10 for the NPS. One answer per customer and wave, the last; other scales are not converted.

    Parameters
    ----------
    asked
        ``asked_in``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by`` and instrument that was answered: ``instrument``, ``n``, ``favourable``
    (int64), ``rate`` (0 to 1), ``low`` and ``high`` (its Wilson interval).

    References
    ----------
    Definitions: csat, ces, attitudes.
    """
    rows = answers(asked.filter(asked.instrument.isin(list(ANSWERS))))
    sums = rows.aggregate(
        by=[*by, "instrument"],
        n=rows.count().cast("int64"),
        favourable=rows.answer.isin(FAVOURABLE).sum().cast("int64"),
    )
    low, high = wilson(sums.favourable, sums.n)
    rate = sums.favourable.cast("float64") / sums.n.cast("float64").nullif(0)
    return sums.mutate(rate=rate, low=low, high=high)


def csat(asked: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What share of the answers are satisfied ones?

    ``favourable`` of the CSAT: the top two of a scale of five.

    Returns
    -------
    One row per ``by`` that was answered: ``n``, ``satisfied`` (int64), ``csat`` (0 to 1), ``low``
    and ``high``.

    References
    ----------
    Definitions: csat.
    """
    found = favourable(asked.filter(asked.instrument == "csat"), by=by)
    return found.select(*by, "n", "low", "high", satisfied="favourable", csat="rate")
