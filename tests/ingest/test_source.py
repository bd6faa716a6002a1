from pathlib import Path

import pytest

from core.errors import SourceError
from core.ingest.source import files, kind_of, resolve


def _refused(action, *args) -> str:
    with pytest.raises(SourceError) as caught:
        action(*args)
    for language in ("en", "zh"):
        assert caught.value.text(language)
    return caught.value.key


def test_a_source_is_a_file_a_folder_or_a_database(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n")
    assert resolve(str(tmp_path / "a.csv")).path == tmp_path / "a.csv"
    assert resolve(str(tmp_path)).is_folder
    assert resolve("sqlite:///x.db").url == "sqlite:///x.db"
    assert _refused(resolve, str(tmp_path / "none.csv")) == "no_source"


def test_the_data_files_of_a_folder_are_taken_by_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "~$open.xlsx", "notes.md", "c.txt"):
        (tmp_path / name).write_text("x\n")
    (tmp_path / "sub").mkdir()
    place = resolve(str(tmp_path))
    assert [path.name for path in files(place, None)] == ["a.csv", "b.csv", "c.txt"]
    assert [path.name for path in files(place, "*.csv")] == ["a.csv", "b.csv"]
    assert _refused(files, place, "z*.csv") == "no_files"


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("x\n")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").symlink_to(tmp_path / "secret.csv")
    assert _refused(files, resolve(str(folder)), None) == "link_outside"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.csv", b"", "empty_file"),
        ("a.csv", b"\x1f\x8b\x08\x00", "compressed"),
        ("a.zip", b"PK\x03\x04", "compressed"),
        ("a.xlsm", b"PK\x03\x04", "refused_kind"),
        ("a.xlsx", b"<html><table>", "not_xlsx"),
        ("a.xls", b"\xef\xbb\xbf<table>", "not_xlsx"),
        ("a.xlsx", b"id,name\n", "not_xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not_xlsx"),
        ("a.parquet", b"PAR2", "not_parquet"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    tmp_path: Path, name: str, content: bytes, key: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert _refused(kind_of, tmp_path / name) == key


def test_files_of_different_kinds_or_headers_are_matched_by_name_or_refused(
    stage_path, orders, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("id,customer,date,amount\n1,a,2024-01-01,5\n")
    (tmp_path / "b.csv").write_text("amount;date;customer;id;new\n6;2024-01-02;b;2;x\n")
    assert stage_path(tmp_path, orders).rows("orders", "order_id", "customer_id") == [
        ("1", "a"), ("2", "b"),
    ]  # fmt: skip
    (tmp_path / "c.parquet").write_bytes(b"PAR1")
    assert _refused(stage_path, tmp_path, orders) == "mixed_kinds"
