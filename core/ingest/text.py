"""Reads delimited text into DuckDB: every record is taken or rejected, and the counts prove it."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend

from core.errors import SourceError
from core.ingest import plain
from core.ingest.encoding import Scan, scan
from core.ingest.layout import SAMPLE, Layout, sniff
from core.ingest.mapping import Source
from core.ingest.reading import Part, literal

MAX_LINE = 16 << 20
_REASONS = {
    "MISSING COLUMNS": "too_few",
    "TOO MANY COLUMNS": "too_many",
    "UNQUOTED VALUE": "quote",
    "LINE SIZE OVER MAXIMUM": "too_long",
    "INVALID ENCODING": "undecodable",
    "INVALID STATE": "quote",
    "CAST": "too_few",
}


@dataclass(frozen=True)
class TextFile:
    """A text file, scanned and laid out."""

    path: Path
    scan: Scan
    layout: Layout

    @property
    def details(self) -> dict[str, object]:
        """What was detected, for people."""
        return {
            "encoding": self.scan.encoding,
            "delimiter": "spaces" if self.layout.kind == "spaces" else self.layout.delimiter,
            "skip": self.layout.skip,
            "header": self.layout.headed,
            "layout": self.layout.kind,
            "is_clean": self.scan.is_clean,
        }


def examine(
    path: Path, source: Source, *, guess_header: bool = False, limit: int | None = None
) -> TextFile:
    """Scan a text file and find its layout. Raises SourceError as ``scan`` and ``sniff`` do."""
    found = scan(path, source.encoding, limit)
    sample = "".join(plain.lines(path, found, SAMPLE))
    if not sample.strip():
        raise SourceError("empty_file", file=path.name)
    return TextFile(path, found, sniff(sample, source, path, guess_header=guess_header))


def read(
    con: Backend, file: TextFile, table: str, slots: list[str], *, number: int, first: int,
    folder: Path, rejects: str,
) -> Part:  # fmt: skip
    """Append the records of one file to ``table``; those that cannot be split go to ``rejects``.

    Parameters
    ----------
    con
        Connection with ``table`` (``_file``, then text columns) and ``rejects`` in it.
    file
        The file, as ``examine`` found it.
    slots
        Column of ``table`` for each column of the file, in the order of the file.
    number, first
        Number of the file, and the row of ``table`` at which its records begin.
    folder
        Where a rewritten copy may lie.

    Raises
    ------
    SourceError
        If a quotation is not closed, the file cannot be parsed, or the lines do not add up.
    """
    layout = file.layout
    path, lines, blanks = file.path, *_lines(file)
    copied = plain.needs_copy(file.scan) or layout.kind != "delimited"
    if copied:
        path = folder / f"text-{number}.txt"
        lines, blanks = plain.copy(file.path, path, file.scan, layout=layout.kind)
    errors, scans = f"{table}_errors", f"{table}_scans"
    try:
        taken = _insert(con, path, layout, table, slots, number, (errors, scans))
        skipped = layout.skip + layout.headed + layout.separator_line
        ragged = _ragged(con, errors, layout, file.path.name, skipped, rejects)
        _prove(con, file, table, slots, first, lines - layout.lines, blanks, taken, errors)
        con.con.execute(f"drop table {errors}; drop table {scans}")
    finally:
        if copied:
            path.unlink(missing_ok=True)
    return Part(file.path.name, first, taken, ragged, file.details)


def _lines(file: TextFile) -> tuple[int, int]:
    found = file.scan
    return found.crlf + found.lf + (not found.ends_in_line_end), found.blank_lines


def _insert(
    con: Backend, path: Path, layout: Layout, table: str, slots: list[str], number: int,
    store: tuple[str, str],
) -> int:  # fmt: skip
    columns = "{" + ", ".join(f"'{slot}': 'VARCHAR'" for slot in slots) + "}"
    sql = f"""
        insert into {table} (_file, {", ".join(slots)})
        select {number}, {", ".join(slots)} from read_csv(
            ?, auto_detect = false, header = false, skip = {int(layout.skip + layout.headed + layout.separator_line)},
            delim = ?, quote = ?, escape = ?, columns = {columns}, store_rejects = true,
            rejects_table = '{store[0]}', rejects_scan = '{store[1]}', strict_mode = true,
            max_line_size = {MAX_LINE}, buffer_size = {4 * MAX_LINE}
        )"""  # noqa: S608, E501 - names are ours
    quote = layout.quote
    try:
        row = con.con.execute(
            sql, [str(path), layout.delimiter, quote, layout.escape if quote else quote]
        ).fetchone()
    except duckdb.Error as error:
        problem = str(error).partition("\n")[0][:200]
        raise SourceError("unreadable", file=path.name, problem=problem) from error
    return int(row[0]) if row else 0


def _ragged(
    con: Backend, errors: str, layout: Layout, name: str, skipped: int, rejects: str
) -> int:
    """Move the records that could not be split to the rejects; refuse an unclosed quotation."""
    width = len(layout.names)
    con.con.execute(f"""
        create or replace temp table ragged as
        select line - {skipped} as number,
            first(error_type::varchar order by byte_position) as kind,
            trim(first(csv_line), e'\\r\\n') as text
        from {errors} group by line""")  # noqa: S608
    open_ends = con.con.execute(
        "select number, text from ragged where kind = 'UNQUOTED VALUE' and contains(text, e'\\n')"
        " order by number limit 20"
    ).fetchall()
    for number, text in open_ends:
        inner = text.split("\n")[1:]
        if any(line.count(layout.delimiter) == width - 1 for line in inner):
            raise SourceError("unclosed_quote", file=name, row=number, lines=len(inner) + 1)
    reasons = (
        "case kind " + " ".join(f"when '{k}' then '{v}'" for k, v in _REASONS.items()) + " end"
    )
    row = con.con.execute(
        f"""insert into {rejects} select {literal(name)}, number, null, null, {reasons}, text[:200],
            to_json({{'_line': text}})::varchar from ragged"""  # noqa: S608
    ).fetchone()
    con.con.execute("drop table ragged")
    return int(row[0]) if row else 0


def _prove(
    con: Backend, file: TextFile, table: str, slots: list[str], first: int, lines: int, blanks: int,
    taken: int, errors: str,
) -> None:  # fmt: skip
    """Check that every line of the file stands in a record or in a reject."""
    name, inner = file.path.name, 0
    if file.scan.quotes and file.layout.quote:
        breaks = [
            f"sum(case when contains({s}, e'\\n')"
            f" then length({s}) - length(replace({s}, e'\\n', '')) else 0 end)"
            for s in slots
        ]
        sql = f"select {', '.join(breaks)} from {table} where rowid >= {first}"  # noqa: S608
        inner = sum(int(count or 0) for count in con.con.execute(sql).fetchone() or ())
        if inner:
            _refuse_swallowed(con, file, table, slots, first)
    rejected = con.con.execute(
        f"""select coalesce(sum(1 + length(text) - length(replace(text, e'\\n', ''))), 0) from (
            select trim(first(csv_line), e'\\r\\n') as text from {errors} group by line)"""  # noqa: S608
    ).fetchone()
    accounted = taken + inner + int(rejected[0] if rejected else 0)
    if not 0 <= lines - accounted <= blanks:
        raise SourceError("lines_lost", file=name, lines=lines, found=accounted)


def _refuse_swallowed(
    con: Backend, file: TextFile, table: str, slots: list[str], first: int
) -> None:
    """Refuse a value that holds whole records: a quotation was opened by mistake."""
    width, delimiter = len(file.layout.names), file.layout.delimiter
    if width < 2:
        return
    for slot in slots:
        rows = con.con.execute(
            f"""select rowid, {slot} from {table}
                where rowid >= {first} and contains({slot}, e'\\n') and contains({slot}, ?)
                order by length({slot}) desc limit 20""",  # noqa: S608
            [delimiter],
        ).fetchall()
        for row, text in rows:
            inner = text.split("\n")[1:-1]
            if len(inner) >= 2 and all(line.count(delimiter) == width - 1 for line in inner):
                raise SourceError(
                    "unclosed_quote", file=file.path.name, row=row - first + 1, lines=len(inner) + 2
                )
