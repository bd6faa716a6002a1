"""Kinds of customers: the first rule that holds."""

from datetime import date

import ibis
import pyarrow as pa
import pytest

from core.metrics.kinds import heads_of_kinds, kinds
from tests.care_shop import lines, rows

NOW, THEN = date(2026, 6, 30), date(2025, 6, 30)
TOP, MIDDLE, OTHER = 1, 3, 4


def late(*keys: int) -> ibis.Table:
    schema = pa.schema([("customer_key", pa.int64())])
    return ibis.memtable(pa.Table.from_pylist([{"customer_key": k} for k in keys], schema=schema))


def kind(now: dict, then: dict | None = None, *, is_late: bool = False, **settings) -> str | None:
    """Return the kind of one customer."""
    before = lines(THEN, *([{"customer_key": 1, **then}] if then else []))
    plain = {"customer_key": 1, "occasions_12m": 1}
    found = kinds(lines(NOW, plain | now), before, late(*([1] if is_late else [])), **settings)
    (row,) = rows(found)
    return row["kind"]


def upper(value: float | str, **more) -> dict:
    return {"tier": MIDDLE, "value": value, **more}


def lower(value: float | str, **more) -> dict:
    return {"tier": OTHER, "value": value, **more}


def test_upper_and_overdue_is_migrating():
    assert kind(upper(100), upper(100), is_late=True) == "migrating"


def test_upper_and_down_by_exactly_a_fifth_is_migrating():
    assert kind(upper(80), upper(100)) == "migrating"
    assert kind(upper("80.0001"), upper(100)) == "value"


def test_a_fifth_of_an_odd_amount_meets_its_own_edge():
    # 0.2 * 35 is a little more than 7 in binary.
    assert kind(upper(28), upper(35)) == "migrating"


def test_upper_a_year_ago_and_fallen_is_migrating():
    assert kind(lower(10), upper(100)) == "migrating"


def test_upper_a_year_ago_and_lost_since_is_migrating():
    gone = {"tier": MIDDLE, "value": 0, "is_active": False}
    assert kind(gone, upper(100)) == "migrating"


def test_the_long_lost_are_freezing_whatever_tier_they_had():
    gone = {"tier": TOP, "value": 0, "is_active": False}
    assert kind(gone, gone) == "freezing"


def test_lower_and_overdue_is_freezing():
    assert kind(lower(10), lower(10), is_late=True) == "freezing"


def test_lower_with_two_occasions_and_up_by_exactly_a_fifth_has_potential():
    assert kind(lower(120, occasions_12m=2), lower(100)) == "potential"
    assert kind(lower("119.9999", occasions_12m=2), lower(100)) == "steady"
    assert kind(lower(120, occasions_12m=1), lower(100)) == "steady"


def test_who_was_no_customer_a_year_ago_rises_from_nothing():
    assert kind(lower(10, occasions_12m=2)) == "potential"
    assert kind(lower(10, occasions_12m=1)) == "steady"
    assert kind(lower(0, occasions_12m=2)) == "steady"


def test_upper_and_neither_overdue_nor_down_is_of_value():
    assert kind(upper(100)) == "value"
    assert kind(upper(100), upper(110)) == "value"


def test_value_below_zero_falls_by_a_share_of_its_size():
    # From -100 to -120 is down by a fifth, from -120 to -96 up by one.
    assert kind(upper(-120), upper(-100)) == "migrating"
    assert kind(lower(-96, occasions_12m=2), lower(-120)) == "potential"


def test_the_change_is_a_setting():
    assert kind(upper(80), upper(100), change=0.3) == "value"


def test_an_unknown_tier_then_is_not_a_no():
    unknown = {"tier": None, "value": 100}
    assert kind(lower(100), unknown, is_late=True) is None
    # Overdue and upper now is enough, whatever the tier was.
    assert kind(upper(100), unknown, is_late=True) == "migrating"


def test_an_unknown_tier_now_is_not_a_no():
    assert kind({"tier": None, "value": 100}, lower(100)) is None


def test_prospects_have_no_kind():
    now = lines(NOW, {"customer_key": 1, "since_on": None, "is_active": False, "occasions_12m": 0})
    assert rows(kinds(now, lines(THEN), late())) == []


def test_nobody_gives_no_kind():
    assert rows(heads_of_kinds(kinds(lines(NOW), lines(THEN), late()))) == []


@pytest.fixture
def shop() -> ibis.Table:
    now = lines(
        NOW,
        {"customer_key": 1, "tier": TOP, "value": 300, "occasions_12m": 3, "region": "North"},
        {"customer_key": 2, "tier": OTHER, "value": 60, "occasions_12m": 2, "region": "North"},
        {"customer_key": 3, "tier": OTHER, "value": 40, "occasions_12m": 2, "region": "South"},
    )
    then = lines(THEN, {"customer_key": 1, "tier": TOP, "value": 300})
    return kinds(now, then, late(), by=["region"])


def test_heads_and_value_of_the_kinds_are_summed_with_their_shares(shop):
    found = {row["kind"]: row for row in rows(heads_of_kinds(shop), "kind")}
    assert {k: (r["heads"], r["value"], r["value_then"]) for k, r in found.items()} == {
        "value": (1, 300, 300), "potential": (2, 100, 0),
    }  # fmt: skip
    assert found["potential"]["share_of_heads"] == pytest.approx(2 / 3)
    assert found["potential"]["share_of_value"] == 0.25


def test_kinds_by_a_scope_share_within_each_value(shop):
    found = rows(heads_of_kinds(shop, by=["region"]), "region", "kind")
    assert [(r["region"], r["kind"], r["share_of_heads"]) for r in found] == [
        ("North", "potential", 0.5), ("North", "value", 0.5), ("South", "potential", 1),
    ]  # fmt: skip
