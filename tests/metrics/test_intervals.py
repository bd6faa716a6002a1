"""The Wilson interval of a rate."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.intervals import newcombe, wilson, z_of
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


def test_the_interval_of_a_difference_is_that_of_newcombe_1998_table_ii():
    # Method 10, examples (a) 56 of 70 against 48 of 80 and (b) 9 of 10 against 3 of 10.
    assert newcombe(56, 70, 48, 80) == (
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )
    assert newcombe(9, 10, 3, 10) == (
        pytest.approx(0.1705, abs=5e-5),
        pytest.approx(0.8090, abs=5e-5),
    )


def test_a_difference_to_nobody_is_null():
    assert newcombe(1, 2, 0, 0) is None
    assert newcombe(0, 0, 1, 2) is None


def test_the_most_striking_of_several_is_held_to_a_wider_interval():
    # 5 % in all: 2.5 % in each tail of one, 2.5 % / 5 = 0.5 % of the most striking of five.
    assert z_of(1) == pytest.approx(1.95996, abs=1e-5)
    assert z_of(5) == pytest.approx(2.57583, abs=1e-5)
    assert z_of(0) == z_of(1)
