from datetime import timedelta

import pytest

from core.metrics.answers_link import bought_after_answer
from tests.care_shop import occasions, rows
from tests.survey_answers import AS_OF, DAY, answer, asked


def linked(*answers: dict, came=(), **options) -> dict[tuple[str, str], dict]:
    settings = {"as_of": AS_OF, "within_days": 90, **options}
    found = bought_after_answer(asked(*answers), occasions(*came), **settings)
    return {(row["instrument"], row["answer"]): row for row in rows(found)}


def days(number: int) -> timedelta:
    return timedelta(days=number)


def test_purchases_count_from_the_day_after_the_answer_to_the_last_day():
    found = linked(
        *[answer(n, 9) for n in (1, 2, 3, 4)],
        came=[(1, DAY), (2, DAY + days(1)), (3, DAY + days(90)), (4, DAY + days(91))],
    )
    [row] = found.values()
    assert (row["answer"], row["n"], row["bought"], row["rate"]) == ("promoter", 4, 2, 0.5)
    assert row["low"] < 0.5 < row["high"]


def test_each_answer_stands_apart():
    found = linked(
        answer(1, 9), answer(2, 7), answer(3, 0), answer(4, 2, "csat"),
        came=[(1, DAY + days(5)), (1, DAY + days(6))],
    )  # fmt: skip
    assert {key: row["bought"] for key, row in found.items()} == {
        ("nps", "promoter"): 1,
        ("nps", "passive"): 0,
        ("nps", "detractor"): 0,
        ("csat", "dissatisfied"): 0,
    }


@pytest.mark.parametrize(("answered_on", "is_old"), [(90, True), (89, False)])
def test_an_answer_whose_days_have_not_passed_is_left_out(answered_on, is_old):
    on = AS_OF - days(answered_on)
    assert bool(linked(answer(1, 9, asked_at=on, answered_at=on))) is is_old


def test_who_did_not_answer_counts_from_the_last_day_to_answer():
    # Asked on 1 March, could answer until the 31st.
    found = linked(
        answer(1, None),
        answer(2, None),
        came=[(1, DAY + days(30)), (2, DAY + days(31))],
    )
    row = found["nps", "no_answer"]
    assert (row["n"], row["bought"]) == (2, 1)


def test_who_answered_in_the_wave_is_not_among_those_who_did_not():
    found = linked(
        answer(1, 9, wave="a"), answer(2, None, wave="a", customer_key=1),
        answer(3, None, wave="b", customer_key=1),
        answer(4, 9), answer(5, None, customer_key=4),
    )  # fmt: skip
    assert {key: row["n"] for key, row in found.items()} == {
        ("nps", "promoter"): 2,
        ("nps", "no_answer"): 1,
    }


def test_questions_of_the_brand_are_not_linked():
    assert linked(answer(1, 5, "brand")) == {}


def test_without_questions_there_is_no_link():
    assert linked() == {}
