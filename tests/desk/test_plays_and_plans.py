"""Playbooks and activity plans: proposals and what replaces them, audience, effect."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.desk import contacts, plans, plays
from core.desk.contacts import Told
from core.desk.plays import Counted
from core.desk.refused import Refused
from core.facts import Books
from core.reading import open_ledger
from core.store import Store
from core.view import View
from tests.desk.care_books import TODAY, care_books
from tests.desk.test_due import keys_of

pytestmark = pytest.mark.slow
VALUES = {
    "title": "Ours", "action": "Do it", "channel": "visit", "within_days": 45,
    "budget": Decimal("120.50"), "is_on_board": True,
}  # fmt: skip
PLAN = {
    "theme": "Spring check", "starts_on": date(2024, 4, 1), "ends_on": date(2024, 4, 30),
    "audience": {"tiers": ["other"]}, "state": "running",
}  # fmt: skip


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return care_books(tmp_path_factory.mktemp("plans"))


@pytest.fixture
def view(books: Books) -> Iterator[View]:
    with open_ledger(books, with_desk=False) as ledger:
        yield View(ledger)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'store.sqlite'}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_a_proposal_for_all_its_tiers(language: str):
    found = plays.proposed(language)
    assert {each.kind for each in found if each.tier is None} == set(plays.KINDS)
    assert not any(each.is_on_board for each in found)


def test_the_company_s_own_replaces_the_proposal_until_it_is_withdrawn(store: Store):
    id = store.write("E1", "a", lambda s: plays.write(s, "potential", None, VALUES))
    with pytest.raises(Refused):
        store.write("E2", "b", lambda s: plays.write(s, "potential", None, VALUES))
    with store.reading() as session:
        (own,) = [each for each in plays.in_force(session, "en") if each.kind == "potential"]
        (made,) = plays.on_board(session)
    assert (own.title, own.budget, own.id) == ("Ours", Decimal("120.5"), id)
    assert (made.kind, made.tier, made.every_days) == ("potential", None, 45)
    store.write("E1", "c", lambda s: plays.withdraw(s, id, own.version))
    with store.reading() as session:
        assert plays.in_force(session, "en") == sorted(plays.proposed("en"), key=plays.in_order)
        assert plays.on_board(session) == ()


def test_a_play_of_all_tiers_counts_those_without_one_of_their_own():
    heads = {
        ("value", "top"): (2, 500.0),
        ("value", "high"): (3, 300.0),
        ("steady", None): (7, 0.0),
    }
    found, every = Counted(date(2024, 3, 31), heads, None), plays.proposed("en")
    top, rest = (each for each in every if each.kind == "value")
    assert found.of(top, every) == (2, 500.0)
    assert found.of(rest, every) == (3, 300.0)


def test_without_a_year_before_kinds_are_not_counted_and_the_spend_is(view: View):
    found = plays.counted(view)
    assert (found.day, dict(found.heads), found.spent) == (None, {}, 300.0)
    assert plays.counted(View(view.ledger, {"manager": ("E1",)})).spent is None


def test_an_audience_is_counted_without_those_who_want_no_contact(view: View):
    # Active: Ann, Bob, Cem, Dua; Eva wants no contact. Ann and Dua are middle, the others lower.
    assert plans.audience_size(view, {}) == 4
    assert plans.audience_size(view, {"tiers": ["other"]}) == 2
    assert plans.audience_size(view, {"list": "overdue"}) == 2  # Cem and Dua
    assert plans.audience_size(view, {"list": "overdue", "tiers": ["middle"]}) == 1
    assert plans.audience_size(view, {"list": "silent"}) == 0  # its tables were not brought
    assert plans.audience_size(view, {"branch": "Nowhere"}) == 0


def test_a_plan_tells_what_its_contacts_brought(store: Store, view: View, books: Books):
    keys = keys_of(books)
    store.write("E1", "p", lambda s: plans.add(s, {"id": "plan", **PLAN}))
    for n, (name, is_reached, on, told) in enumerate((
        ("Ann", True, date(2024, 4, 10), Told(opportunity="Tyres")),
        ("Dua", True, date(2024, 4, 10), Told("New car", "Insurance")),
        ("Dua", True, date(2024, 4, 11), Told()),
        ("Bob", False, date(2024, 4, 11), Told()),
    )):  # fmt: skip
        at = datetime(on.year, on.month, on.day, 10)
        store.write(
            "E1", f"c{n}",
            lambda s, n=n, name=name, at=at, told=told, is_reached=is_reached: contacts.log(
                s, f"c{n}", keys[name], at, employee="E1", channel="phone", purpose="care",
                is_reached=is_reached, told=told, plan_id="plan",
            ),
        )  # fmt: skip
    with store.reading() as session:
        made = plans.made(session, "plan")
        assert [plan.id for plan in plans.within(session, TODAY, TODAY)] == ["plan"]
        assert plans.within(session, date(2024, 5, 1), date(2024, 5, 31)) == []
    assert (made.contacts, made.customers, made.reached, made.learned, made.opportunities) == (
        4, 3, 3, 1, 2,
    )  # fmt: skip
    # Ann bought on 12 April, after the contact; Dua has not bought since.
    found = plans.effect(view, made.met)
    assert (found.pending, found.answered) == (1, None)  # no surveys were brought
    assert plans.effect(view, ()) == plans.Effect(None, None, None)


def test_a_plan_needs_a_theme_and_an_end_after_its_beginning(store: Store):
    for wrong in ({"theme": " "}, {"ends_on": date(2024, 3, 1)}):
        with pytest.raises(Refused):
            store.write("E1", str(wrong), lambda s, wrong=wrong: plans.add(s, {**PLAN, **wrong}))
