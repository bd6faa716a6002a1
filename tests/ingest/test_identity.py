# ruff: noqa: E501 - cases read best in one line
import pytest

from core.errors import MappingError

CONTENT = """
name = "x"
[tables.orders]
content_id = ["ordered_at", "amount"]
{extract}
columns.customer_id = "customer"
columns.ordered_at = "date"
columns.amount = "amount"
"""
HEAD = "customer,date,amount\n"


def _ids(staged) -> list[tuple]:
    return staged.rows("orders", "customer_id", "_content_id")


def test_equal_rows_of_one_file_are_all_kept(stage_text) -> None:
    rows = "a,2024-01-01,5\na,2024-01-01,5\na,2024-01-01,6\nb,2024-01-01,5\n"
    ids = _ids(stage_text(HEAD + rows, CONTENT.replace("{extract}", "")))
    assert len(ids) == len(set(ids)) == 4
    first, second, other, of_b = (one for _, one in ids)
    assert first.split("-")[0] == second.split("-")[0] == of_b.split("-")[0]
    assert (first[-2:], second[-2:], other[-2:], of_b[-2:]) == ("-1", "-2", "-1", "-1")


def test_rows_that_two_extracts_hold_are_taken_once_and_equal_ones_within_one_kept(
    stage_path, tmp_path
) -> None:
    (tmp_path / "may.csv").write_text(HEAD + "a,2024-01-01,5\na,2024-01-01,5\na,2024-01-02,7\n")
    (tmp_path / "june.csv").write_text(HEAD + "a,2024-01-01,5\na,2024-01-02,7\na,2024-01-03,9\n")
    staged = stage_path(tmp_path, CONTENT.replace("{extract}", ""))
    assert len(staged.rows("orders")) == 4  # 5 twice, 7 once, 9 once
    assert (staged.batch.rows_read, staged.taken) == (6, 6)


def test_a_column_may_tell_the_extracts_apart(stage_text) -> None:
    rows = "a,2024-01-01,5,I\na,2024-01-01,5,I\na,2024-01-01,5,II\n"
    text = "customer,date,amount,sheet\n" + rows
    assert len(_ids(stage_text(text, CONTENT.replace("{extract}", 'extract = "sheet"')))) == 2
    assert len(_ids(stage_text(text, CONTENT.replace("{extract}", "")))) == 3


def test_content_is_compared_as_it_is_meant_and_not_as_it_is_written(stage_text) -> None:
    mapping = CONTENT.replace("{extract}", "")
    one = _ids(stage_text(HEAD + "a,2024-01-01,5\n", mapping))
    other = _ids(stage_text(HEAD + "a,2024-01-01 00:00:00,5.00\n", mapping))
    assert one == other


def test_neither_borders_nor_empty_values_of_content_are_mistaken(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.products.columns]
        product_id = { content = ["a", "b"] }
    """
    staged = stage_text("a,b\nx,yz\nxy,z\nx,\n,x\n", mapping)
    assert len(set(staged.rows("products", "product_id"))) == 4


def test_a_line_is_known_by_its_content_within_its_order(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.order_lines.columns]
        order_id = "id"
        line_id = { content = ["product_id", "amount"], within = ["id"] }
        product_id = "p"
        amount = "a"
    """
    staged = stage_text("id,p,a\n1,x,5\n1,x,5\n2,x,5\n", mapping)
    lines = staged.rows("order_lines", "order_id", "line_id")
    assert [line.split("-")[1] for _, line in lines] == ["1", "2", "1"]
    assert lines[0][1] == lines[2][1]


def test_a_prefix_makes_ids_of_content_unique_across_scopes(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.refunds.columns]
        refund_id = { content = ["amount"], within = ["id"], prefix = "id" }
        refunded_at = "date"
        amount = "a"
    """
    staged = stage_text("id,date,a\n1,2024-01-01,5\n2,2024-01-01,5\n2,2024-01-01,5\n", mapping)
    assert len(set(staged.rows("refunds", "refund_id"))) == 3


DUPLICATES = """
name = "x"
[tables.orders]
{how}
columns.order_id = "id"
columns.ordered_at = "date"
columns.amount = "amount"
"""
TWICE = "id,date,amount,changed\n1,2024-01-01,5,2024-02-02\n1,2024-01-01,6,2024-02-01\n2,2024-01-01,7,2024-02-01\n"


@pytest.mark.parametrize(
    ("how", "amount"),
    [
        ('duplicates = "last"', 6),
        ('duplicates = "first"', 5),
        ('updated_at = "changed"', 5),
        ('updated_at = "changed"\nduplicates = "newest"', 5),
    ],
)
def test_the_mapping_says_which_row_of_equal_key_wins(stage_text, how, amount) -> None:
    staged = stage_text(TWICE, DUPLICATES.replace("{how}", how))
    assert {key: int(a) for key, _, a in staged.rows("orders")} == {"1": amount, "2": 7}
    assert staged.taken == 3


def test_rows_of_equal_key_that_differ_are_refused_where_nothing_is_said(stage_text) -> None:
    with pytest.raises(MappingError) as caught:
        stage_text(TWICE, DUPLICATES.replace("{how}", ""))
    assert caught.value.key == "contradiction"
    assert "order_id 1" in str(caught.value)


def test_rows_that_are_equal_in_all_are_one(stage_text) -> None:
    text = "id,date,amount\n1,2024-01-01,5\n1,2024-01-01,5.00\n"
    assert len(stage_text(text, DUPLICATES.replace("{how}", "")).rows("orders")) == 1


def test_of_two_files_the_later_one_corrects_the_earlier(stage_path, tmp_path) -> None:
    (tmp_path / "2024-01.csv").write_text("id,date,amount\n1,2024-01-01,5\n")
    (tmp_path / "2024-02.csv").write_text("id,date,amount\n1,2024-01-01,6\n")
    staged = stage_path(tmp_path, DUPLICATES.replace("{how}", ""))
    assert [int(a) for (a,) in staged.rows("orders", "amount")] == [6]


def test_later_rows_of_equal_key_can_be_rejected(stage_text) -> None:
    staged = stage_text(TWICE, DUPLICATES.replace("{how}", 'duplicates = "reject"'))
    assert staged.reasons == [(2, "id", "duplicate", "1")]
    assert [int(a) for (a,) in staged.rows("orders", "amount")] == [5, 7]


def test_parts_that_feed_one_table_complete_each_other(stage_path, tmp_path) -> None:
    (tmp_path / "names.csv").write_text("id,name\n1,Ann\n2,Bob\n")
    (tmp_path / "kinds.csv").write_text("id,kind\n2,company\n3,person\n")
    mapping = """
        name = "x"
        [[tables.customers]]
        from = "names.csv"
        columns.customer_id = "id"
        columns.name = "name"
        [[tables.customers]]
        from = "kinds.csv"
        columns.customer_id = "id"
        columns.kind = "kind"
    """
    staged = stage_path(tmp_path, mapping)
    assert sorted(staged.rows("customers", "customer_id", "name", "kind")) == [
        ("1", "Ann", None), ("2", "Bob", "company"), ("3", None, "person"),
    ]  # fmt: skip
