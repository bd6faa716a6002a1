"""Newcomers on a promotion who come again at full price, beside the others of the month."""

from datetime import date, timedelta

import pytest

from core.metrics.intervals import wilson
from core.metrics.promotions import promo_newcomers, promo_repurchase
from tests.care_shop import facts, rows

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)
FIRST = date(2026, 1, 10)
LATER = FIRST + timedelta(days=20)
DAYS = 90


def measured(*sold: tuple[int, date, str | None], each=("promotion_id",)) -> list[dict]:
    """Newcomers by number, day and promotion of each purchase; the earliest is the first."""
    orders = facts(
        "orders",
        *[
            {"order_id": str(n), "customer_key": key, "ordered_at": on, "promotion_id": promotion}
            for n, (key, on, promotion) in enumerate(sold)
        ],
    )
    bought = orders.mutate(ordered_on=orders.ordered_at.cast("date"))
    new = bought.group_by("customer_key").agg(first_on=bought.ordered_on.min())
    counted = promo_newcomers(bought, new, as_of=AS_OF, within_days=DAYS)
    return rows(promo_repurchase(counted, each=each), *each)


def shoppers(start: int, n: int, back: int, promotion: str | None, on: date = FIRST) -> list[tuple]:
    """``n`` newcomers of a day, of whom ``back`` come again at full price."""
    came = [(start + i, on, promotion) for i in range(n)]
    return came + [(start + i, on + timedelta(days=5), None) for i in range(back)]


def bounds(successes: int, n: int) -> tuple[float, float]:
    low, high = wilson(successes, n)
    assert low is not None
    assert high is not None
    return low, high


def test_a_later_purchase_at_full_price_within_the_days_is_a_return():
    last = FIRST + timedelta(days=DAYS)
    [row] = measured(
        (1, FIRST, "P"), (1, last, None),
        (2, FIRST, "P"), (2, last + timedelta(days=1), None),
        (3, FIRST, "P"), (3, FIRST, None),
    )  # fmt: skip
    assert (row["newcomers"], row["matured"], row["returned"]) == (3, 3, 1)
    assert row["repurchase_rate"] == pytest.approx(1 / 3)
    assert (row["low"], row["high"]) == pytest.approx(wilson(1, 3))


def test_a_later_purchase_on_a_promotion_is_no_return_at_full_price():
    [row] = measured((1, FIRST, "P"), (1, LATER, "Q"), (2, FIRST, "P"), (2, LATER, None))
    assert (row["promotion_id"], row["newcomers"], row["returned"]) == ("P", 2, 1)


def test_newcomers_without_a_promotion_of_the_same_months_are_the_comparison():
    january, february = date(2026, 1, 31), date(2026, 2, 1)
    [row] = measured(
        (1, FIRST, "P"),
        (2, FIRST, None), (2, LATER, None),
        (3, january, None),
        (4, february, None), (4, february + timedelta(days=1), None),
    )  # fmt: skip
    assert (row["others"], row["others_rate"], row["repurchase_rate"]) == (2, 0.5, 0.0)
    assert row["difference"] == -0.5


def test_the_difference_of_one_month_has_newcombes_interval():
    # Newcombe (1998), table II (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339.
    [row] = measured(*shoppers(1, 70, 56, "P"), *shoppers(100, 80, 48, None))
    assert row["difference"] == pytest.approx(0.2)
    assert row["difference_low"] == pytest.approx(0.0524, abs=5e-5)
    assert row["difference_high"] == pytest.approx(0.3339, abs=5e-5)
    assert (row["others_low"], row["others_high"]) == pytest.approx(wilson(48, 80))


def test_each_month_of_the_others_weighs_as_many_as_the_promotion_brought_in_it():
    march = date(2026, 3, 2)
    sold = [
        *shoppers(1, 3, 3, "P"), *shoppers(10, 1, 0, "P", march),
        *shoppers(20, 2, 1, None), *shoppers(30, 10, 8, None, march),
    ]  # fmt: skip
    [row] = measured(*sold)
    # Three of four came in January, when half of the others returned; pooled it would read 9/12.
    assert row["others_rate"] == pytest.approx(3 / 4 * 1 / 2 + 1 / 4 * 8 / 10)
    assert (row["repurchase_rate"], row["others"]) == (3 / 4, 12)
    (low_1, high_1), (low_2, high_2) = bounds(1, 2), bounds(8, 10)
    below = ((3 * (1 / 2 - low_1)) ** 2 + (8 / 10 - low_2) ** 2) ** 0.5 / 4
    above = ((3 * (high_1 - 1 / 2)) ** 2 + (high_2 - 8 / 10) ** 2) ** 0.5 / 4
    assert row["others_low"] == pytest.approx(row["others_rate"] - below)
    assert row["others_high"] == pytest.approx(row["others_rate"] + above)


def test_a_month_without_others_is_left_out_of_the_difference_alone():
    sold = [*shoppers(1, 2, 2, "P", date(2026, 3, 2)), *shoppers(10, 2, 0, "P")]
    [row] = measured(*sold, *shoppers(20, 2, 1, None))
    assert (row["matured"], row["repurchase_rate"], row["compared"]) == (4, 0.5, 2)
    assert row["difference"] == 0 - 0.5


def test_without_other_newcomers_there_is_no_comparison():
    [row] = measured((1, FIRST, "P"))
    assert (row["others"], row["compared"]) == (0, 0)
    unknown = ("others_rate", "others_low", "others_high", "difference", "difference_low")
    assert [row[name] for name in unknown] == [None] * 5


def test_newcomers_whose_days_have_not_passed_are_in_no_rate():
    closed = AS_OF - timedelta(days=DAYS)
    [row] = measured((1, closed, "P"), (1, closed + timedelta(days=1), None))
    assert (row["newcomers"], row["matured"], row["repurchase_rate"]) == (1, 1, 1.0)
    late = closed + timedelta(days=1)
    [row] = measured((1, late, "P"), (1, late + timedelta(days=1), None), (2, late, None))
    assert (row["newcomers"], row["matured"], row["returned"]) == (1, 0, 0)
    assert (row["repurchase_rate"], row["others"], row["difference"]) == (None, 0, None)


def test_a_first_day_counts_as_on_promotion_if_any_order_was():
    [row] = measured((1, FIRST, None), (1, FIRST, "P"))
    assert (row["promotion_id"], row["newcomers"], row["others"]) == ("P", 1, 0)


def test_of_several_promotions_of_a_first_day_the_first_by_id_counts():
    [row] = measured((1, FIRST, "Q"), (1, FIRST, "P"))
    assert row["promotion_id"] == "P"


def test_all_promotions_together_count_each_newcomer_and_each_other_once():
    sold = [*shoppers(1, 2, 1, "P"), *shoppers(10, 2, 0, "Q"), *shoppers(20, 4, 2, None)]
    [row] = measured(*sold, each=())
    assert (row["newcomers"], row["returned"], row["others"]) == (4, 1, 4)
    assert row["difference"] == pytest.approx(1 / 4 - 2 / 4)
    assert [r["others"] for r in measured(*sold)] == [4, 4]


def test_scopes_are_held_against_their_own_others():
    sold = [*shoppers(1, 2, 1, "P"), *shoppers(10, 2, 0, "P"), *shoppers(20, 4, 2, None)]
    orders = facts(
        "orders",
        *[
            {"order_id": str(n), "customer_key": key, "ordered_at": on, "promotion_id": promotion}
            for n, (key, on, promotion) in enumerate(sold)
        ],
    )
    bought = orders.mutate(ordered_on=orders.ordered_at.cast("date"))
    new = bought.group_by("customer_key").agg(first_on=bought.ordered_on.min())
    new = new.mutate(region=(new.customer_key < 10).ifelse("North", "South"))
    counted = promo_newcomers(bought, new, as_of=AS_OF, within_days=DAYS, by=("region",))
    north, south = rows(promo_repurchase(counted, by=("region",)), "region")
    assert (north["region"], north["matured"], north["others"], north["difference"]) == (
        "North", 2, 0, None,
    )  # fmt: skip
    assert (south["matured"], south["others"], south["difference"]) == (2, 4, -0.5)


def test_without_a_promotion_there_is_nothing_to_tell():
    assert measured(*shoppers(1, 3, 1, None)) == []
    assert measured() == []
