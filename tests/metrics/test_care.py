from datetime import date, timedelta

import pytest

from core.metrics.care import (
    contact_gap,
    contact_quality,
    contacts_made,
)
from tests.care_shop import facts, lines, rows

AS_OF = date(2026, 6, 30)
SINCE = date(2026, 1, 1)


def contact(number: int, day: date | None = AS_OF, **others) -> dict:
    return {
        "contact_id": str(number), "customer_key": number, "employee_id": "A",
        "contacted_at": day, "is_reached": True, **others,
    }  # fmt: skip


def made(*contacts: dict, staff=None, as_of: date = AS_OF):
    return contacts_made(facts("contacts", *contacts), staff, since=SINCE, as_of=as_of)


def is_empty(*contacts: dict) -> list[bool | None]:
    return [row["is_empty"] for row in rows(made(*contacts), "contact_id")]


def test_a_visit_of_which_nothing_is_written_and_nothing_learned_is_empty():
    nothing: dict = {"has_learned": False, "has_opportunity": False, "has_content": False}
    found = is_empty(
        contact(1, **nothing),
        contact(2, **{**nothing, "has_content": True}),
        contact(3, **{**nothing, "has_learned": True}),
        contact(4, **{**nothing, "has_opportunity": True}),
    )
    assert found == [True, False, False, False]


def test_nobody_reached_is_not_a_visit_without_content():
    nothing: dict = {"has_learned": False, "has_content": False}
    assert is_empty(
        contact(1, is_reached=False, **nothing), contact(2, is_reached=None, **nothing)
    ) == [None, None]


def test_what_was_never_brought_is_unknown():
    assert is_empty(contact(1)) == [None]
    assert is_empty(contact(1, has_learned=False)) == [True]
    assert is_empty(contact(1, has_content=False)) == [True]


@pytest.mark.parametrize(
    ("day", "n"),
    [
        (SINCE, 1),
        (SINCE - timedelta(days=1), 0),
        (AS_OF, 1),
        (AS_OF + timedelta(days=1), 0),
        (None, 0),
    ],
)
def test_only_contacts_that_took_place_in_the_window_count(day, n):
    assert len(rows(made(contact(1, day)))) == n


def test_quality_by_employee_and_team():
    staff = facts("employees", {"employee_id": "A", "branch": "North"}, {"employee_id": "B"})
    found = made(
        contact(1, has_learned=False), contact(2, has_learned=True),
        contact(3, is_reached=False), contact(4, is_reached=None),
        contact(5, employee_id="B", has_learned=False), contact(6, employee_id=None),
        staff=staff,
    )  # fmt: skip
    by = rows(contact_quality(found, by=("employee_id", "team")), "employee_id")
    assert [(r["employee_id"], r["team"], r["contacts"], r["reached"]) for r in by] == [
        ("A", "North", 4, 2),
        ("B", None, 1, 1),
        (None, None, 1, 1),
    ]
    # Of A's four, reaching was recorded for three; two can be judged, one of them is empty.
    assert by[0]["reached_rate"] == pytest.approx(2 / 3)
    assert (by[0]["judged"], by[0]["empty"], by[0]["empty_rate"]) == (2, 1, 0.5)
    assert (by[2]["judged"], by[2]["empty_rate"]) == (0, None)


def test_without_contacts_there_are_no_rates():
    [row] = rows(contact_quality(made()))
    assert (row["contacts"], row["reached_rate"], row["empty_rate"]) == (0, None, None)


def test_what_was_learned_counts_where_the_customer_was_reached():
    found = made(
        contact(1, has_learned=True, has_opportunity=True),
        contact(2, has_learned=False),
        contact(3, is_reached=False, has_learned=True),
        contact(4),
    )
    [row] = rows(contact_quality(found))
    # Three were reached; of two it is known whether anything was learned, of one whether there
    # was an opportunity.
    assert (row["reached"], row["learned"], row["learned_n"]) == (3, 1, 2)
    assert (row["learned_rate"], row["opportunity_rate"]) == (0.5, 1.0)


def test_what_was_never_recorded_has_no_rate():
    [row] = rows(contact_quality(made(contact(1, is_reached=None))))
    assert (row["contacts"], row["recorded"], row["reached_rate"]) == (1, 0, None)
    assert (row["learned_rate"], row["opportunity_rate"], row["empty_rate"]) == (None, None, None)


LONG_AGO = date(2020, 1, 1)


def gap(*contacts: dict, days: int = 30, customers=None, **settings) -> dict[str, dict]:
    shop = lines(
        AS_OF,
        *[{"customer_key": n, "tier": 1, "since_on": LONG_AGO} for n in (1, 2, 3)],
        {"customer_key": 4, "tier": 4, "since_on": LONG_AGO},
        {"customer_key": 5, "tier": 1, "is_active": False, "since_on": LONG_AGO},
    )
    found = contact_gap(
        shop, made(*contacts), customers, as_of=AS_OF, cadence_days={"top": days}, **settings
    )
    return {row.get("tier_name", ""): row for row in rows(found)}


def test_the_gap_is_what_was_due_less_who_was_reached():
    found = gap(
        contact(1, has_learned=True), contact(1, has_opportunity=True),
        contact(2, is_reached=False), contact(4), contact(5),
    )  # fmt: skip
    assert found.keys() == {"top"}
    top = found["top"]
    assert (top["due"], top["done"], top["reached"], top["gap"]) == (3, 2, 1, 2)
    assert (top["learned"], top["opportunities"]) == (1, 1)
    assert top["gap_rate"] == pytest.approx(2 / 3)


def test_without_contacts_everybody_due_is_a_gap():
    top = gap()["top"]
    assert (top["due"], top["done"], top["gap"], top["gap_rate"]) == (3, 0, 3, 1.0)


def test_where_reaching_was_never_recorded_the_gap_is_unknown():
    top = gap(contact(1, is_reached=None))["top"]
    assert (top["done"], top["reached"], top["gap_rate"]) == (1, 0, None)


def test_a_contact_counts_for_as_many_days_as_the_cadence():
    within, before = AS_OF - timedelta(days=29), AS_OF - timedelta(days=30)
    assert gap(contact(1, within))["top"]["done"] == 1
    assert gap(contact(1, before))["top"]["done"] == 0


def test_who_has_been_a_customer_for_less_than_the_cadence_is_not_due_yet():
    shop = lines(
        AS_OF,
        {"customer_key": 1, "tier": 1, "since_on": AS_OF - timedelta(days=30)},
        {"customer_key": 2, "tier": 1, "since_on": AS_OF - timedelta(days=29)},
    )
    [row] = rows(contact_gap(shop, made(), as_of=AS_OF, cadence_days={"top": 30}))
    assert row["due"] == 1


def test_who_does_not_want_to_be_contacted_is_not_due():
    told = facts(
        "customers",
        {"customer_key": 1, "may_contact": False},
        {"customer_key": 2, "may_contact": None},
        {"customer_key": 3, "may_contact": True},
    )
    assert gap(customers=told)["top"]["due"] == 2


def test_nobody_due_has_no_rate():
    found = gap(days=30, by=(), customers=None)[""]
    assert found["due"] == 3
    [row] = rows(contact_gap(lines(AS_OF), made(), as_of=AS_OF, cadence_days={"top": 1}, by=()))
    assert (row["due"], row["gap"], row["gap_rate"]) == (0, 0, None)
