"""Workbooks are opened again with another library."""

import io
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.exports import sheets
from core.exports.sheets import Heading, Sheet, file_name, workbook
from tests.exports.test_csv import HARMFUL

COLUMNS = {
    "customer_id": Heading("Customer"),
    "value": Heading("Value (CNY)", "money", "Margin of 12 months."),
    "rate": Heading("Rate", "percent"),
    "last_on": Heading("Last purchase", "date"),
    "seen_at": Heading("Seen", "moment"),
    "is_active": Heading("Active", "flag"),
}
ROWS = pa.table(
    {
        "customer_id": ["00123", "=1+1"],
        "value": pa.array([Decimal("1234.5678"), None], pa.decimal128(18, 4)),
        "rate": [0.275, None],
        "last_on": [date(2026, 10, 31), None],
        "seen_at": [datetime(2026, 10, 31, 8, 30), None],
        "is_active": [True, False],
    }
)
SHEET = Sheet(
    "Lost: 2", ["As of 31 Oct 2026", "2 rows"], ["Who was lost.", "Ties go up."], COLUMNS,
    {"Number of the export": "abc"},
)  # fmt: skip
# Below the title, two facts and the first definition stands a blank line, then the headings.
HEAD = 6


def opened(rows: pa.Table = ROWS, sheet: Sheet = SHEET, language: str = "en") -> list[Worksheet]:
    return load_workbook(io.BytesIO(workbook(sheet, rows, language))).worksheets


def test_the_table_says_what_it_is_above_its_headings():
    table = opened()[0]
    above = [table.cell(row, 1).value for row in range(1, HEAD)]
    assert above == ["Lost: 2", "As of 31 Oct 2026", "2 rows", "Who was lost.", None]
    assert [cell.value for cell in table[HEAD]] == [h.label for h in COLUMNS.values()]


def test_headings_and_the_first_column_stay_in_sight_and_can_be_filtered():
    table = opened()[0]
    assert table.freeze_panes == f"B{HEAD + 1}"
    assert table.auto_filter.ref == f"A{HEAD}:F{HEAD + 2}"


def test_numbers_and_days_are_real_ones_with_a_format():
    first = opened()[0][HEAD + 1]
    values = [cell.value for cell in first]
    day, moment = datetime(2026, 10, 31), datetime(2026, 10, 31, 8, 30)
    assert values == ["00123", 1234.5678, 0.275, day, moment, True]
    assert [cell.number_format for cell in first[1:5]] == [
        "#,##0.00", "0.0%", "yyyy-mm-dd", "yyyy-mm-dd hh:mm",
    ]  # fmt: skip


def test_what_is_not_known_is_an_empty_cell_and_never_0():
    second = opened()[0][HEAD + 2]
    assert [cell.value for cell in second[1:5]] == [None] * 4


@pytest.mark.parametrize("text", [text for text in HARMFUL if text != "\r=1"])
def test_a_text_is_never_a_formula(text):
    table = opened(ROWS.slice(0, 1).set_column(0, "customer_id", pa.array([text])))[0]
    cell = table.cell(HEAD + 1, 1)
    assert (cell.data_type, cell.value) == ("s", text)
    assert cell.quotePrefix


def test_titles_and_headings_are_never_formulas():
    sheet = Sheet("=1+1", ["=2+2"], [], {"customer_id": Heading("=3+3")}, {"=4": "=5"})
    for page in opened(sheet=sheet):
        assert all(cell.data_type != "f" for row in page for cell in row)


def test_characters_that_no_workbook_can_hold_do_no_harm():
    table = opened(ROWS.slice(0, 1).set_column(0, "customer_id", pa.array(["a\x00b\x01"])))[0]
    assert str(table.cell(HEAD + 1, 1).value).startswith("ab")


def test_a_text_longer_than_a_cell_is_cut_with_a_mark():
    table = opened(ROWS.slice(0, 1).set_column(0, "customer_id", pa.array(["x" * 40_000])))[0]
    # A cell of Excel holds 32,767 characters.
    assert str(table.cell(HEAD + 1, 1).value) == "x" * 32_766 + "…"


def test_the_second_sheet_tells_what_is_meant_and_where_it_comes_from():
    lines = [tuple(cell.value for cell in row) for row in opened()[1].iter_rows(min_row=3)]
    assert lines == [
        (None, "Who was lost."), (None, "Ties go up."), ("Value (CNY)", "Margin of 12 months."),
        (None, None), ("Number of the export", "abc"),
    ]  # fmt: skip


def test_sheets_are_called_in_the_language_of_the_reader():
    assert [page.title for page in opened(language="zh")] == ["表格", "口径说明"]


def test_rows_beyond_those_of_a_sheet_are_left_out_and_a_line_says_so(monkeypatch):
    # Title, 2 facts, a definition, the line, a blank one, headings: 7 rows. 20 - 7 = 13.
    monkeypatch.setattr(sheets, "MOST_ROWS", 20)
    rows = pa.table({"customer_id": [str(number) for number in range(100)]})
    sheet = Sheet(SHEET.title, SHEET.facts, SHEET.about, {"customer_id": Heading("Customer")}, {})
    table = opened(rows, sheet)[0]
    assert (table.max_row, table.cell(20, 1).value) == (20, "12")  # the thirteenth row
    assert "The first 13 of 100 rows" in str(table.cell(5, 1).value)


def test_no_rows_give_headings_alone():
    table = opened(ROWS.slice(0, 0))[0]
    assert table.max_row == HEAD


def test_texts_kept_once_are_written_out():
    rows = ROWS.set_column(0, "customer_id", pa.array(["a", "=b"]).dictionary_encode())
    found = [opened(rows)[0].cell(row, 1) for row in (HEAD + 1, HEAD + 2)]
    assert [(cell.value, cell.data_type) for cell in found] == [("a", "s"), ("=b", "s")]


def test_a_file_is_named_after_what_it_shows_its_day_and_its_number():
    assert file_name("at risk/../x", date(2026, 10, 31), "ab12", "csv") == (
        "at-risk----x-2026-10-31-ab12.csv"
    )
    assert file_name("///", None, "ab12", "xlsx") == "table-ab12.xlsx"
