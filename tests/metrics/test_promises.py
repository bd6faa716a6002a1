from datetime import date, timedelta

import pytest

from core.metrics.promises import broken_promises, due_promises, kept_rate
from tests.care_shop import facts, rows

AS_OF = date(2026, 6, 30)
SINCE = date(2026, 1, 1)


def promise(number: int, due_on: date, kept_on: date | None = None, **others) -> dict:
    return {
        "promise_id": str(number),
        "customer_key": number,
        "promised_on": date(2025, 12, 1),
        "due_on": due_on,
        "kept_on": kept_on,
        **others,
    }


def due(*promises: dict, as_of: date = AS_OF, since: date = SINCE) -> list[dict]:
    found = due_promises(facts("promises", *promises), since=since, as_of=as_of)
    return rows(found, "promise_id")


def test_a_promise_kept_on_its_due_day_is_kept_and_a_day_later_broken():
    day = date(2026, 3, 10)
    kept, late = due(promise(1, day, day), promise(2, day, day + timedelta(days=1)))
    assert (kept["is_kept"], kept["late_days"]) == (True, 0)
    assert (late["is_kept"], late["is_open"], late["late_days"]) == (False, False, 1)


def test_open_and_late_is_broken():
    [row] = due(promise(1, AS_OF - timedelta(days=5)))
    assert (row["is_kept"], row["is_open"], row["late_days"]) == (False, True, 5)


def test_a_promise_kept_after_the_day_asked_for_is_not_yet_kept():
    day = date(2026, 3, 10)
    kept_later = promise(1, day, AS_OF + timedelta(days=1))
    [row] = due(kept_later)
    assert (row["is_open"], row["kept_on"]) == (True, None)
    [row] = due(kept_later, as_of=AS_OF + timedelta(days=1))
    assert (row["is_open"], row["is_kept"]) == (False, False)


@pytest.mark.parametrize(
    ("due_on", "is_due"),
    [
        (SINCE, True),
        (SINCE - timedelta(days=1), False),
        (AS_OF, True),
        (AS_OF + timedelta(days=1), False),
    ],
)
def test_only_promises_due_in_the_window_count(due_on, is_due):
    assert len(due(promise(1, due_on, due_on))) == is_due


def test_a_promise_not_yet_made_is_not_due():
    assert due(promise(1, AS_OF, promised_on=AS_OF + timedelta(days=1))) == []


def test_a_promise_moved_to_another_day_was_not_kept():
    day = date(2026, 3, 10)
    [row] = due(promise(1, day, renegotiated_on=day - timedelta(days=1)))
    assert row["is_kept"] is False


def test_broken_promises_are_those_due_and_not_kept():
    day = date(2026, 3, 10)
    table = facts("promises", promise(1, day, day), promise(2, day), promise(3, day, AS_OF))
    found = broken_promises(table, since=SINCE, as_of=AS_OF)
    assert [row["promise_id"] for row in rows(found, "promise_id")] == ["2", "3"]


def test_the_kept_rate_counts_the_open_among_the_broken():
    # First quarter: two kept, one late, one open: 2 of 4. Second: one of one.
    first, second = date(2026, 3, 31), date(2026, 4, 1)
    table = facts(
        "promises",
        promise(1, SINCE, SINCE), promise(2, first, first), promise(3, first, AS_OF),
        promise(4, first), promise(5, second, second),
    )  # fmt: skip
    found = rows(kept_rate(due_promises(table, since=SINCE, as_of=AS_OF)), "quarter_from")
    assert [
        (r["quarter_from"], r["due"], r["kept"], r["kept_late"], r["open"], r["kept_rate"])
        for r in found
    ] == [(SINCE, 4, 2, 1, 1, 0.5), (second, 1, 1, 0, 0, 1.0)]
    assert found[0]["low"] < 0.5 < found[0]["high"]


def test_december_belongs_to_the_last_quarter():
    day = date(2025, 12, 31)
    found = due_promises(facts("promises", promise(1, day, day)), since=day, as_of=AS_OF)
    assert rows(kept_rate(found))[0]["quarter_from"] == date(2025, 10, 1)


def test_without_promises_there_is_no_quarter():
    assert rows(kept_rate(due_promises(facts("promises"), since=SINCE, as_of=AS_OF))) == []


def test_promises_are_told_apart_by_who_made_them():
    day = date(2026, 3, 10)
    table = facts(
        "promises",
        promise(1, day, day, employee_id="a"),
        promise(2, day, employee_id="a"),
        promise(3, day, employee_id=None),
    )
    due_in_time = due_promises(table, since=SINCE, as_of=AS_OF)
    found = rows(kept_rate(due_in_time, by=("employee_id",)), "employee_id")
    assert [(r["employee_id"], r["due"], r["kept_rate"]) for r in found] == [
        ("a", 2, 0.5),
        (None, 1, 0.0),
    ]
    [whole] = rows(kept_rate(due_in_time, by=()))
    assert (whole["due"], whole["kept"], whole["open"]) == (3, 1, 2)


def test_without_promises_the_rate_of_the_whole_is_not_known():
    [row] = rows(kept_rate(due_promises(facts("promises"), since=SINCE, as_of=AS_OF), by=()))
    assert (row["due"], row["kept"], row["kept_rate"]) == (0, 0, None)
