from datetime import date, timedelta

import pytest

from core.metrics.care import (
    contact_gap,
    contact_quality,
    contacts_made,
    lost_without_contact,
)
from core.metrics.winback import lost_customers
from tests.care_shop import facts, lines, persons, rows

AS_OF = date(2026, 6, 30)
SINCE = date(2026, 1, 1)


def contact(number: int, day: date | None = AS_OF, **others) -> dict:
    return {
        "contact_id": str(number), "customer_key": number, "employee_id": "A",
        "contacted_at": day, "is_reached": True, **others,
    }  # fmt: skip


def text(number: int, content: str | None) -> dict:
    return {"contact_id": str(number), "content": content}


def made(*contacts: dict, texts=None, staff=None, as_of: date = AS_OF):
    table = facts("contacts", *contacts)
    return contacts_made(table, texts, staff, since=SINCE, as_of=as_of)


def is_empty(*contacts: dict, texts=None) -> list[bool | None]:
    return [row["is_empty"] for row in rows(made(*contacts, texts=texts), "contact_id")]


def test_a_visit_of_which_nothing_is_written_and_nothing_learned_is_empty():
    nothing = {"has_learned": False, "has_opportunity": False}
    found = is_empty(
        contact(1, **nothing), contact(2, **nothing), contact(3, **nothing),
        contact(4, has_learned=True), contact(5, has_opportunity=True),
        texts=persons(
            "contacts", text(1, None), text(2, "  "), text(3, "a new car"), text(4, None),
            text(5, None),
        ),
    )  # fmt: skip
    assert found == [True, True, False, False, False]


def test_nobody_reached_is_not_a_visit_without_content():
    assert is_empty(
        contact(1, is_reached=False, has_learned=False),
        contact(2, is_reached=None, has_learned=False),
        texts=persons("contacts", text(1, None), text(2, None)),
    ) == [None, None]


def test_what_was_erased_or_never_brought_is_unknown():
    assert is_empty(contact(1), texts=persons("contacts")) == [None]
    assert is_empty(contact(1)) == [None]
    assert is_empty(contact(1, has_learned=False)) == [True]


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


def gap(*contacts: dict, days: int = 30) -> dict[str, dict]:
    shop = lines(
        AS_OF,
        *[{"customer_key": n, "tier": 1} for n in (1, 2, 3)],
        {"customer_key": 4, "tier": 4},
        {"customer_key": 5, "tier": 1, "is_active": False},
    )
    found = contact_gap(shop, made(*contacts), as_of=AS_OF, cadence_days={"top": days})
    return {row["tier_name"]: row for row in rows(found)}


def test_the_gap_is_what_was_due_less_who_was_reached():
    found = gap(
        contact(1, has_learned=True), contact(1, has_opportunity=True),
        contact(2, is_reached=False), contact(4), contact(5),
    )  # fmt: skip
    assert found.keys() == {"top"}
    top = found["top"]
    assert (top["due"], top["done"], top["reached"], top["gap"]) == (3, 2, 1, 2)
    assert (top["learned"], top["opportunities"]) == (1, 1)
    assert top["reached_rate"] == pytest.approx(1 / 3)


def test_a_contact_counts_for_as_many_days_as_the_cadence():
    within, before = AS_OF - timedelta(days=29), AS_OF - timedelta(days=30)
    assert gap(contact(1, within))["top"]["done"] == 1
    assert gap(contact(1, before))["top"]["done"] == 0


def test_who_was_lost_without_a_word():
    # Lost on 31 May after 90 days of silence: the 90 days before run from 2 March to 30 May.
    gone = [
        {
            "customer_key": n, "last_on": date(2026, 3, 1), "is_active": False,
            "active_until": date(2026, 5, 30),
        }
        for n in range(1, 6)
    ]  # fmt: skip
    lost = lost_customers(lines(AS_OF, *gone), lapse_after_days=90)
    table = facts(
        "contacts",
        contact(1, date(2026, 3, 2)),
        contact(2, date(2026, 3, 1)),
        contact(3, date(2026, 5, 30)),
        contact(4, date(2026, 5, 31)),
        contact(5, date(2026, 4, 1), is_reached=False),
    )
    [row] = rows(lost_without_contact(lost, table, within_days=90))
    assert (row["lost"], row["without_contact"], row["share"]) == (5, 3, pytest.approx(0.6))


def test_nobody_lost_has_no_share():
    lost = lost_customers(lines(AS_OF), lapse_after_days=90)
    [row] = rows(lost_without_contact(lost, facts("contacts")))
    assert (row["lost"], row["share"]) == (0, None)
