"""Kinds of customers: who is slipping, who is frozen, who is growing, who carries the value."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core.definitions import TIERS

KINDS = ("migrating", "freezing", "potential", "value", "steady")
UPPER = TIERS[:3]
LEAST_OCCASIONS = 2  # of a customer with potential
_MONEY = "decimal(38, 4)"


def kinds(
    now: ir.Table,
    then: ir.Table,
    late: ir.Table,
    *,
    change: float = 0.2,
    by: Sequence[str] = (),
) -> ir.Table:
    """Of which kind is each customer, by what became of tier and value in 12 months?

    The first rule that holds: *migrating*, upper now or a year ago, and overdue or value down by
    ``change``; *freezing*, lower, and overdue or lost; *potential*, lower, with at least 2
    occasions in 12 months and value up by ``change``; *value*, upper; *steady*, the others. Upper
    are active customers of the first three tiers; the lost are lower now, whatever tier they had.
    A change by exactly ``change`` counts; from nothing, any value above 0 is up. Who was not a
    customer a year ago was not upper then, and had no value. Where a rule cannot be told because
    a tier is not known, the kind is null: an unknown part is not a "no".

    Parameters
    ----------
    now
        Ledger lines in scope, with ``tier_name`` and ``value``.
    then
        Ledger lines of 12 months before in every scope, under tiers that compare with those of
        ``now``.
    late
        ``overdue`` at the day of ``now``: ``customer_key``.
    change
        Least change of value, as a share of the value then.
    by
        Further columns of ``now`` to keep.

    Returns
    -------
    One row per customer, active or lost: ``customer_key``, ``kind`` (text, of ``KINDS``; null:
    unknown), ``value``, ``value_then`` (decimal, money of 12 months), ``tier_then`` (text; null:
    not active then), ``is_overdue`` (boolean), and ``by``.

    References
    ----------
    Definitions: kind. Its rule "expected value in the top fifth" waits for fitted models.
    """
    rows = _compared(now, then, late, by)
    upper = rows.is_active & rows.tier_name.isin(UPPER)
    was_upper = rows["_was_active"] & rows.tier_then.isin(UPPER)
    lower = ~upper
    gained = (rows.value - rows.value_then).cast("float64")
    # Money has four decimals: a fifth of it in binary would miss its own edge.
    step = (rows.value_then.abs().cast("float64") * change).round(4)
    is_down = (gained < 0) & (-gained >= step)
    is_up = (gained > 0) & (gained >= step)
    rules = {
        "migrating": (upper | was_upper) & (rows.is_overdue | is_down),
        "freezing": lower & (rows.is_overdue | ~rows.is_active),
        "potential": lower & (rows.occasions_12m >= LEAST_OCCASIONS) & is_up,
        "value": upper,
    }
    unknown = ibis.null("string")
    branches = [
        branch
        for name, rule in rules.items()
        for branch in ((rule.isnull(), unknown), (rule, name))
    ]
    kind = ibis.cases(*branches, else_="steady")
    return rows.select(
        "customer_key", *by, "value", "value_then", "tier_then", "is_overdue", kind=kind
    )


def heads_of_kinds(found: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many customers are of each kind, and what do they bring?

    Parameters
    ----------
    found
        ``kinds``.
    by
        Columns of it to tell apart.

    Returns
    -------
    One row per kind that has anybody (and value of ``by``): ``kind`` (text; null: unknown),
    ``heads`` (int64, customers), ``value``, ``value_then`` (decimal, money), ``share_of_heads``,
    ``share_of_value`` (float64; the second null where value is not above 0 in all).
    """
    sums = found.aggregate(
        by=[*by, "kind"],
        heads=found.count().cast("int64"),
        value=found.value.sum().cast(_MONEY),
        value_then=found.value_then.sum().cast(_MONEY),
    )
    whole = ibis.window(group_by=list(by)) if by else ibis.window()
    heads, value = sums.heads.cast("float64"), sums.value.cast("float64")
    total = value.sum().over(whole)
    return sums.mutate(
        share_of_heads=heads / heads.sum().over(whole).nullif(0),
        share_of_value=value / (total > 0).ifelse(total, ibis.null("float64")),
    )


def _compared(now: ir.Table, then: ir.Table, late: ir.Table, by: Sequence[str]) -> ir.Table:
    """Return every customer of ``now`` with what was known of them a year ago."""
    wanted = ("customer_key", "is_active", "tier_name", "occasions_12m", "value")
    customers = now.filter(now.since_on.notnull()).select(*dict.fromkeys([*wanted, *by]))
    before = then.select(
        _then="customer_key", _was="is_active", _tier="tier_name", _value="value"
    )  # fmt: skip
    both = customers.left_join(before, customers.customer_key == before["_then"])
    overdue = late.select(_late="customer_key")
    both = both.left_join(overdue, both.customer_key == overdue["_late"])
    was_active = both["_was"].fill_null(False)
    return both.select(
        *customers.columns,
        _was_active=was_active,
        tier_then=was_active.ifelse(both["_tier"], ibis.null("string")),
        value_then=both["_value"].fill_null(0).cast("decimal(18, 4)"),
        is_overdue=both["_late"].notnull(),
    )
