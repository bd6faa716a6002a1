"""What the books hold: data versions, rejected rows, and whether the ledger knows the newest."""

from pathlib import Path

import pandas as pd
import pyarrow as pa

from core import engine
from core.batch import REJECTS
from core.facts import Books
from core.ledger.scopes import BEGINNING
from core.reading import open_facts, refreshes

REJECTS_SHOWN = 2_000
REJECTS_GIVEN = 200_000
_VERSION = ("version", "imported_at", "source", "mapping", "data_date")
_STATES = ("inserted", "corrected", "withdrawn")


def has_books(home: str) -> bool:
    """Whether anything was ever imported."""
    return bool(Books(Path(home)).versions())


def newest(home: str) -> int:
    """Return the newest data version."""
    return Books(Path(home)).version().version


def is_behind(home: str) -> bool:
    """Whether the newest data version is not in the ledger yet."""
    books = Books(Path(home))
    known = {made.data_version for made in refreshes(books)}
    found = books.versions()
    return bool(found) and found[-1].version not in known


def versions(home: str) -> list[dict[str, object]]:
    """Return every data version, the newest first, with what it brought over all tables."""
    books = Books(Path(home))
    known = {made.data_version for made in refreshes(books)}
    return [
        {
            **{name: getattr(v, name) for name in _VERSION},
            "earliest_on": None if v.earliest_on == BEGINNING else v.earliest_on,
            **{state: sum(c.get(state, 0) for c in v.counts.values()) for state in _STATES},
            "is_in_ledger": v.version in known,
        }
        for v in reversed(books.versions())
    ]


def rejects(home: str) -> pd.DataFrame:
    """Return the rows that were not taken, newest import first: ``REJECTS`` and ``_version``."""
    books = Books(Path(home))
    schema = pa.schema([*REJECTS, pa.field("_version", pa.int64())])
    with open_facts(books) as facts:
        files = books.files("persons/rejects", facts.version.tables)
        found = engine.read_parquet(facts.con, files, schema)
        ordered = found.order_by([found["_version"].desc(), found.file, found.row])
        return ordered.limit(REJECTS_GIVEN).to_pyarrow().to_pandas()
