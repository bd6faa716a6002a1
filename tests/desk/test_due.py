"""Cards of the books: who is due for what this week, for whom, and who is left alone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.desk.attention import OnBoard
from core.desk.cards import Card
from core.desk.due import Due, due
from core.facts import Books
from core.reading import open_ledger
from core.store import store_at
from core.store.records import Member, Refusal, Wave
from core.view import View
from tests import shop
from tests.desk.care_books import EXPECTED, TODAY, care_books

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return care_books(tmp_path_factory.mktemp("care")).home


@pytest.fixture
def view(home: Path) -> Iterator[View]:
    with open_ledger(Books(home), with_desk=False) as ledger:
        yield View(ledger)


def told(found: Due) -> set[tuple]:
    return {(card.customer_id, card.kind, card.due_on) for card in found.cards}


def only(found: Due, customer: str, kind: str) -> Card:
    (card,) = [c for c in found.cards if c.customer_id == customer and c.kind == kind]
    return card


def test_the_week_holds_what_is_due_by_sunday(view: View):
    found = due(view, TODAY)
    assert told(found) == EXPECTED
    assert found.counts == {
        "contact_gap": 2, "key_date": 3, "promise": 1, "at_risk": 1, "complaint": 1,
    }  # fmt: skip
    assert found.day == date(2024, 4, 12)
    assert found.missing == ()


def test_a_card_says_who_why_and_what_was_said(view: View):
    found = due(view, TODAY)
    gap = only(found, "Cem", "contact_gap")
    assert gap.source == f"contact_gap:{gap.customer_key}:2024-04-04"
    assert (gap.owner, gap.tier, gap.value, gap.reasons) == (
        "E2", "other", 60.0, (("contact_gap", date(2024, 4, 4)),),
    )  # fmt: skip
    # Dua became a customer on 5 March: 30 days later is 4 April; more than 30 days is 5 April.
    assert only(found, "Dua", "at_risk").reasons == (
        ("overdue", date(2024, 4, 5)), ("contact_gap", date(2024, 4, 4)),
    )  # fmt: skip
    complaint = only(found, "Eva", "complaint")
    assert (complaint.text, complaint.detail, complaint.owner) == (
        "Nobody called back", "service", "",
    )  # fmt: skip
    promise = only(found, "Bob", "promise")
    # Who promised answers for it, not who manages the customer.
    assert (promise.owner, promise.item, promise.until_on) == ("E2", "p1", date(2024, 4, 8))
    insurance = only(found, "Ann", "key_date")
    assert (insurance.detail, insurance.until_on) == ("insurance", date(2024, 4, 30))


def test_cards_come_with_what_is_owed_first_then_by_value(view: View):
    # Owed: Bob's promise (80), Eva's complaint (40). Then Dua (200), Ann twice (150), Bob (80),
    # Cem twice (60).
    order = [card.customer_id for card in due(view, TODAY).cards]
    assert order == ["Bob", "Eva", "Dua", "Ann", "Ann", "Bob", "Cem", "Cem"]


def test_an_employee_sees_their_own_and_nobody_those_of_nobody(view: View):
    assert {card.customer_id for card in due(view, TODAY, owner="E1").cards} == {"Ann", "Bob"}
    assert {card.kind for card in due(view, TODAY, owner="").cards} == {"complaint"}
    assert due(view, TODAY, owner="E2").counts == {
        "promise": 1, "contact_gap": 1, "at_risk": 1, "key_date": 1,
    }  # fmt: skip


def test_who_wants_no_contact_is_still_owed_an_answer_and_marked(view: View):
    found = due(view, TODAY)
    assert [card.kind for card in found.cards if card.customer_id == "Eva"] == ["complaint"]
    assert [card.customer_id for card in found.cards if card.is_refused] == ["Eva"]


def test_a_scope_leaves_out_the_others(home: Path):
    with open_ledger(Books(home), with_desk=False) as ledger:
        found = due(View(ledger, {"manager": ("E2",)}), TODAY)
    assert {card.customer_id for card in found.cards} == {"Cem", "Dua"}


def test_before_the_day_on_which_to_begin_a_key_date_makes_no_card(view: View):
    # Seen from Sunday 7 April the week ends with the next day: insurance begins on 16 April,
    # maturity on 18; the birthday is on 17.
    assert "key_date" not in {card.kind for card in due(view, date(2024, 4, 7)).cards}


def test_a_play_calls_those_of_its_kind_whom_nobody_reached(tmp_path: Path):
    # Jin is steady or not known without a full year before: no card is better than a wrong one.
    with open_ledger(shop.ten_customers(tmp_path)) as ledger:
        found = due(View(ledger), date(2024, 4, 15), (OnBoard("p", "steady", None, 30),))
    assert "play" not in found.counts


def test_orders_alone_make_cards_of_risk_and_say_what_would_make_more(tmp_path: Path):
    with open_ledger(shop.ten_customers(tmp_path)) as ledger:
        found = due(View(ledger), date(2024, 4, 15))
    assert set(found.counts) <= {"at_risk"}
    assert found.missing == ("contacts", "key_dates", "complaints", "promises")


def test_controls_of_open_waves_are_served_and_not_sold_to(tmp_path: Path):
    books = care_books(tmp_path)
    keys = keys_of(books)

    def draw(session) -> str:
        session.add(Wave(id="w", programme="care", theme="Spring", state="open"))
        session.flush()
        session.add_all(
            Member(wave_id="w", customer_key=keys[name], arm="control") for name in ("Bob", "Cem")
        )
        return "w"

    store_at(books.home).write("E1", "k", draw)
    with open_ledger(books) as ledger:
        found = due(View(ledger), TODAY)
    # Bob's maturity and promise go to both arms alike; Cem's cadence and birthday do not.
    assert {row for row in EXPECTED if row[0] != "Cem"} == told(found)
    assert {card.customer_id for card in found.cards if card.is_held_out} == {"Bob"}


def test_who_refused_here_is_left_out_like_those_of_the_books(tmp_path: Path):
    books = care_books(tmp_path)
    refusal = Refusal(customer_key=keys_of(books)["Ann"], refused_on=TODAY)
    store_at(books.home).write("E1", "k", lambda session: session.add(refusal))
    with open_ledger(books) as ledger:
        assert {row for row in EXPECTED if row[0] != "Ann"} == told(due(View(ledger), TODAY))


def keys_of(books: Books) -> dict[str, int]:
    """Numbers of the customers by name."""
    with open_ledger(books, with_desk=False) as ledger:
        rows = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    return {row["customer_id"]: row["customer_key"] for row in rows}
