"""The board in a real browser: languages, themes, links, filters, a narrow screen."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.i18n import texts, translate
from tests.browser.conftest import Open
from tests.browser.screenshots import NARROW, PAGES, WIDE, settled

pytestmark = pytest.mark.browser


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def path(name: str, **query: str) -> str:
    words = "&".join(f"{key}={value}" for key, value in query.items())
    return f"/{'' if name == 'overview' else name}?{words}"


def choose(page: Page, label: str, option: str | re.Pattern[str] | int) -> None:
    """Choose an option of a filter, by its text or its place."""
    box = page.get_by_test_id("stSidebar").get_by_label(label, exact=True)
    box.click()
    options = page.get_by_role("option")
    found = options.nth(option) if isinstance(option, int) else options.filter(has_text=option)
    found.first.click()
    page.wait_for_timeout(300)
    settled(page)


def caption(page: Page) -> str:
    return page.get_by_test_id("stMain").get_by_test_id("stCaptionContainer").first.inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_everybody(visit: Open, name):
    page = visit(path(name, lang="en"))
    stands_for_everybody(page, name, "en")


def test_every_page_opens_in_chinese_and_dark_from_the_sidebar(visit: Open):
    page = visit(path("overview", lang="zh"), theme="dark")
    for name in PAGES:
        go(page, name, "zh")
        stands_for_everybody(page, name, "zh")
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def go(page: Page, name: str, language: str) -> None:
    """Go to a page by the sidebar."""
    title = translate(f"page.{name}.title", language)
    page.get_by_test_id("stSidebar").get_by_role("link", name=title, exact=True).click()
    expect(page.locator("h1")).to_have_text(title)
    settled(page)


def stands_for_everybody(page: Page, name: str, language: str) -> None:
    """Look at a page for what is wrong, untranslated, barred to readers, or too wide."""
    expect(page.locator("h1")).to_have_text(translate(f"page.{name}.title", language))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not barriers(page), name
    assert not untranslated(page), name
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.wait_for_timeout(500)
    assert not overhang(page), name


@pytest.mark.parametrize(
    ("language", "theme", "names"), [("zh", "light", PAGES[::2]), ("en", "dark", PAGES[1::2])]
)
def test_pages_explain_themselves_over_books_of_orders_alone(
    visit: Open, retail_served, language, theme, names
):
    page = visit(retail_served + path(names[0], lang=language), theme=theme)
    for name in names:
        go(page, name, language)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        assert not untranslated(page), name


def barriers(page: Page) -> list[str]:
    """What axe-core calls a serious barrier for readers with the keyboard or a screen reader."""
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def untranslated(page: Page) -> list[str]:
    """Keys of texts that stand on the page instead of the texts."""
    areas = "|".join({key.split(".")[0] for key in texts("en")})
    said = page.get_by_test_id("stApp").inner_text()
    return re.findall(rf"\b(?:{areas})(?:\.[a-z_0-9]+){{2,}}\b", said)


def overhang(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    wide = page.evaluate(
        """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
            .map(e => e.scrollWidth - e.clientWidth)"""
    )
    return max(0, *wide)


def test_changing_the_language_keeps_the_filters(visit: Open):
    page = visit(path("pyramid", lang="en", as_of="2026-08-31", compare="2026-05-31"))
    choose(page, translate("filter.region", "en"), 0)
    before = address(page)
    assert before["region"]
    page.get_by_role("radio", name="中文").or_(page.get_by_text("中文")).first.click()
    expect(page.locator("h1")).to_have_text(translate("page.pyramid.title", "zh"))
    settled(page)
    assert address(page) == before | {"lang": "zh"}
    choose(page, translate("filter.compare", "zh"), 0)
    after = address(page)
    assert after == before | {"lang": "zh", "compare": "2026-07-31"}


def test_the_filters_stay_from_page_to_page(visit: Open):
    page = visit(path("overview", lang="en", as_of="2026-08-31", compare="2026-05-31"))
    before = address(page)
    page.get_by_test_id("stSidebar").get_by_text(translate("page.pyramid.title", "en")).click()
    expect(page.locator("h1")).to_have_text(translate("page.pyramid.title", "en"))
    settled(page)
    assert address(page) == before


def test_a_copied_link_shows_the_same_to_somebody_else(visit: Open):
    mine = visit(path("overview", lang="zh"))
    choose(mine, translate("filter.as_of", "zh"), 3)
    choose(mine, translate("filter.branch", "zh"), 1)
    theirs = visit(mine.url)
    assert theirs.locator("h1").inner_text() == mine.locator("h1").inner_text()
    assert caption(theirs) == caption(mine)
    assert address(theirs) == address(mine)
    cards = [p.get_by_test_id("stMetricValue").all_inner_texts() for p in (mine, theirs)]
    assert cards[0] == cards[1] != []


def test_back_takes_back_the_last_filter(visit: Open):
    page = visit(path("pyramid", lang="en", as_of="2026-08-31", compare="2026-05-31"))
    first = caption(page)
    choose(page, translate("filter.region", "en"), 0)
    assert caption(page) != first
    page.go_back()
    main = page.get_by_test_id("stMain")
    expect(main.get_by_test_id("stCaptionContainer").first).to_have_text(first)


def test_the_open_month_is_marked_and_dashed(visit: Open):
    page = visit(path("overview", lang="en"))
    choose(page, translate("filter.as_of", "en"), 0)
    assert translate("filter.open", "en") in caption(page)
    assert translate("overview.dashed", "en") in page.get_by_test_id("stMain").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_paper_a_page_is_its_figures_without_the_controls(visit: Open, theme):
    page = visit(path("overview", lang="en"), theme=theme)
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    expect(page.get_by_test_id("stPopover").first).to_be_hidden()


HOSTILE = (
    ("overview", {"as_of": "9999-99-99"}),
    ("overview", {"region": "%3Cscript%3Ealert(1)%3C/script%3E", "as_of": "2026-08-31"}),
    ("customers", {"figure": "no_such_figure"}),
    ("customers", {"figure": "lost", "tier": "%27;drop table orders"}),
    ("card", {"customer": "-1"}),
    ("card", {"customer": "x" * 500}),
    ("churn", {"section": "nonsense"}),
    ("lists", {"list": "nonsense"}),
    ("definitions", {"figure": "nonsense"}),
)  # fmt: skip


def test_a_broken_or_hostile_address_is_told_and_the_page_stands(visit: Open, served):
    page = visit(path("books", lang="en"))
    unexpected = translate("page.unexpected", "en", number="").split(".")[0]
    for name, query in HOSTILE:
        page.goto(served + path(name, lang="en", **query))
        settled(page)
        expect(page.get_by_test_id("stAlert").first, str(query)).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert unexpected not in page.get_by_test_id("stMain").inner_text(), query
