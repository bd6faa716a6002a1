"""One import, one version: whole, once, corrected, withdrawn, and told."""

import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.batch import REJECTS, Batch, staging
from core.errors import BooksError
from core.facts import Books
from core.imports import publish
from core.reading import open_facts
from tests.rows import Rows, take

pytestmark = pytest.mark.slow
LAYOUT_ROWS = 131_072  # of a group in a file


def order(key: str, customer: str | None, day: int, amount: int, **more: object) -> dict:
    return {
        "order_id": key,
        "customer_id": customer,
        "ordered_at": datetime(2020, 1, day, 9),
        "amount": Decimal(amount),
        **more,
    }


def stored(books: Books, table: str = "orders", version: int | None = None) -> list[dict]:
    """Rows of a table with the company's own customer id, by key."""
    with open_facts(books, version) as reading:
        rows = reading.table(table)
        if "customer_key" in rows.columns:
            ids = reading.persons("customer_ids")
            rows = rows.left_join(ids, "customer_key").drop("customer_key", "customer_key_right")
        found = rows.drop("_updated_at", "_source").to_pyarrow().to_pylist()
    return sorted(found, key=str)


def amounts(books: Books, version: int | None = None) -> dict[str, int]:
    return {row["order_id"]: int(row["amount"]) for row in stored(books, version=version)}


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path)


def test_rows_lie_in_the_order_of_time_in_groups(books: Books) -> None:
    many = LAYOUT_ROWS + 10
    days = [datetime(2020, 1, 1) + timedelta(minutes=7 * number % many) for number in range(many)]
    take(
        books, {"orders": [order(f"o{n}", None, 1, 5, ordered_at=at) for n, at in enumerate(days)]}
    )
    (file,) = books.files("facts/orders", books.version().tables)
    assert pq.read_table(file)["ordered_at"].to_pylist() == sorted(days)
    assert pq.ParquetFile(file).metadata.num_row_groups == 2


def test_books_made_anew_in_the_same_folder_are_read_anew(books: Books) -> None:
    take(books, {"orders": [order("a", "x", 1, 5)]})
    assert amounts(books) == {"a": 5}
    for folder in books.home.iterdir():
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    take(books, {"orders": [order("b", "y", 2, 7)]})
    assert books.version().version == 1
    assert amounts(books) == {"b": 7}


def test_an_import_is_told_row_by_row(books: Books) -> None:
    first = take(books, {"orders": [order("1", "a", 1, 5), order("2", "b", 2, 7)]})
    second = take(books, {"orders": [order("2", "b", 2, 8), order("3", None, 3, 9)]})
    assert first.version == 1
    assert first.counts["orders"]["inserted"] == 2
    assert second.counts["orders"] == {
        "inserted": 1, "corrected": 1, "unchanged": 0, "outdated": 0, "withdrawn": 0, "repeated": 0,
    }  # fmt: skip
    assert second.earliest_on == date(2020, 1, 2)
    assert amounts(books) == {"1": 5, "2": 8, "3": 9}


def test_a_former_version_reads_as_it_was_known_then(books: Books) -> None:
    take(books, {"orders": [order("1", "a", 1, 5)]})
    take(books, {"orders": [order("1", "a", 1, 6), order("2", "a", 2, 7)]})
    assert amounts(books, version=1) == {"1": 5}
    assert amounts(books, version=2) == {"1": 6, "2": 7}


def test_a_version_that_is_not_there_is_refused_with_the_newest(books: Books) -> None:
    take(books, {"orders": [order("1", "a", 1, 5)]})
    with pytest.raises(BooksError, match="no data version 4; the newest is 1"):
        books.version(4)


def test_a_row_missing_from_a_snapshot_is_withdrawn_and_from_an_extract_is_not(
    books: Books,
) -> None:
    rows: Rows = {"orders": [order("1", "a", 1, 5), order("2", "b", 2, 7)]}
    take(books, rows, source="shop")
    take(books, {"orders": [order("9", "a", 9, 1)]}, source="other")
    take(books, {"orders": rows["orders"][:1]}, source="shop")
    assert set(amounts(books)) == {"1", "2", "9"}
    report = take(
        books, {"orders": rows["orders"][:1]}, source="shop", snapshots=frozenset({"orders"})
    )
    assert report.counts["orders"]["withdrawn"] == 1
    assert set(amounts(books)) == {"1", "9"}
    assert set(amounts(books, version=1)) == {"1", "2"}


def test_columns_that_a_source_does_not_bring_stay_as_they_were(books: Books) -> None:
    take(books, {"orders": [order("1", "a", 1, 5, payment_method="card", branch="north")]})
    take(books, {"orders": [order("1", "a", 1, 5, branch="south")]})
    (row,) = stored(books)
    assert (row["payment_method"], row["branch"]) == ("card", "south")


def test_an_older_state_of_a_row_does_not_overrule_a_newer_one(books: Books) -> None:
    newer = order("1", "a", 1, 6, _updated_at=datetime(2020, 3, 1))
    older = order("1", "a", 1, 5, _updated_at=datetime(2020, 2, 1))
    take(books, {"orders": [newer]})
    report = take(books, {"orders": [older]})
    assert report.version is None
    assert report.counts["orders"]["outdated"] == 1
    assert amounts(books) == {"1": 6}


def test_of_rows_that_share_a_key_the_one_changed_last_stands_then_the_later(books: Books) -> None:
    take(
        books,
        {
            "orders": [
                order("1", "a", 1, 6, _updated_at=datetime(2020, 3, 1), _seq=1),
                order("1", "a", 1, 5, _updated_at=datetime(2020, 2, 1), _seq=2),
                order("2", "a", 1, 7, _updated_at=None, _seq=3),
                order("2", "a", 1, 8, _updated_at=None, _seq=4),
            ]
        },
    )
    assert amounts(books) == {"1": 6, "2": 8}


def test_equal_rows_of_two_extracts_are_one_and_of_one_extract_are_two(books: Books) -> None:
    def bought(content: str, customer: str = "a") -> dict:
        row = order("", customer, 1, 5, _content_id=content)
        del row["order_id"]
        return row

    take(books, {"orders": [bought("x-1"), bought("x-2"), bought("x-1", "b")]})
    report = take(books, {"orders": [bought("x-1"), bought("x-2")]})
    assert report.version is None
    assert len(stored(books)) == 3


def test_an_order_rolled_up_from_its_lines_is_the_sum_of_all_of_them(books: Books) -> None:
    def line(key: str, amount: int) -> dict:
        return {"order_id": "1", "line_id": key, "amount": Decimal(amount)}

    take(books, {"order_lines": [line("x", 5), line("y", 2)], "orders": [order("1", "a", 2, 7)]},
         rolled_up=True)  # fmt: skip
    take(books, {"order_lines": [line("y", 2), line("z", 4)], "orders": [order("1", "a", 3, 6)]},
         rolled_up=True)  # fmt: skip
    (row,) = stored(books)
    assert row["amount"] == 11
    assert row["ordered_at"] == datetime(2020, 1, 2, 9)


def test_an_undated_attribute_that_stays_the_same_is_not_entered_again(books: Books) -> None:
    def region(value: str, day: int) -> Rows:
        return {
            "customer_attributes": [
                {
                    "customer_id": "a", "attribute": "region", "value": value,
                    "valid_from": date(2020, 1, day), "is_dated": False,
                }
            ]
        }  # fmt: skip

    take(books, region("north", 1))
    assert take(books, region("north", 2)).version is None
    assert take(books, region("south", 3)).version == 2
    found = [(r["value"], r["valid_from"].day) for r in stored(books, "customer_attributes")]
    assert sorted(found) == [("north", 1), ("south", 3)]


def test_names_and_phones_are_kept_apart_and_without_history(books: Books, tmp_path: Path) -> None:
    def customer(phone: str) -> Rows:
        return {"customers": [{"customer_id": "a", "name": "Li Na", "phone": phone}]}

    take(books, customer("555-0100"))
    take(books, customer("555-0199"))
    take(books, {"orders": [order("1", "a", 1, 5)]})
    with open_facts(books) as reading:
        assert "name" not in reading.table("customers").columns
        assert reading.persons("customers").to_pyarrow().to_pylist() == [
            {
                "customer_key": 1, "name": "Li Na", "birthday": None, "phone": "555-0199",
                "email": None, "tags": None,
            }
        ]  # fmt: skip
    logs = [p.read_text() for p in (tmp_path / "persons").glob("*/_delta_log/*.json")]
    assert not any("555-01" in log for log in logs)
    assert len(list((tmp_path / "persons" / "customers").glob("*.parquet"))) == 1


def test_a_rejected_row_is_kept_once_with_its_reason(books: Books) -> None:
    for _ in range(2):
        with staging() as con:
            row = dict.fromkeys(REJECTS.names) | {"file": "shop.csv", "row": 7, "reason": "x"}
            con.create_table("bad", pa.Table.from_pylist([row], schema=REJECTS))
            batch = Batch(con, "shop.csv", "shop", rejects="bad", rows_read=1)
            report = publish(books, batch, currency="CNY")
        assert report.rejected == 1
    assert [v.version for v in books.versions()] == [1]


def test_a_snapshot_with_rejected_rows_withdraws_nothing(books: Books) -> None:
    take(books, {"orders": [order("1", "a", 1, 5), order("2", "b", 2, 7)]}, source="shop")
    with staging() as con:
        bad = dict.fromkeys(REJECTS.names) | {"file": "shop.csv", "row": 2, "reason": "x"}
        con.create_table("bad", pa.Table.from_pylist([bad, bad], schema=REJECTS))
        batch = Batch(
            con, "shop", "shop", snapshots=frozenset({"orders"}), rejects="bad", rows_read=2
        )
        kept = pa.table({"order_id": ["1"]})
        con.create_table("s_orders", kept)
        batch.tables["orders"] = "s_orders"
        report = publish(books, batch, currency="CNY")
    assert report.is_withdrawal_held
    assert report.rejected == 1
    assert set(amounts(books)) == {"1", "2"}


def test_a_merged_customer_counts_as_the_one_that_stays(books: Books) -> None:
    take(books, {"orders": [order("1", "a", 1, 5), order("2", "b", 2, 7), order("3", "c", 3, 9)]})
    merges = [("a", "b"), ("b", "c")]
    take(
        books,
        {"customer_merges": [{"customer_id": x, "into_customer_id": y} for x, y in merges]},
    )
    assert {row["customer_id"] for row in stored(books)} == {"c"}
    assert {row["customer_id"] for row in stored(books, version=1)} == {"a", "b", "c"}


def test_only_one_may_write(books: Books) -> None:
    with books.writer(), pytest.raises(BooksError, match="Somebody else is writing"):
        take(Books(books.home), {"orders": [order("1", "a", 1, 5)]})


def test_what_a_killed_import_left_is_taken_back(books: Books) -> None:
    take(books, {"orders": [order("1", "a", 1, 5)]})
    # As if an import had been killed after its tables were written: no row in `versions`.
    extra = books.fact_schema("orders")
    table = pa.Table.from_pylist([{"order_id": "lost"}], schema=extra)
    books.append("facts/orders", table.to_reader(), {})
    books.append("facts/refunds", table.select(["order_id"]).to_reader(), {})
    assert amounts(books) == {"1": 5}
    take(books, {"orders": [order("2", "a", 2, 7)]})
    assert amounts(books) == {"1": 5, "2": 7}
    assert not books.path("facts/refunds").exists()
