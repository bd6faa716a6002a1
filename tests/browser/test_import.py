"""An import through the page, from the file to the figures, with a row that cannot be taken."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.facts import Books
from core.i18n import translate
from core.reading import refreshes
from tests.browser.conftest import Open
from tests.browser.screenshots import settled

pytestmark = pytest.mark.browser
ORDERS = """order_id,customer_id,ordered_at,amount
page-1,page-customer,2026-06-01 10:00:00,120.50
page-2,page-customer,2026-07-01 11:30:00,80.00
page-3,page-customer,,99.00
"""


def section(page: Page, name: str) -> None:
    label = translate(f"books.section.{name}", "en")
    page.get_by_test_id("stMain").get_by_text(label, exact=True).click()
    settled(page)


def test_a_file_becomes_a_data_version_and_its_bad_row_is_kept(
    visit: Open, home: Path, tmp_path: Path
):
    before = Books(home).version().version
    file = tmp_path / "extra orders.csv"
    file.write_text(ORDERS)
    page = visit("/books?lang=en")
    section(page, "import")
    page.locator("input[type=file]").set_input_files(file)
    mapping = page.get_by_role("textbox", name=translate("books.mapping", "en"))
    mapping.wait_for()
    assert "[tables.orders" in mapping.input_value()
    page.get_by_role("button", name=translate("books.import", "en"), exact=True).click()
    done = page.get_by_test_id("stAlert").filter(has_text=f"data version {before + 1}")
    done.wait_for()
    assert "3 records read" in done.inner_text()
    assert "1 rejected" in done.inner_text()
    assert refreshes(Books(home))[-1].data_version == before + 1
    section(page, "rejected")
    expect(page.get_by_test_id("stMain")).to_contain_text("Rows that were not taken: 1")
    with page.expect_download() as download:
        page.get_by_role("button", name=translate("books.download", "en")).click()
    given = download.value.path().read_text("utf-8-sig")
    assert "page-3" in given
    assert "page-1" not in given
    section(page, "versions")
    expect(page.get_by_test_id("stMain")).to_contain_text(f"Data versions: {before + 1}")


def test_a_mapping_with_a_mistake_is_refused_with_a_sentence(
    visit: Open, home: Path, tmp_path: Path
):
    before = Books(home).version().version
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    page = visit("/books?lang=zh")
    page.get_by_test_id("stMain").get_by_text(
        translate("books.section.import", "zh"), exact=True
    ).click()
    settled(page)
    page.locator("input[type=file]").set_input_files(file)
    mapping = page.get_by_role("textbox", name=translate("books.mapping", "zh"))
    mapping.fill("name = 'x'\n[tables.purchases]\n")
    page.get_by_role("button", name=translate("books.import", "zh"), exact=True).click()
    refused = page.get_by_test_id("stAlert").filter(has_text="purchases")
    refused.wait_for()
    assert Books(home).version().version == before
