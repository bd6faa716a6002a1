# ruff: noqa: E501 - cases read best in one line
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MAPPING = """
name = "x"
[tables.refunds.columns]
refund_id = "id"
refunded_at = "date"
amount = {amount}
"""


def _stage(stage_text, amounts: list[str], how: str, head: str = ""):
    rows = "".join(f"{n};2024-01-02;{a}\n" for n, a in enumerate(amounts, start=1))
    mapping = MAPPING.replace("{amount}", how).replace("[tables", head + "\n[tables", 1)
    return stage_text("id;date;amount\n" + rows, mapping)


def test_amounts_are_read_exactly_and_anything_else_is_rejected(stage_text) -> None:
    staged = _stage(
        stage_text,
        ["1", "+2.50", "1e2", ".5", "7.", "12,5", "1_000", "abc", "NaN x", "inf", "1e308", "0x1A", "--1"],
        '"amount"',
    )  # fmt: skip
    assert [amount for (amount,) in staged.rows("refunds", "amount")] == [
        Decimal(text) for text in ("1", "2.5", "100", "0.5", "7")
    ]
    assert [(r["found"], r["reason"]) for r in staged.rejects] == [
        (text, "number") for text in
        ("12,5", "1_000", "abc", "NaN x", "inf", "1e308", "0x1A", "--1")
    ]  # fmt: skip


def test_an_amount_that_decimal_18_4_cannot_hold_is_rejected(stage_text) -> None:
    staged = _stage(stage_text, ["99999999999999.9999", "100000000000000"], '"amount"')
    assert staged.rows("refunds", "amount") == [(Decimal("99999999999999.9999"),)]
    assert staged.reasons == [(2, "amount", "too_large", "100000000000000")]


def test_a_refund_of_nothing_is_rejected(stage_text) -> None:
    staged = _stage(stage_text, ["5", "0", "-3"], '"amount"')
    assert [r["reason"] for r in staged.rejects] == ["not_positive", "not_positive"]


@settings(max_examples=3, deadline=None)
@given(st.lists(st.decimals("-1e6", "1e6", places=6), min_size=30, max_size=60))
def test_money_is_rounded_half_to_even(con, tmp_path_factory, amounts: list[Decimal]) -> None:
    from core.ingest.mapping import load
    from core.ingest.stage import stage
    from tests.ingest.conftest import TODAY, Staged

    halves = [Decimal(n) / 10**5 for n in (5, 15, 25, -5, -15, 100015, 100025)]
    amounts = [*amounts, *halves]
    path = tmp_path_factory.mktemp("money") / "a.csv"
    rows = "".join(f"{n},c,2024-01-02,{a:f}\n" for n, a in enumerate(amounts))
    path.write_text("id,customer,date,amount\n" + rows)
    from tests.ingest.conftest import ORDERS

    staged = Staged(stage(str(path), load(ORDERS), con, imported_on=TODAY))
    expected = [a.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN) for a in amounts]
    assert [a for (a,) in staged.rows("orders", "amount")] == expected


@pytest.mark.parametrize(
    ("head", "texts", "expected"),
    [
        ('[source]\ndecimal = ","\nthousands = "."', ["1.234,50", "12,5", "1.234.567"], ["1234.5", "12.5", "1234567"]),
        ('[source]\nthousands = ","', ["1,234.50", "12.5", "1,234,567"], ["1234.5", "12.5", "1234567"]),
    ],
)  # fmt: skip
def test_marks_are_read_as_stated(stage_text, head, texts, expected) -> None:
    staged = _stage(stage_text, texts, '"amount"', head)
    assert [a for (a,) in staged.rows("refunds", "amount")] == [Decimal(text) for text in expected]


def test_a_mark_for_thousands_in_the_wrong_place_is_no_number(stage_text) -> None:
    staged = _stage(
        stage_text, ["1,234", "12,34", "1,2345"], '"amount"', '[source]\nthousands = ","'
    )
    assert [r["found"] for r in staged.rejects] == ["12,34", "1,2345"]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ('{ multiply = ["id", "amount"] }', "7.5"),
        ('{ multiply = ["id", "amount", { subtract = [1, 0.2] }] }', "6"),
        ('{ add = ["id", "amount", 1] }', "6.5"),
        ('{ subtract = ["amount", "id"] }', "0.5"),
        ('{ divide = ["id", "amount"] }', "1.2"),
        ('{ negate = { subtract = ["id", "amount", 1] } }', "0.5"),
        ('{ abs = { subtract = ["id", "amount", 1] } }', "0.5"),
        ('{ value = "9.99" }', "9.99"),
        ('{ first = ["none", "amount"] }', "2.5"),
    ],
)
def test_amounts_are_derived(stage_text, how: str, expected: str) -> None:
    mapping = MAPPING.replace("{amount}", how)
    staged = stage_text("id,date,amount,none\n3,2024-01-02,2.5,\n", mapping)
    if how.startswith("{ subtract"):
        assert [r["reason"] for r in staged.rejects] == ["not_positive"]
    else:
        assert staged.rows("refunds", "amount") == [(Decimal(expected),)]


def test_a_product_too_large_to_be_computed_is_rejected(stage_text) -> None:
    mapping = MAPPING.replace("{amount}", '{ multiply = ["amount", "amount", "amount"] }')
    staged = stage_text("id,date,amount\n1,2024-01-02,1e15\n2,2024-01-02,2\n", mapping)
    assert [r["reason"] for r in staged.rejects] == ["too_large"]
    assert staged.rows("refunds", "amount") == [(Decimal(8),)]


def test_dividing_by_zero_gives_no_amount(stage_text) -> None:
    mapping = MAPPING.replace("{amount}", '{ divide = ["amount", 0] }')
    staged = stage_text("id,date,amount\n1,2024-01-02,5\n", mapping)
    assert [r["reason"] for r in staged.rejects] == ["missing"]


def test_a_fraction_is_no_integer(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.complaints.columns]
        complaint_id = "id"
        customer_id = "id"
        opened_at = "date"
        severity = "s"
    """
    staged = stage_text("id,date,s\n1,2024-01-02,3\n2,2024-01-02,3.0\n3,2024-01-02,2.5\n", mapping)
    assert staged.rows("complaints", "severity") == [(3,), (3,)]
    assert staged.reasons == [(3, "s", "integer", "2.5")]
