from datetime import date, timedelta

import pytest

from core.metrics.silence import silent_customers
from tests.care_shop import facts, keys, lines, rows
from tests.survey_answers import AS_OF, SINCE, answer

YEAR_AGO = date(2025, 6, 30)
FIRST = date(2024, 6, 30)
SLOW = {"customer_key": 1, "occasions": 11, "occasions_12m": 4, "first_on": FIRST,
        "last_on": date(2026, 2, 20)}  # fmt: skip


def silent(*customers: dict, before: int | None = 5, answers=(), complaints=(), **options):
    now = lines(AS_OF, *customers)
    then = [] if before is None else [{**c, "occasions_12m": before} for c in customers]
    return silent_customers(
        now,
        lines(YEAR_AGO, *then),
        facts("surveys", *answers),
        facts("complaints", *complaints),
        since=SINCE,
        as_of=AS_OF,
        **options,
    )


def test_silent_is_who_slows_down_without_a_word():
    # From 30 June 2024 to 20 February 2026 are 600 days: ten gaps of 60; silent for 130.
    [row] = rows(silent(SLOW))
    assert (row["silence_days"], row["mean_gap_days"]) == (130, 60.0)
    assert (row["occasions_before"], row["asked"]) == (5, 0)


@pytest.mark.parametrize(("before", "is_silent"), [(5, True), (4, False), (0, False)])
def test_a_fall_by_a_fifth_is_the_least(before, is_silent):
    assert bool(keys(silent(SLOW, before=before))) is is_silent


def test_the_least_fall_is_a_setting():
    assert keys(silent(SLOW, fall=0.25)) == []


def test_a_silence_of_the_own_mean_gap_is_not_yet_long():
    # 60 days after a last purchase on 1 May; ten gaps from 1 May 2026 back make 60 days each.
    last = AS_OF - timedelta(days=60)
    own = {**SLOW, "last_on": last, "first_on": last - timedelta(days=600)}
    assert keys(silent(own)) == []
    assert keys(silent({**own, "first_on": last - timedelta(days=590)})) == [1]


@pytest.mark.parametrize(
    ("answered_on", "is_silent"),
    [
        (SINCE, False),
        (SINCE - timedelta(days=1), True),
        (AS_OF, False),
        (AS_OF + timedelta(days=1), True),
    ],
)
def test_an_answer_of_the_year_breaks_the_silence(answered_on, is_silent):
    said = answer(1, 3, asked_at=SINCE - timedelta(days=5), answered_at=answered_on)
    assert bool(keys(silent(SLOW, answers=[said]))) is is_silent


@pytest.mark.parametrize(
    ("opened_on", "is_silent"),
    [
        (SINCE, False),
        (SINCE - timedelta(days=1), True),
        (AS_OF, False),
        (AS_OF + timedelta(days=1), True),
    ],
)
def test_a_complaint_of_the_year_breaks_the_silence(opened_on, is_silent):
    made = {"complaint_id": "1", "customer_key": 1, "opened_at": opened_on}
    assert bool(keys(silent(SLOW, complaints=[made]))) is is_silent


def test_questions_without_an_answer_are_counted():
    [row] = rows(silent(SLOW, answers=[answer(1, None), answer(2, None, customer_key=1)]))
    assert row["asked"] == 2


def test_who_came_once_or_is_lost_has_no_rhythm():
    once = {**SLOW, "occasions": 1}
    gone = {**SLOW, "customer_key": 2, "is_active": False}
    assert keys(silent(once, gone)) == []


def test_without_a_year_before_nobody_is_known_to_slow_down():
    assert keys(silent(SLOW, before=None)) == []
