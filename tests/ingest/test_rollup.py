from datetime import datetime

import pytest

pytestmark = pytest.mark.slow

MAPPING = """
name = "x"
currency = "EUR"
[tables.order_lines.columns]
order_id = "id"
line_id = "line"
amount = "amount"
discount = "off"
[tables.orders]
rollup = true
columns.customer_id = "customer"
columns.ordered_at = "at"
columns.cancelled_at = "gone"
columns.region = "region"
"""
TEXT = """id,line,customer,at,amount,off,gone,region
1,1,a,2024-01-01 10:01,5.10,,,North
1,2,,2024-01-01 10:00,-1,0.5,2024-01-09,South
2,1,b,2024-01-02,3,,2024-01-03,
2,2,b,2024-01-02,4,,2024-01-05,East
"""


def test_an_order_is_the_sum_of_its_lines(stage_text) -> None:
    staged = stage_text(TEXT, MAPPING)
    columns = ("order_id", "customer_id", "ordered_at", "amount", "discount", "currency")
    found = {row[0]: row[1:] for row in staged.rows("orders", *columns)}
    assert [str(x) for x in found["1"]] == ["a", "2024-01-01 10:00:00", "4.1000", "0.5000", "EUR"]
    assert (found["2"][2], found["2"][3]) == (7, None)
    assert staged.batch.rolled_up
    assert len(staged.rows("order_lines")) == 4


def test_an_order_is_cancelled_when_all_its_lines_are(stage_text) -> None:
    found = dict(stage_text(TEXT, MAPPING).rows("orders", "order_id", "cancelled_at"))
    assert found == {"1": None, "2": datetime(2024, 1, 5)}


def test_the_first_line_that_says_something_says_it_for_the_order(stage_text) -> None:
    found = dict(stage_text(TEXT, MAPPING).rows("orders", "order_id", "region"))
    assert found == {"1": "North", "2": "East"}


def test_a_line_that_two_extracts_hold_counts_once_in_its_order(stage_path, tmp_path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    (tmp_path / "b.csv").write_text(TEXT)
    staged = stage_path(tmp_path, MAPPING)
    assert [str(a) for (a,) in staged.rows("orders", "amount")] == ["4.1000", "7.0000"]


def test_a_line_is_rejected_when_what_it_says_of_its_order_cannot_be_read(stage_text) -> None:
    staged = stage_text(TEXT.replace("2024-01-02,3", "long ago,3"), MAPPING)
    assert [(r["row"], r["table"], r["column"], r["reason"]) for r in staged.rejects] == [
        (3, "orders", "at", "date")
    ]
    assert dict(staged.rows("orders", "order_id", "amount"))["2"] == 4


def test_lines_of_an_order_that_name_different_customers_are_rejected(stage_text) -> None:
    staged = stage_text(TEXT.replace("2,2,b", "2,2,c"), MAPPING)
    assert [(r["row"], r["reason"]) for r in staged.rejects] == [
        (3, "several_customers"), (4, "several_customers"),
    ]  # fmt: skip
    assert [one for (one,) in staged.rows("orders", "order_id")] == ["1"]
    assert len(staged.rows("order_lines")) == 2


def test_orders_of_their_own_file_take_the_sums_of_their_lines(stage_path, tmp_path) -> None:
    (tmp_path / "orders.csv").write_text("id,customer,at\n1,a,2024-01-01\n2,b,2024-01-02\n")
    (tmp_path / "lines.csv").write_text("id,line,amount,off\n1,1,5,1\n1,2,6,\n")
    mapping = """
        name = "x"
        [tables.order_lines]
        from = "lines.csv"
        columns = { order_id = "id", line_id = "line", amount = "amount", discount = "off" }
        [tables.orders]
        from = "orders.csv"
        rollup = true
        columns = { order_id = "id", customer_id = "customer", ordered_at = "at" }
    """
    staged = stage_path(tmp_path, mapping)
    found = staged.rows("orders", "order_id", "amount", "discount")
    assert [(key, int(a), d and int(d)) for key, a, d in found] == [("1", 11, 1), ("2", 0, None)]
