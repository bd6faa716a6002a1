import json

import pytest

from core.errors import SourceError


def test_every_encoding_gives_the_same_rows(stage_text, orders) -> None:
    text = "id,customer,date,amount\n1,张三,2024-01-02,10\n2,李四,2024-01-03,20.5\n"
    found = {
        encoding: stage_text(text.encode(encoding), orders).rows(
            "orders", "order_id", "customer_id"
        )
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030")
    }
    assert all(rows == [("1", "张三"), ("2", "李四")] for rows in found.values())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_line_end_gives_the_same_rows(stage_text, orders, end: str) -> None:
    text = end.join(["id,customer,date,amount", "1,a,2024-01-02,10", "", "2,b,2024-01-03,20", ""])
    staged = stage_text(text, orders)
    assert staged.rows("orders", "order_id", "customer_id") == [("1", "a"), ("2", "b")]
    assert staged.batch.rows_read == 2


def test_a_ragged_row_is_rejected_with_its_number(stage_text, orders) -> None:
    text = (
        "id,customer,date,amount\n1,a,2024-01-02,10\n2,b\n3,c,2024-01-03,1,x,y\n4,d,2024-01-04,4\n"
    )
    staged = stage_text(text, orders)
    assert [(r["row"], r["reason"], r["found"]) for r in staged.rejects] == [
        (2, "too_few", "2,b"),
        (3, "too_many", "3,c,2024-01-03,1,x,y"),
    ]
    assert staged.rows("orders", "order_id") == [("1",), ("4",)]
    assert (staged.batch.rows_read, staged.taken) == (4, 2)


def test_the_number_of_a_rejected_row_counts_ragged_rows_and_not_line_breaks(
    stage_text, orders
) -> None:
    text = (
        'id,customer,date,amount\n1,"a\na",2024-01-02,10\n2,b\n3,c\n\n'
        "4,d,2024-01-04,oops\n5,e\n6,f,2024-01-05,oops\n"
    )
    staged = stage_text(text, orders)
    assert {r["row"]: r["reason"] for r in staged.rejects} == {
        2: "too_few", 3: "too_few", 4: "number", 5: "too_few", 6: "number",
    }  # fmt: skip
    assert staged.rows("orders", "customer_id") == [("a\na",)]


def test_an_unclosed_quotation_is_refused_with_its_record(stage_text, orders) -> None:
    text = 'id,customer,date,amount\n1,a,2024-01-02,1\n2,"b,2024-01-02,2\n' + "".join(
        f"{n},c,2024-01-02,3\n" for n in range(3, 50)
    )
    with pytest.raises(SourceError) as caught:
        stage_text(text, orders)
    assert (caught.value.key, caught.value.values["row"]) == ("unclosed_quote", 2)


def test_a_quotation_that_swallows_records_is_refused(stage_text, orders) -> None:
    rows = "".join(f"{n},c,2024-01-02,3\n" for n in range(3, 50))
    text = f'id,customer,date,amount\n2,"b,2024-01-02,2\n{rows}51,d",2024-01-02,4\n'
    with pytest.raises(SourceError) as caught:
        stage_text(text, orders)
    assert caught.value.key == "unclosed_quote"


def test_quotation_marks_mean_nothing_where_the_mapping_says_so(stage_text, orders) -> None:
    text = 'id,customer,date,amount\n1,"a,2024-01-02,10\n2,5" pipe,2024-01-03,20\n'
    staged = stage_text(text, orders.replace("[tables", '[source]\nquote = ""\n[tables', 1))
    assert staged.rows("orders", "customer_id") == [('"a',), ('5" pipe',)]


def test_a_stray_mark_inside_a_field_is_part_of_it(stage_text, orders) -> None:
    staged = stage_text('id,customer,date,amount\n1,5" pipe,2024-01-02,10\n', orders)
    assert staged.rows("orders", "customer_id") == [('5" pipe',)]


def test_a_last_line_that_is_cut_off_is_rejected(stage_text, orders) -> None:
    staged = stage_text("id,customer,date,amount\n1,a,2024-01-02,10\n2,b,2024-0", orders)
    assert [(r["row"], r["reason"]) for r in staged.rejects] == [(2, "too_few")]


def test_a_row_with_broken_bytes_is_rejected_and_the_rest_taken(stage_text, orders) -> None:
    text = "id,customer,date,amount\n1,张三丰,2024-01-02,10\n2,李四光,2024-01-02,10\n".encode()
    staged = stage_text(text + b"3,\xff\xfe,2024-01-04,1\n", orders)
    assert [(r["row"], r["reason"]) for r in staged.rejects] == [(3, "undecodable")]
    assert len(staged.rows("orders")) == 2


def test_rows_without_any_value_are_left_out(stage_text, orders) -> None:
    staged = stage_text("id,customer,date,amount\n1,a,2024-01-02,10\n,,,\n,,,\n", orders)
    assert (staged.batch.rows_read, staged.batch.rows_left_out, staged.taken) == (3, 2, 1)


def test_runs_of_spaces_keep_leading_zeros(stage_text) -> None:
    mapping = """
        name = "x"
        [source]
        delimiter = "spaces"
        names = ["customer", "date", "amount"]
        [tables.orders]
        content_id = ["ordered_at", "amount"]
        columns.customer_id = "customer"
        columns.ordered_at = { column = "date", format = "%Y%m%d" }
        columns.amount = "amount"
    """
    staged = stage_text(" 00001 19970101   11.77\r\n 00020   19970112 12.00\r\n", mapping)
    assert staged.rows("orders", "customer_id") == [("00001",), ("00020",)]


def test_a_wrapped_file_is_unwrapped(stage_text, orders) -> None:
    text = '"id;""customer"";date;amount"\n"1;""a"";2024-01-02;10"\n"2;""b"";2024-01-02;11"\n'
    assert len(stage_text(text, orders).rows("orders")) == 2


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "empty_file"),
        ("\n\n", "empty_file"),
        ("id,customer,date,amount\n", "only_header"),
        ("id,customer,date,amount", "only_header"),
    ],
)
def test_a_file_without_data_is_refused(stage_text, orders, text: str, key: str) -> None:
    with pytest.raises(SourceError) as caught:
        stage_text(text, orders)
    assert caught.value.key == key


def test_names_may_hold_any_mark(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.orders.columns]
        order_id = "it's \\"the\\" id; --"
        ordered_at = "_row"
        amount = "c0"
    """
    text = '"it\'s ""the"" id; --",_row,c0\n1,2024-01-01,5\n2,2024-01-01,x\n'
    staged = stage_text(text, mapping, name="o'hara; drop.csv")
    assert staged.rows("orders", "order_id") == [("1",)]
    reject = staged.rejects[0]
    assert (reject["file"], reject["column"]) == ("o'hara; drop.csv", "c0")
    assert json.loads(reject["raw"]) == {'it\'s "the" id; --': "2", "_row": "2024-01-01", "c0": "x"}


def test_a_cell_of_three_megabytes_is_taken(stage_text, orders) -> None:
    staged = stage_text(f"id,customer,date,amount\n1,{'x' * 3_000_000},2024-01-02,1\n", orders)
    assert len(staged.rows("orders", "customer_id")[0][0]) == 3_000_000


def test_a_backslash_before_a_mark_is_read_where_the_mapping_says_so(stage_text, orders) -> None:
    text = 'id,customer,date,amount\n1,"a \\"b\\" c",2024-01-02,10\n'
    staged = stage_text(text, orders.replace("[tables", "[source]\nescape = '\\'\n[tables", 1))
    assert staged.rows("orders", "customer_id") == [('a "b" c',)]


def test_thousands_of_columns_are_refused(stage_text, orders) -> None:
    names = ",".join(f"x{n}" for n in range(4_001))
    with pytest.raises(SourceError) as caught:
        stage_text(f"{names}\n{names}\n", orders)
    assert caught.value.key == "too_many_columns"


def test_rows_that_end_in_a_delimiter_are_taken(stage_text, orders) -> None:
    staged = stage_text("id,customer,date,amount\n1,a,2024-01-02,10,\n2,b,2024-01-02,11,\n", orders)
    assert staged.rows("orders", "order_id") == [("1",), ("2",)]


def test_a_mark_of_byte_order_is_no_part_of_the_first_value(stage_text) -> None:
    mapping = """
        name = "x"
        [source]
        names = ["id", "name"]
        [tables.products.columns]
        product_id = "id"
    """
    for encoding in ("utf-8-sig", "utf-16"):
        staged = stage_text("a1,x\na2,y\n".encode(encoding), mapping)
        assert staged.rows("products") == [("a1",), ("a2",)]


def test_a_mapping_for_other_files_is_refused(stage_text, orders) -> None:
    mapping = orders.replace(
        "[tables.orders.columns]", "[tables.orders]\nfrom = 'z*.csv'\n[tables.orders.columns]"
    )
    with pytest.raises(SourceError) as caught:
        stage_text("id,customer,date,amount\n1,a,2024-01-02,10\n", mapping)
    assert caught.value.key == "not_this_file"
