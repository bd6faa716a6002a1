"""The board as ``AppTest`` runs it, over the books of a home."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
Board = Callable[..., AppTest]


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
