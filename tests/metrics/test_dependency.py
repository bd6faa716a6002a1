from datetime import date, timedelta

import pytest

from core.metrics.dealings import events
from core.metrics.dependency import (
    asked_on,
    dependency,
    dependency_by_employee,
    dependent_customers,
    handled,
)
from tests.care_shop import facts, keys, lines, rows

AS_OF = date(2026, 6, 30)
YEAR_FROM, HALF_FROM = date(2025, 7, 1), date(2026, 1, 1)
BEFORE_HALF = date(2025, 12, 31)


def orders(*served: tuple[int, date, str | None], cancelled_at: date | None = None):
    return facts(
        "orders",
        *[
            {
                "order_id": str(number),
                "customer_key": key,
                "ordered_at": day,
                "amount": 10,
                "employee_id": employee,
                "cancelled_at": cancelled_at,
            }
            for number, (key, day, employee) in enumerate(served)
        ],
    )


def contact(key: int, day: date | None, employee: str | None, is_reached: bool | None = True):
    return {
        "contact_id": f"{key}{day}{employee}{is_reached}",
        "customer_key": key,
        "contacted_at": day,
        "employee_id": employee,
        "is_reached": is_reached,
    }


def dependent(found, *customers: int, **settings):
    shop = lines(AS_OF, *[{"customer_key": key} for key in customers])
    asked = handled(found, asked_on(shop, AS_OF), **settings)
    return {row["customer_key"]: row["is_dependent"] for row in rows(asked, "customer_key")}


def thrice(key: int, employee: str, day: date = HALF_FROM) -> list[tuple[int, date, str]]:
    return [(key, day, employee)] * 3


def test_three_orders_through_one_employee_make_a_dependent():
    assert dependent(events(orders(*thrice(1, "A"), *thrice(2, "A")[:2])), 1, 2) == {
        1: True,
        2: False,
    }


def test_contacts_and_orders_count_together():
    sold = orders((1, HALF_FROM, "A"), (1, HALF_FROM, "A"))
    met = facts("contacts", contact(1, AS_OF, "A"))
    assert dependent(events(sold, met), 1) == {1: True}


def test_four_of_five_through_one_employee_are_enough():
    # The fifth went through somebody else, more than 6 months ago.
    four = [*thrice(1, "A"), (1, AS_OF, "A")]
    assert dependent(events(orders(*four, (1, BEFORE_HALF, "B"))), 1) == {1: True}
    assert dependent(events(orders(*four[:3], (1, BEFORE_HALF, "B"))), 1) == {1: False}


def test_another_employee_within_six_months_ends_dependence():
    nine = [*thrice(1, "A"), *thrice(1, "A"), *thrice(1, "A")]
    assert dependent(events(orders(*nine, (1, BEFORE_HALF, "B"))), 1) == {1: True}
    assert dependent(events(orders(*nine, (1, HALF_FROM, "B"))), 1) == {1: False}


@pytest.mark.parametrize(
    ("third", "is_dependent"),
    [
        (YEAR_FROM, True),
        (YEAR_FROM - timedelta(days=1), False),
        (AS_OF, True),
        (AS_OF + timedelta(days=1), False),
    ],
)
def test_the_twelve_months_end_with_the_day_asked_for(third, is_dependent):
    found = events(orders((1, HALF_FROM, "A"), (1, HALF_FROM, "A"), (1, third, "A")))
    assert dependent(found, 1) == {1: is_dependent}


def test_what_nobody_served_is_not_through_the_employee_nor_a_second_contact():
    online = (1, AS_OF, None)
    four = [*thrice(1, "A"), (1, AS_OF, "A")]
    assert dependent(events(orders(*four, online)), 1) == {1: True}  # 4 of 5
    assert dependent(events(orders(*four[:3], online)), 1) == {1: False}  # 3 of 4


def test_a_call_that_did_not_get_through_is_no_contact():
    sold = orders((1, HALF_FROM, "A"), (1, HALF_FROM, "A"))
    for is_reached, is_dependent in ((False, False), (None, True), (True, True)):
        met = facts("contacts", contact(1, AS_OF, "A", is_reached))
        assert dependent(events(sold, met), 1) == {1: is_dependent}
    planned = facts("contacts", contact(1, None, "A"))
    assert dependent(events(sold, planned), 1) == {1: False}


def test_a_call_that_did_not_get_through_is_no_second_contact_either():
    met = facts("contacts", contact(1, AS_OF, "B", is_reached=False))
    assert dependent(events(orders(*thrice(1, "A")), met), 1) == {1: True}


def test_an_order_counts_until_it_is_cancelled():
    day_after = AS_OF + timedelta(days=1)
    assert dependent(events(orders(*thrice(1, "A"), cancelled_at=day_after)), 1) == {1: True}
    assert dependent(events(orders(*thrice(1, "A"), cancelled_at=AS_OF)), 1) == {}


def test_where_no_order_names_an_employee_contacts_alone_tell():
    sold = orders(*[(1, HALF_FROM, None)] * 9)
    met = facts("contacts", *[contact(1, AS_OF - timedelta(days=n), "A") for n in range(3)])
    assert dependent(events(sold, met), 1) == {1: True}
    assert dependent(events(sold), 1) == {}


def test_of_two_with_equal_shares_the_first_by_number_is_named():
    found = events(orders((1, AS_OF, "B"), (1, AS_OF, "A"), (1, AS_OF, "B"), (1, AS_OF, "A")))
    shop = lines(AS_OF, {"customer_key": 1})
    named = rows(handled(found, asked_on(shop, AS_OF)))[0]
    assert (named["employee_id"], named["own_share"], named["employees"]) == ("A", 0.5, 2)


def test_the_settings_of_the_company_decide():
    found = events(orders((1, AS_OF, "A"), (1, BEFORE_HALF, "A"), (1, BEFORE_HALF, "B")))
    assert dependent(found, 1, least_share=0.6) == {1: True}
    assert dependent(found, 1, least_share=0.6, least_events=4) == {1: False}


def shop_of_three():
    """1 and 2 depend on A, 2 also knows B from last year; 3 on nobody; 4 on A, but is lost."""
    sold = orders(
        *thrice(1, "A"),
        *thrice(2, "A"), (2, HALF_FROM, "A"), (2, YEAR_FROM, "B"),
        (3, HALF_FROM, "A"), (3, HALF_FROM, "B"), (3, HALF_FROM, "B"),
        *thrice(4, "A"),
    )  # fmt: skip
    shop = lines(
        AS_OF,
        {"customer_key": 1, "value": 50, "branch": "North"},
        {"customer_key": 2, "value": 30, "branch": "South"},
        {"customer_key": 3, "value": 120, "branch": "North"},
        {"customer_key": 4, "value": 900, "branch": "North", "is_active": False},
    )
    return shop, dependent_customers(shop, handled(events(sold), asked_on(shop, AS_OF)))


def test_the_share_of_value_is_that_of_active_customers():
    shop, found = shop_of_three()
    assert keys(found) == [1, 2]
    # 50 + 30 of 50 + 30 + 120.
    whole = rows(dependency(shop, found))[0]
    assert whole["share"] == pytest.approx(0.4)
    assert (whole["customers"], whole["dependent_customers"], whole["employees"]) == (3, 2, 1)


def test_what_hangs_on_an_employee_is_compared_with_the_employees_own_branch():
    shop, found = shop_of_three()
    staff = facts("employees", {"employee_id": "A", "name": "Anna", "branch": "North"})
    [row] = rows(dependency_by_employee(shop, found, staff, as_of=AS_OF))
    assert (row["employee"], row["customers"], row["uses_nobody_else"]) == ("Anna", 2, 1)
    assert (float(row["value"]), float(row["branch_value"])) == (80.0, 170.0)
    assert row["share_of_branch"] == pytest.approx(80 / 170)


@pytest.mark.parametrize(
    ("left_on", "has_left"),
    [(None, False), (AS_OF, True), (AS_OF + timedelta(days=1), False)],
)
def test_an_employee_who_left_later_is_still_there(left_on, has_left):
    shop, found = shop_of_three()
    staff = facts("employees", {"employee_id": "A", "left_on": left_on})
    [row] = rows(dependency_by_employee(shop, found, staff, as_of=AS_OF))
    assert row["has_left"] is has_left


def test_without_a_table_of_employees_the_branch_is_unknown():
    shop, found = shop_of_three()
    [row] = rows(dependency_by_employee(shop, found, None, as_of=AS_OF))
    assert (row["employee_id"], row["customers"]) == ("A", 2)
    assert row["share_of_branch"] is row["branch"] is row["has_left"] is None


def test_nobody_active_has_no_share():
    shop = lines(AS_OF, {"customer_key": 1, "is_active": False, "value": 5})
    found = dependent_customers(shop, handled(events(orders()), asked_on(shop, AS_OF)))
    assert rows(dependency(shop, found))[0]["share"] is None
    assert rows(dependency_by_employee(shop, found, None, as_of=AS_OF)) == []


def test_the_share_by_branch():
    shop, found = shop_of_three()
    by = rows(dependency(shop, found, by=("branch",)), "branch")
    assert [(r["branch"], r["customers"], r["dependent_customers"], r["alone"]) for r in by] == [
        ("North", 2, 1, 1),
        ("South", 1, 1, 0),
    ]
    # 50 of 170 in the North; all of the South.
    assert [r["share"] for r in by] == [pytest.approx(50 / 170), 1]
