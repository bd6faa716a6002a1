"""Which orders stand as purchases."""

from datetime import date, datetime, timedelta

from core.metrics.purchases import purchases
from tests.care_shop import entries, facts, rows

AS_OF = date(2026, 6, 30)


def stand(
    *sold: dict,
    voided: tuple[tuple[int, date, date], ...] = (),
    refunds: tuple[dict, ...] | None = None,
    **settings,
) -> list[str]:
    plain = {"customer_key": 1, "ordered_at": AS_OF, "amount": 10}
    orders = facts("orders", *[plain | order for order in sold])
    days = entries(
        *[{"customer_key": key, "entered_on": on, "voided_on": off} for key, on, off in voided]
    )
    given = None if refunds is None else facts("refunds", *refunds)
    found = purchases(orders, days, given, **{"as_of": AS_OF, **settings})
    return [row["order_id"] for row in rows(found, "order_id")]


def test_an_order_counts_to_the_end_of_the_day_and_from_the_first_day_of_the_window():
    sold = [
        {"order_id": "before", "ordered_at": datetime(2026, 5, 31, 23, 59)},
        {"order_id": "first", "ordered_at": datetime(2026, 6, 1)},
        {"order_id": "last", "ordered_at": datetime(2026, 6, 30, 23, 59)},
        {"order_id": "next", "ordered_at": datetime(2026, 7, 1)},
    ]
    assert stand(*sold, since=date(2026, 6, 1)) == ["first", "last"]
    assert stand(*sold) == ["before", "first", "last"]


def test_a_cancellation_counts_from_its_own_day():
    tomorrow = AS_OF + timedelta(days=1)
    sold = [{"order_id": "a", "cancelled_at": AS_OF}, {"order_id": "b", "cancelled_at": tomorrow}]
    assert stand(*sold) == ["b"]


def test_an_order_without_amount_or_customer_is_no_purchase_of_a_customer():
    assert stand({"order_id": "a", "amount": 0}, {"order_id": "b", "customer_key": None}) == []


def test_a_day_voided_by_then_does_not_stand_and_one_voided_later_does():
    sold = [{"order_id": str(key), "customer_key": key} for key in (1, 2, 3)]
    voided = ((1, AS_OF, AS_OF), (2, AS_OF, AS_OF + timedelta(days=1)))
    assert stand(*sold, voided=voided) == ["2", "3"]


def test_an_order_wholly_given_back_does_not_stand_beside_one_of_the_day_that_does():
    tomorrow = AS_OF + timedelta(days=1)
    refunds = (
        {"refund_id": "1", "order_id": "a", "amount": 4, "refunded_at": AS_OF},
        {"refund_id": "2", "order_id": "a", "amount": 6, "refunded_at": AS_OF},
        {"refund_id": "3", "order_id": "b", "amount": 9, "refunded_at": AS_OF},
        {"refund_id": "4", "order_id": "c", "amount": 10, "refunded_at": tomorrow},
    )
    sold = [{"order_id": name} for name in "abc"]
    assert stand(*sold, refunds=refunds) == ["b", "c"]


def test_no_orders_are_no_purchases():
    assert stand() == []
