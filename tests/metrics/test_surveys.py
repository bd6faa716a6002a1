import math
from datetime import timedelta

import pytest

from core.metrics.surveys import answers, csat, favourable, labelled, nps, response_rate
from tests.care_shop import rows
from tests.survey_answers import AS_OF, DAY, SINCE, answer, asked


def test_the_published_error_of_a_hundred_answers():
    # 50 % promoters, 20 % detractors: 30, and 1.96 standard errors are 15.3.
    scores = [10] * 50 + [7] * 30 + [3] * 20
    [row] = rows(nps(asked(*[answer(n, score) for n, score in enumerate(scores)])))
    assert (row["n"], row["nps"]) == (100, pytest.approx(30))
    assert 1.96 * row["standard_error"] == pytest.approx(15.3, abs=0.05)


def test_nines_promote_and_sixes_detract():
    [row] = rows(nps(asked(*[answer(n, s) for n, s in enumerate((10, 9, 8, 7, 6, 0))])))
    assert (row["promoters"], row["detractors"], row["nps"]) == (2, 2, 0.0)


def test_other_scales_are_not_converted():
    [row] = rows(nps(asked(answer(1, 5, scale_max=5), answer(2, 9, scale_min=1))))
    assert (row["n"], row["nps"], row["standard_error"]) == (0, None, None)


def test_the_last_answer_of_a_customer_in_a_wave_counts():
    found = asked(
        answer(1, 10, customer_key=1, wave="a", answered_at=DAY),
        answer(2, 0, customer_key=1, wave="a", answered_at=DAY + timedelta(days=1)),
        answer(3, 10, customer_key=1, wave="b"),
        answer(4, 10, customer_key=1),
        answer(5, 0, customer_key=1),
    )
    by_wave = rows(nps(found, by=("wave",)), "wave")
    # Of two answers at the same moment the lower one counts.
    assert [(r["wave"], r["n"], r["nps"]) for r in by_wave] == [
        ("a", 1, -100.0),
        ("b", 1, 100.0),
        (None, 1, -100.0),
    ]


def test_an_answer_given_later_is_not_given_yet():
    late = answer(1, 10, answered_at=AS_OF + timedelta(days=1))
    assert rows(nps(asked(late)))[0]["n"] == 0
    assert rows(nps(asked(late, as_of=AS_OF + timedelta(days=1))))[0]["n"] == 1


@pytest.mark.parametrize(
    ("day", "n"),
    [(SINCE, 1), (SINCE - timedelta(days=1), 0), (AS_OF, 1), (AS_OF + timedelta(days=1), 0)],
)
def test_only_questions_asked_in_the_window_count(day, n):
    assert len(rows(asked(answer(1, None, asked_at=day)))) == n


def test_the_top_two_of_five_are_satisfied():
    scores = [5, 4, 3, 1, None]
    found = asked(*[answer(n, score, "csat") for n, score in enumerate(scores)], answer(9, 9))
    [row] = rows(csat(found))
    assert (row["n"], row["satisfied"], row["csat"]) == (4, 2, 0.5)
    assert row["low"] < 0.5 < row["high"]


def test_a_scale_of_seven_is_no_csat():
    assert rows(csat(asked(answer(1, 7, "csat", scale_max=7)))) == []


def test_response_counts_answers_within_thirty_days_of_matured_questions():
    in_time, late = DAY + timedelta(days=30), DAY + timedelta(days=31)
    young = AS_OF - timedelta(days=29)
    found = asked(
        answer(1, 9, answered_at=in_time),
        answer(2, 9, answered_at=late),
        answer(3, None),
        answer(4, 9, asked_at=young, answered_at=young),
        answer(5, None, asked_at=AS_OF - timedelta(days=30)),
    )
    [row] = rows(response_rate(found, as_of=AS_OF))
    assert (row["asked"], row["answered"], row["response_rate"]) == (4, 1, 0.25)


def test_response_by_what_is_known_of_the_customers():
    found = asked(answer(1, 9), answer(2, None), answer(3, 5, "csat"))
    by = rows(response_rate(found, as_of=AS_OF, by=("instrument",)), "instrument")
    assert [(r["instrument"], r["asked"], r["response_rate"]) for r in by] == [
        ("csat", 1, 1.0),
        ("nps", 2, 0.5),
    ]


def test_without_questions_there_are_no_rates():
    assert rows(response_rate(asked(), as_of=AS_OF))[0]["response_rate"] is None
    assert rows(csat(asked())) == []
    found = rows(nps(asked()))[0]
    assert found["nps"] is None
    assert not math.isnan(found["n"])


@pytest.mark.parametrize(
    ("instrument", "said"),
    [
        ("nps", {9: "promoter", 8: "passive", 7: "passive", 6: "detractor"}),
        ("ces", {5: "easy", 4: "neutral", 3: "hard"}),
        ("csat", {4: "satisfied", 3: "neutral", 2: "dissatisfied"}),
        ("brand", {4: "agree", 3: "neutral", 2: "disagree"}),
    ],
)
def test_an_answer_is_called_by_its_place_on_the_scale(instrument, said):
    found = labelled(asked(*[answer(score, score, instrument) for score in said]))
    assert {row["score"]: row["answer"] for row in rows(found)} == said


def test_a_scale_of_five_may_begin_at_zero():
    [row] = rows(labelled(asked(answer(1, 3, "csat", scale_min=0, scale_max=4))))
    assert row["answer"] == "satisfied"


def test_a_scale_that_runs_the_other_way_is_left_out():
    turned = answer(1, 2, "ces", scale_min=7, scale_max=1)
    assert rows(labelled(asked(turned, answer(2, 3, "ces", scale_min=None)))) == []


def test_a_share_of_wallet_has_no_name():
    [row] = rows(labelled(asked(answer(1, 60, "wallet"))))
    assert row["answer"] is None


def test_the_share_of_favourable_answers_is_told_by_instrument():
    found = favourable(asked(answer(1, 4, "brand"), answer(2, 3, "brand"), answer(3, 1, "price")))
    assert [(r["instrument"], r["n"], r["rate"]) for r in rows(found, "instrument")] == [
        ("brand", 2, 0.5),
        ("price", 1, 0.0),
    ]


def test_one_question_told_apart_in_several_ways_counts_once_in_each():
    two = asked(answer(1, 9), answer(2, 3))
    both = two.mutate(told_by=two.instrument).union(two.mutate(told_by=two.survey_id))
    assert len(rows(answers(both))) == 2
    assert len(rows(answers(both, by=("told_by",)))) == 4


def test_customers_of_other_numbers_give_the_same_scores():
    scores = [10, 9, 3, 7, 0, 10]
    plain = rows(nps(asked(*[answer(n, s) for n, s in enumerate(scores)])))
    other = rows(nps(asked(*[answer(50 - n, s) for n, s in enumerate(scores)])))
    assert plain == other


def test_a_score_outside_its_scale_says_nothing():
    found = labelled(asked(answer(1, 11), answer(2, -1), answer(3, 10), answer(4, 0)))
    assert [row["score"] for row in rows(found, "score")] == [0.0, 10.0]
