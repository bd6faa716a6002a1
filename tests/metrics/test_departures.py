from datetime import date, timedelta

import pytest

from core.metrics.dealings import events
from core.metrics.departures import departed, loss_after_departure
from core.metrics.dependency import asked_on, handled
from tests.care_shop import facts, lines, rows
from tests.metrics.test_dependency import AS_OF, HALF_FROM, orders, thrice


def test_dependence_on_one_who_left_is_that_of_the_last_day():
    left_on = date(2026, 3, 31)
    later = left_on + timedelta(days=1)
    sold = orders(
        *thrice(1, "A"), (1, later, "B"),
        *thrice(2, "A")[:2], (2, later, "A"),
        *thrice(3, "B"),
    )  # fmt: skip
    staff = facts("employees", {"employee_id": "A", "left_on": left_on}, {"employee_id": "B"})
    found = departed(events(sold), staff, since=left_on, as_of=left_on)
    assert rows(found) == [{"customer_key": 1, "employee_id": "A", "left_on": left_on}]
    assert not rows(departed(events(sold), staff, since=later, as_of=AS_OF))
    earlier = left_on - timedelta(days=1)
    assert not rows(departed(events(sold), staff, since=HALF_FROM, as_of=earlier))


def test_loss_after_a_departure_is_compared_within_tiers():
    # A left. Of A's four, three are lost: both of the top tier and one of two of the lowest.
    # Others: top 1 of 2 lost, lowest 0 of 2; so (2 x 1/2 + 2 x 0) / 4 = 1/4 was to be expected.
    of_a, others, too_few = (1, 2, 3, 4), (5, 6, 7, 8), 9
    tiers = {1: 1, 2: 1, 3: 4, 4: 4, 5: 1, 6: 1, 7: 4, 8: 4, 9: 1}
    lost = {1, 2, 3, 5, 9}
    sold = orders(
        *[each for key in of_a for each in thrice(key, "A")],
        *[each for key in others for each in thrice(key, "B")],
        *thrice(too_few, "B")[:2],
    )
    opening = lines(
        HALF_FROM, *[{"customer_key": k, "tier": t, "value": 10 * k} for k, t in tiers.items()]
    )
    closing = lines(AS_OF, *[{"customer_key": k, "is_active": k not in lost} for k in tiers])
    known = handled(events(sold), asked_on(opening, HALF_FROM))
    [row] = rows(loss_after_departure(opening, closing, known, employee_id="A", least_events=3))
    assert (row["customers"], row["lost"], row["like_customers"]) == (4, 3, 4)
    assert (float(row["value"]), float(row["value_lost"])) == (100.0, 60.0)
    assert row["lost_rate"] == pytest.approx(0.75)
    assert row["expected_rate"] == pytest.approx(0.25)
    assert row["excess"] == pytest.approx(0.5)


def test_without_like_customers_in_a_tier_nothing_is_expected():
    opening = lines(HALF_FROM, {"customer_key": 1, "tier": 1})
    known = handled(events(orders(*thrice(1, "A"))), asked_on(opening, HALF_FROM))
    [row] = rows(loss_after_departure(opening, opening, known, employee_id="A", least_events=3))
    assert (row["customers"], row["lost_rate"]) == (1, 0.0)
    assert row["expected_rate"] is row["excess"] is None


def test_a_departure_that_left_nobody_behind_has_no_rate():
    opening = lines(HALF_FROM, {"customer_key": 1})
    known = handled(events(orders(*thrice(1, "A"))), asked_on(opening, HALF_FROM))
    [row] = rows(loss_after_departure(opening, opening, known, employee_id="Z", least_events=3))
    assert (row["customers"], row["lost"]) == (0, 0)
    assert row["lost_rate"] is None


def test_who_has_no_purchase_left_is_not_lost():
    opening = lines(HALF_FROM, {"customer_key": 1})
    undone = lines(AS_OF, {"customer_key": 1, "is_active": False, "since_on": None})
    known = handled(events(orders(*thrice(1, "A"))), asked_on(opening, HALF_FROM))
    [row] = rows(loss_after_departure(opening, undone, known, employee_id="A", least_events=3))
    assert (row["customers"], row["lost"]) == (1, 0)
