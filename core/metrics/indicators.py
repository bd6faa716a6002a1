"""Four indicators of each customer, side by side and never added: satisfaction, loyalty,
contribution, and how much the customer depends on us."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core.metrics.surveys import labelled

INDICATORS = ("satisfaction", "loyalty", "contribution", "dependence")


def four_indicators(lines: ir.Table, asked: ir.Table, ties: ir.Table | None = None) -> ir.Table:
    """Where does each customer stand among the customers of the same segment?

    *Satisfaction* is the last answer to NPS, CSAT or CES, among those whose last answer was to
    the same instrument, so that no scale is converted into another. *Loyalty* is the number of
    occasions of the last 12 months, *contribution* the value of these months. *Dependence* on us is
    the share of wallet that the customer stated, among those who stated one; of the others, the
    number of ties, among the others. All are mid-rank percentiles within the segment: the share of
    customers below, and half of those alike, so that equal customers are equal. They are not added:
    a mean of ranks would say nothing.

    Parameters
    ----------
    lines
        Ledger lines at a day, with ``value`` and ``segment``.
    asked
        ``surveys.asked_in`` of the 12 months up to that day.
    ties
        ``customer_key``, ``ties`` (int64; who is not in it has none); null if not known.

    Returns
    -------
    One row per active customer: the columns of ``lines``; ``satisfaction``, ``loyalty``,
    ``contribution``, ``dependence`` (float64, above 0 and below 1; null where nothing is known);
    ``satisfaction_by`` (instrument), ``dependence_by`` ("wallet" or "ties").

    References
    ----------
    Definitions: four_indicators.
    """
    rows = indicator_values(lines, asked, ties)
    among = {"satisfaction": ("satisfaction_by",), "dependence": ("dependence_by",)}
    percentiles = {
        name: _percentile(rows[f"{name}_value"], ("segment", *among.get(name, ())))
        for name in INDICATORS
    }
    found = rows.mutate(**percentiles)
    return found.select(*lines.columns, *INDICATORS, "satisfaction_by", "dependence_by")


def indicator_values(lines: ir.Table, asked: ir.Table, ties: ir.Table | None = None) -> ir.Table:
    """What are the percentiles of ``four_indicators`` made of?

    Parameters
    ----------
    lines, asked, ties
        As ``four_indicators``.

    Returns
    -------
    One row per active customer: the columns of ``lines``; ``satisfaction_value`` (0 to 1, place on
    the scale), ``loyalty_value`` (occasions), ``contribution_value`` (money), ``dependence_value``
    (place on the scale, or ties; all float64, null where nothing is known); ``satisfaction_by``
    (instrument), ``dependence_by`` ("wallet" or "ties").

    References
    ----------
    Definitions: four_indicators.
    """
    active = lines.filter(lines.is_active)
    known = _last(asked, ("nps", "csat", "ces"), "satisfaction")
    known = known.outer_join(_last(asked, ("wallet",), "wallet"), "customer_key")
    known = known.mutate(_sayer=ibis.coalesce(known.customer_key, known.customer_key_right))
    known = known.drop("customer_key", "customer_key_right", "_wallet_by")
    rows = active.left_join(known, active.customer_key == known["_sayer"]).drop("_sayer")
    tied: ir.Value = ibis.null("float64")
    if ties is not None:
        counted = ties.select(_tied="customer_key", _ties="ties")
        rows = rows.left_join(counted, rows.customer_key == counted["_tied"]).drop("_tied")
        tied = rows["_ties"].fill_null(0).cast("float64")
    by = ibis.cases(
        (rows["_wallet"].notnull(), "wallet"), (tied.notnull(), "ties"), else_=ibis.null("string")
    )
    return rows.select(
        *lines.columns,
        satisfaction_value=rows["_satisfaction"],
        loyalty_value=rows.occasions_12m.cast("float64"),
        contribution_value=rows.value.cast("float64"),
        dependence_value=ibis.coalesce(rows["_wallet"], tied),
        satisfaction_by=rows["_satisfaction_by"],
        dependence_by=by,
    )


def _last(asked: ir.Table, instruments: Sequence[str], name: str) -> ir.Table:
    """Return the last answer of each customer; of several at one moment the lowest counts."""
    given = labelled(asked.filter(asked.instrument.isin(list(instruments))))
    width = (given.scale_max - given.scale_min).nullif(0)
    rows = given.mutate(_height=(given.score - given.scale_min) / width)
    newest = ibis.row_number().over(
        group_by="customer_key",
        order_by=[rows.answered_at.desc(), rows["_height"].asc(), rows.instrument.asc()],
    )
    last = rows.mutate(_rank=newest).filter(ibis._["_rank"] == 0)
    return last.select("customer_key", **{f"_{name}": "_height", f"_{name}_by": "instrument"})


def _percentile(value: ir.FloatingValue, among: Sequence[str]) -> ir.FloatingValue:
    """Return the mid-rank percentile of ``value`` among those alike in ``among``."""
    group = [*among, value.isnull()]
    in_order = ibis.window(group_by=group, order_by=value)
    below = ibis.rank().over(in_order).cast("float64")  # counts from 0
    n = value.count().over(ibis.window(group_by=group)).cast("float64")
    up_to = ibis.cume_dist().over(in_order)
    return value.notnull().ifelse((below / n.nullif(0) + up_to) / 2, ibis.null("float64"))
