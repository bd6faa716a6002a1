from datetime import timedelta

import ibis
import pyarrow as pa
import pytest

from core.metrics.ladder import LEVELS, ladder, levels
from tests.care_shop import lines, rows
from tests.survey_answers import AS_OF, DAY, answer, asked

pytestmark = pytest.mark.slow


def referrers(*keys: int):
    return ibis.memtable(pa.table({"customer_key": pa.array(keys, pa.int64())}))


def stands(*answers: dict, occasions: int = 1, referred: tuple[int, ...] | None = (), **options):
    shop = lines(AS_OF, {"customer_key": 1, "occasions_12m": occasions})
    known = None if referred is None else referrers(*referred)
    [row] = rows(ladder(shop, asked(*answers), known, **options))
    return row


def one(score: float, instrument: str = "nps", **others) -> dict:
    return answer(1, score, instrument, **others)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        (one(7), "satisfied"), (one(6), "none"),
        (one(4, "csat"), "satisfied"), (one(3, "csat"), "none"),
        (one(5, "ces"), "satisfied"), (one(4, "ces"), "none"),
        (one(5, "brand"), "unknown"), (one(5, "csat", scale_max=7), "unknown"),
    ],
)  # fmt: skip
def test_the_first_step_is_a_satisfied_last_answer(said, level):
    assert stands(said)["level"] == level


def test_each_step_needs_those_below_it():
    said = [one(9), one(4, "brand")]
    assert stands(said[0])["level"] == "satisfied"
    assert stands(*said)["level"] == "identified"
    assert stands(*said, occasions=2)["level"] == "recommending"
    # Two occasions and a referral are no use to who does not think of the brand first.
    found = stands(one(8), one(3, "brand"), occasions=2, referred=(1,))
    assert (found["level"], found["loyal"], found["recommending"]) == ("satisfied", True, True)


def test_missing_evidence_is_no_evidence_against():
    found = stands(one(8))
    assert (found["identified"], found["may_stand_higher"]) == (None, True)
    found = stands(one(8), one(2, "brand"))
    assert (found["identified"], found["may_stand_higher"]) == (False, False)


def test_who_was_not_asked_for_the_nps_may_recommend():
    said = [one(5, "csat"), one(5, "brand")]
    found = stands(*said, occasions=2)
    assert (found["level"], found["recommending"]) == ("loyal", None)
    assert found["may_stand_higher"]
    assert stands(*said, one(7), occasions=2)["may_stand_higher"] is False
    assert stands(*said, occasions=2, referred=(1,))["level"] == "recommending"
    assert stands(*said, occasions=2, referred=None)["level"] == "loyal"


def test_the_last_answer_counts_and_of_two_at_once_the_worse():
    later = DAY + timedelta(days=1)
    assert stands(one(9), one(2, "csat", answered_at=later))["level"] == "none"
    assert stands(one(2), one(5, "csat", answered_at=later))["level"] == "satisfied"
    assert stands(one(9), one(2, "csat"))["level"] == "none"
    # A promoter once, but not in the last NPS.
    said = [one(5, "brand"), one(10), one(7, answered_at=later)]
    assert stands(*said, occasions=2)["level"] == "loyal"


def test_in_young_books_too_few_purchases_say_nothing():
    said = [one(8), one(5, "brand")]
    found = stands(*said, is_year_known=False)
    assert (found["level"], found["loyal"], found["may_stand_higher"]) == ("identified", None, True)
    assert stands(*said, occasions=2, is_year_known=False)["loyal"] is True


def test_the_lost_stand_on_no_step():
    shop = lines(AS_OF, {"customer_key": 1, "is_active": False})
    assert rows(ladder(shop, asked(one(9)))) == []


def test_levels_count_customers_and_what_they_bring():
    shop = lines(
        AS_OF,
        {"customer_key": 1, "value": 30, "occasions_12m": 1},
        {"customer_key": 2, "value": 50, "occasions_12m": 1},
        {"customer_key": 3, "value": 20, "occasions_12m": 1},
    )
    found = rows(levels(ladder(shop, asked(answer(1, 8), answer(2, 7)))), "level")
    assert [
        (r["level"], r["customers"], r["may_stand_higher"], r["value"], r["share_of_value"])
        for r in found
    ] == [("satisfied", 2, 2, 80, 0.8), ("unknown", 1, 0, 20, 0.2)]
    assert found[0]["share_of_heads"] == pytest.approx(2 / 3)
    assert found[0]["value_per_customer"] == 40.0
    assert all(r["level"] in LEVELS for r in found)


def test_a_share_of_value_that_is_not_above_zero_is_not_known():
    shop = lines(AS_OF, {"customer_key": 1, "value": -5, "occasions_12m": 1})
    [row] = rows(levels(ladder(shop, asked())))
    assert (row["level"], row["share_of_value"]) == ("unknown", None)


def test_without_customers_there_are_no_levels():
    assert rows(levels(ladder(lines(AS_OF), asked()))) == []
