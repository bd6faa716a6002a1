"""Whoever reads with the keyboard, a screen reader, weak eyes or on paper reads the same."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.screenshots import PAGES
from tests.browser.test_board import path

pytestmark = pytest.mark.browser

SERIOUS = ("serious", "critical")


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_serious_barrier(visit: Open, name, language, theme):
    page = visit(path(name, lang=language), theme=theme)
    found = Axe().run(page).response["violations"]
    barriers = [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
    assert not barriers, "\n".join(barriers)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_paper_a_page_is_its_figures_without_the_controls(visit: Open, theme):
    page = visit(path("overview", lang="en"), theme=theme)
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    expect(page.get_by_test_id("stPopover").first).to_be_hidden()
