"""When customers are expected next: by their own rhythm, else by that of like customers."""

from datetime import date, timedelta

import pytest

from core.metrics import next_expected as expected
from core.metrics.next_expected import expected_between, gaps_of_like, next_expected
from core.metrics.nth_gaps import nth_gaps
from core.metrics.overdue import closed_gaps, median_gaps
from tests.care_shop import keys, lines, occasions, rows

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)


def came(key: int, silence: int, *own: int, **line) -> tuple[dict, list[tuple[int, date]]]:
    """A customer who came last ``silence`` days ago, after the gaps ``own`` (the last first)."""
    days = [AS_OF - timedelta(days=silence)]
    for gap in own:
        days.append(days[-1] - timedelta(days=gap))
    plain = {"customer_key": key, "last_on": days[0], "occasions": len(days)}
    return plain | line, [(key, day) for day in days]


def shop(*customers) -> tuple:
    found = lines(AS_OF, *[line for line, _ in customers])
    return found, occasions(*[each for _, days in customers for each in days])


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "LEAST_LIKE", 1)


def due(*customers) -> dict[int, tuple]:
    found, bought = shop(*customers)
    closed = closed_gaps(bought)
    alike = gaps_of_like(found, closed, as_of=AS_OF, like="segment")
    table = rows(next_expected(found, median_gaps(closed), alike, like="segment"))
    return {r["customer_key"]: (r["gap_days"], r["gap_basis"], r["expected_on"]) for r in table}


def test_who_has_three_gaps_is_expected_after_the_own_median():
    # Gaps 10, 20, 60: median 20; the last purchase was 5 days ago.
    assert due(came(1, 5, 10, 20, 60))[1] == (20, "own", AS_OF + timedelta(days=15))


def test_half_days_are_rounded_up():
    assert due(came(1, 5, 10, 11, 12, 13))[1] == (12, "own", AS_OF + timedelta(days=7))


def test_who_has_fewer_gaps_is_expected_like_others_after_as_many_purchases(few_are_enough):
    # Second purchases came after 30 and 40 days; after them customers 2 and 3 wait.
    found = due(came(1, 10), came(2, 1, 30), came(3, 1, 40))
    # At risk at 30 days: customers 2 and 3 (1 was watched for 10): half at 30.
    assert found[1] == (30, "like", AS_OF + timedelta(days=20))
    assert found[2] == (None, None, None)


def test_like_customers_are_those_of_the_segment(few_are_enough):
    fleet = [came(1, 1, 7, segment="fleet"), came(2, 1, segment="fleet")]
    private = [came(3, 1, 90, segment="private"), came(4, 1, segment="private")]
    found = due(*fleet, *private, came(5, 1, 50), came(6, 1))
    assert (found[2][0], found[4][0], found[6][0]) == (7, 90, 50)


def test_the_lost_are_like_customers_but_expected_no_more(few_are_enough):
    gone = [came(key, 300, is_active=False) for key in (1, 2)]
    found = due(*gone, came(3, 1, 30), came(4, 1))
    # One of three has come again: half is not reached, so no day is known.
    assert found == {3: (None, None, None), 4: (None, None, None)}


def test_fewer_than_thirty_like_customers_tell_nothing():
    pairs = [came(key, 1, 30) for key in range(1, 30)]
    assert due(*pairs, came(99, 1))[99] == (30, "like", AS_OF + timedelta(days=29))
    assert due(*pairs[:-1], came(99, 1))[99] == (None, None, None)


def test_who_is_active_by_contract_alone_is_not_expected():
    line = {"customer_key": 1, "last_on": None, "occasions": 0}
    assert due((line, [])) == {}


def test_the_next_days_begin_tomorrow_and_end_with_the_last():
    customers = [came(key, 10, gap, gap, gap) for key, gap in enumerate((10, 11, 40, 41), start=1)]
    found, bought = shop(*customers)
    closed = closed_gaps(bought)
    alike = gaps_of_like(found, closed, as_of=AS_OF, like="segment")
    table = next_expected(found, median_gaps(closed), alike, like="segment")
    assert keys(expected_between(table, as_of=AS_OF, days=30)) == [2, 3]


def test_nobody_is_expected_in_an_empty_shop():
    assert due() == {}


def test_the_gap_to_the_second_purchase_is_worked_out_by_kaplan_and_meier():
    found, bought = shop(came(1, 5, 10), came(2, 50, 30), came(3, 20))
    # Back after 10 of three: 2/3; the third was watched for 20; after 30 of one: 0.
    [first, second] = rows(nth_gaps(found, closed_gaps(bought), as_of=AS_OF, up_to=5), "k")
    assert (first["n"], first["events"], first["median"]) == (3, 2, 30)
    assert (second["n"], second["events"], second["median"]) == (2, 0, None)


def test_each_gap_is_told_by_the_occasion_it_follows_up_to_the_last_asked_for():
    found, bought = shop(came(1, 5, 3, 10), came(2, 5, 5, 10))
    of_all = rows(nth_gaps(found, closed_gaps(bought), as_of=AS_OF, up_to=5), "k")
    assert [(row["k"], row["median"]) for row in of_all] == [(1, 10), (2, 3), (3, None)]
    first = rows(nth_gaps(found, closed_gaps(bought), as_of=AS_OF, up_to=1), "k")
    assert [row["k"] for row in first] == [1]
