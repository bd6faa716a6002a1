"""What counting the young would read, beside the right rate; and shares of curves."""

from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest

from core.metrics.naive import naive_within
from core.metrics.repurchase import buyers_of_two, old_enough, repurchase_within
from core.metrics.survival import days_until, life_table
from core.metrics.value_by import own_shares
from tests.care_shop import rows

AS_OF = date(2024, 3, 31)
SCHEMA = pa.schema(
    [("customer_key", pa.int64()), ("first_on", pa.date32()), ("second_on", pa.date32())]
)


def firsts(*found: tuple[int, int | None]) -> ibis.Table:
    """One customer per (days since the first purchase, days to the second)."""
    made = []
    for key, (age, gap) in enumerate(found):
        first = AS_OF - timedelta(days=age)
        second = None if gap is None else first + timedelta(days=gap)
        made.append({"customer_key": key, "first_on": first, "second_on": second})
    return ibis.memtable(pa.Table.from_pylist(made, schema=SCHEMA))


def test_the_naive_rate_has_the_young_in_its_denominator():
    # Old enough for 30 days: the first two, of whom one came back. None of the young has yet.
    known = firsts((60, 10), (30, None), (29, None), (1, None))
    [right] = rows(repurchase_within(known, as_of=AS_OF, within_days=[30]))
    [naive] = rows(naive_within(known, within_days=[30]))
    assert (right["n"], right["rate"]) == (2, 0.5)
    assert (naive["first_buyers"], naive["naive_rate"]) == (4, 0.25)


def test_without_buyers_there_is_no_naive_rate():
    assert rows(naive_within(firsts(), within_days=[30])) == []


@pytest.mark.parametrize(
    ("age", "gap", "found"), [(30, 30, [True]), (30, 31, [False]), (29, 1, [])]
)
def test_those_whose_days_have_passed_and_who_of_them_came_back(age, gap, found):
    seen = rows(old_enough(firsts((age, gap)), as_of=AS_OF, within_days=30))
    assert [row["is_back"] for row in seen] == found


def test_buyers_of_either_of_two_windows():
    days = [
        (1, "2023-01-01"), (1, "2024-01-01"), (2, "2023-12-31"), (3, "2024-01-01"),
        (4, "2022-12-31"), (5, "2025-01-01"),
    ]  # fmt: skip
    bought = ibis.memtable(
        pa.table(
            {
                "customer_key": pa.array([key for key, _ in days], pa.int64()),
                "occasion_on": pa.array([date.fromisoformat(day) for _, day in days]),
            }
        )
    )
    found = buyers_of_two(
        bought, from_on=date(2023, 1, 1), next_from=date(2024, 1, 1), until=date(2025, 1, 1)
    )
    seen = [(r["customer_key"], r["was_there"], r["is_there"]) for r in rows(found, "customer_key")]
    assert seen == [(1, True, True), (2, True, False), (3, False, True)]


def test_by_which_day_nine_in_ten_have_gone():
    days = pa.table({"days": pa.array(range(1, 11), pa.int64()), "is_event": [True] * 9 + [False]})
    table = life_table(ibis.memtable(days))
    # One of ten goes on each of days 1 to 9; after day 9 a tenth is left.
    assert rows(days_until(table, 0.9)) == [{"days": 9}]
    assert rows(days_until(table, 0.5)) == [{"days": 5}]
    assert rows(days_until(table, 0.95)) == [{"days": None}]


def test_the_shares_of_a_customer_add_up_to_one():
    ways = {"customer_key": [1, 1, 1, 2], "way": ["cash", "cash", "card", "card"]}
    uses = ibis.memtable(pa.table(ways))
    found = rows(own_shares(uses, column="way"), "customer_key", "way")
    assert [(r["customer_key"], r["way"], r["own_share"]) for r in found] == [
        (1, "card", 1 / 3), (1, "cash", 2 / 3), (2, "card", 1.0),
    ]  # fmt: skip
