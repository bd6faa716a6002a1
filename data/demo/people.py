"""Who the customers of a chunk are: kind, place, manager, level, and how they tend to behave."""

from dataclasses import dataclass

import numpy as np

from data.demo.company import (
    BINJIANG,
    CHAOYANG,
    HANDED_OVER_BEFORE,
    MANAGED_SHARE,
    SHARES,
    SIMING,
    TAKEN_OVER_AFTER,
    Staff,
)
from data.demo.plan import Plan, Role

PRIVATE, FLEET, PREMIUM = range(3)
SEGMENTS = ("private", "fleet", "premium")
LEVELS = ("none", "silver", "gold", "platinum")
CHANNELS = ("branch", "online", "phone", "app")
BRANCH, ONLINE, PHONE, APP = range(4)
NEVER = 1_000_000
_GROWTH = 0.008  # new customers grow by this share a month
_SEASON = np.array([1.15, 0.85, 0.95, 1.0, 1.05, 1.0, 0.95, 0.9, 1.05, 1.05, 1.05, 1.15])


@dataclass
class People:
    """Customers of one chunk, every array ``(n,)``; days count from the start of the history.

    ``level``, ``branch`` and ``manager`` have a first and a second column, ``(n, 2)``: the value
    before and from ``level_day``, ``branch_day`` and ``manager_day``.
    """

    index: np.ndarray
    role: np.ndarray
    is_taken: np.ndarray  # follows the adviser who resigns
    is_company: np.ndarray
    segment: np.ndarray
    is_shopper: np.ndarray
    is_prospect: np.ndarray
    joined: np.ndarray
    vehicles: np.ndarray
    channel: np.ndarray
    branch: np.ndarray
    branch_day: np.ndarray
    manager: np.ndarray
    manager_day: np.ndarray
    level: np.ndarray
    level_day: np.ndarray
    rate: np.ndarray  # occasions a year, (n, 3): maintenance, shop, repair
    dropout: np.ndarray  # probability of leaving after a visit
    mood: np.ndarray  # standard normal: how content the customer is by nature

    def branch_on(self, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return the branch of customers on days."""
        return self.branch[customer, (day >= self.branch_day[customer]).astype(int)]

    def manager_on(self, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return the manager of customers on days; -1 without one."""
        return self.manager[customer, (day >= self.manager_day[customer]).astype(int)]

    def level_on(self, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return the membership level of customers on days, 0 to 3."""
        return self.level[customer, (day >= self.level_day[customer]).astype(int)]


def people(plan: Plan, crew: Staff, chunk: int, random: np.random.Generator) -> People:
    """Return the customers of a chunk."""
    index = plan.indices(chunk)
    count, role = len(index), plan.roles(index)
    known_before = np.isin(role, (Role.NEGATIVE, Role.RESIGNED, Role.HANDED_OVER, Role.DEPENDENT))
    is_company = (random.random(count) < 0.06) & ((role == Role.ORDINARY) | known_before)
    is_premium = (random.random(count) < 0.09) & ~is_company
    is_company |= (role == Role.DEPENDENT) & (index % 2 == 0)
    is_premium |= (role == Role.DEPENDENT) & ~is_company
    segment = np.where(is_company, FLEET, np.where(is_premium, PREMIUM, PRIVATE)).astype(np.int8)
    ordinary = (role == Role.ORDINARY) | (role == Role.DUPLICATE)
    is_shopper = (random.random(count) < 0.17) & ordinary & (segment == PRIVATE)
    is_prospect = (random.random(count) < 0.035) & (role == Role.ORDINARY)
    joined = _joined(plan, random, role, known_before, is_prospect)
    vehicles = np.where(is_company, 2 + (random.pareto(1.35, count) * 3).astype(int).clip(0, 58), 1)
    rate = _rates(random, role, segment, is_shopper, vehicles)
    branch, branch_day = _branches(plan, random, index, role, joined)
    manager, manager_day = _managers(plan, crew, random, role, is_shopper, branch, branch_day)
    level, level_day = _levels(plan, random, rate.sum(axis=1), joined)
    channel = np.searchsorted([0.66, 0.80, 0.87], random.random(count)).astype(np.int8)
    channel = np.where(is_shopper, np.where(random.random(count) < 0.65, ONLINE, APP), channel)
    channel[role == Role.DEPENDENT] = BRANCH
    dropout = random.beta(0.8, 6.2, count) + 0.01
    dropout[is_shopper] += 0.05
    dropout[segment != PRIVATE] *= 0.5
    dropout[(role == Role.DEPENDENT) | (role == Role.NEGATIVE)] = 0.0
    return People(
        index, role, plan.is_taken(index), is_company, segment, is_shopper,
        is_prospect, joined, vehicles, channel, branch, branch_day, manager, manager_day, level,
        level_day, rate, dropout, random.standard_normal(count),
    )  # fmt: skip


def _joined(
    plan: Plan,
    random: np.random.Generator,
    role: np.ndarray,
    known_before: np.ndarray,
    is_prospect: np.ndarray,
) -> np.ndarray:
    count = len(role)
    starts = np.array([plan.start_of(month) for month in range(1, plan.months + 2)] + [plan.end])
    months = np.arange(plan.months + 1)
    season = _SEASON[[plan.first_of(int(month) + 1).month - 1 for month in months]]
    weight = np.cumsum(np.diff(starts) * season * (1 + _GROWTH) ** months)
    inside = np.interp(random.random(count), np.append(0, weight) / weight[-1], starts)
    before = -1 - random.random(count) ** 1.3 * 2_200
    first, last = plan.promotion_days
    on_promotion = first + random.random(count) * (last - first)
    # about 40 % were there before; prospects came later than the others
    was_there = known_before | ((random.random(count) < 0.40) & ~is_prospect)
    day = np.where(was_there, before, inside)
    day = np.where(role == Role.PROMOTION, on_promotion, day)
    return np.floor(day).clip(-2_400, plan.end - 1).astype(np.int64)


def _rates(
    random: np.random.Generator,
    role: np.ndarray,
    segment: np.ndarray,
    is_shopper: np.ndarray,
    vehicles: np.ndarray,
) -> np.ndarray:
    count = len(role)
    maintenance = random.gamma(12.0, 2.25 / 12.0, count)
    shop = random.gamma(0.9, 1.1 / 0.9, count)
    repair = random.gamma(1.5, 0.3 / 1.5, count)
    loyal = np.isin(role, (Role.RESIGNED, Role.HANDED_OVER, Role.NEGATIVE))
    maintenance = np.where(loyal, np.maximum(maintenance, 2.0), maintenance)
    shop = np.where(role == Role.NEGATIVE, np.maximum(shop, 2.5), shop)
    busy = np.where(segment == FLEET, vehicles.clip(1, 24) ** 0.55, 1.0)
    busy = np.where(role == Role.DEPENDENT, np.maximum(busy, 3.5), busy)
    maintenance, repair = np.maximum(maintenance, 1.5) * busy, repair * busy
    maintenance, repair = np.where(is_shopper, 0.0, maintenance), np.where(is_shopper, 0.0, repair)
    shop = np.where(is_shopper, random.gamma(1.6, 2.2 / 1.6, count) + 1.9, shop)
    return np.stack([maintenance, shop, repair], axis=1)


def _branches(
    plan: Plan,
    random: np.random.Generator,
    index: np.ndarray,
    role: np.ndarray,
    joined: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    count = len(index)
    shares = np.cumsum(SHARES)
    first = np.searchsorted(shares, random.random(count), side="right").clip(max=11)
    second = np.searchsorted(shares, random.random(count), side="right").clip(max=11)
    boutique = plan.in_boutique(index)
    first = np.where(boutique, SIMING, first)
    first = np.where(role == Role.RESIGNED, BINJIANG, first)
    first = np.where(role == Role.HANDED_OVER, CHAOYANG, first)
    moves = (random.random(count) < 0.06) & (role == Role.ORDINARY) & ~boutique
    moves &= second != first
    day = np.maximum(joined, 0) + random.random(count) * (plan.end - np.maximum(joined, 0))
    moves &= day > joined + 30
    second = np.where(moves, second, first)
    return np.stack([first, second], axis=1), np.where(moves, day, NEVER).astype(np.int64)


def _managers(
    plan: Plan,
    crew: Staff,
    random: np.random.Generator,
    role: np.ndarray,
    is_shopper: np.ndarray,
    branch: np.ndarray,
    branch_day: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    count = len(role)
    own = crew.adviser_of(branch[:, 0], random.random(count))
    later = crew.adviser_of(branch[:, 1], random.random(count))
    # shoppers have none, nor some of the others: together the share that is not managed
    without = is_shopper | (random.random(count) < 1 - MANAGED_SHARE / 0.83)
    without &= ~np.isin(role, (Role.RESIGNED, Role.HANDED_OVER, Role.DEPENDENT))
    moves = (random.random(count) < 0.09) & (role == Role.ORDINARY)
    day = np.where(branch_day < NEVER, branch_day, random.random(count) * plan.end)
    moves |= branch_day < NEVER
    for story, leaver, handed_on in (
        (Role.RESIGNED, crew.resigned, plan.left_on + TAKEN_OVER_AFTER),
        (Role.HANDED_OVER, crew.handed_over, plan.handed_over_on - HANDED_OVER_BEFORE),
    ):
        inside = role == story
        own, later = np.where(inside, leaver, own), np.where(inside, crew.successor[leaver], later)
        moves, day = moves | inside, np.where(inside, handed_on, day)
    own = np.where(role == Role.DEPENDENT, crew.dependent, own)
    moves &= (later != own) & ~without
    later = np.where(moves, later, own)
    pair = np.stack([own, later], axis=1)
    pair[without] = -1
    return pair, np.where(moves, day, NEVER).astype(np.int64)


def _levels(
    plan: Plan, random: np.random.Generator, rate: np.ndarray, joined: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    count = len(rate)
    drawn = (rate - 3.2) / 1.8 + random.standard_normal(count)
    final = np.searchsorted([-0.3, 1.0, 2.1], drawn)
    before = np.maximum(final - 1, 0)
    before = np.where((random.random(count) < 0.06) & (final > 0), np.minimum(final + 1, 3), before)
    start = np.maximum(joined, -200)
    day = start + 60 + random.random(count) * 700
    steady = (final == before) | (day >= plan.end) | (random.random(count) < 0.35)
    level = np.stack([np.where(steady, final, before), final], axis=1)
    level[day >= plan.end] = before[day >= plan.end, None]
    return level.astype(np.int8), np.where(steady, NEVER, day).astype(np.int64)
