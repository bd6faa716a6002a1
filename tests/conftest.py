"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public data sets; a missing one fails in CI and skips elsewhere."""
    if not SHARED.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"The public data sets are missing: {SHARED}")
        pytest.skip(f"The public data sets are not beside the checkout: {SHARED}")
    return SHARED
