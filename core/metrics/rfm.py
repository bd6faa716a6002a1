"""RFM: how lately, how often and for how much each active customer bought, scored by class."""

from collections.abc import Sequence
from datetime import date
from functools import reduce

import ibis
import ibis.expr.types as ir

MEASURES = ("r", "f", "m")


def rfm(
    lines: ir.Table,
    *,
    as_of: date,
    classes: int = 5,
    by: Sequence[str] = (),
    cuts: ir.Table | None = None,
) -> ir.Table:
    """How lately, how often and for how much did each active customer buy?

    Each measure is scored from 1 to ``classes``, the best last: a customer's score is one more
    than the number of cut-points that the measure is better than. So equal customers have equal
    scores, and a tie at a cut-point goes down: where nine of ten bought once, they score 1, not 5.

    Parameters
    ----------
    lines
        Ledger lines in scope at ``as_of``, with ``value``.
    as_of
        Day at whose end recency is measured.
    classes
        Number of scores.
    by
        Columns to tell apart; each of their values has cut-points of its own.
    cuts
        ``rfm_cuts`` of another month-end, with the same ``classes`` and ``by``; those of ``lines``
        where null.

    Returns
    -------
    One row per active customer: ``customer_key``, the columns of ``by``, ``recency_days`` (int64;
    null: active by contract alone and never bought), ``frequency`` (int64, occasions of 12
    months), ``monetary`` (float64, money of 12 months), ``r``, ``f``, ``m`` (int64, 1 to
    ``classes``; ``r`` null where recency is).

    References
    ----------
    Hughes, Strategic Database Marketing (1994). Definitions: ground rules, cut-points.
    """
    found = _measures(lines, as_of, by)
    if cuts is None:
        cuts = rfm_cuts(lines, as_of=as_of, classes=classes, by=by)
    if by:
        own = cuts.rename({f"_of_{name}": name for name in by})
        both = found.inner_join(own, [found[name].identical_to(own[f"_of_{name}"]) for name in by])
    else:
        both = found.cross_join(cuts)
    scores = {
        measure: _score(both[f"_{measure}"], both[f"{measure}_cuts"], classes)
        for measure in MEASURES
    }
    return both.select(
        "customer_key", *by, "recency_days", "frequency", monetary=both["_m"], **scores
    )


def rfm_cuts(lines: ir.Table, *, as_of: date, classes: int = 5, by: Sequence[str] = ()) -> ir.Table:
    """Where do the classes of recency, frequency and monetary value part?

    Quantiles of the active customers, interpolated between neighbours; of recency, of its
    negative, so that more is better in all three.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``, with ``value``.
    as_of
        Day at whose end recency is measured.
    classes
        Number of classes: there is one cut-point less.
    by
        Columns to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``r_cuts``, ``f_cuts``, ``m_cuts`` (arrays of ``classes`` - 1
    float64, rising; null where nobody has the measure).
    """
    found = _measures(lines, as_of, by)
    shares = [number / classes for number in range(1, classes)]
    return found.aggregate(
        by=by, **{f"{m}_cuts": found[f"_{m}"].quantile(shares) for m in MEASURES}
    )


def rfm_cells(scored: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many customers share each score, and what do they bring?

    Parameters
    ----------
    scored
        ``rfm``.
    by
        Columns of ``scored`` to tell apart.

    Returns
    -------
    One row per combination that occurs: ``r``, ``f``, ``m``, ``heads`` (int64, customers),
    ``value`` (float64, money), ``share_of_heads``, ``share_of_value`` (float64; the second null
    where value is not above 0 in all).
    """
    sums = scored.aggregate(
        by=[*by, *MEASURES], heads=scored.count().cast("int64"), value=scored.monetary.sum()
    )
    whole = ibis.window(group_by=list(by)) if by else ibis.window()
    total = sums.value.sum().over(whole)
    heads = sums.heads.cast("float64")
    return sums.mutate(
        share_of_heads=heads / heads.sum().over(whole).nullif(0),
        share_of_value=sums.value / (total > 0).ifelse(total, ibis.null("float64")),
    )


def _measures(lines: ir.Table, as_of: date, by: Sequence[str]) -> ir.Table:
    """Return the three measures, of which more is better in each (``_r``, ``_f``, ``_m``)."""
    active = lines.filter(lines.is_active)
    recency = ibis.literal(as_of).delta(active.last_on, unit="day").cast("int64")
    frequency = active.occasions_12m.fill_null(0).cast("int64")
    return active.select(
        "customer_key",
        *by,
        recency_days=recency,
        frequency=frequency,
        _r=-recency.cast("float64"),
        _f=frequency.cast("float64"),
        _m=active.value.cast("float64"),
    )


def _score(measure: ir.NumericValue, cuts: ir.ArrayValue, classes: int) -> ir.IntegerValue:
    """Return 1 and one more for each cut-point that the measure lies above."""
    above = [(measure > cuts[number]).cast("int64") for number in range(classes - 1)]
    return reduce(lambda total, each: total + each, above, ibis.literal(1)).cast("int64")
