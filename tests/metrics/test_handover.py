"""Whose customers an employee leaves behind, on a few rows."""

from datetime import date

import ibis
import pyarrow as pa

from core.metrics.handover import customers_left, loads, second_contacts
from tests.shop import day, found, lines

DAY = day("2024-04-15")


def dealings(*rows: tuple):
    """Rows of customer, employee and the day on which the order was cancelled, if it was."""
    schema = pa.schema(
        [
            ("customer_key", pa.int64()),
            ("employee_id", pa.string()),
            ("cancelled_on", pa.date32()),
            ("happened_on", pa.date32()),
        ]
    )
    made = [
        {
            "customer_key": key, "employee_id": by, "happened_on": DAY,
            "cancelled_on": date.fromisoformat(rest[0]) if rest else None,
        }
        for key, by, *rest in rows
    ]  # fmt: skip
    return ibis.memtable(pa.Table.from_pylist(made, schema=schema))


def second(*rows: tuple, here: tuple[str, ...] = ("B", "C")) -> dict:
    known = ibis.memtable(pa.table({"employee_id": pa.array(here, pa.string())}))
    rows_found = found(second_contacts(dealings(*rows), known, employee_id="A", day=DAY))
    return {row["customer_key"]: (row["second_id"], row["second_events"]) for row in rows_found}


def test_the_second_contact_dealt_most_with_the_customer_and_equals_go_by_number():
    assert second((1, "A"), (1, "C"), (1, "C"), (1, "B"), (2, "C"), (2, "B")) == {
        1: ("C", 2), 2: ("B", 1)
    }  # fmt: skip


def test_who_left_or_is_nobody_is_no_second_contact():
    assert second((1, "A"), (1, "D"), (2, None)) == {}


def test_a_cancelled_order_is_no_dealing_until_it_is_cancelled():
    assert second((1, "B", "2024-04-15")) == {}
    assert second((1, "B", "2024-04-16")) == {1: ("B", 1)}


def handled(*rows: tuple[int, str]):
    made = [
        {
            "customer_key": key, "employee_id": by, "events": 4, "own_events": 3,
            "own_last_on": DAY, "is_dependent": True,
        }
        for key, by in rows
    ]  # fmt: skip
    schema = pa.schema(
        [
            ("customer_key", pa.int64()), ("employee_id", pa.string()), ("events", pa.int64()),
            ("own_events", pa.int64()), ("own_last_on", pa.date32()), ("is_dependent", pa.bool_()),
        ]
    )  # fmt: skip
    return ibis.memtable(pa.Table.from_pylist(made, schema=schema))


def test_left_behind_is_who_dealt_mainly_with_them_or_has_them_as_manager():
    there = lines(
        DAY,
        {"customer_key": 1, "value": 5}, {"customer_key": 2, "value": 5, "manager": "Ivy"},
        {"customer_key": 3, "value": 5, "manager": "B"},
        {"customer_key": 4, "is_prospect": True, "manager": "A"},
    )  # fmt: skip
    rows = found(
        customers_left(there, handled((1, "A"), (3, "B")), employee_id="A", called=("A", "Ivy"))
    )
    told = {row["customer_key"]: (row["is_main"], row["is_manager"]) for row in rows}
    assert told == {1: (True, False), 2: (False, True)}


def test_a_manager_looks_after_active_customers():
    there = lines(
        DAY, {"customer_key": 1, "value": 5, "manager": "A"},
        {"customer_key": 2, "value": 5, "manager": "A", "is_active": False},
        {"customer_key": 3, "value": 5},
    )  # fmt: skip
    assert found(loads(there)) == [{"manager": "A", "customers": 1}]
