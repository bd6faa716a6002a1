"""What customers answer, and who does not: response, NPS, CSAT."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson

ANSWER_WITHIN_DAYS = 30


def asked_in(surveys: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """Return the questions asked from ``since`` to ``as_of``; later answers are not given yet.

    Returns
    -------
    The columns of ``surveys`` and ``asked_on``, ``answered_on`` (null: not yet); ``answered_at``
    and ``score`` are null where the answer came after ``as_of``.
    """
    asked_on = surveys.asked_at.cast("date")
    rows = surveys.filter((asked_on >= since) & (asked_on <= as_of))
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
    last_day = (asked.asked_on + ibis.interval(days=within_days)).cast("date")
    rows = asked.mutate(in_time=(asked.answered_on <= last_day).fill_null(False))
    rows = rows.filter(last_day <= as_of)
    sums = rows.aggregate(
        by=list(by),
        asked=rows.count().cast("int64"),
        answered=rows.in_time.sum().cast("int64").fill_null(0),
    )
    rate = sums.answered.cast("float64") / sums.asked.cast("float64").nullif(0)
    low, high = wilson(sums.answered, sums.asked)
    return sums.mutate(response_rate=rate, low=low, high=high)


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
    is_nps = (asked.instrument == "nps") & (asked.scale_min == 0) & (asked.scale_max == 10)
    rows = asked.filter(is_nps & asked.score.notnull())
    newest = ibis.row_number().over(
        group_by=["customer_key", "wave"],
        order_by=[rows.answered_at.desc(), rows.survey_id.desc()],
    )
    rows = rows.mutate(_rank=newest).filter(ibis._["_rank"] == 0)
    sums = rows.aggregate(
        by=list(by),
        n=rows.count().cast("int64"),
        promoters=(rows.score >= 9).sum().cast("int64").fill_null(0),
        detractors=(rows.score <= 6).sum().cast("int64").fill_null(0),
    )
    n = sums.n.cast("float64").nullif(0)
    p, d = sums.promoters / n, sums.detractors / n
    return sums.mutate(
        nps=100.0 * (p - d), standard_error=100.0 * ((p + d - (p - d) ** 2) / n).sqrt()
    )


def csat(asked: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What share of the answers are satisfied ones?

    The top two of a scale of five; other scales are not converted.

    Returns
    -------
    One row per ``by``: ``asked``, ``n`` (answers), ``satisfied`` (int64), ``csat`` (0 to 1; null
    where nobody answered), ``answered_share`` (of those asked, the young included; 0 to 1).

    References
    ----------
    Definitions: csat.
    """
    is_five = asked.scale_max - asked.scale_min == 4
    rows = asked.filter((asked.instrument == "csat") & is_five)
    sums = rows.aggregate(
        by=list(by),
        asked=rows.count().cast("int64"),
        n=rows.score.count().cast("int64"),
        satisfied=(rows.score >= rows.scale_max - 1).sum().cast("int64").fill_null(0),
    )
    return sums.mutate(
        csat=sums.satisfied.cast("float64") / sums.n.cast("float64").nullif(0),
        answered_share=sums.n.cast("float64") / sums.asked.cast("float64").nullif(0),
    )
