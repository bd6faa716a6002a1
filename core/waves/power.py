"""Which lift a wave of a given size can show, and how many to hold out."""

from dataclasses import dataclass
from math import floor
from statistics import NormalDist
from typing import Literal

from core.metrics.intervals import Z
from core.waves.assignment import control_total

POWER = 0.8
SMALL_WAVE = 2_000  # customers; below, 30 to 50 % are held out
WANTED_LIFT = 0.04  # the lift that a wave should be able to show, if nothing else is said


@dataclass(frozen=True, slots=True)
class Needed:
    """How many customers of each arm a lift needs to be shown."""

    control: int
    treated: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """How many to hold out, and why.

    ``enough``: the least share, of those a wave of this size may have, that can show the lift that
    is wanted. ``not_enough``: even half cannot; ``smallest_lift`` is what the wave can show.
    """

    control_share: float
    control: int
    treated: int
    smallest_lift: float | None
    reason: Literal["enough", "not_enough"]


def smallest_lift(
    treated: int, control: int, base_rate: float, *, power: float = POWER
) -> float | None:
    """Which lift would these two arms show with 80 % power, at two-sided 5 %?

    The least *d* above 0 that is (z(0.975) + z(power)) standard errors, with the variance of two
    independent rates, not pooled: p0 (1 - p0) / control + p1 (1 - p1) / treated, p1 = p0 + d.

    Parameters
    ----------
    treated, control
        Customers in each arm, as they were drawn.
    base_rate
        Share that buys without being treated, 0 to 1.

    Returns
    -------
    Difference of two rates, above 0; null where an arm is empty, or where not even all of the
    treated buying would show.

    References
    ----------
    Chow, Shao and Wang (2008), Sample Size Calculations in Clinical Research, section 4.2: test for
    equality of two proportions, unequal allocation.

    Examples
    --------
    >>> round(smallest_lift(450, 50, 0.08), 3)
    0.12
    """
    if not treated or not control:
        return None
    k = _factor(power)
    # d^2 = k (p0 q0 / control + (p0 + d)(q0 - d) / treated) is quadratic in d.
    known = base_rate * (1 - base_rate) * (1 / control + 1 / treated)
    a, half_b = 1 + k / treated, k * (1 - 2 * base_rate) / treated / 2
    lift = (half_b + (half_b**2 + a * k * known) ** 0.5) / a
    return lift if base_rate + lift <= 1 else None


def customers_needed(
    base_rate: float, treated_rate: float, *, control_share: float, power: float = POWER
) -> Needed:
    """How many customers does a wave need to show this lift with 80 % power, at two-sided 5 %?

    The fewest whose split by the share, as the draw makes it, has the power; variance as in
    ``smallest_lift``.

    Parameters
    ----------
    base_rate, treated_rate
        Share that buys without and with treatment; they differ.
    control_share
        Above 0, below 1.

    Raises
    ------
    ValueError
        If the rates are equal, or the share is not between 0 and 1.

    Examples
    --------
    >>> customers_needed(0.08, 0.12, control_share=0.1)
    Needed(control=419, treated=3767)
    """
    if base_rate == treated_rate or not 0 < control_share < 1:
        raise ValueError("two different rates and a share between 0 and 1 are needed")
    of_control, of_treated = base_rate * (1 - base_rate), treated_rate * (1 - treated_rate)
    wanted = (treated_rate - base_rate) ** 2 / _factor(power)
    exact = (of_control / control_share + of_treated / (1 - control_share)) / wanted
    # Rounding moves the split by half a customer: begin where it cannot be enough.
    customers = max(2, floor(exact - 1 / min(control_share, 1 - control_share)))
    while True:
        control = control_total(customers, control_share)
        treated = customers - control
        if control and treated and of_control / control + of_treated / treated <= wanted:
            return Needed(control, treated)
        customers += 1


def proposed_share(
    customers: int, base_rate: float, *, wanted_lift: float = WANTED_LIFT
) -> Proposal:
    """Which share should a wave of this size hold out?

    Below 2,000 customers 30, 40 or 50 %, from there on 10 to 50 %: the least that can show the lift
    that is wanted; half where none can, because equal arms show the most.

    Parameters
    ----------
    customers
        Those who may be drawn.
    base_rate
        Share that buys without being treated.
    wanted_lift
        The least lift that would be worth knowing of.

    Examples
    --------
    >>> proposed_share(10_000, 0.08).control_share, proposed_share(500, 0.08).control_share
    (0.1, 0.5)
    """
    shares = (0.3, 0.4, 0.5) if customers < SMALL_WAVE else (0.1, 0.2, 0.3, 0.4, 0.5)
    made = [_split(customers, share, base_rate, wanted_lift) for share in shares]
    return next((each for each in made if each.reason == "enough"), made[-1])


def _split(customers: int, share: float, base_rate: float, wanted_lift: float) -> Proposal:
    control = control_total(customers, share)
    lift = smallest_lift(customers - control, control, base_rate)
    is_enough = lift is not None and lift <= wanted_lift
    reason = "enough" if is_enough else "not_enough"
    return Proposal(share, control, customers - control, lift, reason)


def _factor(power: float) -> float:
    return (Z + NormalDist().inv_cdf(power)) ** 2
