"""Figures of events, such as answers and complaints: each customer as often as they had one."""

import ibis
import ibis.expr.types as ir


def per_customer(
    rows: ir.Table, counted: ir.Value, base: ir.Value | None = None, **more: ir.Value
) -> ir.Table:
    """Return one row per customer of ``rows``, which may hold several of each.

    Parameters
    ----------
    rows
        Events, with a ``customer_key``.
    counted, base
        What each event adds; added up. Without ``base`` there is no such column.
    more
        Further columns, as they are to be told of all events of a customer.
    """
    added = {"counted": counted} if base is None else {"counted": counted, "base": base}
    rows = rows.mutate(**{f"_{name}": value.cast("float64") for name, value in added.items()})
    sums = {name: rows[f"_{name}"].sum().fill_null(0.0) for name in added}
    return rows.group_by("customer_key").agg(**sums, **more)


def one() -> ir.Value:
    """Return what an event counts."""
    return ibis.literal(1.0)
