"""Rows of a big table as a reader asks for them: those that hold a text, in an order."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
LONGEST = 100  # characters of a search


def sought(text: str) -> str:
    """Return a search as it is looked for: without width, case and space around it."""
    return unicodedata.normalize("NFKC", text).strip().casefold()[:LONGEST]


def arranged(rows: pa.Table, columns: Sequence[str], search: str, order: str | None) -> pa.Table:
    """Return the rows that hold ``search`` in a text of ``columns``, in an order.

    ``order`` is the name of a column; "-" before it: falling. Unknown values come last, equal ones
    stay in the order they had. The search is taken as it stands: there are no wildcards.
    """
    if search:
        rows = rows.filter(_holding(rows, columns, sought(search)))
    if order is None:
        return rows
    name = order.removeprefix("-")
    direction = "descending" if order.startswith("-") else "ascending"
    values = rows[name]
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    key = (name, direction, "at_end")
    return rows.take(pc.sort_indices(pa.table({name: values}), sort_keys=[key]))


def only(rows: pa.Table, wanted: Sequence[tuple[str, str]]) -> pa.Table:
    """Return the rows with each of the values, or with it in the list of the row."""
    for name, value in wanted:
        column = rows[name].combine_chunks()
        if pa.types.is_list(column.type):
            flat = pc.filter(pc.list_parent_indices(column), pc.equal(column.flatten(), value))
            rows = rows.take(pc.unique(flat))
        else:
            rows = rows.filter(pc.equal(column.cast(pa.string()), value))
    return rows


def _holding(rows: pa.Table, columns: Sequence[str], search: str) -> Any:
    found = pa.nulls(rows.num_rows, pa.bool_()).fill_null(False)
    for name in columns:
        column = rows[name]
        if pa.types.is_dictionary(column.type):
            column = column.combine_chunks()
            holds = _matches(column.dictionary, search).take(column.indices)
        elif pa.types.is_string(column.type):
            holds = _matches(column, search)
        else:
            continue
        found = pc.or_(found, pc.fill_null(holds, False))
    return found


def _matches(texts: Any, search: str) -> Any:
    return pc.match_substring(texts, search, ignore_case=True)
