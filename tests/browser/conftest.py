"""One real server over a small demo company, one real browser, for all browser tests."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

import data.demo
from core import definitions
from core.batch import staging
from core.facts import Books
from core.imports import publish
from core.ledger.refresh import refresh
from tests.browser.screenshots import chromium, settled
from tests.reference.books import online_retail_books
from tests.shelf import copied, kept

ROOT = Path(__file__).parents[2]
CUSTOMERS = 2_000
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books of a small demo company, of the worker's own: an import changes them."""
    return copied(kept("demo", _demo), tmp_path_factory.mktemp("demo")).home


def _demo(home: Path) -> None:
    with staging() as con:
        publish(Books(home), data.demo.stage(con, customers=CUSTOMERS), currency="CNY")
    refresh(Books(home), definitions.load(home))


@pytest.fixture(scope="session")
def served(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the board that serves ``home``."""
    with _serving(home, tmp_path_factory.mktemp("log")) as url:
        yield url


@pytest.fixture(scope="session")
def retail_served(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the board that serves Online Retail II: orders, refunds and products alone."""
    books = online_retail_books(shared_data)
    with _serving(books.home, tmp_path_factory.mktemp("log")) as url:
        yield url


@contextmanager
def _serving(home: Path, folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = folder / "server.log"
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py"),
        "--server.address", "127.0.0.1", "--server.port", str(port),
    ]  # fmt: skip
    environment = os.environ | {"REGULARS_HOME": str(home)}
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait(f"{url}/_stcore/health", server, log)
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = chromium(playwright)
        yield started
        started.close()


@pytest.fixture
def visit(served: str, browser: Browser) -> Iterator[Open]:
    """Opens a page in a fresh browser context; errors in its console, and whatever it
    asks of another server, fail the test."""
    contexts, errors = [], []

    def heard(message: ConsoleMessage) -> None:
        # Streamlit looks for its base path below the page before it looks at the root.
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            errors.append(f"{message.text} {message.location['url']}")

    def asked(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            errors.append(f"asked the outside for {request.url}")

    def open_page(path: str, theme: str = "light", size: tuple[int, int] = (1440, 900)) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", heard)
        page.on("request", asked)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path if path.startswith("http") else f"{served}{path}")
        settled(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors


def _wait(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.25)
    pytest.fail(f"The board did not start: {log.read_text()}")
