"""Rows as an Excel workbook that can be handed on: what it is, the table, what is meant by it."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.exports.columns import Kind
from core.exports.csv import formulas, is_formula
from core.i18n import translate

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
MOST_ROWS = 1_048_576  # of a sheet, by Excel's own specification
_LONGEST = 32_767  # characters of a cell
_FORMS: dict[Kind, str] = {
    "number": "#,##0.##", "money": "#,##0.00", "change": "+#,##0;-#,##0;0", "percent": "0.0%",
    "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm",
}  # fmt: skip
_WIDTHS: dict[Kind, int] = {"number": 12, "money": 16, "date": 12, "moment": 17, "flag": 9}
_BATCH = 10_000  # rows turned into Python values at once


@dataclass(frozen=True)
class Heading:
    """One column: what it is called, what stands in it, and what it means, if that is said."""

    label: str
    kind: Kind = "text"
    about: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table with what a reader of the file must know.

    Attributes
    ----------
    title
        What it shows; also the name of the sheet, as far as Excel allows.
    facts
        Lines below the title: as of when, of whom.
    about
        Definitions and notes: each a line of the second sheet, the first also below the facts.
    columns
        Columns of ``rows`` in order.
    origin
        What the file comes from, by name: data version, definitions, number of the export.
    """

    title: str
    facts: Sequence[str]
    about: Sequence[str]
    columns: Mapping[str, Heading]
    origin: Mapping[str, str]


def workbook(sheet: Sheet, rows: pa.Table, language: str) -> bytes:
    """Return ``rows`` as a workbook; numbers and days are real, texts are never formulas.

    Rows beyond those that a sheet of Excel holds are left out, and a line says so.
    """
    out = io.BytesIO()
    # Rows are written through, not gathered: a file of a million cells needs little memory.
    book = Workbook(out, {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "default_date_format": _FORMS["date"],
    })  # fmt: skip
    _table(book, sheet, rows, language)
    _meanings(book, sheet, language)
    book.set_properties({"title": _cut(sheet.title, 255), "comments": _line(sheet.origin)})
    book.close()
    return out.getvalue()


def _table(book: Workbook, sheet: Sheet, rows: pa.Table, language: str) -> None:
    page = book.add_worksheet(translate("export.table", language))
    forms = _Forms(book)
    lines = [*sheet.facts, *sheet.about[:1]]
    room = MOST_ROWS - len(lines) - 4  # title, the line below, a blank one, headings
    if rows.num_rows > room:
        lines.append(translate("export.cut", language, shown=room, n=rows.num_rows))
    top = len(lines) + 2
    for place, heading in enumerate(sheet.columns.values()):
        page.set_column(place, place, _width(heading), forms.of(heading.kind))
    _text(page, 0, 0, sheet.title, forms.title, forms)
    for at, line in enumerate(lines, start=1):
        _text(page, at, 0, line, forms.quiet, forms)
    for place, heading in enumerate(sheet.columns.values()):
        _text(page, top, place, heading.label, forms.head, forms)
    shown = rows.select(list(sheet.columns)).slice(0, room)
    last = _rows(page, shown, [h.kind for h in sheet.columns.values()], top + 1, forms)
    page.freeze_panes(top + 1, 1)
    page.autofilter(top, 0, max(last, top), max(len(sheet.columns) - 1, 0))


def _rows(
    page: Worksheet, rows: pa.Table, kinds: Sequence[Kind], first: int, forms: "_Forms"
) -> int:
    """Write the rows from row ``first`` on; return the last row written."""
    at = first
    for start in range(0, rows.num_rows, _BATCH):
        batch = rows.slice(start, _BATCH)
        write = [
            _writer(page, kind, column, forms)
            for kind, column in zip(kinds, batch.columns, strict=True)
        ]
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            for place, value in enumerate(values):
                if value is not None:
                    write[place](at, place, value)
            at += 1
    return at - 1


def _writer(
    page: Worksheet, kind: Kind, column: pa.ChunkedArray, forms: "_Forms"
) -> Callable[[int, int, Any], object]:
    """Return what writes a value of a column; texts that are harmless need no second look."""
    form = forms.of(kind)
    if kind == "flag":
        return page.write_boolean
    if kind in ("date", "moment"):
        return lambda row, place, value: page.write_datetime(row, place, value, form)
    if kind != "text":
        return lambda row, place, value: page.write_number(row, place, float(value), form)
    if _is_plain(column):
        return page.write_string
    return lambda row, place, value: _text(page, row, place, str(value), None, forms)


def _is_plain(column: pa.ChunkedArray) -> bool:
    """Whether all are short texts without a mark that a spreadsheet would act upon."""
    if pa.types.is_dictionary(column.type):
        column = pa.chunked_array([chunk.dictionary for chunk in column.chunks], pa.string())
    if not pa.types.is_string(column.type):
        return False
    is_odd = pc.or_(formulas(column), pc.match_substring(column, "\x00"))
    is_odd = pc.or_(is_odd, pc.greater(pc.utf8_length(column), _LONGEST))
    return not pc.any(is_odd).as_py()


def _text(
    page: Worksheet, row: int, place: int, text: str, form: Format | None, forms: "_Forms"
) -> None:
    if form is None and is_formula(text):
        form = forms.quoted  # stays a text also for who edits the cell
    page.write_string(row, place, _cut(text.replace("\x00", ""), _LONGEST), form)


def _meanings(book: Workbook, sheet: Sheet, language: str) -> None:
    """Write what is meant: the definitions, the columns, and what the file comes from."""
    page = book.add_worksheet(translate("export.meanings", language))
    forms = _Forms(book)
    page.set_column(0, 0, 28, forms.wrapped)
    page.set_column(1, 1, 100, forms.wrapped)
    lines = [("", text) for text in sheet.about]
    lines += [(h.label, h.about) for h in sheet.columns.values() if h.about]
    _text(page, 0, 0, sheet.title, forms.title, forms)
    at = 2
    for name, text in (*lines, ("", ""), *sheet.origin.items()):
        if name:
            _text(page, at, 0, name, forms.wrapped, forms)
        if text:
            _text(page, at, 1, text, forms.wrapped, forms)
        at += 1


class _Forms:
    """The formats of a workbook."""

    def __init__(self, book: Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.quiet = book.add_format({"font_color": "#5f6c73"})
        self.head = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#f4f6f7", "text_wrap": True, "valign": "top"}
        )
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.quoted = book.add_format({"quote_prefix": True})
        self._kinds = {kind: book.add_format({"num_format": f}) for kind, f in _FORMS.items()}

    def of(self, kind: Kind) -> Format | None:
        return self._kinds.get(kind)


def _width(heading: Heading) -> int:
    if heading.kind in _WIDTHS:
        return _WIDTHS[heading.kind]
    widest = sum(2 if ord(character) > 0x2E7F else 1 for character in heading.label)
    return min(max(widest + 3, 18 if heading.kind == "text" else 11), 44)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _line(origin: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in origin.items())


def file_name(name: str, day: date | None, number: str, ending: str) -> str:
    """Return the name of a file: what it shows, as of when, the number of the export."""
    plain = "".join(c if c.isalnum() or c == "-" else "-" for c in name).strip("-")
    parts = [plain or "table", *([day.isoformat()] if day else []), number]
    return f"{'-'.join(parts)}.{ending}"
