"""The care board: each section over books of every kind, and what is written from it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.facts import Books
from core.i18n import translate
from core.ledger.refresh import refresh
from core.store import store_at
from core.store.records import Contact, Play, Promise, Task
from tests import shop
from tests.dashboard.conftest import Board, shown
from tests.desk.care_books import CONFIGURATION, care_books
from tests.laws.full_shop import full_shop
from tests.rows import take

pytestmark = pytest.mark.slow
SECTIONS = ("week", "month", "contacts", "plans", "playbooks")
HOSTILE = "![x](http://evil/p.png)" + "a" * 10_000


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_TODAY", "2024-04-15")
    monkeypatch.setenv("REGULARS_USER", "E1")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return care_books(tmp_path).home


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random shop with every table."""
    books = Books(tmp_path_factory.mktemp("full"))
    take(books, full_shop(11))
    refresh(books, CONFIGURATION)
    return books.home


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop.build(tmp_path_factory.mktemp("one"), [("Ann", "2024-04-01", 100)]).home


def cards(app: AppTest) -> list[str]:
    """Who has a card, in the order of the columns."""
    found = [b.label for b in app.button if (b.key or "").startswith("care.open.")]
    return [label.strip("*").replace("\\", "") for label in found]


def press(app: AppTest, start: str, end: str = "") -> AppTest:
    """Press the first button whose key begins and ends so."""
    (first, *_) = [
        b for b in app.button if (b.key or "").startswith(start) and (b.key or "").endswith(end)
    ]
    return first.click().run()


def records(home: Path, kind: type) -> list:
    with store_at(home).reading() as session:
        return session.query(kind).all()


def test_a_manager_sees_the_cards_of_their_own_customers(home, board: Board):
    app = board(home, "care")
    # E1 manages Ann and Bob. By value: Ann (150) on Tuesday for the insurance, and due on Friday,
    # which fills Monday; Bob (80) on Thursday for the maturity. Bob's promise is E2's.
    assert sorted(cards(app)) == ["Ann", "Ann", "Bob"]
    assert "My week: 1 for today, 2 for the rest of the week, 0 done" in shown(app)
    assert "Insurance: 30 Apr" in shown(app)


def test_everybody_s_week_shows_what_is_late_first(home, board: Board):
    app = board(home, "care", whose="everybody")
    assert cards(app)[0] == "Eva"
    text = shown(app)
    assert "1 late" in text
    assert "wants no contact" in text
    assert "Nobody called back" in text


def test_one_click_logs_a_call_and_asks_what_came_of_it(home, board: Board):
    app = press(board(home, "care"), "care.click.contact_gap:", ".reached")
    (made,) = records(home, Contact)
    assert (made.channel, made.is_reached, made.employee_id, made.purpose) == (
        "phone", True, "E1", "care",
    )  # fmt: skip
    assert cards(app) == ["Ann", "Bob"]  # the insurance is not due before tomorrow
    assert "1 done" in shown(app)
    assert translate("care.save", "en") in [b.label for b in app.button]


def test_a_call_that_reached_nobody_comes_back_tomorrow(home, board: Board):
    app = press(board(home, "care"), "care.click.contact_gap:", ".missed")
    assert "put off to 16 Apr" in shown(app)
    assert "tried 1×" in shown(app)


def test_a_promise_is_kept_with_a_click(home, board: Board):
    press(board(home, "care", whose="everybody"), "care.click.promise:")
    (kept,) = records(home, Promise)
    assert (kept.replaces, str(kept.kept_on), kept.what) == (
        "p1",
        "2024-04-15",
        "Give the fee back",
    )


def test_of_two_boards_the_second_click_on_a_card_is_told(home, board: Board):
    first, second = board(home, "care"), board(home, "care")
    press(first, "care.click.contact_gap:", ".reached")
    app = press(second, "care.click.contact_gap:", ".reached")
    assert "has dealt with this card already" in " ".join(error.value for error in app.error)
    assert len(records(home, Contact)) == 1


def test_a_kind_narrows_the_board_and_stands_in_the_address(home, board: Board):
    app = board(home, "care", whose="everybody", kind="complaint")
    assert cards(app) == ["Eva"]
    assert dict(app.query_params)["kind"] == "complaint"


def test_nobody_chosen_means_no_buttons_that_write(home, board: Board, monkeypatch):
    monkeypatch.setenv("REGULARS_USER", "")
    app = board(home, "care", whose="everybody")
    clicks = [b for b in app.button if (b.key or "").startswith("care.click.")]
    assert clicks
    assert all(b.disabled for b in clicks)


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_opens_over_everything(full, section, language, board: Board):
    app = board(full, "care", language, section=section, whose="everybody")
    assert not app.error
    assert dict(app.query_params).get("section", "week") == section


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_over_one_customer_with_orders_alone(one, section, board: Board):
    app = board(one, "care", section=section)
    assert not app.error


def test_orders_alone_are_told_what_would_make_more_cards(one, board: Board):
    assert "key_dates" in shown(board(one, "care"))


def test_a_section_that_does_not_exist_is_told_and_falls_back(home, board: Board):
    app = board(home, "care", section="nonsense")
    assert "nonsense" in shown(app)
    assert "My week" in shown(app)


@pytest.mark.parametrize("section", SECTIONS)
def test_without_a_store_the_board_shows_what_the_books_say(
    home, section, board: Board, monkeypatch
):
    monkeypatch.setenv("REGULARS_STORE", "postgresql://me@localhost:1/x")
    app = board(home, "care", section=section)
    assert "cannot be reached" in " ".join(error.value for error in app.error)
    if section == "week":
        assert "Ann" in cards(app)
        app = press(app, "care.click.contact_gap:", ".reached")
        assert not app.exception


@pytest.mark.parametrize("section", SECTIONS)
def test_no_books_are_told(tmp_path, section, board: Board):
    assert "regulars demo" in [code.value for code in board(tmp_path, "care", section=section).code]


def test_the_month_shows_tasks_by_week_as_plain_text(home, board: Board):
    values = {"title": HOSTILE, "owner": "E1", "kind": "own"}
    task = Task(**values, due_on=shop.day("2024-04-17"), month=shop.day("2024-04-01"))
    store_at(home).write("E1", "t", lambda session: session.add(task))
    app = board(home, "care", section="month")
    assert "Apr 2024: 0 of 1 tasks done" in shown(app)
    assert "15 Apr to 21 Apr" in shown(app)
    (button,) = [b for b in app.button if (b.key or "").startswith("care.task.")]
    assert button.label.startswith("\\!\\[x\\]")
    assert not button.click().run().error


def test_contacts_are_counted_and_can_be_withdrawn_by_who_logged_them(home, board: Board):
    press(board(home, "care"), "care.click.contact_gap:", ".reached")
    app = board(home, "care", section="contacts")
    assert "1 contacts logged, 100% reached; 1 of the 1 reached left nothing behind" in shown(app)
    (send,) = [b for b in app.button if b.label == translate("care.contacts.withdraw_send", "en")]
    send.click().run()
    assert records(home, Contact)[0].state == "withdrawn"
    assert cards(board(home, "care")).count("Ann") == 2


def test_a_play_of_one_s_own_stands_in_place_of_the_proposal(home, board: Board):
    play = Play(kind="steady", title=HOSTILE[:50], action="Do it", budget=100, is_on_board=True)
    store_at(home).write("E1", "p", lambda session: session.add(play))
    app = board(home, "care", section="playbooks")
    assert "your own" in shown(app)
    assert "Serve the many well" not in shown(app)
    assert "Leave the frozen to cheap channels" in shown(app)
