"""The Data page: what the books hold, and how far they can be trusted."""

from datetime import datetime
from decimal import Decimal

import pytest

from core.facts import Books
from core.i18n import translate
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_checks_found_is_told_with_advice(language, ten, board: Board):
    text = shown(board(ten, "books", language, section="trust"))
    assert translate("quality.without_customer.advice", language) in text


def test_books_without_a_fault_say_so(tmp_path, board: Board):
    rows = [
        {
            "order_id": f"o{number}", "customer_id": "a", "amount": Decimal(10),
            "ordered_at": datetime(2024, 1, number, 10),
        }
        for number in range(1, 29)
    ]  # fmt: skip
    shop.take(Books(tmp_path), {"orders": rows})
    assert translate("trust.none", "en") in shown(board(tmp_path, "books", section="trust"))


def test_tables_that_were_not_brought_are_counted(ten, board: Board):
    app = board(ten, "books", section="tables")
    # 25 tables, of which the shop brings orders, refunds, customers and their attributes.
    assert translate("trust.missing", "en", n=21) in shown(app)
    assert not app.error


@pytest.mark.parametrize("section", ["versions", "rejected", "import"])
def test_a_section_opens_in_chinese(section, ten, board: Board):
    app = board(ten, "books", "zh", section=section)
    assert app.title[0].value == translate("page.books.title", "zh")
    assert not app.error
