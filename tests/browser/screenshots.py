"""Take pictures of every page: both languages, both themes, wide and narrow.

Run it against a board that is being served: ``python -m tests.browser.screenshots URL [PAGE ...]``.
"""

import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES = (
    "overview", "pyramid", "repurchase", "satisfaction", "churn", "prospects", "care", "lists",
    "winback", "customers", "card", "evaluations", "registers", "books", "definitions",
)  # fmt: skip
WIDE, NARROW = (1440, 900), (390, 844)
TARGET = Path("screenshots")


def chromium(playwright: Playwright) -> Browser:
    """Start the Chromium that the system brings."""
    return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))


def settled(page: Page, timeout: int = 60_000) -> None:
    """Wait until the page has run to its end, stays so, and its charts are drawn."""
    still = "[data-testid=stApp][data-test-script-state=notRunning]"
    page.wait_for_selector(still, timeout=timeout)
    page.wait_for_timeout(200)
    page.wait_for_selector(still, timeout=timeout)
    page.wait_for_selector("h1", timeout=timeout)
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached", timeout=timeout)
    for chart in page.query_selector_all("[data-testid=stPlotlyChart]"):
        chart.wait_for_selector(".main-svg", state="attached", timeout=timeout)
    page.wait_for_timeout(100)


def picture(
    browser: Browser, url: str, name: str, language: str, theme: str, size: tuple[int, int],
    is_whole: bool = False,
) -> Path:  # fmt: skip
    """Open ``name`` and save a picture of what is above the fold, or of the whole page."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height if not is_whole else 2200},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{url}/{'' if name == 'overview' else name}?lang={language}")
    settled(page)
    kind = "whole" if is_whole else "fold"
    target = TARGET / f"{name}-{language}-{theme}-{width}-{kind}.png"
    target.parent.mkdir(exist_ok=True)
    page.screenshot(path=target)
    context.close()
    return target


def main(url: str, pages: tuple[str, ...]) -> None:
    """Take every picture of ``pages``."""
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for name in pages:
            for language, theme, size in product(("en", "zh"), ("light", "dark"), (WIDE, NARROW)):
                print(picture(browser, url, name, language, theme, size))
            for language in ("en", "zh"):
                print(picture(browser, url, name, language, "light", WIDE, is_whole=True))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], tuple(sys.argv[2:]) or PAGES)
