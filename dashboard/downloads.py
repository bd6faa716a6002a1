"""Files of a table: CSV and Excel, made when a reader asks for them."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pyarrow as pa
import streamlit as st

from core.exports.csv import as_csv
from core.exports.sheets import Sheet, file_name, workbook
from dashboard import numbers
from dashboard.session import Look, language, say

# A million rows would keep every other reader waiting for a minute.
MOST_IN_EXCEL = 100_000
MOST_IN_CSV = 2_000_000  # 300 MB, held in memory until the reader moves on
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def offer(rows: pa.Table, sheet: Sheet, key: str, name: str) -> None:
    """Draw the downloads of ``rows``, as many as files can hold; ``name`` is that of the files.

    A number of the export stands in each name: Streamlit serves files under a hash of name and
    content to whoever has the address, so it must not be guessed.
    """
    n, spoken = rows.num_rows, language()
    number = secrets.token_hex(8)
    if n > MOST_IN_CSV:
        st.caption(say("table.too_many_in_csv", most=numbers.whole(MOST_IN_CSV, spoken)))
        return
    headings = {column: each.label for column, each in sheet.columns.items()}
    _button("csv", "text/csv", partial(as_csv, rows, headings), key, _named(name, number, "csv"))
    if n > MOST_IN_EXCEL:
        most, all_of_them = numbers.whole(MOST_IN_EXCEL, spoken), numbers.whole(n, spoken)
        st.caption(say("table.too_many", most=most, n=all_of_them))
        return
    sheet = replace(sheet, origin={say("table.export"): number, **sheet.origin})
    made = partial(workbook, sheet, rows, spoken)
    _button("excel", _EXCEL, made, key, _named(name, number, "xlsx"))


def _button(kind: str, mime: str, made: Callable[[], bytes], key: str, name: str) -> None:
    icon = {"csv": ":material/csv:", "excel": ":material/table_view:"}[kind]
    st.download_button(
        say(f"table.{kind}"), made, file_name=name, mime=mime, key=f"{key}_{kind}",
        on_click="ignore", type="tertiary", icon=icon,
    )  # fmt: skip


def _named(name: str, number: str, ending: str) -> str:
    look: Look | None = st.session_state.get("_look")
    return file_name(name, look.as_of if look else None, number, ending)
