# ruff: noqa: E501 - cases read best in one line
from pathlib import Path

import openpyxl
import pytest

from core.errors import MappingError
from core.ingest.mapping import load
from core.ingest.suggest import suggest

pytestmark = pytest.mark.slow


def _write(tmp_path: Path, text: str, name: str = "sales.csv") -> str:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return str(path)


def _uncomment(text: str, *beginnings: str) -> str:
    """Take the # off the lines that begin so."""
    return "\n".join(
        line[2:] if any(line.startswith(f"# {b}") for b in beginnings) else line
        for line in text.split("\n")
    )


LINES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,Mug,2,2024-01-02 10:00,1.5,17850.0,UK
1,B,Cup,1,2024-01-02 10:00,2.5,17850.0,UK
2,A,Mug,1,2024-01-03 10:00,1.5,,France
C3,A,Mug,-1,2024-01-04 10:00,1.5,17851.0,UK
"""


def test_lines_of_orders_are_recognised_and_the_proposal_can_be_staged(
    tmp_path, stage_path
) -> None:
    source = _write(tmp_path, LINES)
    text = suggest(source)
    mapping = load(text)
    assert set(mapping.tables) == {"order_lines", "orders", "customers", "products"}
    staged = stage_path(source, text)
    assert sorted(staged.rows("orders", "order_id", "customer_id", "region")) == [
        ("1", "17850", "UK"), ("2", None, "France"), ("C3", "17851", "UK"),
    ]  # fmt: skip
    assert [float(a) for (a,) in staged.rows("order_lines", "amount")] == [3.0, 2.5, 1.5, -1.5]
    assert staged.rows("products", "product_id", "name") == [("B", "Cup"), ("A", "Mug")]
    assert not staged.rejects


def test_doubts_are_comments_with_counts(tmp_path) -> None:
    text = suggest(_write(tmp_path, LINES))
    assert '# ? 1 of 4 order numbers begin with "C"' in text
    assert "# ? 1 of 4 rows name no customer" in text
    assert '# ? 1 of 4 rows have "Quantity" below 0: refunds?' in text


def test_the_proposed_refunds_can_be_uncommented(tmp_path, stage_path) -> None:
    source = _write(tmp_path, LINES)
    before, refunds = suggest(source).split("# [[tables.refunds]]")
    block, _, rest = refunds.partition("\n\n")
    text = (
        before
        + _uncomment("# [[tables.refunds]]" + block, "[[", "where", "columns")
        + "\n\n"
        + rest
    )
    staged = stage_path(source, text)
    assert [(float(a), c) for a, c in staged.rows("refunds", "amount", "customer_id")] == [
        (1.5, "17851")
    ]


AMBIGUOUS = "订单编号;会员号;下单时间;实付金额;门店\n1;0;03/04/2011;1.234,50;东\n2;88;05/06/2011;20,00;西\n3;0;07/08/2011;5,00;西\n"


def test_an_ambiguous_date_blocks_until_one_proposal_is_uncommented(tmp_path, stage_path) -> None:
    source = _write(tmp_path, AMBIGUOUS)
    text = suggest(source)
    assert "03/04/2011, 05/06/2011, 07/08/2011" in text
    with pytest.raises(MappingError) as caught:
        load(text)
    assert caught.value.key == "mapping_doubt"
    assert "ordered_at" in caught.value.text("zh")
    for format, month in (("%d/%m/%Y", 4), ("%m/%d/%Y", 3)):
        lines = text.split("\n")
        chosen = [x[2:] if "ordered_at" in x and f'"{format}"' in x else x for x in lines]
        staged = stage_path(source, "\n".join(chosen))
        assert staged.rows("orders", "ordered_at")[0][0].month == month
        assert [float(a) for (a,) in staged.rows("orders", "amount")] == [1234.5, 20.0, 5.0]
        assert staged.rows("orders", "customer_id", "branch") == [
            (None, "东"), ("88", "西"), (None, "西"),
        ]  # fmt: skip
        assert staged.rows("customers") == [("88",)]


@pytest.mark.parametrize(
    ("dates", "format"),
    [
        (["13/04/2011", "05/06/2011"], "%d/%m/%Y"),
        (["04/13/2011", "05/06/2011"], "%m/%d/%Y"),
        (["20240102", "20240103"], "%Y%m%d"),
        (["2024/1/2", "2024/12/3"], "%Y/%m/%d"),
        (["2024年1月2日", "2024年1月3日"], "%Y年%m月%d日"),
        (["02-Jan-2024", "03-Mar-2024"], "%d-%b-%Y"),
        (["45000", "45001.5"], "excel"),
    ],
)
def test_a_date_that_can_be_read_in_one_way_gets_its_format(tmp_path, dates, format) -> None:
    rows = "".join(f"{n};c;{d};5\n" for n, d in enumerate(dates))
    text = suggest(_write(tmp_path, "order id;customer;date;amount\n" + rows))
    assert load(text).tables["orders"][0].columns["ordered_at"].formats == (format,)  # type: ignore


def test_orders_without_a_number_get_one_of_their_content(tmp_path, stage_path) -> None:
    source = _write(tmp_path, "customer,date,amount\na,2024-01-01,5\na,2024-01-01,5\n")
    assert len(stage_path(source, suggest(source)).rows("orders")) == 2


def test_a_share_is_not_taken_for_an_amount_of_discount(tmp_path, stage_path) -> None:
    source = _write(
        tmp_path, "order id,product id,qty,price,discount,date\n1,A,2,10,0.25,2024-01-01\n"
    )
    staged = stage_path(source, suggest(source))
    assert [(int(a), int(d)) for a, d in staged.rows("order_lines", "amount", "discount")] == [
        (15, 5)
    ]


def test_a_folder_and_a_workbook_are_taken_part_by_part(tmp_path, stage_path) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    for month in ("01", "02"):
        _write(
            folder,
            f"order_id,customer_id,date,amount\n{month},7,2024-{month}-01,5\n",
            f"sales_2024-{month}.csv",
        )
    _write(folder, "客户编号,姓名,手机,会员等级,区域\n7,张三,138,金,北\n", "客户.csv")
    _write(folder, "投诉编号,客户编号,受理时间,类别\n1,7,2024-01-05,慢\n", "投诉.csv")
    text = suggest(str(folder))
    assert 'from = "sales_2024-0*.csv"' in text
    staged = stage_path(folder, text)
    assert len(staged.rows("orders")) == 2
    assert staged.rows("customers", "customer_id", "name", "phone") == [("7", "张三", "138")]
    assert sorted(staged.rows("customer_attributes", "attribute", "value")) == [
        ("membership", "金"), ("region", "北"),
    ]  # fmt: skip
    assert staged.rows("complaints", "complaint_id", "category") == [("1", "慢")]

    book = openpyxl.Workbook()
    book.active.title = "Orders"  # type: ignore
    for row in (["order id", "customer id", "date", "amount"], [1, 7, "2024-01-01", 5]):
        book.active.append(row)  # type: ignore
    sheet = book.create_sheet("Products")
    for row in (["product id", "product name"], [1, "Mug"]):
        sheet.append(row)
    book.save(tmp_path / "b.xlsx")
    staged = stage_path(tmp_path / "b.xlsx", suggest(str(tmp_path / "b.xlsx")))
    assert (len(staged.rows("orders")), len(staged.rows("products"))) == (1, 1)


def test_what_is_not_recognised_is_left_to_be_named(tmp_path) -> None:
    text = suggest(
        _write(tmp_path, " 001 19970101  11.77\n 002 19970102  7.70\n 003 19970103  7.70\n")
    )
    with pytest.raises(MappingError) as caught:
        load(text)
    assert caught.value.key == "mapping_doubt"
    mapping = load(_uncomment(text, "[[", "content_id", "columns."))
    assert set(mapping.tables["orders"][0].columns) == {"customer_id", "ordered_at", "amount"}


def test_names_with_marks_of_toml_are_written_so_that_they_can_be_read(tmp_path) -> None:
    header = 'order id,customer id,date,"amount ""net"" \\ #1"\n'
    text = suggest(_write(tmp_path, header.replace("amount", "amount") + "1,a,2024-01-01,5\n"))
    assert "order id" in text
    text = suggest(_write(tmp_path, '"order\nid",customer id,date,amount\n1,a,2024-01-01,5\n'))
    assert load(text).tables["orders"][0].columns["order_id"] == "order\nid"


def test_the_public_data_sets_get_a_proposal_that_loads(shared_data, stage_path) -> None:
    for source in (
        str(shared_data / "completejourney"),
        f"sqlite:///{shared_data}/northwind/northwind.db",
        str(shared_data / "cdnow" / "CDNOW_master.txt"),
        str(shared_data / "online_retail_ii" / "2010-12-01.csv"),
    ):
        assert "orders" in load(suggest(source)).tables
