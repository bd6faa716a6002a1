from datetime import date

from core.metrics.attitudes import bought_on_discount
from tests.care_shop import entries, rows

DAY = date(2026, 3, 1)


def bought(customer: int, gross: float, discount: float = 0) -> dict:
    return {
        "customer_key": customer, "entered_on": DAY, "gross": gross, "discount": discount,
        "orders": 1,
    }  # fmt: skip


def test_all_that_was_bought_on_a_day_with_a_discount_was_bought_on_discount():
    found = bought_on_discount(entries(bought(1, 100, 5), bought(2, 300), bought(3, 100, 0)))
    [row] = rows(found)
    assert (row["n"], row["gross"], row["share"]) == (3, 500.0, 0.2)


def test_without_discounts_the_share_is_nothing():
    [row] = rows(bought_on_discount(entries(bought(1, 100))))
    assert row["share"] == 0.0


def test_where_nothing_was_bought_the_share_is_not_known():
    [row] = rows(bought_on_discount(entries()))
    assert (row["n"], row["share"]) == (0, None)


def test_the_share_can_be_told_apart():
    found = bought_on_discount(entries(bought(1, 100, 5), bought(2, 300)), by=("customer_key",))
    assert [(r["customer_key"], r["share"]) for r in rows(found, "customer_key")] == [
        (1, 1.0),
        (2, 0.0),
    ]
