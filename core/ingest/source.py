"""What a source is: a file, a folder of files or a database; and that it is what it says."""

import fnmatch
from dataclasses import dataclass
from pathlib import Path

from core.errors import SourceError

TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".tab", ".dat", ".prn")
EXCEL_ENDINGS = (".xlsx", ".xls")
REFUSED_ENDINGS = (".xlsm", ".xlsb", ".xltm", ".xlam", ".ods", ".numbers")
ENDINGS = (*TEXT_ENDINGS, *EXCEL_ENDINGS, ".parquet", *REFUSED_ENDINGS)
OLE, ZIP, PARQUET, GZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"PAR1", b"\x1f\x8b"


@dataclass(frozen=True)
class Place:
    """Where a source lies: ``path`` for a file or folder, ``url`` for a database."""

    path: Path | None = None
    url: str | None = None

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder of files."""
        return self.path is not None and self.path.is_dir()


def resolve(source: str) -> Place:
    """Say what ``source`` is. Raises SourceError if there is no such file or folder."""
    if "://" in source:
        return Place(url=source)
    path = Path(source)
    if not path.exists():
        raise SourceError("no_source", source=source)
    return Place(path=path)


def files(place: Place, pattern: str | None) -> list[Path]:
    """Return the files of a place that fit ``pattern``, by name; all data files without one.

    Raises
    ------
    SourceError
        If none fits, or one is a link that leads out of the folder.
    """
    if place.path is None:
        raise SourceError("not_files", source=place.url or "")
    if not place.is_folder:
        return [place.path]
    root = place.path.resolve()
    present = sorted(
        path
        for path in place.path.iterdir()
        if not path.name.startswith((".", "~$")) and not path.is_dir()
    )
    found = [
        path
        for path in present
        if (fnmatch.fnmatch(path.name, pattern) if pattern else path.suffix.lower() in ENDINGS)
    ]
    if not found:
        raise SourceError(
            "no_files", folder=place.path.name, pattern=pattern or "*",
            found=", ".join(path.name for path in present[:10]) or "-",
        )  # fmt: skip
    for path in found:
        if not path.resolve().is_relative_to(root):
            raise SourceError("link_outside", file=path.name, folder=place.path.name)
        if not path.exists():
            raise SourceError("no_source", source=path.name)
    return found


def kind_of(path: Path) -> str:
    """Return "text", "excel" or "parquet", by the first bytes of a file and by its name.

    Raises
    ------
    SourceError
        If the file is empty, compressed, protected, holds macros, or is not what its name says.
    """
    if not path.is_file():
        raise SourceError("not_a_file", file=path.name)
    with path.open("rb") as file:
        head = file.read(4096)
    ending = path.suffix.lower()
    if not head:
        raise SourceError("empty_file", file=path.name)
    if ending in REFUSED_ENDINGS:
        raise SourceError("refused_kind", file=path.name, ending=ending)
    if head.startswith(GZIP):
        raise SourceError("compressed", file=path.name)
    if head.startswith(PARQUET):
        return "parquet"
    if ending == ".parquet":
        raise SourceError("not_parquet", file=path.name)
    if head.startswith(ZIP):
        if ending != ".xlsx":
            raise SourceError("compressed", file=path.name)
        return "excel"
    if head.startswith(OLE):
        if _is_encrypted(path):
            raise SourceError("encrypted", file=path.name)
        if ending != ".xls":
            raise SourceError("not_xlsx", file=path.name, found="Excel 97 (.xls)")
        return "excel"
    if ending in EXCEL_ENDINGS:
        looks_web = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<"
        found = "HTML / XML" if looks_web else "CSV?"
        raise SourceError("not_xlsx", file=path.name, found=found)
    return "text"


def _is_encrypted(path: Path) -> bool:
    """Tell whether an OLE container holds an encrypted package (a protected .xlsx)."""
    mark = "EncryptedPackage".encode("utf-16-le")
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if mark in tail + chunk:
                return True
            tail = chunk[-len(mark) :]
    return False
