"""The page of definitions: what figures mean, what the settings are, what others would make."""

import time
from pathlib import Path

import pytest

from core.definitions import Definitions
from core.figures import definition_of
from core.i18n import translate
from dashboard.findings.definitions import changed, matching, toml
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow

DAYS = {"as_of": "2024-03-31", "compare": "2023-12-31"}


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop.ten_customers(tmp_path_factory.mktemp("ten")).home


def test_a_link_to_a_figure_shows_its_value_and_what_it_means(ten, board: Board):
    text = shown(board(ten, "definitions", "zh", figure="churn", **DAYS))
    assert definition_of("churn").formula("zh") in text
    # Bob and Fay of the five who were active.
    assert "40.0%" in text


def test_a_link_to_a_figure_that_does_not_exist_says_so(ten, board: Board):
    app = board(ten, "definitions", figure="nonsense", **DAYS)
    assert "nonsense" in app.error[0].value
    assert definition_of("customers").formula("en") in shown(app)


def test_figures_are_found_by_words_of_either_language():
    assert "churn" in [figure.key for figure in matching("流失率", "")]
    assert "churn" in [figure.key for figure in matching("LOST opening", "")]
    assert matching("churn", "satisfaction") == []
    assert matching("no such word", "") == []


def test_settings_of_the_company_are_told_from_the_others(ten, board: Board):
    text = shown(board(ten, "definitions", section="settings", **DAYS))
    # The shop sets its lapse alone.
    assert translate("board_definitions.own", "en", n=1, of=28) in text


@pytest.mark.parametrize("section", ["tau", "targets", "compare", "figures", "settings"])
def test_a_section_opens_in_chinese(section, ten, board: Board):
    app = board(ten, "definitions", "zh", section=section, **DAYS)
    assert app.title[0].value == translate("page.definitions.title", "zh")
    assert not app.error


def test_a_section_that_does_not_exist_is_told_and_the_first_is_shown(ten, board: Board):
    app = board(ten, "definitions", section="nonsense", **DAYS)
    assert "nonsense" in shown(app)
    assert "section" not in dict(app.query_params)


def test_a_longer_lapse_is_tried_beside_the_one_in_force(ten, board: Board):
    app = board(ten, "definitions", section="compare", **DAYS)
    app.number_input(key="trial.tau").set_value(100)
    app.button[0].click().run()
    for _ in range(60):
        if translate("board_definitions.adopt", "en") in shown(app):
            break
        time.sleep(0.5)
        app.run()
    # Fay (91 days) and Hao (90) are active with 100 days, and lost with 60.
    text = shown(app)
    assert translate("board_definitions.moved", "en", n=2, of=10) in text
    assert "lapse_after_days = 100" in app.code[0].value


def test_the_settings_in_force_are_not_tried(ten, board: Board):
    app = board(ten, "definitions", section="compare", **DAYS)
    app.button[0].click().run()
    assert translate("board_definitions.same", "en") in shown(app)


def test_a_setting_that_does_not_exist_is_refused_in_one_sentence(ten, board: Board):
    app = board(ten, "definitions", section="compare", **DAYS)
    app.text_area(key="trial.other").set_value("nonsense = 3")
    app.button[0].click().run()
    assert "nonsense" in app.error[0].value


def test_only_what_differs_is_written_for_regulars_toml():
    new = Definitions(lapse_after_days=90, tiers={"names": "zeithaml"})  # type: ignore[arg-type]
    assert toml(changed(Definitions(), new)) == (
        '[definitions]\nlapse_after_days = 90\n\n[definitions.tiers]\nnames = "zeithaml"'
    )


def test_a_target_of_a_period_that_is_none_is_refused(ten, board: Board, monkeypatch):
    monkeypatch.setenv("REGULARS_USER", "Kim")
    app = board(ten, "definitions", section="targets", **DAYS)
    next(each for each in app.text_input if str(each.key).endswith(".period")).set_value(
        "next year"
    )
    app.number_input[0].set_value(8)
    label = translate("targets_set.set", "en")
    app = next(each for each in app.button if each.label == label).click().run()
    assert app.error
