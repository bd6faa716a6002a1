"""Cohorts by month of first purchase."""

from datetime import date, datetime
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from core.metrics.cohorts import cohort_average, cohort_money, cohort_retention
from core.metrics.repurchase import first_and_second
from tests.shop import day, found, occasions

JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)
SHOP = {
    "c1": "2024-01-01 2024-02-29 2024-04-01",
    "c2": "2024-01-31 2024-03-05",
    "c3": "2024-01-15",
    "c4": "2024-02-01 2024-02-20",
}


def cells(as_of: str, name: str = "bought", up_to: int = 3) -> dict[tuple[date, int], int | None]:
    table = occasions(**SHOP)
    rows = cohort_retention(table, first_and_second(table), as_of=day(as_of), up_to=up_to)
    return {(row["cohort"], row["months_since"]): row[name] for row in found(rows)}


def test_a_cohort_counts_who_bought_in_each_month_after():
    found = cells("2024-04-30")
    assert [found[JANUARY, k] for k in range(4)] == [3, 1, 1, 1]
    assert [found[FEBRUARY, k] for k in range(3)] == [1, 0, 0]


def test_a_month_that_has_not_closed_is_null_and_not_nought():
    assert cells("2024-04-30")[FEBRUARY, 3] is None
    assert cells("2024-04-29")[JANUARY, 3] is None
    assert cells("2024-04-30")[JANUARY, 3] == 1


def test_on_or_after_counts_who_came_then_or_later():
    found = cells("2024-04-30", "bought_since")
    assert [found[JANUARY, k] for k in range(4)] == [3, 2, 2, 1]


def test_rates_are_of_the_whole_cohort():
    found = cells("2024-04-30", "rate")
    assert found[JANUARY, 1] == pytest.approx(1 / 3)
    assert {cells("2024-04-30", "size")[FEBRUARY, k] for k in range(4)} == {1}


def test_the_average_weighs_closed_cells_by_size():
    table = occasions(**SHOP)
    rows = cohort_retention(table, first_and_second(table), as_of=day("2024-04-30"), up_to=4)
    averages = {row["months_since"]: row for row in found(cohort_average(rows))}
    assert averages[1]["rate"] == pytest.approx(1 / 4)
    assert (averages[3]["size"], averages[3]["rate"]) == (3, pytest.approx(1 / 3))
    assert 4 not in averages


def test_nobody_gives_no_cells():
    table = occasions()
    rows = cohort_retention(table, first_and_second(table), as_of=day("2024-04-30"))
    assert found(rows) == []
    assert found(cohort_average(rows)) == []


def test_money_is_net_by_month_after_the_first_purchase():
    schema = pa.schema(
        [("customer_key", pa.int64()), ("entered_on", pa.date32()),
         ("gross", pa.decimal128(18, 4)), ("returned", pa.decimal128(18, 4))]
    )  # fmt: skip
    rows = [
        {"customer_key": 1, "entered_on": datetime(2024, 1, 1), "gross": 50, "returned": 0},
        {"customer_key": 1, "entered_on": datetime(2024, 2, 3), "gross": 20, "returned": 30},
        {"customer_key": 3, "entered_on": datetime(2024, 1, 15), "gross": 5, "returned": 0},
        {"customer_key": 1, "entered_on": datetime(2024, 4, 1), "gross": 9, "returned": 0},
        {"customer_key": None, "entered_on": datetime(2024, 1, 2), "gross": 99, "returned": 0},
    ]
    for row in rows:
        row |= {"gross": Decimal(row["gross"]), "returned": Decimal(row["returned"])}
    entries = ibis.memtable(pa.Table.from_pylist(rows, schema=schema))
    first = first_and_second(occasions(**SHOP))
    money = found(cohort_money(entries, first, as_of=day("2024-04-29"), up_to=3))
    cells = {(row["cohort"], row["months_since"]): row["net"] for row in money}
    # In April nothing is known yet: it has one day to go.
    assert [cells[JANUARY, k] for k in range(4)] == [55, -10, 0, None]
    assert [cells[FEBRUARY, k] for k in range(4)] == [0, 0, None, None]
    per_head = {(row["cohort"], row["months_since"]): row["net_per_customer"] for row in money}
    assert per_head[JANUARY, 1] == pytest.approx(-10 / 3)
    assert per_head[JANUARY, 3] is None


def test_who_comes_after_the_last_month_looked_at_came_later_than_every_month():
    found = cells("2024-04-30", "bought_since", up_to=1)
    assert [found[JANUARY, k] for k in range(2)] == [3, 2]
    assert [cells("2024-04-30", up_to=1)[JANUARY, k] for k in range(2)] == [3, 1]


def test_five_years_of_months_can_be_told_apart():
    table = occasions(c1="2019-01-05 2024-02-10 2024-03-10")
    rows = cohort_retention(table, first_and_second(table), as_of=day("2024-04-30"), up_to=61)
    found_ = {r["months_since"]: (r["bought"], r["bought_since"]) for r in found(rows)}
    # February 2024 is the 61st month after January 2019; March is later still.
    assert (found_[0], found_[60], found_[61]) == ((1, 1), (0, 1), (1, 1))
