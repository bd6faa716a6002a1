"""The registers: promises, decisions, events, handover; written, changed, withdrawn, told."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.desk import promises, registers
from core.i18n import LANGUAGES, translate
from core.reading import open_ledger
from core.store import changing, store_at
from core.store.record import new_id
from core.store.records import Decision, Event, Handover, Promise, Record, SetTarget, Transfer
from tests import shop
from tests.dashboard.conftest import Board, shown
from tests.shelf import copied, kept

pytestmark = pytest.mark.slow

SECTIONS = ("promises", "decisions", "events", "handover")
TODAY = shop.day("2024-04-16")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_TODAY", "2024-04-16")
    monkeypatch.setenv("REGULARS_USER", "Kim")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return copied(kept("registers", _registers), tmp_path).home


def _registers(home: Path) -> None:
    promise = {
        "promise_id": "P1", "customer_id": "Ann", "what": "Send the invoice", "employee_id": "E1",
        "promised_on": shop.day("2024-03-01"), "due_on": shop.day("2024-04-10"),
    }  # fmt: skip
    order = {"employee_id": "E1"}
    orders = [
        shop.order(1, "Ann", "2024-03-01", 100) | order,
        shop.order(2, "Ann", "2024-04-10", 100) | order,
        shop.order(3, "Bob", "2024-04-15", 50) | {"employee_id": "E2"},
    ]
    staff = [
        {"employee_id": id, "name": name, "branch": "Main", "role": "adviser"}
        for id, name in (("E1", "Ivy"), ("E2", "Joe"))
    ]
    shop.build(home, [], orders=orders, promises=[promise], employees=staff)


def press(app: AppTest, key: str) -> AppTest:
    label = translate(key, "en")
    return next(each for each in app.button if each.label == label).click().run()


def field(app: AppTest, end: str):
    kinds = (app.text_input, app.text_area, app.date_input, app.selectbox, app.number_input)
    return next(e for kind in kinds for e in kind if str(e.key).endswith(f".{end}"))


def all_of(home: Path, kind: type[Record]) -> list:
    with store_at(home).reading() as session:
        return list(session.query(kind))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_opens_over_books_with_little(tmp_path, board: Board, section, language):
    app = board(shop.ten_customers(tmp_path).home, "registers", language, section=section)
    assert not app.error
    assert app.title[0].value == translate("page.registers.title", language)


def test_a_section_that_does_not_exist_is_told_and_the_first_is_shown(home, board: Board):
    app = board(home, "registers", section="nonsense")
    assert "nonsense" in shown(app)
    assert "section" not in dict(app.query_params)


def test_an_imported_promise_that_is_late_is_marked_as_kept(home, board: Board):
    app = board(home, "registers", record="imported:P1")
    assert translate("registers.promise.n_late", "en", n=1) in shown(app)
    assert [each.value for each in app.text] == ["Send the invoice"]
    app = press(app, "registers.promise.mark_kept")
    (found,) = all_of(home, Promise)
    assert (found.replaces, found.kept_on) == ("P1", TODAY)
    assert translate("registers.promise.n_late", "en", n=0) in shown(app)


def test_a_promise_is_recorded_to_the_customer_looked_for(home, board: Board):
    with open_ledger(shop.Books(home), with_desk=False) as ledger:
        rows = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    key = next(row["customer_key"] for row in rows if row["customer_id"] == "Bob")
    app = board(home, "registers", customer=str(key))
    field(app, "what").set_value("Call back")
    press(app, "registers.record")
    (found,) = all_of(home, Promise)
    assert (found.customer_key, found.what, found.due_on) == (
        key,
        "Call back",
        shop.day("2024-04-23"),
    )
    text = shown(board(home, "registers", state="open"))
    assert translate("registers.promise.n_open", "en", n=1) in text


def test_a_promise_without_words_is_refused_and_what_was_typed_stays(home, board: Board):
    app = board(home, "registers", customer="1")
    field(app, "what").set_value("   ")
    app = press(app, "registers.record")
    assert translate("error.promise_incomplete", "en") in shown(app)
    assert all_of(home, Promise) == []


def test_a_decision_is_recorded_and_ends_with_its_outcome(home, board: Board):
    app = board(home, "registers", section="decisions")
    field(app, "title").set_value("Call everybody")
    field(app, "figure").set_value("active_customers")
    press(app, "registers.record")
    (found,) = all_of(home, Decision)
    assert (found.title, found.figure, found.owner) == ("Call everybody", "active_customers", "Kim")
    app = board(home, "registers", section="decisions", record=found.id)
    state = next(g for g in app.button_group if str(g.key).endswith(".state") and g.key[0] == "r"
                 and found.id in str(g.key))  # fmt: skip
    state.set_value("done")
    app = press(app, "registers.save")
    assert translate("error.decision_outcome", "en") in shown(app)
    field(app, "outcome").set_value("Done in May")
    press(app, "registers.save")
    assert all_of(home, Decision)[0].state == "done"


def test_the_figure_of_a_decision_is_held_against_the_month_before(tmp_path, board: Board):
    home = shop.ten_customers(tmp_path).home
    values = {"title": "T", "text": "", "owner": "Kim", "due_on": None, "scope": {},
              "figure": "active_customers"}  # fmt: skip
    id = store_at(home).write(
        "Kim", new_id(), lambda s: registers.decide(s, decided_on=shop.day("2024-02-10"), **values)
    )
    text = shown(board(home, "registers", section="decisions", record=id))
    # Active at the end of January: Eva, Fay, Gus and Hao; Ann's 61 days are over the 60. At the end
    # of March: Ann, Cem, Dua, Eva and Jin.
    name = translate("figure.active_customers.name", "en")
    assert translate("registers.decision.better", "en", figure=name, was="4", now="5") in text


def test_two_who_change_one_decision_see_both_versions(home, board: Board):
    values = {"title": "Mine", "text": "", "owner": "Kim", "due_on": None, "scope": {},
              "figure": None, "decided_on": TODAY}  # fmt: skip
    id = store_at(home).write("Kim", new_id(), lambda s: registers.decide(s, **values))
    app = board(home, "registers", section="decisions", record=id)
    store_at(home).write(
        "Lee", new_id(), lambda s: changing.change(s, Decision, id, 1, title="Theirs").id
    )
    field(app, "title").set_value("Other")
    app = press(app, "registers.save")
    assert "Lee" in app.error[0].value
    assert all_of(home, Decision)[0].title == "Theirs"
    app = press(app, "desk.merge")
    assert all_of(home, Decision)[0].title == "Other"


def test_an_event_is_noted_changed_and_marked_on_the_overview(home, board: Board):
    app = board(home, "registers", section="events")
    field(app, "title").set_value("New prices")
    field(app, "kind").set_value("price")
    press(app, "registers.record")
    (found,) = all_of(home, Event)
    assert (found.kind, found.happened_on) == ("price", TODAY)
    app = board(home, "registers", section="events", record=found.id)
    field(app, "kind").set_value("competitor")
    press(app, "registers.save")
    assert all_of(home, Event)[0].kind == "competitor"
    text = shown(board(home, as_of="2024-04-15", compare="2024-03-31"))
    assert "New prices" in text


def test_customers_are_handed_over_as_proposed(home, board: Board):
    app = board(home, "registers", section="handover")
    app.selectbox(key="registers.handover.who").set_value("E1").run()
    press(app, "registers.handover.record")
    (made,) = all_of(home, Handover)
    (given,) = all_of(home, Transfer)
    # Ann dealt with Ivy alone; Joe is the only other one in the branch.
    assert (made.employee_id, given.to_employee_id, given.assigned_on) == ("E1", "E2", TODAY)
    text = shown(board(home, "registers", section="handover", record=made.id))
    assert translate("registers.handover.of", "en", name="Ivy") in text


def test_hostile_text_stays_text(home, board: Board):
    text = "![x](http://evil/p.png)" + "x" * 150
    id = store_at(home).write(
        "Kim", new_id(),
        lambda s: registers.note_event(
            s, title=text, kind="other", happened_on=TODAY, until=None, text=text, scope={},
            today=TODAY,
        ),
    )  # fmt: skip
    app = board(home, "registers", section="events", record=id)
    assert not any("![x]" in each.value for each in (*app.markdown, *app.caption))


def test_an_unreachable_store_is_told(home, board: Board, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REGULARS_STORE", "postgresql://localhost:1/x")
    for section in SECTIONS:
        app = board(home, "registers", section=section)
        assert app.error
        assert not app.exception


def test_without_a_name_nothing_can_be_recorded(home, board: Board, monkeypatch):
    monkeypatch.setenv("REGULARS_USER", "")
    app = board(home, "registers", section="events")
    label = translate("registers.record", "en")
    assert next(each for each in app.button if each.label == label).disabled


def test_a_target_is_set_changed_and_withdrawn_on_the_page_of_definitions(home, board: Board):
    days = {"as_of": "2024-03-31"}
    app = board(home, "definitions", section="targets", **days)
    field(app, "figure").set_value("active_customers")
    field(app, "value").set_value(8)
    press(app, "targets_set.set")
    (found,) = all_of(home, SetTarget)
    assert (found.key, found.period, found.value, found.owner) == (
        "active_customers", "2024", 8, "Kim"
    )  # fmt: skip
    app = board(home, "definitions", section="targets", record=found.id, **days)
    field(app, "value").set_value(9)
    press(app, "registers.save")
    app = board(home, "definitions", section="targets", record=found.id, **days)
    press(app, "registers.withdraw")
    (found,) = all_of(home, SetTarget)
    assert (found.value, found.state) == (9, "withdrawn")


def test_promises_recorded_outside_the_scope_are_left_out(tmp_path, board: Board):
    home = shop.ten_customers(tmp_path).home
    with open_ledger(shop.Books(home), with_desk=False) as ledger:
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    jin = next(row["customer_key"] for row in ids if row["customer_id"] == "Jin")
    store_at(home).write(
        "Kim", new_id(),
        lambda s: promises.promise(
            s, customer_key=jin, employee_id="E1", what="Call", due_on=TODAY, promised_on=TODAY
        ),
    )  # fmt: skip
    days = {"as_of": "2024-03-31", "state": "open"}
    none = translate("registers.promise.none", "en")
    assert none not in shown(board(home, "registers", region="South", **days))
    assert none in shown(board(home, "registers", region="North", **days))
