"""The public data sets imported by the product, each with the mapping shipped for it."""

from datetime import date
from pathlib import Path

from core.batch import staging
from core.definitions import BooksSettings, Configuration, Definitions
from core.facts import Books
from core.imports import publish
from core.ingest.mapping import load
from core.ingest.stage import stage
from core.ledger.refresh import refresh
from tests.reference.prepared import LAPSE_AFTER_DAYS
from tests.shelf import kept

MAPPINGS = Path(__file__).parents[2] / "data" / "mappings"


def cdnow_books(folder: Path) -> Books:
    """Give the books of CDNOW, to look at."""
    file = folder / "cdnow" / "CDNOW_master.txt"
    return kept("cdnow", lambda home: _import(file, "cdnow_master", "USD", home))


def online_retail_books(folder: Path) -> Books:
    """Give the books of Online Retail II, to look at."""
    file = folder / "online_retail_ii" / "online_retail_ii.parquet"
    return kept("online_retail", lambda home: _import(file, "online_retail_ii", "GBP", home))


def _import(file: Path, mapping: str, currency: str, home: Path) -> None:
    books = Books(home)
    with staging() as con:
        chosen = load(MAPPINGS / f"{mapping}.toml")
        batch = stage(str(file), chosen, con, imported_on=date(2024, 6, 30))
        publish(books, batch, currency=currency)
    configuration = Configuration(
        books=BooksSettings(currency=currency),
        definitions=Definitions(lapse_after_days=LAPSE_AFTER_DAYS),
    )
    refresh(books, configuration)
