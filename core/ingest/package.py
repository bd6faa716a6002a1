"""Looks into an .xlsx package before it is read: what it unpacks to, and how far its cells lie.

A package of 400 KB can unpack to gigabytes, and a single cell in the last corner of a sheet makes a
reader ask for 17 billion cells at once, which ends the process. Both are refused here.
"""

import re
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from core.errors import SourceError

MOST_UNPACKED = 1 << 30  # bytes; a sheet of a million rows unpacks to about a third of it
MOST_RATIO, RATIO_FROM = 100, 16 << 20  # times its packed size, for parts above 16 MB
MOST_PARTS = 10_000
MOST_CELLS = 40_000_000  # of the rectangle that a sheet spans
SPARSE_FROM = 4_000_000  # above it, a cell must take at least one byte of the sheet
_FAR_ROW = re.compile(rb'[ <]r="[A-Z]{0,3}([0-9]{4,10})"')
_FAR_COLUMN = re.compile(rb' r="([A-Z]{2,4})[0-9]')


def check(path: Path) -> None:
    """Refuse a package that unpacks to too much, holds macros, is protected or damaged.

    Every part is unpacked once without keeping it: the sizes that a zip states may be lies.

    Raises
    ------
    SourceError
        As said above.
    """
    found = path.stat()
    _check_once(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=64)
def _check_once(path: Path, changed_ns: int, size: int) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MOST_PARTS:
                raise SourceError("bomb", file=path.name)
            if not any(name.startswith("xl/") for name in names):
                raise SourceError("not_xlsx", file=path.name, found="zip")
            if "xl/vbaProject.bin" in names:
                raise SourceError("refused_kind", file=path.name, ending=".xlsm")
            unpacked = 0
            for part in parts:
                unpacked += _unpacked_size(path, part, MOST_UNPACKED - unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceError("damaged_workbook", file=path.name, problem=str(error)[:200]) from error


def _unpacked_size(path: Path, part: zipfile.ZipInfo, room: int) -> int:
    if part.file_size > room or _is_bomb(part.compress_size, part.file_size):
        raise SourceError("bomb", file=path.name)
    if part.flag_bits & 1:
        raise SourceError("encrypted", file=path.name)
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SourceError("damaged_workbook", file=path.name, problem="compression")
    with path.open("rb") as file:
        file.seek(part.header_offset + 26)
        lengths = file.read(4)
        file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
        return _inflate(path, file, part, room)


def _inflate(path: Path, file: BinaryIO, part: zipfile.ZipInfo, room: int) -> int:
    """Unpack one part piece by piece; return its true size."""
    is_sheet = part.filename.startswith("xl/worksheets/")
    engine, size, read, tail = zlib.decompressobj(-15), 0, 0, b""
    is_stored = part.compress_type == zipfile.ZIP_STORED
    # Rows below 1,000 and columns up to Z are not looked for.
    row, column = 999, 26
    while not engine.eof:
        pending = engine.unconsumed_tail
        chunk = pending or file.read(min(1 << 16, part.file_size - read) if is_stored else 1 << 16)
        if not chunk:
            if is_stored and read >= part.file_size:
                break
            raise SourceError("damaged_workbook", file=path.name, problem=part.filename)
        read += 0 if pending else len(chunk)
        piece = chunk if is_stored else engine.decompress(chunk, 1 << 20)
        size += len(piece)
        if size > room or _is_bomb(read, size):
            raise SourceError("bomb", file=path.name)
        if is_sheet:
            text = tail + piece
            row = max([row, *map(int, _FAR_ROW.findall(text))])
            column = max([column, *map(_number, set(_FAR_COLUMN.findall(text)))])
            tail = text[-24:]
            if row * column > MOST_CELLS:
                raise SourceError("bomb", file=path.name)
    if is_sheet and row * column > max(SPARSE_FROM, size):
        raise SourceError("bomb", file=path.name)
    return size


def _number(letters: bytes) -> int:
    """Return the number of a column: A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _is_bomb(packed: int, unpacked: int) -> bool:
    return unpacked > RATIO_FROM and unpacked > MOST_RATIO * max(packed, 1)
