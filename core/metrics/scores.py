"""NPS, CSAT and CES side by side: each in its own unit, with who answered."""

from collections.abc import Sequence
from datetime import date

import ibis.expr.types as ir

from core.metrics.intervals import Z, wilson
from core.metrics.surveys import answers, response_rate

SCORED = ("nps", "csat", "ces")


def scores(
    asked: ir.Table, *, as_of: date, within_days: int = 30, by: Sequence[str] = ()
) -> ir.Table:
    """What do customers say, and how many of those asked?

    NPS in points, CSAT as a share, CES as a mean of 1 to 7: never one number for all three.

    Parameters
    ----------
    asked
        ``surveys.asked_in``.
    as_of, within_days
        As in ``surveys.response_rate``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per instrument of ``SCORED`` (and value of ``by``) that was asked: ``instrument``,
    ``asked`` (int64, old enough), ``response_rate`` (0 to 1; null where none is old enough), ``n``
    (int64, answers that count), ``score``, ``low`` and ``high`` (float64, 95 %; null where nobody
    answered, and where the spread of an NPS or CES is not known).

    References
    ----------
    Definitions: nps, csat, ces.
    """
    asked = asked.filter(asked.instrument.isin(SCORED))
    group = [*by, "instrument"]
    base = asked.select(*group).distinct()
    said = _scored(answers(asked, by=by), group).rename({f"_{name}": name for name in group})
    told = response_rate(asked, as_of=as_of, within_days=within_days, by=group)
    told = told.select(*[told[name].name(f"__{name}") for name in group], "asked", "response_rate")
    rows = base.left_join(said, [base[n].identical_to(said[f"_{n}"]) for n in group])
    rows = rows.left_join(told, [rows[n].identical_to(told[f"__{n}"]) for n in group])
    return rows.select(
        *group, "response_rate", "score", "low", "high",
        asked=rows.asked.fill_null(0), n=rows.n.fill_null(0),
    )  # fmt: skip


def _scored(given: ir.Table, group: Sequence[str]) -> ir.Table:
    grade = given.answer.cases(
        ("promoter", 100.0), ("detractor", -100.0), ("satisfied", 1.0), else_=0.0
    )
    value = (given.instrument == "ces").ifelse(given.score, grade)
    rows = given.mutate(_value=value)
    sums = rows.aggregate(
        by=list(group),
        n=rows.count().cast("int64"),
        score=rows["_value"].mean(),
        _whole=rows["_value"].std(how="pop"),
        _sample=rows["_value"].std(how="sample"),
    )
    n = sums.n.cast("float64").nullif(0)
    is_nps = sums.instrument == "nps"
    half = Z * is_nps.ifelse(sums["_whole"], sums["_sample"]).nullif(0.0) / n.sqrt()
    low, high = wilson((sums.score * n).round().cast("int64"), sums.n)
    is_share = sums.instrument == "csat"
    low = is_share.ifelse(low, sums.score - half)
    high = is_share.ifelse(high, sums.score + half)
    return sums.mutate(
        low=is_nps.ifelse(low.clip(lower=-100.0), low),
        high=is_nps.ifelse(high.clip(upper=100.0), high),
    ).drop("_whole", "_sample")
