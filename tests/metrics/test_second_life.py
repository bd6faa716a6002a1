"""What customers who came back brought after their return, and how long they stayed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.metrics.intervals import wilson
from core.metrics.second_life import (
    second_life_money,
    second_life_survival,
    second_life_value,
    second_lives,
)
from core.metrics.winback import lost_customers
from tests.care_shop import entries, lines, occasions, rows

TAU = 90
BACK = date(2025, 2, 10)


def gone(day: date, *customers: dict):
    """Lost at a day, last bought on 1 July 2024 if not said otherwise."""
    last = {"last_on": date(2024, 7, 1), "active_until": date(2024, 9, 29), "is_active": False}
    return lost_customers(
        lines(day, *[{**last, **each} for each in customers]), lapse_after_days=TAU
    )


def lives(lost, *came: tuple[int, date], **settings):
    return second_lives(lost, occasions(*came), lapse_after_days=TAU, **settings)


def test_a_second_life_begins_with_the_first_purchase_after_being_lost():
    day = date(2024, 12, 31)
    lost = gone(day, {"customer_key": 1, "tier": 2}, {"customer_key": 2}, {"customer_key": 3})
    came = [(1, date(2024, 7, 1)), (1, BACK), (1, date(2025, 3, 1)), (2, day), (4, BACK)]
    [life] = rows(lives(lost, *came))
    assert (life["customer_key"], life["returned_on"]) == (1, BACK)
    assert (life["tier"], life["lapse_days"]) == (2, TAU)


def test_who_was_lost_at_several_days_before_one_return_has_one_life():
    lost = gone(date(2024, 10, 31), {"customer_key": 1}).union(
        gone(date(2025, 1, 31), {"customer_key": 1})
    )
    assert len(rows(lives(lost, (1, BACK)))) == 1


def test_who_was_lost_twice_and_returned_twice_has_two_lives():
    again = date(2026, 1, 5)
    lost = gone(date(2024, 10, 31), {"customer_key": 1, "tier": 1}).union(
        gone(date(2025, 10, 31), {"customer_key": 1, "tier": 4, "last_on": BACK,
                                  "active_until": BACK + timedelta(days=TAU)})
    )  # fmt: skip
    found = rows(lives(lost, (1, BACK), (1, again)), "returned_on")
    assert [(row["returned_on"], row["tier"]) for row in found] == [(BACK, 1), (again, 4)]


def test_a_segment_with_its_own_tau_keeps_it():
    lost = gone(date(2024, 12, 31), {"customer_key": 1, "segment": "fleet"}, {"customer_key": 2})
    found = rows(lives(lost, (1, BACK), (2, BACK), lapse_by_segment={"fleet": 30}), "customer_key")
    assert [row["lapse_days"] for row in found] == [30, TAU]


def test_nobody_came_back():
    lost = gone(date(2024, 12, 31), {"customer_key": 1, "tier": None})
    none = lives(lost)
    assert rows(none) == []
    money = second_life_money(none, entries(), as_of=BACK)
    assert rows(second_life_value(money, is_on_margin=True)) == []
    found = rows(second_life_survival(none, occasions(), as_of=BACK), "days")
    assert [(row["days"], row["matured"], row["again_rate"]) for row in found] == [
        (90, 0, None), (180, 0, None), (365, 0, None),
    ]  # fmt: skip


def came_back(n: int, *, tier: int | None = 4):
    lost = gone(date(2024, 12, 31), *[{"customer_key": k, "tier": tier} for k in range(n)])
    return lives(lost, *[(k, BACK) for k in range(n)])


def test_money_runs_from_the_return_for_twelve_months():
    last = date(2026, 2, 9)
    booked = [
        {"customer_key": 0, "entered_on": BACK - timedelta(days=1), "gross": 1_000},
        {"customer_key": 0, "entered_on": BACK, "gross": 100, "cost": 60},
        {"customer_key": 0, "entered_on": last, "gross": 50, "returned": 20, "service_cost": 5},
        {"customer_key": 0, "entered_on": last + timedelta(days=1), "gross": 1_000},
    ]
    first, second = rows(
        second_life_money(came_back(2), entries(*booked), as_of=last), "customer_key"
    )
    # 100 + 50 - 20 = 130, less 60 of goods and 5 of service.
    assert (first["is_closed"], first["net"], first["margin"]) == (True, Decimal(130), Decimal(65))
    assert (second["net"], second["margin"]) == (Decimal(0), Decimal(0))


def test_a_return_less_than_twelve_months_ago_has_no_money_yet():
    booked = {"customer_key": 0, "entered_on": BACK, "gross": 100}
    money = second_life_money(came_back(1), entries(booked), as_of=date(2026, 2, 8))
    [row] = rows(money)
    assert (row["is_closed"], row["net"], row["margin"]) == (False, None, None)
    assert rows(second_life_value(money, is_on_margin=False)) == []


def test_the_mean_of_fewer_than_thirty_is_not_shown():
    booked = [{"customer_key": 0, "entered_on": BACK, "gross": 90, "cost": 60}]
    for n, net, margin in ((30, 3.0, 1.0), (29, None, None)):
        money = second_life_money(came_back(n), entries(*booked), as_of=date(2026, 2, 9))
        for is_on_margin, wanted in ((False, net), (True, margin)):
            [row] = rows(second_life_value(money, is_on_margin=is_on_margin))
            assert (row["tier"], row["returned"], row["second_life"]) == (4, n, wanted)


def test_those_who_never_had_a_tier_are_told_apart():
    money = second_life_money(came_back(1, tier=None), entries(), as_of=date(2026, 2, 9))
    [row] = rows(second_life_value(money, is_on_margin=False))
    assert (row["tier"], row["returned"]) == (None, 1)
    [row] = rows(second_life_value(money, is_on_margin=False, by=()))
    assert row["returned"] == 1


def test_who_stays_is_who_buys_again_and_is_not_lost_again():
    # tau is 90. 0 buys on days 1 and 90, 1 on day 91, 2 never again.
    came = [(0, 1), (0, 90), (1, 91)]
    later = [(key, BACK + timedelta(days=n)) for key, n in came] + [(2, BACK)]
    as_of = BACK + timedelta(days=181)
    asked = {"as_of": as_of, "within_days": (90, 91, 180, 181, 365)}
    found = rows(second_life_survival(came_back(3), occasions(*later), **asked), "days")
    counts = [(row["days"], row["matured"], row["again"], row["active"]) for row in found]
    # Day 90: all active, the return is 90 days old; 91: 0 and 1, who bought that day;
    # 180: 0 bought 90 days ago, 1 89; 181: 0 is lost again.
    assert counts == [(90, 3, 1, 3), (91, 3, 2, 2), (180, 3, 2, 2), (181, 3, 2, 1), (365, 0, 0, 0)]
    assert found[3]["active_rate"] == pytest.approx(1 / 3)
    assert (found[3]["active_low"], found[3]["active_high"]) == pytest.approx(wilson(1, 3))
    assert (found[3]["again_low"], found[3]["again_high"]) == pytest.approx(wilson(2, 3))
    assert (found[4]["active_rate"], found[4]["active_low"]) == (None, None)


def test_a_return_that_has_not_run_for_so_long_is_left_out():
    as_of = BACK + timedelta(days=89)
    [row] = rows(second_life_survival(came_back(2), occasions(), as_of=as_of, within_days=(90,)))
    assert row["matured"] == 0


def test_survival_may_be_told_by_tier():
    both = came_back(2, tier=1).union(
        lives(gone(date(2024, 12, 31), {"customer_key": 9, "tier": None}), (9, BACK))
    )
    as_of = BACK + timedelta(days=90)
    asked = {"as_of": as_of, "within_days": (90,), "by": ("tier",)}
    found = rows(second_life_survival(both, occasions(), **asked), "tier")
    assert [(row["tier"], row["matured"]) for row in found] == [(1, 2), (None, 1)]
