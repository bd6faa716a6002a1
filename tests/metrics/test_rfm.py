"""Recency, frequency and monetary value, scored by class."""

from datetime import date, timedelta

import pytest

from core.metrics.rfm import rfm, rfm_cells, rfm_cuts
from tests.care_shop import lines, rows

AS_OF = date(2026, 6, 30)


def customer(key: int, days: int, times: int, value: float, **more) -> dict:
    return {
        "customer_key": key, "last_on": AS_OF - timedelta(days=days), "occasions_12m": times,
        "value": value, **more,
    }  # fmt: skip


# Ten customers: the first came yesterday, most often and for most.
TEN = [customer(k, 10 * k - 9, 11 - k, 100 * (11 - k)) for k in range(1, 11)]


def scored(*customers: dict, **settings) -> dict[int, dict]:
    found = rows(rfm(lines(AS_OF, *customers), as_of=AS_OF, **settings), "customer_key")
    return {row["customer_key"]: row for row in found}


def test_two_of_ten_stand_in_each_class_and_five_is_best():
    found = scored(*TEN)
    assert [found[k]["r"] for k in range(1, 11)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert all(row["r"] == row["f"] == row["m"] for row in found.values())


def test_the_measures_are_shown_beside_their_scores():
    first = scored(*TEN)[1]
    shown = (first["recency_days"], first["frequency"], first["monetary"])
    assert shown == (1, 10, 1000)


def test_who_bought_on_the_day_itself_has_been_silent_for_no_day():
    assert scored(customer(1, 0, 1, 10))[1]["recency_days"] == 0


def test_equal_customers_have_equal_scores_and_a_tie_at_a_cut_point_goes_down():
    # Nine bought once, one twice: the nine are not in the best class together with the tenth.
    often = [customer(k, 5, 1, 10) for k in range(1, 10)] + [customer(10, 5, 2, 10)]
    found = scored(*often)
    assert {row["f"] for key, row in found.items() if key < 10} == {1}
    assert found[10]["f"] == 5
    assert {(row["r"], row["m"]) for row in found.values()} == {(1, 1)}


def test_numbers_of_customers_change_nothing():
    found = scored(*TEN)
    other = scored(*[{**row, "customer_key": 100 - row["customer_key"]} for row in TEN])
    assert {k: row["m"] for k, row in found.items()} == {100 - k: r["m"] for k, r in other.items()}


def test_there_may_be_other_than_five_classes():
    assert sorted(row["m"] for row in scored(*TEN, classes=2).values()) == [1] * 5 + [2] * 5


def test_the_lost_have_no_scores():
    assert set(scored(*TEN, customer(11, 400, 0, 0, is_active=False))) == set(range(1, 11))


def test_who_is_active_by_contract_alone_has_no_recency():
    holder = {"customer_key": 11, "last_on": None, "occasions_12m": 0, "value": 50}
    row = scored(*TEN, holder)[11]
    assert (row["recency_days"], row["r"], row["frequency"], row["f"]) == (None, None, 0, 1)


def test_nobody_active_gives_no_row():
    assert scored(customer(1, 400, 0, 0, is_active=False)) == {}
    assert scored() == {}


def test_frozen_cut_points_score_by_another_month_end():
    then = lines(AS_OF, *TEN)
    cuts = rfm_cuts(then, as_of=AS_OF)
    # The last quintile of 100 to 1000 is a fifth of the way from 800 to 900.
    found = scored(customer(1, 1, 1, 821), customer(2, 1, 1, 820), customer(3, 1, 1, 0), cuts=cuts)
    assert {key: row["m"] for key, row in found.items()} == {1: 5, 2: 4, 3: 1}


def test_each_value_of_a_scope_has_cut_points_of_its_own():
    north = [{**row, "region": "North"} for row in TEN]
    south = [
        {**row, "customer_key": row["customer_key"] + 10, "value": row["value"] * 10} for row in TEN
    ]
    found = rfm(lines(AS_OF, *north, *south), as_of=AS_OF, by=["region"])
    by_key = {row["customer_key"]: row for row in rows(found, "customer_key")}
    assert [by_key[k]["m"] for k in range(1, 11)] == [by_key[k + 10]["m"] for k in range(1, 11)]
    assert by_key[11]["region"] is None


def test_cells_count_heads_and_value_of_each_score():
    found = rows(rfm_cells(rfm(lines(AS_OF, *TEN), as_of=AS_OF)), "r")
    assert [(row["r"], row["heads"]) for row in found] == [(c, 2) for c in range(1, 6)]
    best = found[-1]
    assert (best["value"], best["share_of_heads"]) == (1900, 0.2)
    assert best["share_of_value"] == pytest.approx(1900 / 5500)


def test_shares_of_value_are_null_where_it_is_not_above_zero():
    found = rows(rfm_cells(rfm(lines(AS_OF, customer(1, 1, 1, -5)), as_of=AS_OF)))
    assert [(row["share_of_heads"], row["share_of_value"]) for row in found] == [(1, None)]
