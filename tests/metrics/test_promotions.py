from datetime import date, timedelta

import pytest

from core.metrics.promotions import promo_repurchase
from tests.care_shop import facts, occasions, rows

AS_OF = date(2026, 6, 30)
SINCE = date(2025, 7, 1)
FIRST = date(2026, 1, 10)
DAYS = 90


def measured(*sold: tuple[int, date, str | None], voided: tuple[int, ...] = (), **settings):
    table = facts(
        "orders",
        *[
            {
                "order_id": str(n), "customer_key": key, "ordered_at": day, "amount": 10,
                "promotion_id": promotion, "cancelled_at": AS_OF if n in voided else None,
            }
            for n, (key, day, promotion) in enumerate(sold)
        ],
    )  # fmt: skip
    stood = {(key, day) for n, (key, day, _) in enumerate(sold) if n not in voided}
    settings = {"since": SINCE, "as_of": AS_OF, "within_days": DAYS, **settings}
    return rows(promo_repurchase(table, occasions(*stood), **settings), "promotion_id")


def test_a_later_purchase_at_full_price_within_the_days_is_a_return():
    last = FIRST + timedelta(days=DAYS)
    [row] = measured(
        (1, FIRST, "P"), (1, last, None),
        (2, FIRST, "P"), (2, last + timedelta(days=1), None),
        (3, FIRST, "P"), (3, FIRST, None),
    )  # fmt: skip
    assert (row["newcomers"], row["returned"]) == (3, 1)
    assert row["repurchase_rate"] == pytest.approx(1 / 3)


def test_a_later_purchase_on_a_promotion_is_no_return_at_full_price():
    later = FIRST + timedelta(days=20)
    [row] = measured((1, FIRST, "P"), (1, later, "Q"), (2, FIRST, "P"), (2, later, None))
    assert (row["promotion_id"], row["newcomers"], row["returned"]) == ("P", 2, 1)


def test_newcomers_without_a_promotion_of_the_same_months_are_the_comparison():
    later = FIRST + timedelta(days=20)
    january, february = date(2026, 1, 31), date(2026, 2, 1)
    [row] = measured(
        (1, FIRST, "P"),
        (2, FIRST, None), (2, later, None),
        (3, january, None),
        (4, february, None), (4, february + timedelta(days=1), None),
    )  # fmt: skip
    assert (row["others"], row["others_rate"], row["repurchase_rate"]) == (2, 0.5, 0.0)
    assert row["difference"] == -0.5


def test_without_other_newcomers_there_is_no_comparison():
    [row] = measured((1, FIRST, "P"))
    assert (row["others"], row["others_rate"], row["difference"]) == (0, None, None)


def test_newcomers_whose_days_have_not_passed_are_left_out():
    closed = AS_OF - timedelta(days=DAYS)
    assert [r["newcomers"] for r in measured((1, closed, "P"))] == [1]
    assert measured((1, closed + timedelta(days=1), "P")) == []


def test_who_may_have_bought_before_is_no_newcomer():
    assert [r["newcomers"] for r in measured((1, SINCE, "P"))] == [1]
    assert measured((1, SINCE - timedelta(days=1), "P"), (1, FIRST, "P")) == []


def test_a_first_day_counts_as_on_promotion_if_any_order_was():
    [row] = measured((1, FIRST, None), (1, FIRST, "P"))
    assert (row["promotion_id"], row["newcomers"], row["others"]) == ("P", 1, 0)


def test_a_cancelled_order_is_no_first_purchase():
    [row] = measured((1, FIRST, "P"), (1, FIRST + timedelta(days=9), "Q"), voided=(0,))
    assert row["promotion_id"] == "Q"


def test_sales_without_a_customer_and_empty_shops_tell_nothing():
    assert measured() == []
    assert (
        rows(
            promo_repurchase(
                facts(
                    "orders",
                    {"order_id": "1", "ordered_at": FIRST, "amount": 5, "promotion_id": "P"},
                ),
                occasions(),
                since=SINCE,
                as_of=AS_OF,
                within_days=DAYS,
            )
        )
        == []
    )
