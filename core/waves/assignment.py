"""Who is treated and who is held out: drawn before anybody is contacted."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

Arm = Literal["treated", "control", "exempt"]
Tier = int | None  # null: never had one


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where one customer of a wave stands; ``reason`` says why one is exempt, else null."""

    customer_key: int
    tier: Tier
    arm: Arm
    draw: str  # 16 hex digits; the lowest of a tier are its controls
    reason: str | None = None


def assign(
    tiers: Mapping[int, Tier],
    *,
    salt: str,
    control_share: float,
    exempt: Mapping[int, str] | None = None,
) -> list[Assignment]:
    """Which customers of a wave are treated, and which are held out as controls?

    Each customer's draw is the hash of the wave's salt and the customer's number in the books,
    which never changes; the lowest draws of each tier are its controls. So the same wave draws the
    same arms again, whatever the order of the customers, and another salt draws independently.
    Exempt customers, named with a reason, are in neither arm, and the others are drawn as if they
    were not there.

    Parameters
    ----------
    tiers
        ``customer_key`` -> tier, of everybody who qualifies.
    salt
        Text of the wave's own, not to be used again.
    control_share
        Share of customers held out, from 0 (nobody) to below 1.
    exempt
        ``customer_key`` -> reason.

    Returns
    -------
    One assignment per customer, by ``customer_key``; how many of each tier are controls is told by
    ``controls_by_tier``.

    Raises
    ------
    ValueError
        If the salt is empty, or the share is not from 0 to below 1.

    References
    ----------
    Definitions: winback_rate, lift.

    Examples
    --------
    >>> drawn = assign({1: 4, 2: 4, 3: 4}, salt="w1", control_share=0.5, exempt={3: "in dispute"})
    >>> sorted(each.arm for each in drawn)
    ['control', 'exempt', 'treated']
    """
    if not salt:
        raise ValueError("a wave needs a salt of its own")
    exempt = exempt or {}
    draws = {key: _draw(salt, key) for key in sorted(tiers)}
    of_tier: dict[Tier, list[int]] = {}
    for key in draws:
        if key not in exempt:
            of_tier.setdefault(tiers[key], []).append(key)
    controls = controls_by_tier({t: len(found) for t, found in of_tier.items()}, control_share)
    held_out = {
        key
        for tier, found in of_tier.items()
        for key in sorted(found, key=draws.__getitem__)[: controls[tier]]
    }
    return [
        Assignment(key, tiers[key], _arm(key, exempt, held_out), draw, exempt.get(key))
        for key, draw in draws.items()
    ]


def controls_by_tier(sizes: Mapping[Tier, int], control_share: float) -> dict[Tier, int]:
    """How many of each tier are held out, so that the share is right for the whole wave?

    The whole wave holds out ``control_total``; tiers share it by their size, the largest remainders
    rounded up (of equal ones, the upper tier). But each tier of two customers or more has at least
    one control and one treated customer, else it says nothing about the lift; what that takes too
    much, the largest tiers give. Where all are tiny, it may hold out more than the share. A tier of
    one customer is always treated.

    Parameters
    ----------
    sizes
        Tier -> customers who may be drawn.
    control_share
        From 0 (nobody is held out) to below 1.

    Returns
    -------
    Tier -> controls.

    Raises
    ------
    ValueError
        If the share is not from 0 to below 1.

    Examples
    --------
    >>> controls_by_tier({1: 2, 2: 8, 3: 30, 4: 60}, 0.1)
    {1: 1, 2: 1, 3: 3, 4: 5}
    """
    if not 0 <= control_share < 1:
        raise ValueError(f"a control share of {control_share}; it is from 0 to below 1")
    counts = dict.fromkeys(sizes, 0)
    drawn = sorted((t for t in sizes if sizes[t] > 1), key=lambda t: (t is None, t or 0))
    if not drawn or not control_share:
        return counts
    total = control_total(sum(sizes.values()), control_share)
    every = sum(sizes[tier] for tier in drawn)
    quota = {tier: total * sizes[tier] / every for tier in drawn}
    counts |= {tier: min(max(int(quota[tier]), 1), sizes[tier] - 1) for tier in drawn}
    while sum(counts.values()) < total:
        free = [tier for tier in drawn if counts[tier] < sizes[tier] - 1]
        if not free:
            break
        counts[max(free, key=lambda tier: quota[tier] - counts[tier])] += 1
    while sum(counts.values()) > total:
        above = [tier for tier in drawn if counts[tier] > 1]
        if not above:
            break
        counts[min(above, key=lambda tier: (quota[tier] - counts[tier], -sizes[tier]))] -= 1
    return counts


def control_total(customers: int, control_share: float) -> int:
    """How many of a wave are held out: the share, to the nearest whole customer."""
    return round(customers * control_share)


def _draw(salt: str, customer_key: int) -> str:
    return sha256(f"{salt}:{customer_key}".encode()).hexdigest()[:16]


def _arm(key: int, exempt: Mapping[int, str], held_out: set[int]) -> Arm:
    if key in exempt:
        return "exempt"
    return "control" if key in held_out else "treated"
