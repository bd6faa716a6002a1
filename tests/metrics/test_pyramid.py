"""The pyramid, the share of the best, Lorenz and Gini, moves between tiers."""

from datetime import date

import pytest

from core.metrics.pyramid import gini, lorenz, pyramid, tier_matrix, top_buyers, top_share
from tests.shop import found, lines, one

A, B = date(2023, 12, 31), date(2024, 12, 31)
# Ten customers: one top, one high, two middle, four other; one lost, one prospect.
SHOP = (
    {"customer_key": 1, "value": 500, "tier_name": "top"},
    {"customer_key": 2, "value": 200, "tier_name": "high"},
    {"customer_key": 3, "value": 100, "tier_name": "middle"},
    {"customer_key": 4, "value": 80, "tier_name": "middle"},
    {"customer_key": 5, "value": 50, "tier_name": "other"},
    {"customer_key": 6, "value": 40, "tier_name": "other"},
    {"customer_key": 7, "value": 20, "tier_name": "other"},
    {"customer_key": 8, "value": 10, "tier_name": "other"},
    {"customer_key": 9, "value": 7, "tier_name": "high", "is_active": False},
    {"customer_key": 10, "is_prospect": True},
)


def values(*amounts: float) -> list[dict]:
    return [{"customer_key": k, "value": value} for k, value in enumerate(amounts, start=1)]


def test_the_pyramid_counts_heads_and_value_of_each_level():
    rows = {row["level"]: row for row in found(pyramid(lines(B, *SHOP)))}
    assert {level: (row["heads"], row["value"]) for level, row in rows.items()} == {
        "top": (1, 500), "high": (1, 200), "middle": (2, 180), "other": (4, 120),
        "lost": (1, 7), "prospect": (1, 0),
    }  # fmt: skip
    assert rows["middle"]["share_of_heads"] == 0.25
    assert rows["middle"]["share_of_value"] == 0.18
    assert rows["middle"]["value_per_head"] == 90


def test_the_lost_carry_their_last_tier_and_no_share():
    (row,) = [row for row in found(pyramid(lines(B, *SHOP))) if row["level"] == "lost"]
    assert (row["tier_name"], row["share_of_heads"], row["share_of_value"]) == ("high", None, None)


def test_shares_of_value_are_null_where_value_is_not_above_zero():
    rows = lines(B, {"customer_key": 1, "value": -5, "tier_name": "other"})
    row = one(pyramid(rows))
    assert (row["share_of_heads"], row["share_of_value"]) == (1, None)


def test_a_pyramid_by_a_scope_shares_within_each_value():
    rows = lines(
        B,
        {"customer_key": 1, "value": 30, "tier_name": "top", "region": "North"},
        {"customer_key": 2, "value": 10, "tier_name": "other", "region": "North"},
        {"customer_key": 3, "value": 10, "tier_name": "other", "region": "South"},
    )
    shares = {
        (row["region"], row["level"]): row["share_of_value"]
        for row in found(pyramid(rows, by=("region",)))
    }
    assert shares == {("North", "top"): 0.75, ("North", "other"): 0.25, ("South", "other"): 1}


def test_the_pyramid_of_nobody_is_empty():
    assert found(pyramid(lines(B))) == []


@pytest.mark.parametrize(
    ("buyers", "top"), [(1, 1), (4, 1), (5, 1), (6, 2), (10, 2), (11, 3), (15, 3), (35, 7)]
)
def test_the_top_fifth_is_rounded_up_to_whole_buyers(buyers, top):
    assert one(top_share(lines(B, *values(*[1] * buyers))))["top"] == top


def test_top_share_is_the_value_of_the_top_over_all():
    row = one(top_share(lines(B, *values(50, 20, 15, 10, 5))))
    assert (row["n"], row["top_share"]) == (5, 0.5)


def test_ties_at_the_cut_do_not_change_the_share():
    assert one(top_share(lines(B, *values(10, 10, 10, 10, 10))))["top_share"] == 0.2


def test_what_buyers_add_to_the_top_share_adds_up_to_it_and_equals_add_the_same():
    # Two of six are the top: 50, and one place for the three of 20, who count a third each.
    rows = {row["customer_key"]: row for row in found(top_buyers(lines(B, *values(
        50, 20, 20, 20, 5, -15
    ))))}  # fmt: skip
    assert {key: row["base"] for key, row in rows.items()} == {
        1: 50, 2: 20, 3: 20, 4: 20, 5: 5, 6: -15,
    }  # fmt: skip
    assert {key: row["counted"] for key, row in rows.items()} == pytest.approx(
        {1: 50, 2: 20 / 3, 3: 20 / 3, 4: 20 / 3, 5: 0, 6: 0}
    )


def test_top_share_counts_buyers_of_the_window_and_contracts_alone():
    rows = [
        *values(10),
        {"customer_key": 2, "value": 0, "occasions_12m": 0},
        {"customer_key": 3, "value": 90, "occasions_12m": 0, "contract_12m": 90},
    ]
    row = one(top_share(lines(B, *rows)))
    assert (row["n"], row["top_share"]) == (2, 0.9)


def test_negative_values_push_the_top_share_above_one():
    assert one(top_share(lines(B, *values(100, -20))))["top_share"] == 1.25


@pytest.mark.parametrize("amounts", [(), (0, 0), (5, -5)])
def test_shares_of_nothing_are_null(amounts):
    assert one(top_share(lines(B, *values(*amounts))))["top_share"] is None


def test_top_share_by_a_scope_ranks_within_each_value():
    rows = lines(
        B,
        {"customer_key": 1, "value": 60, "region": "North"},
        {"customer_key": 2, "value": 40, "region": "North"},
        {"customer_key": 3, "value": 5, "region": "South"},
    )
    shares = {row["region"]: row["top_share"] for row in found(top_share(rows, by=("region",)))}
    assert shares == {"North": 0.6, "South": 1}


@pytest.mark.parametrize(
    ("amounts", "expected"),
    # n = 2, values 1 and 3: (2 - 3) * 1 + (4 - 3) * 3 = 2, over 2 * 4.
    [((1, 3), 0.25), ((5, 5, 5), 0), ((0, 0, 0, 8), 0.75), ((-4, 0, 0, 8), 0.75)],
)
def test_gini_is_nought_for_equals_and_rises_with_inequality(amounts, expected):
    assert one(gini(lines(B, *values(*amounts))))["gini"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("amounts", [(), (0, 0), (-1,)])
def test_gini_is_null_where_nobody_has_value(amounts):
    assert one(gini(lines(B, *values(*amounts))))["gini"] is None


def curve(*amounts: float, **more) -> list[tuple[float, float]]:
    rows = found(lorenz(lines(B, *values(*amounts)), **more))
    return sorted((row["share_of_buyers"], row["share_of_value"]) for row in rows)


def test_the_lorenz_curve_adds_up_the_poorest_first():
    assert curve(70, 10, 20) == [
        (pytest.approx(1 / 3), 0.1), (pytest.approx(2 / 3), pytest.approx(0.3)), (1, 1),
    ]  # fmt: skip


def test_the_whale_curve_adds_up_the_best_first_and_comes_down_again():
    points = curve(80, 40, -20, descending=True)
    assert [y for _, y in points] == [pytest.approx(v) for v in (0.8, 1.2, 1)]


def test_the_curve_has_at_most_a_hundred_points_and_ends_at_one():
    points = curve(*range(1, 251))
    assert len(points) == 100
    assert points[-1] == (1, pytest.approx(1))


def test_the_curve_of_nobody_has_no_points():
    assert curve() == []


def matrix(opening: list[dict], closing: list[dict]) -> dict[tuple[str, str], int]:
    rows = found(tier_matrix(lines(A, *opening), lines(B, *closing)))
    return {(row["tier_then"], row["tier_now"]): row["heads"] for row in rows}


def tier(key: int, name: str, **more) -> dict:
    return {"customer_key": key, "tier_name": name, "value": 10, **more}


def test_the_matrix_counts_moves_between_tiers_with_new_and_lost():
    opening = [tier(1, "top"), tier(2, "top"), tier(3, "other"), tier(4, "high", is_active=False)]
    closing = [
        tier(1, "high"), tier(2, "top", is_active=False), tier(3, "other"), tier(4, "other"),
        tier(5, "middle"),
    ]  # fmt: skip
    assert matrix(opening, closing) == {
        ("top", "high"): 1, ("top", "lost"): 1, ("other", "other"): 1, ("lost", "other"): 1,
        ("none", "middle"): 1,
    }  # fmt: skip


def test_the_lost_who_stay_lost_are_not_in_the_matrix():
    lost = tier(1, "top", is_active=False)
    assert matrix([lost], [lost]) == {}


def test_a_prospect_and_an_undone_customer_stand_as_none():
    prospect = {"customer_key": 1, "is_prospect": True}
    assert matrix([prospect], [tier(1, "top")]) == {("none", "top"): 1}
    assert matrix([tier(1, "top")], [prospect]) == {("top", "none"): 1}


def test_who_changed_scope_stands_elsewhere_without_value():
    row = one(tier_matrix(lines(A, tier(1, "top", is_in_scope=False)), lines(B, tier(1, "high"))))
    assert (row["tier_then"], row["tier_now"]) == ("elsewhere", "high")
    assert (row["value_then"], row["value_now"]) == (0, 10)
