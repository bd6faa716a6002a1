"""The Wilson interval of a rate."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.intervals import wilson
from tests.shop import found


def test_the_interval_is_that_of_newcombe_1998_table_i():
    # 81 of 263 and 15 of 148: the score method without continuity correction.
    assert wilson(81, 263) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson(15, 148) == (pytest.approx(0.0624, abs=5e-5), pytest.approx(0.1605, abs=5e-5))
    assert wilson(0, 20) == (0, pytest.approx(0.1611, abs=5e-5))
    assert wilson(1, 29) == (pytest.approx(0.0061, abs=5e-5), pytest.approx(0.1718, abs=5e-5))


def test_the_interval_of_nobody_is_null():
    assert wilson(0, 0) == (None, None)


def test_columns_and_numbers_agree():
    table = ibis.memtable(pa.table({"k": [0, 3, 20, 0], "n": [20, 7, 20, 0]}))
    low, high = wilson(table.k, table.n)
    for row in found(table.mutate(low=low, high=high)):
        expected = wilson(row["k"], row["n"])
        for bound, value in zip((row["low"], row["high"]), expected, strict=True):
            assert bound == (None if value is None else pytest.approx(value, abs=1e-12))


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_rate_and_stays_within_nought_and_one(n, data):
    k = data.draw(st.integers(0, n))
    low, high = wilson(k, n)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1
