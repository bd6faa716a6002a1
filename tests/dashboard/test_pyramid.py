"""The pyramid page: every section over books of every kind, and its figures by hand."""

import pytest

from core.i18n import translate
from tests.dashboard.conftest import Board, shown
from tests.figures.tiered_shop import AS_OF

pytestmark = pytest.mark.slow

SECTIONS = (
    "shape", "moves", "concentration", "composition", "kinds", "negative", "channels",
)  # fmt: skip
DAYS = {"as_of": "2024-03-31", "compare": "2023-12-31"}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(
    ("kind", "language"),
    [("ten", "zh"), ("one", "en"), ("orders_only", "zh"), ("everything", "en")],
)
def test_a_section_opens_over_books_of_every_kind(kind, language, section, board: Board, request):
    app = board(request.getfixturevalue(kind), "pyramid", language, section=section)
    assert app.title[0].value == translate("page.pyramid.title", language)
    assert app.session_state["pyramid.section"] == section
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("by", ["category", "tier", "region", "channel"])
@pytest.mark.parametrize("place", ["region", "channel"])
def test_composition_is_told_by_every_column(everything, board: Board, by, place):
    app = board(everything, "pyramid", section="composition", by=by, place=place)
    assert not app.error


def test_the_shape_is_as_by_hand(ten, board: Board):
    app = board(ten, "pyramid", **DAYS)
    figures = {metric.label: metric.value.replace("\\", "") for metric in app.metric}
    # Jin, one of five, is the top: 520 of 940; nobody fell from the upper tiers.
    assert figures["Active customers"] == "5"
    assert figures["Share of the upper tiers"] == "55.3%"
    text = shown(app).replace("\xa0", " ")
    assert "1 customers in the top tier, 20.0% of all, bring 55.3% of value" in text
    # Then 500 of 845, 59.2 %.
    assert "3.9 pp less than then" in text


def test_moves_say_that_only_the_excess_is_news(tiered, board: Board):
    app = board(tiered, "pyramid", section="moves", as_of=AS_OF.isoformat(), compare="2023-09-30")
    text = shown(app)
    # Of Ada, Cid and Dot one fell; 1/6 of one is usual.
    assert "1 of 3 upper customers are upper no more: 1 more than usual" in text
    assert "only the excess over what is usual is news" in text


def test_moves_without_earlier_periods_say_why_and_lead_to_a_period_that_has_them(
    tiered, board: Board
):
    app = board(tiered, "pyramid", section="moves", as_of=AS_OF.isoformat(), compare="2022-12-31")
    text = shown(app)
    assert translate("pyramid.news.unknown", "en") in text
    assert "1 earlier periods of equal length" in text
    links = [each.proto.label for each in app.get("page_link")]
    assert any("30 Jun 2023" in label for label in links)


def test_moves_under_tiers_that_do_not_compare_say_so(ten, board: Board):
    app = board(ten, "pyramid", section="moves", as_of="2024-03-31", compare="2023-03-31")
    assert translate("pyramid.moves.unknown", "en") in shown(app)


def test_kinds_are_as_by_hand(tiered, board: Board):
    app = board(tiered, "pyramid", section="kinds", as_of=AS_OF.isoformat(), compare="2022-12-31")
    figures = {metric.label: metric.value.replace("\\", "") for metric in app.metric}
    # Ben and Cid migrate, Eve has potential, Ada and Dot are of value, Fin and Ike freeze.
    assert [figures[f"{kind} customers"] for kind in ("Value", "Migrating", "Freezing")] == [
        "2", "2", "2",
    ]  # fmt: skip
    # A year ago they brought 600 each, now 50 and 60.
    assert "brought CN¥1,200 a year ago and bring CN¥110 now" in shown(app)


def test_without_costs_negative_value_is_called_refunds_that_exceed_purchases(tiered, board: Board):
    app = board(tiered, "pyramid", section="negative", as_of=AS_OF.isoformat())
    text = shown(app)
    assert app.metric[0].label == "Refunds exceed purchases"
    # Joy bought for 20 and got 70 back.
    assert "Refunds exceed purchases: 1 customers were given back CN¥50 more" in text


def test_what_the_books_lack_is_said_with_what_to_bring(orders_only, board: Board):
    composition = shown(board(orders_only, "pyramid", section="composition"))
    assert translate("missing.title", "en") in composition
    channels = shown(board(orders_only, "pyramid", section="channels"))
    assert translate("pyramid.mix.why_occasion", "en") in channels
    assert translate("pyramid.mix.why_contact", "en") in channels


def test_a_section_that_does_not_exist_is_told_and_falls_back(ten, board: Board):
    app = board(ten, "pyramid", section="nonsense", **DAYS)
    assert "nonsense" in app.warning[0].value
    assert app.session_state["pyramid.section"] == "shape"


def test_a_change_of_language_keeps_section_and_choices(everything, board: Board):
    app = board(everything, "pyramid", section="composition", by="region", place="channel")
    app.session_state["lang"] = "zh"
    app.run()
    chosen = {name: app.session_state[f"pyramid.{name}"] for name in ("section", "by", "place")}
    assert chosen == {"section": "composition", "by": "region", "place": "channel"}
