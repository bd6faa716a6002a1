from datetime import date, datetime, timedelta

import pytest

from core.metrics.at_risk import (
    REASONS,
    at_risk,
    with_broken_promise,
    with_handler_gone,
    with_low_survey,
    with_missed_appointment,
    with_open_complaint,
    with_tier_drop,
)
from tests.care_shop import facts, keys, lines, occasions, rows

AS_OF = date(2026, 6, 30)
YEAR_FROM = date(2025, 7, 1)
TOMORROW = AS_OF + timedelta(days=1)


def evidence(*found: tuple[int, date]):
    return occasions(*found).rename(evidence_on="occasion_on")


def test_reasons_are_gathered_with_their_days():
    shop = lines(AS_OF, {"customer_key": 1, "value": 50}, {"customer_key": 2, "value": 70})
    found = at_risk(
        shop,
        {
            "overdue": evidence((1, date(2026, 6, 1))),
            "tier_drop": evidence((1, AS_OF), (2, AS_OF)),
        },
    )
    first, second = rows(found, "customer_key")
    assert (first["reasons"], first["overdue_on"], first["tier_drop_on"]) == (
        2, date(2026, 6, 1), AS_OF,
    )  # fmt: skip
    assert (second["reasons"], second["overdue_on"]) == (1, None)
    assert {f"{reason}_on" for reason in REASONS} <= set(first)


def test_the_value_of_the_overdue_is_at_risk_and_never_less_than_nothing():
    shop = lines(
        AS_OF,
        {"customer_key": 1, "value": 50},
        {"customer_key": 2, "value": 70},
        {"customer_key": 3, "value": -5},
    )
    found = at_risk(
        shop,
        {"overdue": evidence((1, AS_OF), (3, AS_OF)), "low_survey": evidence((2, AS_OF))},
    )
    stakes = {r["customer_key"]: float(r["value_at_risk"]) for r in rows(found)}
    assert stakes == {1: 50.0, 2: 0.0, 3: 0.0}


def test_only_active_customers_with_a_reason_are_at_risk():
    shop = lines(
        AS_OF,
        {"customer_key": 1},
        {"customer_key": 2},
        {"customer_key": 3, "is_active": False},
    )
    found = at_risk(shop, {"low_survey": evidence((2, AS_OF), (3, AS_OF), (4, AS_OF))})
    assert keys(found) == [2]


def test_without_any_evidence_nobody_is_at_risk():
    assert rows(at_risk(lines(AS_OF, {"customer_key": 1}), {})) == []
    assert rows(at_risk(lines(AS_OF), {"overdue": evidence()})) == []


def test_an_open_complaint_dates_from_the_oldest_that_waits():
    found = with_open_complaint(
        facts(
            "complaints",
            {"complaint_id": "1", "customer_key": 1, "opened_at": date(2026, 3, 1)},
            {"complaint_id": "2", "customer_key": 1, "opened_at": date(2026, 2, 1)},
            {
                "complaint_id": "3", "customer_key": 1, "opened_at": date(2026, 1, 1),
                "resolved_at": AS_OF,
            },
            {
                "complaint_id": "4", "customer_key": 2, "opened_at": date(2026, 1, 1),
                "resolved_at": TOMORROW,
            },
            {"complaint_id": "5", "customer_key": 3, "opened_at": TOMORROW},
        ),
        as_of=AS_OF,
    )  # fmt: skip
    assert rows(found, "customer_key") == [
        {"customer_key": 1, "evidence_on": date(2026, 2, 1)},
        {"customer_key": 2, "evidence_on": date(2026, 1, 1)},
    ]


def survey(number: int, instrument: str, score: float, **others) -> dict:
    lowest, highest = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "price": (1, 5)}[instrument]
    return {
        "survey_id": str(number), "customer_key": number, "instrument": instrument,
        "scale_min": lowest, "scale_max": highest, "asked_at": date(2026, 3, 1),
        "answered_at": date(2026, 3, 1), "score": score, **others,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("instrument", "low", "fair"), [("nps", 6, 7), ("csat", 2, 3), ("ces", 3, 4)]
)
def test_what_a_low_answer_is_depends_on_the_instrument(instrument, low, fair):
    table = facts("surveys", survey(1, instrument, low), survey(2, instrument, fair))
    assert keys(with_low_survey(table, as_of=AS_OF)) == [1]


def test_answers_without_a_scale_or_about_the_price_say_nothing():
    table = facts(
        "surveys",
        survey(1, "nps", 0, scale_max=None),
        survey(2, "csat", 1, scale_min=None),
        survey(3, "price", 1),
        survey(4, "nps", 1, scale_max=5),
    )
    assert keys(with_low_survey(table, as_of=AS_OF)) == []


def test_a_later_better_answer_mends_a_low_one():
    table = facts(
        "surveys",
        survey(1, "nps", 2),
        survey(2, "nps", 9, customer_key=1, answered_at=date(2026, 4, 1)),
        survey(3, "nps", 9, customer_key=4),
        survey(4, "nps", 2, answered_at=date(2026, 4, 1)),
    )
    assert rows(with_low_survey(table, as_of=AS_OF)) == [
        {"customer_key": 4, "evidence_on": date(2026, 4, 1)}
    ]
    # Before the better answer was given, the low one was the last.
    assert keys(with_low_survey(table, as_of=date(2026, 3, 31))) == [1]


@pytest.mark.parametrize(
    ("day", "n"),
    [(YEAR_FROM, 1), (YEAR_FROM - timedelta(days=1), 0), (AS_OF, 1), (TOMORROW, 0)],
)
def test_evidence_counts_for_twelve_months(day, n):
    low = facts("surveys", survey(1, "nps", 0, answered_at=day))
    assert len(keys(with_low_survey(low, as_of=AS_OF))) == n
    promise = {"promise_id": "1", "customer_key": 1, "promised_on": date(2025, 1, 1), "due_on": day}
    assert len(keys(with_broken_promise(facts("promises", promise), as_of=AS_OF))) == n
    missed = facts("appointments", appointment(1, day, "missed"))
    assert len(keys(with_missed_appointment(missed, occasions(), as_of=AS_OF))) == n
    gone = occasions((1, day)).rename(left_on="occasion_on")
    assert len(keys(with_handler_gone(gone, as_of=AS_OF))) == n


def test_a_promise_kept_in_time_is_no_reason():
    day = date(2026, 3, 1)
    made = {"promised_on": day, "due_on": day}
    table = facts(
        "promises",
        {"promise_id": "1", "customer_key": 1, "kept_on": day, **made},
        {"promise_id": "2", "customer_key": 2, "kept_on": AS_OF, **made},
    )
    assert rows(with_broken_promise(table, as_of=AS_OF)) == [
        {"customer_key": 2, "evidence_on": day}
    ]


def appointment(key: int, day: date, status: str) -> dict:
    return {
        "appointment_id": f"{key}{day}",
        "customer_key": key,
        "scheduled_at": datetime(day.year, day.month, day.day, 9),
        "status": status,
    }


def test_a_missed_appointment_is_forgotten_with_the_next_purchase():
    day = date(2026, 3, 1)
    table = facts("appointments", *[appointment(key, day, "missed") for key in (1, 2, 3)])
    bought = occasions((1, day - timedelta(days=1)), (2, day), (3, AS_OF))
    assert keys(with_missed_appointment(table, bought, as_of=AS_OF)) == [1]


def test_kept_and_cancelled_appointments_are_no_reason():
    table = facts("appointments", appointment(1, AS_OF, "kept"), appointment(2, AS_OF, "cancelled"))
    assert keys(with_missed_appointment(table, occasions(), as_of=AS_OF)) == []


def test_a_fall_in_tier_needs_activity_at_both_days():
    then = lines(
        date(2025, 6, 30),
        {"customer_key": 1, "tier": 1},
        {"customer_key": 2, "tier": 2},
        {"customer_key": 3, "tier": 3},
        {"customer_key": 4, "tier": 1, "is_active": False},
        {"customer_key": 5, "tier": 1},
    )
    now = lines(
        AS_OF,
        {"customer_key": 1, "tier": 2},
        {"customer_key": 2, "tier": 2},
        {"customer_key": 3, "tier": 1},
        {"customer_key": 4, "tier": 4},
        {"customer_key": 5, "tier": 4, "is_active": False},
        {"customer_key": 6, "tier": 4},
    )
    assert rows(with_tier_drop(now, then, as_of=AS_OF)) == [
        {"customer_key": 1, "evidence_on": AS_OF}
    ]
