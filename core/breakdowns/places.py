"""Sales by the place of the order: region, branch, channel."""

from functools import partial

import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.breakdowns.composition import MONTHS, rated_orders
from core.metrics.places import place_sales
from core.periods import window_start
from core.view import View


def by_place(view: View, period: Period, *, place: str) -> ir.Table:
    """Return net sales of 12 months by a place of the orders, of the customers in scope."""
    day, since = period.as_of, window_start(period.as_of, MONTHS)
    orders, booked = rated_orders(view), view.entries(day, since)
    if view.scope:
        customers = view.lines(day)
        orders, booked = (rows.semi_join(customers, "customer_key") for rows in (orders, booked))
    refunds = view.ledger.table("refunds")
    refunds = refunds.mutate(refunded_on=refunds.refunded_at.cast("date"))
    return place_sales(orders, refunds, booked, place=place, since=since, as_of=day)


BREAKDOWNS = tuple(
    Breakdown(
        f"sales-by-order-{place}", partial(by_place, place=place),
        (place, "net", "share", "orders", "buyers"), ("-net", place),
    )
    for place in ("region", "branch", "channel")
)  # fmt: skip
