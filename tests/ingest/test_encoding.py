from pathlib import Path

import pytest

from core.errors import SourceError
from core.ingest.encoding import scan

CHINESE = "编号,客户,日期,金额\n1,张三丰,2024-01-02,10\n2,欧阳修,2024-01-03,20\n"


def _write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
    ],
)
def test_a_chinese_text_is_known_by_its_bytes(tmp_path: Path, encoding: str, detected: str) -> None:
    text = CHINESE if not encoding.startswith("utf-16-") else "id,name\n1,Zhang San\n"
    found = scan(_write(tmp_path, text.encode(encoding)))
    assert (found.encoding, found.is_clean) == (detected, True)


def test_western_accents_are_windows_1252_and_not_chinese(tmp_path: Path) -> None:
    text = "id,nom\n1,Élise Lefèvre\n2,José Muñoz\n3,Zoë Größe\n4,€uro\n"
    assert scan(_write(tmp_path, text.encode("cp1252"))).encoding == "cp1252"


def test_plain_ascii_is_utf_8(tmp_path: Path) -> None:
    assert scan(_write(tmp_path, b"a,b\n1,2\n")).encoding == "utf-8"


def test_a_few_broken_bytes_do_not_change_the_encoding_of_the_rest(tmp_path: Path) -> None:
    content = CHINESE.encode() + b"3,\xff\xfe,2024-01-04,1\n"
    found = scan(_write(tmp_path, content))
    assert (found.encoding, found.is_clean) == ("utf-8", False)


def test_the_stated_encoding_overrides_what_is_found(tmp_path: Path) -> None:
    assert scan(_write(tmp_path, "é".encode("latin-1")), "latin-1").encoding == "iso8859-1"


@pytest.mark.parametrize(
    ("content", "encoding", "key"),
    [
        (b"", None, "empty_file"),
        (b"a,b\n1,\x00\n", None, "nul_bytes"),
        (b"a,b\n", "klingon", "unknown_encoding"),
        (b"\xff\xfea", None, "wrong_encoding"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    tmp_path: Path, content: bytes, encoding: str | None, key: str
) -> None:
    with pytest.raises(SourceError) as caught:
        scan(_write(tmp_path, content), encoding)
    assert caught.value.key == key
    assert caught.value.text("zh")


def test_line_ends_quotes_and_blank_lines_are_counted(tmp_path: Path) -> None:
    found = scan(_write(tmp_path, b'a\r\n"b"\n\nc\rd'))
    assert (found.crlf, found.lf, found.cr, found.quotes) == (1, 2, 1, 2)
    assert (found.blank_lines, found.ends_in_line_end, found.line_ends) == (1, False, 3)
