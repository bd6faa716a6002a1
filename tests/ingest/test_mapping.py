# ruff: noqa: E501 - cases read best in one line
from pathlib import Path

import pytest

from core.errors import MappingError
from core.ingest.mapping import load

WHOLE = """
name = "shop"
[tables.orders.columns]
order_id = "id"
ordered_at = "date"
amount = "amount"
"""


def _refused(text: str) -> MappingError:
    with pytest.raises(MappingError) as caught:
        load(text)
    for language in ("en", "zh"):
        assert caught.value.text(language)
    return caught.value


def test_a_mapping_is_read_from_a_path_and_keeps_its_text(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(WHOLE, "utf-8")
    mapping = load(path)
    assert (mapping.name, mapping.mode, mapping.text) == ("shop", "append", WHOLE)
    assert load(str(path)) == load(WHOLE)


def test_a_table_may_be_fed_by_one_part_or_by_several() -> None:
    two = "[[tables.customers]]\ncolumns.customer_id = 'a'\n[[tables.customers]]\ncolumns.customer_id = 'b'"
    assert len(load(WHOLE + two).tables["customers"]) == 2
    assert len(load(WHOLE).tables["orders"]) == 1


def test_snapshot_is_said_for_all_tables_or_for_one() -> None:
    products = "[tables.products]\nmode = 'append'\ncolumns.product_id = 'p'\n"
    assert load('mode = "snapshot"\n' + WHOLE + products).snapshots == {"orders"}
    assert load(WHOLE + products.replace("append", "snapshot")).snapshots == {"products"}


@pytest.mark.parametrize(
    ("change", "key", "named"),
    [
        (("name", "nome"), "mapping_unknown", "nome"),
        (('"shop"', '"shop"\nmode = "merge"'), "mapping_choice", "mode"),
        (('"shop"', '"shop"\ncurrency = "euro"'), "mapping_type", "currency"),
        (('name = "shop"', ""), "mapping_lacks", "name"),
        (("tables.orders", "tables.sales"), "mapping_table", "sales"),
        (("amount =", "total ="), "mapping_column", "total"),
        (('ordered_at = "date"\n', ""), "mapping_required", "ordered_at"),
        (('ordered_at = "date"\n', '# ordered_at = "date"\n'), "mapping_doubt", "ordered_at"),
        (('"date"', '"?"'), "mapping_doubt", "tables.orders.columns.ordered_at"),
        (('"date"', '{ column = "date", format = "d/m" }'), "mapping_date_format", "d/m"),
        (('"date"', '{ column = "date", formt = "iso" }'), "mapping_unknown", "formt"),
        (('"amount"', '{ column = "a", value = 1 }'), "mapping_kind", "column"),
        (('"amount"', "{ multiply = [] }"), "mapping_empty_list", "multiply"),
        (('"amount"', '{ column = "a", otherwise = 1 }'), "mapping_goes_with", "otherwise"),
        (('"amount"', '{ column = "a", extract = "[" }'), "mapping_pattern", "["),
        (('"amount"', '{ column = "a", extract = "(?<=a)b" }'), "mapping_pattern", "(?<=a)b"),
        (('"amount"', '{ column = "a", extract = "abc" }'), "mapping_no_group", "abc"),
        (('"amount"', '{ column = "a", yes = ["j"] }'), "mapping_both", "amount"),
        (("[tables.orders.c", "[tables.orders]\nrollup = true\n[tables.orders.c"), "mapping_rollup", "rollup"),
        (("[tables.orders.c", "[tables.orders]\nwhere = [{ column = 'a', op = 'in', value = 1 }]\n[tables.orders.c"), "mapping_op_value", "in"),
        (("[tables.orders.c", "[tables.orders]\nattributes.region = 'a'\n[tables.orders.c"), "mapping_attribute", "region"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_sentence_that_names_it(change, key, named) -> None:
    error = _refused(WHOLE.replace(*change))
    assert (error.key, named in str(error)) == (key, True)


def test_broken_toml_and_a_missing_file_are_said_so(tmp_path: Path) -> None:
    assert _refused("name = \n").key == "toml"
    with pytest.raises(MappingError) as caught:
        load(tmp_path / "none.toml")
    assert caught.value.key == "mapping_missing"
    (tmp_path / "gbk.toml").write_bytes("name = '商店'".encode("gbk"))
    with pytest.raises(MappingError) as caught:
        load(tmp_path / "gbk.toml")
    assert caught.value.key == "mapping_encoding"


def test_content_ids_are_for_tables_that_one_part_feeds() -> None:
    part = "[[tables.refunds]]\ncontent_id = ['amount']\ncolumns.refunded_at = 'd'\ncolumns.amount = 'a'\n"
    assert _refused(WHOLE + part + part).key == "mapping_from_content"
