"""Customers who bought a product more than once, beside those who bought it once."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir


def product_purchases(
    bought: ir.Table, order_lines: ir.Table, refunds: ir.Table | None, *, as_of: date
) -> ir.Table:
    """Who bought which product on which day?

    A line counts if its amount is above 0 and its product was not wholly given back by ``as_of``:
    the refunds that name order and product reach what the product cost in that order.

    Parameters
    ----------
    bought
        Purchases that stand (``purchases``).
    order_lines
        The lines of all orders.
    refunds
        The company's refunds; null if there is no such table.
    as_of
        Day at whose end they are looked at.

    Returns
    -------
    One row per line: ``customer_key``, ``product_id``, ``ordered_on``.
    """
    rows = lines_bought(bought, order_lines, refunds, as_of=as_of)
    kept = rows.filter(rows.product_id.notnull() & ~rows.is_given_back)
    return kept.select("customer_key", "product_id", "ordered_on")


def lines_bought(
    bought: ir.Table, order_lines: ir.Table, refunds: ir.Table | None, *, as_of: date
) -> ir.Table:
    """What do purchases consist of, and was it given back?

    Parameters
    ----------
    bought, order_lines, refunds, as_of
        As ``product_purchases``.

    Returns
    -------
    One row per line with an amount above 0: ``customer_key``, ``ordered_on``, ``product_id``,
    ``is_given_back`` (boolean: the product was wholly given back by ``as_of``).
    """
    lines = order_lines.filter(order_lines.amount > 0).select("order_id", "product_id", "amount")
    own = bought.select("order_id", "customer_key", "ordered_on")
    rows = lines.inner_join(own, "order_id")
    names = ("customer_key", "ordered_on", "product_id")
    if refunds is None:
        return rows.select(*names, is_given_back=ibis.literal(False))
    given = refunds.filter(
        refunds.order_id.notnull()
        & refunds.product_id.notnull()
        & (refunds.refunded_at < as_of + timedelta(days=1))
    )
    product = ["order_id", "product_id"]
    given = given.group_by(product).agg(_back=given.amount.sum())
    # Only the few lines with a refund are summed up.
    touched = lines.semi_join(given, product)
    sold = touched.group_by(product).agg(_sold=touched.amount.sum())
    whole = sold.inner_join(given, product)
    whole = whole.filter(whole["_back"] >= whole["_sold"])
    back = whole.select(_order="order_id", _product="product_id")
    rows = rows.left_join(
        back, [rows.order_id == back["_order"], rows.product_id == back["_product"]]
    )
    return rows.select(*names, is_given_back=rows["_order"].notnull())


def multi_buyer_value(bought: ir.Table, customers: ir.Table, *, of: str = "product_id") -> ir.Table:
    """What are those worth who bought a product on two days or more, and those who did once?

    Purchases count over all of history, value over the trailing 12 months, and customers who have
    left since count with what they bring now. Several lines of one day are one occasion. That who
    buys more often is worth more is partly arithmetic: the figure compares products, it does not
    say what selling one a second time would bring.

    Parameters
    ----------
    bought
        ``product_purchases``: ``customer_key``, ``ordered_on`` and ``of``.
    customers
        One row per customer in scope: ``customer_key``, ``value`` (money), ``is_active``.
    of
        Column of ``bought`` to tell apart: the product, or its category.

    Returns
    -------
    One row per value of ``of``: the column, ``buyers`` (int64), ``one_time`` and ``multi`` (int64,
    customers with one and with more occasions), ``multi_share`` (float64, 0 to 1, of buyers),
    ``one_time_active``, ``multi_active`` (float64, 0 to 1: share still active), ``one_time_value``,
    ``multi_value`` (float64, money, mean per customer; null where there is none).

    References
    ----------
    Definitions: multi_buyer_value. Fader (2012), Customer Centricity.
    """
    each = buyers_of_each(bought, of=of)
    known = customers.select("customer_key", "is_active", value=customers.value.cast("float64"))
    rows = each.inner_join(known, "customer_key")
    is_multi = rows.is_multi
    active = rows.is_active.cast("float64")
    found = rows.group_by(of).agg(
        buyers=rows.count().cast("int64"),
        one_time=(~is_multi).sum().cast("int64"),
        multi=is_multi.sum().cast("int64"),
        one_time_active=active.mean(where=~is_multi),
        multi_active=active.mean(where=is_multi),
        one_time_value=rows.value.mean(where=~is_multi),
        multi_value=rows.value.mean(where=is_multi),
    )
    share = found.multi.cast("float64") / found.buyers.nullif(0).cast("float64")
    return found.mutate(multi_share=share)


def buyers_of_each(bought: ir.Table, *, of: str = "product_id") -> ir.Table:
    """Who bought which product, and who of them on two days or more?

    Parameters
    ----------
    bought, of
        As ``multi_buyer_value``.

    Returns
    -------
    One row per customer and value of ``of``: ``customer_key``, the column, ``is_multi`` (boolean).
    """
    each = bought.group_by("customer_key", of).agg(
        _first=bought.ordered_on.min(), _last=bought.ordered_on.max()
    )
    return each.select("customer_key", of, is_multi=each["_last"] > each["_first"])
