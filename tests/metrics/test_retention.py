"""Retention, churn, quick ratio, revenue retention, reactivation."""

from datetime import date

import pytest

from core.metrics.movement import customer_bridge, movements
from core.metrics.retention import (
    quick_ratio,
    reactivation,
    retention,
    revenue_retention,
    silence_band,
)
from tests.shop import day, found, lines, one

A, B = date(2023, 12, 31), date(2024, 3, 31)


def bridge(opening: list[dict], closing: list[dict]):
    return customer_bridge(movements(lines(A, *opening), lines(B, *closing), opened_on=A))


def customer(key: int, value: float = 0, since: str = "2023-06-01", **more) -> dict:
    return {"customer_key": key, "since_on": day(since), "value": value, **more}


def gone(key: int) -> dict:
    return customer(key, is_active=False)


def test_retention_and_churn_are_kept_and_lost_over_active_at_the_opening():
    opening = [customer(1, 10), customer(2, 30), customer(3, 40), customer(4, 20)]
    closing = [customer(1, 99), gone(2), gone(3), customer(4, 0), customer(5, 50, "2024-01-01")]
    row = one(retention(bridge(opening, closing)))
    assert (row["retention"], row["churn"]) == (0.5, 0.5)
    assert (row["retention_value"], row["churn_value"]) == (0.3, 0.7)


def test_who_returned_is_not_counted_as_kept():
    opening = [customer(1), customer(2, is_active=False)]
    closing = [gone(1), customer(2)]
    assert one(retention(bridge(opening, closing)))["retention"] == 0


def test_the_undone_are_neither_kept_nor_lost():
    undone = {"customer_key": 1, "since_on": None, "is_active": False}
    row = one(retention(bridge([customer(1)], [undone])))
    assert (row["retention"], row["churn"]) == (0, 0)


def test_who_moved_to_another_scope_was_kept():
    moved = customer(1, 5, is_in_scope=False)
    row = one(retention(bridge([customer(1, 5), customer(2, 15)], [moved, gone(2)])))
    assert (row["retention"], row["churn"], row["retention_value"]) == (0.5, 0.5, 0.25)


def test_with_nobody_active_at_the_opening_rates_are_null():
    row = one(quick_ratio(retention(bridge([], [customer(1, 5, "2024-01-01")]))))
    names = ("retention", "churn", "retention_value", "churn_value", "quick_ratio")
    assert {row[name] for name in names} == {None}


@pytest.mark.parametrize("value", [0, -5])
def test_shares_of_a_value_not_above_zero_are_null(value):
    row = one(retention(bridge([customer(1, value)], [customer(1, 5)])))
    assert (row["retention"], row["retention_value"], row["churn_value"]) == (1, None, None)


def test_the_quick_ratio_counts_up_and_down_in_money_alone():
    opening = [customer(1, 100), customer(2, 40), customer(3, 10), customer(9, 5, is_active=False)]
    closing = [customer(1, 120), customer(2, 35), gone(3), customer(4, 6, "2024-01-01"),
               customer(9, 4)]  # fmt: skip
    row = one(quick_ratio(bridge(opening, closing)))
    assert row["quick_ratio"] == 2
    assert row["quick_ratio_value"] == (6 + 4 + 20) / (10 + 5)


def test_without_losses_the_quick_ratio_is_null():
    row = one(quick_ratio(bridge([customer(1, 5)], [customer(1, 5)])))
    assert (row["quick_ratio"], row["quick_ratio_value"]) == (None, None)


def year(then: list[dict], now: list[dict], **more) -> list[dict]:
    return found(revenue_retention(lines(A, *then), lines(B, *now), **more))


def test_growth_of_one_does_not_make_up_for_the_loss_of_another_in_gross():
    (row,) = year([customer(1, 100), customer(2, 100)], [customer(1, 150), customer(2, 20)])
    assert (row["grr"], row["nrr"], row["n"]) == (0.6, 0.85, 2)


def test_revenue_retention_leaves_new_customers_and_those_without_value_out():
    then = [customer(1, 100), customer(2, 0), customer(3, -10)]
    now = [customer(1, 80), customer(2, 70), customer(3, 50), customer(4, 60)]
    (row,) = year(then, now)
    assert (row["grr"], row["nrr"], row["n"]) == (0.8, 0.8, 1)


def test_value_below_zero_now_counts_as_zero():
    (row,) = year([customer(1, 100)], [customer(1, -30)])
    assert (row["grr"], row["nrr"]) == (0, 0)


def test_who_has_no_line_any_more_brings_nothing():
    (row,) = year([customer(1, 100), customer(2, 100)], [customer(1, 100)])
    assert row["grr"] == 0.5


def test_revenue_retention_of_nobody_is_null():
    (row,) = year([], [customer(1, 100)])
    assert (row["n"], row["grr"], row["nrr"]) == (0, None, None)


def test_who_was_below_zero_then_is_in_neither_however_much_comes_now():
    (row,) = year([customer(1, -10), customer(2, 50)], [customer(1, 90), customer(2, -20)])
    # Customer 2 alone counts, and brings nothing now.
    assert (row["n"], row["value_then"], row["grr"], row["nrr"]) == (1, 50, 0, 0)


def test_where_nobody_had_value_then_revenue_retention_is_null():
    (row,) = year([customer(1, -10), customer(2, 0)], [customer(1, 90), customer(2, 5)])
    assert (row["n"], row["grr"], row["nrr"]) == (0, None, None)


def test_negative_value_counts_on_the_side_it_stands_on_in_the_quick_ratio():
    opening = [customer(1, -30), customer(2, 20), customer(3, -10)]
    closing = [customer(1, -10), gone(2), gone(3), customer(4, -5, "2024-01-01")]
    row = one(quick_ratio(bridge(opening, closing)))
    # Up is 20 although still below 0; new takes 5 off; lost are 20 and -10.
    assert (row["quick_ratio"], row["quick_ratio_value"]) == (1 / 2, (20 - 5) / (20 - 10))


def test_where_only_customers_of_negative_value_were_lost_there_is_no_ratio_of_value():
    row = one(quick_ratio(bridge([customer(1, -30)], [gone(1), customer(2, 5, "2024-01-01")])))
    assert (row["quick_ratio"], row["quick_ratio_value"]) == (1, None)


def test_revenue_retention_by_a_scope_uses_the_scope_of_then():
    rows = year(
        [customer(1, 100, region="North"), customer(2, 50, region="South")],
        [customer(1, 30, region="South"), customer(2, 50, region="South")],
        by=("region",),
    )
    assert {row["region"]: row["nrr"] for row in rows} == {"North": 0.3, "South": 1}


@pytest.mark.parametrize(
    ("last", "rate"), [("2023-12-31", 0), ("2024-01-01", 1), ("2024-03-31", 1)]
)
def test_reactivated_is_who_bought_after_the_opening(last, rate):
    closing = lines(B, customer(1, last_on=day(last)))
    row = one(reactivation(lines(A, gone(1)), closing))
    assert (row["n"], row["reactivation"]) == (1, rate)


def test_reactivation_counts_those_lost_at_the_opening_only():
    opening = lines(A, gone(1), customer(2), {"customer_key": 3, "is_prospect": True})
    closing = lines(B, *[customer(key, last_on=B) for key in (1, 2, 3)])
    assert one(reactivation(opening, closing))["n"] == 1


def test_reactivation_of_nobody_lost_is_null():
    row = one(reactivation(lines(A), lines(B)))
    assert (row["n"], row["returned"], row["reactivation"]) == (0, 0, None)


def test_reactivation_by_tier_uses_the_tier_last_held():
    opening = lines(A, {**gone(1), "tier_name": "top"}, {**gone(2), "tier_name": "other"})
    closing = lines(B, customer(1, last_on=B), customer(2, last_on=A))
    rows = found(reactivation(opening, closing, by=("tier_name",)))
    assert {row["tier_name"]: row["reactivation"] for row in rows} == {"top": 1, "other": 0}


@pytest.mark.parametrize(
    ("last", "band"),
    [("2023-12-31", "0-90"), ("2023-10-02", "0-90"), ("2023-10-01", "91-180"),
     ("2023-07-04", "91-180"), ("2023-07-03", "181-365"), ("2022-12-31", "181-365"),
     ("2022-12-30", "366-730"), ("2021-12-31", "366-730"), ("2021-12-30", "731+")],
)  # fmt: skip
def test_silence_falls_into_bands_with_both_ends(last, band):
    assert one(silence_band(lines(A, customer(1, last_on=day(last)))))["silence_band"] == band


def test_without_an_occasion_there_is_no_silence():
    row = one(silence_band(lines(A, {"customer_key": 1, "is_prospect": True})))
    assert (row["silence_days"], row["silence_band"]) == (None, None)
