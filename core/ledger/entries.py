"""Entries: what each customer brought in on each day, and whether the day was an occasion.

An order is a purchase if its amount is above 0. Refunds and cancellations are dated facts: they
reduce the money of their own day, and the order stops being a purchase from the day on which it is
wholly given back or cancelled (``voided_on``). An occasion is a customer's day with a purchase.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.reading import Reading

MONEY = "decimal(18, 4)"
NEVER = date(9999, 12, 31)
_AMOUNT = pa.decimal128(18, 4)
_MONEYS = ("gross", "returned", "cost", "service_cost", "discount", "costed_net")
ENTRIES = pa.schema(
    [
        ("customer_key", pa.int64()),  # null: sales without a customer
        ("entered_on", pa.date32()),
        ("gross", _AMOUNT),  # sold that day
        ("returned", _AMOUNT),  # refunded or cancelled that day, whenever it was bought
        ("cost", _AMOUNT),  # of goods; cancellations bring it back, refunds do not
        ("service_cost", _AMOUNT),
        ("discount", _AMOUNT),
        ("costed_net", _AMOUNT),  # the part of gross - returned whose cost is known
        ("orders", pa.int32()),  # purchases of that day
        ("voided_on", pa.date32()),  # day from which none of them is a purchase any more
        ("month", pa.date32()),  # first day of the month
    ]
)


def entries(reading: Reading, currency: str, months: Sequence[date] | None = None) -> ir.Table:
    """Return one row per customer and day on which anything was booked, as ``ENTRIES``.

    Parameters
    ----------
    reading
        The facts.
    currency
        Currency of the books; orders in another one are converted at the rate of their day.
    months
        First days of the months wanted; null for all.
    """
    orders = _orders(reading, currency)
    refunds = _refunds(reading, orders)
    voids = _voids(orders, refunds)
    sold = orders.left_join(voids, "order_id")
    sales = _booking(
        sold,
        customer_key=sold.customer_key,
        entered_on=sold.ordered_on,
        gross=sold.amount,
        cost=sold.cost.fill_null(0),
        discount=sold.discount.fill_null(0),
        costed_net=sold.cost.notnull().ifelse(sold.amount, _zero()),
        orders=(sold.amount > 0).cast("int32"),
        voided_on=sold.voided_on,
    )
    parts = [sales, _cancellations(orders, refunds), _given_back(orders, refunds)]
    if reading.has("service_costs"):
        parts.append(_service(reading.table("service_costs")))
    booked = ibis.union(*parts)
    if months is not None:
        booked = booked.filter(month_of(booked.entered_on).isin(months))
    # A day with a purchase that stands for good is voided never: later than any day.
    standing_until = ibis.coalesce(booked.voided_on, NEVER)
    voided_on = standing_until.max(where=booked.orders > 0)
    # Summing what the company did not bring would take as long as summing what it did.
    brought = {"gross", "returned", *_brought(reading)}
    grouped = booked.group_by("customer_key", "entered_on").agg(
        **{c: booked[c].sum().cast(MONEY) for c in _MONEYS if c in brought},
        orders=booked.orders.sum().cast("int32"),
        voided_on=voided_on.nullif(ibis.literal(NEVER)),
    )
    return grouped.mutate(
        month=month_of(grouped.entered_on), **{c: _zero() for c in _MONEYS if c not in brought}
    ).select(*ENTRIES.names)


def _brought(reading: Reading) -> set[str]:
    """Return the money columns that can hold anything but 0."""
    orders = reading.table("orders")
    found = orders.agg(cost=orders.cost.count(), discount=orders.discount.count())
    counts = found.to_pyarrow().to_pylist()[0]
    brought = {name for name, n in counts.items() if n}
    if "cost" in brought:
        brought.add("costed_net")
    if reading.has("service_costs"):
        brought.add("service_cost")
    return brought


def month_of(day: ir.Value) -> ir.DateValue:
    """Return the first day of the month of a date or timestamp.

    DuckDB truncates a date to a timestamp, which Ibis takes for a date: hence the casts.
    """
    return day.cast("timestamp").truncate("M").cast("date")


def _orders(reading: Reading, currency: str) -> ir.Table:
    orders = dated_orders(reading)
    if not reading.has("rates"):
        return orders
    rates = reading.table("rates").select(_currency="currency", _from="rate_on", _rate="rate")
    held = rates_held(orders, rates, currency)
    joined = orders.left_join(held, "order_id").drop("order_id_right")
    rate = joined["_rate"].fill_null(1.0)
    return joined.mutate(
        **{
            c: (joined[c].cast("float64") * rate).round(4).cast(MONEY)
            for c in ("amount", "cost", "discount")
        }
    ).drop("_rate")


def rates_held(orders: ir.Table, rates: ir.Table, currency: str) -> ir.Table:
    """Return ``order_id`` and ``_rate`` of each order in another currency whose rate is known."""
    foreign = orders.filter(orders.currency != currency)
    matches = foreign.inner_join(
        rates, [foreign.currency == rates["_currency"], foreign.ordered_on >= rates["_from"]]
    )
    return matches.group_by("order_id").agg(_rate=matches["_rate"].argmax(matches["_from"]))


def without_rate(reading: Reading, currency: str) -> ir.Table:
    """Return the orders (``currency``, ``ordered_on``) in another currency than the books'
    for whose day no rate is known: they cannot be counted."""
    orders = dated_orders(reading)
    rates = reading.table("rates").select(_currency="currency", _from="rate_on", _rate="rate")
    foreign = orders.filter(orders.currency != currency)
    unknown = foreign.anti_join(rates_held(orders, rates, currency), "order_id")
    return unknown.select("currency", "ordered_on")


def dated_orders(reading: Reading) -> ir.Table:
    """Return the orders with the days they were made and cancelled on."""
    orders = reading.table("orders")
    return orders.mutate(
        ordered_on=orders.ordered_at.cast("date"), cancelled_on=orders.cancelled_at.cast("date")
    )


def _refunds(reading: Reading, orders: ir.Table) -> ir.Table:
    """Return every refund with the order it belongs to, if any, and what of it counts there.

    An unlinked refund belongs to the customer's latest earlier sale of the same product. What is
    given back of one product never voids more of its order than the product cost there.
    """
    refunds = reading.table("refunds").mutate(
        refunded_on=lambda t: t.refunded_at.cast("date"),
    )
    linked = refunds.mutate(sale_id=refunds.order_id, cap=ibis.null(MONEY))
    if not (reading.has("refunds") and reading.has("order_lines")):
        return linked
    lines = reading.table("order_lines").filter(lambda t: t.product_id.notnull())
    products = lines.group_by("order_id", "product_id").agg(sold=lines.amount.sum().cast(MONEY))
    sales = products.inner_join(
        orders.select("order_id", "customer_key", "ordered_at"), "order_id"
    ).select(
        sale_id="order_id", sale_product="product_id", sale_customer="customer_key",
        sold_at="ordered_at", sold="sold",
    )  # fmt: skip
    loose = linked.filter(linked.order_id.isnull() & linked.product_id.notnull())
    loose = loose.drop("sale_id", "cap")
    # A refund without a time of day comes at the end of its day.
    has_time = loose.refunded_at > loose.refunded_at.truncate("D")
    until = has_time.ifelse(
        loose.refunded_at, loose.refunded_at.truncate("D") + ibis.interval(hours=24)
    )
    loose = loose.mutate(_until=until)
    pairs = loose.inner_join(
        sales,
        [
            loose.customer_key == sales.sale_customer,
            loose.product_id == sales.sale_product,
            sales.sold_at <= loose["_until"],
        ],
    )
    latest = ibis.row_number().over(
        group_by=pairs.refund_id, order_by=[pairs.sold_at.desc(), pairs.sale_id.desc()]
    )
    ranked = pairs.select("refund_id", "sale_id", cap="sold", _rank=latest)
    matched = ranked.filter(ranked["_rank"] == 0).drop("_rank")
    joined = refunds.left_join(matched, "refund_id").drop("refund_id_right")
    joined = joined.mutate(sale_id=ibis.coalesce(joined.order_id, joined.sale_id))
    return joined.select(*linked.columns)


def _voids(orders: ir.Table, refunds: ir.Table) -> ir.Table:
    """Return one row per order that was wholly given back or cancelled, with the first such day."""
    found = refunds.filter(refunds.sale_id.notnull())
    per_product = ibis.window(
        group_by=["sale_id", "product_id"],
        order_by=["refunded_at", "refund_id"],
        preceding=None,
        following=0,
    )
    running = found.mutate(_sum=found.amount.sum().over(per_product).cast(MONEY))
    before = (running["_sum"] - running.amount).cast(MONEY)
    counted = running.mutate(
        _counted=running.cap.isnull().ifelse(
            running.amount,
            (ibis.least(running["_sum"], running.cap) - ibis.least(before, running.cap)),
        )
    )
    per_order = ibis.window(
        group_by="sale_id", order_by=["refunded_at", "refund_id"], preceding=None, following=0
    )
    totals = counted.mutate(_back=counted["_counted"].sum().over(per_order))
    own = orders.select(_order="order_id", _amount="amount")
    joined = totals.inner_join(own, totals.sale_id == own["_order"])
    whole = joined.filter((joined["_back"] >= joined["_amount"]) & (joined["_amount"] > 0))
    refunded = whole.group_by(order_id=whole.sale_id).agg(voided_on=whole.refunded_on.min())
    cancelled = orders.filter(orders.cancelled_on.notnull()).select(
        "order_id", voided_on="cancelled_on"
    )
    both = refunded.union(cancelled)
    return both.group_by("order_id").agg(voided_on=both.voided_on.min())


def _cancellations(orders: ir.Table, refunds: ir.Table) -> ir.Table:
    """A cancellation gives back what no refund had given back by then."""
    cancelled = orders.filter(orders.cancelled_on.notnull())
    back = refunds.select(_order="sale_id", _on="refunded_on", _back="amount")
    pairs = cancelled.inner_join(
        back, [cancelled.order_id == back["_order"], back["_on"] <= cancelled.cancelled_on]
    )
    earlier = pairs.group_by("order_id").agg(_back=pairs["_back"].sum().cast(MONEY))
    joined = cancelled.left_join(earlier, "order_id")
    left = (joined.amount - joined["_back"].fill_null(0)).cast(MONEY)
    return _booking(
        joined,
        customer_key=joined.customer_key,
        entered_on=joined.cancelled_on,
        returned=left,
        cost=-joined.cost.fill_null(0),
        discount=-joined.discount.fill_null(0),
        costed_net=joined.cost.notnull().ifelse(-left, _zero()),
    )


def _given_back(orders: ir.Table, refunds: ir.Table) -> ir.Table:
    """Refunds, but for those of an order that was cancelled before."""
    own = orders.select(
        _order="order_id", _owner="customer_key", _cancelled="cancelled_on", _cost="cost"
    )
    joined = refunds.left_join(own, refunds.sale_id == own["_order"])
    is_later = (joined["_cancelled"] < joined.refunded_on).fill_null(False)
    counted = joined.filter(~is_later)
    return _booking(
        counted,
        customer_key=ibis.coalesce(counted.customer_key, counted["_owner"]),
        entered_on=counted.refunded_on,
        returned=counted.amount,
        costed_net=counted["_cost"].notnull().ifelse(-counted.amount, _zero()),
    )


def _service(costs: ir.Table) -> ir.Table:
    return _booking(
        costs,
        customer_key=costs.customer_key,
        entered_on=costs.incurred_on,
        service_cost=costs.amount,
    )


def _booking(rows: ir.Table, **known: ir.Value) -> ir.Table:
    blank: dict[str, ir.Value] = {c: _zero() for c in _MONEYS}
    blank |= {"orders": ibis.literal(0, "int32"), "voided_on": ibis.null("date")}
    values = blank | known
    order = ("customer_key", "entered_on", *_MONEYS, "orders", "voided_on")
    casts = {c: values[c].cast(MONEY) if c in _MONEYS else values[c] for c in order}
    return rows.select(**casts)


def _zero() -> ir.DecimalScalar:
    return ibis.literal(0).cast(MONEY)


def void_months(reading: Reading, since: date) -> ir.Table:
    """Return the months of orders that stopped being purchases on or after ``since``."""
    orders = dated_orders(reading)
    voids = _voids(orders, _refunds(reading, orders))
    voided = orders.inner_join(voids.filter(voids.voided_on >= since), "order_id")
    return voided.select(month=month_of(voided.ordered_on)).distinct()
