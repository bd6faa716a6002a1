"""The draw: stable, blind to order, balanced by tier, independent for each wave."""

import random
from collections import Counter

import pytest

from core.waves.assignment import assign, control_total, controls_by_tier

TIERS = {
    key: (1 if key <= 4 else 2 if key <= 20 else 3 if key <= 60 else 4) for key in range(1, 301)
}


def controls(salt: str = "wave 1", share: float = 0.3, **settings) -> set[int]:
    drawn = assign(TIERS, salt=salt, control_share=share, **settings)
    return {each.customer_key for each in drawn if each.arm == "control"}


def test_the_same_wave_draws_the_same_arms_again():
    once = assign(TIERS, salt="wave 1", control_share=0.3)
    assert assign(TIERS, salt="wave 1", control_share=0.3) == once
    assert [each.customer_key for each in once] == sorted(TIERS)


def test_the_draw_is_blind_to_the_order_of_the_customers():
    order = list(TIERS)
    random.Random(7).shuffle(order)
    shuffled = {key: TIERS[key] for key in order}
    once = assign(TIERS, salt="wave 1", control_share=0.3)
    assert assign(shuffled, salt="wave 1", control_share=0.3) == once


def test_the_lowest_draws_of_each_tier_are_its_controls():
    drawn = assign(TIERS, salt="wave 1", control_share=0.3)
    for tier in (1, 2, 3, 4):
        held = [each.draw for each in drawn if each.tier == tier and each.arm == "control"]
        treated = [each.draw for each in drawn if each.tier == tier and each.arm == "treated"]
        assert max(held) < min(treated)


def test_a_known_customer_has_a_known_draw():
    # printf '%s' 'w1:42' | sha256sum, the first 16 digits: another release must not draw others.
    [only] = assign({42: 4}, salt="w1", control_share=0.1)
    assert only.draw == "711f05eef3fa0d22"


def test_each_tier_holds_out_its_share_and_the_shares_add_up():
    # 300 x 0.3 = 90 of 4 + 16 + 40 + 240: 1.2, 4.8, 12 and 72; the greatest remainder is 0.8.
    assert controls_by_tier({1: 4, 2: 16, 3: 40, 4: 240}, 0.3) == {1: 1, 2: 5, 3: 12, 4: 72}
    assert Counter(TIERS[key] for key in controls()) == {1: 1, 2: 5, 3: 12, 4: 72}


def test_equal_remainders_go_to_the_upper_tier():
    # 10 x 0.3 = 3 of 5 + 5: 1.5 each.
    assert controls_by_tier({4: 5, 1: 5}, 0.3) == {1: 2, 4: 1}


def test_a_tier_of_two_has_one_of_each_arm_and_the_largest_gives():
    # 104 x 0.1 = 10 controls: 0.19 and 0.19 of the tiers of two become 1 each, 8 are left for 100.
    assert controls_by_tier({1: 2, 2: 2, 4: 100}, 0.1) == {1: 1, 2: 1, 4: 8}
    # Half of 2 + 2 + 2 is 3; a share of 0.9 leaves one treated in each: 5 of 6 are not possible.
    assert controls_by_tier({1: 2, 2: 2, 3: 2}, 0.5) == {1: 1, 2: 1, 3: 1}
    assert controls_by_tier({1: 2, 2: 2, 3: 2}, 0.9) == {1: 1, 2: 1, 3: 1}


def test_tiny_tiers_hold_out_more_than_the_share():
    # 6 x 0.1 is one customer to the nearest, but each tier of two needs one.
    assert controls_by_tier({1: 2, 2: 2, 3: 2}, 0.1) == {1: 1, 2: 1, 3: 1}


def test_a_tier_of_one_is_treated_and_those_without_a_tier_are_one_of_their_own():
    # 42 x 0.25 = 10.5, to the even: 10; of 1 + 31 + 10 the tier of one has none: 7.56 and 2.44.
    assert controls_by_tier({1: 1, 4: 31, None: 10}, 0.25) == {1: 0, 4: 8, None: 2}


def test_a_share_of_nought_holds_nobody_out():
    assert controls(share=0) == set()
    assert assign({}, salt="w", control_share=0.3) == []
    assert control_total(0, 0.3) == 0


def test_shares_that_leave_nobody_to_treat_are_refused():
    for share in (-0.1, 1.0):
        with pytest.raises(ValueError, match="control share"):
            assign(TIERS, salt="w", control_share=share)


def test_a_wave_without_a_salt_is_refused():
    with pytest.raises(ValueError, match="salt"):
        assign(TIERS, salt="", control_share=0.3)


def test_the_exempt_are_in_neither_arm_and_say_why():
    drawn = assign(
        TIERS, salt="wave 1", control_share=0.3, exempt={61: "in dispute", 999: "unknown"}
    )
    [out] = [each for each in drawn if each.arm == "exempt"]
    assert (out.customer_key, out.tier, out.reason) == (61, 4, "in dispute")
    assert all(each.reason is None for each in drawn if each.arm != "exempt")


def test_the_others_are_drawn_as_if_the_exempt_were_not_there():
    gone = dict.fromkeys(range(61, 71), "in dispute")
    rest = {key: tier for key, tier in TIERS.items() if key not in gone}
    with_them = assign(TIERS, salt="wave 1", control_share=0.3, exempt=gone)
    assert [each for each in with_them if each.arm != "exempt"] == assign(
        rest, salt="wave 1", control_share=0.3
    )


def test_another_salt_draws_independently():
    # Of 90 controls of 300, 90 x 90 / 300 = 27 are drawn again by chance, within tiers 26.9 (1/4 +
    # 25/16 + 144/40 + 72 x 72/240 = 0.25 + 1.5625 + 3.6 + 21.6 = 27.01); variance about 13.3.
    first = controls("wave 1")
    again = [len(first & controls(f"wave {n}")) for n in range(2, 202)]
    # The mean of 200 has a standard error of 3.65 / 14.1 = 0.26: four of them on either side.
    assert sum(again) / len(again) == pytest.approx(27.01, abs=1.05)


def test_everybody_is_held_out_equally_often():
    # Over 400 salts, each of the 240 of tier 4 is a control in 30 %: 120 times, sd sqrt(84) = 9.2.
    times: Counter[int] = Counter()
    for n in range(400):
        times.update(key for key in controls(f"salt {n}") if TIERS[key] == 4)
    counts = [times[key] for key in TIERS if TIERS[key] == 4]
    assert sum(counts) == 400 * 72
    # Chi-square of 240 cells under a draw without replacement: 239 degrees of freedom, sd 21.9.
    chi_square = sum((each - 120) ** 2 / (120 * 0.7) for each in counts)
    assert 239 - 4 * 21.9 < chi_square < 239 + 4 * 21.9
    assert max(abs(each - 120) for each in counts) < 5 * 9.2
