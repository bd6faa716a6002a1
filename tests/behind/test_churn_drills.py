"""The customers behind a bar or cell of the churn page add up to the bar."""

import math
from collections.abc import Iterator
from datetime import date

import pytest

from core import breakdowns
from core.behind.care import NOBODY
from core.behind.registry import found_behind
from core.facts import Books
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.view import View
from tests import shop
from tests.laws.full_shop import full_books
from tests.rows import take

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def full() -> Iterator[View]:
    """A random shop with every table."""
    with open_ledger(full_books()) as ledger:
        yield View(ledger)


def test_the_customers_lost_to_a_cause_add_up_to_its_bar(full):
    rows = _told(full, "churn-causes")
    assert {row["cause"] for row in rows} >= {"unknown"}
    for column, drill in (("cause", "loss_cause"), ("side", "loss_side")):
        for value in {row[column] for row in rows}:
            those = [row for row in rows if row[column] == value]
            found = _behind(full, drill, value)
            assert len(found.rows) == sum(row["heads"] for row in those)
            _same(found.total, sum(row["value_lost"] for row in those))


def test_the_customers_of_a_tier_lost_to_a_cause_add_up_to_its_cell(full):
    rows = _told(full, "causes-by-tier")
    assert rows
    for row in rows:
        if row["tier_name"] is not None:
            found = _behind(full, "loss_tier_cause", row["tier_name"], row["cause"])
            assert len(found.rows) == row["heads"]
            _same(found.total, row["value_lost"])
    assert sum(row["heads"] for row in rows) == sum(
        row["heads"] for row in _told(full, "churn-causes")
    )


@pytest.mark.parametrize(
    ("breakdown", "drill"), [("risk-reasons", "risk_reason"), ("warning-signs", "warning_sign")]
)
def test_the_customers_with_a_reason_add_up_to_its_bar(full, breakdown, drill):
    # In so small a shop few days have key accounts with a warning.
    told = ((day, breakdowns.rows(full, breakdown, as_of=day)) for day in reversed(full.days))
    day, rows = next((day, rows.to_pylist()) for day, rows in told if rows.num_rows)
    for row in rows:
        found = found_behind(full, drill, (row["reason"],), as_of=day)
        assert len(found.rows) == row["heads"]
        _same(found.total, row["value"])
        codes = found.rows["reasons"].to_pylist()
        assert all(row["reason"] in each for each in codes)


def test_a_reason_that_there_is_not_has_nobody(full):
    assert not _behind(full, "risk_reason", "nonsense").rows.num_rows


def test_the_customers_of_a_manager_add_up_to_the_gap(full):
    rows = [row for row in _told(full, "contact-gap") if row["told_by"] == "manager"]
    assert rows
    for row in rows:
        found = _behind(full, "manager_gap", row["group"] or NOBODY)
        assert len(found.rows) == row["to_contact"]
        assert sum(found.rows["counted"].to_pylist()) == row["missing"]


def test_the_customers_silent_for_so_long_add_up_to_the_share_that_came_back(full):
    rows = _told(full, "reactivation-by-silence")
    assert rows
    for band in {row["silence_band"] for row in rows}:
        those = [row for row in rows if row["silence_band"] == band]
        found = _behind(full, "silence_return", band)
        assert len(found.rows) == sum(row["customers"] for row in those)
        assert sum(found.rows["counted"].to_pylist()) == sum(row["came_back"] for row in those)


def _told(view: View, key: str) -> list[dict]:
    day, compare = view.days[-2], view.days[-8]
    return breakdowns.rows(view, key, as_of=day, compare=compare).to_pylist()


def _behind(view: View, key: str, *values: str):
    return found_behind(view, key, values, as_of=view.days[-2], compare=view.days[-8])


def _same(total, expected) -> None:
    assert math.isclose(total, float(expected), rel_tol=1e-9, abs_tol=1e-9)


@pytest.fixture(scope="module")
def two_employees(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    """Wen, who left on 30 June 2023, served Ann, Bob and Cem alone; Xu serves Dua alone.

    The lapse is 60 days. Each bought three times through one employee up to the end of June. After
    it Ann comes every month until the end of 2024; Bob and Cem never do. Dua comes to Xu all along.
    """
    orders, number = [], 0
    for who, staff, months in (
        ("Ann", "wen", ("2023-04", "2023-05", "2023-06")),
        ("Bob", "wen", ("2023-04", "2023-05", "2023-06")),
        ("Cem", "wen", ("2023-04", "2023-05", "2023-06")),
        ("Ann", None, tuple(f"2023-{m:02}" for m in range(7, 13))),
        ("Ann", None, tuple(f"2024-{m:02}" for m in range(1, 13))),
        ("Dua", "xu", tuple(f"2023-{m:02}" for m in range(4, 13))),
        ("Dua", "xu", tuple(f"2024-{m:02}" for m in range(1, 13))),
    ):
        for month in months:
            number += 1
            amount = 100 if who == "Dua" else 10
            row = shop.order(number, who, f"{month}-15", amount)
            orders.append(row | {"employee_id": staff})
    books = Books(tmp_path_factory.mktemp("two"))
    staff = [
        {"employee_id": "wen", "name": "Wen", "left_on": date(2023, 6, 30)},
        {"employee_id": "xu", "name": "Xu", "left_on": None},
    ]
    take(books, {"orders": orders, "employees": staff})
    refresh(books, shop.CONFIGURATION)
    with open_ledger(books) as ledger:
        yield View(ledger)


def test_who_depends_on_an_employee_adds_up_to_what_is_at_stake(two_employees):
    day = date(2024, 11, 30)
    [row] = breakdowns.rows(two_employees, "dependency-what-if", as_of=day).to_pylist()
    found = found_behind(two_employees, "depends_on", ("xu",), as_of=day)
    # Dua bought for 100 in each of twelve months.
    assert (row["employee"], row["customers"], row["value"]) == ("Xu", 1, 1200)
    assert found.rows["customer_id"].to_pylist() == ["Dua"]
    assert found.total == 1200


def test_who_was_left_behind_adds_up_to_the_loss_after_the_departure(two_employees):
    day = date(2024, 11, 30)
    [row] = breakdowns.rows(two_employees, "departures", as_of=day).to_pylist()
    found = found_behind(two_employees, "departure", ("wen",), as_of=day)
    # Of Ann, Bob and Cem, who had Wen alone, Bob and Cem were lost: 2 of 3.
    assert (row["customers"], row["lost"]) == (3, 2)
    assert sorted(found.rows["customer_id"].to_pylist()) == ["Ann", "Bob", "Cem"]
    assert math.isclose(found.total or 0, 2 / 3)


def test_the_expected_loss_has_the_interval_of_past_departures(two_employees):
    day = date(2024, 11, 30)
    [row] = breakdowns.rows(two_employees, "dependency-what-if", as_of=day).to_pylist()
    # 2 of 3 lost: 1200 x 2/3 = 800. Wilson with z = 1.96: centre (2/3 + 3.8415/6) / (1 + 3.8415/3)
    # = 1.30691 / 2.28049 = 0.57309, half 1.96 x sqrt(2/27 + 3.8415/36) / 2.28049 = 0.36539.
    assert math.isclose(row["expected_loss"], 800)
    assert math.isclose(row["expected_low"], 1200 * (0.57309 - 0.36539), abs_tol=0.05)
    assert math.isclose(row["expected_high"], 1200 * (0.57309 + 0.36539), abs_tol=0.05)


def test_somebody_who_has_not_left_leaves_nobody_behind(two_employees):
    day = date(2024, 11, 30)
    assert not found_behind(two_employees, "departure", ("xu",), as_of=day).rows.num_rows
    assert not found_behind(two_employees, "depends_on", ("nobody",), as_of=day).rows.num_rows


def test_without_an_earlier_day_nobody_was_lost(tmp_path):
    books = shop.build(tmp_path, [("Ann", "2024-01-10", 50)])
    with open_ledger(books) as ledger:
        found = found_behind(View(ledger), "loss_cause", ("unknown",))
    assert not found.rows.num_rows
    assert found.total is None
