import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlwt

from core.errors import SourceError
from core.ingest import package, workbook
from core.ingest.mapping import Source

pytestmark = pytest.mark.slow

ROWS = [
    ["id", "customer", "date", "amount"],
    [1, "张三", datetime(2024, 1, 2, 3, 4), 10.5],
    [2, 17850.0, date(2024, 1, 3), 20],
]


def _book(path: Path, sheets: dict[str, list[list]], hidden: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def _refused(action, *args) -> SourceError:
    with pytest.raises(SourceError) as caught:
        action(*args)
    for language in ("en", "zh"):
        assert caught.value.text(language)
    return caught.value


def test_cells_are_read_as_excel_shows_them(stage_path, orders, tmp_path) -> None:
    staged = stage_path(_book(tmp_path / "a.xlsx", {"S": ROWS}), orders)
    assert staged.rows("orders") == [
        ("1", "张三", datetime(2024, 1, 2, 3, 4), Decimal("10.5")),
        ("2", "17850", datetime(2024, 1, 3), Decimal(20)),
    ]


def test_the_old_format_is_read_too(stage_path, orders, tmp_path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for at, row in enumerate([ROWS[0], ["1", "a", "2024-01-02", 5], ["2", "b", "2024-01-03", 6.5]]):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    book.save(str(tmp_path / "a.xls"))
    found = stage_path(tmp_path / "a.xls", orders).rows("orders", "order_id", "amount")
    assert found == [("1", Decimal(5)), ("2", Decimal("6.5"))]


def test_title_rows_and_empty_rows_are_no_records(stage_path, orders, tmp_path) -> None:
    titled = [["Sales 2024"], [], ["made by", "Ann"], *ROWS, [None] * 4, [None] * 4]
    staged = stage_path(_book(tmp_path / "a.xlsx", {"S": titled}), orders)
    assert (len(staged.rows("orders")), staged.batch.rows_read) == (2, 2)


def test_a_hidden_sheet_is_not_chosen_and_several_have_to_be(stage_path, orders, tmp_path) -> None:
    one = _book(tmp_path / "one.xlsx", {"S": ROWS, "Secret": ROWS}, hidden="Secret")
    assert workbook.sheets(one) == ["S"]
    assert len(stage_path(one, orders).rows("orders")) == 2
    later = [ROWS[0], [3, "c", date(2024, 1, 4), 1]]
    two = _book(tmp_path / "two.xlsx", {"May": ROWS, "June": later})
    error = _refused(stage_path, two, orders)
    assert (error.key, error.values["sheets"]) == ("several_sheets", "May, June")
    for sheet, count in (("May", 2), ("June", 1), ("*", 3)):
        stated = orders.replace("[tables", f'[source]\nsheet = "{sheet}"\n[tables', 1)
        assert len(stage_path(two, stated).rows("orders")) == count
    from_sheet = orders.replace(
        "[tables.orders.columns]", "[tables.orders]\nfrom = 'June'\n[tables.orders.columns]"
    )
    assert len(stage_path(two, from_sheet).rows("orders")) == 1
    stated = orders.replace("[tables", '[source]\nsheet = "July"\n[tables', 1)
    assert _refused(stage_path, two, stated).key == "no_sheet"


def test_a_rejected_row_carries_its_sheet_and_number(stage_path, orders, tmp_path) -> None:
    rows = [*ROWS, [3, "c", date(2024, 1, 4), "much"]]
    staged = stage_path(_book(tmp_path / "a.xlsx", {"S": rows}), orders)
    assert [(r["file"], r["row"], r["found"]) for r in staged.rejects] == [("a.xlsx", 3, "much")]


@pytest.mark.parametrize(
    ("rows", "key"),
    [([["id", "id"], [1, 2]], "repeated_header"), ([], "empty_file")],
)
def test_a_sheet_that_cannot_be_read_is_refused(stage_path, orders, tmp_path, rows, key) -> None:
    path = _book(tmp_path / "a.xlsx", {"S": rows})
    assert _refused(stage_path, path, orders).key == key


def test_a_workbook_that_is_cut_off_is_refused(stage_path, orders, tmp_path) -> None:
    path = _book(tmp_path / "a.xlsx", {"S": ROWS})
    path.write_bytes(path.read_bytes()[:-200])
    assert _refused(stage_path, path, orders).key == "damaged_workbook"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(64):
            part.write(bytes(1 << 20))
    assert _refused(package.check, path).key == "bomb"
    # The size that a zip states may be a lie: 64 MB said to be 10 bytes.
    content = path.read_bytes().replace(
        (64 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little")
    )
    path.write_bytes(content)
    assert _refused(package.check, path).key == "bomb"


def test_macros_and_too_many_parts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as macros:
        macros.writestr("xl/workbook.xml", "<workbook/>")
        macros.writestr("xl/vbaProject.bin", "x")
    assert _refused(package.check, path).key == "refused_kind"
    with zipfile.ZipFile(path, "w") as parts:
        for number in range(package.MOST_PARTS + 1):
            parts.writestr(f"xl/{number}", "")
    assert _refused(package.check, path).key == "bomb"


def test_a_workbook_without_a_header_can_be_named(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", {"S": ROWS[1:]})
    found = workbook.examine(path, "S", Source(names=["a", "b", "c", "d"]))
    assert (found.names, found.first) == (("a", "b", "c", "d"), 0)
    guessed = workbook.examine(path, "S", Source(), guess_header=True)
    assert guessed.names == ("column1", "column2", "column3", "column4")


@pytest.mark.parametrize("cell", ["XFD1048576", "A9999999", "AZ1"])
def test_a_cell_in_a_far_corner_is_refused(stage_path, orders, tmp_path, cell) -> None:
    path, far = _book(tmp_path / "a.xlsx", {"S": ROWS}), tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(far, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                row = "".join(filter(str.isdigit, cell))
                more = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()
                content = content.replace(b"</sheetData>", more)
            target.writestr(name, content)
    if cell == "AZ1":
        assert stage_path(far, orders).taken == 2  # wide, but a few rows only
    else:
        assert _refused(stage_path, far, orders).key == "bomb"


def test_entities_are_not_followed(stage_path, orders, tmp_path) -> None:
    path, evil = _book(tmp_path / "a.xlsx", {"S": ROWS}), tmp_path / "xxe.xlsx"
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(evil, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith(("sharedStrings.xml", "sheet1.xml")):
                content = head + content.replace("张三".encode(), b"&e;")
            target.writestr(name, content)
    assert _refused(stage_path, evil, orders).key == "damaged_workbook"
