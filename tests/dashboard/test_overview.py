"""The overview: what a leader reads in a minute, over books of every kind."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import translate
from core.sentences.seen import READ
from dashboard.findings import overview
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow

CHOSEN = {"as_of": "2024-03-31", "compare": "2023-12-31"}


@pytest.fixture(scope="module")
def halved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 customers who buy every month up to May 2024; from June on only 20 of them do."""
    bought = [
        (f"c{number}", f"{year}-{month:02}-28", 10)
        for year in (2023, 2024)
        for month in range(1, 13)
        for number in range(40)
        if (year, month) <= (2024, 5) or number < 20
    ]
    return shop.build(tmp_path_factory.mktemp("halved"), bought).home


def values(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\\", "") for metric in app.metric}


def test_the_cards_count_the_ten_customers_as_by_hand(ten, board: Board):
    found = values(board(ten, **CHOSEN))
    # Active at the end of March: Ann, Cem, Dua, Eva and Jin.
    assert found["Active customers"] == "5"
    # Of Ann, Bob, Fay, Gus and Jin, active before, Bob and Fay were lost.
    assert found["Churn"] == "40.0%"
    # Cem alone was lost before; he came back.
    assert found["Reactivation"] == "100.0%"


def test_a_period_that_ends_in_an_open_month_is_not_held_against_whole_months(ten, board: Board):
    def change(**days: str) -> str:
        app = board(ten, **days)
        return next(metric.delta for metric in app.metric if metric.label == "Churn")

    assert change(as_of="2024-03-31", compare="2024-01-31")
    assert not change(as_of="2024-04-15", compare="2024-02-29")


def test_satisfaction_without_surveys_says_what_is_missing(ten, board: Board):
    app = board(ten, **CHOSEN)
    assert values(app)["Net promoter score"] == "–"
    assert "surveys" in shown(app)


def test_satisfaction_is_nps_where_it_was_asked(voice, board: Board):
    # Of Ann 9, Cem 2, Jin 10 and Bob 7: two of four promote, one detracts, 25 in all.
    assert values(board(voice, **CHOSEN))["Net promoter score"] == "25"


def test_a_target_stands_on_its_card(tmp_path, board: Board):
    home = shop.ten_customers(tmp_path).home
    target = '[[targets]]\nkey = "active_customers"\nperiod = "2024"\nvalue = 6\n'
    (home / "regulars.toml").write_text(target, "utf-8")
    expected = translate("overview.target.behind", "en", period="2024", value="6")
    assert expected in shown(board(home, **CHOSEN))


def test_a_target_of_another_period_than_the_comparison_stands_on_no_card(tmp_path, board: Board):
    home = shop.ten_customers(tmp_path).home
    target = '[[targets]]\nkey = "churn"\nperiod = "2024-Q1"\nvalue = 0.3\n'
    (home / "regulars.toml").write_text(target, "utf-8")
    assert "2024-Q1" in shown(board(home, **CHOSEN))
    assert "2024-Q1" not in shown(board(home, as_of="2024-03-31", compare="2023-11-30"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_changed_is_told_and_leads_to_its_page(halved, language, board: Board):
    app = board(halved, language=language, as_of="2024-11-30", compare="2024-05-31")
    assert "50.0%" in shown(app)
    label = translate("page.churn.title", language)
    links = [link.proto for link in app.get("page_link") if link.proto.label == label]
    assert any("as_of=2024-11-30" in link.query_string for link in links), links


def test_where_nothing_stands_out_the_page_says_so(ten, board: Board):
    assert translate("overview.changed.nothing", "en") in shown(board(ten, **CHOSEN))


def test_every_bar_of_the_bridge_leads_to_its_customers(ten, board: Board):
    app = board(ten, **CHOSEN)
    asked = [link.proto.query_string for link in app.get("page_link")]
    for name in ("new", "returned", "lost", "undone"):
        assert any(f"figure=bridge_{name}" in each for each in asked)
        assert any(f"figure=bridge_value_{name}" in each for each in asked)


def test_the_first_day_of_the_books_has_cards_and_no_bridge(tmp_path, board: Board):
    home = shop.build(tmp_path, [("Ann", "2024-01-10", 50)]).home
    app = board(home)
    assert values(app)["Active customers"] == "1"
    assert translate("overview.changed.title", "en") not in shown(app)


def test_the_page_brings_what_its_sentences_read():
    assert set(READ) <= {*overview.ASKED, *overview.BRIDGE}


@pytest.mark.parametrize(
    ("page", "asks"),
    [
        ("pyramid", {"section": "composition", "by": "region"}),
        ("pyramid", {"section": "composition", "by": "category"}),
        ("pyramid", {"section": "moves"}),
        ("churn", {"section": "dependency"}),
        ("repurchase", {"section": "promotions"}),
        ("satisfaction", {"section": "promises"}),
        ("satisfaction", {"section": "complaints"}),
    ],
)
def test_the_pages_have_what_sentences_ask_of_them(voice, page, asks, board: Board):
    assert not board(voice, page, **CHOSEN, **asks).warning
