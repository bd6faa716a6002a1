"""Attitudes that show in what customers do: how far they wait for a discount."""

from collections.abc import Sequence

import ibis.expr.types as ir


def bought_on_discount(entries: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which share of what customers bought did they buy on a discount?

    By occasion: what was bought on days on which any discount was given, over all that was bought.
    It shows in what customers did, and rises also where the company gives discounts unasked.

    Parameters
    ----------
    entries
        What was booked on days of purchases that stand: ``gross``, ``discount``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by`` (one in all without it): ``n`` (int64, occasions), ``gross`` (float64),
    ``share`` (0 to 1; null where nothing was bought).

    References
    ----------
    Definitions: attitudes (price sensitivity).
    """
    gross = entries.gross.cast("float64")
    sums = entries.aggregate(
        by=list(by),
        n=entries.count().cast("int64"),
        gross=gross.sum().fill_null(0.0),
        _reduced=gross.sum(where=entries.discount > 0).fill_null(0.0),
    )
    return sums.mutate(share=sums["_reduced"] / sums.gross.nullif(0.0)).drop("_reduced")
