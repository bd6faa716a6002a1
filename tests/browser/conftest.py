"""One real server over a small demo company, one real browser, for all browser tests."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

import data.demo
import data.demo_desk
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
    """Books and desk of a small demo company, of the worker's own: an import changes them."""
    return copied(kept("demo", demo_company), tmp_path_factory.mktemp("demo")).home


def demo_company(home: Path) -> None:
    """Build the books of a small demo company, and fill its desk."""
    with staging() as con:
        publish(Books(home), data.demo.stage(con, customers=CUSTOMERS), currency="CNY")
    refresh(Books(home), definitions.load(home))
    data.demo_desk.fill(home)


@pytest.fixture(scope="session")
def served(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the board that serves ``home``."""
    with serving(home, tmp_path_factory.mktemp("log")) as server:
        yield server.url


@pytest.fixture(scope="session")
def retail_served(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the board that serves Online Retail II: orders, refunds and products alone."""
    books = online_retail_books(shared_data)
    with serving(books.home, tmp_path_factory.mktemp("log")) as server:
        yield server.url


class Server:
    """A board that is served at an address of its own, where it may be started again."""

    def __init__(self, home: Path, folder: Path, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.home, self.url = home, f"http://127.0.0.1:{self._port}"
        self._log = folder / "server.log"
        self._environment = os.environ | {"REGULARS_HOME": str(home), **settings}

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [
            sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py"),
            "--server.address", "127.0.0.1", "--server.port", str(self._port),
        ]  # fmt: skip
        with self._log.open("a") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=out, stderr=subprocess.STDOUT
            )
        _wait(f"{self.url}/_stcore/health", self._process, self._log)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it; with ``SIGKILL`` as a failure of power would."""
        self._process.send_signal(how)
        self._process.wait(10)


@contextmanager
def serving(home: Path, folder: Path, **settings: str) -> Iterator[Server]:
    """Serve a board with settings of its own until the block ends."""
    server = Server(home, folder, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = chromium(playwright)
        yield started
        started.close()


Reader = Callable[[str, tuple[int, int]], BrowserContext]


@pytest.fixture(scope="session")
def somebody(browser: Browser) -> Reader:
    """Gives a fresh browser of a theme and a window, which shares nothing with any other."""
    return lambda theme, size: browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="en-GB",
    )


@pytest.fixture(scope="session")
def regular(somebody: Reader) -> Reader:
    """Gives a browser that has seen the board before: the same for a theme and a window."""
    return cache(somebody)


@pytest.fixture
def visit(request: pytest.FixtureRequest, somebody: Reader, regular: Reader) -> Iterator[Open]:
    """Opens a page, of ``served`` unless the address is whole; errors in its console, and whatever
    it asks of another server, fail the test.

    Whoever opens a second page in a test is somebody else, with a fresh browser.
    """
    pages: list[Page] = []
    others: list[BrowserContext] = []
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # Streamlit looks for its base path below the page before it looks at the root.
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            errors.append(f"{message.text} {message.location['url']}")

    def asked(sent: Request) -> None:
        if not sent.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            errors.append(f"asked the outside for {sent.url}")

    def open_page(path: str, theme: str = "light", size: tuple[int, int] = (1440, 900)) -> Page:
        if pages:
            others.append(context := somebody(theme, size))
        else:
            context = regular(theme, size)
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(60_000)
        page.on("console", heard)
        page.on("request", asked)
        page.on("pageerror", lambda error: errors.append(str(error)))
        whole = path if path.startswith("http") else request.getfixturevalue("served") + path
        page.goto(whole)
        settled(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    for context in others:
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
