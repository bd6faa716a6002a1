"""Builds orders out of their lines: sums of money, first moment, what the lines agree on."""

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core.batch import SEQ, UPDATED_AT
from core.ingest.mapping import SUMMED
from core.ingest.rows import ORDER
from core.ingest.tables import PREFIX, count


def from_lines(con: Backend, lines: str, currency: str | None) -> str:
    """Stage orders that are described by their own lines; return the table's name.

    One row per order: amount, cost and discount are the sums over its lines (null where no line
    has one), ``ordered_at`` is the first moment; ``cancelled_at`` is the last moment, and only
    where every line has one; every other column is the first that the lines give.

    Parameters
    ----------
    con
        Staging connection.
    lines
        Lines, one row of each key, with the columns of the order under ``_order_<name>``.
    currency
        Currency of the mapping, where the lines do not say it.
    """
    table = con.table(lines)
    made: dict[str, ir.Value] = _sums(table)
    for column in table.columns:
        if column.startswith(ORDER):
            made[column.removeprefix(ORDER)] = _agreed(table, column)
    if UPDATED_AT in table.columns:
        made[UPDATED_AT] = table[UPDATED_AT].max()
    made[SEQ] = table[SEQ].max()
    orders = table.group_by("order_id").agg(**made)
    if currency and "currency" not in orders.columns:
        orders = orders.mutate(currency=ibis.literal(currency))
    con.create_table(f"{PREFIX}orders_rolled", orders)
    return f"{PREFIX}orders_rolled"


def onto_orders(con: Backend, orders: str, lines: str) -> str:
    """Give staged orders the sums over their lines; return the table's name.

    An order without any line amounts to 0.
    """
    order, line = con.table(orders), con.table(lines)
    sums = line.group_by("order_id").agg(**_sums(line))
    joined = order.left_join(sums, "order_id", rname="{name}_sum")
    made = {
        name: joined[f"{name}_sum" if name in order.columns else name]
        for name in sums.columns
        if name != "order_id"
    }
    made["amount"] = made["amount"].fill_null(0).cast("decimal(18, 4)")
    kept = [joined[name] for name in order.columns if name not in made]
    con.create_table(f"{PREFIX}orders_summed", joined.select(*kept, **made))
    return f"{PREFIX}orders_summed"


def _sums(lines: ir.Table) -> dict[str, ir.Value]:
    return {
        name: lines[name].sum().cast("decimal(18, 4)") for name in SUMMED if name in lines.columns
    }


def _agreed(table: ir.Table, column: str) -> ir.Value:
    value = table[column]
    if column == f"{ORDER}ordered_at":
        return value.min()
    if column == f"{ORDER}cancelled_at":
        return ibis.ifelse(value.count() == table.count(), value.max(), ibis.null(value.type()))
    return value.argmin(table[SEQ], where=value.notnull())


def mixed(con: Backend, lines: str) -> str | None:
    """Return a table with the ``_seq`` of lines whose order names several customers; None if none.

    Such an order number is used twice (by two branches, or again after years): nobody can say whose
    the order is.
    """
    table = con.table(lines)
    if f"{ORDER}customer_id" not in table.columns:
        return None
    customers = table[f"{ORDER}customer_id"].nunique()
    orders = table.group_by("order_id").agg(n=customers)
    orders = con.create_table(f"{lines}_mixed_orders", orders.filter(orders.n > 1))
    if not count(con, orders):
        return None
    con.create_table(f"{lines}_mixed", table.semi_join(orders, "order_id").select(SEQ))
    return f"{lines}_mixed"
