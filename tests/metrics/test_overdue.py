from datetime import date, timedelta

import pytest

from core.metrics.overdue import closed_gaps, overdue
from tests.care_shop import keys, lines, occasions, rows

AS_OF = date(2026, 6, 30)
TAU = 180


def came(key: int, silence: int, *gaps: int) -> tuple[dict, list[tuple[int, date]]]:
    """A customer who came last ``silence`` days ago, after ``gaps`` (the last gap first)."""
    days = [AS_OF - timedelta(days=silence)]
    for gap in gaps:
        days.append(days[-1] - timedelta(days=gap))
    return {"customer_key": key, "last_on": days[0]}, [(key, day) for day in days]


def found(*customers, tau: int = TAU, by_segment: dict[str, int] | None = None):
    shop = lines(AS_OF, *[line for line, _ in customers])
    bought = occasions(*[each for _, days in customers for each in days])
    with_gaps = shop.left_join(closed_gaps(bought), "customer_key").drop("customer_key_right")
    return overdue(with_gaps, as_of=AS_OF, lapse_after_days=tau, lapse_by_segment=by_segment)


def test_silence_longer_than_twice_the_own_median_gap_is_overdue():
    # Gaps 10, 20, 30: median 20, so 40 days are allowed.
    late = found(came(1, 41, 10, 20, 30), came(2, 40, 10, 20, 30))
    assert rows(late) == [
        {
            "customer_key": 1,
            "silence_days": 41,
            "gaps": 3,
            "median_gap_days": 20.0,
            "threshold_days": 40.0,
            "overdue_on": AS_OF,
        }
    ]


def test_a_slow_customer_is_overdue_after_eight_tenths_of_tau():
    # Twice the median of 100 would be 200; 0.8 x 180 = 144.
    assert keys(found(came(1, 145, 100, 100, 100), came(2, 144, 100, 100, 100))) == [1]


def test_with_fewer_than_three_gaps_half_of_tau_is_allowed():
    late = found(came(1, 91, 5, 5), came(2, 90, 5, 5), came(3, 91))
    assert [(r["customer_key"], r["gaps"], r["median_gap_days"]) for r in rows(late, "gaps")] == [
        (3, 0, None),
        (1, 2, None),
    ]


def test_nobody_is_overdue_within_seven_days():
    assert keys(found(came(1, 8, 1, 1, 1), came(2, 7, 1, 1, 1))) == [1]


def test_the_median_is_that_of_the_gaps_not_their_mean():
    # Gaps 1, 10, 100: median 10 (20 allowed), mean 37.
    assert keys(found(came(1, 21, 1, 10, 100), came(2, 20, 1, 10, 100))) == [1]


def test_the_day_of_becoming_overdue_is_the_first_beyond_a_broken_threshold():
    # 0.8 x 181 = 144.8 days are allowed, so the 145th is the first too many.
    late = rows(found(came(1, 150, 100, 100, 100), tau=181))[0]
    assert late["overdue_on"] == AS_OF - timedelta(days=5)


def test_a_segment_may_have_its_own_tau():
    fleet, fleet_days = came(1, 46)
    private, private_days = came(2, 46)
    late = found(
        ({**fleet, "segment": "fleet"}, fleet_days),
        ({**private, "segment": "private"}, private_days),
        by_segment={"fleet": 90},
    )
    assert keys(late) == [1]


def test_the_lost_and_those_who_never_bought_are_not_overdue():
    lost, days = came(1, 200)
    by_contract = {"customer_key": 2, "last_on": None}
    assert keys(found(({**lost, "is_active": False}, days), (by_contract, []))) == []


def test_customers_who_behave_the_same_get_the_same():
    late = rows(found(came(1, 50, 10, 20, 30), came(2, 50, 10, 20, 30)), "customer_key")
    assert {k: v for k, v in late[0].items() if k != "customer_key"} == {
        k: v for k, v in late[1].items() if k != "customer_key"
    }


def test_an_empty_shop_has_nobody_overdue():
    assert rows(found()) == []


@pytest.mark.parametrize("silence", [0, 7])
def test_who_was_here_this_week_is_not_overdue(silence):
    assert keys(found(came(1, silence, 2, 2, 2))) == []
