"""The card page: finding a customer, one card, addresses of every kind."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.facts import Books
from core.i18n import translate
from core.reading import open_ledger
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow

NAME = "![x](http://192.0.2.1/p.png)"
QUOTED = "**bold** | [a](http://192.0.2.1) :red[x]\nnext"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two customers of one hostile name, in two regions; one wrote a hostile complaint."""
    bought = [("a1", "2023-12-10", 50), ("a1", "2024-02-10", 150), ("b2", "2024-02-10", 30)]
    bought += [("c3", "2024-02-11", 5)]
    people = [
        {"customer_id": "a1", "name": NAME, "phone": "13812345678", "may_contact": False},
        {"customer_id": "b2", "name": NAME, "phone": "13987654321", "may_contact": True},
    ]
    complaint = {"complaint_id": "k1", "customer_id": "a1", "category": "quality",
                 "opened_at": datetime(2024, 2, 1, 9), "text": QUOTED}  # fmt: skip
    other = complaint | {"complaint_id": "k2", "customer_id": "b2", "text": None}
    regions = [shop.attribute("a1", "North", "2023-01-01"),
               shop.attribute("b2", "South", "2023-01-01")]  # fmt: skip
    return shop.build(
        tmp_path_factory.mktemp("hostile"), bought, customers=people, complaints=[complaint, other],
        customer_attributes=regions,
    ).home  # fmt: skip


def key_of(home: Path, customer_id: str) -> str:
    with open_ledger(Books(home)) as ledger:
        ids = ledger.persons("customer_ids")
        (row,) = ids.filter(ids.customer_id == customer_id).to_pyarrow().to_pylist()
    return str(row["customer_key"])


def look_for(app, text: str):
    return app.text_input(key="card.search").set_value(text).run()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_begins_with_the_search_and_who_is_at_risk(hostile, board: Board, language):
    app = board(hostile, "card", language, as_of="2024-02-11")
    text = shown(app)
    assert translate("card.search.start", language) in text
    assert translate("list.reason.open_complaint", language) in text
    assert app.text_input(key="card.search").value == ""


def test_a_card_shows_what_was_known_at_its_day(ten, board: Board):
    app = board(ten, "card", as_of="2024-03-31", customer=key_of(ten, "Ann"))
    text = shown(app)
    # 50 on 1 December and 70 on 1 March; last bought 30 days before.
    assert app.metric[0].value == "CN¥120"
    assert app.metric[3].value == "30 days"
    assert "As it was known at the end of 31 Mar 2024" in text
    assert "Bought for CN¥70**" in text
    assert "Bought for CN¥10**" not in text  # of 15 April


def test_one_hit_opens_the_card_and_the_text_stays_out_of_the_address(ten, board: Board):
    app = look_for(board(ten, "card", as_of="2024-03-31"), "jin")
    assert "### Jin" in shown(app)
    assert dict(app.query_params)["customer"] == key_of(ten, "Jin")
    assert "jin" not in dict(app.query_params).values()


def test_hits_of_one_name_are_told_apart_and_lead_to_their_cards(hostile, board: Board):
    app = look_for(board(hostile, "card", as_of="2024-02-11"), "p.png")
    text = shown(app)
    assert translate("card.search.some", "en", n=2) in text
    assert "CN¥200" in text  # a1: 50 and 150
    assert "CN¥30" in text
    app.button(key=f"card.open.{key_of(hostile, 'b2')}").click().run()
    assert dict(app.query_params)["customer"] == key_of(hostile, "b2")
    assert app.metric[0].value == "CN¥30"


def test_a_new_search_makes_way_for_its_results(ten, board: Board):
    app = board(ten, "card", as_of="2024-03-31", customer=key_of(ten, "Ann"))
    app = look_for(app, "nobody at all")
    assert translate("card.search.none", "en") in shown(app)
    assert "customer" not in dict(app.query_params)


@pytest.mark.parametrize("text", ["%", "'", "\\", "x" * 10_000, "{0}", "*"])
def test_hostile_texts_find_nobody_and_do_no_harm(ten, board: Board, text):
    app = look_for(board(ten, "card", as_of="2024-03-31"), text)
    assert translate("card.search.none", "en") in shown(app)
    assert not app.error


@pytest.mark.parametrize("asked", ["999999", "-1", "abc", "1e3", "９", "1" * 40, NAME])
def test_an_unknown_customer_is_one_sentence_and_the_search(ten, board: Board, asked):
    app = board(ten, "card", as_of="2024-03-31", customer=asked)
    assert len(app.warning) == 1
    assert asked[:40] in shown(app)
    assert translate("card.search.start", "en") in shown(app)
    assert not app.error


def test_a_customer_outside_the_scope_is_shown_with_a_notice(hostile, board: Board):
    app = board(hostile, "card", as_of="2024-02-11", region="South",
                customer=key_of(hostile, "a1"))  # fmt: skip
    assert app.info[0].value.replace("\\", "") == translate("card.elsewhere", "en", scope="South")
    assert app.metric[0].value == "CN¥200"


def test_the_telephone_number_is_shown_when_it_is_asked_for(hostile, board: Board):
    key = key_of(hostile, "a1")
    app = board(hostile, "card", as_of="2024-02-11", customer=key)
    assert "138****5678" in shown(app)
    assert "13812345678" not in shown(app)
    app.button(key=f"card.reach.{key}.show").click().run()
    assert "13812345678" in shown(app)


def test_who_is_not_to_be_contacted_is_marked_at_the_head(hostile, board: Board):
    app = board(hostile, "card", as_of="2024-02-11", customer=key_of(hostile, "a1"))
    head = next(each.value for each in app.markdown if each.value.startswith("###"))
    assert f":orange-badge[:material/block: {translate('card.not_to_contact', 'en')}]" in head


def test_what_people_wrote_is_never_markdown(hostile, board: Board):
    app = board(hostile, "card", as_of="2024-02-11", customer=key_of(hostile, "a1"))
    written = "\n".join(each.value for each in (*app.markdown, *app.caption))
    assert "![x]" not in written
    assert "**bold**" not in written
    assert "\\*\\*bold\\*\\* \\| \\[a\\]" in written  # and its line break is none
    assert ":red[" not in written


def test_the_timeline_is_filtered_by_kind_in_the_address(hostile, board: Board):
    app = board(hostile, "card", as_of="2024-02-11", customer=key_of(hostile, "a1"),
                kind="complaints")  # fmt: skip
    text = shown(app)
    assert "Complained" in text
    assert "Bought for" not in text
    assert dict(app.query_params)["kind"] == "complaints"


@pytest.mark.parametrize("choice", ["kind", "depth"])
def test_a_choice_that_there_is_not_is_told_and_falls_back(hostile, board: Board, choice):
    app = board(hostile, "card", as_of="2024-02-11", customer=key_of(hostile, "b2"),
                **{choice: "nonsense"})  # fmt: skip
    assert "nonsense" in shown(app)
    assert "Bought for" in shown(app)
    assert not app.error


def test_a_general_customer_is_shown_in_short_and_the_rest_when_chosen(hostile, board: Board):
    people = translate("card.people.title", "en")
    key = key_of(hostile, "c3")
    short = board(hostile, "card", as_of="2024-02-11", customer=key)
    assert people not in shown(short)
    full = board(hostile, "card", as_of="2024-02-11", customer=key, depth="full")
    assert people in shown(full)


def test_an_important_customer_is_always_shown_in_full(hostile, board: Board):
    # Of three customers the one with most value is the top tier.
    app = board(hostile, "card", as_of="2024-02-11", customer=key_of(hostile, "a1"),
                depth="short")  # fmt: skip
    assert translate("card.people.title", "en") in shown(app)


def test_more_of_a_long_timeline_is_shown_on_demand(tmp_path, board: Board):
    bought = [("Ann", f"2023-{month:02}-{day:02}", 5) for month in range(1, 12)
              for day in (1, 10, 20)]  # fmt: skip
    home = shop.build(tmp_path, bought).home
    app = board(home, "card", as_of="2023-11-20", customer="1")
    assert "30 of 33" in shown(app)
    next(b for b in app.button if b.label == translate("card.more", "en")).click().run()
    assert "33 of 33" in shown(app)


def test_a_customer_who_came_later_is_not_known_yet(ten, board: Board):
    app = board(ten, "card", as_of="2023-12-31", customer=key_of(ten, "Dua"))
    assert translate("card.not_yet", "en", day="31 Dec 2023") in shown(app)
    assert not app.metric


@pytest.mark.parametrize("customer", ["Bob", "Ida", "Gus", "Hao"])
def test_the_lost_and_those_who_never_bought_have_cards(ten, board: Board, customer):
    app = board(ten, "card", "zh", as_of="2024-03-31", customer=key_of(ten, customer))
    assert app.metric
    assert not app.error


def test_one_customer_and_one_order_is_enough_for_a_card(tmp_path, board: Board):
    home = shop.build(tmp_path, [("Ann", "2024-01-10", 50)]).home
    app = look_for(board(home, "card", as_of="2024-01-10"), "ann")
    assert app.metric[0].value == "CN¥50"
    assert not app.error


def test_money_of_another_currency_stands_in_its_own(tmp_path, board: Board):
    orders = [
        shop.order(1, "Ann", "2024-01-10", 50) | {"currency": "USD"},
        shop.order(2, "Ann", "2024-01-11", 60) | {"currency": "CNY"},
    ]
    rates = [{"currency": "USD", "rate_on": shop.day("2024-01-01"), "rate": 7.0}]
    home = shop.build(tmp_path, [], orders=orders, rates=rates).home
    app = board(home, "card", as_of="2024-01-11", customer="1")
    assert "Bought for $50" in shown(app) or "Bought for US$50" in shown(app)
    assert app.metric[0].value == f"CN¥{Decimal(50) * 7 + 60:.0f}"
