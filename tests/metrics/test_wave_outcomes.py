"""Who of a wave bought within the horizon, read from orders."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from core.metrics.second_life import second_life_survival
from core.metrics.wave_outcomes import wave_outcomes, wave_strata, won
from core.waves.lift import strata_of
from tests.care_shop import entries, facts, occasions, rows

DRAWN = date(2026, 3, 1)
LAST = date(2026, 5, 30)  # 90 days after 1 March
_ASSIGNMENTS = pa.schema(
    [
        ("wave_id", pa.string()),
        ("customer_key", pa.int64()),
        ("arm", pa.string()),
        ("tier", pa.int8()),
        ("assigned_on", pa.date32()),
        ("horizon_days", pa.int64()),
        ("cause", pa.string()),
    ]
)


def drawn(*customers: dict):
    blank = {"wave_id": "w", "arm": "treated", "tier": 4, "assigned_on": DRAWN, "horizon_days": 90}
    found = [{**blank, "cause": None, **each} for each in customers]
    return ibis.memtable(pa.Table.from_pylist(found, schema=_ASSIGNMENTS))


def measured(*customers: dict, came=(), booked=(), as_of=LAST, **settings):
    return wave_outcomes(
        drawn(*customers), occasions(*came), entries(*booked), as_of=as_of, **settings
    )


def keyed(*keys: int) -> list[dict]:
    return [{"customer_key": key} for key in keys]


def test_a_purchase_counts_from_the_day_after_the_draw_to_the_last_of_the_horizon():
    day = timedelta(days=1)
    came = [(1, DRAWN), (2, DRAWN + day), (3, LAST), (3, LAST - day), (4, LAST + day)]
    found = rows(measured(*keyed(1, 2, 3, 4, 5), came=came), "customer_key")
    assert [row["has_bought"] for row in found] == [False, True, True, False, False]
    assert [row["bought_on"] for row in found] == [None, DRAWN + day, LAST - day, None, None]
    assert {(row["closes_on"], row["is_closed"]) for row in found} == {(LAST, True)}


def test_as_long_as_the_window_is_open_nothing_is_told():
    booked = {"customer_key": 1, "entered_on": date(2026, 3, 5), "gross": 40}
    asked = {"came": [(1, date(2026, 3, 5))], "booked": [booked]}
    [row] = rows(measured(*keyed(1), **asked, as_of=LAST - timedelta(days=1)))
    assert row["is_closed"] is False
    assert [row[n] for n in ("has_bought", "bought_on", "net", "margin")] == [None] * 4
    [row] = rows(measured(*keyed(1), **asked))
    assert (row["has_bought"], row["net"]) == (True, Decimal(40))


def test_assignments_of_later_are_not_seen():
    assert rows(measured(*keyed(1), as_of=DRAWN - timedelta(days=1))) == []
    assert len(rows(measured(*keyed(1), as_of=DRAWN))) == 1


def test_money_is_what_was_booked_in_the_window_refunds_taken_off():
    early, inside = DRAWN, date(2026, 4, 1)
    booked = [
        {"customer_key": 1, "entered_on": early, "gross": 1_000},
        {"customer_key": 1, "entered_on": inside, "gross": 100, "cost": 60, "service_cost": 5},
        {"customer_key": 1, "entered_on": LAST, "gross": 50, "returned": 30},
        {"customer_key": 1, "entered_on": LAST + timedelta(days=1), "returned": 120},
        {"customer_key": None, "entered_on": inside, "gross": 7},
    ]
    first, second = rows(measured(*keyed(1, 2), booked=booked), "customer_key")
    # 100 + 50 - 30; less 60 of goods and 5 of service.
    assert (first["net"], first["margin"]) == (Decimal(120), Decimal(55))
    assert (second["net"], second["margin"]) == (Decimal(0), Decimal(0))


def test_each_wave_has_its_own_horizon_and_a_customer_may_be_in_two():
    one = {"wave_id": "v", "customer_key": 1, "horizon_days": 30}
    two = {"wave_id": "w", "customer_key": 1, "assigned_on": date(2026, 4, 1)}
    came = [(1, date(2026, 3, 31)), (1, date(2026, 4, 20))]
    first, second = rows(measured(one, two, came=came, as_of=date(2026, 7, 1)), "wave_id")
    assert (first["closes_on"], first["bought_on"]) == (date(2026, 3, 31), date(2026, 3, 31))
    assert (second["closes_on"], second["bought_on"]) == (date(2026, 6, 30), date(2026, 4, 20))


def contact(number: int, key: int, at: datetime, reached=None, purpose="win-back") -> dict:
    return {
        "contact_id": str(number),
        "customer_key": key,
        "contacted_at": at,
        "is_reached": reached,
        "purpose": purpose,
    }


def test_contacts_count_from_the_day_of_the_draw_to_the_last_of_the_horizon():
    made = facts(
        "contacts",
        contact(1, 1, datetime(2026, 2, 28, 23, 59)),
        contact(2, 1, datetime(2026, 3, 1, 9), reached=False),
        contact(3, 1, datetime(2026, 5, 30, 23, 59), reached=True),
        contact(4, 1, datetime(2026, 5, 31)),
        contact(5, 2, datetime(2026, 4, 1), reached=None),
    )
    settings = {"contacts": made, "as_of": date(2026, 6, 30)}
    found = rows(measured(*keyed(1, 2, 3), **settings), "customer_key")
    assert [row["contacts"] for row in found] == [2, 1, 0]
    assert [row["is_reached"] for row in found] == [True, None, None]


def test_contacts_are_told_while_the_window_is_open_but_not_those_of_later():
    made = facts(
        "contacts", contact(1, 1, datetime(2026, 3, 2)), contact(2, 1, datetime(2026, 3, 3))
    )
    [row] = rows(measured(*keyed(1), contacts=made, as_of=date(2026, 3, 2)))
    assert (row["contacts"], row["has_bought"]) == (1, None)


def test_service_goes_to_both_arms_and_is_no_contact_of_the_wave():
    made = facts(
        "contacts",
        contact(1, 1, datetime(2026, 3, 2), purpose="complaint"),
        contact(2, 1, datetime(2026, 3, 3), purpose=None),
    )
    [row] = rows(measured(*keyed(1), contacts=made, service_purposes=("complaint", "recall")))
    assert row["contacts"] == 1


def test_where_contacts_are_not_recorded_they_are_unknown():
    [row] = rows(measured(*keyed(1)))
    assert (row["contacts"], row["is_reached"]) == (None, None)


def test_an_empty_wave_has_no_outcomes():
    assert rows(measured()) == []
    assert rows(wave_strata(measured(), is_on_margin=False)) == []


def test_strata_count_each_arm_of_each_tier():
    wave = [
        {"customer_key": 1}, {"customer_key": 2}, {"customer_key": 3, "arm": "control"},
        {"customer_key": 4, "arm": "exempt"}, {"customer_key": 5, "tier": 1},
        {"customer_key": 6, "tier": None, "arm": "control"},
    ]  # fmt: skip
    day = date(2026, 4, 1)
    booked = [
        {"customer_key": key, "entered_on": day, "gross": 30, "cost": 10} for key in (1, 3, 4)
    ]
    made = facts(
        "contacts", contact(1, 1, datetime(2026, 3, 2)), contact(2, 1, datetime(2026, 3, 3))
    )
    came = [(1, day), (3, day), (4, day)]
    outcomes = measured(*wave, came=came, booked=booked, contacts=made)
    upper, control, treated, none = rows(wave_strata(outcomes, is_on_margin=False), "tier", "arm")
    assert (upper["customers"], upper["mean"], upper["variance"]) == (1, 0.0, None)
    assert (control["arm"], control["customers"], control["bought"]) == ("control", 1, 1)
    assert (none["tier"], none["arm"], none["bought"]) == (None, "control", 0)
    # 30 and 0: mean 15, variance (225 + 225) / 1.
    assert (treated["customers"], treated["bought"]) == (2, 1)
    assert (treated["mean"], treated["variance"]) == (15.0, pytest.approx(450.0))
    assert (treated["contacted"], treated["contacts"]) == (1, 2)
    margin = rows(wave_strata(outcomes, is_on_margin=True), "tier", "arm")[2]
    assert margin["mean"] == 10.0
    [_, both, _] = sorted(
        strata_of(rows(wave_strata(outcomes, is_on_margin=False))), key=lambda s: s.tier or 9
    )
    assert (both.treated.customers, both.control.customers) == (2, 1)


def test_a_wave_with_one_open_window_has_no_strata():
    late = {"customer_key": 2, "assigned_on": DRAWN + timedelta(days=1), "arm": "control"}
    other = {"customer_key": 3, "wave_id": "v"}
    [row] = rows(wave_strata(measured(*keyed(1), late, other), is_on_margin=False))
    assert row["wave_id"] == "v"


def test_strata_may_be_told_apart_by_what_was_known_at_the_draw():
    wave = [{"customer_key": 1, "cause": "new_demand"}, {"customer_key": 2}]
    found = rows(wave_strata(measured(*wave), is_on_margin=False, by=("cause",)), "cause")
    assert [(row["cause"], row["customers"]) for row in found] == [("new_demand", 1), (None, 1)]
    # Contacts are not recorded.
    assert {(row["contacted"], row["contacts"]) for row in found} == {(None, None)}


def test_who_bought_begins_a_second_life():
    came = [(1, date(2026, 4, 1)), (1, date(2026, 5, 1)), (2, date(2026, 6, 1))]
    as_of = date(2026, 6, 30)
    outcomes = measured(*keyed(1, 2), came=came, as_of=as_of)
    lives = won(outcomes, lapse_after_days=60)
    [life] = rows(lives)
    assert (life["customer_key"], life["returned_on"], life["lapse_days"]) == (
        1, date(2026, 4, 1), 60,
    )  # fmt: skip
    # 30 days after the return the second purchase has come; 90 days after it is 60 days old.
    settings = {"as_of": as_of, "within_days": (29, 30, 90), "by": ("wave_id", "arm")}
    found = rows(second_life_survival(lives, occasions(*came), **settings), "days")
    assert [(row["days"], row["again"], row["active"]) for row in found] == [
        (29, 0, 1), (30, 1, 1), (90, 1, 1),
    ]  # fmt: skip
