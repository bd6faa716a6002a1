"""What people recorded, as files that a spreadsheet opens."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import select

from core.exports.csv import as_csv
from core.store import Store
from core.store.record import Base


def export(store: Store, folder: Path) -> dict[str, int]:
    """Write each table as CSV into ``folder``; return the rows by table."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    with store.engine.connect().execution_options(reads_only=True) as connection:
        for table in Base.metadata.sorted_tables:
            chosen = select(table).order_by(*table.primary_key)
            rows = [dict(row) for row in connection.execute(chosen).mappings()]
            columns = {
                name: pa.array([_as_cell(row[name]) for row in rows], pa.string())
                for name in (column.name for column in table.columns)
            }
            headings = {name: name for name in columns}
            (folder / f"{table.name}.csv").write_bytes(as_csv(pa.table(columns), headings))
            found[table.name] = len(rows)
    return found


def _as_cell(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
