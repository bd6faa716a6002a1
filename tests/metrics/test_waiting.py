from datetime import date, datetime, timedelta

import pytest

from core.metrics.waiting import appointments_due, waiting
from tests.care_shop import facts, rows

SINCE, AS_OF = date(2026, 1, 1), date(2026, 6, 30)
NINE = datetime(2026, 3, 1, 9)


def appointment(
    number: int, at: datetime = NINE, wait: float | None = 0, lasts: float | None = 30, **others
) -> dict:
    started = None if wait is None else at + timedelta(minutes=wait)
    finished = None if started is None or lasts is None else started + timedelta(minutes=lasts)
    return {
        "appointment_id": str(number), "customer_key": number, "scheduled_at": at,
        "started_at": started, "finished_at": finished, "status": "kept", "branch": "North",
        "service": "repair", **others,
    }  # fmt: skip


def due(*appointments: dict):
    return appointments_due(facts("appointments", *appointments), since=SINCE, as_of=AS_OF)


def times(*appointments: dict, target: int = 10) -> dict:
    [row] = rows(waiting(due(*appointments), target_minutes=target))
    return row


def test_the_wait_runs_from_the_time_agreed_to_the_start():
    found = times(appointment(1, wait=2), appointment(2, wait=5), appointment(3, wait=20))
    assert (found["wait_minutes"], found["service_minutes"]) == (5, 30)
    # The 90th percentile lies 0.8 of the way from the second to the third of three.
    assert found["wait_minutes_p90"] == pytest.approx(17)


def test_who_was_served_early_did_not_wait():
    assert times(appointment(1, wait=-5))["wait_minutes"] == 0


def test_the_last_minute_of_the_target_is_on_time():
    found = times(appointment(1, wait=10), appointment(2, wait=11), appointment(3, wait=-3))
    assert (found["on_time"], found["started"]) == (2, 3)
    assert found["on_time_share"] == pytest.approx(2 / 3)


def test_missed_is_of_kept_and_missed_and_cancelled_is_neither():
    found = times(
        appointment(1),
        appointment(2, wait=None, status="missed"),
        appointment(3, wait=None, status="cancelled"),
        appointment(4, wait=None),
    )
    assert (found["kept"], found["missed"], found["started"]) == (2, 1, 1)
    assert found["missed_rate"] == pytest.approx(1 / 3)


def test_without_a_status_it_is_kept_once_it_has_started():
    found = times(appointment(1, status=None), appointment(2, wait=None, status=None))
    assert (found["kept"], found["appointments"]) == (1, 1)


@pytest.mark.parametrize(
    ("at", "n"),
    [
        (datetime(2026, 1, 1), 1),
        (datetime(2025, 12, 31, 23, 59), 0),
        (datetime(2026, 6, 30, 23, 59), 1),
        (datetime(2026, 7, 1), 0),
    ],
)
def test_only_appointments_due_in_the_window_count(at, n):
    assert times(appointment(1, at))["appointments"] == n


def test_a_start_or_an_end_after_the_day_has_not_happened_yet():
    late = datetime(2026, 6, 30, 23, 50)
    found = times(appointment(1, late, wait=5, lasts=30), appointment(2, late, wait=15))
    assert (found["started"], found["served"]) == (1, 0)


def test_an_end_before_the_start_is_no_time():
    found = times(appointment(1, lasts=-1), appointment(2, lasts=0))
    assert (found["served"], found["service_minutes"]) == (1, 0)


def test_by_hour_of_the_time_agreed_and_by_branch():
    found = due(
        appointment(1), appointment(2, NINE.replace(hour=23), wait=4, branch="South"),
        appointment(3, NINE.replace(minute=59), wait=8),
    )  # fmt: skip
    by_hour = rows(waiting(found, target_minutes=10, by=("hour",)), "hour")
    assert [(r["hour"], r["wait_minutes"]) for r in by_hour] == [(9, 4), (23, 4)]
    by_branch = rows(waiting(found, target_minutes=10, by=("branch",)), "branch")
    assert [(r["branch"], r["kept"]) for r in by_branch] == [("North", 2), ("South", 1)]


def test_without_appointments_nothing_is_known():
    found = times()
    assert (found["appointments"], found["wait_minutes"], found["wait_minutes_p90"]) == (
        0, None, None,
    )  # fmt: skip
    assert (found["on_time_share"], found["missed_rate"], found["service_minutes"]) == (
        None, None, None,
    )  # fmt: skip
