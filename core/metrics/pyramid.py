"""The pyramid: who stands in which tier, and how much of the value the few carry."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

LEVELS = ("top", "high", "middle", "other", "lost", "prospect")
POINTS = 100  # of the Lorenz curve, besides the origin


def pyramid(lines: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many customers stand in each tier, and what do they bring?

    The four tiers hold the active customers; below them stand the lost, by the tier they last
    had, and the prospects. Shares are of active heads and of the value of active customers.

    Parameters
    ----------
    lines
        Ledger lines in scope, with ``tier_name`` and ``value``.
    by
        Further columns to tell apart.

    Returns
    -------
    One row per level that has anybody (and value of ``by``): ``level`` (text, of ``LEVELS``),
    ``tier_name`` (text; of the lost the last they had; null: none), ``heads`` (int64), ``value``
    (decimal, money), ``share_of_heads`` and ``share_of_value`` (float64; null below the tiers, and
    where there is nothing to share), ``value_per_head`` (float64, money).

    References
    ----------
    Definitions: tier. Curry and Curry, The Customer Marketing Method (2000).
    """
    level = ibis.cases(
        (lines.is_active, lines.tier_name),
        (lines.since_on.notnull(), "lost"),
        else_="prospect",
    )
    rows = lines.mutate(level=level)
    sums = rows.aggregate(
        by=list(dict.fromkeys([*by, "level", "tier_name"])),
        heads=rows.count(),
        value=rows.value.sum().fill_null(0).cast("decimal(38, 4)"),
    )
    is_tier = sums.level.isin(LEVELS[:4])
    whole = ibis.window(group_by=list(by)) if by else ibis.window()
    heads = sums.heads.cast("float64")
    value = sums.value.cast("float64")
    all_heads = heads.sum(where=is_tier).over(whole).nullif(0)
    all_value = value.sum(where=is_tier).over(whole)
    all_value = (all_value > 0).ifelse(all_value, ibis.null("float64"))
    return sums.mutate(
        share_of_heads=is_tier.ifelse(heads / all_heads, ibis.null("float64")),
        share_of_value=is_tier.ifelse(value / all_value, ibis.null("float64")),
        value_per_head=value / heads.nullif(0),
    )


def tier_matrix(opening: ir.Table, closing: ir.Table) -> ir.Table:
    """Who moved from which tier to which between two month-ends?

    Compare tiers only under frozen cut-points: under provisional ones they are of each month-end
    alone. Falling from the top is in part regression to the mean, not loss.

    Parameters
    ----------
    opening, closing
        Ledger lines at the two month-ends with ``tier_name``, ``is_in_scope`` and ``value``
        (``View.all_lines``). Who is in scope at one end only stands as ``elsewhere`` at the other.

    Returns
    -------
    One row per pair that occurs: ``tier_then`` and ``tier_now`` (text: a tier, ``lost``, ``none``
    for nobody's customer (yet, or no longer), ``elsewhere``), ``heads`` (int64), ``value_then`` and
    ``value_now`` (decimal, money). Pairs without an active end are left out.

    References
    ----------
    Definitions: tier_migration.
    """
    rows = tier_pairs(opening, closing)
    return rows.aggregate(
        by=["tier_then", "tier_now"],
        heads=rows.count(),
        value_then=rows.value_then.sum().cast("decimal(38, 4)"),
        value_now=rows.value_now.sum().cast("decimal(38, 4)"),
    )


def tier_pairs(opening: ir.Table, closing: ir.Table) -> ir.Table:
    """Where did each customer of ``tier_matrix`` stand, then and now?

    Parameters
    ----------
    opening, closing
        As in ``tier_matrix``.

    Returns
    -------
    One row per customer active at an end: ``customer_key``, ``tier_then``, ``tier_now`` (text),
    ``value_then``, ``value_now`` (decimal, money; 0 where not active or not in scope).
    """
    then = opening.select(
        _key="customer_key", _then_state=_state(opening), _in_then="is_in_scope",
        _then=opening.is_active.ifelse(opening.value, 0),
    )  # fmt: skip
    now = closing.select(
        "customer_key", _now_state=_state(closing), _in_now="is_in_scope",
        _now=closing.is_active.ifelse(closing.value, 0),
    )  # fmt: skip
    both = then.outer_join(now, then["_key"] == now.customer_key)
    was_in, is_in = both["_in_then"].fill_null(False), both["_in_now"].fill_null(False)
    tiers = LEVELS[:4]
    state_then, state_now = (
        both["_then_state"].fill_null("none"),
        both["_now_state"].fill_null("none"),
    )
    rows = both.select(
        customer_key=ibis.coalesce(both.customer_key, both["_key"]),
        tier_then=(~was_in & state_then.isin(tiers)).ifelse("elsewhere", state_then),
        tier_now=(~is_in & state_now.isin(tiers)).ifelse("elsewhere", state_now),
        value_then=was_in.ifelse(both["_then"], 0),
        value_now=is_in.ifelse(both["_now"], 0),
    )
    return rows.filter(rows.tier_then.isin(tiers) | rows.tier_now.isin(tiers))


def _state(lines: ir.Table) -> ir.StringValue:
    return ibis.cases(
        (lines.is_active, lines.tier_name), (lines.since_on.notnull(), "lost"), else_="none"
    )


def top_share(lines: ir.Table, *, share_of_buyers: float = 0.2, by: Sequence[str] = ()) -> ir.Table:
    """Which share of value do the best fifth of buyers bring?

    The value of the top ceil(share n) buyers over the value of all buyers of the trailing window,
    refunds taken off. The window is part of the figure: the same customers concentrate more in a
    longer one.

    Parameters
    ----------
    lines
        Ledger lines in scope, with ``value``.
    share_of_buyers
        Which part of the buyers counts as the top, 0 to 1.
    by
        Columns to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, buyers), ``top`` (int64, buyers at the top),
    ``value`` (float64, money), ``top_share`` (float64; above 1 where others are negative; null
    where value is not above 0).

    References
    ----------
    Definitions: top_share.
    """
    ranked = _ranked(lines, by, descending=True)
    # 0.2 * 15 is a little more than 3 in binary.
    is_top = ranked["_rank"] <= (ranked["_n"].cast("float64") * share_of_buyers - 1e-9).ceil()
    sums = ranked.aggregate(
        by=by,
        n=ranked.count(),
        top=is_top.sum().cast("int64").fill_null(0),
        value=ranked["_value"].sum(),
        _top_value=ranked["_value"].sum(where=is_top),
    )
    value = (sums.value > 0).ifelse(sums.value, ibis.null("float64"))
    return sums.mutate(top_share=sums["_top_value"] / value).drop("_top_value")


def top_buyers(lines: ir.Table, *, share_of_buyers: float = 0.2) -> ir.Table:
    """What does each buyer add to the share of the best fifth?

    Where the last place at the top is shared by equals, each of them counts an equal part.

    Parameters
    ----------
    lines, share_of_buyers
        As in ``top_share``.

    Returns
    -------
    One row per buyer: ``customer_key``, ``base`` (float64, money: value) and ``counted`` (float64:
    the part of it that is value of the top). Their sums are those that ``top_share`` divides.
    """
    ranked = _ranked(lines, (), descending=True)
    top = (ranked["_n"].cast("float64") * share_of_buyers - 1e-9).ceil()
    equals = ibis.window(group_by="_value")
    alike = ranked.count().over(equals).cast("float64")
    places = (top - ranked["_rank"].min().over(equals) + 1).clip(lower=0.0)
    part = (places / alike).clip(upper=1.0)
    return ranked.select("customer_key", base="_value", counted=ranked["_value"] * part)


def gini(lines: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How unequal is value among buyers: 0 all alike, towards 1 one has it all?

    G = sum((2 i - n - 1) x_i) / (n sum(x)) over buyers in rising order of value. Negative values
    count as 0 here; the Lorenz curve shows them.

    Parameters
    ----------
    lines
        Ledger lines in scope, with ``value``.
    by
        Columns to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, buyers), ``gini`` (float64, 0 to 1; null where
    nobody has value above 0).

    References
    ----------
    Definitions: top_share. Gini (1912), in the form of ordered values.
    """
    ranked = _ranked(lines, by, descending=False)
    x = ranked["_value"].clip(lower=0.0)
    n = ranked["_n"].cast("float64")
    weighted = (2 * ranked["_rank"].cast("float64") - n - 1) * x / n
    sums = ranked.aggregate(by=by, n=ranked.count(), _weighted=weighted.sum(), _total=x.sum())
    return sums.mutate(gini=sums["_weighted"] / sums["_total"].nullif(0)).drop(
        "_weighted", "_total"
    )


def lorenz(lines: ir.Table, *, descending: bool = False, by: Sequence[str] = ()) -> ir.Table:
    """Which share of value do the first so many buyers bring together?

    Buyers in rising order of value make the Lorenz curve; in falling order, where some are
    negative, the whale curve, which climbs above 1 and comes down again.

    Parameters
    ----------
    lines
        Ledger lines in scope, with ``value``.
    descending
        True for the whale curve.
    by
        Columns to tell apart.

    Returns
    -------
    At most 100 rows (per value of ``by``), without the origin: ``share_of_buyers`` (float64, above
    0 to 1), ``share_of_value`` (float64, cumulative; null where value is not above 0), ``buyers``
    (int64, cumulative).
    """
    ranked = _ranked(lines, by, descending=descending)
    bucket = (ranked["_rank"].cast("float64") * POINTS / ranked["_n"] - 1e-9).ceil().cast("int64")
    points = ranked.mutate(_bucket=bucket)
    sums = points.aggregate(
        by=[*by, "_bucket"],
        buyers=points["_rank"].max(),
        _n=points["_n"].max(),
        _value=points["_value"].sum(),
    )
    group = list(by)
    running = ibis.window(group_by=group, order_by="_bucket", preceding=None, following=0)
    total = sums["_value"].sum().over(ibis.window(group_by=group))
    total = (total > 0).ifelse(total, ibis.null("float64"))
    return sums.select(
        *by,
        "buyers",
        share_of_buyers=sums.buyers.cast("float64") / sums["_n"],
        share_of_value=sums["_value"].sum().over(running) / total,
    )


def _ranked(lines: ir.Table, by: Sequence[str], *, descending: bool) -> ir.Table:
    """Return the buyers of the trailing window with their rank (1 first) and their number."""
    has_contract = lines.contract_12m > 0
    buyers = lines.filter((lines.occasions_12m > 0) | has_contract)
    buyers = buyers.select(*by, "customer_key", _value=buyers.value.cast("float64"))
    value = buyers["_value"]
    order = value.desc() if descending else value.asc()
    rank = ibis.row_number().over(group_by=list(by), order_by=order)
    n = buyers.count().over(ibis.window(group_by=list(by)))
    return buyers.mutate(_rank=(rank + 1).cast("int64"), _n=n.cast("int64"))
