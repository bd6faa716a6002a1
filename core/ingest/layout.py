"""How a text file is laid out: delimiter, quotes, title rows, header; detected or as stated."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from core.errors import SourceError
from core.ingest.mapping import Source
from core.ingest.plain import laid_out, without_blanks

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 1 << 18
MOST_COLUMNS = 4_000  # more take gigabytes of memory whatever the number of rows
_NUMBER_OR_DATE = re.compile(r"[+-]?[\d.,:/\-\s年月日%]*\d[\d.,:/\-\sTZ年月日%]*")


@dataclass(frozen=True)
class Layout:
    """Layout of one text file, and what of it was detected rather than stated."""

    kind: str  # "delimited", "spaces", or "wrapped" (every line quoted as one field)
    delimiter: str
    quote: str
    escape: str
    separator_line: bool  # first line is sep=;
    skip: int  # title rows above the header, or above the data where there is none
    headed: bool  # whether the row after them names the columns
    lines: int  # lines that title rows, header and sep= take up
    names: tuple[str, ...]
    looks_headed: bool  # whether the first row looks like names


def sniff(sample: str, source: Source, path: Path, *, guess_header: bool = False) -> Layout:
    """Find the layout of a file by its first lines.

    Parameters
    ----------
    sample
        The beginning of the text, whole lines only, line ends as ``\\n``.
    source
        What the mapping states; it overrides what is found.
    path
        The file, for messages.
    guess_header
        Whether a first row that looks like data means that there is no header. Without it a file
        has a header unless the mapping says otherwise or gives names.

    Raises
    ------
    SourceError
        If two columns bear the same name, or the names given are not as many as the columns.
    """
    separator_line = bool(re.match(r"sep=.\n", sample, re.IGNORECASE))
    stated = source.delimiter
    if separator_line:
        stated = stated or sample[4]
        sample = sample[6:]
    sample, _ = without_blanks(sample.lstrip("\n"), False)
    quote = '"' if source.quote is None else source.quote
    kind = "delimited"
    if stated == "spaces":
        kind, delimiter = "spaces", "\t"
    elif stated is not None:
        delimiter = stated
    else:
        kind, delimiter = _find_delimiter(sample, quote)
    if kind == "spaces":
        quote = ""
    sample = laid_out(sample, kind)
    rows, ends = _rows(sample, delimiter, quote)
    if not rows:
        raise SourceError("empty_file", file=path.name)
    skip = _title_rows(rows) if source.skip is None else _rows_in(ends, source.skip)
    if skip >= len(rows):
        raise SourceError("nothing_after_titles", file=path.name, skip=skip)
    looks_headed = _looks_headed(rows[skip:])
    headed = source.header
    if headed is None:
        headed = source.names is None and (looks_headed or not guess_header)
    names = source.names or _names(rows[skip] if headed else None, rows[skip:])
    width = len(rows[skip])
    if source.names is not None and len(names) != width:
        raise SourceError("names_count", file=path.name, given=len(names), found=width)
    check_names(names, path.name)
    before = skip + headed
    lines = (ends[before - 1] if before else 0) + separator_line
    escape = source.escape or quote
    return Layout(
        kind,
        delimiter,
        quote,
        escape,
        separator_line,
        skip,
        headed,
        lines,
        tuple(names),
        looks_headed,
    )


def _rows_in(ends: list[int], lines: int) -> int:
    """Return how many records end within the first ``lines`` lines."""
    return sum(end <= lines for end in ends)


def check_names(names: list[str] | tuple[str, ...], file: str) -> None:
    """Raise SourceError if two columns bear the same name, or there are too many."""
    if len(names) > MOST_COLUMNS:
        raise SourceError("too_many_columns", file=file, found=len(names), limit=MOST_COLUMNS)
    for name, count in Counter(names).items():
        if count > 1:
            raise SourceError("repeated_header", file=file, column=name, count=count)


def _find_delimiter(sample: str, quote: str) -> tuple[str, str]:
    best, best_score = ("delimited", ","), 0.0
    for delimiter in DELIMITERS:
        rows, _ = _rows(sample, delimiter, quote)
        score = _evenness(rows)
        if score > best_score:
            best, best_score = ("delimited", delimiter), score
    if best_score:
        return best
    lines = [line for line in sample.split("\n") if line.strip()]
    quoted = [line for line in lines if len(line) > 1 and line[0] == line[-1] == '"']
    # Doubled marks inside tell a quoted line from a quoted value such as "Smith, John".
    has_inner = any('""' in line[1:-1] for line in quoted)
    if has_inner and len(quoted) >= 0.9 * len(lines):
        inner = "\n".join(line[1:-1].replace('""', '"') for line in quoted)
        kind, delimiter = _find_delimiter(inner, quote) if "\n" in inner else best
        if kind == "delimited" and _evenness(_rows(inner, delimiter, quote)[0]):
            return "wrapped", delimiter
    if '"' not in sample and _evenness([line.split() for line in lines]) > 0:
        return "spaces", "\t"
    return best


def _evenness(rows: list[list[str]]) -> float:
    """Return how alike the rows are in width, more for wider ones; 0 where most have one field."""
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    share = count / sum(widths.values())
    return share * (1 + min(width, 50) / 100) if width > 1 and share >= 0.7 else 0.0


def _rows(sample: str, delimiter: str, quote: str) -> tuple[list[list[str]], list[int]]:
    """Return the records of ``sample`` without blank ones, and the line on which each ends."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(
        StringIO(sample),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    rows, ends = [], []
    for row in reader:
        if row:
            rows.append(row)
            ends.append(reader.line_num)
    return rows, ends


def _title_rows(rows: list[list[str]]) -> int:
    """Count the rows at the top that fill no more than half of the table below them."""
    if len(rows) < 3:
        return 0
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    if width < 2:
        return 0
    for number, row in enumerate(rows[:20]):
        if sum(bool(cell.strip()) for cell in row) >= max(2, width // 2 + 1):
            return number
    return 0


def _looks_headed(rows: list[list[str]]) -> bool:
    """Tell whether the first row names columns: no numbers or dates, none empty, none twice."""
    first = [cell.strip() for cell in rows[0]]
    if any(_NUMBER_OR_DATE.fullmatch(cell) for cell in first if cell):
        return False
    filled = [cell for cell in first if cell]
    columns = [{row[at] for row in rows[1:50] if at < len(row)} for at in range(len(first))]
    recurs = any(cell in column for cell, column in zip(first, columns, strict=True) if cell)
    return bool(filled) and len(set(filled)) == len(filled) and not recurs


def _names(header: list[str] | None, rows: list[list[str]]) -> list[str]:
    if header is None:
        width = Counter(len(row) for row in rows).most_common(1)[0][0]
        return [f"column{number}" for number in range(1, width + 1)]
    return [cell.strip() or f"column{number}" for number, cell in enumerate(header, start=1)]
