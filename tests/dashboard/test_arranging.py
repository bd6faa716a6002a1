"""Search and order of a big table, as the server does them."""

import pyarrow as pa
import pytest

from dashboard.arranging import arranged, only

PEOPLE = pa.table(
    {
        "id": ["C3", "C1", "C2", "C4"],
        "name": ["Wang Fang", "王芳", "Öz_50%", None],
        "branch": pa.array(["North", "South", "North", None]).dictionary_encode(),
        "value": [5.0, None, 7.0, 5.0],
        "reasons": pa.array([["a", "b"], ["b"], [], ["a"]], pa.list_(pa.string())),
    }
)
COLUMNS = ("name", "branch", "value")


def ids(rows: pa.Table) -> list[str]:
    return rows["id"].to_pylist()


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", ["C3", "C1", "C2", "C4"]),
        ("wang", ["C3"]),
        ("  WANG ", ["C3"]),
        ("芳", ["C1"]),
        ("north", ["C3", "C2"]),
        ("ｗａｎｇ", ["C3"]),  # full width
        ("%", ["C2"]),  # no wildcard
        ("_", ["C2"]),
        (".*", []),  # no pattern
        ("'; drop", []),
        ("C3", []),  # the number is not among the columns looked in
        ("x" * 10_000, []),
    ],
)
def test_a_search_is_taken_as_it_stands_in_every_text_that_is_shown(search, expected):
    assert ids(arranged(PEOPLE, COLUMNS, search, None)) == expected


def test_values_are_sorted_both_ways_with_the_unknown_last_and_equals_in_their_order():
    assert ids(arranged(PEOPLE, COLUMNS, "", "value")) == ["C3", "C4", "C2", "C1"]
    assert ids(arranged(PEOPLE, COLUMNS, "", "-value")) == ["C2", "C3", "C4", "C1"]


def test_texts_kept_once_are_sorted_by_what_they_say():
    assert ids(arranged(PEOPLE, COLUMNS, "", "-branch")) == ["C1", "C3", "C2", "C4"]


def test_what_is_found_is_sorted():
    assert ids(arranged(PEOPLE, COLUMNS, "north", "-value")) == ["C2", "C3"]


def test_rows_are_narrowed_by_a_value_and_by_one_of_several():
    assert ids(only(PEOPLE, [("branch", "North")])) == ["C3", "C2"]
    assert ids(only(PEOPLE, [("reasons", "a")])) == ["C3", "C4"]
    assert ids(only(PEOPLE, [("reasons", "b"), ("branch", "North")])) == ["C3"]
    assert ids(only(PEOPLE, [("reasons", "none")])) == []
