"""Writes a text file anew, as UTF-8 with plain line ends, where DuckDB cannot read it as it is."""

import re
from collections.abc import Iterator
from pathlib import Path

from core.ingest.encoding import CHUNK, Scan

_LINE_END = re.compile(r"\r+\n|\r")
_BLANKS = re.compile(r"\n{2,}")
_SPACES = re.compile(r"[ \t\u3000]+")


def needs_copy(scan: Scan) -> bool:
    """Tell whether the bytes must be rewritten before DuckDB reads them."""
    return (
        scan.encoding not in ("utf-8", "utf-8-sig", "ascii")
        or not scan.is_clean
        or scan.line_ends > 1
        or scan.cr > 0
        or scan.blank_lines > 0
    )


def copy(path: Path, target: Path, scan: Scan, *, layout: str = "delimited") -> tuple[int, int]:
    """Write ``path`` to ``target`` as UTF-8 with ``\\n`` line ends and without blank lines.

    Parameters
    ----------
    path, target
        Source, and the file to write.
    scan
        What ``encoding.scan`` found. Bytes that are not of its encoding become U+FFFD, so that
        their rows can be rejected one by one.
    layout
        "spaces": runs of spaces become one tab, those at the edges of a line go.
        "wrapped": every line is quoted as if it were one field; that quoting is undone.
        "delimited": as it is.

    Returns
    -------
    tuple
        Lines written, and how many blank ones are left among them: inside quotation marks, or
        where a stray mark hid them.
    """
    written, blanks, end = 0, 0, ""
    keeps_quotes = layout == "delimited" and scan.quotes > 0
    with target.open("w", encoding="utf-8", newline="") as out:
        is_open = False
        for block in lines(path, scan):
            block = laid_out(block, layout)
            if not is_open:
                block = block.lstrip("\n")
            if keeps_quotes:
                block, is_open = without_blanks(block, is_open)
            else:
                block = _BLANKS.sub("\n", block)
            out.write(block)
            written += block.count("\n")
            blanks += (end + block).count("\n\n")
            end = block[-1:] or end
    return written + (end not in ("\n", "")), blanks


def laid_out(block: str, layout: str) -> str:
    """Return whole lines with tabs for runs of spaces ("spaces") or unquoted ("wrapped")."""
    if layout == "spaces":
        return "\n".join(_SPACES.sub("\t", line.strip()) for line in block.split("\n"))
    if layout == "wrapped":
        return "\n".join(map(_unwrap, block.split("\n")))
    return block


def lines(path: Path, scan: Scan, limit: int | None = None) -> Iterator[str]:
    """Yield the text in blocks of whole lines, with ``\\n``, about ``limit`` characters at most."""
    rest, read = "", 0
    with path.open(
        encoding=scan.encoding, errors="strict" if scan.is_clean else "replace", newline=""
    ) as file:
        while block := file.read(min(CHUNK, limit or CHUNK)):
            read += len(block)
            block = rest + block
            # A \r at the edge may belong to a \n that follows.
            cut = block.rfind("\n") + 1 or _last_cr(block)
            rest, block = block[cut:], block[:cut]
            if block:
                yield _LINE_END.sub("\n", block)
            if limit is not None and read >= limit:
                rest = "" if cut else rest
                break
    if rest:
        yield _LINE_END.sub("\n", rest)


def _last_cr(block: str) -> int:
    """Return where the last line of old Macintosh text ends, leaving what may still grow."""
    return block.rfind("\r", 0, len(block.rstrip("\r"))) + 1


def _unwrap(line: str) -> str:
    if len(line) >= 2 and line[0] == line[-1] == '"':
        return line[1:-1].replace('""', '"')
    return line


def without_blanks(block: str, is_open: bool) -> tuple[str, bool]:
    """Drop blank lines outside quotation marks; say whether a quotation is open at the end."""
    parts = block.split('"')
    for number in range(len(parts)):
        if not is_open:
            parts[number] = _BLANKS.sub("\n", parts[number])
        if number < len(parts) - 1:
            is_open = not is_open
    return '"'.join(parts), is_open
