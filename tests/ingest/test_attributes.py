# ruff: noqa: E501 - cases read best in one line
from datetime import date

from tests.ingest.conftest import TODAY

WIDE = """
name = "x"
[tables.customer_attributes]
duplicates = "last"
columns.customer_id = "id"
attributes.region = "region"
attributes.segment = {{ column = "seg", values = {{ A = "key" }} }}
{dated}
"""


def _rows(staged) -> list[tuple]:
    return sorted(
        staged.rows(
            "customer_attributes", "customer_id", "attribute", "value", "valid_from", "is_dated"
        ),
        key=str,
    )


def test_undated_columns_hold_from_the_import_and_say_so(stage_text) -> None:
    staged = stage_text("id,region,seg\n1,North,A\n2,South,B\n", WIDE.format(dated=""))
    assert _rows(staged) == [
        ("1", "region", "North", TODAY, False),
        ("1", "segment", "key", TODAY, False),
        ("2", "region", "South", TODAY, False),
        ("2", "segment", "B", TODAY, False),
    ]


def test_an_empty_value_of_a_wide_column_is_unknown_and_not_ended(stage_text) -> None:
    staged = stage_text("id,region,seg\n1,,A\n2,South,\n", WIDE.format(dated=""))
    assert [row[:3] for row in _rows(staged)] == [("1", "segment", "key"), ("2", "region", "South")]
    assert staged.taken == 2


DATED = """id,region,seg,day
1,North,,2024-01-01
1,North,,2024-02-01
1,South,,2024-03-01
1,North,,2024-04-01
"""
ALL = [
    ("1", "region", "North", date(2024, 1, 1), True),
    ("1", "region", "North", date(2024, 2, 1), True),
    ("1", "region", "North", date(2024, 4, 1), True),
    ("1", "region", "South", date(2024, 3, 1), True),
]


def test_a_from_date_of_the_company_makes_them_dated(stage_text) -> None:
    staged = stage_text(DATED, WIDE.format(dated='columns.valid_from = "day"'))
    assert _rows(staged) == ALL


def test_repeated_values_are_dropped_where_only_changes_are_wanted(stage_text) -> None:
    how = 'columns.valid_from = "day"\nchanges_only = true'
    staged = stage_text(DATED, WIDE.format(dated=how))
    assert _rows(staged) == [ALL[0], *ALL[2:]]


def test_a_long_table_is_taken_as_it_is(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.customer_attributes.columns]
        customer_id = "id"
        attribute = { column = "what", values = { "地区" = "region" } }
        value = "value"
        valid_from = "from"
        valid_to = "to"
    """
    text = "id,what,value,from,to\n1,地区,北,2024-01-01,2024-02-01\n1,region,,2024-02-01,\n1,hue,red,2024-01-01,\n"
    staged = stage_text(text, mapping)
    assert staged.rows("customer_attributes", "attribute", "value", "valid_to", "is_dated") == [
        ("region", "北", date(2024, 2, 1), True),
        ("region", None, None, True),
    ]
    assert staged.reasons == [(3, "what", "choice", "hue")]
