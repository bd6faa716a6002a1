"""CSV files are opened again, as a spreadsheet or a program would read them."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from core.exports.csv import as_csv, defused

HARMFUL = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|calc", "%0A", "  =1", '"=1',
    "'=1", "\ufeff=1", "\u200b=1", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)",
)  # fmt: skip
HARMLESS = ("Li", "a=b", "-5.00", "+1,234", "12", "", "王芳", "x@y.example", 'she said "no", twice')


def read(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def one_column(values: list, form: pa.DataType | None = None) -> list[str]:
    rows = pa.table({"x": pa.array(values, form)})
    return [row[0] if row else "" for row in read(as_csv(rows, {"x": "x"}))[1:]]


def test_a_file_begins_with_the_mark_by_which_excel_knows_utf_8():
    assert as_csv(pa.table({"x": ["王"]}), {"x": "姓名"}).startswith(b"\xef\xbb\xbf")


def test_lines_end_as_rfc_4180_says():
    assert as_csv(pa.table({"x": [1]}), {"x": "n"}) == b'\xef\xbb\xbf"n"\r\n1\r\n'


@pytest.mark.parametrize("text", HARMFUL)
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text):
    assert one_column([text]) == ["'" + text]
    assert defused(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text):
    assert one_column([text, "end"]) == [text, "end"]
    assert defused(text) == text


def test_nul_is_left_out_before_a_formula_is_looked_for():
    assert one_column(["\x00=1", "a\x00b"]) == ["'=1", "ab"]


def test_texts_kept_once_are_made_harmless_too():
    column = pa.array(["=1", "Li", "=1"]).dictionary_encode()
    assert one_column(column.to_pylist()) == ["'=1", "Li", "'=1"]
    rows = pa.table({"x": column})
    assert [row[0] for row in read(as_csv(rows, {"x": "x"}))[1:]] == ["'=1", "Li", "'=1"]


def test_headings_are_made_harmless():
    assert read(as_csv(pa.table({"x": [1]}), {"x": "=HYPERLINK(1)"}))[0] == ["'=HYPERLINK(1)"]


def test_quotes_commas_and_line_ends_within_a_text_come_back():
    hard = ['a "b"', "c, d", "e\r\nf", "'g"]
    assert one_column(hard) == hard


def test_numbers_stay_numbers_and_days_are_in_iso_form():
    rows = pa.table(
        {
            "money": pa.array([Decimal("-1234.5600"), None], pa.decimal128(18, 4)),
            "n": pa.array([-3, 1_000_000], pa.int64()),
            "share": [0.275, None],
            "day": [date(2026, 10, 31), None],
            "moment": [datetime(2026, 10, 31, 23, 59, 1), None],
            "flag": [True, None],
        }
    )
    found = read(as_csv(rows, {name: name for name in rows.column_names}))
    assert found[1] == ["-1234.5600", "-3", "0.275", "2026-10-31", "2026-10-31 23:59:01", "true"]
    assert found[2] == ["", "1000000", "", "", "", ""]


def test_a_column_that_is_not_asked_for_is_not_in_the_file():
    rows = pa.table({"name": ["Li"], "phone": ["138"]})
    assert b"138" not in as_csv(rows, {"name": "Name"})


def test_no_rows_give_a_file_of_headings():
    assert read(as_csv(pa.table({"x": pa.array([], pa.string())}), {"x": "Name"})) == [["Name"]]
