"""Scopes: which region, branch, channel, manager, segment and membership held on which days.

A ledger line carries one number, ``scope_key``, for the combination that held at its month-end;
the small table ``scopes`` names the combinations. Numbers once given stay.
"""

from datetime import date
from functools import reduce

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from core.engine import small_table
from core.reading import Reading
from core.schema import SCOPES

SCOPE_TABLE = pa.schema([("scope_key", pa.int32()), *((name, pa.string()) for name in SCOPES)])
BEGINNING = date(1, 1, 1)
END = date(9999, 12, 31)


def spans(reading: Reading, after: date | None = None) -> ir.Table:
    """Return from when to when each combination of attributes held of each customer.

    A value holds from its day until its own end, or until the next value of the same attribute.
    Before its first value an undated attribute is taken to have held already, and the span says
    ``is_backfilled``; a dated one was unknown.

    Parameters
    ----------
    reading
        The facts.
    after
        Spans that ended by this day are left out; null for none.

    Returns
    -------
    One row per customer and span: ``customer_key``, ``from_on``, ``to_on`` (exclusive), one text
    column per scope, ``is_backfilled``.
    """
    attributes = reading.table("customer_attributes")
    known = attributes.filter(attributes.attribute.isin(SCOPES))
    ordered = ibis.window(group_by=["customer_key", "attribute"], order_by="valid_from")
    numbered = known.mutate(
        _next=known.valid_from.lead().over(ordered),
        _before=known.valid_from.lag().over(ordered),
    )
    is_backfilled = ~numbered.is_dated & numbered["_before"].isnull()
    held = numbered.select(
        "customer_key",
        "attribute",
        "value",
        from_on=is_backfilled.ifelse(BEGINNING, numbered.valid_from),
        to_on=ibis.least(
            ibis.coalesce(numbered["_next"], END), ibis.coalesce(numbered.valid_to, END)
        ),
        backfilled_to=is_backfilled.ifelse(numbered.valid_from, BEGINNING),
    )
    edges = ibis.union(
        held.select("customer_key", edge="from_on"),
        held.select("customer_key", edge="to_on"),
        held.select("customer_key", edge="backfilled_to"),
        distinct=True,
    )
    following = edges.edge.lead().over(ibis.window(group_by="customer_key", order_by="edge"))
    pieces = edges.select("customer_key", from_on="edge", to_on=following)
    pieces = pieces.filter(pieces.to_on > (after or BEGINNING))
    held = held.rename(_from="from_on", _to="to_on")
    joined = pieces.left_join(
        held, ["customer_key", pieces.from_on >= held["_from"], pieces.from_on < held["_to"]]
    )
    return joined.group_by("customer_key", "from_on", "to_on").agg(
        **{name: joined.value.max(where=joined.attribute == name) for name in SCOPES},
        is_backfilled=(joined.from_on < joined.backfilled_to).any().fill_null(False),
    )


def numbered(con: Backend, found: ir.Table, known: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Number the combinations in ``found``; those in ``known`` keep their number.

    Returns
    -------
    The scopes (``SCOPE_TABLE``), and the spans as ``customer_key``, ``from_on``, ``to_on``,
    ``scope_key``, ``is_backfilled``; both are temporary tables.
    """
    pieces = con.create_table("spans_found", found, temp=True, overwrite=True)
    blank = small_table(con, pa.table({name: pa.nulls(1, pa.string()) for name in SCOPES}))
    combinations = pieces.select(*SCOPES).union(blank, distinct=True)
    new = combinations.anti_join(known, _same(combinations, known))
    last = known.scope_key.max().fill_null(-1).as_scalar()
    rank = ibis.row_number().over(order_by=[new[name] for name in SCOPES])
    fresh = new.select(scope_key=(last + 1 + rank).cast("int32"), **{n: new[n] for n in SCOPES})
    scopes = con.create_table("scopes", known.union(fresh), temp=True, overwrite=True)
    joined = pieces.inner_join(scopes, _same(pieces, scopes))
    columns = ("customer_key", "from_on", "to_on", "scope_key", "is_backfilled")
    keyed = con.create_table("spans", joined.select(*columns), temp=True, overwrite=True)
    return scopes, keyed


def _same(left: ir.Table, right: ir.Table) -> ir.BooleanValue:
    pairs = [left[name].fill_null("\x00") == right[name].fill_null("\x00") for name in SCOPES]
    return reduce(lambda a, b: a & b, pairs)
