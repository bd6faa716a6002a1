"""Lift of one wave and of several, worked out by hand."""

from datetime import date

import pytest

from core.metrics.intervals import Z, newcombe
from core.waves.lift import (
    Outcome,
    Stratum,
    contamination,
    not_yet,
    pooled_lift,
    strata_by,
    strata_of,
    wave_lift,
)


def stratum(treated: tuple[int, int], control: tuple[int, int], wave="w", tier=4) -> Stratum:
    """Counts as (bought, customers)."""
    return Stratum(wave, tier, Outcome(treated[1], treated[0]), Outcome(control[1], control[0]))


def test_one_wave_has_newcombes_interval_over_all_its_tiers():
    # 30 + 26 of 40 + 30 treated, 20 + 28 of 30 + 50 controls: Newcombe (1998), table II (a).
    found = wave_lift([stratum((30, 40), (20, 30), tier=1), stratum((26, 30), (28, 50))])
    assert (found.treated, found.control) == (70, 80)
    assert (found.treated_rate, found.control_rate) == (0.8, 0.6)
    assert (found.lift, found.verdict) == (pytest.approx(0.2), "works")
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_interval_of_one_stratum_by_hand():
    # P = (100 x 2 - 100 x 6) / 400 = -1, Q = (6 x 8 + 2 x 4) / 40 = 1.4, W = 100 / 20 = 5;
    # z^2 / 25 = 0.153658: the middle is 0.4 - 0.076829 = 0.323171,
    # half the width sqrt(0.323171^2 - 0.16 + 0.153658 x 1.4) = sqrt(0.159561) = 0.399451.
    found = pooled_lift([stratum((6, 10), (2, 10))])
    assert found.lift == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx((-0.076280, 0.722622), abs=2e-6)
    assert found.verdict == "cannot_tell_yet"


def test_the_bounds_are_where_the_score_test_just_rejects():
    strata = [stratum((6, 40), (1, 10), tier=1), stratum((30, 200), (3, 60))]
    found = pooled_lift(strata)
    # W = 400/50 + 12000/260; P and Q from the counts, n and y of the treated, m and x of controls.
    w = 8 + 12_000 / 260
    p = (1_600 * 1 - 100 * 6 + 400 * -30 / 2) / 2_500
    p += (40_000 * 3 - 3_600 * 30 + 12_000 * -140 / 2) / 67_600
    q = (6 * 9 + 1 * 34) / 100 + (30 * 57 + 3 * 170) / 520
    for bound in (found.low, found.high):
        assert (found.lift - bound) ** 2 == pytest.approx(Z**2 * (bound * p + q) / w**2)


def test_waves_with_different_shares_held_out_are_not_added_up():
    # In either wave the treated buy 10 points more often: 60 against 50 %, 10 against 0 %.
    # Added up, 30 of 200 against 40 of 100: 25 points less (Simpson).
    good = stratum((12, 20), (40, 80), "spring")
    bad = stratum((18, 180), (0, 20), "autumn")
    crude = wave_lift([good, bad])
    assert (crude.lift, crude.verdict) == (pytest.approx(-0.25), "harms")
    # Weights 20 x 80 / 100 = 16 and 180 x 20 / 200 = 18.
    pooled = pooled_lift([good, bad])
    assert pooled.lift == pytest.approx(0.1)
    assert pooled.treated_rate == pytest.approx((16 * 0.6 + 18 * 0.1) / 34)
    assert pooled.control_rate == pytest.approx(16 * 0.5 / 34)
    assert pooled.low < 0.1 < pooled.high


def test_lifts_that_differ_are_weighted_by_both_arms():
    # 20 points with weight 10 x 10 / 20 = 5, none with weight 30 x 10 / 40 = 7.5: 1 / 12.5.
    found = pooled_lift([stratum((4, 10), (2, 10), tier=1), stratum((6, 30), (2, 10))])
    assert found.lift == pytest.approx(0.08)


def test_a_stratum_without_an_arm_counts_for_nothing_and_is_named():
    whole = stratum((6, 10), (2, 10))
    lone = stratum((1, 1), (0, 0), tier=1)
    nobody = stratum((0, 0), (5, 5), "v", None)
    for measured in (pooled_lift, wave_lift):
        found = measured([whole, lone, nobody])
        assert found.left_out == (("w", 1), ("v", None))
        assert (found.lift, found.treated) == (pytest.approx(0.4), 10)


def test_without_two_arms_there_is_no_lift():
    for measured in (pooled_lift, wave_lift):
        for strata in ([], [stratum((1, 1), (0, 0))]):
            found = measured(strata)
            assert (found.lift, found.low, found.verdict) == (None, None, None)
            assert len(found.left_out) == len(strata)


def test_where_nobody_bought_it_cannot_be_told():
    found = pooled_lift([stratum((0, 30), (0, 10)), stratum((0, 5), (0, 5), tier=1)])
    # Newcombe's for 0 of 35 against 0 of 15: the wider side is that of the controls.
    low, high = newcombe(0, 35, 0, 15)
    assert (found.lift, found.verdict) == (0.0, "cannot_tell_yet")
    assert (found.low, found.high) == (low, -low)
    assert -low > high


def test_where_everybody_bought_it_cannot_be_told_either():
    found = pooled_lift([stratum((30, 30), (10, 10))])
    assert (found.lift, found.verdict) == (0.0, "cannot_tell_yet")
    assert found.low == -found.high < 0


def test_all_against_none_stays_within_one():
    found = pooled_lift([stratum((8, 8), (0, 8))])
    assert (found.lift, found.verdict) == (1.0, "works")
    assert 0 < found.low < found.high <= 1.0


def test_a_wave_may_harm():
    found = pooled_lift([stratum((10, 200), (40, 200))])
    assert (found.lift, found.verdict) == (pytest.approx(-0.15), "harms")
    assert found.high < 0


def test_changing_the_arms_over_changes_the_sign():
    one = pooled_lift([stratum((6, 40), (1, 10), tier=1), stratum((30, 200), (3, 60))])
    other = pooled_lift([stratum((1, 10), (6, 40), tier=1), stratum((3, 60), (30, 200))])
    assert (other.lift, other.low, other.high) == pytest.approx((-one.lift, -one.high, -one.low))


def test_one_of_several_that_is_picked_has_a_wider_interval():
    strata = [stratum((30, 200), (3, 60))]
    assert pooled_lift(strata, z=2.8).low < pooled_lift(strata).low


def test_a_wave_is_not_read_before_its_horizon_is_over():
    closes = date(2026, 6, 30)
    early = not_yet(closes, as_of=date(2026, 6, 29))
    assert early is not None
    assert early.closes_on == closes
    assert not_yet(closes, as_of=closes) is None


def test_contamination_is_counted():
    one = Stratum("w", 1, Outcome(10, 1, contacted=8), Outcome(5, 0, contacted=2))
    two = Stratum("w", 4, Outcome(90, 9, contacted=70), Outcome(45, 3, contacted=0))
    found = contamination([one, two])
    assert (found.treated, found.treated_never_contacted) == (100, 22)
    assert (found.control, found.control_contacted) == (50, 2)


def test_where_contacts_are_not_recorded_contamination_is_unknown():
    found = contamination([stratum((1, 10), (1, 10))])
    assert (found.treated_never_contacted, found.control_contacted) == (None, None)


def test_strata_are_made_of_their_arms():
    counts = {"mean": 2.0, "variance": None, "contacted": 1, "contacts": 3, "tier": None}
    rows = [
        {"wave_id": "w", "arm": "control", "customers": 4, "bought": 1, **counts},
        {"wave_id": "w", "arm": "treated", "customers": 6, "bought": 2, **counts},
        {"wave_id": "v", "arm": "treated", "customers": 1, "bought": 0, **counts},
    ]
    both, lone = strata_of(rows)
    assert (both.treated.customers, both.control.customers, both.tier) == (6, 4, None)
    assert (lone.treated.customers, lone.control.customers) == (1, 0)
    assert both.treated.contacts == 3


def arm(name: str, cause: str | None, bought: int) -> dict:
    return {
        "wave_id": "w", "tier": 4, "arm": name, "cause": cause, "customers": 10, "bought": bought,
        "mean": 0.0, "variance": 0.0, "contacted": 0, "contacts": 0,
    }  # fmt: skip


def test_lift_may_be_told_by_what_was_known_at_the_draw():
    rows = [
        arm("treated", "new_demand", 4),
        arm("control", "new_demand", 2),
        arm("treated", None, 9),
    ]
    found = {cause: pooled_lift(strata) for cause, strata in strata_by(rows, "cause").items()}
    assert found["new_demand"].lift == pytest.approx(0.2)
    assert (found[None].lift, found[None].left_out) == (None, (("w", 4),))


def test_rows_told_apart_by_more_are_not_taken_for_one_stratum():
    with pytest.raises(ValueError, match="two rows"):
        strata_of([arm("treated", "new_demand", 4), arm("treated", None, 9)])
