"""What a wave can show. (1.96 + 0.8416)^2 = 7.8489 throughout."""

import pytest

from core.waves.power import customers_needed, proposed_share, smallest_lift


def test_from_8_to_12_percent_at_10_percent_controls_needs_419_and_3767():
    # 7.8489 x (0.08 x 0.92 + 0.12 x 0.88 / 9) / 0.04^2 = 7.8489 x 0.085333 / 0.0016 = 418.6.
    # 4,186 x 0.1 = 418.6 -> 419 are held out; of 4,185 it would be 418.5 -> 418, too few.
    found = customers_needed(0.08, 0.12, control_share=0.1)
    assert (found.control, found.treated) == (419, 3_767)


def test_fewer_customers_than_needed_show_less():
    needed = customers_needed(0.08, 0.12, control_share=0.1)
    assert smallest_lift(needed.treated, needed.control, 0.08) <= 0.04
    assert smallest_lift(needed.treated - 90, needed.control - 10, 0.08) > 0.04


def test_500_customers_at_10_percent_controls_can_only_show_12_points():
    # d = 0.12: 7.8489 x (0.0736 / 50 + 0.2 x 0.8 / 450) = 7.8489 x 0.0018276 = 0.014344 = 0.1198^2.
    assert smallest_lift(450, 50, 0.08) == pytest.approx(0.12, abs=0.0005)


def test_500_customers_at_half_controls_show_8_points():
    # d = 0.081: 7.8489 x (0.0736 + 0.161 x 0.839) / 250 = 7.8489 x 0.0008347 = 0.006551 = 0.0809^2.
    assert smallest_lift(250, 250, 0.08) == pytest.approx(0.081, abs=0.0005)


def test_the_lift_solves_its_own_definition():
    d = smallest_lift(300, 60, 0.2, power=0.9)
    variance = 0.2 * 0.8 / 60 + (0.2 + d) * (0.8 - d) / 300
    # (1.959964 + 1.281552)^2 = 10.50742
    assert d**2 == pytest.approx(10.50742 * variance, rel=1e-6)


def test_nobody_in_an_arm_shows_nothing():
    assert smallest_lift(0, 50, 0.08) is None
    assert smallest_lift(50, 0, 0.08) is None


def test_what_not_even_everybody_buying_would_show_is_null():
    # Five against five from 60 %: 100 % would be 40 points, 7.8489 x 0.24 / 5 = 0.377 = 0.61^2.
    assert smallest_lift(5, 5, 0.6) is None


def test_where_nobody_buys_unasked_only_the_treated_vary():
    # d^2 = 7.8489 d (1 - d) / 100, so d = 7.8489 / 107.8489.
    assert smallest_lift(100, 100, 0.0) == pytest.approx(7.8489 / 107.8489, rel=1e-4)


def test_a_fall_needs_its_customers_too():
    # 7.8489 x (0.12 x 0.88 + 0.08 x 0.92) / 0.04^2 = 879.1: 880 in each arm.
    found = customers_needed(0.12, 0.08, control_share=0.5)
    assert found.control + found.treated == pytest.approx(2 * 879.1, abs=2)


def test_equal_rates_and_shares_without_an_arm_are_refused():
    for rates, share in (((0.1, 0.1), 0.5), ((0.1, 0.2), 0.0), ((0.1, 0.2), 1.0)):
        with pytest.raises(ValueError, match="two different rates"):
            customers_needed(*rates, control_share=share)


def test_a_large_wave_holds_out_10_percent():
    # 7.8489 x (0.0736 / 1,000 + 0.1056 / 9,000) = 0.000670 < 0.04^2.
    found = proposed_share(10_000, 0.08)
    assert (found.control_share, found.control, found.treated) == (0.1, 1_000, 9_000)
    assert found.reason == "enough"


def test_2000_customers_need_30_percent_for_4_points():
    # 20 %: 7.8489 x (0.0736 / 400 + 0.1056 / 1,600) = 0.00196 > 0.0016;
    # 30 %: 7.8489 x (0.0736 / 600 + 0.1056 / 1,400) = 0.00155.
    found = proposed_share(2_000, 0.08)
    assert (found.control_share, found.control, found.reason) == (0.3, 600, "enough")


def test_below_2000_it_is_never_less_than_30_percent():
    # 10 points, 500 customers, 30 %: 7.8489 x (0.0736 / 150 + 0.18 x 0.82 / 350) = 0.0072 < 0.01.
    found = proposed_share(500, 0.08, wanted_lift=0.1)
    assert (found.control_share, found.reason) == (0.3, "enough")


def test_where_even_half_is_not_enough_half_is_held_out_and_what_it_shows_is_said():
    found = proposed_share(500, 0.08)
    assert (found.control_share, found.control, found.reason) == (0.5, 250, "not_enough")
    assert found.smallest_lift == pytest.approx(0.081, abs=0.0005)


def test_nobody_to_draw_shows_nothing():
    found = proposed_share(0, 0.08)
    assert (found.control, found.treated, found.smallest_lift) == (0, 0, None)
