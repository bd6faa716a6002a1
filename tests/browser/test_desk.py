"""The desk, as people work on it: several at once, with a hasty hand, through failures, a morning.

Boards of their own are served over a copy of the demo company with its filled desk; what they
wrote is read from the store itself.
"""

import os
import random
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect
from sqlalchemy import select

from core import definitions
from core.desk import waves
from core.facts import Books
from core.i18n import translate
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.store import Store, changing
from core.store.log import Audit, Write
from core.store.records import Case, Contact, Member, Plan, Play, Promise, Task, Wave
from core.view import View
from tests.browser.conftest import Open, Server, demo_company, serving
from tests.browser.screenshots import NARROW, settled
from tests.browser.test_board import barriers, untranslated
from tests.rows import take
from tests.shelf import copied, kept
from tests.store.conftest import new_database
from tests.store.test_outage import start, stop

pytestmark = pytest.mark.browser
KILLS = int(os.environ.get("REGULARS_TEST_KILLS", "2"))
ME, OTHER = "E00001", "E00004"
_FITS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .every(e => e.scrollWidth <= e.clientWidth)"""
# The books of the demo company end on 8 November 2026, a Sunday.
TODAY = date(2026, 11, 9)


def say(key: str, **values: object) -> str:
    return translate(key, "en", **values)


@pytest.fixture(scope="module", autouse=True)
def _patience() -> Iterator[None]:
    """Let a board that works out a page for the first time take its time."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """The demo company with its desk, of this file's own."""
    return copied(kept("demo", demo_company), tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def desk(books: Books, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A board on the Monday after the books end, at which the first employee works."""
    log = tmp_path_factory.mktemp("log")
    settings = {"REGULARS_USER": ME, "REGULARS_TODAY": TODAY.isoformat()}
    with serving(books.home, log, **settings) as server:
        yield server


@pytest.fixture
def store(books: Books) -> Iterator[Store]:
    found = Store.at(books.home)
    yield found
    found.close()


@pytest.fixture(scope="module")
def names(books: Books) -> dict[str, str]:
    """What employees are called."""
    with open_ledger(Books(books.home), with_desk=False) as ledger:
        rows = ledger.table("employees").to_pyarrow().to_pylist()
    return {row["employee_id"]: row["name"] for row in rows}


def record(store: Store, do: Callable[[Any], Any]) -> Any:
    return store.write(ME, uuid4().hex, do)


def found(store: Store, kind: Any, *where: Any) -> list[Any]:
    with store.reading() as session:
        return list(session.scalars(select(kind).where(*where)))


def history(store: Store, kind: Any, id: str) -> list[Audit]:
    with store.reading() as session:
        return list(changing.history(session, kind, id))


def works_as(page: Page, name: str) -> None:
    """Say who works at the board."""
    box = page.get_by_test_id("stSidebar").get_by_role("combobox", name=say("desk.who"))
    box.fill(name)
    page.get_by_role("option", name=name, exact=True).click()
    expect(box).to_have_value(name)
    settled(page)


def press(page: Page | Locator, key: str, **values: object) -> None:
    page.get_by_role("button", name=say(key, **values), exact=True).click()


def field(page: Page | Locator, key: str) -> Locator:
    return page.get_by_role("textbox", name=say(key), exact=True)


def told(page: Page, text: str) -> None:
    """Wait for the notice that something was recorded."""
    expect(page.get_by_test_id("stToast").filter(has_text=text).first).to_be_visible()


def buttons(page: Page, way: str) -> Locator:
    """The buttons that answer the cards of the care board so."""
    return page.locator(f'[class*="st-key-care-click-"][class*="-{way}"] button')


def of_card(button: Locator) -> tuple[str, str]:
    """The card of a button, and the id of the contact that a click on it logs."""
    classes = button.evaluate("e => e.closest('[class*=st-key-care-click]').className")
    name = next(each for each in classes.split() if each.startswith("st-key-"))
    card, contact_id, _ = name.rsplit("-", 2)
    return card, contact_id


def values(page: Page) -> list[str]:
    """The figures on the cards of a page."""
    return page.get_by_test_id("stMetricValue").all_inner_texts()


def hasty(page: Page, button: Locator, times: int) -> None:
    """Click as fast as a hand does, on the place where the button was."""
    button.click(trial=True)  # it takes clicks
    box = button.bounding_box()
    assert box is not None
    for _ in range(times):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, delay=40)
        page.wait_for_timeout(90)


def case_of(store: Store, place: int) -> str:
    """One of my cases that nobody has begun."""
    tried = {contact.case_id for contact in found(store, Contact)}
    rows = found(store, Case.id, Case.stage == "to_contact", Case.owner == ME, Case.notes == "")
    return sorted(set(rows) - tried)[place]


def test_of_two_who_edit_one_case_the_later_sees_both_and_merges(visit: Open, desk, store, names):
    id = case_of(store, 0)
    first, second = (visit(f"{desk.url}/winback?lang=en&case={id}") for _ in range(2))
    works_as(second, names[OTHER])
    field(first, "winback.field.notes").fill("Wants a call in spring")
    field(second, "winback.field.notes").fill("Has moved to Suzhou")
    field(second, "winback.field.next_step").first.fill("Ask the branch there")
    first.get_by_test_id("stMain").get_by_text(say("winback.stage.offered"), exact=True).click()
    press(first, "winback.case.save")
    told(first, say("winback.case.saved"))
    press(second, "winback.case.save")
    alert = second.get_by_test_id("stAlert").filter(has_text="changed this")
    expect(alert).to_contain_text(names[ME])
    main = second.get_by_test_id("stMain")
    for text in (
        say("desk.was", field=say("winback.field.notes"), value="–"),
        say("desk.mine", value="Has moved to Suzhou"),
        say("desk.theirs", by=names[ME], value="Wants a call in spring"),
        say("desk.only_theirs", field=say("winback.field.stage"), by=names[ME], value="Offered"),
    ):
        expect(main).to_contain_text(text)
    expect(field(second, "winback.field.notes")).to_have_value("Has moved to Suzhou")
    main.get_by_text(say("desk.both"), exact=True).click()
    press(second, "desk.merge")
    told(second, say("winback.case.saved"))
    (case,) = found(store, Case, Case.id == id)
    assert case.notes == "Wants a call in spring\nHas moved to Suzhou"
    assert (case.stage, case.next_step) == ("offered", "Ask the branch there")
    audit = history(store, Case, id)[-2:]
    assert [row.by for row in audit] == [ME, OTHER]
    assert [row.after["notes"] for row in audit] == ["Wants a call in spring", case.notes]


def test_who_changed_another_field_overwrites_nothing_in_a_dialog(visit: Open, desk, store, names):
    """The form of a plan writes all of its fields: those that were not touched are not mine."""
    plan = Plan(
        id="two", theme="Spring visits", mode="visit", frequency="once", owner=ME, state="running",
        starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 29), audience={"list": "at-risk"},
        note="Bring the brochure",
    )  # fmt: skip
    record(store, lambda session: changing.add(session, plan))
    first, second = (visit(f"{desk.url}/care?lang=en&section=plans") for _ in range(2))
    works_as(second, names[OTHER])
    for page in (first, second):
        press(page, "care.plans.edit")
        expect(field(page.get_by_role("dialog"), "care.plans.note")).to_be_visible()
    field(first, "care.plans.theme").fill("Autumn visits")
    field(first, "care.plans.note").fill("Bring the calendar")
    field(second, "care.plans.note").fill("Bring the price list")
    press(first, "care.send.plan")
    told(first, say("care.plans.saved"))
    press(second, "care.send.plan")
    dialog = second.get_by_role("dialog")
    expect(dialog).to_contain_text(names[ME])
    expect(dialog).to_contain_text(
        say("desk.only_theirs", field="Theme", by=names[ME], value="Autumn visits")
    )
    expect(field(dialog, "care.plans.note")).to_have_value("Bring the price list")
    # A third one writes while the second chooses: then that is shown instead.
    record(store, lambda s: changing.change(s, Plan, "two", 2, note="Bring nothing").id)
    press(dialog, "desk.merge")
    expect(dialog).to_contain_text(say("desk.theirs", by=names[ME], value="Bring nothing"))
    expect(dialog.get_by_role("button", name=say("desk.merge"))).to_have_count(1)
    expect(field(dialog, "care.plans.note")).to_have_value("Bring the price list")
    press(dialog, "desk.merge")
    told(second, say("care.plans.saved"))
    (plan,) = found(store, Plan, Plan.id == "two")
    assert (plan.theme, plan.note) == ("Autumn visits", "Bring the price list")
    assert [row.by for row in history(store, Plan, "two")] == [ME, ME, ME, OTHER]


def test_two_who_edit_one_play_choose_in_its_dialog(visit: Open, desk, store, names):
    play = Play(id="steady", kind="steady", title="Serve", action="Remind", channel="message")
    record(store, lambda session: changing.add(session, play))
    first, second = (visit(f"{desk.url}/care?lang=en&section=playbooks") for _ in range(2))
    works_as(second, names[OTHER])
    for page, text in ((first, "Write a letter"), (second, "Send a message")):
        press(page, "care.plays.change")
        field(page.get_by_role("dialog"), "care.plays.action_field").fill(text)
    first.get_by_role("dialog").get_by_text(say("care.plays.on_board"), exact=True).click()
    press(first, "care.send.play")
    told(first, say("care.plays.saved"))
    press(second, "care.send.play")
    dialog = second.get_by_role("dialog")
    expect(dialog).to_contain_text(say("desk.mine", value="Send a message"))
    on_board = say("desk.only_theirs", field=say("care.plays.on_board"), by=names[ME], value="✓")
    expect(dialog).to_contain_text(on_board)
    dialog.get_by_text(say("desk.theirs", by=names[ME], value="Write a letter")).click()
    press(dialog, "desk.merge")
    expect(dialog).to_have_count(0)
    (play,) = found(store, Play, Play.id == "steady")
    assert (play.action, play.is_on_board, play.version) == ("Write a letter", True, 2)


@pytest.mark.parametrize("way", ["reached", "missed"])
def test_a_hasty_hand_logs_one_contact(visit: Open, desk, store, way):
    page = visit(f"{desk.url}/care?lang=en")
    for clicks in (2, 5):
        before = {contact.id for contact in found(store, Contact)}
        _, id = of_card(buttons(page, way).first)
        hasty(page, buttons(page, way).first, clicks)
        if way == "reached":
            expect(page.get_by_role("dialog")).to_contain_text(say("care.follow.title"))
            press(page.get_by_role("dialog"), "care.follow.nothing")
            expect(page.get_by_role("dialog")).to_have_count(0)
        else:
            told(page, "not reached")
        settled(page)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        (made,) = [contact for contact in found(store, Contact) if contact.id not in before]
        assert (made.id, made.is_reached, made.employee_id) == (id, way == "reached", ME)


def test_a_hasty_hand_saves_a_form_once(visit: Open, desk, store):
    id = case_of(store, 1)
    page = visit(f"{desk.url}/winback?lang=en&case={id}")
    for turn, clicks in enumerate((2, 5)):
        field(page, "winback.log.learned").fill(f"Turn {turn}")
        hasty(page, page.get_by_role("button", name=say("winback.log.save"), exact=True), clicks)
        expect(field(page, "winback.log.learned")).to_have_value("")
        settled(page)
    made = found(store, Contact, Contact.case_id == id)
    assert sorted(contact.learned for contact in made) == ["Turn 0", "Turn 1"]


def test_of_two_who_answer_one_card_the_second_is_told(visit: Open, desk, store, names):
    first, second = (visit(f"{desk.url}/care?lang=en&whose=everybody") for _ in range(2))
    works_as(second, names[OTHER])
    before = len(found(store, Contact))
    (card, id), (same, other) = (of_card(buttons(p, "reached").first) for p in (first, second))
    assert card == same
    assert id != other
    buttons(first, "reached").first.click()
    expect(first.get_by_role("dialog")).to_be_visible()
    buttons(second, "reached").first.click()
    notice = say("error.card_done", by=names[ME])
    expect(second.get_by_test_id("stAlert").filter(has_text=notice)).to_be_visible()
    assert len(found(store, Contact)) == before + 1
    assert found(store, Contact.id, Contact.id.in_([id, other])) == [id]


def test_while_postgresql_is_down_nothing_typed_is_lost_and_figures_stand(
    visit: Open, books, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    from pgserver import get_server  # pyright: ignore

    database = get_server(Path("/tmp") / f"regulars-{uuid4().hex[:8]}")
    settings = {"REGULARS_USER": ME, "REGULARS_TODAY": TODAY.isoformat()}
    try:
        url = new_database(database.get_uri())
        store = Store(url)
        case = Case(id="c1", customer_key=1, stage_since=TODAY, owner=ME)
        record(store, lambda session: changing.add(session, case))
        with serving(books.home, tmp_path, REGULARS_STORE=url, **settings) as server:
            page = visit(f"{server.url}/winback?lang=en&case=c1")
            field(page, "winback.field.notes").fill("Typed before the failure")
            field(page, "winback.field.next_step").first.fill("Call again")
            known = values(visit(f"{server.url}/?lang=en"))
            stop(database)
            press(page, "winback.case.save")
            lost = page.get_by_test_id("stAlert").filter(has_text="cannot be reached")
            expect(lost).to_be_visible()
            expect(page.get_by_test_id("stMain")).to_contain_text("Typed before the failure")
            review = visit(f"{server.url}/?lang=en")
            expect(review.get_by_test_id("stAlert")).to_contain_text("cannot be reached")
            expect(review.get_by_test_id("stMain")).to_contain_text(say("desk.left_out"))
            assert values(review) == known != []
            start(database)
            press(page, "desk.again")
            expect(field(page, "winback.field.notes")).to_have_value("Typed before the failure")
            expect(field(page, "winback.field.next_step").first).to_have_value("Call again")
            press(page, "winback.case.save")
            told(page, say("winback.case.saved"))
        (case,) = found(store, Case)
        assert (case.notes, case.next_step) == ("Typed before the failure", "Call again")
        assert case.version == 2
        assert len(history(store, Case, "c1")) == 2
        store.close()
    finally:
        database.cleanup()


@pytest.mark.parametrize(
    ("name", "language", "theme", "sections"),
    [
        ("care", "zh", "dark", ("month", "contacts", "plans", "playbooks")),
        ("winback", "en", "light", ("waves", "lift", "keep", "list")),
        ("evaluations", "en", "dark", ("follow", "departments", "calibration")),
        ("registers", "zh", "light", ("decisions", "events", "handover")),
    ],
)
def test_every_part_of_the_desk_is_for_everybody(
    visit: Open, desk, name, language, theme, sections
):
    page = visit(f"{desk.url}/{name}?lang={language}", theme=theme)
    for section in sections:
        _go(page, name, section, language)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert not barriers(page), section
        assert not untranslated(page), section
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    for section in reversed(sections):
        _go(page, name, section, language)
        page.wait_for_function(_FITS)


def _go(page: Page, name: str, section: str, language: str) -> None:
    label = translate(f"{name}.section.{section}", language)
    choice = page.get_by_test_id("stMain").get_by_role("radio", name=label, exact=True)
    choice.click()
    expect(choice).to_be_checked()
    page.mouse.move(0, 0)
    expect(page).to_have_url(re.compile(f"section={section}"))
    settled(page)


def test_a_killed_board_has_kept_all_that_it_acknowledged(browser: Browser, desk, store):
    written = {contact.id for contact in found(store, Contact)}
    acknowledged: list[str] = []
    for _ in range(KILLS):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page = context.new_page()
        page.goto(f"{desk.url}/care?lang=en&whose=everybody")
        settled(page)
        acknowledged.append(_called(page))
        end = threading.Timer(random.uniform(1, 8), desk.stop, [signal.SIGKILL])
        end.start()
        with suppress(Error, AssertionError):  # the board is gone
            while len(acknowledged) < 100:
                acknowledged.append(_called(page))
        end.join()
        context.close()
        desk.start()
    contacts = {each.id: each for each in found(store, Contact) if each.id not in written}
    assert set(acknowledged) <= contacts.keys()
    assert len(contacts) <= len(acknowledged) + KILLS  # written, but not told any more
    with store.reading() as session:
        for id, contact in contacts.items():
            task = session.get_one(Task, contact.task_id)
            assert (task.state, task.done_on) == ("done", TODAY)
            assert session.get(Write, id) is not None
            kinds = select(Audit.kind).where(Audit.write_key == id)
            assert {"contacts", "tasks"} <= set(session.scalars(kinds))
        answered = set(session.scalars(select(Contact.task_id)))
        done = select(Task.id).where(Task.state == "done", Task.source.is_not(None))
        assert set(session.scalars(done)) <= answered


def _called(page: Page) -> str:
    """Click "Reached" on the first card; return the contact once the board has said it."""
    button = buttons(page, "reached").first
    _, id = of_card(button)
    button.click(timeout=5_000)
    dialog = page.get_by_role("dialog").filter(has_text=say("care.follow.title"))
    expect(dialog).to_be_visible(timeout=5_000)
    press(page.get_by_role("dialog"), "care.follow.nothing")
    expect(dialog).to_have_count(0, timeout=5_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=5_000)
    return id


def test_a_morning_and_what_came_of_it(visit: Open, desk, books, store, tmp_path):
    clicked, ordering, customer_id = _wave(books, store)
    # What is due, a call, what was learned, what comes next, what was promised.
    page = visit(f"{desk.url}/care?lang=en")
    expect(page.locator("h5").first).to_contain_text("My week: ")
    _, id = of_card(buttons(page, "reached").first)
    buttons(page, "reached").first.click()
    dialog = page.get_by_role("dialog")
    field(dialog, "care.field.learned").fill("Opens a second shop in May")
    field(dialog, "care.field.next_step").fill("Send the price list")
    field(dialog, "care.field.promised").fill("The price list by Thursday")
    press(dialog, "care.save")
    told(page, say("care.saved"))
    (call,) = found(store, Contact, Contact.id == id)
    assert (call.learned, call.next_step) == ("Opens a second shop in May", "Send the price list")
    assert call.next_on == date(2026, 11, 16)
    (promise,) = found(store, Promise, Promise.customer_key == call.customer_key)
    assert (promise.what, promise.due_on) == ("The price list by Thursday", date(2026, 11, 12))
    page = visit(f"{desk.url}/registers?lang=en&state=open")
    cells = page.locator("[data-testid=stDataFrame] canvas td")
    expect(cells.filter(has_text=promise.what)).to_have_count(1)
    page = visit(f"{desk.url}/winback?lang=en&case={clicked}")
    page.get_by_test_id("stMain").get_by_text(say("winback.stage.won"), exact=True).click()
    press(page, "winback.case.save")
    told(page, say("winback.case.saved"))
    assert found(store, Case.stage, Case.id == clicked) == ["won"]
    # Two days later another one orders; the wave's window ends on 11 November.
    take(books, {"orders": [
        {"order_id": "n1", "customer_id": customer_id, "amount": Decimal(320),
         "ordered_at": datetime(2026, 11, 10, 11)},
        {"order_id": "n2", "customer_id": "somebody", "amount": Decimal(1),
         "ordered_at": datetime(2026, 11, 12, 9)},
    ]})  # fmt: skip
    refresh(books, definitions.load(books.home))
    settings = {"REGULARS_USER": ME, "REGULARS_TODAY": "2026-11-13"}
    with serving(books.home, tmp_path, **settings) as later:
        page = visit(f"{later.url}/winback?lang=en&section=waves&wave_id=greeting")
        press(page, "winback.wave.read")
        told(page, say("winback.wave.was_read"))
        page = visit(f"{later.url}/winback?lang=en&section=lift&programme=care")
        # Of 4 treated one ordered: 25 %. Won by a click was another one, who would make it 50 %.
        shown = [card.inner_text() for card in page.get_by_test_id("stMetric").all()]
        (treated,) = [text for text in shown if say("winback.lift.rates") in text]
        (control,) = [text for text in shown if say("winback.lift.control") in text]
        assert "25.0%" in treated
        assert "0.0%" in control
        expect(page.get_by_test_id("stMain")).to_contain_text("4 treated, 4 held out")
        page = visit(f"{later.url}/winback?lang=en&case={clicked}")
        expect(page.get_by_test_id("stMain")).to_contain_text("Has not bought since")
        page = visit(f"{later.url}/winback?lang=en&case={ordering}")
        expect(page.get_by_test_id("stMain")).to_contain_text("Bought on 10 Nov 2026")


def _wave(books: Books, store: Store) -> tuple[str, str, str]:
    """Draw 4 treated and 4 held-out customers who have not bought for a year.

    Returns the cases of two treated, and what the company calls the customer of the second.
    """
    with store.reading() as session:
        busy = set().union(*waves.not_to_draw(session).values())
        busy |= set(session.scalars(select(Member.customer_key)))
    with open_ledger(books) as ledger:
        view = View(ledger)
        lines = view.all_lines(view.days[-1])
        rows = lines.filter(lines.last_on < date(2025, 10, 1)).order_by("customer_key")
        keys = rows.customer_key.to_pyarrow().to_pylist()
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    called = {row["customer_key"]: row["customer_id"] for row in ids}
    people = pa.Table.from_pylist([
        {"customer_key": key, "tier": 4, "silence_band": "366-730", "cause": None, "value": 500.0,
         "worth": 60.0, "verdict": "win_back_now", "manager": None}
        for key in [key for key in keys if key not in busy][:8]
    ])  # fmt: skip
    wave = Wave(id="greeting", programme="care", theme="Autumn greeting", owner=ME, horizon_days=30)

    def draw(session: Any) -> str:
        changing.add(session, wave)
        counts = waves.draw(
            session, "greeting", 1, people, control_share=0.5, today=date(2026, 10, 12),
            as_of=date(2026, 9, 30), data_version=1, salt="greeting",
        )  # fmt: skip
        assert (counts["treated"], counts["control"]) == (4, 4)
        return "greeting"

    record(store, draw)
    one, two, *_ = sorted(found(store, Case, Case.wave_id == "greeting"), key=lambda c: c.id)
    return one.id, two.id, called[two.customer_key]
