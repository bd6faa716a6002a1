"""From a figure to its customers, to one of them, and to a file; links that others open."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.facts import Books
from core.figures import compute
from core.i18n import translate
from core.lists import rows as work_list
from core.reading import open_ledger
from core.view import View
from tests.browser.conftest import Open
from tests.browser.screenshots import settled
from tests.browser.test_board import address, path

pytestmark = pytest.mark.browser

AS_OF, COMPARE = date(2026, 8, 31), date(2026, 5, 31)
DAYS = {"as_of": AS_OF.isoformat(), "compare": COMPARE.isoformat()}


@pytest.fixture(scope="module")
def view(home: Path) -> Iterator[View]:
    with open_ledger(Books(home)) as ledger:
        yield View(ledger)


def value(view: View, key: str) -> float:
    (figure,) = compute(view, [key], AS_OF, COMPARE)
    assert figure.value is not None
    return figure.value


def drilled(page: Page) -> None:
    """Wait until the page of customers has come."""
    expect(page.locator("h1")).to_have_text(translate("page.customers.title", "en"))
    settled(page)


def numbers(text: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def test_a_card_leads_to_its_customers_and_their_number_is_the_figure(visit: Open, view):
    page = visit(path("overview", lang="en", **DAYS))
    page.get_by_test_id("stMain").get_by_role(
        "link", name=translate("drill.label", "en")
    ).first.click()
    drilled(page)
    active = int(value(view, "active_customers"))
    assert address(page)["figure"] == "active_customers"
    assert numbers(page.get_by_test_id("stMain").inner_text()).count(active) >= 2


def test_a_click_on_a_bar_leads_to_its_customers(visit: Open, view):
    page = visit(path("overview", lang="en", **DAYS))
    bars = page.get_by_test_id("stPlotlyChart").first.locator(".barlayer .trace").nth(1)
    bars.locator(".point").nth(1).locator("path").click(force=True)  # opening, then the new
    drilled(page)
    assert address(page)["figure"] == "bridge_new"
    new = int(value(view, "bridge_new"))
    assert new in numbers(page.get_by_test_id("stMain").inner_text())


def test_a_link_to_customers_opens_for_somebody_else_in_their_language(visit: Open):
    mine = visit(path("customers", lang="en", figure="lost", tier="other", **DAYS))
    link = mine.url.replace("lang=en", "lang=zh")
    theirs = visit(link)
    assert address(theirs) == address(mine) | {"lang": "zh"}
    said = [
        numbers(p.get_by_test_id("stMain").locator("h5").first.inner_text()) for p in (mine, theirs)
    ]
    assert said[0] == said[1] != []


def test_the_language_may_change_on_the_list(visit: Open):
    page = visit(path("customers", lang="en", figure="lost", **DAYS))
    before = address(page)
    page.get_by_text("中文").first.click()
    expect(page.locator("h1")).to_have_text(translate("page.customers.title", "zh"))
    settled(page)
    assert address(page) == before | {"lang": "zh"}


def test_back_leads_from_the_customers_to_the_figure(visit: Open):
    page = visit(path("overview", lang="en", **DAYS))
    page.get_by_test_id("stMain").get_by_role(
        "link", name=translate("drill.label", "en")
    ).first.click()
    drilled(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text(translate("page.overview.title", "en"))


def test_a_list_is_downloaded_whole(visit: Open, view, tmp_path):
    page = visit(path("customers", lang="en", figure="lost", **DAYS))
    page.get_by_role("button", name=translate("table.download", "en")).first.click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV").or_(page.get_by_text("CSV")).first.click()
    file = tmp_path / "lost.csv"
    coming.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as text:
        found = list(csv.reader(text))
    assert len(found) - 1 == value(view, "lost")


def test_three_clicks_lead_to_the_most_valuable_at_risk_why_and_who_looks_after_them(
    visit: Open, view
):
    page = visit(path("overview", lang="en", **DAYS))
    main = page.get_by_test_id("stMain")
    page.get_by_test_id("stSidebar").get_by_role(
        "link", name=translate("page.churn.title", "en"), exact=True
    ).click()
    expect(page.locator("h1")).to_have_text(translate("page.churn.title", "en"))
    settled(page)
    main.get_by_text(translate("churn.section.risk", "en"), exact=True).click()
    page.wait_for_timeout(500)
    settled(page)
    said = main.inner_text()
    employees = view.ledger.table("employees").to_pyarrow().to_pylist()
    names = {each["employee_id"]: each["name"] for each in employees}
    for row in work_list(view, "at-risk", as_of=AS_OF, top=3).to_pylist():
        assert row["name"] in said
        if row["manager"]:
            assert names[row["manager"]] in said
        for reason in row["reasons"]:
            assert translate(f"list.reason.{reason}", "en").lower() in said.lower()
