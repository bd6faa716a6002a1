from datetime import date, timedelta

import pytest

from core.metrics.intervals import wilson
from core.metrics.referrals import matured_referrals, referral_success
from tests.care_shop import facts, lines, rows

SINCE, AS_OF = date(2025, 7, 1), date(2026, 6, 30)
OLD = AS_OF - timedelta(days=90)  # its 90 days end on the very day


def referral(number: int, who: int | None, on: date = OLD, **others) -> dict:
    return {
        "referral_id": str(number), "customer_key": 100, "referred_customer_key": who,
        "referred_on": on, "employee_id": "A", **others,
    }  # fmt: skip


def customer(key: int, since: date | None, value: float = 10) -> dict:
    return {"customer_key": key, "since_on": since, "value": value}


def matured(referrals: list[dict], *customers: dict):
    return matured_referrals(
        facts("referrals", *referrals),
        lines(AS_OF, *customers),
        since=SINCE,
        as_of=AS_OF,
        within_days=90,
    )


def successes(referrals: list[dict], *customers: dict) -> list[bool]:
    return [row["is_success"] for row in rows(matured(referrals, *customers), "referral_id")]


def test_a_success_first_bought_within_its_days_both_ends_included():
    days = {1: 0, 2: 90, 3: 91, 4: -1}
    found = successes(
        [referral(n, n, AS_OF - timedelta(days=120)) for n in days],
        *[customer(n, AS_OF - timedelta(days=120 - after)) for n, after in days.items()],
    )
    assert found == [True, True, False, False]


def test_who_was_a_customer_before_is_counted_and_is_no_success():
    found = matured(
        [referral(1, 1), referral(2, 2)], customer(1, OLD), customer(2, date(2020, 1, 1))
    )
    [row] = rows(referral_success(found))
    assert (row["referrals"], row["successes"], row["were_customers"]) == (2, 1, 1)
    assert row["success_rate"] == 0.5


def test_who_was_never_named_or_never_bought_is_no_success():
    found = matured([referral(1, None), referral(2, 2), referral(3, 3)], customer(2, None))
    [row] = rows(referral_success(found))
    assert (row["successes"], row["unnamed"], row["success_rate"]) == (0, 1, 0)


@pytest.mark.parametrize(
    ("on", "n"),
    [
        (OLD, 1),
        (OLD + timedelta(days=1), 0),
        (SINCE - timedelta(days=90), 1),
        (SINCE - timedelta(days=91), 0),
    ],
)
def test_only_referrals_whose_days_ended_in_the_window_count(on, n):
    assert len(rows(matured([referral(1, 1, on)], customer(1, on)))) == n


def test_the_value_is_that_of_the_successes():
    found = matured(
        [referral(1, 1), referral(2, 2)], customer(1, OLD, 70), customer(2, date(2020, 1, 1), 900)
    )
    [row] = rows(referral_success(found))
    assert row["value"] == 70


def test_by_employee_with_interval():
    found = matured(
        [referral(1, 1), referral(2, None), referral(3, 3, employee_id="B")],
        customer(1, OLD), customer(3, OLD),
    )  # fmt: skip
    by = rows(referral_success(found, by=("employee_id",)), "employee_id")
    assert [(r["employee_id"], r["referrals"], r["success_rate"]) for r in by] == [
        ("A", 2, 0.5),
        ("B", 1, 1.0),
    ]
    assert (by[0]["low"], by[0]["high"]) == pytest.approx(wilson(1, 2))


def test_without_referrals_there_is_no_rate():
    [row] = rows(referral_success(matured([])))
    assert (row["referrals"], row["success_rate"], row["low"]) == (0, None, None)
