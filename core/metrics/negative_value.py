"""Customers who cost more than they bring in, and where it goes."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

PARTS = ("gross", "discount", "returned", "cost", "service_cost")


def negative_value(lines: ir.Table, entries: ir.Table) -> ir.Table:
    """Who costs more than they bring in, over 12 months, and by what?

    gross - returned - cost - service_cost + contract = margin. Discounts are what the customer did
    not pay; they are already out of gross. Where value is margin, those with a value below 0 are
    negative-value customers; where costs are not to be had value is net, and those with a value
    below 0 are only those whose *refunds exceed purchases*: the caller names the list so.

    Parameters
    ----------
    lines
        Ledger lines at a day, with ``value`` (``View.lines``: margin, or net).
    entries
        What was booked in the 12 months up to the same day (``ENTRIES``).

    Returns
    -------
    One row per customer with a value below 0: ``customer_key``, ``tier_name``, ``branch``,
    ``is_active``, ``value``, ``net``, ``gross``, ``discount``, ``returned``, ``cost``,
    ``service_cost``, ``contract`` (money of the 12 months).

    References
    ----------
    Definitions: negative_value.
    """
    below = lines.filter(lines.value < 0).select(
        "customer_key", "tier_name", "branch", "is_active", "value", net="net_12m",
        contract="contract_12m",
    )  # fmt: skip
    booked = entries.semi_join(below, "customer_key")
    sums = booked.group_by("customer_key").agg(
        **{name: booked[name].sum().cast("decimal(18, 4)") for name in PARTS}
    )
    rows = below.left_join(sums, "customer_key").drop("customer_key_right")
    zero = ibis.literal(0).cast("decimal(18, 4)")
    return rows.mutate(**{name: rows[name].fill_null(zero) for name in PARTS})


def negative_value_parts(found: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What is the negative value of customers made of, together?

    Parameters
    ----------
    found
        ``negative_value``.
    by
        Columns of it to tell apart, such as ``tier_name``.

    Returns
    -------
    One row (per value of ``by``): ``customers`` (int64), ``value``, ``net``, ``gross``,
    ``discount``, ``returned``, ``cost``, ``service_cost``, ``contract`` (decimal, money of the 12
    months). gross - returned - cost - service_cost + contract is the margin.
    """
    money = ("value", "net", *PARTS, "contract")
    sums = {name: found[name].sum().fill_null(0).cast("decimal(38, 4)") for name in money}
    return found.aggregate(by=by, customers=found.count().cast("int64"), **sums)
