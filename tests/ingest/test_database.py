import sqlite3
from pathlib import Path

import pytest

from core.errors import SourceError
from core.ingest import database

MAPPING = """
name = "x"
[tables.orders]
from = {source}
columns.order_id = "Order No"
columns.customer_id = "customer"
columns.ordered_at = "at"
columns.amount = "amount"
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            'create table "Order List" ("Order No" integer, customer, at text, amount, photo blob)'
        )
        connection.executemany(
            'insert into "Order List" values (?, ?, ?, ?, ?)',
            [
                (1, "a", "2024-01-02 00:00:00.000", 10.5, b"\xff\x00"),
                (2, 17, "2024-01-03", "12", None),
                (3, None, "2024-01-04", "much", None),
            ],
        )
    return f"sqlite:///{path}"


def _refused(action, *args) -> SourceError:
    with pytest.raises(SourceError) as caught:
        action(*args)
    for language in ("en", "zh"):
        assert caught.value.text(language)
    return caught.value


@pytest.mark.parametrize(
    "source", ['"Order List"', '"order list"', "'select * from \"Order List\" order by 1'"]
)
def test_a_table_or_query_is_read_whatever_its_columns_hold(stage_path, url, source) -> None:
    staged = stage_path(url, MAPPING.replace("{source}", source))
    found = staged.rows("orders", "order_id", "customer_id", "amount")
    assert [(key, customer, float(a)) for key, customer, a in found] == [
        ("1", "a", 10.5), ("2", "17", 12.0),
    ]  # fmt: skip
    assert [(r["row"], r["reason"], r["found"]) for r in staged.rejects] == [(3, "number", "much")]
    assert '"photo":null' in staged.rejects[0]["raw"]


def test_many_rows_are_read_in_chunks(stage_path, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(database, "CHUNK_ROWS", 7)
    path = tmp_path / "many.db"
    with sqlite3.connect(path) as connection:
        connection.execute('create table t ("Order No", customer, at, amount)')
        rows = [(n, "a", "2024-01-02", n) for n in range(50)]
        connection.executemany("insert into t values (?, ?, ?, ?)", rows)
    staged = stage_path(f"sqlite:///{path}", MAPPING.replace("{source}", '"t"'))
    assert [int(a) for (a,) in staged.rows("orders", "amount")] == list(range(50))


def test_the_source_cannot_be_written_to(stage_path, url) -> None:
    for statement in (
        "delete from t",
        "select 1; drop table t",
        'with x as (select 1) delete from "Order List"',
    ):
        mapping = MAPPING.replace("{source}", f"'{statement}'")
        assert _refused(stage_path, url, mapping).key in ("not_a_select", "bad_query")
    assert len(database.sample(url, "Order List", 10)[1]) == 3


@pytest.mark.parametrize(
    ("source", "key", "named"),
    [
        ('"Orders"', "no_database_table", "Order List"),
        ("'select a from nowhere'", "bad_query", "nowhere"),
        ("'select 1 as a, 2 as a'", "repeated_query_column", "a"),
    ],
)
def test_what_cannot_be_read_is_said_so(stage_path, url, source, key, named) -> None:
    error = _refused(stage_path, url, MAPPING.replace("{source}", source))
    assert (error.key, named in str(error)) == (key, True)


def test_a_missing_database_is_not_made(stage_path, tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    assert _refused(stage_path, url, MAPPING.replace("{source}", '"t"')).key == "no_source"
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_database_and_a_missing_driver_are_said_so(stage_path, tmp_path) -> None:
    (tmp_path / "a.db").write_text("not a database at all, but long enough to look at")
    mapping = MAPPING.replace("{source}", '"t"')
    assert _refused(stage_path, f"sqlite:///{tmp_path / 'a.db'}", mapping).key == "no_database"
    assert _refused(stage_path, "mssql+pymssql://h/d", mapping).key == "no_driver"
    assert _refused(stage_path, "nosuch://h/d", mapping).key == "no_database"


def test_which_table_is_meant_has_to_be_said(stage_path, url, orders) -> None:
    error = _refused(stage_path, url, orders)
    assert (error.key, error.values["tables"]) == ("no_table_stated", "Order List")


def test_a_password_is_never_shown() -> None:
    assert "secret" not in database.shown("postgresql://me:secret@host/db")
