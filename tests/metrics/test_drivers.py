"""What drove a change of net sales."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.metrics.drivers import FACTORS, buying, change_of_all, change_parts
from tests.care_shop import lines
from tests.shop import found, one

pytestmark = pytest.mark.slow

A, B = date(2025, 6, 30), date(2026, 6, 30)
_SCHEMA = pa.schema(
    [
        ("cell", pa.string()),
        ("customers", pa.int64()),
        ("occasions", pa.int64()),
        ("net", pa.float64()),
    ]
)
Cells = Mapping[Any, tuple[int, int, float]]


def window(cells: Cells) -> ibis.Table:
    rows = [dict(zip(_SCHEMA.names, (cell, *row), strict=True)) for cell, row in cells.items()]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=_SCHEMA))


def parts(then: Cells, now: Cells) -> dict[str, Any]:
    row = one(change_of_all(change_parts(window(then), window(now), cells=["cell"])))
    assert sum(row[f"change_{name}"] for name in FACTORS) == pytest.approx(row["change"])
    return {name: pytest.approx(row[f"change_{name}"]) for name in FACTORS}


def only(**effects: float) -> dict[str, float]:
    return dict.fromkeys(FACTORS, 0.0) | effects


def test_more_customers_alike_are_all_of_the_change():
    assert parts({"a": (10, 20, 200)}, {"a": (15, 30, 300)}) == only(customers=100)


def test_more_occasions_alike_are_all_of_the_change():
    assert parts({"a": (10, 20, 200)}, {"a": (10, 30, 300)}) == only(occasions=100)


def test_fuller_baskets_alone_are_all_of_the_change():
    assert parts({"a": (10, 20, 200)}, {"a": (10, 20, 300)}) == only(basket=100)


def test_the_same_customers_in_a_dearer_cell_are_mix():
    # Five of ten go from a cell of 10 each to one of 30 each.
    then = {"cheap": (10, 10, 100), "dear": (10, 10, 300)}
    now = {"cheap": (5, 5, 50), "dear": (15, 15, 450)}
    assert parts(then, now) == only(mix=100)


def test_two_drivers_that_change_share_what_they_do_together():
    # 10 x 20 to 12 x 30: each driver's mean of going first and second.
    # Customers (2 x 20 + 2 x 30) / 2 = 50, basket (10 x 10 + 12 x 10) / 2 = 110.
    assert parts({"a": (10, 10, 200)}, {"a": (12, 12, 360)}) == only(customers=50, basket=110)


def test_going_back_in_time_turns_every_sign():
    then, now = {"a": (10, 14, 200), "b": (4, 9, 70)}, {"a": (12, 13, 360), "b": (1, 2, 5)}
    forth = one(change_of_all(change_parts(window(then), window(now), cells=["cell"])))
    back = one(change_of_all(change_parts(window(now), window(then), cells=["cell"])))
    for name in FACTORS:
        assert forth[f"change_{name}"] == pytest.approx(-back[f"change_{name}"])


def test_a_new_cell_like_the_old_one_is_more_customers_and_no_mix():
    found_parts = parts({"a": (10, 10, 100)}, {"a": (10, 10, 100), "b": (5, 5, 50)})
    assert found_parts == only(customers=50)


def test_refunds_without_an_occasion_belong_to_the_basket():
    assert parts({"a": (10, 10, 100)}, {"a": (10, 10, 100), "b": (0, 0, -30)}) == only(basket=-30)


def test_nobody_at_one_end_is_all_customers():
    assert parts({}, {"a": (5, 10, 100)}) == only(customers=100)
    assert parts({"a": (5, 10, 100)}, {}) == only(customers=-100)


def test_nobody_at_either_end_is_no_change():
    assert parts({}, {}) == only()


def test_a_cell_without_a_name_is_a_cell():
    then, now = {None: (10, 10, 100), "a": (10, 10, 100)}, {None: (20, 20, 200), "a": (10, 10, 100)}
    assert parts(then, now) == only(customers=100)


def test_shares_are_those_within_a_group():
    then = window({"a": (10, 10, 100), "b": (10, 10, 300)}).mutate(group=ibis._.cell)
    now = window({"a": (20, 20, 200), "b": (10, 10, 300)}).mutate(group=ibis._.cell)
    rows = found(change_of_all(change_parts(then, now, cells=["cell"], by=["group"]), by=["group"]))
    by_group = {row["group"]: row for row in rows}
    assert by_group["a"]["change_customers"] == pytest.approx(100)
    assert by_group["a"]["change_mix"] == by_group["b"]["change"] == pytest.approx(0)


def test_without_cells_there_is_no_mix():
    then, now = (window({"a": w}).drop("cell") for w in ((10, 10, 100), (15, 18, 170)))
    row = one(change_of_all(change_parts(then, now, cells=[])))
    assert row["change_mix"] == pytest.approx(0)
    assert sum(row[f"change_{name}"] for name in FACTORS) == pytest.approx(70)


_CELL = st.one_of(
    st.tuples(st.just(0), st.just(0), st.floats(-1e6, 1e6).map(lambda x: round(x, 2))),
    st.tuples(st.integers(1, 10_000), st.integers(0, 50_000), st.floats(-1e6, 1e7)).map(
        lambda t: (t[0], t[0] + t[1], round(t[2], 2))
    ),
)
_WINDOW = st.dictionaries(st.sampled_from(["a", "b", "c", None]), _CELL, max_size=4)


@settings(max_examples=60, deadline=None)
@given(_WINDOW, _WINDOW)
def test_the_parts_of_every_cell_add_up_to_its_change(then: Cells, now: Cells):
    rows = found(change_parts(window(then), window(now), cells=["cell"]))
    assert {row["cell"] for row in rows} == set(then) | set(now)
    for row in rows:
        before, after = (end.get(row["cell"], (0, 0, 0.0))[2] for end in (then, now))
        assert row["change"] == pytest.approx(after - before, abs=1e-6)
        total = sum(row[f"change_{name}"] for name in FACTORS)
        assert total == pytest.approx(after - before, rel=1e-9, abs=1e-3)


def test_buyers_are_customers_with_an_occasion_and_refunds_count_of_all():
    shop = lines(
        B,
        {"customer_key": 1, "occasions_12m": 2, "net_12m": 60, "region": "North"},
        {"customer_key": 2, "occasions_12m": 1, "net_12m": 40, "region": "North"},
        {"customer_key": 3, "occasions_12m": 0, "net_12m": -10, "region": "North"},
        # Contract value has no occasion.
        {"customer_key": 4, "occasions_12m": 1, "net_12m": 130, "contract_12m": 120},
    )
    rows = {row["region"]: row for row in found(buying(shop, by=["region"]))}
    assert rows["North"] == {"region": "North", "customers": 2, "occasions": 3, "net": 90.0}
    assert rows[None] == {"region": None, "customers": 1, "occasions": 1, "net": 10.0}


def test_nobody_bought_nothing():
    assert one(buying(lines(B))) == {"customers": 0, "occasions": 0, "net": 0.0}
