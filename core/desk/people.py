"""Who the customers of records are: the store knows their numbers alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa

from core import engine
from core.lists.registry import named
from core.view import View

UPPER = ("top", "high", "middle")


@dataclass(frozen=True)
class Customer:
    """A customer as the books know them now; ``is_in_scope`` is of the view."""

    customer_key: int
    customer_id: str | None
    name: str | None
    tier: str | None
    branch: str | None
    manager: str | None
    value: Decimal | None
    is_active: bool
    is_in_scope: bool

    @property
    def called(self) -> str:
        """What the customer is called."""
        return self.name or self.customer_id or str(self.customer_key)


def customers(view: View, keys: Collection[int]) -> dict[int, Customer]:
    """Return who some customers are, by number; of numbers that the books do not know nothing."""
    if not keys:
        return {}
    day = view.days[-1]
    wanted = pa.table({"customer_key": pa.array(sorted(set(keys)), pa.int64())})
    asked = engine.small_table(view.ledger.con, wanted)
    lines = view.all_lines(day, view.is_on_margin(day)).semi_join(asked, "customer_key")
    lines = lines.select(
        "tier_name", "branch", "manager", "value", "is_active", "is_in_scope", _line="customer_key"
    )
    rows = asked.left_join(lines, asked.customer_key == lines["_line"]).drop("_line")
    return {
        row["customer_key"]: Customer(
            row["customer_key"], row["customer_id"], row["name"], row["tier_name"], row["branch"],
            row["manager"], row["value"], bool(row["is_active"]),
            not view.scope if row["is_in_scope"] is None else row["is_in_scope"],
        )
        for row in named(view, rows).to_pyarrow().to_pylist()
        if row["customer_id"] is not None
    }  # fmt: skip


def due_for_evaluation(
    view: View, evaluated: Collection[int], most: int
) -> tuple[pa.Table, int]:  # fmt: skip
    """Return active customers of the upper tiers who were not evaluated, and how many there are.

    The most valuable first: ``customer_key``, ``customer_id``, ``name``, ``tier_name``, ``branch``,
    ``manager``, ``value``.
    """
    day: date = view.days[-1]
    lines = view.lines(day, view.is_on_margin(day))
    found = lines.filter(lines.is_active & lines.tier_name.isin(UPPER))
    if evaluated:
        keys = pa.table({"customer_key": pa.array(sorted(set(evaluated)), pa.int64())})
        found = found.anti_join(engine.small_table(view.ledger.con, keys), "customer_key")
    n = engine.count(found)
    found = found.select("customer_key", "tier_name", "branch", "manager", "value")
    first = found.order_by(found.value.desc(), found.customer_key).limit(most)
    rows = named(view, first)
    rows = rows.order_by(rows.value.desc(), rows.customer_key)
    columns = ("customer_key", "customer_id", "name", "tier_name", "branch", "manager", "value")
    return rows.to_pyarrow().select(columns), n
