# ruff: noqa: E501 - cases read best in one line
import pytest

from core.errors import MappingError

MAPPING = """
name = "x"
{source}
[tables.customers.columns]
customer_id = {how}
{more}
"""


def _ids(stage_text, values: list[str], how: str, source: str = "") -> list[str]:
    mapping = MAPPING.replace("{how}", how).replace("{source}", source).replace("{more}", "")
    rows = "".join(f'"{value}",x\n' for value in values)
    return [one for (one,) in stage_text("id,other\n" + rows, mapping).rows("customers")]


def test_blanks_and_invisible_marks_around_a_value_are_not_part_of_it(stage_text) -> None:
    assert _ids(stage_text, [" a ", "\u3000张三\u3000", "\ufeffb\u200b", "c\t"], '"id"') == [
        "a", "张三", "b", "c",
    ]  # fmt: skip


def test_ids_that_merely_look_alike_stay_apart(stage_text) -> None:
    # Full-width, Cyrillic, and other case: nobody has said that these are the same.
    ids = ["A1", "Ａ1", "А1", "a1", "007", "7", "1E+11"]
    assert _ids(stage_text, ids, '"id"') == ids


def test_words_for_empty_are_empty(stage_text) -> None:
    mapping = MAPPING.replace("{how}", '{ column = "id", null_words = ["0", "匿名"] }')
    mapping = mapping.replace("{source}", "").replace("{more}", "")
    staged = stage_text("id,other\na,x\nNULL,x\n0,x\n匿名,x\n,x\n", mapping)
    assert staged.rows("customers") == [("a",)]
    assert [r["reason"] for r in staged.rejects] == ["missing"] * 4


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ('{ column = "id", clean = ["point_zero"] }', "17850.0", "17850"),
        ('{ column = "id", clean = ["point_zero"] }', "1.05", "1.05"),
        ('{ column = "id", clean = ["upper"] }', "15056bl", "15056BL"),
        ('{ column = "id", clean = ["lower"] }', "AB", "ab"),
        ('{ column = "id", clean = ["spaces"] }', "a   b", "a b"),
        ('{ column = "id", clean = ["digits"] }', "+86 138-0000", "861380000"),
        ('{ column = "id", clean = ["leading_zeros"] }', "00070", "70"),
        ('{ column = "id", extract = "^C([0-9]+)$" }', "C123", "123"),
        ('{ column = "id", values = { m = "male" } }', "m", "male"),
        ('{ column = "id", values = { m = "male" } }', "f", "f"),
        ('{ column = "id", values = { m = "male" }, otherwise = { value = "?x" } }', "f", "?x"),
        ('{ concat = ["id", "other"] }', "a", "a-x"),
        ('{ concat = ["id", { value = "shop" }], separator = "/" }', "a", "a/shop"),
        ('{ first = ["id", "other"] }', "", "x"),
        ('{ value = "one" }', "a", "one"),
    ],
)
def test_a_text_is_made_as_the_mapping_says(stage_text, how, value, expected) -> None:
    assert _ids(stage_text, [value], how) == [expected]


def test_cases_choose_by_condition_and_an_untaken_branch_cannot_fail(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.orders.columns]
        order_id = "id"
        customer_id = "id"
        ordered_at = "date"
        amount = { cases = [
            { when = { column = "kind", op = "=", value = "free" }, then = 0 },
            { when = { column = "kind", op = "matches", value = "^ret" }, then = { negate = "amount" } },
        ], otherwise = "amount" }
    """
    text = "id,date,kind,amount\n1,2024-01-01,free,gift\n2,2024-01-01,return,5\n3,2024-01-01,,7\n4,2024-01-01,,x\n"
    staged = stage_text(text, mapping)
    assert [int(a) for (a,) in staged.rows("orders", "amount")] == [0, -5, 7]
    assert staged.reasons == [(4, "amount", "number", "x")]


def test_booleans_are_read_by_their_words(stage_text) -> None:
    mapping = MAPPING.replace("{how}", '"id"').replace("{source}", "")
    text = "id,b\n1,yes\n2,否\n3,TRUE\n4,maybe\n5,\n"
    staged = stage_text(text, mapping.replace("{more}", 'may_contact = "b"'))
    assert staged.rows("customers", "may_contact") == [(True,), (False,), (True,), (None,)]
    assert staged.reasons == [(4, "b", "boolean", "maybe")]
    how = 'may_contact = { column = "b", yes = ["ok"], no = ["stop"] }'
    staged = stage_text("id,b\n1,OK\n2,stop\n", mapping.replace("{more}", how))
    assert staged.rows("customers", "may_contact") == [(True,), (False,)]


def test_a_value_that_is_not_among_the_choices_is_rejected(stage_text) -> None:
    mapping = MAPPING.replace("{how}", '"id"').replace("{source}", "")
    how = 'kind = { column = "k", values = { P = "person", C = "company" } }'
    staged = stage_text("id,k\n1,P\n2,C\n3,Z\n4,\n", mapping.replace("{more}", how))
    assert staged.rows("customers", "kind") == [("person",), ("company",), (None,)]
    assert staged.reasons == [(3, "k", "choice", "Z")]


def test_a_column_that_the_file_does_not_have_is_named_with_those_it_has(stage_text) -> None:
    with pytest.raises(MappingError) as caught:
        _ids(stage_text, ["a"], '"ID"')
    assert "'ID'" in str(caught.value)
    assert "id, other" in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ('{ column = "n", op = ">", value = 9 }', "23x"),  # what is no number is not left out unseen
        ('{ column = "n", op = "<=", value = 9 }', "1x"),
        ('{ column = "n", op = "!=", value = 10 }', "13x"),
        ('{ column = "k", op = "=", value = "a" }', "12"),
        ('{ column = "k", op = "!=", value = "a" }', "3x"),
        ('{ column = "k", op = "in", value = ["a", "b"] }', "123"),
        ('{ column = "k", op = "not in", value = ["a"] }', "3x"),
        ('{ column = "k", op = "empty" }', "x"),
        ('{ column = "k", op = "not empty" }', "123"),
        ('{ column = "k", op = "matches", value = "^[ab]$" }', "123"),
        ('{ column = "k", op = "not matches", value = "a" }', "3x"),
        ('{ any = [{ column = "k", value = "b" }, { column = "n", value = 9 }] }', "13x"),
        ('{ all = [{ column = "k", value = "a" }, { column = "n", op = ">=", value = 10 }] }', "2"),
    ],
)  # fmt: skip
def test_conditions_keep_the_rows_that_fulfil_them(stage_text, condition, kept) -> None:
    mapping = MAPPING.replace("{how}", '"id"').replace("{source}", "").replace("{more}", "")
    mapping = mapping.replace(
        "[tables.customers.columns]",
        f"[tables.customers]\nwhere = [{condition}]\n[tables.customers.columns]",
    )
    staged = stage_text("id,n,k\n1,9,a\n2,10,a\n3,11,b\nx,oops,\n", mapping)
    assert "".join(one for (one,) in staged.rows("customers")) == kept
    assert staged.batch.rows_left_out == 4 - len(kept)
    assert staged.taken == len(kept)
