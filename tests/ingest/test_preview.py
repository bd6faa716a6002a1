import sqlite3
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from core.ingest.mapping import Source
from core.ingest.preview import parts, preview


def test_text_shows_its_columns_rows_and_what_was_detected(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号;姓名\n1;张三\n2;\n".encode("gb18030"))
    found = preview(str(path), rows=5)
    assert (found.part, found.columns) == ("a.csv", ("编号", "姓名"))
    assert found.rows == [["1", "张三"], ["2", None]]
    assert (found.details["encoding"], found.details["delimiter"]) == ("gb18030", ";")


def test_a_file_without_a_header_is_recognised_and_the_guess_can_be_overruled(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2024-01-01\n2,2024-01-02\n")
    assert preview(str(path)).columns == ("column1", "column2")
    assert preview(str(path), options=Source(header=True)).columns == ("1", "2024-01-01")


def test_the_parts_of_a_folder_a_workbook_and_a_database_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "b.csv").write_text("x,y\n1,2\n")
    pq.write_table(pa.table({"n": [1.0, 2.5, None]}), folder / "a.parquet")
    assert parts(str(folder)) == ["a.parquet", "b.csv"]
    assert preview(str(folder), "a.parquet").rows == [["1"], ["2.5"], [None]]
    assert preview(str(folder), "b.csv").columns == ("x", "y")

    book = openpyxl.Workbook()
    book.active.append(["id"])  # type: ignore
    book.active.append([7])  # type: ignore
    book.save(tmp_path / "a.xlsx")
    assert parts(str(tmp_path / "a.xlsx")) == ["Sheet"]
    assert preview(str(tmp_path / "a.xlsx")).rows == [["7"]]

    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table t (a, b)")
        connection.execute("insert into t values (1, null)")
    url = f"sqlite:///{tmp_path / 'a.db'}"
    assert parts(url) == ["t"]
    assert preview(url, "t").rows == [["1", None]]
