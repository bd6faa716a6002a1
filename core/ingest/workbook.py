"""Reads sheets of Excel workbooks as rows of texts, after checking what they unpack to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import pyarrow as pa
import python_calamine

from core.errors import SourceError
from core.ingest import package
from core.ingest.layout import check_names
from core.ingest.mapping import Source

CHUNK_ROWS = 20_000
HEAD_ROWS = 60


def sheets(path: Path) -> list[str]:
    """Return the names of the visible sheets that hold anything.

    Raises
    ------
    SourceError
        If the workbook is damaged, protected, holds macros or unpacks to too much.
    """
    book = _open(path)
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    return [name for name in visible if _sheet(book, path, name).height > 0]


def choose(path: Path, source: Source, stated: str | None) -> list[str]:
    """Return the sheets to read: the one stated, all for "*", else the only one.

    Raises
    ------
    SourceError
        If there is no such sheet, or several and none is stated.
    """
    present = sheets(path)
    wanted = stated or source.sheet
    if wanted == "*":
        return present
    if wanted is not None:
        if wanted not in _open(path).sheet_names:
            raise SourceError("no_sheet", file=path.name, sheet=wanted, sheets=", ".join(present))
        return [wanted]
    if not present:
        raise SourceError("empty_file", file=path.name)
    if len(present) > 1:
        raise SourceError("several_sheets", file=path.name, sheets=", ".join(present))
    return present


@dataclass(frozen=True)
class Sheet:
    """One sheet, laid out: names of its columns, and the row of the sheet on which data begin."""

    path: Path
    sheet: str
    names: tuple[str, ...]
    first: int
    details: dict[str, object]


def examine(path: Path, sheet: str, source: Source, *, guess_header: bool = False) -> Sheet:
    """Find title rows, header and width of a sheet.

    Raises
    ------
    SourceError
        If it is empty, names a column twice, or has not as many columns as the mapping gives names.
    """
    found = _sheet(_open(path), path, sheet)
    # Empty columns to the left are not given; total_width is one short (python-calamine 0.9.1).
    width = found.width
    head = [[_text(cell) for cell in row] for row in islice(found.iter_rows(), HEAD_ROWS)]
    filled = [sum(cell is not None for cell in row) for row in head]
    if not width or not any(filled):
        raise SourceError("empty_file", file=f"{path.name} [{sheet}]")
    skip = source.skip if source.skip is not None else _title_rows(filled)
    if skip >= len(head):
        raise SourceError("nothing_after_titles", file=path.name, skip=skip)
    header = (head[skip] + [None] * width)[:width]
    looks_headed = not any(cell is not None and _is_numeric(cell) for cell in header)
    headed = source.header
    if headed is None:
        headed = source.names is None and (looks_headed or not guess_header)
    names = [f"column{at}" for at in range(1, width + 1)]
    if source.names is not None:
        names = list(source.names)
        if len(names) != width:
            raise SourceError("names_count", file=path.name, given=len(names), found=width)
    elif headed:
        names = [(cell or "").strip() or name for cell, name in zip(header, names, strict=True)]
    check_names(names, f"{path.name} [{sheet}]")
    details = {"sheet": sheet, "skip": skip, "header": headed}
    return Sheet(path, sheet, tuple(names), skip + headed, details)


def batches(sheet: Sheet) -> Iterator[pa.Table]:
    """Yield the data rows as Arrow tables of texts; numbers as Excel shows them, dates as ISO.

    Empty rows at the end of the sheet are no records.
    """
    width = len(sheet.names)
    rows = islice(_sheet(_open(sheet.path), sheet.path, sheet.sheet).iter_rows(), sheet.first, None)
    waiting: list[list[str | None]] = []
    for row in rows:
        texts = [_text(cell) for cell in row]
        waiting.append((texts + [None] * width)[:width])
        if len(waiting) >= CHUNK_ROWS and any(cell is not None for cell in texts):
            yield _arrow(waiting, width)
            waiting = []
    while waiting and not any(cell is not None for cell in waiting[-1]):
        waiting.pop()
    if waiting:
        yield _arrow(waiting, width)


def _arrow(rows: list[list[str | None]], width: int) -> pa.Table:
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(width)]
    return pa.Table.from_arrays(columns, names=[f"c{at}" for at in range(width)])


def _title_rows(filled: list[int]) -> int:
    """Count the rows above the first that fills more than half of the fullest of fifty."""
    widest = max(filled[:50], default=0)
    if widest < 2:
        return next((at for at, count in enumerate(filled) if count), 0)
    return next(at for at, count in enumerate(filled) if count >= max(2, widest // 2 + 1))


def _is_numeric(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _text(cell: object) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _open(path: Path) -> python_calamine.CalamineWorkbook:
    if path.suffix.lower() == ".xlsx":
        package.check(path)
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError as error:
        raise SourceError("encrypted", file=path.name) from error
    except (python_calamine.CalamineError, OSError) as error:
        raise SourceError("damaged_workbook", file=path.name, problem=str(error)[:200]) from error


def _sheet(
    book: python_calamine.CalamineWorkbook, path: Path, name: str
) -> python_calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except python_calamine.CalamineError as error:
        raise SourceError("damaged_workbook", file=path.name, problem=str(error)[:200]) from error
