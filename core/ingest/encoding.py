"""What bytes a text file is made of: its encoding, line ends and quotes, seen in one pass."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import SourceError

CHUNK = 4 << 20
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes found."""

    encoding: str  # Python codec name
    is_clean: bool  # whether every byte is of that encoding
    crlf: int  # line ends \r\n
    lf: int  # line ends \n alone
    cr: int  # \r alone, those of \r\r\n included
    quotes: int  # quotation marks "
    blank_lines: int  # empty lines before the last line
    ends_in_line_end: bool
    size: int  # bytes

    @property
    def line_ends(self) -> int:
        """How many kinds of line end stand in the file."""
        return sum(count > 0 for count in (self.crlf, self.lf, self.cr))


def scan(path: Path, encoding: str | None = None, limit: int | None = None) -> Scan:
    """Read the file once and say what it is made of.

    Parameters
    ----------
    path
        A text file.
    encoding
        As the mapping states it; detected where None.
    limit
        Bytes to look at, for a preview; the whole file where None.

    Raises
    ------
    SourceError
        If the file is empty, has NUL bytes, or is in no encoding that is known here.
    """
    with path.open("rb") as file:
        head = file.read(4)
        if not head:
            raise SourceError("empty_file", file=path.name)
        stated = encoding or _bom(head) or _wide_without_bom(path)
        if stated is not None:
            stated = _known(stated, path)
        file.seek(0)
        counts, utf8, high = _count(file, limit)
    wide = stated is not None and codecs.lookup(stated).name.startswith(("utf-16", "utf-32"))
    if counts["nul"] and not wide:
        raise SourceError("nul_bytes", file=path.name)
    chosen = stated or (
        "utf-8" if utf8 == "clean" else _guess(high, counts["lf"] + counts["cr"], path)
    )
    is_clean = (
        utf8 == "clean" if chosen in ("utf-8", "utf-8-sig") else _decodes(path, chosen, limit)
    )
    if wide and not is_clean:
        raise SourceError("wrong_encoding", file=path.name, encoding=chosen)
    return Scan(
        encoding=chosen,
        is_clean=is_clean,
        crlf=counts["crlf"],
        lf=counts["lf"] - counts["crlf"],
        cr=counts["cr"] - counts["crlf"],
        quotes=counts["quotes"],
        blank_lines=counts["blank"],
        ends_in_line_end=bool(counts["end"]),
        size=counts["size"],
    )


def _bom(head: bytes) -> str | None:
    return next((name for mark, name in _BOMS if head.startswith(mark)), None)


def _known(encoding: str, path: Path) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise SourceError("unknown_encoding", file=path.name, encoding=encoding) from error
    # gb2312 and gbk are parts of gb18030; files that say the one often hold the other.
    return {"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name)


def _wide_without_bom(path: Path) -> str | None:
    """Tell UTF-16 without a mark by its zeros: every other byte of plain text is 0."""
    with path.open("rb") as file:
        sample = file.read(4096)
    if len(sample) < 4 or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.4 * half and even == 0:
        return "utf-16-le"
    if even > 0.4 * half and odd == 0:
        return "utf-16-be"
    return None


def _count(file: BinaryIO, limit: int | None) -> tuple[dict[str, int], str, bytes]:
    """Count bytes; tell whether all are UTF-8; keep a sample of stretches that are not ASCII."""
    counts: dict[str, int] = dict.fromkeys(
        ("crlf", "lf", "cr", "nul", "quotes", "blank", "end", "size"), 0
    )
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, high, tail = "clean", bytearray(), b""
    while (limit is None or counts["size"] < limit) and (chunk := file.read(CHUNK)):
        counts["size"] += len(chunk)
        counts["lf"] += chunk.count(b"\n")
        counts["cr"] += chunk.count(b"\r")
        counts["nul"] += chunk.count(b"\0")
        counts["quotes"] += chunk.count(b'"')
        joined = tail + chunk
        counts["crlf"] += joined.count(b"\r\n")
        counts["blank"] += joined.count(b"\n\n") + joined.count(b"\n\r\n")
        # One byte is carried over; a blank line across the edge of two chunks may hide or count
        # twice, and it only decides whether the file is copied without its blank lines.
        tail = chunk[-1:] if chunk[-1:] == b"\r" else b""
        counts["end"] = int(chunk[-1:] in b"\r\n")
        if utf8 == "clean" and not (chunk.isascii() and not decoder.getstate()[0]):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                utf8 = "broken"
        if len(high) < CHUNK and not chunk.isascii():
            high += b" ".join(_around(chunk))
    if utf8 == "clean" and limit is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = "broken"
    return counts, utf8, bytes(high)


def _around(chunk: bytes) -> list[bytes]:
    """Return stretches of bytes above 127, each with the byte that follows it."""
    return [chunk[m.start() : m.end() + 1] for m in _HIGH.finditer(chunk[: CHUNK // 4])]


def _guess(high: bytes, lines: int, path: Path) -> str:
    """Tell GB18030 from cp1252, or a UTF-8 file with some broken bytes from both.

    Chinese text is pairs of two bytes above 0xA0; Western text has single bytes above 127 with
    ASCII after them.
    """
    stretches = _HIGH.findall(high)
    if not stretches:
        return "utf-8"
    good = sum(_is_utf8(one) for one in stretches)
    if good > 0.5 * len(stretches):
        return "utf-8"
    paired = sum(len(one) for one in stretches if len(one) % 2 == 0 and min(one) >= 0xA1)
    if paired >= 0.7 * sum(map(len, stretches)):
        return "gb18030"
    if _decodes(path, "cp1252"):
        return "cp1252"
    if _decodes(path, "gb18030"):
        return "gb18030"
    if len(stretches) <= max(3, lines // 100):
        return "utf-8"  # plain text with a few broken bytes: those rows are rejected
    raise SourceError("no_encoding", file=path.name)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decodes(path: Path, encoding: str, limit: int | None = None) -> bool:
    decoder, read = codecs.getincrementaldecoder(encoding)(), 0
    with path.open("rb") as file:
        try:
            while (limit is None or read < limit) and (chunk := file.read(CHUNK)):
                decoder.decode(chunk)
                read += len(chunk)
            if limit is None:
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
