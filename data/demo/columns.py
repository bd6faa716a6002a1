"""Arrow columns from numpy arrays, with the canonical types and without a Python loop."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from core.schema import TABLES

_EPOCH_SECONDS = 86_400


def table(canonical: str, /, **columns: pa.Array) -> pa.Table:
    """Return rows of the table ``canonical``, in the order of its columns.

    Parameters
    ----------
    canonical
        Name of the table.
    columns
        Every column of it, dictionary-encoded text allowed.

    Raises
    ------
    KeyError
        If a column of the table is missing.
    ValueError
        If there is a column that the table does not have.
    """
    names = TABLES[canonical].names
    if unknown := set(columns) - set(names):
        raise ValueError(f"{canonical} has no column {sorted(unknown)}")
    return pa.table({column: columns[column] for column in names})


def money(fen: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Return decimals ``(n,)`` from whole hundredths of a yuan ``(n,) int``; null where unknown."""
    words = np.empty((len(fen), 2), np.int64)
    words[:, 0] = np.asarray(fen, np.int64) * 100
    words[:, 1] = words[:, 0] >> 63
    return pa.Array.from_buffers(
        pa.decimal128(18, 4), len(fen), [_bitmap(known), pa.py_buffer(words)]
    )


def ids(prefix: str, numbers: np.ndarray, width: int, known: np.ndarray | None = None) -> pa.Array:
    """Return ``prefix`` and the number with leading zeros, ``width`` digits in all."""
    rest = np.asarray(numbers, np.int64).copy()
    count, length = len(rest), len(prefix) + width
    letters = np.empty((count, length), np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix.encode("ascii"), np.uint8)
    for place in range(length - 1, len(prefix) - 1, -1):
        letters[:, place] = 48 + rest % 10
        rest //= 10
    offsets = np.arange(count + 1, dtype=np.int64) * length
    text = pa.Array.from_buffers(
        pa.large_string(),
        count,
        [_bitmap(known), pa.py_buffer(offsets), pa.py_buffer(letters)],
    )
    return text


def customers(index: np.ndarray) -> pa.Array:
    """Return the company's own ids of customers, such as C0000123; null where below 0."""
    return ids("C", np.maximum(index, 0), 7, index >= 0)


def employees(index: np.ndarray) -> pa.Array:
    """Return the ids of employees, such as E00012 for 11; null where below 0."""
    return ids("E", np.maximum(index, 0) + 1, 5, index >= 0)


def choices(
    pool: Sequence[str], picked: np.ndarray, known: np.ndarray | None = None
) -> pa.DictionaryArray:
    """Return the texts of ``pool`` at the places ``picked`` ``(n,) int``; null where unknown."""
    mask = None if known is None else ~known
    return pa.DictionaryArray.from_arrays(
        pa.array(np.asarray(picked, np.int32), mask=mask), pa.array(pool, pa.string())
    )


def constant(value: str | None, count: int) -> pa.Array:
    """Return one text, or null, ``count`` times."""
    if value is None:
        return pa.nulls(count, pa.string())
    return choices([value], np.zeros(count, np.int32))


def days(day: np.ndarray, origin: int, known: np.ndarray | None = None) -> pa.Array:
    """Return dates from days ``(n,)`` after ``origin`` (days since 1970); null where unknown."""
    whole = np.where(np.isfinite(day), day, 0) if day.dtype.kind == "f" else day
    values = (np.floor(whole) + origin).astype(np.int32)
    return pa.Array.from_buffers(pa.date32(), len(day), [_bitmap(known), pa.py_buffer(values)])


def moments(day: np.ndarray, origin: int, known: np.ndarray | None = None) -> pa.Array:
    """Return timestamps to the second from days with fractions ``(n,) float`` after ``origin``."""
    whole = np.where(np.isfinite(day), day, 0.0)
    seconds = np.floor((whole + origin) * _EPOCH_SECONDS + 1e-3).astype(np.int64)
    values = seconds * 1_000_000
    return pa.Array.from_buffers(
        pa.timestamp("us"), len(day), [_bitmap(known), pa.py_buffer(values)]
    )


def numbers(values: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Return doubles ``(n,)``; null where unknown."""
    return pa.array(np.asarray(values, np.float64), mask=None if known is None else ~known)


def integers(values: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Return 64-bit integers ``(n,)``; null where unknown."""
    return pa.array(np.asarray(values, np.int64), mask=None if known is None else ~known)


def booleans(values: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Return booleans ``(n,)``; null where unknown."""
    return pa.array(np.asarray(values, bool), mask=None if known is None else ~known)


def _bitmap(known: np.ndarray | None) -> pa.Buffer | None:
    return None if known is None else pa.py_buffer(np.packbits(known, bitorder="little"))
