"""Books made of a few rows, for tests: rows in, data version out."""

from pathlib import Path

import pyarrow as pa

from core.batch import Batch, staging
from core.facts import Books
from core.imports import Report, publish
from core.ledger.lines import LINES
from core.reading import open_ledger
from core.schema import ARROW_TYPES, TABLES

Rows = dict[str, list[dict]]


def take(books: Books, rows: Rows, source: str = "test", **options: object) -> Report:
    """Publish ``rows`` (table -> rows; each table's columns are those of its first row)."""
    with staging() as con:
        staged = {}
        for name, found in rows.items():
            if not found:
                continue
            columns = [(c, _type(name, c)) for c in found[0]]
            con.create_table(f"s_{name}", pa.Table.from_pylist(found, schema=pa.schema(columns)))
            staged[name] = f"s_{name}"
        batch = Batch(con, source, source, tables=staged, **options)  # pyright: ignore
        return publish(books, batch, currency="CNY")


def _type(table: str, column: str) -> pa.DataType:
    if column.startswith("_"):
        return {"_updated_at": pa.timestamp("us"), "_seq": pa.int64(), "_content_id": pa.string()}[
            column
        ]
    return ARROW_TYPES[TABLES[table].column(column).type]


def ledger_lines(home: Path, version: int | None = None) -> list[dict]:
    """Return every ledger line with the company's own id of its customer, sorted."""
    with open_ledger(Books(home), version) as ledger:
        lines = ledger.derived("ledger", LINES)
        ids = ledger.persons("customer_ids")
        scopes = _scopes(ledger)
        found = lines.left_join(ids, "customer_key").drop("customer_key_right").to_pyarrow()
    rows = found.to_pylist()
    for row in rows:
        row.pop("customer_key")
        row.update(scopes[row.pop("scope_key")])
    return sorted(rows, key=lambda r: (r["month_end"], r["customer_id"]))


def _scopes(ledger) -> dict[int, dict]:
    from core.ledger.scopes import SCOPE_TABLE

    rows = ledger.derived("scopes", SCOPE_TABLE).to_pyarrow().to_pylist()
    return {row.pop("scope_key"): row for row in rows}
