from datetime import date, datetime, timedelta

import pytest

from core.metrics.at_risk import (
    REASONS,
    at_risk,
    risk_reasons,
    risk_sums,
    signs,
    with_broken_promise,
    with_contact_gap,
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
    assert len(keys(with_missed_appointment(missed, lines(AS_OF), as_of=AS_OF))) == n
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
    shop = lines(
        AS_OF,
        {"customer_key": 1, "last_on": day - timedelta(days=1)},
        {"customer_key": 2, "last_on": day},
        {"customer_key": 3, "last_on": AS_OF},
    )
    assert keys(with_missed_appointment(table, shop, as_of=AS_OF)) == [1]


def test_a_contract_customer_who_never_bought_can_miss_an_appointment():
    table = facts("appointments", appointment(1, AS_OF, "missed"))
    shop = lines(AS_OF, {"customer_key": 1, "last_on": None, "since_on": YEAR_FROM})
    assert keys(with_missed_appointment(table, shop, as_of=AS_OF)) == [1]


def test_kept_and_cancelled_appointments_are_no_reason():
    table = facts("appointments", appointment(1, AS_OF, "kept"), appointment(2, AS_OF, "cancelled"))
    assert keys(with_missed_appointment(table, lines(AS_OF), as_of=AS_OF)) == []


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


CADENCE = {"top": 30, "high": 60, "middle": 90, "other": 180}
MET = AS_OF - timedelta(days=30)


def contact(number: int, key: int, day: date | None, is_reached: bool | None = True) -> dict:
    return {
        "contact_id": str(number), "customer_key": key, "contacted_at": day,
        "is_reached": is_reached,
    }  # fmt: skip


def gap(contacts, *shop: dict, tiers=("top", "high", "middle")) -> list[dict]:
    found = with_contact_gap(
        lines(AS_OF, *shop),
        facts("contacts", *contacts),
        as_of=AS_OF,
        care_every_days=CADENCE,
        tiers=tiers,
    )
    return rows(found, "customer_key")


@pytest.mark.parametrize(("days", "n"), [(30, 0), (31, 1)])
def test_a_contact_gap_begins_the_day_after_the_cadence(days, n):
    day = AS_OF - timedelta(days=days)
    bought = {"customer_key": 1, "tier": 1, "last_on": date(2025, 12, 1)}
    found = gap([contact(1, 1, day)], bought)
    assert len(found) == n
    assert all(row["evidence_on"] == AS_OF for row in found)


def test_who_bought_was_met():
    bought = {"customer_key": 1, "tier": 1, "last_on": MET}
    assert gap([contact(1, 1, date(2026, 1, 1))], bought) == []


def test_a_call_that_reached_nobody_was_only_planned_or_came_later_is_no_meeting():
    shop = {"customer_key": 1, "tier": 1, "last_on": date(2026, 1, 1)}
    for missed in (
        contact(1, 1, MET, is_reached=False),
        contact(1, 1, None),
        contact(1, 1, TOMORROW),
        contact(1, 2, MET),
    ):
        # 1 January and 30 days: from 1 February on nobody had met the customer in time.
        assert gap([missed], shop) == [{"customer_key": 1, "evidence_on": date(2026, 2, 1)}]
    assert gap([contact(1, 1, MET, is_reached=None)], shop) == []


def test_who_was_never_met_counts_since_becoming_a_customer():
    by_contract = {"customer_key": 1, "tier": 2, "last_on": None, "since_on": date(2026, 5, 1)}
    # 1 May and 60 days is 30 June, the last day in time.
    assert gap([], by_contract) == []
    by_contract["since_on"] = date(2026, 4, 30)
    assert gap([], by_contract) == [{"customer_key": 1, "evidence_on": AS_OF}]


def test_a_contact_gap_is_a_reason_for_active_customers_of_the_upper_tiers_alone():
    long_ago = date(2025, 8, 1)
    shop = [
        {"customer_key": 3, "tier": 3, "last_on": long_ago},
        {"customer_key": 4, "tier": 4, "last_on": long_ago},
        {"customer_key": 5, "tier": None, "last_on": long_ago},
        {"customer_key": 6, "tier": 1, "last_on": long_ago, "is_active": False},
    ]
    assert [row["customer_key"] for row in gap([], *shop)] == [3]
    assert [row["customer_key"] for row in gap([], *shop, tiers=("other",))] == [4]
    assert gap([], *shop, tiers=()) == []


def test_of_several_days_of_one_kind_the_first_counts():
    found = signs(
        {"low_survey": evidence((1, AS_OF), (1, YEAR_FROM)), "overdue": evidence((1, AS_OF))},
        REASONS,
        lines(AS_OF),
    )
    [row] = rows(found)
    assert (row["reasons"], row["low_survey_on"], row["overdue_on"]) == (2, YEAR_FROM, AS_OF)


def sums(shop, evidence_of, by=()) -> list[dict]:
    return rows(risk_sums(shop, at_risk(shop, evidence_of), by=by), *by)


def test_the_share_at_risk_is_of_the_active():
    shop = lines(
        AS_OF,
        {"customer_key": 1, "value": 30, "branch": "North"},
        {"customer_key": 2, "value": 50, "branch": "North"},
        {"customer_key": 3, "value": 20, "branch": "South"},
        {"customer_key": 4, "value": 99, "branch": "South", "is_active": False},
    )
    found = {"overdue": evidence((1, AS_OF), (4, AS_OF)), "low_survey": evidence((2, AS_OF))}
    [row] = sums(shop, found)
    assert (row["active"], row["customers_at_risk"]) == (3, 2)
    # 30 of 30 + 50 + 20: only the overdue put value at risk.
    assert (float(row["value_at_risk"]), row["value_share"]) == (30.0, pytest.approx(0.3))
    assert row["share"] == pytest.approx(2 / 3)
    north, south = sums(shop, found, by=("branch",))
    assert (north["customers_at_risk"], south["customers_at_risk"]) == (2, 0)
    assert (north["value_share"], south["value_share"]) == (pytest.approx(30 / 80), 0.0)


def test_where_nobody_is_active_there_is_no_share():
    [row] = sums(lines(AS_OF, {"customer_key": 1, "is_active": False}), {})
    assert (row["active"], row["customers_at_risk"]) == (0, 0)
    assert (row["share"], row["value_share"]) == (None, None)


def test_without_value_above_zero_there_is_no_share_of_it():
    shop = lines(AS_OF, {"customer_key": 1, "value": -5})
    [row] = sums(shop, {"overdue": evidence((1, AS_OF))})
    assert (row["share"], row["value_share"]) == (1.0, None)


def test_a_customer_with_two_reasons_stands_under_both():
    shop = lines(AS_OF, {"customer_key": 1, "value": 30}, {"customer_key": 2, "value": 50})
    found = at_risk(
        shop, {"overdue": evidence((1, AS_OF)), "low_survey": evidence((1, AS_OF), (2, AS_OF))}
    )
    low, overdue = rows(risk_reasons(found), "reason")
    assert (low["reason"], low["heads"], low["only_this"]) == ("low_survey", 2, 1)
    assert (float(low["value"]), float(low["value_at_risk"])) == (80.0, 30.0)
    assert (overdue["reason"], overdue["heads"], overdue["only_this"]) == ("overdue", 1, 0)


def test_a_reason_that_nobody_has_has_no_row():
    assert rows(risk_reasons(at_risk(lines(AS_OF, {"customer_key": 1}), {}))) == []
