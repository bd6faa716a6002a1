"""Repurchase within N days, repeat rate, next window, gaps."""

from datetime import date

import pytest

from core.metrics.repurchase import (
    buyers_of,
    first_and_second,
    first_gap,
    next_window_rate,
    repeat_rate,
    repurchase_curve,
    repurchase_within,
)
from tests.shop import day, firsts, found, occasions, one

AS_OF = date(2024, 3, 31)


def within(table, days: int = 30, as_of: date = AS_OF) -> tuple:
    row = one(repurchase_within(table, as_of=as_of, within_days=(days,)))
    return row["came_back"], row["n"], row["rate"]


def test_the_first_and_second_occasion_of_each_customer_are_found():
    rows = found(
        first_and_second(occasions(c1="2024-01-05 2024-01-01 2024-02-01", c2="2024-01-03"))
    )
    assert {(r["customer_key"], r["first_on"], r["second_on"]) for r in rows} == {
        (1, day("2024-01-01"), day("2024-01-05")), (2, day("2024-01-03"), None),
    }  # fmt: skip


@pytest.mark.parametrize(("second", "back"), [("2024-01-31", 1), ("2024-02-01", 0), (None, 0)])
def test_the_last_day_of_the_window_counts_as_within(second, back):
    assert within(firsts(("2024-01-01", second))) == (back, 1, back)


@pytest.mark.parametrize(
    ("first", "expected"), [("2024-03-01", (0, 1, 0)), ("2024-03-02", (0, 0, None))]
)
def test_a_customer_whose_window_is_still_open_is_left_out(first, expected):
    assert within(firsts((first, None))) == expected


def test_a_customer_whose_window_is_still_open_is_left_out_even_if_already_back():
    assert within(firsts(("2024-03-20", "2024-03-25"))) == (0, 0, None)


def test_the_rate_is_over_the_matured_alone():
    table = firsts(
        ("2024-01-01", "2024-01-10"),
        ("2024-01-01", None),
        ("2024-03-20", None),
        ("2024-03-20", None),
    )
    assert within(table) == (1, 2, 0.5)


def test_several_windows_are_counted_at_once():
    table = firsts(("2023-06-01", "2023-08-01"), ("2024-02-01", None))
    rows = found(repurchase_within(table, as_of=AS_OF, within_days=(30, 90)))
    assert {(r["within_days"], r["n"], r["came_back"]) for r in rows} == {(30, 2, 0), (90, 1, 1)}


def test_without_first_time_buyers_there_are_no_rows():
    assert found(repurchase_within(firsts(), as_of=AS_OF, within_days=(30,))) == []


def test_the_curve_lets_the_young_count_for_as_long_as_watched():
    # After 10 days one of four comes back; one is watched for 20 days only; of the two left one
    # comes back after 30 days.
    table = firsts(
        ("2024-01-01", "2024-01-11"), ("2024-03-11", None), ("2024-01-01", "2024-01-31"),
        ("2024-01-01", None),
    )  # fmt: skip
    rows = {row["day"]: row for row in found(repurchase_curve(table, as_of=AS_OF))}
    assert rows[10]["came_back"] == pytest.approx(1 / 4)
    assert rows[30]["came_back"] == pytest.approx(1 - 3 / 4 * 1 / 2)
    assert not rows[10]["is_young"]
    assert rows[30]["is_young"]


def test_half_are_back_on_the_day_that_the_second_of_four_is():
    table = firsts(
        ("2024-01-01", "2024-01-06"), ("2024-01-01", "2024-01-21"), ("2024-01-01", None),
        ("2024-01-01", None),
    )  # fmt: skip
    row = one(first_gap(table, as_of=AS_OF))
    assert (row["n"], row["events"], row["median"]) == (4, 2, 20)


def test_the_median_is_null_while_fewer_than_half_are_back():
    table = firsts(("2024-01-01", "2024-01-06"), ("2024-01-01", None), ("2024-01-01", None))
    row = one(first_gap(table, as_of=AS_OF))
    assert row["median"] is None


def test_the_gap_of_nobody_is_null():
    assert one(first_gap(firsts(), as_of=AS_OF))["median"] is None


def repeated(table, from_on: str = "2024-01-01", until: str = "2024-02-01") -> tuple:
    row = one(repeat_rate(buyers_of(table, from_on=day(from_on), until=day(until))))
    return row["repeated"], row["n"], row["rate"]


def test_repeat_rate_is_two_occasions_or_more_over_one_or_more():
    table = occasions(c1="2024-01-01 2024-01-02 2024-01-03", c2="2024-01-05", c3="2024-01-06")
    assert repeated(table) == (1, 3, pytest.approx(1 / 3))


def test_repeat_rate_takes_the_first_day_of_the_window_and_not_the_day_after_it():
    table = occasions(
        c1="2023-12-31 2024-01-01", c2="2024-01-01 2024-01-31", c3="2024-01-31 2024-02-01"
    )
    assert repeated(table) == (1, 3, pytest.approx(1 / 3))


def test_repeat_rate_without_buyers_is_null():
    assert repeated(occasions(c1="2023-01-01")) == (0, 0, None)


def next_rate(table, as_of: str = "2024-02-29") -> tuple:
    row = one(
        next_window_rate(
            table, from_on=day("2024-01-01"), next_from=day("2024-02-01"), until=day("2024-03-01"),
            as_of=day(as_of),
        )
    )  # fmt: skip
    return row["came_back"], row["n"], row["rate"]


def test_next_window_rate_is_buyers_of_the_first_who_buy_in_the_second():
    table = occasions(c1="2024-01-01 2024-02-29", c2="2024-01-31", c3="2024-02-01")
    assert next_rate(table) == (1, 2, 0.5)


def test_days_outside_the_two_windows_do_not_count():
    table = occasions(c1="2023-12-31 2024-02-01", c2="2024-01-31 2024-03-01")
    assert next_rate(table) == (0, 1, 0)


def test_next_window_rate_is_null_while_the_second_window_is_open():
    table = occasions(c1="2024-01-01 2024-02-02")
    assert next_rate(table, as_of="2024-02-28") == (1, 1, None)


def test_next_window_rate_without_buyers_is_null():
    assert next_rate(occasions(c1="2024-02-02")) == (0, 0, None)
