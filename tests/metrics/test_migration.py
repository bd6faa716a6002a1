"""Moves between tiers, net of what earlier periods lead one to expect."""

from datetime import date

import ibis
import pyarrow as pa
import pytest

from core.metrics.migration import tier_migration, tier_moves, upper_kept, upper_moves
from core.metrics.pyramid import tier_matrix
from tests.shop import found, lines, one

A, B = date(2024, 3, 31), date(2024, 6, 30)


def matrix(*rows: tuple[str, str, int]) -> ibis.Table:
    names = ("tier_then", "tier_now", "heads")
    table = ibis.memtable(pa.Table.from_pylist([dict(zip(names, r, strict=True)) for r in rows]))
    zero = ibis.literal(0).cast("decimal(38, 4)")
    return table.mutate(value_then=zero, value_now=zero)


def moves(*rows: tuple[str, str, int]) -> ibis.Table:
    return matrix(*rows).select("tier_then", "tier_now", "heads")


# Of 10 at the top, 6 stay, 3 fall to other, 1 is lost; 4 came back from the lost.
NOW = matrix(
    ("top", "top", 6), ("top", "other", 3), ("top", "lost", 1), ("other", "other", 40),
    ("lost", "other", 4),
)  # fmt: skip
# Earlier 8 of 10 and 24 of 30 stayed, 2 of 10 and 6 of 30 fell to high.
EARLIER = moves(
    ("top", "top", 8), ("top", "high", 2), ("other", "other", 10),
    ("top", "top", 24), ("top", "high", 6), ("other", "other", 30), ("other", "top", 10),
)  # fmt: skip


def by_move(rows: ibis.Table) -> dict[tuple[str, str], dict]:
    return {(row["tier_then"], row["tier_now"]): row for row in found(rows)}


def test_shares_of_each_tier_at_the_opening_sum_to_one():
    rows = by_move(tier_migration(NOW, EARLIER))
    of_top = [row["share_of_row"] for (then, _), row in rows.items() if then == "top"]
    assert sorted(of_top) == [0, 0.1, 0.3, 0.6]


def test_expected_is_the_share_in_earlier_periods_weighted_by_heads():
    rows = by_move(tier_migration(NOW, EARLIER))
    top = rows["top", "top"]
    # 8 + 24 of 10 + 30.
    assert top["expected_share"] == pytest.approx(0.8)
    assert (top["expected_heads"], top["excess"]) == (pytest.approx(8), pytest.approx(-2))
    # 10 of 50 in other rose; the mean of 0 and 1/4 would be 1/8.
    assert rows["other", "top"]["expected_share"] == pytest.approx(0.2)


def test_a_move_that_used_to_happen_and_did_not_is_below_zero():
    row = by_move(tier_migration(NOW, EARLIER))["top", "high"]
    assert (row["heads"], row["excess"]) == (0, pytest.approx(-2))


def test_a_move_that_never_happened_before_is_all_excess():
    row = by_move(tier_migration(NOW, EARLIER))["top", "other"]
    assert (row["expected_heads"], row["excess"]) == (0, 3)


def test_the_excess_of_each_tier_sums_to_nothing():
    rows = by_move(tier_migration(NOW, EARLIER))
    for tier in ("top", "other"):
        assert sum(r["excess"] for (then, _), r in rows.items() if then == tier) == pytest.approx(0)


def test_those_who_came_from_outside_have_no_share():
    row = by_move(tier_migration(NOW, EARLIER))["lost", "other"]
    assert row["heads"] == 4
    assert (row["share_of_row"], row["expected_share"], row["excess"]) == (None, None, None)


def test_without_earlier_periods_nothing_is_expected():
    rows = by_move(tier_migration(NOW))
    assert {row["excess"] for row in rows.values()} == {None}
    assert rows["top", "top"]["share_of_row"] == 0.6


def test_a_tier_that_nobody_was_in_before_leads_to_expect_nothing():
    now = matrix(("high", "high", 3), ("top", "top", 1))
    rows = by_move(tier_migration(now, EARLIER))
    assert rows["high", "high"]["excess"] is None
    assert rows["top", "top"]["excess"] == pytest.approx(0.2)


OPENING = (
    {"customer_key": 1, "value": 90, "tier_name": "top"},
    {"customer_key": 2, "value": 80, "tier_name": "top"},
    {"customer_key": 3, "value": 70, "tier_name": "high", "region": "North"},
    {"customer_key": 4, "value": 60, "tier_name": "middle"},
    {"customer_key": 5, "value": 5, "tier_name": "other"},
    {"customer_key": 6, "value": 5, "tier_name": "top", "is_active": False},
)
CLOSING = (
    {"customer_key": 1, "value": 90, "tier_name": "top"},
    {"customer_key": 2, "value": 40, "tier_name": "middle"},
    {"customer_key": 3, "value": 2, "tier_name": "other", "region": "North"},
    {"customer_key": 4, "value": 0, "tier_name": "middle", "is_active": False},
    {"customer_key": 5, "value": 99, "tier_name": "top"},
    {"customer_key": 6, "value": 5, "tier_name": "top"},
)


def test_moves_are_the_rows_of_the_matrix_that_begin_in_a_tier():
    ends = lines(A, *OPENING), lines(B, *CLOSING)
    periods = [end.mutate(period=0) for end in ends]
    key = ("tier_then", "tier_now", "heads")
    mine = {tuple(row[k] for k in key) for row in found(tier_moves(*periods))}
    rows = [row for row in found(tier_matrix(*ends)) if row["tier_then"] not in ("lost", "none")]
    assert mine == {tuple(row[k] for k in key) for row in rows}
    assert ("middle", "lost", 1) in mine


def test_moves_out_of_the_scope_and_undone_purchases_stand_apart():
    opening = lines(A, *OPENING[:2])
    closing = lines(
        B,
        {"customer_key": 1, "value": 90, "tier_name": "top", "is_in_scope": False},
        {"customer_key": 2, "is_prospect": True},
    )
    rows = {(row["tier_now"], row["heads"]) for row in found(of_period(opening, closing))}
    assert rows == {("elsewhere", 1), ("none", 1)}


def of_period(opening: ibis.Table, closing: ibis.Table) -> ibis.Table:
    return tier_moves(opening.mutate(period=0), closing.mutate(period=0))


def test_each_period_ends_in_its_own_lines():
    first = lines(A, OPENING[0]).mutate(period=0)
    second = lines(B, OPENING[0]).mutate(period=1)
    stayed = lines(B, CLOSING[0]).mutate(period=0)
    gone = lines(B, {"customer_key": 1, "is_active": False}).mutate(period=1)
    rows = found(tier_moves(first.union(second), stayed.union(gone)))
    key = ("period", "tier_then", "tier_now", "heads")
    assert {tuple(row[k] for k in key) for row in rows} == {
        (0, "top", "top", 1), (1, "top", "lost", 1),
    }  # fmt: skip
    uppers = found(upper_moves(first.union(second), stayed.union(gone)))
    assert {(row["period"], row["kept"]) for row in uppers} == {(0, 1), (1, 0)}


def kept(opening=OPENING, closing=CLOSING, earlier=None, **settings) -> ibis.Table:
    now = upper_moves(
        lines(A, *opening).mutate(period=0), lines(B, *closing).mutate(period=0), **settings
    )
    return upper_kept(now, earlier, **settings)


def test_moving_among_the_upper_tiers_is_kept_and_lost_or_lower_is_fallen():
    # Of four upper, 1 and 2 stay upper, 3 fell to other, 4 is lost.
    row = one(kept())
    assert (row["n"], row["kept"], row["fallen"], row["excess"]) == (4, 2, 2, None)


def history(*rows: tuple[str, int, int]) -> ibis.Table:
    names = ("tier_then", "n", "kept")
    return ibis.memtable(pa.Table.from_pylist([dict(zip(names, r, strict=True)) for r in rows]))


USUAL = history(
    ("top", 10, 9), ("high", 10, 8), ("middle", 10, 5),
    ("top", 30, 27), ("high", 30, 24), ("middle", 30, 15),
)  # fmt: skip


def test_the_excess_is_worked_out_tier_by_tier():
    # Expected to fall: 2 x 0.1 + 1 x 0.2 + 1 x 0.5 = 0.9; fallen are 2.
    assert one(kept(earlier=USUAL))["excess"] == pytest.approx(1.1)


def test_a_tier_without_a_past_leaves_the_whole_excess_unknown():
    past = history(("top", 10, 9), ("high", 10, 8))
    assert one(kept(earlier=past))["excess"] is None


def test_nobody_upper_has_no_excess_and_no_number():
    row = one(kept(opening=OPENING[4:], closing=CLOSING))
    assert (row["n"], row["kept"], row["excess"]) == (0, 0, None)


def test_the_upper_tiers_can_be_told_apart_by_a_scope():
    rows = {row["region"]: row for row in found(kept(by=["region"]))}
    assert {region: (row["n"], row["kept"]) for region, row in rows.items()} == {
        "North": (1, 0), None: (3, 2),
    }  # fmt: skip


def test_the_upper_tiers_can_be_told_apart_by_tier():
    rows = {row["tier_name"]: row for row in found(kept(by=["tier_name"]))}
    assert {tier: row["fallen"] for tier, row in rows.items()} == {"top": 0, "high": 1, "middle": 1}
