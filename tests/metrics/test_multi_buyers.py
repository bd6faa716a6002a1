"""Customers who bought a product more than once, beside those who bought it once."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from core.metrics.multi_buyers import multi_buyer_value, product_purchases
from tests.care_shop import facts, lines, rows

AS_OF = date(2026, 6, 30)
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def bought(sold: Sequence[tuple[int, date, str, float]], refunds: list[dict] | None = None):
    """Each sale (customer, day, products, amount each) is an order with a line per product."""
    orders = facts(
        "orders",
        *[
            {"order_id": str(n), "customer_key": key, "ordered_at": on}
            for n, (key, on, _, _) in enumerate(sold)
        ],
    )
    order_lines = facts(
        "order_lines",
        *[
            {"order_id": str(n), "line_id": str(i), "product_id": product, "amount": amount}
            for n, (_, _, products, amount) in enumerate(sold)
            for i, product in enumerate(products)
        ],
    )
    stands = orders.mutate(ordered_on=orders.ordered_at.cast("date"))
    given = None if refunds is None else facts("refunds", *refunds)
    return product_purchases(stands, order_lines, given, as_of=AS_OF)


def worth(found, **customers: tuple[int, bool]) -> dict[str, dict]:
    known = lines(
        AS_OF,
        *[
            {"customer_key": int(name[1:]), "value": value, "is_active": is_active}
            for name, (value, is_active) in customers.items()
        ],
    )
    table = rows(multi_buyer_value(found, known), "product_id")
    return {row.pop("product_id"): row for row in table}


def test_who_bought_on_two_days_is_held_against_who_bought_on_one():
    found = bought(
        [(1, MAY, "P", 5), (1, JUNE, "P", 5), (2, MAY, "P", 5), (2, JUNE, "P", 5),
         (3, MAY, "P", 5), (4, MAY, "Q", 5)]
    )  # fmt: skip
    table = worth(found, c1=(100, True), c2=(300, False), c3=(40, True), c4=(7, True))
    assert table["P"] == {
        "buyers": 3, "one_time": 1, "multi": 2, "multi_share": pytest.approx(2 / 3),
        "one_time_active": 1.0, "multi_active": 0.5, "one_time_value": 40.0, "multi_value": 200.0,
    }  # fmt: skip
    assert (table["Q"]["multi"], table["Q"]["multi_value"], table["Q"]["multi_active"]) == (
        0, None, None,
    )  # fmt: skip


def test_two_lines_or_orders_of_one_day_are_one_occasion():
    found = bought([(1, MAY, "PP", 5), (1, MAY, "P", 5)])
    assert worth(found, c1=(100, True))["P"]["one_time"] == 1


def test_a_product_wholly_given_back_by_then_was_not_bought():
    def refund(order: str, amount: float, on: date) -> dict:
        return {"refund_id": f"r{order}{on}", "order_id": order, "product_id": "P",
                "amount": amount, "refunded_at": on}  # fmt: skip

    sold = [(1, MAY, "P", 5), (1, JUNE, "PQ", 5), (2, MAY, "P", 5), (2, JUNE, "P", 5),
            (3, MAY, "P", 5), (3, JUNE, "P", 5)]  # fmt: skip
    refunds = [
        refund("1", 2, JUNE), refund("1", 3, AS_OF),  # the whole of it, in two parts
        refund("3", 4, AS_OF),  # not the whole
        refund("5", 5, AS_OF + timedelta(days=1)),  # not yet
    ]  # fmt: skip
    table = worth(bought(sold, refunds), c1=(1, True), c2=(2, True), c3=(3, True))
    assert (table["P"]["one_time_value"], table["P"]["multi"]) == (1, 2)
    assert table["Q"]["one_time"] == 1


def test_lines_at_no_amount_or_without_a_product_are_no_purchase():
    assert worth(bought([(1, MAY, "P", 0)]), c1=(1, True)) == {}


def test_customers_outside_the_scope_are_left_out():
    table = worth(bought([(1, MAY, "P", 5), (2, MAY, "P", 5)]), c2=(9, True))
    assert (table["P"]["buyers"], table["P"]["one_time_value"]) == (1, 9)


def test_products_bought_alike_read_alike():
    table = worth(bought([(1, MAY, "PQ", 5), (1, JUNE, "PQ", 5)]), c1=(9, True))
    assert table["P"] == table["Q"]


def test_an_empty_shop_has_no_products():
    assert worth(bought([]), c1=(9, True)) == {}
