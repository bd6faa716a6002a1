"""What ingest hands to the books: staged rows of the canonical tables, and what was rejected."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend

# Columns a staged table may carry beside the canonical ones:
#   _content_id  text: stands for the row's own key where the source has none. It is made of the
#                row's content (without the customer) and the number of equal rows before it; the
#                books put the customer's key before it.
#   _updated_at  timestamp: when the source last changed the row; the newer row wins.
#   _seq         int64: order of the row in the source; the later row wins where nothing else says.
CONTENT_ID, UPDATED_AT, SEQ = "_content_id", "_updated_at", "_seq"

REJECTS = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),  # record number in the file or query, 1 = first data record
        ("table", pa.string()),  # canonical table the row was meant for; null if not yet known
        ("column", pa.string()),  # source column; null where the whole row is at fault
        ("reason", pa.string()),  # key of a text: reject.<reason>
        ("found", pa.string()),  # what was there instead, at most 200 characters
        ("raw", pa.string()),  # the whole source row as a JSON object of texts
    ]
)


@dataclass
class Batch:
    """Rows of one import, staged in a DuckDB connection of their own.

    ``tables`` maps each canonical table to the name of its staged table in ``con``. A staged table
    has the canonical columns that the source brought, under their canonical names and types
    (``schema.ARROW_TYPES``; customers as text), and any of the three columns above. Its rows are
    valid; keys may repeat. Columns not brought are absent: a correction leaves them as they were.
    """

    con: Backend
    source: str
    mapping: str = ""
    mapping_text: str = ""
    tables: dict[str, str] = field(default_factory=dict)
    snapshots: frozenset[str] = frozenset()  # tables whose missing rows are withdrawn
    rolled_up: bool = False  # amounts of orders are the sums of their lines
    rejects: str | None = None  # staged table of REJECTS
    rows_read: int = 0  # records read from the source, rejected and left out ones included
    rows_left_out: int = 0  # records that a filter of the mapping leaves out on purpose
    # What people should know of the import: texts note.<key>, and the values that fill them.
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)


@contextmanager
def staging(folder: Path | None = None, memory_limit: str = "4GB") -> Iterator[Backend]:
    """Give a DuckDB connection whose tables lie in a temporary file and vanish afterwards."""
    with TemporaryDirectory(dir=folder, prefix="staging-") as name:
        con = ibis.duckdb.connect(
            f"{name}/staging.duckdb", memory_limit=memory_limit, temp_directory=f"{name}/spill"
        )
        try:
            yield con
        finally:
            con.disconnect()
