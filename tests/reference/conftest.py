"""Both data sets, once as plain frames and once as books."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.reading import open_ledger
from core.view import View
from tests.reference.books import cdnow_books, online_retail_books
from tests.reference.plain_shop import Shop
from tests.reference.prepared import cdnow, online_retail


@pytest.fixture(scope="session")
def cdnow_shop(shared_data: Path) -> Shop:
    return cdnow(shared_data)


@pytest.fixture(scope="session")
def cdnow_view(shared_data: Path) -> Iterator[View]:
    with open_ledger(cdnow_books(shared_data)) as ledger:
        yield View(ledger)


@pytest.fixture(scope="session")
def retail_shop(shared_data: Path) -> Shop:
    return online_retail(shared_data)


@pytest.fixture(scope="session")
def retail_view(shared_data: Path) -> Iterator[View]:
    with open_ledger(online_retail_books(shared_data)) as ledger:
        yield View(ledger)
