"""Rows as CSV that a spreadsheet opens without harm: RFC 4180, UTF-8 with its mark."""

import io
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
# What a spreadsheet takes for a formula, also behind spaces, quotes and marks that do not show.
_FORMULA = r"^[\s\"'\x{feff}\x{200b}-\x{200d}]*[=+\-@|%＝＋－＠]|^[\t\r\n]"
_NUMBER = r"^[+-]?\d[\d.,]*$"
_FORMULA_SEEN = re.compile(_FORMULA.replace("{", "").replace("}", "").replace(r"\x", r"\u"))
_NUMBER_SEEN = re.compile(_NUMBER)
_MARK = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for the code page of the machine


def as_csv(rows: pa.Table, headings: Mapping[str, str]) -> bytes:
    """Return ``rows`` as a file, under ``headings``: columns in order, with what they are called.

    Texts that a spreadsheet would run are defused, headings too; numbers stay numbers, days stand
    in ISO form, what is not known is empty.
    """
    columns = [_written(rows[name]) for name in headings]
    names = [defused(heading) for heading in headings.values()]
    out = io.BytesIO(_MARK)
    out.seek(len(_MARK))
    options = pyarrow.csv.WriteOptions(eol="\r\n")
    pyarrow.csv.write_csv(pa.table(columns, names=names), out, options)
    return out.getvalue()


def defused(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula; plain numbers stay.

    References
    ----------
    OWASP, CSV injection; ASVS 5.0, 1.2.10.

    Examples
    --------
    >>> defused("=1+1"), defused("-5.00"), defused("Li")
    ("'=1+1", '-5.00', 'Li')
    """
    text = text.replace("\x00", "")
    return "'" + text if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might take ``text`` for a formula."""
    return bool(_FORMULA_SEEN.match(text)) and not _NUMBER_SEEN.match(text)


def formulas(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Tell of each text what ``is_formula`` tells; null of null."""
    looks_like = pc.match_substring_regex(texts, _FORMULA)
    return pc.and_not(looks_like, pc.match_substring_regex(texts, _NUMBER))


def _written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    form = column.type
    if pa.types.is_null(form):
        return column.cast(pa.string())
    if pa.types.is_timestamp(form):
        return pc.strftime(column.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S")
    if pa.types.is_dictionary(form):
        column = column.cast(form.value_type)
    if not pa.types.is_string(column.type):
        return column
    text = pc.replace_substring(column, "\x00", "")
    return pc.if_else(formulas(text), pc.binary_join_element_wise("'", text, ""), text)
