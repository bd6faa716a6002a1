import json

import pytest

from core import schema
from core.i18n import texts, translate
from core.ingest.mapping import load
from core.ingest.stage import stage
from tests.ingest.conftest import ORDERS, TODAY


def test_numbers_that_look_alike_are_told_and_stay_apart(stage_text, orders) -> None:
    rows = "".join(
        f"{n},{c},2024-01-01,5\n" for n, c in enumerate(["A1", "Ａ1", "a 1", "B2", "b3"])
    )
    staged = stage_text("id,customer,date,amount\n" + rows, orders)
    notes = dict(staged.batch.notes)
    assert notes["alike"]["count"] == 3
    assert len(set(staged.rows("orders", "customer_id"))) == 5


def test_how_a_file_was_read_is_told(stage_text, orders) -> None:
    text = "id;customer;date;amount\n1;张三;2024-01-01;5\n".encode("gb18030")
    batch = stage_text(text, orders).batch
    key, values = batch.notes[0]
    assert (key, values["encoding"], values["delimiter"]) == ("read_text", "gb18030", ";")
    for language in ("en", "zh"):
        assert "gb18030" in translate(f"note.{key}", language, **values)


def test_a_batch_says_what_it_was_made_of(stage_text, orders) -> None:
    batch = stage_text(
        "id,customer,date,amount\n1,a,2024-01-01,5\n", 'mode = "snapshot"\n' + orders
    ).batch
    assert (batch.mapping, batch.mapping_text) == ("shop", 'mode = "snapshot"\n' + ORDERS)
    assert (batch.snapshots, batch.rolled_up) == ({"orders"}, False)
    assert batch.source.endswith("sales.csv")


def test_staged_tables_have_the_types_of_the_schema(stage_text, orders) -> None:
    batch = stage_text("id,customer,date,amount\n1,a,2024-01-01,5\n", orders).batch
    found = batch.con.table(batch.tables["orders"]).to_pyarrow().schema
    for name in ("order_id", "customer_id", "ordered_at", "amount"):
        assert found.field(name).type == schema.TABLES["orders"].column(name).arrow_type


def test_the_currency_of_the_mapping_is_that_of_its_orders(stage_text, orders) -> None:
    text = "id,customer,date,amount,cur\n1,a,2024-01-01,5,USD\n2,a,2024-01-01,5,\n"
    in_pounds = 'currency = "GBP"\n' + orders
    assert stage_text(text, in_pounds).rows("orders", "currency") == [("GBP",), ("GBP",)]
    own = in_pounds + 'currency = { first = ["cur", { value = "GBP" }] }\n'
    assert stage_text(text, own).rows("orders", "currency") == [("USD",), ("GBP",)]


def test_a_rejected_row_is_kept_whole(stage_text, orders) -> None:
    staged = stage_text("id,customer,date,amount\n1,a,2024-01-01,x\n", orders)
    (reject,) = staged.rejects
    assert json.loads(reject.pop("raw")) == {
        "id": "1", "customer": "a", "date": "2024-01-01", "amount": "x",
    }  # fmt: skip
    assert reject == {
        "file": "sales.csv", "row": 1, "table": "orders", "column": "amount",
        "reason": "number", "found": "x",
    }  # fmt: skip


def test_progress_tells_stages_that_have_a_name(con, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,customer,date,amount\n1,a,2024-01-01,5\n")
    told: list[tuple] = []
    stage(str(path), load(ORDERS), con, imported_on=TODAY, progress=lambda *one: told.append(one))
    assert {name for name, _ in told} == {"read", "rows", "check"}
    for language in ("en", "zh"):
        assert all(f"progress.{name}" in texts(language) for name, _ in told)
    assert all(share is None or 0 <= share <= 1 for _, share in told)


def test_nothing_but_the_batch_is_left_behind(con, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,customer,date,amount\n1,a,2024-01-01,5\n2,b,2024-01-01,x\n")
    batch = stage(str(path), load(ORDERS), con, imported_on=TODAY)
    rows = con.con.execute("select table_name from information_schema.tables").fetchall()
    assert not [name for (name,) in rows if name.startswith("ingest_")]
    assert batch.rejects in {name for (name,) in rows}


def test_a_record_that_one_part_rejects_and_another_takes_counts_as_rejected(stage_text) -> None:
    mapping = (
        ORDERS
        + """
[tables.customers]
where = [{ column = "customer", op = "not empty" }]
columns.customer_id = "customer"
"""
    )
    text = "id,customer,date,amount\n1,a,2024-01-01,5\n2,b,2024-01-01,x\n3,,2024-01-01,7\n"
    staged = stage_text(text, mapping)
    assert staged.rows("customers") == [("a",), ("b",)]
    assert (staged.batch.rows_read, staged.batch.rows_left_out, staged.taken) == (3, 0, 2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_has_a_text(language) -> None:
    for reason in (
        "too_few", "too_many", "quote", "too_long", "undecodable", "missing", "number", "integer",
        "too_large", "date", "future", "boolean", "choice", "not_positive", "duplicate",
        "several_customers",
    ):  # fmt: skip
        assert f"reject.{reason}" in texts(language)
