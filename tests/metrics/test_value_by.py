"""What customers are worth by way of payment, channel, or attribute."""

from datetime import date, timedelta

import pytest

from core.metrics.value_by import held_attribute, value_by
from tests.care_shop import facts, lines, rows

AS_OF = date(2026, 6, 30)


def worth(customers: dict[int, int], *paid: tuple[int, str | None]) -> dict[str | None, dict]:
    orders = facts(
        "orders",
        *[
            {"order_id": str(n), "customer_key": key, "payment_method": method}
            for n, (key, method) in enumerate(paid)
        ],
    )
    known = lines(AS_OF, *[{"customer_key": k, "value": v} for k, v in customers.items()])
    uses = orders.select("customer_key", "payment_method")
    found = rows(value_by(uses, known, column="payment_method"), "payment_method")
    return {row.pop("payment_method"): row for row in found}


def test_a_customer_counts_by_the_share_of_the_own_orders():
    # One pays by card alone, the other once of four times.
    found = worth({1: 100, 2: 300}, (1, "card"), (2, "card"), (2, "cash"), (2, "cash"), (2, "cash"))
    assert found["card"] == {
        "customers": 2, "weight": 1.25,
        "mean_value": pytest.approx((100 + 300 / 4) / 1.25),
        "share_of_customers": pytest.approx(1.25 / 2),
        "share_of_value": pytest.approx(175 / 400),
    }  # fmt: skip
    assert found["cash"]["mean_value"] == 300
    assert found["cash"]["weight"] == 0.75


def test_orders_of_unknown_payment_are_a_row_of_their_own():
    found = worth({1: 100}, (1, None), (1, "card"))
    assert {name: row["weight"] for name, row in found.items()} == {None: 0.5, "card": 0.5}


def test_parts_add_up_to_all_customers_and_all_value():
    found = worth({1: 5, 2: 7, 3: 11}, (1, "a"), (2, "a"), (2, "b"), (3, "b"), (3, "c"), (3, "c"))
    assert sum(row["weight"] for row in found.values()) == pytest.approx(3)
    assert sum(row["weight"] * row["mean_value"] for row in found.values()) == pytest.approx(23)
    assert sum(row["share_of_value"] for row in found.values()) == pytest.approx(1)


def test_customers_outside_the_scope_are_left_out():
    assert worth({1: 100}, (1, "card"), (2, "card"))["card"]["customers"] == 1


def test_shares_of_value_that_is_not_above_zero_are_not_known():
    found = worth({1: -10, 2: 10}, (1, "card"), (2, "cash"))
    assert (found["card"]["mean_value"], found["card"]["share_of_value"]) == (-10, None)


def test_equal_customers_make_equal_rows():
    found = worth({1: 10, 2: 10}, (1, "card"), (2, "cash"))
    assert found["card"] == found["cash"]


def test_nobody_gives_no_rows():
    assert worth({}) == {}
    assert worth({1: 100}) == {}


def held(*spans: tuple, as_of: date = AS_OF) -> dict[int, str]:
    names = ("customer_key", "value", "valid_from", "valid_to", "is_dated")
    attributes = facts(
        "customer_attributes",
        *[dict(zip(names, span, strict=True)) | {"attribute": "preferences"} for span in spans],
        {"customer_key": 9, "value": "x", "attribute": "region", "valid_from": AS_OF},
    )
    found = rows(held_attribute(attributes, "preferences", as_of=as_of))
    return {row["customer_key"]: row["value"] for row in found}


def test_an_attribute_holds_from_its_day_to_the_next_value_or_its_end():
    before, tomorrow = AS_OF - timedelta(days=9), AS_OF + timedelta(days=1)
    assert held(
        (1, "old", before, None, True), (1, "new", AS_OF, None, True),
        (2, "now", before, None, True), (2, "next", tomorrow, None, True),
        (3, "ended", before, AS_OF, True), (4, "ends", before, tomorrow, True),
    ) == {1: "new", 2: "now", 4: "ends"}  # fmt: skip


def test_before_its_first_value_only_an_undated_attribute_held():
    tomorrow = AS_OF + timedelta(days=1)
    spans = ((1, "undated", tomorrow, None, False), (2, "dated", tomorrow, None, True))
    assert held(*spans) == {1: "undated"}
