"""The register of promises: imported ones, those made here, and those that stand for imported."""

from datetime import date
from pathlib import Path

import pytest

from core.desk import promises as register
from core.desk.refused import Refused
from core.facts import Books
from core.figures import compute
from core.reading import open_ledger
from core.store import store_at
from core.store.record import new_id
from core.view import View
from tests import shop
from tests.shelf import copied, kept

pytestmark = pytest.mark.slow
TODAY = date(2024, 4, 16)


def brought(id: str, customer: str, due_on: str, kept_on: str | None = None) -> dict:
    return {
        "promise_id": id, "customer_id": customer, "what": f"What {id}", "employee_id": "E1",
        "promised_on": shop.day("2024-03-01"), "due_on": shop.day(due_on),
        "kept_on": shop.day(kept_on) if kept_on else None,
    }  # fmt: skip


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return copied(kept("promises", _promises), tmp_path)


def _promises(home: Path) -> None:
    shop.build(
        home, [("Ann", "2024-03-01", 100), ("Bob", "2024-04-15", 50)],
        promises=[
            brought("late", "Ann", "2024-04-10"), brought("open", "Bob", "2024-04-20"),
            brought("kept", "Ann", "2024-03-20", "2024-03-20"),
            brought("after", "Bob", "2024-03-20", "2024-03-21"),
        ],
    )  # fmt: skip


def write(books: Books, do):
    return store_at(books.home).write("Kim", new_id(), do)


def imported(books: Books, state: str):
    with store_at(books.home).reading() as session:
        without = register.replaced(session)
    with open_ledger(books, with_desk=False) as ledger:
        return register.imported_promises(View(ledger), state, TODAY, without, 10)


@pytest.mark.parametrize(
    ("state", "id"),
    [("late", "late"), ("open", "open"), ("kept", "kept"), ("kept_late", "after")],
)
def test_an_imported_promise_is_in_one_state(books, state, id):
    rows, n = imported(books, state)
    assert (n, [each.promise_id for each in rows]) == (1, [id])
    assert (rows[0].what, rows[0].id) == (f"What {id}", None)


def test_a_promise_is_late_the_day_after_it_was_due():
    assert register.promise_state(TODAY, None, TODAY) == "open"
    assert register.promise_state(date(2024, 4, 15), None, TODAY) == "late"


def test_a_promise_that_was_moved_is_open_until_the_new_day_and_broken_all_the_same(books):
    (late,), _ = imported(books, "late")
    moved = {"renegotiated_on": TODAY, "moved_to": date(2024, 4, 30)}
    write(books, lambda s: register.stand_for(s, late, **moved))
    with store_at(books.home).reading() as session:
        (ours,) = register.recorded_promises(session, "open", TODAY, 10)
        assert register.recorded_promises(session, "open", date(2024, 5, 1), 10) == []
    assert (ours.due_on, ours.by) == (date(2024, 4, 10), date(2024, 4, 30))
    assert register.promise_state(ours.due_on, TODAY, TODAY, ours.moved_to) == "kept_late"
    with open_ledger(books) as ledger:
        (rate,) = compute(View(ledger), ["promise_kept_rate"], date(2024, 4, 15))
    # Of three due, "late" was moved and "after" kept too late.
    assert (rate.value, rate.n) == (pytest.approx(1 / 3), 3)


def test_what_is_recorded_stands_for_the_imported_one_and_counts_in_the_figures(books):
    (late,), _ = imported(books, "late")
    write(books, lambda s: register.stand_for(s, late, kept_on=date(2024, 4, 10)))
    assert imported(books, "late") == ([], 0)
    with store_at(books.home).reading() as session:
        (ours,) = register.recorded_promises(session, "kept", TODAY, 10)
    assert (ours.promise_id, ours.what) == ("late", "What late")
    with open_ledger(books) as ledger:
        (rate,) = compute(View(ledger), ["promise_kept_rate"], date(2024, 4, 15))
    # Due by 15 April: late (now kept), kept, after (too late): 2 of 3, none counted twice.
    assert (rate.value, rate.n) == (pytest.approx(2 / 3), 3)


def test_two_who_record_on_one_imported_promise_are_told(books):
    (late,), _ = imported(books, "late")
    write(books, lambda s: register.stand_for(s, late, kept_on=TODAY))
    with pytest.raises(Refused, match="Kim"):
        write(books, lambda s: register.stand_for(s, late, kept_on=TODAY))


def test_an_imported_promise_stands_again_once_the_record_is_withdrawn(books):
    from core.store import changing
    from core.store.records import Promise

    (late,), _ = imported(books, "late")
    id = write(books, lambda s: register.stand_for(s, late, kept_on=TODAY))
    write(books, lambda s: changing.change(s, Promise, id, 1, state="withdrawn").id)
    assert imported(books, "late")[1] == 1
    assert write(books, lambda s: register.stand_for(s, late, kept_on=TODAY)) == id


def test_a_promise_needs_what_and_until_when(books):
    whole = {"customer_key": 1, "employee_id": "E1", "what": "Call", "promised_on": TODAY}
    for wrong in ({"what": " "}, {"due_on": None}, {"due_on": date(2024, 4, 15)}):
        with pytest.raises(Refused):
            write(
                books,
                lambda s, wrong=wrong: register.promise(s, **({"due_on": TODAY} | whole | wrong)),
            )


def test_books_without_promises_have_none(tmp_path):
    books = shop.ten_customers(tmp_path / "orders")
    assert imported(books, "late") == ([], 0)
