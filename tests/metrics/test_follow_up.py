from datetime import date, timedelta

import pytest

from core.metrics.care import contacts_made
from core.metrics.follow_up import last_contact, lost_without_contact, pending_opportunities
from core.metrics.winback import lost_customers
from tests.care_shop import facts, lines, rows

AS_OF = date(2026, 6, 30)
TOMORROW = AS_OF + timedelta(days=1)


def contact(number: int, day: date | None = AS_OF, **others) -> dict:
    return {
        "contact_id": str(number), "customer_key": number, "contacted_at": day, "is_reached": True,
        **others,
    }  # fmt: skip


def days_ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def median(customers: int, *contacts: dict) -> float | None:
    shop = lines(AS_OF, *[{"customer_key": n} for n in range(1, customers + 1)])
    [row] = rows(last_contact(shop, facts("contacts", *contacts), as_of=AS_OF))
    assert row["active"] == customers
    return row["median_days"]


def test_the_last_contact_of_each_counts():
    found = median(3, contact(1, days_ago(90)), contact(1, days_ago(10)), contact(2, days_ago(20)),
                   contact(3, days_ago(40)))  # fmt: skip
    assert found == 20


def test_who_was_never_reached_waits_longer_than_anybody():
    # 10, 20, 30, never, never: the middle of five is 30.
    contacts = [contact(n, days_ago(10 * n)) for n in (1, 2, 3)]
    assert median(5, *contacts, contact(4, is_reached=False), contact(5, None)) == 30


def test_where_half_were_never_reached_there_is_no_median():
    assert median(4, contact(1), contact(2)) is None
    assert median(2) is None


def test_a_contact_after_the_day_has_not_happened():
    assert median(1, contact(1, TOMORROW)) is None
    assert median(1, contact(1, AS_OF)) == 0


def test_nobody_active_has_no_last_contact():
    assert median(0, contact(1)) is None


def test_only_active_customers_count():
    shop = lines(AS_OF, {"customer_key": 1}, {"customer_key": 2, "is_active": False})
    [row] = rows(last_contact(shop, facts("contacts", contact(1, days_ago(3))), as_of=AS_OF))
    assert (row["active"], row["ever_reached"], row["median_days"]) == (1, 1, 3)


def pending(*last: dict, contracts=None) -> list[bool]:
    table = facts("contacts", *[contact(n, has_opportunity=True) for n in (1, 2, 3)],
                  contact(4, has_opportunity=False), contact(5))  # fmt: skip
    made = contacts_made(table, since=AS_OF, as_of=AS_OF)
    found = pending_opportunities(lines(AS_OF, *last), made, contracts, as_of=TOMORROW)
    return [row["is_pending"] for row in rows(found, "contact_id")]


def test_an_opportunity_is_pending_until_an_order_on_a_later_day():
    # 1 bought that day, 2 the day after, of 3 no order is known; 4 and 5 are no opportunities.
    found = pending({"customer_key": 1, "last_on": AS_OF}, {"customer_key": 2, "last_on": TOMORROW})
    assert found == [True, False, True]


def test_a_contract_that_starts_on_a_later_day_closes_it_too():
    signed = facts(
        "contracts",
        {"contract_id": "a", "customer_key": 1, "started_on": TOMORROW},
        {"contract_id": "b", "customer_key": 2, "started_on": AS_OF},
        {"contract_id": "c", "customer_key": 3, "started_on": TOMORROW + timedelta(days=1)},
    )
    assert pending(contracts=signed) == [False, True, True]


def lost(*customers: int, lost_on: date = date(2026, 5, 31)):
    silent = [
        {
            "customer_key": n, "last_on": lost_on - timedelta(days=91), "is_active": False,
            "active_until": lost_on - timedelta(days=1),
        }
        for n in customers
    ]  # fmt: skip
    return lost_customers(lines(AS_OF, *silent), lapse_after_days=90)


# The books know contacts since the beginning of the year.
FIRST = contact(99, date(2026, 1, 1))


def test_who_was_lost_without_a_word():
    # Lost on 31 May after 90 days of silence: the 90 days before run from 2 March to 30 May.
    table = facts(
        "contacts",
        FIRST,
        contact(1, date(2026, 3, 2)),
        contact(2, date(2026, 3, 1)),
        contact(3, date(2026, 5, 30)),
        contact(4, date(2026, 5, 31)),
        contact(5, date(2026, 4, 1), is_reached=False),
    )
    [row] = rows(lost_without_contact(lost(1, 2, 3, 4, 5), table, within_days=90))
    assert (row["lost"], row["without_contact"], row["share"]) == (5, 3, pytest.approx(0.6))


def test_several_contacts_are_one_customer_spoken_to():
    table = facts("contacts", FIRST, contact(1, date(2026, 3, 2)), contact(1, date(2026, 4, 2)))
    [row] = rows(lost_without_contact(lost(1, 2), table, within_days=90))
    assert (row["lost"], row["without_contact"]) == (2, 1)


def test_of_days_before_the_first_contact_of_the_books_nothing_is_known():
    # 2 March is the first day of the 90 of who was lost on 31 May.
    first = facts("contacts", contact(99, date(2026, 3, 2)))
    [row] = rows(lost_without_contact(lost(1), first, within_days=90))
    assert row["lost"] == 1
    late = facts("contacts", contact(99, date(2026, 3, 3)))
    [row] = rows(lost_without_contact(lost(1), late, within_days=90))
    assert (row["lost"], row["share"]) == (0, None)


def test_nobody_lost_has_no_share():
    [row] = rows(lost_without_contact(lost(), facts("contacts", FIRST)))
    assert (row["lost"], row["share"]) == (0, None)
    [row] = rows(lost_without_contact(lost(1), facts("contacts")))
    assert (row["lost"], row["share"]) == (0, None)
