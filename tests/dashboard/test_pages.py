"""Every page over books of every kind: none, orders only, one customer, ten customers."""

import pytest

from core.facts import Books
from core.i18n import translate
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow

REVIEW = (
    "overview", "pyramid", "repurchase", "satisfaction", "churn", "prospects", "lists", "winback",
    "customers", "card", "definitions",
)  # fmt: skip
PAGES = (*REVIEW, "books")


@pytest.mark.parametrize("page", REVIEW)
def test_a_page_without_books_says_what_to_do(tmp_path, board: Board, page):
    assert translate("page.no_books.title", "zh") in shown(board(tmp_path, page, "zh"))


def test_the_data_page_without_books_offers_an_import(tmp_path, board: Board):
    app = board(tmp_path, "books")
    assert translate("books.steps", "en") in shown(app)
    assert not app.error


@pytest.mark.parametrize("page", REVIEW)
def test_a_page_of_books_without_a_ledger_says_to_refresh(tmp_path, board: Board, page):
    shop.take(Books(tmp_path), {"orders": shop.orders([("Ann", "2024-01-10", 50)])})
    assert "regulars refresh" in shown(board(tmp_path, page))


def test_the_data_page_of_books_without_a_ledger_offers_the_refresh(tmp_path, board: Board):
    shop.take(Books(tmp_path), {"orders": shop.orders([("Ann", "2024-01-10", 50)])})
    app = board(tmp_path, "books")
    assert translate("books.behind", "en") in shown(app)
    assert app.button[0].label == translate("books.refresh", "en")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("kind", "language"),
    [("ten", "zh"), ("one", "en"), ("orders_only", "zh"), ("everything", "en")],
)
def test_a_page_opens_over_books_of_every_kind(kind, language, page, board: Board, request):
    app = board(request.getfixturevalue(kind), page, language)
    assert app.title[0].value == translate(f"page.{page}.title", language)
    assert not app.error


def test_the_overview_counts_the_ten_customers_as_by_hand(ten, board: Board):
    app = board(ten, as_of="2024-03-31", compare="2023-12-31")
    text = shown(app)
    # Ann, Cem, Dua, Eva and Jin are active at the end of March; Ann, Bob, Fay, Gus, Jin before.
    assert app.metric[0].value == "5"
    assert "Active customers stand unchanged at 5" in text


def test_a_scope_holds_on_every_page(ten, board: Board):
    app = board(ten, as_of="2024-03-31", compare="2023-12-31", region="North")
    # Cem and Dua: Ann has moved to the South.
    assert app.metric[0].value == "2"
    app.switch_page("dashboard/pages/churn.py").run()
    assert app.selectbox(key="region").value == "North"


def test_filters_that_the_books_do_not_know_are_not_offered(orders_only, board: Board):
    keys = {box.key for box in board(orders_only).selectbox}
    assert keys == {"as_of", "compare", "_me_choice"}


def test_a_link_to_a_place_that_is_gone_says_so(ten, board: Board):
    app = board(ten, as_of="2024-03-31", region="Atlantis")
    assert "Atlantis" in app.warning[0].value
    assert app.selectbox(key="region").value is None


def test_the_period_is_written_into_the_address(ten, board: Board):
    app = board(ten)
    assert dict(app.query_params)["as_of"] == "2024-03-31"
    assert dict(app.query_params)["compare"] == "2023-03-31"


def test_the_open_month_is_marked(ten, board: Board):
    app = board(ten, as_of="2024-04-15")
    assert translate("filter.open", "en") in shown(app)


def test_changing_the_language_keeps_the_filters(ten, board: Board):
    app = board(ten, as_of="2024-02-29", compare="2023-11-30", region="South")
    app.session_state["lang"] = "zh"
    app.run()
    assert app.title[0].value == translate("page.overview.title", "zh")
    chosen = {key: app.selectbox(key=key).value for key in ("as_of", "compare", "region")}
    assert chosen == {"as_of": "2024-02-29", "compare": "2023-11-30", "region": "South"}


def test_changing_the_period_keeps_the_distance_of_the_comparison(ten, board: Board):
    app = board(ten, as_of="2024-03-31", compare="2023-12-31")
    app.selectbox(key="as_of").set_value("2024-02-29").run()
    assert app.selectbox(key="compare").value == "2023-11-30"


def test_names_of_customers_and_places_are_never_markdown(tmp_path, board: Board):
    place = "![x](http://192.0.2.1/p.png)"
    rows = [shop.attribute("Ann", place, "2023-01-01")]
    bought = [("Ann", "2023-11-10", 50), ("Ann", "2024-02-10", 50)]
    home = shop.build(tmp_path, bought, customer_attributes=rows).home
    app = board(home, region=place)
    written = [element.value for kind in (app.caption, app.markdown) for element in kind]
    assert any("\\!\\[x\\]" in text for text in written)
    assert not any(place in text for text in written)
