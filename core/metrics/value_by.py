"""What customers are worth, by how they pay, on which channel they buy, or who they are."""

from datetime import date

import ibis
import ibis.expr.types as ir


def value_by(uses: ir.Table, customers: ir.Table, *, column: str) -> ir.Table:
    """What is a customer worth who pays this way, or buys on this channel?

    A customer counts for each value of ``column`` with the share of the own orders that have it:
    sum(customer value x share) / sum(share). Who always pays one way counts there alone, and no
    customer counts more than once in all. Where the column is an attribute of the customer, every
    share is 1 and the result is the plain mean.

    Parameters
    ----------
    uses
        One row per purchase of the window, or per customer: ``customer_key`` and ``column``.
    customers
        One row per customer in scope: ``customer_key``, ``value`` (money, of the same window).
    column
        What is told apart.

    Returns
    -------
    One row per value of ``column`` (null: not known): the column, ``customers`` (int64, who have
    used it at all), ``weight`` (float64, customers: the sum of shares), ``mean_value`` (float64,
    money), ``share_of_customers`` (float64, 0 to 1, of the sum of shares), ``share_of_value``
    (float64; null where the value of all is not above 0).

    References
    ----------
    Definitions: value_by_payment.
    """
    valued = customers.select("customer_key", value=customers.value.cast("float64"))
    rows = own_shares(uses, column=column).inner_join(valued, "customer_key")
    sums = rows.group_by(column).agg(
        customers=rows.count().cast("int64"),
        weight=rows.own_share.sum(),
        _value=(rows.value * rows.own_share).sum(),
    )
    whole = ibis.window()
    all_value = sums["_value"].sum().over(whole)
    return sums.select(
        column,
        "customers",
        "weight",
        mean_value=sums["_value"] / sums.weight.nullif(0),
        share_of_customers=sums.weight / sums.weight.sum().over(whole).nullif(0),
        share_of_value=(all_value > 0).ifelse(
            sums["_value"] / all_value.nullif(0), ibis.null("float64")
        ),
    )


def own_shares(uses: ir.Table, *, column: str) -> ir.Table:
    """Which share of each customer's own orders is paid this way, or placed on this channel?

    Parameters
    ----------
    uses, column
        As ``value_by``.

    Returns
    -------
    One row per customer and value of ``column``: ``customer_key``, the column, ``own_share``
    (float64, above 0 to 1; those of a customer add up to 1).
    """
    counted = uses.group_by("customer_key", column).agg(_uses=uses.count().cast("float64"))
    own = ibis.window(group_by="customer_key")
    share = counted["_uses"] / counted["_uses"].sum().over(own)
    return counted.select("customer_key", column, own_share=share)


def held_attribute(attributes: ir.Table, name: str, *, as_of: date) -> ir.Table:
    """Which value of an attribute does each customer hold?

    A value holds from its day until its own end or the next value. Before its first value an
    undated attribute is taken to have held already; a dated one was unknown.

    Parameters
    ----------
    attributes
        ``customer_key``, ``attribute``, ``value``, ``valid_from``, ``valid_to`` (date, exclusive;
        null: open), ``is_dated``.
    name
        The attribute.
    as_of
        Day at whose end it is asked.

    Returns
    -------
    One row per customer who holds one: ``customer_key``, ``value`` (text).

    References
    ----------
    Definitions: ground rules, attributes are dated.
    """
    rows = attributes.filter(attributes.attribute == name)
    is_begun = rows.valid_from <= as_of
    # The latest that has begun; where none has, the first, if it is undated.
    first_wanted = [ibis.desc(is_begun), ibis.desc(is_begun.ifelse(rows.valid_from, None)),
                    ibis.asc(rows.valid_from)]  # fmt: skip
    ranked = rows.mutate(
        _begun=is_begun,
        _rank=ibis.row_number().over(group_by="customer_key", order_by=first_wanted),
    )
    held = ranked.filter(
        (ranked["_rank"] == 0)
        & (ranked["_begun"] | ~ranked.is_dated)
        & (ranked.valid_to.isnull() | (ranked.valid_to > as_of))
    )
    return held.select("customer_key", "value")
