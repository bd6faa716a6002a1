"""Which days an import touches: the first it changed, and the last that the books know of."""

from collections.abc import Callable
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core import engine
from core.changes import Change
from core.facts import Books, Version

# Facts that ledger lines are made of, and the day from which each counts.
_DATED = {
    "refunds": "refunded_at",
    "service_costs": "incurred_on",
    "contracts": "started_on",
    "customers": "joined_on",
    "rates": "rate_on",
}
# A change of these may reach any earlier line: undated attributes, merged customers.
_TIMELESS = date(1, 1, 1)


def first_day_changed(
    con: Backend, changes: dict[str, Change], facts: Callable[[str], ir.Table | None]
) -> date | None:
    """Return the first day whose ledger lines the import may change; null if it changes none.

    Lines of earlier month-ends stand as they are. ``facts`` gives a table as it was before.
    """
    days = [
        _first(rows, column)
        for name, column in _DATED.items()
        if name in changes
        for rows in _touched(changes[name])
    ]
    if "orders" in changes:
        days += _order_days(changes["orders"])
    if "order_lines" in changes and (orders := facts("orders")) is not None:
        # Lines decide which sale an unlinked refund belongs to.
        days += [
            _first(orders.semi_join(rows, "order_id"), "ordered_at")
            for rows in _touched(changes["order_lines"])
        ]
    if "customer_attributes" in changes:
        days += _attribute_days(changes["customer_attributes"], facts("customer_attributes"))
    if "customer_merges" in changes and not changes["customer_merges"].is_empty:
        days.append(_TIMELESS)
    return min((day for day in days if day is not None), default=None)


def last_day(books: Books, version: Version, con: Backend) -> date | None:
    """Return the data date: the last day on which anything was bought, cancelled or refunded."""
    days = []
    dated = {"orders": ("ordered_at", "cancelled_at"), "refunds": ("refunded_at",)}
    for table, columns in dated.items():
        files = books.files(f"facts/{table}", version.tables)
        rows = engine.read_parquet(con, files, books.fact_schema(table))
        days += [_greatest(rows, column) for column in columns] if files else []
    return max((day for day in days if day is not None), default=None)


def _touched(change: Change) -> list[ir.Table]:
    tables = (change.inserted, change.corrected, change.before, change.withdrawn)
    return [rows for rows in tables if rows is not None]


def _order_days(change: Change) -> list[date | None]:
    whole = [rows for rows in (change.inserted, change.withdrawn) if rows is not None]
    days = [_first(rows, "ordered_at") for rows in whole]
    if change.corrected is None or change.before is None:
        return days
    # Where only the cancellation is new, lines before it stand.
    same = ("customer_key", "ordered_at", "amount", "cost", "currency")
    old = change.before.select("order_id", "cancelled_at", *same).rename("{name}_old")
    both = change.corrected.inner_join(old, change.corrected.order_id == old.order_id_old)
    is_same = ibis.and_(*[both[c].identical_to(both[f"{c}_old"]) for c in same])
    cancelled = ibis.least(both.cancelled_at, both.cancelled_at_old)
    ordered = ibis.least(both.ordered_at, both.ordered_at_old)
    is_moved = ~both.cancelled_at.identical_to(both.cancelled_at_old)
    day = ibis.cases((~is_same, ordered), (is_moved, cancelled))
    return [*days, _first(both.select(day=day), "day")]


def _attribute_days(change: Change, stored: ir.Table | None) -> list[date | None]:
    days = [_first(rows, "valid_from") for rows in _touched(change)]
    is_first_undated = False
    for rows in _touched(change):
        undated = rows.filter(~rows.is_dated)
        if stored is not None:
            undated = undated.anti_join(stored, ["customer_key", "attribute"])
        is_first_undated |= bool(engine.count(undated))
    return [*days, _TIMELESS] if is_first_undated else days


def _first(rows: ir.Table, column: str) -> date | None:
    return rows[column].min().cast("date").to_pyarrow().as_py()


def _greatest(rows: ir.Table, column: str) -> date | None:
    return rows[column].max().cast("date").to_pyarrow().as_py()
