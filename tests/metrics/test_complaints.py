from datetime import date, datetime, timedelta

import pytest

from core.metrics.complaints import (
    complaint_figures,
    complaint_states,
    complaints_per_thousand,
    open_complaints,
)
from tests.care_shop import facts, lines, rows

AS_OF = date(2026, 6, 30)
SINCE = date(2026, 1, 1)
NOON = datetime(2026, 3, 10, 12)


def complaint(number: int, opened_at: date = NOON, **others) -> dict:
    return {"complaint_id": str(number), "customer_key": number, "opened_at": opened_at, **others}


def states(*complaints: dict, as_of: date = AS_OF, since: date = SINCE) -> list[dict]:
    found = complaint_states(facts("complaints", *complaints), since=since, as_of=as_of)
    return rows(found, "complaint_id")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_times_run_from_the_opening():
    [row] = states(complaint(1, first_response_at=NOON + hours(1.5), resolved_at=NOON + hours(36)))
    assert (row["response_hours"], row["resolution_days"]) == (1.5, 1.5)
    assert (row["is_open"], row["waiting_since"]) == (False, None)
    assert row["month"] == date(2026, 3, 1)


def test_a_complaint_resolved_after_the_day_asked_for_is_still_open():
    later = complaint(1, first_response_at=NOON + hours(1), resolved_at=datetime(2026, 7, 1))
    [row] = states(later)
    assert (row["is_open"], row["resolution_days"], row["resolved_on"]) == (True, None, None)
    assert row["waiting_since"] == date(2026, 3, 10)
    [row] = states(later, as_of=date(2026, 7, 1))
    assert row["is_open"] is False


def test_an_answer_after_the_day_asked_for_was_not_given_yet():
    [row] = states(complaint(1, first_response_at=datetime(2026, 7, 1)))
    assert row["response_hours"] is None


@pytest.mark.parametrize(
    ("opened_on", "n"),
    [(SINCE, 1), (SINCE - timedelta(days=1), 0), (AS_OF, 1), (AS_OF + timedelta(days=1), 0)],
)
def test_only_complaints_opened_in_the_window_count(opened_on, n):
    assert len(states(complaint(1, opened_on))) == n


def test_a_complaint_opened_again_is_open_from_that_day():
    again = complaint(1, resolved_at=NOON + hours(24), reopened_at=datetime(2026, 4, 1, 9))
    [row] = states(again)
    assert (row["is_open"], row["is_reopened"]) == (True, True)
    assert row["waiting_since"] == date(2026, 4, 1)
    [before] = states(again, as_of=date(2026, 3, 31))
    assert (before["is_open"], before["is_reopened"]) == (False, False)


def test_a_complaint_resolved_after_it_was_opened_again_is_closed():
    [row] = states(complaint(1, reopened_at=datetime(2026, 4, 1), resolved_at=datetime(2026, 4, 2)))
    assert (row["is_open"], row["is_reopened"]) == (False, True)


def test_the_open_are_listed_whenever_they_were_opened():
    table = facts(
        "complaints",
        complaint(1, date(2020, 1, 1)),
        complaint(2, AS_OF),
        complaint(3, AS_OF, resolved_at=AS_OF),
    )
    found = rows(open_complaints(table, as_of=AS_OF), "complaint_id")
    # 2020-01-01 to 2026-06-30: six years with leap days in 2020 and 2024, and 180 days.
    assert [(r["complaint_id"], r["age_days"]) for r in found] == [
        ("1", 6 * 365 + 2 + 180),
        ("2", 0),
    ]


def figures(*complaints: dict, by: tuple[str, ...] = ()) -> list[dict]:
    found = complaint_states(facts("complaints", *complaints), since=SINCE, as_of=AS_OF)
    return rows(complaint_figures(found, by=by), *by)


def test_medians_and_ninetieths_of_answered_complaints():
    # Answered after 0, 1, ... 10 hours: median 5, 90th percentile 9.
    [row] = figures(*[complaint(n, first_response_at=NOON + hours(n)) for n in range(11)])
    assert (row["opened"], row["answered"], row["resolved"], row["open"]) == (11, 11, 0, 11)
    assert (row["response_hours_median"], row["response_hours_p90"]) == (5.0, 9.0)


def test_who_still_waits_has_waited_longest():
    # Of three, two were answered after 1 and 2 hours: the median is 2, the 90th unknown.
    answered = [complaint(n, first_response_at=NOON + hours(n)) for n in (1, 2)]
    [row] = figures(*answered, complaint(3))
    assert (row["response_hours_median"], row["response_hours_p90"]) == (2.0, None)
    [row] = figures(complaint(3), complaint(4), answered[0])
    assert row["response_hours_median"] is None


def test_figures_can_be_told_apart_by_branch_and_month():
    found = figures(
        complaint(1, branch="North"),
        complaint(2, branch="North", opened_at=datetime(2026, 4, 1)),
        complaint(3, branch=None),
        by=("branch", "month"),
    )
    assert [(r["branch"], r["month"].month, r["opened"]) for r in found] == [
        ("North", 3, 1),
        ("North", 4, 1),
        (None, 3, 1),
    ]


def test_without_complaints_there_is_nothing_to_tell():
    [row] = figures()
    assert (row["opened"], row["open"], row["response_hours_median"]) == (0, 0, None)


def test_complaints_per_thousand_active_customers():
    shop = lines(
        AS_OF,
        *[{"customer_key": n, "branch": "North"} for n in range(4)],
        {"customer_key": 9, "branch": "South"},
        {"customer_key": 10, "branch": "West", "is_active": False},
    )
    made = complaint_states(
        facts("complaints", complaint(1, branch="North"), complaint(2, branch="West")),
        since=SINCE,
        as_of=AS_OF,
    )
    found = rows(complaints_per_thousand(made, shop, by=("branch",)), "branch")
    assert [(r["branch"], r["opened"], r["active"], r["per_thousand"]) for r in found] == [
        ("North", 1, 4, 250.0),
        ("South", 0, 1, 0.0),
        ("West", 1, 0, None),
    ]
    [whole] = rows(complaints_per_thousand(made, shop))
    assert (whole["opened"], whole["active"], whole["per_thousand"]) == (2, 5, 400.0)


def test_a_complaint_of_yesterday_is_not_taken_for_a_slow_one():
    # Two resolved after 24 and 48 hours. The third was opened at noon of the last day and has been
    # watched for 12: it left before the first was resolved, so that half of two is 24 hours.
    done = [complaint(n, resolved_at=NOON + hours(24 * n)) for n in (1, 2)]
    [row] = figures(*done, complaint(3, datetime(2026, 6, 30, 12)))
    assert (row["resolution_hours_median"], row["resolution_hours_p90"]) == (24.0, 48.0)


def test_a_complaint_that_was_opened_again_and_is_open_is_not_resolved():
    again = {"resolved_at": NOON + hours(1), "reopened_at": NOON + hours(2)}
    [row] = figures(complaint(1, **again), complaint(2, resolved_at=NOON + hours(5)))
    # Of two, one was resolved after 5 hours, the other waits since March.
    assert (row["resolved"], row["reopened"], row["open"]) == (2, 1, 1)
    assert (row["resolution_hours_median"], row["resolution_hours_p90"]) == (5.0, None)


def test_an_answer_dated_before_the_complaint_took_no_time():
    [row] = figures(complaint(1, first_response_at=NOON - hours(3)))
    assert row["response_hours_median"] == 0.0


def test_waiting_times_are_told_apart_by_branch():
    found = figures(
        complaint(1, branch="North", first_response_at=NOON + hours(2)),
        complaint(2, branch=None, first_response_at=NOON + hours(30)),
        by=("branch",),
    )
    assert [r["response_hours_median"] for r in found] == [2.0, 30.0]
