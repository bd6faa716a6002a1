"""Whoever stands behind a cell of repurchase or leads adds up to the cell."""

import math
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core import breakdowns
from core.behind.registry import Found, found_behind
from core.periods import window_start
from core.reading import open_ledger
from core.view import View
from tests import shop
from tests.laws.full_shop import full_books
from tests.shop import CLOSING

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[{}, {"region": ("x",)}], ids=["whole", "region"])
def view(request) -> Iterator[View]:
    """A random shop with every table, in a scope."""
    with open_ledger(full_books()) as ledger:
        yield View(ledger, request.param)


@pytest.fixture(scope="module")
def ten() -> Iterator[View]:
    with open_ledger(shop.ten()) as ledger:
        yield View(ledger)


def cells(view: View, key: str) -> list[dict]:
    found = breakdowns.rows(view, key, as_of=view.days[-2]).to_pylist()
    assert found
    return found


def behind(view: View, key: str, *values: object) -> Found:
    return found_behind(view, key, [str(value) for value in values], as_of=view.days[-2])


def is_equal(total: float | None, cell: object) -> bool:
    if total is None or cell is None:
        return total is None and cell is None
    return math.isclose(total, float(cell), rel_tol=1e-9, abs_tol=1e-9)  # pyright: ignore


def test_the_customers_of_a_cohort(view):
    for cell in cells(view, "cohorts")[::13]:
        month, k = f"{cell['cohort']:%Y-%m}", cell["months_since"]
        assert len(behind(view, "cohort", month).rows) == cell["cohort_size"]
        bought = behind(view, "cohort_bought", month, k)
        assert is_equal(bought.total, cell["bought_rate"])
        since = behind(view, "cohort_bought_since", month, k)
        assert is_equal(since.total, cell["bought_rate_since"])
        if cell["bought_rate"] is not None:
            assert sum(bought.rows["counted"].to_pylist()) == cell["bought_again"]


def test_the_money_of_a_cohort(view):
    for cell in cells(view, "cohort-money")[::13]:
        found = behind(view, "cohort_money", f"{cell['cohort']:%Y-%m}", cell["months_since"])
        assert is_equal(found.total, cell["net_per_customer"])


@pytest.mark.parametrize(
    ("key", "drill", "column"),
    [("multi-buyers", "multi_buyers", "product"),
     ("multi-buyers-category", "multi_buyers_category", "category")],
)  # fmt: skip
def test_who_bought_a_product_more_than_once(view, key, drill, column):
    for cell in cells(view, key):
        if cell[column] is not None:
            found = behind(view, drill, cell[column])
            assert len(found.rows) == cell["multi"]
            assert is_equal(found.total, cell["multi_value"])


@pytest.mark.parametrize(
    ("key", "drill", "column"),
    [("value-by-payment", "value_by_payment", "payment_method"),
     ("value-by-channel", "value_by_channel", "channel"),
     ("value-by-employee", "value_by_employee", "employee_id"),
     ("value-by-segment", "value_by_segment", "segment")],
)  # fmt: skip
def test_who_pays_this_way_or_is_of_this_kind(view, key, drill, column):
    for cell in cells(view, key):
        if cell[column] is not None:
            found = behind(view, drill, cell[column])
            assert len(found.rows) == cell["customers"]
            assert is_equal(found.total, cell["mean_value"])


def test_the_newcomers_of_a_promotion(view):
    for cell in breakdowns.rows(view, "promotions", as_of=view.days[-2]).to_pylist():
        found = behind(view, "promotion_newcomers", cell["promotion_id"])
        assert len(found.rows) == cell["newcomers"]
        assert is_equal(found.total, cell["repurchase_rate"])


def test_who_came_for_the_next_time(view):
    for cell in cells(view, "gaps"):
        found = behind(view, "nth_purchase", cell["k"])
        assert len(found.rows) == cell["customers"]
        assert sum(found.rows["counted"].to_pylist()) == cell["bought_again"]


def test_who_is_expected_in_a_week(view):
    for cell in breakdowns.rows(view, "expected-weeks", as_of=view.days[-2]).to_pylist():
        found = behind(view, "expected_days", cell["from_on"], cell["to_on"])
        assert len(found.rows) == cell["customers"]


def test_the_customers_whose_leads_bought(view):
    if view.scope:
        pytest.skip("leads are told apart for the whole company alone")
    day, days = view.days[-2], timedelta(days=60)
    won: dict[str | None, int] = {}
    for lead in view.ledger.table("leads").to_pyarrow().to_pylist():
        last = lead["created_at"].date() + days
        sold = lead["converted_at"] and lead["converted_at"].date() <= min(last, day)
        # Who has no customer number is in no list of customers.
        if lead["customer_key"] is not None and sold and window_start(day, 12) <= last <= day:
            won[lead["source"]] = won.get(lead["source"], 0) + 1
    assert sum(won.values())
    for cell in cells(view, "leads"):
        if cell["told_by"] == "source" and cell["group"] is not None:
            found = behind(view, "lead_buyers", "source", cell["group"])
            assert is_equal(found.total, won.get(cell["group"], 0))


def test_a_month_that_is_open_and_words_that_are_none_have_nobody(ten):
    def at(key: str, *values: str) -> int:
        return len(found_behind(ten, key, values, as_of=CLOSING).rows)

    # Dua alone first bought in February (Eva in January); month 2 after it is April, still open.
    assert at("cohort", "2024-02") == 1
    assert at("cohort_bought", "2024-02", "1") == 1
    assert at("cohort_bought", "2024-02", "2") == 0
    for month in ("2024-13", "0000-01", "x", ""):
        assert at("cohort", month) == 0
    assert at("cohort_bought", "2024-02", "x") == 1  # month 0
    assert at("nth_purchase", "99999") == at("nth_purchase", "-1") == 0
    assert at("expected_days", "today", "x") == 0


def test_the_second_purchase_is_told_by_hand(ten):
    found = found_behind(ten, "nth_purchase", ["1"], as_of=CLOSING)
    # Eight have bought and kept it; Ann, Cem and Jin came again: three of eight.
    assert found.total == 3 / 8
    who = {row["customer_id"] for row in found.rows.to_pylist() if row["counted"]}
    assert who == {"Ann", "Cem", "Jin"}
