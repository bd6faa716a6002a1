"""The repurchase page: its figures by hand, each part, and books that cannot tell."""

import pytest

from core.i18n import translate
from dashboard.findings.repurchase import SECTIONS
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow
DAYS = {"as_of": "2024-03-31", "compare": "2023-12-31"}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(("kind", "language"), [("ten", "zh"), ("one", "en"), ("everything", "zh")])
def test_each_part_opens_over_books_of_every_kind(kind, language, section, board: Board, request):
    app = board(request.getfixturevalue(kind), "repurchase", language, section=section)
    assert app.title[0].value == translate("page.repurchase.title", language)
    assert not app.error
    assert not app.warning


def test_the_rates_are_those_worked_out_by_hand(ten, board: Board):
    app = board(ten, "repurchase", **DAYS)
    cards = {metric.label: metric.value.replace("\\", "") for metric in app.metric}
    # Of the 12 months to the end of March 2024: Ann, Bob, Cem, Dua, Eva, Fay, Hao and Jin bought;
    # Ann (December, March) and Jin (November, March) on two days: 2 of 8.
    assert cards[translate("repurchase.card.repeat_rate", "en")] == "25.0%"
    # First at least 90 days ago: Ann, Bob, Cem, Fay (31 December: 91), Hao (1 January: 90) and Jin;
    # nobody came back within 90: Ann took 325 days, Cem 374, Jin 151.
    assert cards[translate("repurchase.card.repurchase_within_90", "en")] == "0.0%"


def test_a_part_that_does_not_exist_is_told_and_the_first_is_shown(ten, board: Board):
    app = board(ten, "repurchase", section="nonsense", **DAYS)
    assert "nonsense" in app.warning[0].value
    assert "section" not in dict(app.query_params)
    assert len(app.metric) == 5


def test_cohorts_stand_in_three_measures(ten, board: Board):
    for measure in ("heads", "since", "money"):
        app = board(ten, "repurchase", section="cohorts", measure=measure, **DAYS)
        assert dict(app.query_params).get("measure", "heads") == measure
        assert not app.error
    # January 2023 is the first cohort. The month after its first purchase has closed of Ann,
    # Cem, Bob, Jin, Fay, Hao, Eva and Dua: all 8; Fay's, in January, without a purchase.
    assert "n = 8" in shown(app) or "8 customers" in shown(app)


def test_what_the_books_do_not_say_is_said(ten, board: Board):
    said = shown(board(ten, "repurchase", section="products", **DAYS))
    assert translate("missing.title", "en") in said
    said = shown(board(ten, "repurchase", section="attributes", **DAYS))
    assert "Way of payment: not known" in said
    said = shown(board(ten, "repurchase", section="promotions", **DAYS))
    assert translate("promotions.none", "en") in said


def test_a_scope_without_anybody_says_so(tmp_path, board: Board):
    regions = [
        shop.attribute("Ann", "North", "2023-01-01"), shop.attribute("Bob", "South", "2024-02-01"),
    ]  # fmt: skip
    bought = [("Ann", "2023-01-10", 50), ("Bob", "2024-02-10", 50)]
    home = shop.build(tmp_path, bought, customer_attributes=regions).home
    app = board(home, "repurchase", as_of="2023-12-31", region="South")
    assert translate("page.nobody.title", "en") in shown(app)
