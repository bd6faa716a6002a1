"""Purchases and their lines, with the day on which each stopped being one.

Facts are kept by key: neither the order's customer nor its day stands in its lines, and what voids
an order lies in three tables. Many figures ask for the purchases of 12 months; put together once,
by month, they are found without a look at all others.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.ledger.build import Build, derived_table, partition_files, write_partitioned
from core.ledger.entries import MONEY, NEVER, dated_orders, month_of
from core.reading import Reading

PURCHASES = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("ordered_on", pa.date32()),
        ("order_id", pa.string()),
        ("amount", pa.decimal128(18, 4)),  # in the currency of the order
        ("payment_method", pa.string()),
        ("promotion_id", pa.string()),
        ("branch", pa.string()),
        ("region", pa.string()),
        ("channel", pa.string()),
        ("employee_id", pa.string()),
        ("cancelled_on", pa.date32()),
        ("voided_on", pa.date32()),  # day from which it is no purchase any more; null: stands
        ("month", pa.date32()),  # first day of the month
    ]
)
PURCHASE_LINES = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("ordered_on", pa.date32()),
        ("product_id", pa.string()),
        ("voided_on", pa.date32()),  # of the order
        ("given_back_on", pa.date32()),  # day from which the product is wholly given back
        ("month", pa.date32()),
    ]
)
TABLES = {"purchases": PURCHASES, "purchase_lines": PURCHASE_LINES}


def purchases_of(reading: Reading, booked: ir.Table, months: Sequence[date] | None) -> ir.Table:
    """Return the orders of customers with an amount above 0, as ``PURCHASES``.

    The day on which one stopped being a purchase is told as ``core.metrics.purchases`` tells it.

    Parameters
    ----------
    reading
        The facts.
    booked
        ``ENTRIES`` of all of history.
    months
        First days of the months wanted; null for all.
    """
    orders = dated_orders(reading)
    orders = orders.filter((orders.amount > 0) & orders.customer_key.notnull())
    orders = orders.mutate(month=month_of(orders.ordered_on))
    if months is not None:
        orders = orders.filter(orders.month.isin(months))
    given = _linked(reading)
    per_order = ibis.window(
        group_by="order_id", order_by="refunded_on", preceding=None, following=0
    )
    days = given.group_by("order_id", "refunded_on").agg(_sum=given.amount.sum())
    running = days.mutate(_back=days["_sum"].sum().over(per_order).cast(MONEY))
    own = orders.select(_order="order_id", _amount="amount")
    both = running.inner_join(own, running.order_id == own["_order"])
    whole = both.filter(both["_back"] >= both["_amount"])
    refunded = whole.group_by("_order").agg(_refunded_on=whole.refunded_on.min())
    rows = orders.left_join(refunded, orders.order_id == refunded["_order"])
    empty = booked.filter(booked.voided_on.notnull() & booked.customer_key.notnull())
    empty = empty.select(_key="customer_key", _day="entered_on", _empty_on="voided_on")
    rows = rows.left_join(
        empty, [rows.customer_key == empty["_key"], rows.ordered_on == empty["_day"]]
    )
    ends = (rows.cancelled_on, rows["_refunded_on"], rows["_empty_on"])
    first = ibis.least(*[ibis.coalesce(day, NEVER) for day in ends])
    return rows.mutate(voided_on=first.nullif(ibis.literal(NEVER))).select(*PURCHASES.names)


def lines_of(reading: Reading, bought: ir.Table) -> ir.Table:
    """Return the lines with an amount above 0 of ``bought`` (``PURCHASES``)."""
    lines = reading.table("order_lines")
    lines = lines.filter(lines.amount > 0).select("order_id", "product_id", "amount")
    given = _linked(reading)
    given = given.filter(given.product_id.notnull())
    product = ["order_id", "product_id"]
    touched = lines.semi_join(given, product)
    sold = touched.group_by(product).agg(_sold=touched.amount.sum())
    per_product = ibis.window(group_by=product, order_by="refunded_on", preceding=None, following=0)
    days = given.group_by(*product, "refunded_on").agg(_sum=given.amount.sum())
    running = days.mutate(_back=days["_sum"].sum().over(per_product).cast(MONEY))
    both = running.inner_join(sold, product)
    whole = both.filter(both["_back"] >= both["_sold"])
    back = whole.group_by(_order="order_id", _product="product_id").agg(
        given_back_on=whole.refunded_on.min()
    )
    own = bought.select("order_id", "customer_key", "ordered_on", "voided_on", "month")
    rows = lines.inner_join(own, "order_id")
    rows = rows.left_join(
        back, [rows.order_id == back["_order"], rows.product_id == back["_product"]]
    )
    return rows.select(*PURCHASE_LINES.names)


def write_purchases(build: Build, booked: ir.Table, months: Sequence[date] | None) -> None:
    """Write purchases and their lines; those of months that did not change stand.

    Parameters
    ----------
    booked
        All entries as they stand.
    months
        Months whose entries this refresh wrote; null for all.
    """
    known = build.base is not None and all(f"derived/{n}" in build.base.tables for n in TABLES)
    changed = sorted({*months, *_months_changed(build)}) if known and months is not None else None
    _write(build, "purchases", purchases_of(build.reading, booked, changed), changed)
    bought = derived_table(build, "purchases", PURCHASES)
    if changed is not None:
        bought = bought.filter(bought.month.isin(changed))
    _write(build, "purchase_lines", lines_of(build.reading, bought), changed)


def _write(build: Build, name: str, rows: ir.Table, months: Sequence[date] | None) -> None:
    removed = partition_files(build, name, months)
    added = write_partitioned(build, rows, name, "month")
    build.books.commit_files(f"derived/{name}", TABLES[name], "month", added, removed)


def _months_changed(build: Build) -> set[date]:
    """Return the months of purchases that may have changed though their entries did not.

    An order of a day on which another one stands leaves no trace in entries when it is voided, nor
    do changes of its channel, branch or promotion.
    """
    if build.base is None or build.since is None:
        return set()
    since = build.since
    orders = dated_orders(build.reading)
    touched = orders.filter(orders["_version"] > build.base.data_version)
    given = _linked(build.reading)
    refunded = orders.semi_join(given.filter(given.refunded_on >= since), "order_id")
    stored = derived_table(build, "purchases", PURCHASES)
    lines = derived_table(build, "purchase_lines", PURCHASE_LINES)
    parts = [
        touched.select(month=month_of(touched.ordered_on)),
        refunded.select(month=month_of(refunded.ordered_on)),
        stored.filter((stored.voided_on >= since) | (stored.cancelled_on >= since)).select("month"),
        lines.filter(lines.given_back_on >= since).select("month"),
    ]
    return set(ibis.union(*parts, distinct=True).to_pyarrow()["month"].to_pylist())


def _linked(reading: Reading) -> ir.Table:
    """Return the refunds that name their order, with their day."""
    refunds = reading.table("refunds")
    named = refunds.filter(refunds.order_id.notnull())
    return named.mutate(refunded_on=named.refunded_at.cast("date"))
