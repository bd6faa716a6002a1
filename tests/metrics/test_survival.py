"""Life tables by Kaplan and Meier, against figures worked out by hand."""

import math

import ibis
import pyarrow as pa
import pytest

from core.metrics.survival import life_table, median_days
from tests.shop import found, one


def spells(*rows: tuple[int, bool]):
    schema = pa.schema([("days", pa.int64()), ("is_event", pa.bool_())])
    found = [{"days": days, "is_event": is_event} for days, is_event in rows]
    return ibis.memtable(pa.Table.from_pylist(found, schema=schema))


def table(*rows: tuple[int, bool]) -> dict[int, dict]:
    return {row["day"]: row for row in found(life_table(spells(*rows)))}


def test_of_those_at_risk_the_share_with_an_event_leaves():
    rows = table((1, True), (2, False), (3, True), (3, True), (4, False))
    assert [rows[d]["at_risk"] for d in (1, 2, 3, 4)] == [5, 4, 3, 1]
    assert rows[1]["survival"] == pytest.approx(4 / 5)
    assert rows[2]["survival"] == pytest.approx(4 / 5)
    assert rows[3]["survival"] == pytest.approx(4 / 5 * 1 / 3)


def test_who_is_censored_on_the_day_of_an_event_is_still_at_risk():
    assert table((2, True), (2, False))[2]["survival"] == pytest.approx(1 / 2)


def test_survival_falls_to_nought_where_the_last_one_has_the_event():
    rows = table((1, False), (2, True))
    assert rows[2]["survival"] == 0
    assert (rows[2]["low"], rows[2]["high"]) == (None, None)


def test_without_events_survival_stays_at_one_without_an_interval():
    row = table((1, False), (2, False))[2]
    assert (row["survival"], row["low"], row["high"]) == (1, None, None)


def test_the_interval_is_log_minus_log_with_the_variance_of_greenwood():
    row = table((1, True), (2, False), (2, False), (2, False))[1]
    survival, variance = 3 / 4, 1 / (4 * 3)
    spread = math.exp(1.959963984540054 * math.sqrt(variance) / -math.log(survival))
    assert row["low"] == pytest.approx(survival**spread)
    assert row["high"] == pytest.approx(survival ** (1 / spread))


def test_a_day_is_young_once_somebody_has_been_watched_for_less():
    rows = table((1, True), (2, False), (3, True), (4, False))
    assert [rows[d]["is_young"] for d in (1, 2, 3, 4)] == [False, False, True, True]


def test_groups_have_tables_of_their_own():
    both = spells((1, True), (1, False)).mutate(kind=ibis.literal("a"))
    both = both.union(spells((1, True)).mutate(kind=ibis.literal("b")))
    rows = found(life_table(both, by=("kind",)))
    assert {row["kind"]: row["survival"] for row in rows} == {"a": pytest.approx(0.5), "b": 0}


def test_the_median_is_the_first_day_on_which_half_are_left_or_fewer():
    row = one(median_days(life_table(spells((3, True), (5, True), (9, False), (9, False)))))
    assert (row["n"], row["events"], row["median"]) == (4, 2, 5)


def test_no_spells_give_no_days_and_a_null_median():
    assert table() == {}
    assert one(median_days(life_table(spells())))["median"] is None
