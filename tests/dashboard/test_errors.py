"""What a reader is told when something goes wrong."""

import re
import shutil

import pytest

from core.i18n import translate
from dashboard.session import plain
from tests import shop
from tests.dashboard.conftest import Board, shown

pytestmark = pytest.mark.slow


def test_an_unforeseen_error_is_logged_under_a_number_that_the_reader_is_shown(
    tmp_path, board: Board, caplog
):
    books = shop.ten_customers(tmp_path)
    for folder in (books.home / "derived" / "ledger").glob("month_end=*"):
        shutil.rmtree(folder)
    text = shown(board(tmp_path, "pyramid"))
    number = re.search(r"\b[0-9a-f]{8}\b", text)
    assert number
    assert translate("page.unexpected", "en", number=number[0]) in text
    assert "Traceback" not in text
    assert str(tmp_path) not in text
    assert f"error {number[0]}" in caplog.text
    caplog.clear()


def test_markdown_stays_as_it_was_written():
    assert plain("![x](http://a/b.png)") == r"\!\[x\]\(http\:\/\/a\/b\.png\)".replace(r"\/", "/")
    assert plain("$x$ *a* `b`") == r"\$x\$ \*a\* \`b\`"
    assert plain("王芳") == "王芳"
