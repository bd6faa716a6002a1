"""Books that several families of figures are worked out on."""

import pytest

from core.facts import Books
from tests.figures.tiered_shop import tiered_shop
from tests.figures.voice_shop import voice_shop


@pytest.fixture(scope="session")
def tiered_books() -> Books:
    """Three years of a shop whose tiers are amounts of money."""
    return tiered_shop()


@pytest.fixture(scope="session")
def voice_books() -> Books:
    """The shop of ten customers with surveys, complaints and promises."""
    return voice_shop()
