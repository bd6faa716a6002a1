"""Whose first purchase was the first of all, and who never came again."""

from datetime import date

import pytest

from core.metrics.newcomers import newcomers, one_off_share
from tests.care_shop import facts, keys
from tests.shop import firsts, one

BOOKS, SETTLED = date(2024, 1, 1), date(2024, 3, 1)


def new(bought, joined: dict[int, date | None] | None) -> list[int]:
    known = None
    if joined is not None:
        known = facts(
            "customers", *[{"customer_key": k, "joined_on": d} for k, d in joined.items()]
        )
    return keys(newcomers(bought, known, books_from=BOOKS, settled_from=SETTLED))


def test_without_days_of_joining_only_who_came_after_the_first_days_of_the_books_is_new():
    bought = firsts(("2024-02-29", None), ("2024-03-01", None))
    assert new(bought, None) == [2]
    assert new(bought, {1: None, 2: None}) == [2]


def test_who_joined_before_the_books_is_not_new_and_who_joined_since_is():
    bought = firsts(("2024-01-05", None), ("2024-05-01", None))
    assert new(bought, {1: BOOKS, 2: date(2023, 12, 31)}) == [1]


def test_a_day_of_joining_after_the_first_purchase_tells_nothing():
    bought = firsts(("2024-02-28", None), ("2024-05-01", None))
    assert new(bought, {1: date(2024, 2, 28), 2: date(2024, 5, 1)}) == [1, 2]
    # Within the first days of the books it would otherwise be new from the day of joining on.
    assert new(bought, {1: date(2024, 2, 29), 2: date(2024, 5, 2)}) == [2]


def test_of_merged_customers_the_earliest_day_of_joining_counts():
    bought = firsts(("2024-05-01", None))
    merged = facts(
        "customers",
        {"customer_key": 1, "joined_on": date(2024, 5, 1)},
        {"customer_key": 1, "joined_on": date(2020, 1, 1)},
    )
    assert keys(newcomers(bought, merged, books_from=BOOKS, settled_from=SETTLED)) == []


def test_who_never_bought_is_not_new():
    bought = firsts(("2024-05-01", None)).mutate(first_on=None)
    assert new(bought.cast({"first_on": "date"}), {1: BOOKS}) == []


def test_the_share_of_one_off_customers_is_of_the_first_purchases_of_the_window():
    bought = firsts(
        ("2024-03-31", None),  # before the window
        ("2024-04-01", None),
        ("2024-06-15", "2025-06-14"),
        ("2025-03-31", "2025-04-01"),
        ("2025-04-01", None),  # after it
    )
    found = one(one_off_share(bought, from_on=date(2024, 4, 1), until=date(2025, 4, 1)))
    assert found == {"n": 3, "one_off": 1, "one_off_share": pytest.approx(1 / 3)}


def test_without_newcomers_the_share_is_not_known():
    found = one(one_off_share(firsts(), from_on=BOOKS, until=SETTLED))
    assert found == {"n": 0, "one_off": 0, "one_off_share": None}
