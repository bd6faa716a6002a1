"""What sales are made of: which products, bought by which customers, refunds taken off."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

_MONEY = "decimal(38, 4)"


def product_sales(
    orders: ir.Table, lines: ir.Table, refunds: ir.Table, *, since: date, as_of: date
) -> ir.Table:
    """What was sold of each product, cancellations and refunds taken off?

    Each counts on its own day. A cancellation takes back, line by line in proportion, what no
    refund had given back by then; refunds after it count for nothing. A refund that names a
    product reduces that product, whether its order is known or not; one that names the order
    alone is spread over the order's lines in proportion to their amounts. What names neither
    belongs to no product and is not in here.

    Parameters
    ----------
    orders
        ``order_id``, ``customer_key``, ``ordered_on``, ``cancelled_on`` (dates), ``amount``
        (money), ``rate`` (float64, what one unit of the order's currency is in the books').
    lines
        Order lines: ``order_id``, ``product_id``, ``amount``, in the order's currency.
    refunds
        ``refunded_on`` (date), ``amount`` (money of the books), ``order_id``, ``customer_key``,
        ``product_id``.
    since, as_of
        First and last day of the window.

    Returns
    -------
    One row per line or refund that counts: ``customer_key`` (int64; null: none), ``product_id``
    (text; null: not named), ``net`` (float64, money of the books; below 0 where given back).

    References
    ----------
    Definitions: composition; decisions 8 and 11 on refunds.
    """
    known = refunds.filter(refunds.refunded_on <= as_of)
    linked = _linked(orders, known)
    factors = _sold(orders, since, as_of)
    factors = factors.union(_cancelled(orders, linked, since, as_of))
    recent = linked.filter(linked.refunded_on >= since)
    whole = recent.filter(recent.product_id.isnull())
    factors = factors.union(
        whole.select("order_id", "customer_key", "rate", factor=-whole["_share"])
    )
    sums = factors.group_by("order_id", "customer_key", "rate").agg(factor=factors.factor.sum())
    sums = sums.filter(sums.factor != 0)
    sold = lines.select("order_id", "product_id", _amount=lines.amount.cast("float64"))
    both = sold.inner_join(sums, "order_id")
    of_lines = both.select(
        "customer_key", "product_id", net=both["_amount"] * both.factor * both.rate
    )
    named = recent.filter(recent.product_id.notnull())
    loose = known.filter(
        known.order_id.isnull() & known.product_id.notnull() & (known.refunded_on >= since)
    )
    back = [
        rows.select("customer_key", "product_id", net=-rows.amount.cast("float64"))
        for rows in (named, loose)
    ]
    return ibis.union(of_lines, *back)


def composition(
    sold: ir.Table, booked: ir.Table, products: ir.Table, *, by: Sequence[str]
) -> ir.Table:
    """How are net sales made up, by category of product and by kinds of customers?

    What no line accounts for (orders without lines, the part of an order that its lines leave
    open, refunds that name nothing, products without a category) has no category, so that the
    cells add up to net sales exactly.

    Parameters
    ----------
    sold
        ``product_sales`` with the columns of ``by`` but for ``category``.
    booked
        What was booked in the same window (``ENTRIES``), with the same columns.
    products
        ``product_id``, ``category``.
    by
        Columns to tell apart; ``category`` among them.

    Returns
    -------
    One row per cell: the columns of ``by`` (null: not known), ``net`` (decimal, money), ``share``
    (float64, of all net; null where that is not above 0).

    References
    ----------
    Definitions: composition.
    """
    group = [name for name in by if name != "category"]
    of_product = sold.aggregate(by=[*group, "product_id"], _net=sold.net.sum())
    named = products.select(_product="product_id", category="category")
    found = of_product.left_join(named, of_product.product_id == named["_product"])
    found = found.select(*by, net=found["_net"].cast(_MONEY))
    known = found.filter(found.category.notnull())
    total = (booked.gross - booked.returned).sum().cast(_MONEY)
    rest = booked.aggregate(by=group, net=total)
    rest = rest.mutate(category=ibis.null("string")).select(*by, "net")
    # The rest of each group is its total less what is known of it.
    less = known.mutate(net=-known.net, category=ibis.null("string")).select(*by, "net")
    every = ibis.union(known, rest, less)
    cells = every.aggregate(by=by, net=every.net.sum().cast(_MONEY))
    cells = cells.filter((cells.net != 0) | cells.category.notnull())
    whole = cells.net.cast("float64").sum().over(ibis.window())
    share = cells.net.cast("float64") / (whole > 0).ifelse(whole, ibis.null("float64"))
    return cells.mutate(share=share)


def _sold(orders: ir.Table, since: date, as_of: date) -> ir.Table:
    found = orders.filter((orders.ordered_on >= since) & (orders.ordered_on <= as_of))
    return found.select("order_id", "customer_key", "rate", factor=ibis.literal(1.0))


def _linked(orders: ir.Table, refunds: ir.Table) -> ir.Table:
    """Return refunds of a known order that count, with the share of the order that they are."""
    own = orders.select(
        _order="order_id", _owner="customer_key", _cancelled="cancelled_on", rate="rate",
        _of=_in_books(orders),
    )  # fmt: skip
    both = refunds.inner_join(own, refunds.order_id == own["_order"])
    counted = both.filter(~(both["_cancelled"] < both.refunded_on).fill_null(False))
    return counted.select(
        "order_id", "product_id", "refunded_on", "amount", "rate",
        customer_key=ibis.coalesce(counted.customer_key, counted["_owner"]),
        _share=counted.amount.cast("float64") / counted["_of"].nullif(0),
    )  # fmt: skip


def _cancelled(orders: ir.Table, linked: ir.Table, since: date, as_of: date) -> ir.Table:
    """Return what a cancellation takes back of each order, as a share below 0."""
    found = orders.filter((orders.cancelled_on >= since) & (orders.cancelled_on <= as_of))
    before = linked.group_by(_order=linked.order_id).agg(_back=linked["_share"].sum())
    both = found.left_join(before, found.order_id == before["_order"])
    left = 1 - both["_back"].fill_null(0.0)
    return both.select("order_id", "customer_key", "rate", factor=-left)


def _in_books(orders: ir.Table) -> ir.FloatingValue:
    return orders.amount.cast("float64") * orders.rate
