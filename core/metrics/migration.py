"""Moves between tiers, net of the drift that the books lead one to expect anyway."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core.definitions import TIERS

UPPER = TIERS[:3]
_KEY = ("tier_then", "tier_now")


def tier_migration(matrix: ir.Table, earlier: ir.Table | None = None) -> ir.Table:
    """Who moved between tiers, and how many more than usual?

    Part of those at the top always fall back: that is regression to the mean. What is usual is
    taken from earlier periods of the same length that overlap with nothing: the heads that made
    a move over the heads that could have, over all of them together, which is the average of
    their shares weighted by heads. Only the excess over that is news.

    Parameters
    ----------
    matrix
        ``pyramid.tier_matrix`` of the period.
    earlier
        ``tier_moves`` of at least two earlier periods; null: nothing is expected.

    Returns
    -------
    One row per move that occurs now or occurred then: ``tier_then``, ``tier_now`` (text, as in
    ``tier_matrix``), ``heads`` (int64), ``value_then``, ``value_now`` (decimal, money),
    ``share_of_row`` (float64, of those in ``tier_then``; they sum to 1 per row), ``expected_share``
    (float64), ``expected_heads`` (float64, customers), ``excess`` (float64, customers: heads less
    expected; sums to 0 per row). The shares are null where ``tier_then`` is no tier, because
    those who stayed outside are not in the matrix; what is expected, where nothing can be.

    References
    ----------
    Definitions: tier_migration. Ehrenberg, Repeat-Buying (1988); Morrison and Schmittlein,
    Generalizing the NBD model for customer purchases (1988), on regression to the mean.
    """
    if earlier is None:
        return _with_excess(matrix.mutate(_usual=ibis.null("float64")))
    usual = _usual_shares(earlier).rename({"_then": "tier_then", "_into": "tier_now"})
    pairs = [matrix.tier_then == usual["_then"], matrix.tier_now == usual["_into"]]
    both = matrix.outer_join(usual, pairs)
    zero = ibis.literal(0).cast("decimal(38, 4)")
    rows = both.select(
        tier_then=ibis.coalesce(both.tier_then, both["_then"]),
        tier_now=ibis.coalesce(both.tier_now, both["_into"]),
        heads=both.heads.fill_null(0),
        value_then=both.value_then.fill_null(zero),
        value_now=both.value_now.fill_null(zero),
        _usual=both["_usual"],
    )
    return _with_excess(rows)


def tier_moves(opening: ir.Table, closing: ir.Table) -> ir.Table:
    """Of each tier at the opening of several periods, how many stood where at their end?

    Parameters
    ----------
    opening, closing
        Ledger lines at the openings and at the ends, with ``tier_name``, ``is_in_scope`` and
        ``period`` (of which period they are the opening, or the end).

    Returns
    -------
    One row per move of a period: ``period``, ``tier_then`` (text, a tier), ``tier_now`` (text, as
    in ``pyramid.tier_matrix``), ``heads`` (int64).
    """
    then = opening.filter(opening.is_active & opening.tier_name.isin(TIERS) & opening.is_in_scope)
    then = then.select("period", _then="customer_key", tier_then="tier_name")
    now = closing.filter(closing.since_on.notnull()).select(
        "customer_key",
        "is_in_scope",
        _period="period",
        _now=closing.is_active.ifelse(closing.tier_name, "lost"),
    )
    both = then.left_join(now, [then["_then"] == now.customer_key, then.period == now["_period"]])
    state = both["_now"].fill_null("none")
    is_away = ~both.is_in_scope.fill_null(False) & state.isin(TIERS)
    rows = both.select("period", "tier_then", tier_now=is_away.ifelse("elsewhere", state))
    return rows.group_by("period", *_KEY).agg(heads=rows.count().cast("int64"))


def upper_moves(opening: ir.Table, closing: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Of the upper tiers at the opening of several periods, how many stood in them at the end?

    Who fell is in a lower tier, lost, or left without a purchase. The scope is that of the
    opening: who changed it and still is upper has not fallen.

    Parameters
    ----------
    opening, closing
        Ledger lines at the openings and at the ends, with ``tier_name``, ``is_in_scope`` and
        ``period`` (of which period they are the opening, or the end).
    by
        Columns of ``opening`` to tell apart.

    Returns
    -------
    One row per period and upper tier that had anybody (and value of ``by``): ``period``,
    ``tier_then`` (text), ``n`` (int64, customers at the opening), ``kept`` (int64, those still
    upper).

    References
    ----------
    Definitions: tier_migration.
    """
    rows = upper_customers(opening, closing, by=by)
    return rows.aggregate(
        by=["period", *by, "tier_then"],
        n=rows.count().cast("int64"),
        kept=rows.is_kept.sum().cast("int64"),
    )


def upper_customers(opening: ir.Table, closing: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Who stood in the upper tiers at the opening of a period, and still does at its end?

    Parameters
    ----------
    opening, closing, by
        As in ``upper_moves``.

    Returns
    -------
    One row per customer and period: ``customer_key``, ``period``, ``by``, ``tier_then`` (text),
    ``is_kept`` (boolean).
    """
    upper = opening.filter(opening.is_active & opening.tier_name.isin(UPPER) & opening.is_in_scope)
    then = upper.select("customer_key", "period", *by, tier_then=upper.tier_name)
    still = closing.filter(closing.is_active & closing.tier_name.isin(UPPER))
    still = still.select(_still="customer_key", _period="period")
    both = then.left_join(
        still, [then.customer_key == still["_still"], then.period == still["_period"]]
    )
    return both.select("customer_key", "period", *by, "tier_then", is_kept=both["_still"].notnull())


def upper_kept(
    moves: ir.Table, earlier: ir.Table | None = None, *, by: Sequence[str] = ()
) -> ir.Table:
    """Which share of the upper tiers stayed upper, and how many more fell than usual?

    What is usual is told tier by tier, so that a fuller top tier does not read as a change.

    Parameters
    ----------
    moves
        ``upper_moves`` of the period.
    earlier
        ``upper_moves`` of at least two earlier periods; null: nothing is expected.
    by
        Columns to tell apart; each has its own expectation.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64), ``kept``, ``fallen`` (int64, customers),
    ``excess`` (float64, customers: fallen less expected; null where nothing can be expected of
    one of the tiers).

    References
    ----------
    Definitions: tier_migration.
    """
    if earlier is None:
        rows = moves.mutate(_excess=ibis.null("float64"))
    else:
        group = [*by, "tier_then"]
        usual = earlier.aggregate(by=group, _n=earlier.n.sum(), _kept=earlier.kept.sum())
        usual = usual.select(
            *[usual[name].name(f"_of_{name}") for name in group],
            _share=1 - usual["_kept"].cast("float64") / usual["_n"].nullif(0).cast("float64"),
        )
        pairs = [moves[name].identical_to(usual[f"_of_{name}"]) for name in group]
        both = moves.left_join(usual, pairs)
        fallen = (both.n - both.kept).cast("float64")
        rows = both.mutate(_excess=fallen - both["_share"] * both.n.cast("float64"))
    is_unknown = rows["_excess"].isnull().any()
    return rows.aggregate(
        by=by,
        n=rows.n.sum().cast("int64").fill_null(0),
        kept=rows.kept.sum().cast("int64").fill_null(0),
        fallen=(rows.n - rows.kept).sum().cast("int64").fill_null(0),
        excess=is_unknown.ifelse(ibis.null("float64"), rows["_excess"].sum()),
    )


def _usual_shares(earlier: ir.Table) -> ir.Table:
    """Return the share of each move in the heads of its row, over all periods."""
    sums = earlier.group_by(*_KEY).agg(_heads=earlier.heads.sum().cast("float64"))
    row = sums["_heads"].sum().over(ibis.window(group_by="tier_then"))
    return sums.select(*_KEY, _usual=sums["_heads"] / row.nullif(0))


def _with_excess(rows: ir.Table) -> ir.Table:
    heads = rows.heads.cast("float64")
    of_row = ibis.window(group_by="tier_then")
    is_tier = rows.tier_then.isin(TIERS)
    of_tier = is_tier.ifelse(heads.sum().over(of_row), ibis.null("float64"))
    # A row that was never seen before leads to expect nothing.
    is_known = rows["_usual"].notnull().any().over(of_row) & is_tier
    usual = is_known.ifelse(rows["_usual"].fill_null(0.0), ibis.null("float64"))
    shown = rows.mutate(
        share_of_row=heads / of_tier.nullif(0),
        expected_share=usual,
        expected_heads=usual * of_tier,
        excess=heads - usual * of_tier,
    )
    return shown.drop("_usual")
