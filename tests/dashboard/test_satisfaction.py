"""The satisfaction page over shops that were told much, little and nothing."""

import pytest

from core.i18n import translate
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow

SECTIONS = (
    "scores", "attitudes", "ladder", "complaints", "promises", "service", "link", "silent",
)  # fmt: skip
MISSING = {
    "scores": "surveys", "attitudes": "surveys", "ladder": "surveys", "complaints": "complaints",
    "promises": "promises", "service": "appointments", "link": "surveys", "silent": "complaints",
}  # fmt: skip


def test_the_cards_are_as_by_hand(voice, board: Board):
    app = board(voice, "satisfaction", as_of="2024-03-31")
    values = [metric.value.replace("\\", "").strip() for metric in app.metric]
    # Ann 9 and Jin 10, Bob 7, Cem 2: (2 - 1) / 4. Ann 5, Cem 2 of five: one of two. Asked an NPS
    # long enough ago were Ann twice, Cem, Dua and Bob; all but Dua answered. Open are Cem's, Dua's
    # and Bob's. Half had an answer after 4 hours. Kept was one promise of three.
    assert values == ["25", "50.0%", "80.0%", "3", "4.0 h", "33.3%"]


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("kind", ["voice", "everything"])
def test_each_section_opens_where_customers_talk(kind, section, board: Board, request):
    app = board(request.getfixturevalue(kind), "satisfaction", "zh", section=section)
    assert app.title[0].value == translate("page.satisfaction.title", "zh")
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("section", SECTIONS)
def test_without_the_table_each_section_names_it(section, orders_only, board: Board):
    text = shown(board(orders_only, "satisfaction", section=section))
    assert translate("missing.title", "en") in text
    assert f"({MISSING[section]})" in text


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_opens_over_one_customer(section, one, board: Board):
    assert not board(one, "satisfaction", "zh", section=section).error


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_opens_in_a_scope(section, everything, board: Board):
    app = board(everything, "satisfaction", section=section, region="x")
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("by", ["category", "cause", "product", "month"])
def test_complaints_are_told_apart_in_every_way(by, everything, board: Board):
    app = board(everything, "satisfaction", section="complaints", by=by)
    assert not app.error
    assert dict(app.query_params)["by"] == by


@pytest.mark.parametrize("by", ["branch", "service"])
def test_waiting_is_told_apart_in_every_way(by, everything, board: Board):
    assert not board(everything, "satisfaction", section="service", by=by).error


@pytest.mark.parametrize("instrument", ["csat", "ces"])
def test_each_score_is_shown(instrument, voice, board: Board):
    app = board(voice, "satisfaction", instrument=instrument)
    assert not app.error
    assert dict(app.query_params)["instrument"] == instrument


def test_a_section_that_is_none_is_told_and_the_first_is_shown(voice, board: Board):
    app = board(voice, "satisfaction", section="nonsense")
    assert "nonsense" in app.warning[0].value
    assert "section" not in dict(app.query_params)


def test_a_choice_that_the_section_does_not_know_is_told(voice, board: Board):
    app = board(voice, "satisfaction", section="complaints", by="weather")
    assert "weather" in app.warning[0].value
    assert not app.error


def test_the_language_changes_in_place(voice, board: Board):
    app = board(voice, "satisfaction", section="complaints", by="category")
    app.session_state["lang"] = "zh"
    app.run()
    found = dict(app.query_params)
    assert (found["section"], found["by"]) == ("complaints", "category")
