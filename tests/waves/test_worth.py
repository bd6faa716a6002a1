"""Worth and verdict, worked out by hand."""

from dataclasses import replace

import pytest

from core.waves.lift import Lift
from core.waves.worth import (
    UNKNOWN,
    Assumptions,
    Former,
    Input,
    Worth,
    WorthInputs,
    p_control,
    second_life,
    uplift,
    verdict,
    worth,
)

ASSUMED = Assumptions()
INPUTS = WorthInputs(
    Input(0.08, "spontaneous_return", 50),
    Input(0.04, "assumption"),
    Input(1_000.0, "own_customers", 40),
    contact_cost=5.0,
    incentive=50.0,
)
FORMER = Former(cause=None, was_upper=False, occasions=5, history_days=400)


def test_worth_is_what_the_lift_brings_less_what_it_costs():
    # 0.04 x 1,000 - 5 - 50 x 0.12 = 40 - 5 - 6.
    found = worth(INPUTS)
    assert (found.value, found.p_treated) == (pytest.approx(29.0), pytest.approx(0.12))


def test_who_comes_back_unasked_is_worth_nothing_and_takes_the_incentive():
    # 0 x 1,000 - 5 - 50 x 0.08.
    found = worth(replace(INPUTS, uplift=Input(0.0, "entered")))
    assert found.value == pytest.approx(-9.0)


def test_a_wave_that_harms_is_worth_less_than_nothing():
    # -0.03 x 1,000 - 5 - 50 x 0.05.
    found = worth(replace(INPUTS, uplift=Input(-0.03, "closed_waves", 500)))
    assert found.value == pytest.approx(-37.5)


def test_shares_stay_between_nought_and_one():
    # p_treated 1, so that the gain is 0.05 x 1,000: 50 - 5 - 50.
    found = worth(replace(INPUTS, p_control=Input(0.95, "entered"), uplift=Input(0.2, "entered")))
    assert (found.p_treated, found.value) == (1.0, pytest.approx(-5.0))
    found = worth(replace(INPUTS, uplift=Input(-0.2, "entered")))
    # Nobody of the treated: -0.08 x 1,000 - 5.
    assert (found.p_treated, found.value) == (0.0, pytest.approx(-85.0))


def test_what_is_not_known_makes_no_worth_and_is_named():
    assert worth(replace(INPUTS, p_control=UNKNOWN, second_life=UNKNOWN)) == Worth(
        None, None, ("p_control", "second_life")
    )
    found = worth(replace(INPUTS, second_life=UNKNOWN))
    assert (found.value, found.p_treated) == (None, pytest.approx(0.12))


def test_own_controls_go_before_spontaneous_returns():
    assert p_control((6, 30), (0.05, 400)) == Input(0.2, "closed_waves", 30)
    assert p_control((6, 29), (0.05, 400)) == Input(0.05, "spontaneous_return", 400)
    assert p_control(None, (0.05, 30)) == Input(0.05, "spontaneous_return", 30)


def test_a_return_rate_that_rests_on_too_few_is_unknown_not_guessed():
    for spontaneous in (None, (None, 12), (0.5, 29)):
        assert p_control((6, 29), spontaneous) == UNKNOWN


def lift(treated: int, control: int, value: float = 0.06) -> Lift:
    return Lift(treated, control, 0.1 + value, 0.1, value, -0.01, 0.13, "cannot_tell_yet")


def test_the_lift_of_own_waves_goes_before_the_assumption():
    assert uplift(lift(70, 30), lift(700, 300, 0.02), ASSUMED) == Input(0.06, "closed_waves", 100)
    assert uplift(lift(71, 29), lift(700, 300, 0.02), ASSUMED) == Input(0.02, "closed_waves", 1_000)
    assert uplift(lift(29, 71), None, ASSUMED) == Input(0.04, "assumption")
    assert uplift(None, None, Assumptions(uplift=0.01)) == Input(0.01, "assumption")


def test_the_second_life_of_own_customers_goes_before_a_share_of_the_first():
    found = second_life((800.0, 30), 5_000.0, ASSUMED, is_on_margin=True)
    assert found == Input(800.0, "own_customers", 30)
    found = second_life((800.0, 29), 5_000.0, ASSUMED, is_on_margin=True)
    assert found == Input(2_500.0, "assumption")
    assert second_life((None, 4), None, ASSUMED, is_on_margin=True) == UNKNOWN
    # A first life that cost money promises none.
    assert second_life(None, -70.0, ASSUMED, is_on_margin=True).value == 0.0


def test_net_is_multiplied_by_the_assumed_margin_share():
    assumed = Assumptions(margin_share=0.2)
    assert second_life((800.0, 30), None, assumed, is_on_margin=False).value == 160.0
    assert second_life(None, 5_000.0, assumed, is_on_margin=False).value == 500.0
    assert second_life((800.0, 30), None, assumed, is_on_margin=True).value == 800.0


def judged(value: float | None, fixed=(), **former) -> tuple[str, str]:
    return verdict(Worth(value, 0.1), replace(FORMER, **former), ASSUMED, fixed_causes=fixed)


def test_worth_above_nought_is_won_back_now():
    assert judged(1.0) == ("win_back_now", "worth_it")
    assert judged(1.0, cause="new_demand") == ("win_back_now", "worth_it")
    assert judged(1.0, occasions=1) == ("win_back_now", "worth_it")


def test_who_left_for_a_cause_of_ours_waits_until_it_is_fixed():
    assert judged(1.0, cause="service_quality") == ("when_cause_is_fixed", "cause_not_fixed")
    assert (
        judged(1.0, cause="service_quality", fixed=["product_quality"])[0] == "when_cause_is_fixed"
    )
    assert judged(1.0, cause="service_quality", fixed=["service_quality"])[0] == "win_back_now"


def test_worth_of_nought_is_not_above_nought():
    assert judged(0.0) == ("let_go", "not_worth_it")


def test_who_was_upper_once_is_kept_in_touch_with():
    assert judged(-1.0, was_upper=True) == ("keep_in_touch", "was_upper")


def test_nobody_is_written_off_for_lack_of_information():
    assert judged(None) == ("keep_in_touch", "worth_unknown")
    assert judged(-1.0, occasions=1) == ("keep_in_touch", "little_known")
    assert judged(-1.0, history_days=89) == ("keep_in_touch", "little_known")
    assert judged(-1.0, occasions=2, history_days=90) == ("let_go", "not_worth_it")


def test_a_cause_of_ours_does_not_hold_those_who_are_not_worth_it():
    assert judged(-1.0, cause="product_quality") == ("let_go", "not_worth_it")
