# ruff: noqa: E501 - cases read best in one line
"""The mappings that are shipped, on the data sets that they are for."""

import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.batch import staging
from core.ingest.mapping import load
from core.ingest.stage import stage
from tests.ingest.conftest import Staged

pytestmark = pytest.mark.slow

MAPPINGS = Path(__file__).parents[2] / "data" / "mappings"
DAY = date(2024, 6, 30)


@pytest.fixture
def shipped(con, shared_data: Path) -> Callable[[str, str], Staged]:
    """Stage a public data set with the mapping shipped for it."""

    def run(source: str, mapping: str) -> Staged:
        place = source.format(shared_data) if "{" in source else str(shared_data / source)
        return Staged(stage(place, load(MAPPINGS / f"{mapping}.toml"), con, imported_on=DAY))

    return run


def _number(staged: Staged, table: str, expression: str = "count(*)", where: str = "true"):
    name = staged.batch.tables[table]
    return staged.batch.con.con.sql(f"select {expression} from {name} where {where}").fetchall()[0][
        0
    ]


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_loads_and_explains_itself(path: Path) -> None:
    assert load(path).tables
    assert path.read_text("utf-8").count("#") >= 4


def test_every_row_of_cdnow_is_an_order(shipped) -> None:
    master = shipped("cdnow/CDNOW_master.txt", "cdnow_master")
    assert (master.batch.rows_read, master.taken) == (69_659, 69_659)
    assert (_number(master, "orders"), _number(master, "customers")) == (69_659, 23_570)
    assert _number(master, "orders", where="amount = 0") == 80
    assert _number(master, "orders", "count(distinct (customer_id, _content_id))") == 69_659
    assert _number(master, "orders", where="_content_id not like '%-1'") == 255
    assert _number(master, "customers", "min(customer_id)") == "00001"


def test_the_cdnow_sample_gives_the_orders_of_the_cohort(shipped, shared_data) -> None:
    sample = shipped("cdnow/CDNOW_sample.txt", "cdnow_sample")
    assert (_number(sample, "orders"), _number(sample, "customers")) == (6_919, 2_357)
    keys = set(sample.rows("orders", "customer_id", "_content_id", "ordered_at", "amount"))
    master = shipped("cdnow/CDNOW_master.txt", "cdnow_master")
    assert keys <= set(master.rows("orders", "customer_id", "_content_id", "ordered_at", "amount"))


def test_northwind_amounts_to_its_own_lines(shipped, shared_data) -> None:
    staged = shipped("sqlite:///{}/northwind/northwind.db", "northwind")
    counts = {table: _number(staged, table) for table in staged.batch.tables}
    assert counts == {
        "customers": 93, "customer_attributes": 91, "orders": 830, "order_lines": 2_155,
        "products": 77, "employees": 9,
    }  # fmt: skip
    assert not staged.rejects
    with sqlite3.connect(
        f"file:{shared_data}/northwind/northwind.db?mode=ro", uri=True
    ) as database:
        total = database.execute(
            'select sum(UnitPrice * Quantity * (1 - Discount)) from "Order Details"'
        ).fetchone()[0]
    assert float(_number(staged, "orders", "sum(amount)")) == pytest.approx(total, abs=0.05)
    assert _number(staged, "orders", where="customer_id is null") == 0


def test_complete_journey_is_read_from_its_folder(shipped) -> None:
    staged = shipped("completejourney", "complete_journey")
    counts = {table: _number(staged, table) for table in staged.batch.tables}
    assert counts == {
        "customers": 2_377, "customer_attributes": 801, "orders": 47_243, "order_lines": 75_000,
        "products": 92_331, "promotions": 27,
    }  # fmt: skip
    assert not staged.rejects
    assert _number(staged, "customers", where="kind = 'person'") == 801
    assert float(_number(staged, "orders", "sum(amount)")) == pytest.approx(233_935.24)


def test_the_damaged_files_are_taken_whole(shipped, stage_path, shared_data) -> None:
    cut = shipped("damaged/CDNOW_sample_CRCRLF_truncated.txt", "cdnow_sample")
    assert (cut.batch.rows_read, cut.taken) == (2_891, 2_891)
    mapping = 'name = "bank"\n[tables.products]\nduplicates = "last"\ncolumns.product_id = "job"\n'
    bank = stage_path(shared_data / "damaged/bank-additional_whole_line_quoted.csv", mapping)
    assert (bank.batch.rows_read, bank.taken) == (4_119, 4_119)
    assert _number(bank, "products") == 12


@pytest.mark.slow
def test_online_retail_ii_takes_each_line_once_and_two_days_in_csv_add_nothing(
    shared_data, tmp_path
) -> None:
    folder = shared_data / "online_retail_ii"
    with staging(tmp_path) as con:
        mapping = load(MAPPINGS / "online_retail_ii.toml")
        parquet = folder / "online_retail_ii.parquet"
        whole = Staged(stage(str(parquet), mapping, con, imported_on=DAY))
        assert whole.batch.rows_read == 1_067_370
        assert not whole.rejects
        assert whole.batch.rows_left_out == 6_355
        assert _lines(con, parquet, "true") == 1_067_370 - 22_523
        assert _number(whole, "order_lines") == _lines(con, parquet, SALES)
        assert _number(whole, "refunds") == _lines(con, parquet, TAKEN_BACK)
        # Equal lines within an invoice are told apart by their number.
        assert _number(whole, "order_lines", where="line_id not like '%-1'") > 10_000
        assert _number(whole, "customers") == 5_942
        assert _number(whole, "orders", where="customer_id is null") > 0
        assert _number(whole, "refunds", where="amount <= 0") == 0
        for table in ("order_lines", "orders", "refunds", "customers", "customer_attributes"):
            con.con.execute(f"create table whole_{table} as from {whole.batch.tables[table]}")
        mapping = load(MAPPINGS / "online_retail_csv.toml")
        for name in ("2010-12-01.csv", "2010-12-02.csv"):
            day = Staged(stage(str(folder / name), mapping, con, imported_on=DAY))
            assert not day.rejects
            for table in ("order_lines", "orders", "refunds", "customers", "customer_attributes"):
                mine = f"select * exclude (_seq) from {day.batch.tables[table]}"
                theirs = f"select * exclude (_seq) from whole_{table}"
                new = con.con.sql(f"select count(*) from ({mine} except {theirs})").fetchall()[0][0]
                assert new == 0, table


BOOKKEEPING = "StockCode in ('S', 'BANK CHARGES', 'ADJUST', 'ADJUST2', 'AMAZONFEE', 'CRUK', 'TEST001', 'TEST002')"
SALES = f"""Invoice similar to '[0-9].*' and not {BOOKKEEPING}
    and (Price <> 0 or "Customer ID" is not null)"""
TAKEN_BACK = f"Invoice like 'C%' and Quantity < 0 and not {BOOKKEEPING}"


def _lines(con, parquet: Path, where: str) -> int:
    """Count the lines, each of several equal ones of a sheet, but those in both sheets once."""
    every = 'Invoice, StockCode, Description, Quantity, InvoiceDate, Price, "Customer ID", Country'
    return con.con.sql(
        f"""select count(*) from (select distinct {every}, k from (
            select *, row_number() over (partition by {every}, sheet) as k
            from read_parquet('{parquet}') where {where}))"""
    ).fetchall()[0][0]
