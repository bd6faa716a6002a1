"""Customers of the store by their names: the store knows their numbers in the books alone."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.lists.registry import named
from core.metrics.retention import silence_band
from core.view import View

_STANDING = ("tier_name", "branch", "manager", "last_on", "silence_days", "is_active")


def with_names(view: View, rows: pa.Table, day: date) -> pa.Table:
    """Return rows of customers in scope with who they are and where they stand at a ledger day.

    Added are ``customer_id``, ``name``, ``may_contact``, ``tier_name``, ``branch``, ``manager``,
    ``last_on``, ``silence_days`` and ``is_active``; the order is kept. Without a scope nobody is
    left out.
    """
    place = pa.array(range(rows.num_rows), pa.int64())
    keyed = rows.select(["customer_key"]).append_column("_place", place)
    found = named(view, of_now(view, keyed))
    lines = silence_band(view.lines(day)).select(_line="customer_key", **{n: n for n in _STANDING})
    both = found.inner_join if view.scope else found.left_join
    found = both(lines, found.customer_key == lines["_line"]).order_by("_place")
    names = ("_place", "customer_id", "name", "may_contact", *_STANDING)
    told = found.select(*names).to_pyarrow()
    kept = rows.take(told["_place"])
    for name in names[1:]:
        kept = kept.append_column(name, told[name])
    return kept


def customer_key(view: View, customer_id: str) -> int | None:
    """Return the number in the books of whom the company calls ``customer_id``; null: nobody."""
    ids = view.ledger.persons("customer_ids")
    found = ids.filter(ids.customer_id == ibis.literal(customer_id)).select("customer_key").limit(1)
    keys = of_now(view, found.to_pyarrow()).to_pyarrow()["customer_key"].to_pylist()
    return keys[0] if keys else None


def of_now(view: View, rows: pa.Table) -> ir.Table:
    """Return rows of the store in the ledger, customers merged since as the one they became."""
    ledger = view.ledger
    if ledger.has("customer_merges"):
        merges = ledger.table("customer_merges").select("customer_key", "into_customer_key")
        into = dict(zip(*merges.to_pyarrow().to_pydict().values(), strict=True))
        keys = [_last(key, into) for key in rows["customer_key"].to_pylist()]
        place = rows.column_names.index("customer_key")
        rows = rows.set_column(place, "customer_key", pa.array(keys, pa.int64()))
    return engine.small_table(ledger.con, rows)


def _last(key: int, into: Mapping[int, int]) -> int:
    seen = {key}
    while key in into and into[key] not in seen:
        key = into[key]
        seen.add(key)
    return key
