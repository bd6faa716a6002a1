"""Attributes of customers: wide columns (region, segment, manager) become dated long rows."""

from datetime import date

import ibis
from ibis.backends.duckdb import Backend

from core.ingest.expression import Expression
from core.ingest.mapping import TableMapping
from core.ingest.tables import view


def melted(table: str, part: TableMapping) -> list[TableMapping]:
    """Return one mapping of long rows per attribute column; the part itself if it is long."""
    if table != "customer_attributes" or not part.attributes:
        return [part]
    return [
        part.model_copy(
            update={
                "columns": {**part.columns, "attribute": Expression(value=name), "value": operand},
                "attributes": {},
            }
        )
        for name, operand in part.attributes.items()
    ]


def dated(
    con: Backend, staged: str, part: TableMapping, imported_on: date, *, is_wide: bool
) -> str:
    """Say from when attributes hold; return a view.

    With a from-date of the company they are dated. Without one they hold from the import, which
    ``is_dated`` = false tells. Empty values of a wide column are dropped: they are unknown, not
    ended.
    """
    table = con.table(staged)
    if is_wide:
        table = table.filter(table.value.notnull())
    is_dated = "valid_from" in part.columns
    if not is_dated:
        table = table.mutate(valid_from=ibis.literal(imported_on))
    if "is_dated" not in part.columns:
        table = table.mutate(is_dated=ibis.literal(is_dated))
    return view(con, f"{staged}_dated", table)


def changes(con: Backend, staged: str) -> str:
    """Of dated rows that only repeat the value before them, keep the first; return a view.

    A source that writes the region into every order says it anew on each day with an order. Rows
    with an end of their own stay. What is dropped depends on the other rows of the same import: a
    part of it imported again brings rows that the whole left out.
    """
    table = con.table(staged)
    window = ibis.window(group_by=["customer_id", "attribute"], order_by=table.valid_from)
    before = table.mutate(_before=table.value.lag().over(window))
    repeats = before.value.identical_to(before["_before"]) & before.value.notnull()
    if "valid_to" in table.columns:
        repeats = repeats & before.valid_to.isnull()
    return view(con, f"{staged}_changes", before.filter(~repeats).drop("_before"))
