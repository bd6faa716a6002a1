from datetime import date, timedelta

import pytest

from core.metrics.winback import lost_customers, spontaneous_return, winback
from tests.care_shop import lines, occasions, rows

AS_OF = date(2026, 6, 30)
TAU = 90


def lost_line(key: int, last_on: date | None, **others) -> dict:
    until = last_on + timedelta(days=TAU) if last_on else None
    return {
        "customer_key": key,
        "last_on": last_on,
        "since_on": last_on,
        "active_until": until,
        "is_active": False,
        **others,
    }


def lost(*found: dict, day: date = AS_OF, **settings):
    return lost_customers(lines(day, *found), lapse_after_days=TAU, **settings)


def test_silence_counts_from_the_last_occasion():
    [row] = rows(lost(lost_line(1, date(2026, 3, 1))))
    assert (row["last_business_on"], row["silence_days"]) == (date(2026, 3, 1), 121)
    # Active on the 90th day of silence, 30 May; lost on the day after.
    assert (row["lost_on"], row["silence_band"]) == (date(2026, 5, 31), "91-180")


def test_a_contract_that_ran_longer_ends_the_business():
    ended = date(2026, 5, 31)
    bought_too = lost_line(1, date(2025, 1, 1), active_until=ended)
    contract_alone = lost_line(2, None, since_on=date(2024, 1, 1), active_until=ended)
    for row in rows(lost(bought_too, contract_alone)):
        assert (row["last_business_on"], row["silence_days"]) == (ended, 30)
    assert [row["last_on"] for row in rows(lost(bought_too, contract_alone), "customer_key")] == [
        date(2025, 1, 1), None,
    ]  # fmt: skip


def test_a_contract_that_ended_within_the_silence_changes_nothing():
    # Silence until 30 May; the contract ended in April, so active_until is that of the silence.
    [row] = rows(lost(lost_line(1, date(2026, 3, 1))))
    assert row["last_business_on"] == date(2026, 3, 1)


def test_a_segment_with_its_own_tau_is_lost_by_it():
    day = date(2026, 5, 1)
    fleet = lost_line(1, day, active_until=day + timedelta(days=30), segment="fleet")
    [row] = rows(lost(fleet, lapse_by_segment={"fleet": 30}))
    assert (row["last_business_on"], row["lost_on"]) == (day, date(2026, 6, 1))


def test_the_active_and_prospects_are_not_lost():
    active = {"customer_key": 1, "last_on": AS_OF}
    prospect = {"customer_key": 2, "since_on": None, "is_active": False}
    assert rows(lost(active, prospect)) == []


A = date(2026, 1, 31)


def returns(*came: tuple[int, date], n: int = 3, as_of: date = AS_OF, **line):
    found = lost(*[lost_line(key, date(2025, 10, 1), **line) for key in range(n)], day=A)
    return rows(spontaneous_return(found, occasions(*came), as_of=as_of, within_days=90))


def test_a_return_counts_from_the_day_after_to_the_ninetieth():
    last = date(2026, 5, 1)  # 90 days after 31 January
    [row] = returns((0, A), (1, A + timedelta(days=1)), (2, last), (2, last), n=40)
    assert (row["return_n"], row["returned"]) == (40, 2)
    assert row["return_rate"] == pytest.approx(2 / 40)
    [row] = returns((0, last + timedelta(days=1)), n=40)
    assert row["returned"] == 0


def test_the_rate_of_fewer_than_thirty_is_not_shown():
    [row] = returns((0, AS_OF - timedelta(days=100)), n=29)
    assert (row["return_n"], row["returned"], row["return_rate"]) == (29, 1, None)
    assert returns(n=30)[0]["return_rate"] == 0.0


def test_a_window_that_is_still_open_is_left_out():
    closes = A + timedelta(days=90)
    assert len(returns(as_of=closes)) == 1
    assert returns(as_of=closes - timedelta(days=1)) == []


def test_returns_are_told_apart_by_tier_and_silence():
    found = lost(
        lost_line(1, date(2025, 10, 1), tier=1),
        lost_line(2, date(2025, 10, 1), tier=None),
        lost_line(3, date(2023, 10, 1), tier=1),
        day=A,
    )
    kinds = rows(
        spontaneous_return(found, occasions((1, date(2026, 2, 5))), as_of=AS_OF, within_days=90),
        "tier", "silence_band",
    )  # fmt: skip
    assert [(k["tier"], k["silence_band"], k["return_n"], k["returned"]) for k in kinds] == [
        (1, "731+", 1, 0),
        (1, "91-180", 1, 1),
        (None, "91-180", 1, 0),
    ]


def test_the_value_lost_is_that_of_the_month_of_the_last_business():
    gone = lost(lost_line(1, date(2026, 3, 1), tier=2), lost_line(2, date(2026, 3, 31), tier=2))
    history = lines(
        date(2026, 3, 31), {"customer_key": 1, "value": 70}, {"customer_key": 2, "value": 90}
    ).union(lines(date(2026, 4, 30), {"customer_key": 1, "value": 40}))
    kinds = lost(*[lost_line(n, date(2025, 10, 1), tier=2) for n in range(30)], day=A)
    rate = spontaneous_return(kinds, occasions((1, AS_OF)), as_of=AS_OF, within_days=90)
    found = rows(winback(gone, history, rate), "customer_key")
    assert [float(row["value_lost"]) for row in found] == [70.0, 90.0]
    # 121 and 91 days of silence: both of the band in which 30 were lost, and nobody returned.
    assert [(row["return_n"], row["return_rate"]) for row in found] == [(30, 0.0)] * 2


def test_a_kind_that_was_never_seen_has_no_rate():
    gone = lost(lost_line(1, date(2023, 3, 1), tier=None))
    none = spontaneous_return(lost(day=A), occasions(), as_of=AS_OF, within_days=90)
    [row] = rows(winback(gone, lines(AS_OF), none))
    assert (row["return_n"], row["return_rate"], row["value_lost"]) == (0, None, None)
