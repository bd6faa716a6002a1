"""Decisions and events; events are marked on the axis of time."""

from datetime import date
from pathlib import Path

import pytest

from core.desk import registers
from core.desk.refused import Refused
from core.facts import Books
from core.reading import open_ledger
from core.sentences.happened import events
from core.store import Store, changing, store_at
from core.store.record import new_id
from core.store.records import Decision, Event
from core.view import View
from tests import shop

TODAY = date(2024, 4, 16)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def write(store: Store, do):
    return store.write("Kim", new_id(), do)


def decision(store: Store, **other) -> str:
    values = {
        "title": "Answer within a day", "text": "", "decided_on": TODAY, "owner": "Kim",
        "due_on": None, "figure": None, "scope": {},
    } | other  # fmt: skip
    return write(store, lambda s: registers.decide(s, **values))


def event(store: Store, **other) -> str:
    values = {
        "title": "Fire", "kind": "accident", "happened_on": date(2024, 3, 5), "until": None,
        "text": "", "scope": {}, "today": TODAY,
    } | other  # fmt: skip
    return write(store, lambda s: registers.note_event(s, **values))


def test_open_decisions_stand_by_the_day_they_are_due_and_those_without_last(store):
    last = decision(store)
    second = decision(store, due_on=date(2024, 6, 1))
    first = decision(store, due_on=TODAY)
    with store.reading() as session:
        found = [each.id for each in registers.decisions(session, "open", 10)]
    assert found == [first, second, last]


def test_a_decision_is_overdue_the_day_after_it_was_due(store):
    decision(store, due_on=TODAY)
    with store.reading() as session:
        assert registers.count_decisions(session, TODAY)["overdue"] == 0
        assert registers.count_decisions(session, date(2024, 4, 17))["overdue"] == 1


def test_a_decision_needs_a_title_and_is_not_due_before_it_was_made(store):
    for wrong in ({"title": "  "}, {"due_on": date(2024, 4, 15)}):
        with pytest.raises(Refused):
            decision(store, **wrong)


def test_a_decision_ends_with_what_came_of_it():
    registers.must_have_outcome("open", "")
    registers.must_have_outcome("done", "Answered within 5 hours")
    with pytest.raises(Refused):
        registers.must_have_outcome("dropped", " ")


def test_an_event_has_happened_and_is_of_a_known_kind(store):
    event(store, happened_on=TODAY)
    for wrong in (
        {"happened_on": date(2024, 4, 17)}, {"kind": "rumour"}, {"title": ""},
        {"until": date(2024, 3, 4)},
    ):  # fmt: skip
        with pytest.raises(Refused):
            event(store, **wrong)


def marked(books: Books, scope: dict | None = None, until: date = shop.CLOSING) -> list[str]:
    with open_ledger(books) as ledger:
        found = events(View(ledger, scope or {}), shop.OPENING, until)
    return [each.name for each in found if each.kind == "noted"]


@pytest.mark.slow
def test_events_are_marked_in_their_scope_and_in_the_whole(tmp_path):
    books = shop.ten_customers(tmp_path)
    store = store_at(books.home)
    event(store)
    event(store, title="Road works", scope={"region": "South"})
    event(store, title="Long ago", happened_on=date(2023, 12, 30))
    event(store, title="Later", happened_on=date(2024, 4, 1))
    assert marked(books) == ["Fire", "Road works (South)"]
    assert marked(books, {"region": ("South",)}) == ["Fire", "Road works (South)"]
    assert marked(books, {"region": ("North",)}) == ["Fire"]


@pytest.mark.slow
def test_an_event_after_the_last_day_of_the_books_is_marked_on_that_day(tmp_path):
    books = shop.ten_customers(tmp_path)
    id = event(store_at(books.home), happened_on=TODAY)
    assert marked(books, until=shop.LAST) == ["Fire"]
    write(
        store_at(books.home),
        lambda s: changing.change(s, Event, id, 1, state="withdrawn").id,
    )
    assert marked(books, until=shop.LAST) == []


def test_decisions_are_kept_with_their_trail(store):
    id = decision(store)
    write(store, lambda s: changing.change(s, Decision, id, 1, state="done", outcome="5 h").id)
    with store.reading() as session:
        trail = changing.history(session, Decision, id)
    assert [(row.action, row.by) for row in trail] == [("added", "Kim"), ("changed", "Kim")]
    assert trail[1].after == {"state": "done", "outcome": "5 h"}
