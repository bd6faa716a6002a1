"""The page of work lists."""

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import translate
from core.lists import LISTS
from dashboard.findings.lists import GROUPS, WORTH
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow
DAYS = {"as_of": "2024-03-31", "compare": "2023-12-31"}
KEYS = [key for keys in GROUPS.values() for key in keys]


def ids(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["customer_id"])


def test_every_list_is_in_a_group_once_but_win_back_which_has_its_page():
    assert sorted([*KEYS, "win-back"]) == sorted(LISTS)
    assert all(column in LISTS[key].columns for key, column in WORTH.items())


@pytest.mark.parametrize("key", KEYS)
def test_every_list_opens_and_says_how_many_stand_in_it(everything, key, board: Board):
    app = board(everything, "lists", "zh", list=key)
    assert not app.error
    assert dict(app.query_params).get("list", KEYS[0]) == key
    rows = app.dataframe[0].value if app.dataframe else []
    assert f"{len(rows):,}" in shown(app)


@pytest.mark.parametrize("key", KEYS)
def test_a_list_over_orders_alone_opens_or_says_what_is_missing(ten, key, board: Board):
    app = board(ten, "lists", list=key, **DAYS)
    assert not app.error
    if LISTS[key].tables and key not in ("dependency", "dependency-customers"):
        assert not app.dataframe
        assert any(table in shown(app) for table in LISTS[key].tables)


def test_the_overdue_are_those_of_the_ten_customers(ten, board: Board):
    app = board(ten, "lists", list="overdue", **DAYS)
    # With fewer than 3 gaps: silent for more than 0.5 x 60 days, 7 at least. Cem has been silent
    # for 50 days, Dua for 40, Eva for 60; Ann for 30, which is not more; Jin came that day.
    assert ids(app) == ["Dua", "Cem", "Eva"]  # 210, 100 and 30 in 12 months
    assert "3 customers are overdue" in shown(app)


def test_a_list_that_does_not_exist_is_told_and_falls_back(ten, board: Board):
    app = board(ten, "lists", list="nonsense", **DAYS)
    assert "nonsense" in shown(app)
    assert "list" not in dict(app.query_params)


def test_choosing_another_group_shows_its_first_list(ten, board: Board):
    app = board(ten, "lists", list="early-warning", **DAYS)
    app.segmented_control(key="lists.group").set_value("today").run()
    assert dict(app.query_params)["list"] == GROUPS["today"][0]


def test_a_reason_narrows_the_list_and_stands_in_the_address(everything, board: Board):
    app = board(everything, "lists", list="at-risk", as_of="2022-02-28")
    every = app.dataframe[0].value
    is_overdue = every["reasons"].str.contains(translate("list.reason.overdue", "en"))
    assert 0 < is_overdue.sum() < len(every)
    app.selectbox(key="lists.reason").set_value("overdue").run()
    assert ids(app) == list(every["customer_id"][is_overdue])
    assert dict(app.query_params)["reason"] == "overdue"


def test_a_reason_that_does_not_exist_is_told_and_left_out(everything, board: Board):
    app = board(everything, "lists", list="at-risk", reason="nonsense")
    assert "nonsense" in " ".join(warning.value for warning in app.warning)
    assert "reason" not in dict(app.query_params)


def test_a_reason_of_a_link_narrows_the_list(everything, board: Board):
    app = board(everything, "lists", list="at-risk", reason="overdue", as_of="2022-02-28")
    assert app.selectbox(key="lists.reason").value == "overdue"
    overdue = translate("list.reason.overdue", "en")
    assert all(overdue in text for text in app.dataframe[0].value["reasons"])
