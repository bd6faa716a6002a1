"""What happened, worked out by hand on a few rows."""

from datetime import date

from core.metrics.complaints import complaint_states
from core.metrics.dealings import events
from core.metrics.events import campaigns, complaint_jumps, exits
from tests.care_shop import facts, rows

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)


def complained(product: str | None, month: int, times: int) -> list[dict]:
    return [
        {
            "complaint_id": f"{product}{month}{n}",
            "customer_key": n // 2,
            "opened_at": date(2024, month, 1 + n % 28),
            "product_id": product,
        }
        for n in range(times)
    ]


def jumped(*found: list[dict]) -> list[dict]:
    table = facts("complaints", *[row for each in found for row in each])
    states = complaint_states(table, since=FIRST, as_of=LAST)
    return rows(complaint_jumps(states, months=12), "product_id", "month")


def test_a_month_with_far_more_complaints_than_the_others_jumps():
    # Eleven other months with 4 x 11 / 11 = 4: twice (5 - 2) is 6, above 4.
    others = [complained("p", month, 4) for month in range(1, 12)]
    (row,) = jumped(*others, complained("p", 12, 25))
    assert row["month"] == date(2024, 12, 1)
    assert (row["complaints"], row["usual"]) == (25, 4)
    assert row["customers"] == 13  # two complaints each, the last one


def test_twice_the_distance_of_the_roots_must_be_above_four():
    # Usual 4, so its root is 2: 16 complaints (root 4) lie at 2 x (4 - 2) = 4 exactly; 17 beyond.
    others = [complained("p", month, 4) for month in range(1, 12)]
    assert jumped(*others, complained("p", 12, 16)) == []
    assert len(jumped(*others, complained("p", 12, 17))) == 1


def test_fewer_than_ten_complaints_are_never_a_jump():
    # Usual 0: 2 x root 9 = 6, yet 9 are too few to talk of.
    assert jumped(complained("p", 5, 9)) == []
    assert len(jumped(complained("p", 5, 10))) == 1


def test_complaints_without_a_product_jump_nowhere():
    assert jumped(complained(None, 5, 50)) == []


def test_a_campaign_counts_who_bought_on_it():
    promotions = facts(
        "promotions",
        {"promotion_id": "a", "name": "Spring", "started_on": FIRST},
        {"promotion_id": "b", "name": "Before", "started_on": date(2023, 12, 31)},
        {"promotion_id": "c", "name": "After", "started_on": date(2025, 1, 1)},
        {"promotion_id": "d", "name": "Nobody", "started_on": LAST},
    )
    bought = facts(
        "orders",
        *[
            {"order_id": f"{key}{promotion}{n}", "customer_key": key, "promotion_id": promotion}
            for n, (key, promotion) in enumerate(
                [(1, "a"), (1, "a"), (2, "a"), (None, "a"), (3, "b"), (3, "c"), (4, None)]
            )
        ],
    )
    (row,) = rows(campaigns(promotions, bought, since=FIRST, as_of=LAST))
    assert (row["name"], row["happened_on"], row["customers"]) == ("Spring", FIRST, 2)


def test_an_exit_counts_who_was_served_in_the_twelve_months_before():
    staff = facts(
        "employees",
        {"employee_id": "e", "name": "Eve", "left_on": date(2024, 6, 30)},
        {"employee_id": "f", "name": "Fay", "left_on": date(2023, 12, 31)},
        {"employee_id": "g", "name": "Gus", "left_on": None},
    )
    served = [
        (1, "e", date(2024, 6, 30)),
        (2, "e", date(2023, 7, 1)),
        (3, "e", date(2023, 6, 30)),  # the day before the 12 months
        (4, "e", date(2024, 7, 1)),  # after the last day
        (5, "f", date(2023, 12, 1)),
        (6, "g", date(2024, 6, 1)),
    ]
    orders = facts(
        "orders",
        *[
            {
                "order_id": str(n),
                "customer_key": key,
                "employee_id": who,
                "ordered_at": on,
                "amount": 1,
            }
            for n, (key, who, on) in enumerate(served)
        ],
    )
    (row,) = rows(exits(staff, events(orders), since=FIRST, as_of=LAST))
    assert (row["name"], row["happened_on"], row["customers"]) == ("Eve", date(2024, 6, 30), 2)
