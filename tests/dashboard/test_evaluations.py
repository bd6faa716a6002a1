"""The page of evaluations: scoring before looking, review by somebody else, measures, again."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.desk import evaluations as register
from core.i18n import LANGUAGES, translate
from core.reading import open_ledger
from core.store import store_at
from core.store.record import new_id
from core.store.records import SCORES, Evaluation
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow

SECTIONS = ("score", "follow", "departments", "calibration")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGULARS_TODAY", "2024-04-16")
    monkeypatch.setenv("REGULARS_USER", "Kim")
    return shop.ten_customers(tmp_path).home


def key_of(home: Path, customer: str) -> str:
    with open_ledger(shop.Books(home), with_desk=False) as ledger:
        rows = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    return str(next(row["customer_key"] for row in rows if row["customer_id"] == customer))


def fill(app: AppTest, text: str = "Comes every month", missing: str | None = None) -> AppTest:
    for group in app.button_group:
        name = next((name for name in SCORES if str(group.key).endswith(f".{name}")), None)
        if name is not None and name != missing:
            group.set_value(0 if name == "outlook" else 4)
    app.text_area[0].set_value(text)
    return press(app, "evaluations.record")


def press(app: AppTest, key: str, language: str = "en") -> AppTest:
    label = translate(key, language)
    return next(each for each in app.button if each.label == label).click().run()


def made(home: Path) -> list[Evaluation]:
    with store_at(home).reading() as session:
        return list(register.evaluations(session))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_opens_with_an_empty_store(home, board: Board, section, language):
    app = board(home, "evaluations", language, section=section)
    assert not app.error
    assert app.title[0].value == translate("page.evaluations.title", language)


def test_a_section_that_does_not_exist_is_told_and_the_first_is_shown(home, board: Board):
    app = board(home, "evaluations", section="nonsense")
    assert "nonsense" in shown(app)
    assert "section" not in dict(app.query_params)


def test_upper_customers_are_due_until_somebody_evaluates_them(home, board: Board):
    # Jin alone stands in an upper tier of the five to six active ones.
    app = board(home, "evaluations")
    assert translate("evaluations.due", "en", n=1) in shown(app)
    fill(board(home, "evaluations", customer=key_of(home, "Jin")))
    assert translate("evaluations.none_due", "en") in shown(board(home, "evaluations"))


def test_the_books_are_shown_only_after_the_scoring(home, board: Board):
    app = board(home, "evaluations", customer=key_of(home, "Ann"))
    assert translate("evaluations.books", "en") not in shown(app)
    app = fill(app)
    assert translate("evaluations.books", "en") in shown(app)
    (record,) = made(home)
    assert (record.rater, record.satisfaction, record.outlook) == ("Kim", 4, None)


def test_every_score_is_given_or_said_to_be_unknown(home, board: Board):
    app = fill(board(home, "evaluations", customer=key_of(home, "Ann")), missing="loyalty")
    assert translate("evaluations.loyalty.name", "en") in app.error[0].value
    assert made(home) == []
    assert app.text_area[0].value == "Comes every month"


def test_a_draft_is_reviewed_by_somebody_else_and_measures_follow(
    home, board: Board, monkeypatch: pytest.MonkeyPatch
):
    fill(board(home, "evaluations", customer=key_of(home, "Ann")))
    (record,) = made(home)
    own = board(home, "evaluations", section="follow", record=record.id)
    labels = [button.label for button in own.button]
    assert translate("evaluations.reviewed", "en") not in labels
    monkeypatch.setenv("REGULARS_USER", "Lee")
    app = board(home, "evaluations", section="follow", record=record.id)
    app.text_area[0].set_value("Well founded")
    app = press(app, "evaluations.reviewed")
    assert [each.state for each in made(home)] == ["reviewed"]
    app.text_area[0].set_value("Call in May")
    app.date_input[0].set_value(shop.day("2024-05-31"))
    app = press(app, "evaluations.agree")
    (record,) = made(home)
    assert (record.state, record.measures, record.measures_owner) == (
        "agreed",
        "Call in May",
        "Kim",
    )
    app = fill(press(app, "evaluations.again"))
    assert {each.state for each in made(home)} == {"scored_again", "draft"}
    assert translate("evaluations.change", "en") in shown(app)


def test_without_a_name_nothing_can_be_recorded(home, board: Board, monkeypatch):
    monkeypatch.setenv("REGULARS_USER", "")
    app = board(home, "evaluations", customer=key_of(home, "Ann"))
    label = translate("evaluations.record", "en")
    assert next(each for each in app.button if each.label == label).disabled


def test_hostile_text_stays_text(home, board: Board):
    text = "![x](http://evil/p.png) " + "x" * 4_000
    app = fill(board(home, "evaluations", customer=key_of(home, "Ann")), text)
    assert [each.value for each in app.text] == [text.strip()]
    assert not any("evil" in each.value for each in app.markdown)


def test_a_number_that_is_no_customer_is_told(home, board: Board):
    assert "999999" in shown(board(home, "evaluations", customer="999999"))
    assert "javascript" in shown(board(home, "evaluations", customer="javascript:1"))


def test_an_unreachable_store_is_told(home, board: Board, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REGULARS_STORE", "postgresql://localhost:1/x")
    for section in SECTIONS:
        app = board(home, "evaluations", section=section)
        assert app.error
        assert not app.exception


def test_without_books_the_page_says_what_to_do(tmp_path, board: Board):
    assert translate("page.no_books.title", "en") in shown(board(tmp_path / "none", "evaluations"))


def test_calibration_is_shown_for_what_was_scored_long_ago(home, board: Board):
    key = int(key_of(home, "Ann"))
    store_at(home).write(
        "Kim", new_id(),
        lambda s: register.score(
            s, customer_key=key, rater="Kim", department="", scored_on=shop.OPENING,
            scores=dict.fromkeys(SCORES, 4),
        ),
    )  # fmt: skip
    text = shown(board(home, "evaluations", section="calibration"))
    # One evaluation of which the 90 days are over: not enough to say anything.
    name = translate("evaluations.loyalty.name", "en")
    assert translate("evaluations.rho.unknown", "en", name=name, n=1, least=10) in text
