"""The page of customers: those behind a figure, adding up to it."""

import pytest
from streamlit.testing.v1 import AppTest

from core.behind.registry import BEHIND
from core.i18n import LANGUAGES, texts, translate
from dashboard import drill
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow
DAYS = {"as_of": "2024-03-31", "compare": "2023-12-31"}


def names(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["customer_id"])


def test_who_was_lost_stands_there_with_how_it_makes_the_figure(ten, board: Board):
    app = board(ten, "customers", figure="lost", **DAYS)
    # Bob and Fay were active at the end of 2023 and are not any more.
    assert sorted(names(app)) == ["Bob", "Fay"]
    assert "Customers lost in the period: 2" in shown(app)
    assert "2 customers here; the board says 2." in shown(app)


def test_a_rate_is_shown_as_its_parts(ten, board: Board):
    app = board(ten, "customers", figure="churn", **DAYS)
    # Ann, Bob, Fay, Gus and Jin were active: 2 of 5 are lost.
    assert len(names(app)) == 5
    assert "2 of 5 = 40.0%; the board says 40.0%." in shown(app)


def test_money_is_added_up(ten, board: Board):
    app = board(ten, "customers", figure="bridge_value_lost", **DAYS)
    # Bob brought 80 and Fay 25: 105.
    assert "2 customers, CN¥105 together; the board says CN¥105." in shown(app)


def test_without_a_figure_all_active_customers_stand_there(ten, board: Board):
    app = board(ten, "customers", **DAYS)
    assert sorted(names(app)) == ["Ann", "Cem", "Dua", "Eva", "Jin"]


def test_the_filters_of_the_board_narrow_the_list(ten, board: Board):
    app = board(ten, "customers", figure="active_customers", region="North", **DAYS)
    assert sorted(names(app)) == ["Cem", "Dua"]


def test_a_tier_beside_the_filters_narrows_it_and_is_named(ten, board: Board):
    app = board(ten, "customers", figure="value", tier="top", **DAYS)
    # Jin brings 520 of all, and is the one of five in the top tier.
    assert names(app) == ["Jin"]
    assert "Customer value: CN¥520 · Top" in shown(app)
    assert dict(app.query_params)["tier"] == "top"


def test_who_is_not_to_be_contacted_is_marked_and_not_hidden(tmp_path, board: Board):
    home = shop.build(
        tmp_path, [("Ann", "2024-01-10", 50), ("Bob", "2024-01-11", 40)],
        customers=[{"customer_id": "Ann", "may_contact": False}, {"customer_id": "Bob"}],
    ).home  # fmt: skip
    rows = board(home, "customers").dataframe[0].value
    marks = dict(zip(rows["customer_id"], rows["may_contact"], strict=True))
    assert marks == {"Ann": translate("list.code.may_contact.no", "en"), "Bob": ""}


def test_no_phone_reaches_the_browser(tmp_path, board: Board):
    home = shop.build(
        tmp_path, [("Ann", "2024-01-10", 50)],
        customers=[{"customer_id": "Ann", "name": "Ann A", "phone": "13812345678"}],
    ).home  # fmt: skip
    rows = board(home, "customers").dataframe[0].value
    assert list(rows["name"]) == ["Ann A"]
    assert "13812345678" not in rows.to_csv()


@pytest.mark.parametrize(
    "address",
    [
        {"figure": "nonsense"},
        {"figure": "'; drop table customers; --"},
        {"figure": "churn", "values": "top,lost"},
        {"figure": "tier_moves"},
        {"figure": "<script>alert(1)</script>"},
    ],
)
def test_a_figure_that_nobody_stands_behind_is_told_and_falls_back(ten, board: Board, address):
    app = board(ten, "customers", **address, **DAYS)
    assert "These are the active customers instead." in shown(app)
    assert len(names(app)) == 5
    assert "figure" not in dict(app.query_params)


def test_a_scope_that_the_books_do_not_know_is_told_and_left_out(ten, board: Board):
    app = board(ten, "customers", figure="lost", tier="nonsense", segment="x", **DAYS)
    told = " ".join(warning.value for warning in app.warning)
    assert "nonsense" in told
    assert len(names(app)) == 2


def test_values_of_a_drill_that_match_nobody_say_so(ten, board: Board):
    app = board(ten, "customers", figure="tier_moves", values="nonsense,top", **DAYS)
    assert not app.dataframe
    assert translate("customers.nobody", "en") in shown(app)


def test_an_unknown_figure_of_money_gives_its_reason(ten, board: Board):
    # Without surveys nobody has answered.
    app = board(ten, "customers", figure="nps", **DAYS)
    assert not app.dataframe
    assert "surveys" in shown(app)


def test_the_way_back_leads_to_the_page_of_the_figure():
    assert drill.page_of("churn") == "churn"
    assert drill.page_of("tier_top") == "pyramid"
    assert drill.page_of("no such figure") == "overview"


def test_values_with_a_comma_survive_an_address():
    values = ("a,b", "100 %", "%2C", "华东 East", "")
    assert drill.parted(drill.joined(values)) == values
    assert drill.parted("") == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_drill_with_values_has_a_title(language):
    missing = [
        key
        for key, each in BEHIND.items()
        if each.values and f"behind.{key}.title" not in texts(language)
    ]
    assert not missing


@pytest.mark.parametrize("kind", ["one", "orders_only"])
def test_small_books_open(kind, tmp_path, board: Board):
    bought = [("Ann", "2024-01-10", 50)]
    if kind == "orders_only":
        bought = [(f"c{n % 7}", f"{2022 + n // 12}-{n % 12 + 1:02}-15", 10 + n) for n in range(30)]
    app = board(shop.build(tmp_path, bought).home, "customers", "zh")
    assert app.dataframe
    assert not app.error
