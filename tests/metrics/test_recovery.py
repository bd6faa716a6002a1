from datetime import date, datetime, timedelta

import ibis
import pytest

from core.metrics.complaints import complaint_states
from core.metrics.recovery import complaint_recovery
from tests.care_shop import facts, lines, occasions, rows

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)
SINCE = date(2026, 1, 1)
NOON = datetime(2026, 3, 10, 12)
RESOLVED = datetime(2026, 3, 15)
MONTH_BEFORE = date(2026, 2, 28)


def complaint(number: int, resolved_at: date) -> dict:
    return {
        "complaint_id": str(number),
        "customer_key": number,
        "opened_at": NOON,
        "resolved_at": resolved_at,
    }


def recovered(*complaints: dict, came: list[tuple[int, date]], others: int = 0, **settings):
    shop = lines(
        MONTH_BEFORE, *[{"customer_key": n} for n in [*range(1, 5), *range(100, 100 + others)]]
    )
    made = complaint_states(facts("complaints", *complaints), since=date(2025, 1, 1), as_of=AS_OF)
    found = complaint_recovery(
        made, occasions(*came), shop, as_of=AS_OF, days=[MONTH_BEFORE], **settings
    )
    return rows(found)


def test_recovery_is_a_purchase_within_ninety_days_of_the_resolution():
    made = [complaint(n, resolved_at=RESOLVED) for n in (1, 2, 3)]
    last = date(2026, 6, 13)  # 90 days after 15 March
    came = [(1, last), (2, last + timedelta(days=1)), (3, date(2026, 3, 15))]
    [row] = recovered(*made, came=came)
    assert (row["resolved"], row["returned"], row["return_rate"]) == (3, 1, pytest.approx(1 / 3))


def test_recovery_is_held_against_like_customers_who_did_not_complain():
    # Four others of the same tier, one of whom buys within 90 days of the end of February.
    came = [(1, date(2026, 4, 1)), (100, date(2026, 5, 29)), (101, date(2026, 5, 30))]
    [row] = recovered(complaint(1, resolved_at=RESOLVED), came=came, others=4)
    # Customers 2 to 4 did not complain either: 1 of 7.
    assert row["expected_rate"] == pytest.approx(1 / 7)
    assert row["excess"] == pytest.approx(1 - 1 / 7)


def test_a_complaint_resolved_less_than_ninety_days_ago_is_left_out():
    just_in_time = datetime(2026, 4, 1)  # 90 days before 30 June
    shop = lines(date(2026, 3, 31), {"customer_key": 1}, {"customer_key": 2})
    for resolved_at, n in ((just_in_time, [1]), (just_in_time + timedelta(days=1), [0])):
        table = facts("complaints", complaint(1, resolved_at=resolved_at))
        made = complaint_states(table, since=SINCE, as_of=AS_OF)
        found = rows(
            complaint_recovery(made, occasions(), shop, as_of=AS_OF, days=[date(2026, 3, 31)])
        )
        assert [row["resolved"] for row in found] == n


def test_without_a_month_end_before_it_a_resolution_is_compared_with_nobody():
    made = complaint_states(facts("complaints", complaint(1, RESOLVED)), since=SINCE, as_of=AS_OF)
    shop = lines(MONTH_BEFORE, {"customer_key": 1}, {"customer_key": 2})
    [row] = rows(complaint_recovery(made, occasions(), shop, as_of=AS_OF, days=[]))
    assert (row["resolved"], row["matched"], row["expected_rate"]) == (1, 0, None)


def test_who_complained_within_twelve_months_is_no_like_customer():
    # Of 1 to 4, 1 complained now and 4 last September; 2 and 3 are left, and 2 came back.
    earlier = {"complaint_id": "9", "customer_key": 4, "opened_at": datetime(2025, 9, 1)}
    came = [(2, date(2026, 3, 1)), (4, date(2026, 3, 1))]
    [row] = recovered(complaint(1, resolved_at=RESOLVED), earlier, came=came)
    assert (row["resolved"], row["returned"], row["expected_rate"]) == (1, 0, 0.5)
    [row] = recovered(
        complaint(1, resolved_at=RESOLVED),
        {**earlier, "opened_at": datetime(2025, 2, 28)},
        came=came,
    )
    assert row["expected_rate"] == pytest.approx(2 / 3)


def test_without_complaints_there_is_no_recovery():
    [row] = recovered(came=[])
    assert (row["resolved"], row["return_rate"], row["expected_rate"]) == (0, None, None)


def test_like_customers_have_been_silent_for_about_as_long():
    # At the end of February 100 had bought the week before and 101 had been silent for 120 days;
    # the complainer bought on 10 March, five days before the resolution.
    shop = lines(
        MONTH_BEFORE,
        {"customer_key": 1, "last_on": date(2025, 12, 1)},
        {"customer_key": 100, "last_on": date(2026, 2, 21)},
        {"customer_key": 101, "last_on": date(2025, 10, 31)},
    )
    came = [(1, date(2026, 3, 10)), (101, date(2026, 3, 20))]
    made = complaint_states(
        facts("complaints", complaint(1, resolved_at=RESOLVED)), since=SINCE, as_of=AS_OF
    )
    settings = {"as_of": AS_OF, "days": [MONTH_BEFORE]}
    [row] = rows(complaint_recovery(made, occasions(*came), shop, **settings))
    assert (row["matched"], row["expected_rate"]) == (1, 0.0)


def test_equal_tiers_alone_are_alike():
    shop = lines(
        MONTH_BEFORE,
        {"customer_key": 1, "tier": 1},
        {"customer_key": 100, "tier": 4},
        {"customer_key": 101, "tier": 1},
    )
    made = complaint_states(
        facts("complaints", complaint(1, resolved_at=RESOLVED)), since=SINCE, as_of=AS_OF
    )
    came = occasions((100, date(2026, 3, 20)))
    [row] = rows(complaint_recovery(made, came, shop, as_of=AS_OF, days=[MONTH_BEFORE]))
    assert row["expected_rate"] == 0.0


def test_a_complaint_before_the_first_day_is_compared_with_nobody():
    shop = lines(RESOLVED.date(), {"customer_key": 1}, {"customer_key": 2})
    made = complaint_states(
        facts("complaints", complaint(1, resolved_at=RESOLVED)), since=SINCE, as_of=AS_OF
    )
    [row] = rows(complaint_recovery(made, occasions(), shop, as_of=AS_OF, days=[RESOLVED.date()]))
    assert (row["resolved"], row["return_rate"]) == (1, 0.0)
    assert (row["matched"], row["expected_rate"], row["excess"]) == (0, None, None)


def test_of_several_days_the_last_before_the_resolution_counts():
    january, march = date(2026, 1, 31), date(2026, 3, 31)
    shop = ibis.union(
        *[lines(day, {"customer_key": 1}, {"customer_key": 2}) for day in (january, MONTH_BEFORE)],
        lines(march, {"customer_key": 1}, {"customer_key": 2}),
    )
    # 2 came within 90 days of the end of January, and not within 90 days of the end of February.
    came = occasions((2, date(2026, 2, 10)))
    made = complaint_states(
        facts("complaints", complaint(1, resolved_at=RESOLVED)), since=SINCE, as_of=AS_OF
    )
    for days, expected in (([january], 1.0), ([january, MONTH_BEFORE, march], 0.0)):
        [row] = rows(complaint_recovery(made, came, shop, as_of=AS_OF, days=days))
        assert row["expected_rate"] == expected


def test_complaints_of_others_are_known_where_only_some_are_looked_at():
    # Of the complaints only the first is looked at; that 2 complained too is not forgotten.
    table = facts(
        "complaints", complaint(1, resolved_at=RESOLVED), complaint(2, resolved_at=RESOLVED)
    )
    every = complaint_states(table, since=SINCE, as_of=AS_OF)
    shop = lines(MONTH_BEFORE, *[{"customer_key": n} for n in (1, 2, 3)])
    [row] = rows(
        complaint_recovery(
            every.filter(every.customer_key == 1), occasions((2, date(2026, 3, 20))), shop,
            as_of=AS_OF, days=[MONTH_BEFORE], complained=every,
        )
    )  # fmt: skip
    assert (row["resolved"], row["expected_rate"]) == (1, 0.0)
