import pytest

from core.metrics.intervals import wilson
from core.metrics.scores import scores
from core.metrics.surveys import csat, nps
from tests.care_shop import rows
from tests.survey_answers import AS_OF, answer, asked

pytestmark = pytest.mark.slow


def found(*answers: dict, by: tuple[str, ...] = ()) -> list[dict]:
    return rows(scores(asked(*answers), as_of=AS_OF, by=by), "instrument", *by)


def test_each_instrument_stands_in_its_own_unit():
    ces, satisfied, promoters = found(
        answer(1, 6, "ces"), answer(2, 4, "ces"),
        answer(3, 5, "csat"), answer(4, 1, "csat"), answer(5, 3, "csat"), answer(6, None, "csat"),
        answer(7, 10), answer(8, 9), answer(9, 3), answer(10, 8),
        answer(11, 4, "brand"),
    )  # fmt: skip
    assert (ces["instrument"], ces["n"], ces["score"]) == ("ces", 2, 5.0)
    assert (satisfied["asked"], satisfied["response_rate"], satisfied["n"]) == (4, 0.75, 3)
    assert satisfied["score"] == pytest.approx(1 / 3)
    assert (satisfied["low"], satisfied["high"]) == pytest.approx(wilson(1, 3))
    assert (promoters["n"], promoters["score"]) == (4, 25.0)


def test_they_are_those_of_the_single_figures():
    answers = [answer(n, n % 11) for n in range(40)]
    answers += [answer(n, 1 + n % 5, "csat") for n in range(30)]
    satisfied, promoters = found(*answers)
    [one] = rows(nps(asked(*answers)))
    assert promoters["score"] == pytest.approx(one["nps"])
    half = 1.959963984540054 * one["standard_error"]
    assert promoters["low"] == pytest.approx(one["nps"] - half)
    [other] = rows(csat(asked(*answers)))
    assert satisfied["score"] == pytest.approx(other["csat"])
    assert (satisfied["low"], satisfied["high"]) == pytest.approx((other["low"], other["high"]))


def test_who_was_asked_and_did_not_answer_has_no_score():
    [row] = found(answer(1, None))
    assert (row["asked"], row["response_rate"], row["n"]) == (1, 0.0, 0)
    assert (row["score"], row["low"]) == (None, None)


def test_an_answer_to_a_young_question_counts_but_not_for_the_response_rate():
    [row] = found(answer(1, 9, asked_at=AS_OF, answered_at=AS_OF))
    assert (row["asked"], row["response_rate"], row["n"], row["score"]) == (0, None, 1, 100.0)


def test_answers_that_are_all_alike_have_no_interval():
    [row] = found(answer(1, 10), answer(2, 9))
    assert (row["score"], row["low"], row["high"]) == (100.0, None, None)


def test_waves_without_a_name_stand_apart():
    named, unnamed = found(answer(1, 9, wave="a"), answer(1, 0), by=("wave",))
    assert (named["wave"], named["score"]) == ("a", 100.0)
    assert (unnamed["wave"], unnamed["score"]) == (None, -100.0)


def test_without_questions_there_are_no_scores():
    assert found() == []
