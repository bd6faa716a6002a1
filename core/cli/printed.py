"""Rows as a table for people, as CSV for spreadsheets, as JSON for programs."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from babel.numbers import format_decimal, format_percent
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.exports.csv import defused

FORMATS = ("table", "csv", "json")
LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
UNKNOWN = "–"
_WIDTH = 200  # where there is no terminal to fit

Row = Mapping[str, object]


def printed(
    rows: Sequence[Row],
    headings: Mapping[str, str],
    form: str,
    language: str,
    *,
    shown: Sequence[Row] | None = None,
    title: str = "",
) -> str:
    """Return ``rows`` in one of ``FORMATS``.

    Parameters
    ----------
    rows
        One mapping per row, by column; null where unknown.
    headings
        Columns in order, with what they are called in a table. CSV and JSON keep the names of
        the columns.
    form
        "table", "csv" or "json".
    language
        "en" or "zh": how numbers are written in a table.
    shown
        The same rows as people want to read them, for tables; ``rows`` where null.
    title
        Stands above a table.
    """
    if form == "json":
        return as_json([{name: row.get(name) for name in headings} for row in rows])
    if form == "csv":
        return as_csv(rows, list(headings))
    return _table(rows, rows if shown is None else shown, headings, language, title)


def as_json(rows: Sequence[Row]) -> str:
    """Return ``rows`` as an array of objects; money as numbers, days in ISO form."""
    plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Return ``rows`` as CSV with a header; texts that a spreadsheet would run are defused."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_cell(name) for name in columns])
    writer.writerows([[_cell(row.get(name)) for name in columns] for row in rows])
    return text.getvalue()


def number(value: float | Decimal, unit: str, language: str) -> str:
    """Return a figure as people read it: 93.2 % of a rate, 1,234 customers, 35 days."""
    locale = LOCALES[language]
    if unit == "rate":
        return format_percent(value, "#,##0.0%", locale=locale)
    pattern = {"money": "#,##0.00", "ratio": "#,##0.00"}.get(unit, "#,##0.##")
    return format_decimal(value, pattern, locale=locale)


def _table(
    rows: Sequence[Row],
    shown: Sequence[Row],
    headings: Mapping[str, str],
    language: str,
    title: str,
) -> str:
    table = Table(title=Text(title) if title else None, title_justify="left")
    for name, heading in headings.items():
        kinds = {type(row.get(name)) for row in rows} - {type(None)}
        is_number = bool(kinds) and kinds <= {int, float, Decimal}
        table.add_column(Text(heading), justify="right" if is_number else "left")
    for row in shown:
        # Text of users is never taken for markup.
        table.add_row(*[Text(_shown(row.get(name), language)) for name in headings])
    out = io.StringIO()
    screen = Console()
    width = screen.width if screen.is_terminal else _WIDTH
    Console(file=out, width=width, no_color=True).print(table)
    return out.getvalue()


def _shown(value: object, language: str) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, int | float | Decimal):
        pattern = "#,##0.00" if isinstance(value, Decimal) else "#,##0.####"
        return format_decimal(value, pattern, locale=LOCALES[language])
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return _joined(value)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return value
    return defused(_joined(value))


def _joined(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_joined(part) for part in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={_joined(part)}" for name, part in value.items())
    if value is None:
        return UNKNOWN
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return value
