import pytest

from core.metrics.surveys import answers
from core.metrics.weighted import STRATA, graded, strata, weighted_score
from tests.care_shop import lines, rows
from tests.survey_answers import AS_OF, answer, asked


def shop(top: int, other: int, **more: dict):
    """``top`` customers 1, 2, ... of value 40 and ``other`` customers 101, 102, ... of value 10."""
    return lines(
        AS_OF,
        *[{"customer_key": n, "tier": 1, "value": 40} for n in range(1, top + 1)],
        *[{"customer_key": n, "tier": 4, "value": 10} for n in range(101, 101 + other)],
        *more.values(),
    )


def score(found, table, weight: str, instrument: str = "nps", **options) -> list[dict]:
    grades = graded(answers(found))
    layers = strata(grades.filter(grades.instrument == instrument), table, **options)
    return rows(weighted_score(layers, weight=weight, **options), *options.get("by", ()))


def test_each_tier_has_a_say_by_its_customers_or_by_its_value():
    # Two of two top customers answer 10 and 9, two of eight others 0 and 10: plain NPS 50.
    said = asked(answer(1, 10), answer(2, 9), answer(101, 0), answer(102, 10))
    [heads] = score(said, shop(2, 8), "heads")
    # (2 x 100 + 8 x 0) / 10; by value, both tiers bring 80.
    assert (heads["n"], heads["score"]) == (4, pytest.approx(20))
    [value] = score(said, shop(2, 8), "value")
    assert value["score"] == pytest.approx(50)


def test_the_error_is_that_of_the_layers():
    # Grades of the others are -100 and 100: variance 20000, of the mean 10000; of the top 0.
    said = asked(answer(1, 10), answer(2, 9), answer(101, 0), answer(102, 10))
    [heads] = score(said, shop(2, 8), "heads")
    assert heads["standard_error"] == pytest.approx(0.8 * 100)


def test_a_tier_with_one_answer_leaves_the_error_unknown():
    [row] = score(asked(answer(1, 10), answer(101, 0), answer(102, 10)), shop(2, 8), "heads")
    assert (row["score"], row["standard_error"]) == (pytest.approx(20), None)


def test_the_satisfied_are_weighted_the_same_way():
    said = asked(answer(1, 5, "csat"), answer(101, 2, "csat"))
    [row] = score(said, shop(1, 3), "heads", "csat")
    assert row["score"] == pytest.approx(1 / 4)


def test_a_tier_that_is_not_heard_is_named_and_its_weight_spread():
    [row] = score(asked(answer(101, 10)), shop(2, 8), "heads")
    assert row["score"] == 100.0
    assert row["unheard_top"] == pytest.approx(0.2)
    assert {row[f"unheard_{name}"] for name in STRATA if name != "top"} == {0.0}


def test_a_tier_without_value_has_no_say_by_value():
    poor = {"customer_key": 201, "tier": 3, "value": -500}
    said = asked(answer(1, 10), answer(201, 0))
    [row] = score(said, shop(1, 0, poor=poor), "value")
    assert row["score"] == 100.0


def test_who_is_no_longer_active_has_no_say():
    gone = {"customer_key": 201, "tier": 1, "is_active": False}
    [row] = score(asked(answer(1, 10), answer(201, 0)), shop(1, 1, gone=gone), "heads")
    assert (row["n"], row["score"]) == (1, 100.0)


def test_customers_without_a_tier_are_a_layer_of_their_own():
    loose = {"customer_key": 201, "tier": None, "value": 10}
    [row] = score(asked(answer(201, 0)), shop(0, 3, loose=loose), "heads")
    assert (row["score"], row["unheard_other"]) == (-100.0, pytest.approx(0.75))


def test_where_nobody_answered_nothing_is_known():
    [row] = score(asked(answer(1, None)), shop(1, 1), "heads")
    assert (row["n"], row["score"], row["standard_error"]) == (0, None, None)


def test_scopes_are_told_apart_those_unknown_too():
    north = {"customer_key": 1, "tier": 1, "region": "North"}
    nowhere = {"customer_key": 2, "tier": 1, "region": None}
    said = asked(answer(1, 10), answer(2, 0))
    found = score(said, lines(AS_OF, north, nowhere), "heads", by=("region",))
    assert [(r["region"], r["score"]) for r in found] == [("North", 100.0), (None, -100.0)]
