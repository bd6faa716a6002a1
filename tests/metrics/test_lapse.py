"""Lapse limits: who comes back after so long a silence, which limit suits, how churn would read."""

from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest

from core.metrics.lapse import (
    churn_by_lapse,
    proposed_lapse,
    returns_by_lapse,
    silences,
)
from tests.care_shop import lines, occasions, rows

START = date(2023, 1, 1)
OPENED, CLOSED = date(2023, 12, 31), date(2024, 3, 31)


def after(days: int) -> date:
    return START + timedelta(days=days)


def silent(as_of: date, *bought: tuple[int, date], tau: int = 30) -> tuple[int, int]:
    found = returns_by_lapse(silences(occasions(*bought)), as_of=as_of, lapses=(tau,))
    (row,) = rows(found)
    return row["silent"], row["came_back"]


def test_a_silence_runs_from_one_occasion_to_the_next():
    found = rows(silences(occasions((1, after(0)), (1, after(9)), (2, after(0)))), "gap_days")
    assert [(r["started_on"], r["gap_days"], r["silences"]) for r in found] == [
        (after(0), 9, 1), (after(0), None, 1), (after(9), None, 1),
    ]  # fmt: skip


def test_equal_silences_are_counted_together():
    found = rows(silences(occasions((1, after(0)), (2, after(0)))))
    assert [(r["gap_days"], r["silences"]) for r in found] == [(None, 2)]


@pytest.mark.parametrize(
    ("gap", "expected"), [(30, (0, 0)), (31, (1, 1)), (60, (1, 1)), (61, (1, 0))]
)
def test_silent_is_who_did_not_buy_within_tau_and_back_who_buys_within_as_long_again(gap, expected):
    # On the 80th day 60 days have passed since the first purchase, and not since the second.
    assert silent(after(80), (1, after(0)), (1, after(gap))) == expected


@pytest.mark.parametrize(("age", "n"), [(59, 0), (60, 1), (61, 1)])
def test_a_silence_counts_from_the_day_on_which_its_next_tau_days_have_passed(age, n):
    assert silent(after(age), (1, after(0))) == (n, 0)


def test_who_is_already_back_but_too_young_is_left_out_too():
    assert silent(after(59), (1, after(0)), (1, after(40))) == (0, 0)


def test_without_occasions_no_rate_is_known():
    found = returns_by_lapse(silences(occasions()), as_of=START, lapses=(30, 60))
    assert rows(found) == []


def test_a_limit_without_silences_has_a_null_rate():
    found = returns_by_lapse(silences(occasions((1, START))), as_of=START, lapses=(30,))
    (row,) = rows(found)
    assert (row["silent"], row["return_rate"], row["return_low"]) == (0, None, None)


def test_silences_are_told_apart_by_segment():
    bought = occasions((1, after(0)), (1, after(40)), (2, after(0)))
    bought = bought.mutate(segment=(bought.customer_key == 1).ifelse("a", "b"))
    found = returns_by_lapse(
        silences(bought, by=("segment",)), as_of=after(70), lapses=(30,), by=("segment",)
    )
    assert [(r["segment"], r["silent"], r["came_back"]) for r in rows(found, "segment")] == [
        ("a", 1, 1), ("b", 1, 0),
    ]  # fmt: skip


def proposed(*rates: tuple[int, int, float]) -> tuple[int | None, int | None]:
    """Limits with the number of silences and the share that came back."""
    given = [{"lapse_days": t, "silent": n, "return_rate": rate} for t, n, rate in rates]
    (row,) = rows(proposed_lapse(ibis.memtable(pa.Table.from_pylist(given))))
    return row["proposed_days"], row["longest_days"]


def test_the_smallest_limit_with_at_most_a_tenth_is_proposed():
    assert proposed((30, 90, 0.4), (60, 80, 0.1), (90, 70, 0.05)) == (60, 90)
    assert proposed((30, 90, 0.4), (60, 80, 0.101), (90, 70, 0.05)) == (90, 90)


def test_a_limit_shorter_than_the_rhythm_of_the_customers_is_not_proposed():
    assert proposed((30, 99, 0.02), (60, 99, 0.5), (90, 99, 0.08)) == (90, 90)


def test_a_limit_on_fewer_than_30_silences_says_nothing():
    assert proposed((30, 30, 0.1), (60, 29, 0.9)) == (30, 30)
    assert proposed((30, 29, 0.0)) == (None, None)


def test_where_no_limit_suits_none_is_proposed():
    assert proposed((30, 90, 0.4), (60, 80, 0.2)) == (None, 60)


def test_each_segment_has_its_own_proposal():
    given = [
        {"segment": "a", "lapse_days": 30, "silent": 50, "return_rate": 0.05},
        {"segment": "b", "lapse_days": 30, "silent": 50, "return_rate": 0.5},
        {"segment": "b", "lapse_days": 60, "silent": 50, "return_rate": 0.1},
    ]
    table = ibis.memtable(pa.Table.from_pylist(given))
    found = rows(proposed_lapse(table, by=("segment",)), "segment")
    assert [(r["segment"], r["proposed_days"]) for r in found] == [("a", 30), ("b", 60)]


def churn(then: list[dict], now: list[dict], tau: int = 60, **running) -> tuple:
    found = churn_by_lapse(lines(OPENED, *then), lines(CLOSED, *now), lapses=(tau,), **running)
    return tuple((r["active"], r["lost"], r["churn"]) for r in rows(found))


def last(key: int, on: date | None, **more) -> dict:
    return {"customer_key": key, "last_on": on, **more}


@pytest.mark.parametrize(("days", "active"), [(60, 2), (61, 1)])
def test_active_is_who_bought_within_the_limit_its_last_day_included(days, active):
    lines_of = [last(1, OPENED - timedelta(days=days)), last(2, OPENED)]
    ((n, _, _),) = churn(lines_of, lines_of)
    assert n == active


@pytest.mark.parametrize(("days", "lost"), [(60, 0), (61, 1)])
def test_lost_is_who_is_silent_for_longer_at_the_closing(days, lost):
    then = [last(1, OPENED)]
    assert churn(then, [last(1, CLOSED - timedelta(days=days))]) == ((1, lost, lost),)


def test_the_undone_are_not_lost():
    assert churn([last(1, OPENED)], [last(1, None, since_on=None)]) == ((1, 0, 0),)


def test_a_running_contract_keeps_a_customer_active_with_every_limit():
    runs = occasions((1, OPENED))
    silent_one = [last(1, date(2020, 1, 1))]
    assert churn(silent_one, silent_one, running_then=runs, running_now=runs) == ((1, 0, 0),)
    assert churn(silent_one, silent_one, running_then=runs) == ((1, 1, 1),)
    assert churn(silent_one, silent_one, running_now=runs) == ()


def test_a_customer_with_two_contracts_counts_once():
    runs = occasions((1, OPENED), (1, CLOSED))
    silent_one = [last(1, date(2020, 1, 1))]
    assert churn(silent_one, silent_one, running_then=runs, running_now=runs) == ((1, 0, 0),)


def test_churn_of_nobody_has_no_row():
    assert churn([], []) == ()


def test_a_shorter_limit_reads_other_churn_from_the_same_lines():
    then = [last(1, OPENED - timedelta(days=40)), last(2, OPENED)]
    now = [last(1, OPENED - timedelta(days=40)), last(2, OPENED)]
    found = churn_by_lapse(lines(OPENED, *then), lines(CLOSED, *now), lapses=(30, 60, 120))
    # 91 days lie between the two: at the closing customer 1 is silent for 131 days, 2 for 91.
    assert [(r["lapse_days"], r["active"], r["lost"]) for r in rows(found, "lapse_days")] == [
        (30, 1, 1), (60, 2, 2), (120, 2, 1),
    ]  # fmt: skip
