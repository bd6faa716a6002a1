"""Candidates judged kind by kind: the same as one by one."""

import random
from datetime import date

import pyarrow as pa
import pytest

from core.desk.candidates import BANDS, Candidates, with_recorded
from core.desk.judging import Experience, Terms, by_verdict, judged, kind_code, narrowed
from core.metrics.churn_causes import TREE
from core.waves import worth as rules
from core.waves.lift import Outcome, Stratum, pooled_lift
from core.waves.worth import Assumptions, Former, Input, WorthInputs

DAY = date(2024, 3, 31)
PLAIN = {
    "tier": 4, "tier_name": "other", "silence_band": "366-730", "silence_days": 400,
    "last_on": date(2023, 2, 24), "value": 1_000.0, "occasions": 5, "history_days": 400,
    "was_upper": False, "cause": None, "evidence": None, "region": None, "branch": None,
    "manager": None, "is_refused": False, "return_rate": 0.08, "return_n": 50,
}  # fmt: skip
SCHEMA = pa.schema([
    ("customer_key", pa.int64()), ("tier", pa.int64()), ("tier_name", pa.string()),
    ("silence_band", pa.string()), ("silence_days", pa.int64()), ("last_on", pa.date32()),
    ("value", pa.float64()), ("occasions", pa.int64()), ("history_days", pa.int64()),
    ("was_upper", pa.bool_()), ("cause", pa.string()), ("evidence", pa.string()),
    ("region", pa.string()), ("branch", pa.string()), ("manager", pa.string()),
    ("is_refused", pa.bool_()), ("return_rate", pa.float64()), ("return_n", pa.int64()),
])  # fmt: skip

USUAL = Terms(5, 50)


def candidates(*rows: dict, lives=None, is_on_margin=True) -> Candidates:
    made = [{**PLAIN, "customer_key": n, **row} for n, row in enumerate(rows, start=1)]
    return Candidates(DAY, pa.Table.from_pylist(made, schema=SCHEMA), lives or {}, is_on_margin)


def rows_of(found: Candidates, terms: Terms = USUAL) -> list[dict]:
    return judged(found, terms, Experience()).rows.to_pylist()


def test_the_worth_is_that_of_the_definition():
    # Uplift 0.04 assumed; half of 1,000 as second life: 0.04 x 500 - 5 - 50 x 0.12 = 9.
    (row,) = rows_of(candidates({}))
    assert row["worth"] == pytest.approx(9.0)
    assert (row["verdict"], row["rule"]) == ("win_back_now", "worth_it")


def test_own_second_lives_go_before_the_assumed_share():
    # 0.04 x 300 - 5 - 6 = 1; with fewer than 30 returned the mean is not given.
    (row,) = rows_of(candidates({}, lives={4: (300.0, 40)}))
    assert (row["second_life"], row["worth"]) == (300.0, pytest.approx(1.0))


def test_without_a_known_return_rate_the_worth_is_unknown_and_nobody_is_written_off():
    (row,) = rows_of(candidates({"return_rate": None, "return_n": 12}))
    assert (row["worth"], row["verdict"], row["rule"]) == (None, "keep_in_touch", "worth_unknown")


def test_what_was_entered_by_hand_goes_first_for_its_kind_only():
    terms = Terms(5, 50, entered={kind_code(4, "366-730"): {"p_control": 0.2, "uplift": 0.1}})
    first, other = rows_of(candidates({}, {"silence_band": "731+"}), terms)
    # 0.1 x 500 - 5 - 50 x 0.3 = 30.
    assert first["worth"] == pytest.approx(30.0)
    assert other["worth"] == pytest.approx(9.0)


def test_own_closed_waves_say_who_comes_back_and_what_calling_changes():
    strata = [Stratum("w", 4, Outcome(100, 20), Outcome(50, 5))]
    own = Experience({4: (5, 50)}, {4: pooled_lift(strata)}, pooled_lift(strata))
    (kind,) = judged(candidates({}), Terms(5, 50), own).kinds
    # 5 of 50 controls bought; 20 of 100 treated: a lift of 0.1. 0.1 x 500 - 5 - 50 x 0.2 = 35.
    assert (kind.p_control, kind.uplift.value) == (
        Input(0.1, "closed_waves", 50), pytest.approx(0.1)
    )  # fmt: skip
    assert kind.worth == pytest.approx(35.0)


def test_each_customer_is_judged_as_the_rules_judge_one_by_one():
    chance = random.Random(3)
    rows = [
        {
            "tier": chance.choice((1, 2, 3, 4, None)), "silence_band": chance.choice(BANDS),
            "value": chance.choice((None, -50.0, 0.0, 80.0, 900.0, 20_000.0)),
            "occasions": chance.choice((1, 2, 9)), "history_days": chance.choice((0, 89, 90, 500)),
            "was_upper": chance.random() < 0.3, "cause": chance.choice((None, *TREE)),
        }
        for _ in range(300)
    ]  # fmt: skip
    for row in rows:  # what a kind has in common
        kind = f"{row['tier']}{row['silence_band']}"
        row["return_rate"] = random.Random(kind).choice((None, 0.0, 0.3))
        row["return_n"] = 40
    assumed = Assumptions(uplift=0.05, second_life_share=0.4, margin_share=0.5)
    terms = Terms(3, 20, assumed, fixed_causes=("innovation",))
    lives = {2: (700.0, 31), 3: (900.0, 29)}
    found = candidates(*rows, lives=lives, is_on_margin=False)
    for row in rows_of(found, terms):
        inputs = WorthInputs(
            rules.p_control(None, (row["return_rate"], row["return_n"])),
            rules.uplift(None, None, assumed),
            rules.second_life(lives.get(row["tier"]), row["value"], assumed, is_on_margin=False),
            3, 20,
        )  # fmt: skip
        worth = rules.worth(inputs)
        former = Former(row["cause"], row["was_upper"], row["occasions"], row["history_days"])
        said = rules.verdict(worth, former, assumed, fixed_causes=("innovation",))
        assert row["worth"] == (None if worth.value is None else pytest.approx(worth.value))
        assert (row["verdict"], row["rule"]) == said


def test_nobody_on_the_list_is_nobody_judged():
    found = judged(candidates(), Terms(), Experience())
    assert (found.rows.num_rows, found.kinds) == (0, ())
    assert [each.customers for each in by_verdict(found.rows)] == [0, 0, 0, 0]


def test_a_worth_that_nobody_knows_adds_up_to_nothing_known():
    found = judged(
        candidates({"return_rate": None, "silence_band": "731+"}, {}), Terms(5, 50), Experience()
    )
    sums = {each.verdict: each for each in by_verdict(found.rows)}
    assert (sums["keep_in_touch"].customers, sums["keep_in_touch"].worth) == (1, None)
    assert (sums["win_back_now"].value, sums["win_back_now"].worth) == (1_000, pytest.approx(9))


def test_an_audience_narrows_by_each_of_its_lists_and_takes_all_where_one_is_empty():
    rows = judged(
        candidates(
            {"cause": "innovation", "value": 300.0}, {"value": 299.0}, {"tier_name": "high"},
            {"silence_band": "731+"},
        ),
        Terms(), Experience(),
    ).rows  # fmt: skip
    audience = {"tiers": ["other"], "bands": ["366-730"], "causes": [], "least_value": None}
    assert narrowed(rows, audience)["customer_key"].to_pylist() == [1, 2]
    assert narrowed(rows, {**audience, "least_value": 300.0})["customer_key"].to_pylist() == [1]
    assert narrowed(rows, {"causes": ["unknown"]})["customer_key"].to_pylist() == [2, 3, 4]
    assert narrowed(rows, {}).num_rows == 4


def test_a_cause_noted_in_a_case_goes_before_what_the_books_say():
    found = candidates({"cause": "innovation", "evidence": "inferred"}, {}, {})
    noted = with_recorded(found, {1: ("new_demand", "stated"), 9: ("innovation", "none")}, {2})
    rows = noted.rows.to_pylist()
    assert [row["cause"] for row in rows] == ["new_demand", None, None]
    assert [row["evidence"] for row in rows] == ["stated", None, None]
    assert [row["is_refused"] for row in rows] == [False, True, False]


def test_terms_are_kept_and_read_back():
    terms = Terms(5, 50, Assumptions(uplift=0.1), ("innovation",), {"4|731+": {"uplift": 0.2}})
    assert Terms.of(terms.as_plain(), 5, 50) == terms
    assert Terms.of({}, 5, 50) == Terms(5, 50)
