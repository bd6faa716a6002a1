"""Sales by the place of the order."""

from datetime import date

import ibis

from core.metrics.places import place_sales
from tests.care_shop import entries, facts, rows

SINCE, AS_OF = date(2025, 1, 1), date(2025, 12, 31)


def order(number: int, customer: int | None, on: date, amount: float, branch: str | None, **more):
    return {
        "order_id": f"o{number}", "customer_key": customer, "ordered_at": on, "amount": amount,
        "branch": branch, **more,
    }  # fmt: skip


def orders(*found: dict):
    table = facts("orders", *found)
    return table.mutate(
        ordered_on=table.ordered_at.cast("date"),
        cancelled_on=table.cancelled_at.cast("date"),
        rate=ibis.literal(1.0),
    )


def refunds(*found: dict):
    table = facts("refunds", *found)
    return table.mutate(refunded_on=table.refunded_at.cast("date"))


def back(number: int, on: date, amount: float, of: str | None) -> dict:
    return {"refund_id": f"r{number}", "refunded_at": on, "amount": amount, "order_id": of}


def booked(net: float):
    return entries({"entered_on": AS_OF, "gross": net})


def by_branch(sold, given_back, net: float) -> dict:
    found = place_sales(sold, given_back, booked(net), place="branch", since=SINCE, as_of=AS_OF)
    return {row["branch"]: row for row in rows(found, "branch")}


def test_money_adds_up_and_a_buyer_of_two_places_is_a_buyer_of_both():
    sold = orders(
        order(1, 1, date(2025, 3, 1), 100, "A"), order(2, 1, date(2025, 4, 1), 50, "B"),
        order(3, 2, date(2025, 4, 1), 50, "B"),
    )  # fmt: skip
    found = by_branch(sold, refunds(), 200)
    assert {b: (float(r["net"]), r["orders"], r["buyers"]) for b, r in found.items()} == {
        "A": (100, 1, 1), "B": (100, 2, 2),
    }  # fmt: skip
    assert [found[b]["share"] for b in "AB"] == [0.5, 0.5]


def test_a_refund_counts_on_its_own_day_at_the_place_of_its_order():
    sold = orders(order(1, 1, date(2024, 12, 31), 100, "A"), order(2, 1, date(2025, 1, 1), 80, "B"))
    given_back = refunds(
        back(1, date(2025, 1, 1), 30, "o1"),  # of an order before the window
        back(2, date(2026, 1, 1), 30, "o2"),  # after it
    )
    found = by_branch(sold, given_back, 50)
    assert {b: float(r["net"]) for b, r in found.items()} == {"A": -30, "B": 80}
    assert found["A"]["orders"] == 0


def test_a_cancellation_takes_back_what_no_refund_had_and_later_refunds_count_for_nothing():
    sold = orders(
        order(1, 1, date(2025, 2, 1), 100, "A", cancelled_at=date(2025, 3, 1)),
        order(2, 2, date(2025, 2, 1), 40, "A"),
    )
    given_back = refunds(back(1, date(2025, 2, 10), 25, "o1"), back(2, date(2025, 3, 2), 99, "o1"))
    found = by_branch(sold, given_back, 40)
    # 100 + 40 - 25 refunded - 75 cancelled
    assert (float(found["A"]["net"]), found["A"]["orders"], found["A"]["buyers"]) == (40, 1, 1)


def test_what_has_no_place_stands_under_null():
    sold = orders(
        order(1, 1, date(2025, 2, 1), 100, "A"), order(2, None, date(2025, 2, 1), 10, None)
    )
    found = by_branch(sold, refunds(back(1, date(2025, 5, 1), 20, None)), 90)
    assert float(found[None]["net"]) == -10
    assert (found[None]["orders"], found[None]["buyers"]) == (1, 0)


def test_without_orders_there_is_no_place_and_without_money_no_share():
    assert by_branch(orders(), refunds(), 0) == {}
    sold = orders(order(1, 1, date(2025, 2, 1), 10, "A"))
    found = by_branch(sold, refunds(back(1, date(2025, 3, 1), 10, "o1")), 0)
    assert (float(found["A"]["net"]), found["A"]["share"]) == (0, None)
