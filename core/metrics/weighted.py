"""Scores of those who answered, weighted so that they speak for those who did not."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core.definitions import TIERS

UNTIERED = "untiered"  # an active customer has no tier where there is nobody to cut
STRATA = (*TIERS, UNTIERED)


def graded(answers: ir.Table) -> ir.Table:
    """What does each answer add to its score?

    Parameters
    ----------
    answers
        ``surveys.answers``, of the NPS and the CSAT.

    Returns
    -------
    One row per answer: ``customer_key``, ``instrument``, ``grade`` (float64: NPS 100, 0 or -100;
    CSAT 1 or 0).
    """
    rows = answers.filter(answers.instrument.isin(["nps", "csat"]))
    grade = rows.answer.cases(
        ("promoter", 100.0), ("detractor", -100.0), ("satisfied", 1.0), else_=0.0
    )
    return rows.select("customer_key", "instrument", grade=grade)


def strata(graded: ir.Table, lines: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many active customers stand in each tier, what do they bring, and what do they say?

    Answers of customers who are no longer active stand in no stratum.

    Parameters
    ----------
    graded
        ``graded``, of one instrument.
    lines
        Ledger lines at a day, with ``value`` and ``tier_name``.
    by
        Columns of ``lines`` to tell apart.

    Returns
    -------
    One row per ``by`` and tier with active customers: ``stratum`` (of ``STRATA``), ``heads``
    (int64), ``value`` (float64), ``n`` (int64, answers), ``mean`` and ``variance`` (float64, of
    their grades; null without answers, the variance with one).
    """
    active = lines.filter(lines.is_active).select(
        "customer_key", "value", *by, stratum=lines.tier_name.fill_null(UNTIERED)
    )
    base = active.aggregate(
        by=[*by, "stratum"],
        heads=active.count().cast("int64"),
        value=active.value.cast("float64").sum(),
    )
    spoken = graded.inner_join(active, "customer_key")
    said = spoken.aggregate(
        by=[*by, "stratum"],
        n=spoken.count().cast("int64"),
        mean=spoken.grade.mean(),
        variance=spoken.grade.var(how="sample"),
    ).rename({f"_{name}": name for name in (*by, "stratum")})
    same = [base[name].identical_to(said[f"_{name}"]) for name in (*by, "stratum")]
    both = base.left_join(said, same)
    return both.select(*by, "stratum", "heads", "value", "mean", "variance", n=both.n.fill_null(0))


def weighted_score(strata: ir.Table, *, weight: str, by: Sequence[str] = ()) -> ir.Table:
    """What would the score be if each tier had the say that is its due?

    The mean of each tier's grades, weighted by the tier's active customers (those who do not answer
    are spoken for by others of their tier) or by its value. A tier of which nobody answered is not
    heard: its weight is spread over the others, and named. A tier whose value is not above 0 has
    no say by value. What sets those who answer apart within a tier is not mended.

    Parameters
    ----------
    strata
        ``strata``.
    weight
        "heads" or "value".
    by
        Columns of ``strata`` to tell apart.

    Returns
    -------
    One row per ``by``: ``n`` (int64, answers), ``score`` (float64; null where no tier with weight
    was heard), ``standard_error`` (float64; null where a tier gave one answer, or all the same),
    and for each of ``STRATA`` ``unheard_<tier>`` (its share of the weight, 0 where it was heard).

    References
    ----------
    Definitions: weighted satisfaction. Cochran, Sampling techniques (1977), 5A.9, on
    post-stratification.
    """
    rows = strata.mutate(
        _weight=ibis.greatest(strata[weight].cast("float64"), 0.0).fill_null(0.0),
        _is_heard=strata.n > 0,
    )
    heard = rows["_is_heard"] & (rows["_weight"] > 0)
    spread = rows["_weight"] ** 2 * rows.variance / rows.n.cast("float64").nullif(0)
    sums = rows.aggregate(
        by=list(by),
        n=rows.n.sum().cast("int64").fill_null(0),
        _all=rows["_weight"].sum(),
        _heard=rows["_weight"].sum(where=heard),
        _score=(rows["_weight"] * rows["mean"]).sum(where=heard),
        _spread=spread.sum(where=heard),
        _single=(heard & rows.variance.isnull()).sum(),
        **{
            f"unheard_{name}": rows["_weight"].sum(
                where=~rows["_is_heard"] & (rows.stratum == name)
            )
            for name in STRATA
        },
    )
    whole, part = sums["_all"].nullif(0.0), sums["_heard"].nullif(0.0)
    is_spread_known = (sums["_single"] == 0) & (sums["_spread"] > 0)
    error = is_spread_known.ifelse(sums["_spread"], ibis.null("float64")).sqrt() / part
    return sums.select(
        *by,
        "n",
        score=sums["_score"] / part,
        standard_error=error,
        **{f"unheard_{name}": (sums[f"unheard_{name}"] / whole).fill_null(0.0) for name in STRATA},
    )
