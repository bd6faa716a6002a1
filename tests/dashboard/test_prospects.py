"""The prospects page: the funnel by hand, each part, the plan, and books without leads."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.i18n import translate
from dashboard.findings.prospects import SECTIONS
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow
CAME = datetime(2023, 11, 1, 9)
DAYS = {"as_of": "2024-03-31", "compare": "2023-12-31"}


def lead(number: int, source: str, came: datetime = CAME, sold: int | None = None) -> dict:
    return {
        "lead_id": f"l{number}", "customer_id": "Ann" if sold else None, "created_at": came,
        "source": source, "converted_at": None if sold is None else came + timedelta(days=sold),
    }  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four leads of November 2023, one of whom bought after 10 days, and one of March 2024."""
    leads = [
        lead(1, "shop", sold=10), lead(2, "shop"), lead(3, "web"), lead(4, "web"),
        lead(5, "web", datetime(2024, 3, 20, 9)),
    ]  # fmt: skip
    stages = [
        {"lead_id": f"l{number}", "moved_at": CAME + timedelta(days=days), "stage": stage}
        for number, days, stage in (
            (1, 0, "new"), (2, 0, "new"), (3, 0, "new"), (4, 0, "new"),
            (1, 2, "talk"), (2, 3, "talk"),
        )
    ]  # fmt: skip
    bought = [("Ann", "2023-01-10", 50), ("Ann", "2023-11-11", 50), ("Bob", "2024-03-31", 5)]
    books = shop.build(
        tmp_path_factory.mktemp("leads"), bought, leads=leads, lead_stages=stages,
        customer_attributes=[shop.attribute("Ann", "North", "2023-01-01")],
    )  # fmt: skip
    return books.home


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("kind", ["home", "everything", "ten"])
def test_each_part_opens(kind, section, board: Board, request):
    app = board(request.getfixturevalue(kind), "prospects", "zh", section=section)
    assert app.title[0].value == translate("page.prospects.title", "zh")
    assert not app.error
    assert not app.warning


def test_the_funnel_is_the_one_worked_out_by_hand(home, board: Board):
    app = board(home, "prospects", **DAYS)
    cards = {metric.label: metric.value.replace("\\", "") for metric in app.metric}
    # Of the four leads whose 90 days have passed one bought: a quarter.
    assert cards[translate("prospects.card.lead_conversion", "en")] == "25.0%"
    # New: 4, talk: 2, bought: 1: half go on each time, and the first such step is named.
    assert "25.0% of leads buy; fewest go on from New to talk: 50.0%" in shown(app)


def test_books_without_leads_say_what_would_light_the_page_up(ten, board: Board):
    assert translate("missing.title", "en") in shown(board(ten, "prospects", **DAYS))


def test_in_a_scope_the_whole_company_is_shown_and_said(home, board: Board):
    app = board(home, "prospects", region="North", **DAYS)
    assert translate("note.leads_unscoped", "en") in shown(app)
    assert app.metric[0].value == "5"


def test_a_part_that_does_not_exist_is_told_and_the_first_is_shown(home, board: Board):
    app = board(home, "prospects", section="nonsense", **DAYS)
    assert "nonsense" in app.warning[0].value
    assert "section" not in dict(app.query_params)


def test_without_targets_the_plan_says_how_to_set_them(home, board: Board):
    app = board(home, "prospects", section="plan", **DAYS)
    assert translate("prospects.plan.none", "en") in shown(app)
    assert "[[targets]]" in app.code[0].value


def test_a_target_stands_beside_what_was_reached(tmp_path, board: Board):
    leads = [lead(number, "shop", datetime(2024, 3, number, 9)) for number in (4, 5, 6)]
    bought = [("Ann", "2024-02-01", 50), ("Ann", "2024-03-31", 50)]
    home = shop.build(tmp_path, bought, leads=leads).home
    text = '[[targets]]\nkey = "leads_new"\nperiod = "2024-03"\nvalue = 4\n'
    with (home / "regulars.toml").open("a", encoding="utf-8") as settings:
        settings.write(text)
    app = board(home, "prospects", section="plan", as_of="2024-03-31")
    said = shown(app)
    assert "New leads: 3 in Mar 2024, planned 4" in said
    assert "1 of 1 targets are behind" in said
    [row] = app.dataframe[0].value.to_dict("records")
    assert (row["target"], row["actual"], row["target_reached"]) == ("4", "3", "75%")
