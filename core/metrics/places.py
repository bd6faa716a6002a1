"""Sales by the place of the order: its money adds up, its customers need not."""

from datetime import date

import ibis
import ibis.expr.types as ir

_MONEY = "decimal(38, 4)"


def place_sales(
    orders: ir.Table, refunds: ir.Table, booked: ir.Table, *, place: str, since: date, as_of: date
) -> ir.Table:
    """What was sold in each region, branch or channel, wherever its customers belong?

    Orders, refunds and cancellations count on their own day, at the place of the order. A
    cancellation takes back what no refund of the order had given back by then; refunds after it
    count for nothing. What has no place (orders without one, refunds without an order) stands
    under null, so that the places add up to net sales exactly. A customer who bought at two places
    is a buyer of both.

    Parameters
    ----------
    orders
        ``order_id``, ``customer_key``, ``ordered_on``, ``cancelled_on`` (dates), ``amount``
        (money), ``rate`` (float64, what one unit of the order's currency is in the books'), and
        the column ``place``.
    refunds
        ``refunded_on`` (date), ``amount`` (money of the books), ``order_id``.
    booked
        What was booked in the window (``ENTRIES``), of the same customers.
    place
        Column of ``orders``: ``region``, ``branch`` or ``channel``.
    since, as_of
        First and last day of the window.

    Returns
    -------
    One row per place: the column ``place`` (text; null: not known), ``net`` (decimal, money),
    ``share`` (float64, of all net; null where that is not above 0), ``orders`` (int64, purchases of
    the window not cancelled by its end) and ``buyers`` (int64, their customers).

    References
    ----------
    Definitions: ground rules, the place of an order; decision 8 on refunds and cancellations.
    """
    kept = orders.mutate(_place=orders[place], _amount=orders.amount.cast("float64") * orders.rate)
    moved = ibis.union(_sold(kept, since, as_of), *_taken_back(kept, refunds, since, as_of))
    placed = moved.group_by("_place").agg(
        net=moved.net.sum().cast(_MONEY),
        orders=moved.is_bought.sum().cast("int64"),
        buyers=moved.customer_key.nunique(where=moved.is_bought == 1).cast("int64"),
    )
    cells = placed.union(_rest(booked, placed))
    cells = cells.group_by("_place").agg(
        net=cells.net.sum().cast(_MONEY), orders=cells.orders.sum(), buyers=cells.buyers.sum()
    )
    cells = cells.filter(cells["_place"].notnull() | (cells.net != 0) | (cells.orders > 0))
    whole = cells.net.cast("float64").sum().over(ibis.window())
    share = cells.net.cast("float64") / (whole > 0).ifelse(whole, ibis.null("float64"))
    return cells.mutate(share=share).rename({place: "_place"})


def _rest(booked: ir.Table, placed: ir.Table) -> ir.Table:
    """Return what was booked and stands at no place, as a row of ``placed``."""
    total = (booked.gross - booked.returned).sum().fill_null(0).cast(_MONEY)
    known = placed.agg(_known=placed.net.sum().fill_null(0).cast(_MONEY))
    both = booked.agg(_total=total).cross_join(known)
    nobody = ibis.literal(0, "int64")
    return both.select(
        _place=ibis.null("string"), net=(both["_total"] - both["_known"]).cast(_MONEY),
        orders=nobody, buyers=nobody,
    )  # fmt: skip


def _sold(orders: ir.Table, since: date, as_of: date) -> ir.Table:
    found = orders.filter((orders.ordered_on >= since) & (orders.ordered_on <= as_of))
    is_cancelled = (found.cancelled_on <= as_of).fill_null(False)
    is_bought = (found["_amount"] > 0) & ~is_cancelled
    return found.select("_place", "customer_key", net="_amount", is_bought=is_bought.cast("int64"))


def _taken_back(
    orders: ir.Table, refunds: ir.Table, since: date, as_of: date
) -> tuple[ir.Table, ir.Table]:
    """Return what refunds of known orders, and cancellations, took back within the window."""
    own = orders.select("_place", "_amount", "cancelled_on", _order="order_id")
    back = refunds.filter(refunds.refunded_on <= as_of)
    linked = back.inner_join(own, back.order_id == own["_order"])
    counted = linked.filter(~(linked.cancelled_on < linked.refunded_on).fill_null(False))
    nobody = {"customer_key": ibis.null("int64"), "is_bought": ibis.literal(0, "int64")}
    recent = counted.filter(counted.refunded_on >= since)
    refunded = recent.select("_place", net=-recent.amount.cast("float64"), **nobody)
    before = counted.group_by("_order").agg(_back=counted.amount.cast("float64").sum())
    gone = orders.filter((orders.cancelled_on >= since) & (orders.cancelled_on <= as_of))
    both = gone.left_join(before, gone.order_id == before["_order"])
    left = both["_amount"] - both["_back"].fill_null(0.0)
    cancelled = both.select("_place", net=-left, **nobody)
    order = ("_place", "customer_key", "net", "is_bought")
    return refunded.select(*order), cancelled.select(*order)
