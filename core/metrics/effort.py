"""How much effort it costs to deal with us (CES 2.0), and how much of demand we meet: means."""

from collections.abc import Sequence

import ibis.expr.types as ir

from core.metrics.intervals import Z
from core.metrics.surveys import answers


def ces(asked: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How easy do customers find it to get things done with us?

    CES 2.0: agreement that it was easy, 1 to 7, so that more is better. Its mean, and the share of
    5 to 7. Other methods and scales are not converted. One answer per customer and wave, the last.

    Parameters
    ----------
    asked
        ``surveys.asked_in``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by`` (one in all without it): ``n``, ``easy`` (int64), ``mean`` (1 to 7; null
    where nobody answered), ``low`` and ``high`` (95 %; null with one answer or equal ones).

    References
    ----------
    Definitions: ces. Dixon, Toman and DeLisi, The effortless experience (2013).
    """
    rows = answers(asked.filter(asked.instrument == "ces"))
    sums = _mean(rows, rows.score, by, easy=(rows.answer == "easy").sum().cast("int64"))
    return sums.mutate(easy=sums.easy.fill_null(0))


def demand_met(asked: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which share of what customers spend on such things do they say they spend with us?

    The mean share of wallet where it was asked, each scale stretched from 0 to 1. It is stated, not
    seen, and those who answer count equally, whatever they spend. One answer per customer and wave.

    Parameters
    ----------
    asked
        ``surveys.asked_in``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by`` (one in all without it): ``n`` (int64), ``mean`` (0 to 1; null where nobody
    answered), ``low`` and ``high`` (95 %, within 0 and 1; null with one answer or equal ones).

    References
    ----------
    Definitions: attitudes (demand met).
    """
    rows = wallet_shares(asked)
    sums = _mean(rows, rows.wallet_share, by)
    return sums.mutate(low=sums.low.clip(lower=0.0), high=sums.high.clip(upper=1.0))


def wallet_shares(asked: ir.Table) -> ir.Table:
    """Which share of wallet does each answer state?

    Returns
    -------
    Rows of ``surveys.answers``, with ``wallet_share`` (0 to 1).
    """
    rows = answers(asked.filter(asked.instrument == "wallet"))
    height = (rows.scale_max - rows.scale_min).nullif(0)
    return rows.mutate(wallet_share=(rows.score - rows.scale_min) / height)


def _mean(rows: ir.Table, value: ir.FloatingValue, by: Sequence[str], **more: ir.Value) -> ir.Table:
    # A spread of 0 says that nothing is known of the spread, not that the mean is certain.
    sums = rows.aggregate(
        by=list(by),
        n=rows.count().cast("int64"),
        mean=value.mean(),
        _spread=value.std(how="sample").nullif(0.0),
        **more,
    )
    half = Z * sums["_spread"] / sums.n.cast("float64").nullif(0).sqrt()
    return sums.mutate(low=sums["mean"] - half, high=sums["mean"] + half).drop("_spread")
