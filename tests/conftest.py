"""Fixtures that every test may use."""

import gc
import os
from pathlib import Path

import pytest

from tests.shelf import open_shelf

SHARED = Path(__file__).parents[1].parent / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files that take long come first: the last ones keep all workers busy to the end."""
    weights = {}
    for item in items:
        weight = [item.get_closest_marker(name) is None for name in ("browser", "slow")]
        weights[item.path] = min(weight, weights.get(item.path, weight))
    items.sort(key=lambda item: weights[item.path])


def pytest_collection_finish() -> None:
    """Collect garbage seldom: what was loaded stays, and expressions make little."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public data sets; a missing one fails in CI and skips elsewhere."""
    if not SHARED.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"The public data sets are missing: {SHARED}")
        pytest.skip(f"The public data sets are not beside the checkout: {SHARED}")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _shelf(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let books that are built once stand in the folder of this run."""
    open_shelf(tmp_path_factory)
