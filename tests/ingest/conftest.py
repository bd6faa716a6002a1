"""A staging connection for all tests of ingest, and short ways to stage what a test writes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis
import pytest
from ibis.backends.duckdb import Backend

from core.batch import Batch
from core.ingest.mapping import load
from core.ingest.stage import stage

TODAY = date(2024, 6, 30)


@dataclass(frozen=True)
class Staged:
    """A batch, with its rows as plain Python."""

    batch: Batch

    def rows(self, table: str, *columns: str) -> list[tuple]:
        """Rows of a canonical table in the order of the source."""
        found = self.batch.con.table(self.batch.tables[table]).order_by("_seq")
        names = columns or [c for c in found.columns if not c.startswith("_")]
        return [tuple(row[name] for name in names) for row in found.to_pyarrow().to_pylist()]

    @property
    def rejects(self) -> list[dict]:
        """Rejected rows."""
        assert self.batch.rejects is not None
        return self.batch.con.table(self.batch.rejects).to_pyarrow().to_pylist()

    @property
    def reasons(self) -> list[tuple]:
        """Number, column, reason and what was found of each reject."""
        return [(r["row"], r["column"], r["reason"], r["found"]) for r in self.rejects]

    @property
    def taken(self) -> int:
        """Records that are neither rejected nor left out."""
        rejected = len({(r["file"], r["row"]) for r in self.rejects})
        return self.batch.rows_read - self.batch.rows_left_out - rejected


@pytest.fixture(scope="session")
def con() -> Iterator[Backend]:
    """One staging connection, in memory: faster for many small files."""
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


@pytest.fixture
def stage_path(con: Backend) -> Callable[[Path | str, str], Staged]:
    """Stage a source with the text of a mapping."""

    def run(source: Path | str, mapping: str, imported_on: date = TODAY) -> Staged:
        return Staged(stage(str(source), load(mapping), con, imported_on=imported_on))

    return run


@pytest.fixture
def stage_text(tmp_path: Path, stage_path: Callable) -> Callable[..., Staged]:
    """Write a text file and stage it with the text of a mapping."""

    def run(text: str | bytes, mapping: str, name: str = "sales.csv", **kwargs: date) -> Staged:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return stage_path(path, mapping, **kwargs)

    return run


ORDERS = """
name = "shop"

[tables.orders.columns]
order_id = "id"
customer_id = "customer"
ordered_at = "date"
amount = "amount"
"""


@pytest.fixture
def orders() -> str:
    """A mapping of id, customer, date and amount to orders."""
    return ORDERS
