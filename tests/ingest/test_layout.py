from pathlib import Path

import pytest

from core.errors import SourceError
from core.ingest.layout import sniff
from core.ingest.mapping import Source

HERE = Path("a.csv")


def _sniff(text: str, guess_header: bool = False, **options: object):
    return sniff(text, Source(**options), HERE, guess_header=guess_header)  # type: ignore


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_that_gives_even_rows_is_taken(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["id", "name"], ["1", "a"], ["2", "b"]))
    assert _sniff(text).delimiter == delimiter


def test_decimal_commas_do_not_pass_for_delimiters() -> None:
    assert _sniff("id;amount\n1;10,50\n2;20,75\n3;30,00\n").delimiter == ";"


def test_delimiters_inside_quotation_marks_do_not_count() -> None:
    found = _sniff('id,name\n1,"Miller; Sons; Co"\n2,"Meyer; Ltd"\n')
    assert (found.delimiter, found.names) == (",", ("id", "name"))


def test_a_first_line_with_sep_names_the_delimiter() -> None:
    found = _sniff("sep=|\nid|name\n1|a\n")
    assert (found.delimiter, found.separator_line, found.names, found.lines) == (
        "|", True, ("id", "name"), 2,
    )  # fmt: skip


def test_runs_of_spaces_are_told_from_delimiters() -> None:
    found = _sniff(" 00001 19970101  1   11.77\n 00002 19970112  5   77.00\n", guess_header=True)
    assert (found.kind, found.headed, len(found.names)) == ("spaces", False, 4)


def test_lines_quoted_as_one_field_are_unwrapped() -> None:
    found = _sniff('"id;""name"""\n"1;""a"""\n"2;""b"""\n')
    assert (found.kind, found.delimiter, found.names) == ("wrapped", ";", ("id", "name"))


def test_title_rows_above_the_header_are_skipped() -> None:
    found = _sniff("Sales of May\n\nid,name,amount\n1,a,5\n2,b,6\n3,c,7\n")
    assert (found.skip, found.names, found.lines) == (1, ("id", "name", "amount"), 2)


def test_the_stated_number_of_title_rows_is_obeyed() -> None:
    found = _sniff("x,y\nid,name\n1,a\n", skip=1)
    assert (found.skip, found.names) == (1, ("id", "name"))


def test_a_header_may_hold_a_line_break() -> None:
    found = _sniff('"order\nnumber",name\n1,a\n2,b\n')
    assert (found.names, found.lines) == (("order\nnumber", "name"), 2)


def test_names_given_mean_that_there_is_no_header() -> None:
    found = _sniff("1,a\n2,b\n", names=["id", "name"])
    assert (found.headed, found.names, found.lines) == (False, ("id", "name"), 0)


def test_a_column_without_a_name_is_called_by_its_number() -> None:
    assert _sniff("id,,name\n1,2,3\n").names == ("id", "column2", "name")


@pytest.mark.parametrize(
    ("text", "options", "key"),
    [
        ("id,id\n1,2\n", {}, "repeated_header"),
        ("id,name\n1,2\n", {"names": ["a"]}, "names_count"),
        ("title\n", {"skip": 5}, "nothing_after_titles"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(text: str, options: dict, key: str) -> None:
    with pytest.raises(SourceError) as caught:
        _sniff(text, **options)
    assert caught.value.key == key


def test_quoted_values_with_a_comma_are_not_wrapped_lines() -> None:
    found = _sniff('"name"\n"Smith, John"\n"Miller, Ann"\n"Meyer, Bob"\n')
    assert (found.kind, found.names) == ("delimited", ("name",))


def test_a_header_that_lacks_a_name_is_no_title() -> None:
    found = _sniff("id,name,amount\n1,a,5,\n2,b,6,\n3,c,7,\n")
    assert (found.skip, found.names) == (0, ("id", "name", "amount"))
