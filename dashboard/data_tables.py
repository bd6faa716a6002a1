"""Tables as a reader asked for them: searched, sorted, narrowed; kept, and never copied."""

from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from dashboard import arranging

_TABLES = 8  # one of a million customers takes 100 MB


@dataclass(frozen=True)
class Arranged:
    """Rows of a table as a reader asked for them, and the table that they are of."""

    source: pa.Table  # while an entry keeps it, its identity stands for no other table
    rows: pa.Table


@st.cache_resource(max_entries=_TABLES, show_spinner=False, hash_funcs={pa.Table: id})
def arranged(
    rows: pa.Table, columns: tuple[str, ...] = (), search: str = "", order: str | None = None,
    only: tuple[tuple[str, str], ...] = (),
) -> Arranged:  # fmt: skip
    """Return ``arranging.arranged`` of those of a table, which this module keeps, with values."""
    found = arranging.only(rows, only)
    return Arranged(rows, arranging.arranged(found, columns, search, order))
