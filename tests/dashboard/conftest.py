"""The board as ``AppTest`` runs it, over the books of a home."""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests import shop
from tests.figures.tiered_shop import tiered_shop
from tests.figures.voice_shop import voice_shop
from tests.laws.full_shop import full_books
from tests.shelf import kept

ROOT = Path(__file__).parents[2]
Board = Callable[..., AppTest]


@pytest.fixture(scope="session")
def ten() -> Path:
    """Orders and refunds of ten customers."""
    return shop.ten().home


@pytest.fixture(scope="session")
def one() -> Path:
    """One customer, one order, one ledger day."""
    return kept("one", lambda home: shop.build(home, [("Ann", "2024-01-10", 50)])).home


@pytest.fixture(scope="session")
def orders_only() -> Path:
    """Orders and nothing else, over more than two years."""
    bought = [
        (f"c{number % 7}", f"{2022 + number // 12}-{number % 12 + 1:02}-15", 10 + number)
        for number in range(30)
    ]
    return kept("orders_only", lambda home: shop.build(home, bought)).home


@pytest.fixture(scope="session")
def everything() -> Path:
    """A random shop with every table."""
    return full_books().home


@pytest.fixture(scope="session")
def voice() -> Path:
    """The ten customers with surveys, complaints and promises."""
    return voice_shop().home


@pytest.fixture(scope="session")
def tiered() -> Path:
    """Three years of a shop whose tiers are amounts of money."""
    return tiered_shop().home


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Board:
    """The board at a home, on a page, in a language, with an address."""

    def open_board(
        home: Path, page: str = "overview", language: str = "en", **address: str
    ) -> AppTest:
        monkeypatch.setenv("REGULARS_HOME", str(home))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        for key, value in {"lang": language, **address}.items():
            app.query_params[key] = value
        if page != "overview":
            app.switch_page(f"dashboard/pages/{page}.py")
        return app.run()

    return open_board


@pytest.fixture(scope="session", autouse=True)
def _packages_searched_once() -> Iterator[None]:
    """AppTest searches every installed package for components in each run: a tenth of its time."""
    searched = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", searched)
        yield


@pytest.fixture(autouse=True)
def _no_unforeseen_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let what the board would log under a number fail the test."""
    with caplog.at_level(logging.ERROR, "regulars.dashboard"):
        yield
    found = [r for r in caplog.records if r.name == "regulars.dashboard"]
    assert not found, caplog.text


def shown(app: AppTest) -> str:
    """Every text on the page, as a reader sees it."""
    kinds = (app.title, app.markdown, app.caption, app.error, app.warning, app.info, app.success)
    parts = [element.value for kind in kinds for element in kind]
    parts += [f"{metric.label} {metric.value} {metric.delta}" for metric in app.metric]
    return "\n".join(parts).replace("\\", "")
