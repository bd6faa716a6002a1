"""The first rows of a source as they stand, and how they were read."""

import csv
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import SourceError
from core.ingest import database, parquet, plain, text, workbook
from core.ingest.mapping import Source
from core.ingest.source import Place, files, kind_of, resolve

_LOOK_AT = 64 << 20  # bytes of a text file that a preview looks at
_READ = 16 << 20  # characters of a text file from which rows are taken


@dataclass(frozen=True)
class Preview:
    """First rows of one file, sheet, table or query.

    ``details`` says what was detected: of text "encoding", "delimiter", "skip", "header", "layout";
    of workbooks "sheet", "skip", "header".
    """

    part: str  # what ``from`` of a mapping names
    columns: tuple[str, ...]
    rows: list[list[str | None]]  # texts, None where empty
    details: dict[str, object] = field(default_factory=dict)


def parts(source: str) -> list[str]:
    """Return what a source consists of: files of a folder, sheets of a workbook, tables.

    Raises
    ------
    SourceError
        If it cannot be opened.
    """
    place = resolve(source)
    if place.url is not None:
        return database.tables(place.url)
    paths = files(place, None)
    if place.is_folder or kind_of(paths[0]) != "excel":
        return [path.name for path in paths]
    return workbook.sheets(paths[0])


def preview(
    source: str, part: str | None = None, options: Source | None = None, *, rows: int = 20
) -> Preview:
    """Return the first rows of a source.

    Parameters
    ----------
    source
        A file, a folder or an SQLAlchemy URL.
    part
        One of ``parts(source)``, or a query; the first part where None.
    options
        How to read, where it is not to be detected.
    rows
        How many rows at most.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    options = options or Source()
    part = part or parts(source)[0]
    place = resolve(source)
    if place.url is not None:
        names, found = database.sample(place.url, part, rows)
        return Preview(part, tuple(names), found)
    path = _path(place, part)
    kind = kind_of(path)
    if kind == "parquet":
        return _parquet(path, part, rows)
    if kind == "excel":
        sheet = options.sheet if place.is_folder else part
        chosen = sheet or workbook.choose(path, options, None)[0]
        return _sheet(path, chosen, part, options, rows)
    return _text(path, part, options, rows)


def _path(place: Place, part: str) -> Path:
    if not place.is_folder:
        return files(place, None)[0]
    return files(place, part)[0]


def _parquet(path: Path, part: str, rows: int) -> Preview:
    names = parquet.columns(path)
    batches = pq.ParquetFile(path).iter_batches(batch_size=rows)
    batch = next(batches, None)
    if batch is None:
        raise SourceError("empty_file", file=path.name)
    columns = [_shown(column) for column in batch.columns]
    return Preview(part, tuple(names), [list(row) for row in zip(*columns, strict=True)])


def _shown(column: pa.Array) -> list[str | None]:
    values = column.to_pylist()
    if pa.types.is_floating(column.type):
        return [
            None if one is None else str(int(one)) if one.is_integer() else repr(one)
            for one in values
        ]
    return [None if one is None else str(one) for one in values]


def _sheet(path: Path, sheet: str, part: str, options: Source, rows: int) -> Preview:
    found = workbook.examine(path, sheet, options, guess_header=True)
    taken: list[list[str | None]] = []
    for batch in workbook.batches(found):
        taken += [list(row.values()) for row in batch.slice(0, rows - len(taken)).to_pylist()]
        if len(taken) >= rows:
            break
    return Preview(part, found.names, taken, found.details)


def _text(path: Path, part: str, options: Source, rows: int) -> Preview:
    found = text.examine(path, options, guess_header=True, limit=_LOOK_AT)
    layout = found.layout
    sample = "".join(plain.lines(path, found.scan, _READ))
    lines = plain.laid_out(sample, layout.kind)
    reader = csv.reader(
        StringIO(lines),
        delimiter=layout.delimiter,
        quotechar=layout.quote or None,
        quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
    )
    records = (row for row in reader if row)
    before = layout.skip + layout.headed + layout.separator_line
    width = len(layout.names)
    taken = [
        ([cell.strip() or None for cell in row] + [None] * width)[:width]
        for row in islice(records, before, before + rows)
    ]
    return Preview(part, layout.names, taken, found.details)
