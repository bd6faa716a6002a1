"""The people around a customer: who serves them, and who recommended whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from core import engine
from core.card.one import OneCustomer
from core.figures.evidence import dealings
from core.metrics import dependency
from core.periods import window_start
from core.view import View


@dataclass(frozen=True)
class Employee:
    """An employee who dealt with a customer in 12 months; ``share`` is of all dealings."""

    employee_id: str
    name: str | None
    branch: str | None
    dealings: int
    share: float
    last_on: date
    left_on: date | None  # null: still there at the day


@dataclass(frozen=True)
class Served:
    """Who served a customer in 12 months, the one with most dealings first.

    Not ``is_recorded``: the books know of no contacts, nor who served whom.
    """

    is_recorded: bool

    employees: tuple[Employee, ...]
    dealings: int  # those that were nobody's included
    depends_on: str | None  # employee_id: by the rule of ``dependency``
    knows_nobody_else: bool


@dataclass(frozen=True)
class Relation:
    """A customer who was recommended, or who recommended; null keys: not known who."""

    has_recommended: bool  # this customer recommended the other
    customer_key: int | None
    customer_id: str | None
    name: str | None
    on: date


def served(one: OneCustomer, view: View, day: date) -> Served:
    """Return who dealt with the customer in the 12 months up to ``day``."""
    found = dealings(view, window_start(day, dependency.MONTHS), day).to_pyarrow()
    rows = [
        row for row in found.to_pylist() if row["cancelled_on"] is None or row["cancelled_on"] > day
    ]
    counts = Counter(row["employee_id"] for row in rows if row["employee_id"])
    known = one.names("employees", list(counts), "name", "branch", "left_on")
    employees = [
        _employee(key, known.get(key, {}), [r for r in rows if r["employee_id"] == key], rows, day)
        for key in counts
    ]
    employees.sort(key=lambda each: (-each.dealings, each.employee_id))
    least = view.definitions.dependency_events
    depends_on = _depends_on(one, view, found, day) if len(rows) >= least else None
    alone = depends_on is not None and len(employees) == 1
    is_recorded = one.has("contacts") or one.names_employees
    return Served(is_recorded, tuple(employees), len(rows), depends_on, alone)


def relations(one: OneCustomer, day: date) -> tuple[Relation, ...]:
    """Return whom the customer recommended by ``day``, and who recommended them."""
    rows = [row for row in one.rows("referrals") if row["referred_on"] <= day]
    found = []
    for row in rows:
        has_recommended = row["customer_key"] == one.customer_key
        other = row["referred_customer_key"] if has_recommended else row["customer_key"]
        found.append((has_recommended, other, row["referred_on"]))
    known = named(one, [other for _, other, _ in found])
    return tuple(
        Relation(has, other, *known.get(other, (None, None)), on)
        for has, other, on in sorted(found, key=lambda each: each[2], reverse=True)
    )


def named(
    one: OneCustomer, keys: Sequence[int | None]
) -> dict[int | None, tuple[str | None, str | None]]:
    """Return the company's own id and the name of customers."""
    wanted = sorted({key for key in keys if key is not None})
    if not wanted:
        return {}
    ids = one.person_rows("customer_ids", "customer_key", wanted)
    people = one.person_rows("customers", "customer_key", wanted)
    names = {row["customer_key"]: row["name"] for row in people}
    return {row["customer_key"]: (row["customer_id"], names.get(row["customer_key"]))
            for row in ids}  # fmt: skip


def _employee(
    key: str, known: dict, own: Sequence[dict], rows: Sequence[dict], day: date
) -> Employee:
    left_on = known.get("left_on")
    return Employee(
        key, known.get("name"), known.get("branch"), len(own), len(own) / len(rows),
        max(row["happened_on"] for row in own), left_on if left_on and left_on <= day else None,
    )  # fmt: skip


def _depends_on(one: OneCustomer, view: View, found: pa.Table, day: date) -> str | None:
    definitions = view.definitions
    keys = pa.table({"customer_key": pa.array([one.customer_key], pa.int64())})
    asked = engine.small_table(one.con, keys)
    events = engine.small_table(one.con, found)
    handled = dependency.handled(
        events, dependency.asked_on(asked, day),
        least_share=definitions.dependency_share, least_events=definitions.dependency_events,
    ).to_pyarrow().to_pylist()  # fmt: skip
    return handled[0]["employee_id"] if handled and handled[0]["is_dependent"] else None
