"""The churn page, section by section, over books of every kind."""

from datetime import date
from pathlib import Path

import pytest

from core.facts import Books
from core.i18n import translate
from core.ledger.refresh import refresh
from tests import shop
from tests.dashboard.conftest import Board, shown
from tests.rows import take

pytestmark = pytest.mark.slow

SECTIONS = ("lost", "causes", "risk", "warning", "care", "dependency", "ties", "lapse")
PERIOD = {"as_of": "2024-03-31", "compare": "2023-12-31"}


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dua comes to Xu every month, for 100; Ann, who depended on Wen, is lost since Wen left."""
    orders = [
        shop.order(10 * month + place, who, f"2023-{month:02}-15", amount)
        | {"employee_id": staff, "branch": "Old Town"}
        for month in range(1, 13)
        for place, (who, amount, staff, until) in enumerate(
            (("Dua", 100, "xu", 12), ("Ann", 10, "wen", 6))
        )
        if month <= until
    ]
    staff = [
        {"employee_id": "wen", "name": "Wen", "branch": "Old Town", "left_on": date(2023, 6, 30)},
        {"employee_id": "xu", "name": "Xu", "branch": "Old Town", "left_on": None},
    ]
    books = Books(tmp_path_factory.mktemp("staffed"))
    attributes = [shop.attribute(who, "Old Town", "2023-01-01", "branch") for who in ("Ann", "Dua")]
    take(books, {"orders": orders, "employees": staff, "customer_attributes": attributes})
    refresh(books, shop.CONFIGURATION)
    return books.home


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(("kind", "language"), [("ten", "zh"), ("one", "en"), ("everything", "en")])
def test_a_section_opens_over_books_of_every_kind(kind, language, section, board: Board, request):
    home = request.getfixturevalue(kind)
    app = board(home, "churn", language, section=section)
    assert app.title[0].value == translate("page.churn.title", language)
    assert not app.error
    assert dict(app.query_params).get("section", "lost") == section


def test_who_was_lost_is_counted_as_by_hand(ten, board: Board):
    text = shown(board(ten, "churn", **PERIOD))
    # Ann, Bob, Fay, Gus and Jin were active; Bob and Fay were lost, who had brought 80 + 25.
    assert "2 customers lost, 40.0% of those active" in text
    assert "105" in text


def test_where_nothing_tells_why_it_says_so_and_spreads_nothing(ten, board: Board):
    text = shown(board(ten, "churn", section="causes", **PERIOD))
    assert translate("churn.causes.unknown", "en") in text


def test_a_section_whose_tables_are_missing_says_which_would_light_it_up(ten, board: Board):
    text = shown(board(ten, "churn", section="care", **PERIOD))
    assert "contacts" in text
    assert "key_dates" in text


def test_what_would_leave_with_an_employee_is_told_as_by_hand(staffed, board: Board):
    app = board(staffed, "churn", section="dependency", as_of="2023-11-30", compare="2023-06-30")
    text = shown(app)
    # Dua alone is active: 11 purchases of 100 up to the end of November, all through Xu.
    assert "If Xu left" in text
    assert "100.0% of the value of Old Town hangs on Xu alone" in text
    assert "1,100" in text
    assert translate("churn.leaves.unknown", "en") in text  # nobody was followed for 12 months yet


def test_the_most_valuable_at_risk_are_named_with_who_looks_after_them(tmp_path, board: Board):
    manager = [
        {
            "customer_id": "Ann", "attribute": "manager", "value": "xu",
            "valid_from": date(2023, 1, 1), "is_dated": True,
        }
    ]  # fmt: skip
    staff = [{"employee_id": "xu", "name": "Xu Mei", "branch": "Old Town", "left_on": None}]
    bought = [("Ann", "2024-01-05", 500), ("Bob", "2024-02-29", 50)]
    home = shop.build(tmp_path, bought, customer_attributes=manager, employees=staff).home
    text = shown(board(home, "churn", section="risk", as_of="2024-02-29"))
    # Silent for 55 of 60 days: more than half the lapse, so Ann is overdue.
    assert "Looked after by Xu Mei" in text
    assert translate("list.reason.overdue", "en") in text


def test_a_section_that_there_is_not_falls_back_and_says_so(ten, board: Board):
    app = board(ten, "churn", section="nonsense", **PERIOD)
    assert "nonsense" in app.warning[0].value
    assert "section" not in dict(app.query_params)
    assert not app.error


def test_an_employee_that_there_is_not_falls_back_and_says_so(staffed, board: Board):
    app = board(
        staffed, "churn", section="dependency", employee="nobody", as_of="2023-11-30",
        compare="2023-06-30",
    )  # fmt: skip
    assert "nobody" in app.warning[0].value
    assert "If Xu left" in shown(app)
