from datetime import date, timedelta

import pytest

from core.metrics.at_risk import REASONS, at_risk
from core.metrics.early_warning import (
    SIGNS,
    early_warning,
    warned,
    with_falling_wallet,
    with_fewer_occasions,
    with_value_down,
)
from tests.care_shop import facts, keys, lines, occasions, rows

AS_OF, THEN = date(2026, 6, 30), date(2025, 6, 30)


def evidence(*found: tuple[int, date]):
    return occasions(*found).rename(evidence_on="occasion_on")


def warnings(shop, evidence_of=None, **then):
    """``early_warning``, with the reasons of ``at_risk`` among the evidence."""
    every = evidence_of or {}
    risks = at_risk(shop, {name: each for name, each in every.items() if name in REASONS})
    falls = {name: each for name, each in every.items() if name not in REASONS}
    return early_warning(shop, risks, falls, **then)


def values(*pairs: tuple[float, float]):
    now = lines(AS_OF, *[{"customer_key": n, "value": v} for n, (_, v) in enumerate(pairs)])
    then = lines(THEN, *[{"customer_key": n, "value": v} for n, (v, _) in enumerate(pairs)])
    return now, then


def test_a_fall_by_exactly_a_fifth_counts():
    # 100 -> 80 and 0.7 -> 0.56 are a fifth; 100 -> 80.01 is less.
    now, then = values((100, 80), (100, 80.01), (0.7, 0.56))
    assert keys(with_value_down(now, then, as_of=AS_OF)) == [0, 2]
    assert rows(with_value_down(now, then, as_of=AS_OF, change=0.5)) == []


def test_from_nothing_value_cannot_fall():
    now, then = values((0, -10), (-5, -10))
    assert keys(with_value_down(now, then, as_of=AS_OF)) == []


def test_a_fall_needs_activity_at_both_days():
    now = lines(AS_OF, {"customer_key": 1, "value": 1}, {"customer_key": 2, "is_active": False})
    then = lines(
        THEN,
        {"customer_key": 1, "value": 100, "is_active": False},
        {"customer_key": 2, "value": 100},
        {"customer_key": 3, "value": 100},
    )
    assert keys(with_value_down(now, then, as_of=AS_OF)) == []


@pytest.mark.parametrize(
    ("before", "after", "n"), [(10, 8, 1), (11, 9, 0), (3, 2, 0), (3, 1, 1), (0, 0, 0)]
)
def test_fewer_occasions_are_a_fifth_fewer_and_two_at_least(before, after, n):
    now = lines(AS_OF, {"customer_key": 1, "occasions_12m": after})
    then = lines(THEN, {"customer_key": 1, "occasions_12m": before})
    assert len(keys(with_fewer_occasions(now, then, as_of=AS_OF))) == n


def answer(number: int, score: float | None, day: date, **others) -> dict:
    return {
        "survey_id": str(number), "customer_key": 1, "instrument": "wallet", "asked_at": day,
        "answered_at": day, "score": score, "scale_min": 0, "scale_max": 100, **others,
    }  # fmt: skip


NOVEMBER, MAY = date(2025, 11, 5), date(2026, 5, 5)


def wallet(*answers: dict) -> list[dict]:
    return rows(with_falling_wallet(facts("surveys", *answers), as_of=AS_OF))


def test_the_share_of_the_wallet_falls_from_one_answer_to_the_next():
    assert wallet(answer(1, 50, NOVEMBER), answer(2, 40, MAY)) == [
        {"customer_key": 1, "evidence_on": MAY}
    ]
    assert wallet(answer(1, 50, NOVEMBER), answer(2, 41, MAY)) == []
    # The scale may begin elsewhere: 1 to 6 is 0 to 5 above its foot.
    from_one = {"scale_min": 1, "scale_max": 6}
    assert len(wallet(answer(1, 6, NOVEMBER, **from_one), answer(2, 5, MAY, **from_one))) == 1


def test_a_single_answer_or_one_to_another_question_is_no_fall():
    assert wallet(answer(1, 5, MAY)) == []
    assert wallet(answer(1, 50, NOVEMBER, instrument="nps"), answer(2, 4, MAY)) == []
    assert wallet(answer(1, 50, NOVEMBER), answer(2, None, MAY)) == []


@pytest.mark.parametrize(
    ("day", "n"),
    [(date(2025, 7, 1), 1), (THEN, 0), (AS_OF, 1), (AS_OF + timedelta(days=1), 0)],
)
def test_the_last_answer_counts_for_twelve_months(day, n):
    assert len(wallet(answer(1, 50, date(2024, 1, 1)), answer(2, 10, day))) == n


def test_key_accounts_are_upper_now_or_a_year_ago():
    now = lines(
        AS_OF,
        {"customer_key": 1, "tier": 1, "value": 9},
        {"customer_key": 2, "tier": 4, "value": 2},
        {"customer_key": 3, "tier": 3},
        {"customer_key": 4, "tier": 2, "is_active": False},
        {"customer_key": 5, "tier": 4},
    )
    then = lines(
        THEN,
        {"customer_key": 2, "tier": 2, "value": 7},
        {"customer_key": 3, "tier": 3},
        {"customer_key": 5, "tier": 1, "is_active": False},
    )
    found = rows(warnings(now, upper_then=then, value_then=then), "customer_key")
    assert [
        (r["customer_key"], r["tier_name"], r["tier_year_ago"], r["value_year_ago"]) for r in found
    ] == [(1, "top", None, None), (2, "other", "high", 7)]
    assert all(r["reasons"] == 0 and not r["is_warned"] for r in found)
    assert all(r["first_sign_on"] is None for r in found)
    # Where tiers of a year ago do not compare, those of today alone tell.
    assert keys(warnings(now)) == [1]


def test_the_first_sign_is_the_oldest():
    now = lines(AS_OF, {"customer_key": 1, "tier": 1}, {"customer_key": 2, "tier": 4})
    found = warnings(
        now,
        {
            "overdue": evidence((1, date(2026, 6, 1)), (2, AS_OF)),
            "low_survey": evidence((1, date(2026, 3, 1))),
            "value_down": evidence((1, AS_OF)),
        },
    )
    [row] = rows(found)
    assert (row["customer_key"], row["reasons"], row["is_warned"]) == (1, 3, True)
    assert row["first_sign_on"] == date(2026, 3, 1)
    assert {f"{sign}_on" for sign in SIGNS} <= set(row)


def test_a_fall_of_value_or_tier_is_shown_and_no_warning_by_itself():
    now = lines(AS_OF, *[{"customer_key": n, "tier": 1, "value": 10 * n} for n in (1, 2)])
    fallen = evidence((1, AS_OF), (2, AS_OF))
    found = warnings(
        now,
        {
            "tier_drop": fallen,
            "value_down": fallen,
            "fewer_occasions": evidence((2, AS_OF)),
        },
    )
    first, second = rows(found, "customer_key")
    assert (first["reasons"], first["is_warned"]) == (2, False)
    assert (second["reasons"], second["is_warned"]) == (3, True)
    [row] = rows(warned(found))
    assert (row["key_accounts"], row["warned"]) == (2, 1)
    assert (float(row["value"]), float(row["value_warned"])) == (30.0, 20.0)


def test_without_key_accounts_nobody_is_warned():
    [row] = rows(warned(warnings(lines(AS_OF, {"customer_key": 1}))))
    assert (row["key_accounts"], row["warned"], float(row["value"])) == (0, 0, 0.0)
