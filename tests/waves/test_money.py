"""What waves bring and cost, worked out by hand."""

import pytest

from core.waves.lift import Outcome, Stratum
from core.waves.money import Terms, incremental_money, student_quantile, wave_cost

# Four treated who brought 0, 0, 30 and 50: mean 20, variance (400 + 400 + 100 + 900) / 3 = 600.
TREATED = Outcome(4, 2, mean=20.0, variance=600.0, contacted=4, contacts=5)
# Four controls, 0, 0, 0 and 20: mean 5, variance (3 x 25 + 225) / 3 = 100.
CONTROL = Outcome(4, 1, mean=5.0, variance=100.0, contacted=0, contacts=0)


def test_large_arms_have_welchs_interval():
    # 400/100 + 100/50 = 6; 36 / (16/99 + 4/49) = 148 degrees of freedom: 1.976.
    large = Stratum("w", 4, Outcome(100, 9, 20.0, 400.0), Outcome(50, 2, 5.0, 100.0))
    found = incremental_money([large], {})
    assert (found.treated, found.difference, found.incremental) == (100, 15.0, 1_500.0)
    assert found.high - found.difference == pytest.approx(1.976 * 6**0.5, rel=0.001)
    assert found.difference - found.low == pytest.approx(found.high - found.difference)
    assert found.incremental_high == pytest.approx(100 * found.high)


def test_small_arms_share_their_variance():
    found = incremental_money([Stratum("w", 4, TREATED, CONTROL)], {})
    assert (found.treated, found.difference, found.incremental) == (4, 15.0, 60.0)
    # (3 x 600 + 3 x 100) / 6 = 350, 350 x (1/4 + 1/4) = 175 with 6 degrees of freedom: 2.447.
    assert found.high - found.difference == pytest.approx(2.447 * 175**0.5, rel=0.001)


def test_a_lone_control_takes_the_variance_of_the_treated():
    found = incremental_money([Stratum("w", 4, TREATED, Outcome(1, 0, mean=0.0))], {})
    # 600 x (1/4 + 1) = 750 with 3 degrees of freedom: 3.182.
    assert found.high - found.difference == pytest.approx(3.182 * 750**0.5, rel=0.002)


def test_the_sum_over_strata_counts_each_treated_customer_with_their_own_tier():
    # 2 x (10 - 0) + 6 x (20 - 15) = 50, per treated 6.25; the plain means would say otherwise.
    upper = Stratum("w", 1, Outcome(2, 1, 10.0, 8.0), Outcome(2, 0, 0.0, 0.0))
    lower = Stratum("w", 4, Outcome(6, 3, 20.0, 6.0), Outcome(3, 1, 15.0, 3.0))
    found = incremental_money([upper, lower], {})
    assert (found.incremental, found.difference) == (50.0, 6.25)
    # Squared errors of the sum: 4 x 4 x (1/2 + 1/2) = 16 with 2 degrees of freedom, and
    # 36 x 36/7 x (1/6 + 1/3) = 92.571 with 7; in all 108.571 with 108.571^2 / (128 + 1224.2) =
    # 8.72 degrees of freedom, whose quantile lies between 2.306 (8) and 2.262 (9).
    assert found.incremental_high - found.incremental == pytest.approx(
        2.273 * 108.571**0.5, rel=0.003
    )


def test_cost_is_contacts_and_the_incentives_of_those_who_bought():
    # 5 contacts x 2 + 2 buyers x 10 = 30; (60 - 30) / 30.
    terms = Terms(contact_cost=2.0, incentive=10.0)
    assert wave_cost(TREATED, terms) == 30.0
    found = incremental_money([Stratum("w", 4, TREATED, CONTROL)], {"w": terms})
    assert (found.cost, found.return_on_cost) == (30.0, 1.0)


def test_contacts_that_are_not_recorded_count_once_for_each():
    assert wave_cost(Outcome(4, 2), Terms(contact_cost=2.0)) == 8.0


def test_each_wave_has_its_own_terms():
    strata = [Stratum(name, 4, TREATED, CONTROL) for name in ("v", "w")]
    found = incremental_money(strata, {"v": Terms(2.0), "w": Terms(4.0)})
    assert found.cost == 5 * 2.0 + 5 * 4.0


def test_without_cost_there_is_no_return_on_it():
    assert incremental_money([Stratum("w", 4, TREATED, CONTROL)], {}).return_on_cost is None


def test_a_stratum_without_an_arm_or_of_one_in_each_says_nothing_of_money():
    pair = Stratum("w", 1, Outcome(1, 1, mean=900.0), Outcome(1, 0, mean=0.0))
    lone = Stratum("v", 2, TREATED)
    found = incremental_money([Stratum("w", 4, TREATED, CONTROL), pair, lone], {"w": Terms(2.0)})
    assert (found.left_out, found.incremental) == ((("w", 1), ("v", 2)), 60.0)
    assert found.cost == 10.0
    nothing = incremental_money([pair, lone], {})
    assert (nothing.treated, nothing.difference, nothing.return_on_cost) == (0, None, None)


def test_where_nobody_bought_the_difference_is_nought():
    idle = Outcome(4, 0, mean=0.0, variance=0.0)
    found = incremental_money([Stratum("w", 4, idle, idle)], {})
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)


def test_students_quantiles_are_those_of_the_tables():
    # Two-sided 5 %: 12.706, 4.303, 3.182, 2.571, 2.228, 1.984 (100).
    for freedom, wanted in (
        (1, 12.706),
        (2, 4.303),
        (3, 3.182),
        (5, 2.571),
        (10, 2.228),
        (100, 1.984),
    ):
        assert student_quantile(freedom) == pytest.approx(wanted, rel=0.01)
