"""Prospects and their way to a car, and who recommended whom."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.demo import catalogue, columns
from data.demo.company import SHARES, Staff
from data.demo.people import People
from data.demo.plan import Plan, Role
from data.demo.sales import Sales
from data.demo.visits import CAR

SOURCES = ("walk_in", "website", "phone", "referral", "livestream", "service_visit", "auto_show")
_SHARES = np.cumsum([0.30, 0.24, 0.10, 0.12, 0.14, 0.10])
SHOW = SOURCES.index("auto_show")
SHOW_SHARE = 0.01  # leads of the show, as a share of the customers
STAGES = ("new", "contacted", "trial", "negotiation", "won", "lost")
LOST_REASONS = ("price", "competitor", "postponed", "no_answer", "finance_refused")
_NEVER = np.inf


@dataclass
class Leads:
    """Leads ``(k,)``; times in days, infinity where a stage was not reached."""

    customer: np.ndarray
    created: np.ndarray
    source: np.ndarray
    contacted: np.ndarray
    trial: np.ndarray
    talks: np.ndarray
    won: np.ndarray
    lost: np.ndarray
    employee: np.ndarray
    product: np.ndarray
    is_company: np.ndarray
    is_returning: np.ndarray


def leads(
    plan: Plan, crew: Staff, crowd: People, sold: Sales, random: np.random.Generator
) -> Leads:
    """Return the leads: behind most cars sold, behind prospects, and of people not yet known."""
    car = (sold.kind == CAR) & (sold.customer >= 0) & (random.random(len(sold.day)) < 0.8)
    bought = np.flatnonzero(car & (sold.day > 45))
    prospects = np.flatnonzero(crowd.is_prospect)
    count = len(crowd.index)
    strangers = int(count * 0.36)
    shown = plan.share_between(int(crowd.index[0]), int(crowd.index[-1]) + 1, SHOW_SHARE)
    none = np.full(strangers + shown, -1)
    customer = np.concatenate([sold.customer[bought], prospects, none])
    size = len(customer)
    won = np.full(size, _NEVER)
    won[: len(bought)] = sold.day[bought]
    created = np.concatenate(
        [
            sold.day[bought] - 1 - random.gamma(2.0, 9.0, len(bought)).clip(max=40),
            crowd.joined[prospects] + 0.45,
            np.floor(random.random(strangers) * plan.end) + 0.4 + random.random(strangers) * 0.3,
            _show(plan, random, shown),
        ]
    )
    source = np.searchsorted(_SHARES, random.random(size)).clip(max=5)
    source[size - shown :] = SHOW
    branch = np.where(
        customer >= 0,
        crowd.branch[customer, 0],
        np.searchsorted(np.cumsum(SHARES), random.random(size), side="right").clip(max=11),
    )
    returning = np.zeros(size, bool)
    returning[: len(bought)] = ~sold.is_first[bought]
    returning[size - strangers - shown :] = random.random(strangers + shown) < 0.08
    company = np.where(customer >= 0, crowd.is_company[customer], random.random(size) < 0.12)
    contacted, trial, talks, lost = _stages(random, created, won, source)
    return Leads(
        customer, _in_hours(created), source, contacted, trial, talks, won, lost,
        crew.consultant_of(branch, random.random(size)),
        catalogue.pick(random.random(size), catalogue.CARS), company, returning,
    )  # fmt: skip


def lead_tables(
    plan: Plan, crowd: People, found: Leads, chunk: int, random: np.random.Generator
) -> dict[str, pa.Table]:
    """Return the rows of ``leads`` and ``lead_stages``."""
    count = len(found.created)
    number = chunk * 1_000_000 + np.arange(count)
    index = np.where(found.customer >= 0, crowd.index[found.customer], -1)
    reason = (random.random(count) * len(LOST_REASONS)).astype(int)
    table = columns.table(
        "leads",
        lead_id=columns.ids("L", number, 9),
        customer_id=columns.customers(index),
        created_at=columns.moments(found.created, plan.origin),
        source=columns.choices(SOURCES, found.source),
        employee_id=columns.employees(found.employee),
        product_id=catalogue.product_ids(found.product),
        trial_at=columns.moments(found.trial, plan.origin, found.trial < plan.end),
        converted_at=columns.moments(found.won, plan.origin, found.won < plan.end),
        lost_at=columns.moments(found.lost, plan.origin, found.lost < plan.end),
        lost_reason=columns.choices(LOST_REASONS, reason, found.lost < plan.end),
        buyer_kind=columns.choices(("person", "company"), found.is_company.astype(int)),
        is_returning=columns.booleans(found.is_returning),
    )
    times = (found.created, found.contacted, found.trial, found.talks, found.won, found.lost)
    reached = [np.flatnonzero(time < plan.end) for time in times]
    which = np.concatenate(reached)
    stage = np.repeat(np.arange(len(times)), [len(place) for place in reached])
    moved = np.concatenate([time[place] for time, place in zip(times, reached, strict=True)])
    stages = columns.table(
        "lead_stages",
        lead_id=columns.ids("L", number[which], 9),
        moved_at=columns.moments(moved, plan.origin),
        stage=columns.choices(STAGES, stage),
        employee_id=columns.employees(found.employee[which]),
    )
    return {"leads": table, "lead_stages": stages}


def referral_table(
    plan: Plan, crew: Staff, crowd: People, chunk: int, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``referrals``: some of those recommended became customers."""
    drawn = random.random(len(crowd.index))
    came = (crowd.joined >= 30) & (drawn < 0.06) & ~crowd.is_company
    came &= (crowd.role == Role.ORDINARY) | (crowd.role == Role.PROMOTION)
    new = np.flatnonzero(came)
    others = int(len(crowd.index) * 0.02)
    referred = np.concatenate(
        [
            crowd.joined[new] - np.floor(random.random(len(new)) * 30),
            np.floor(random.random(others) * plan.end),
        ]
    )
    # whoever recommends was a customer before: the next one in the list who was
    giver = _earlier_customer(crowd, referred, random)
    kept = giver >= 0
    whom = np.concatenate([crowd.index[new], np.full(others, -1)])
    employee = crowd.manager_on(np.maximum(giver, 0), referred)
    employee = crew.at_work(employee, referred)
    count = len(giver)
    return columns.table(
        "referrals",
        referral_id=columns.ids("F", chunk * 1_000_000 + np.arange(count), 9),
        customer_id=columns.customers(crowd.index[np.maximum(giver, 0)]),
        referred_customer_id=columns.customers(whom),
        employee_id=columns.employees(employee),
        referred_on=columns.days(referred, plan.origin),
    ).filter(pa.array(kept))


def _earlier_customer(crowd: People, day: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a contented customer who joined before each day, -1 where there is none."""
    happy = np.flatnonzero((crowd.mood > 0.2) & ~crowd.is_prospect & (crowd.role == Role.ORDINARY))
    happy = happy[np.argsort(crowd.joined[happy], kind="stable")]
    before = np.searchsorted(crowd.joined[happy], day - 30)
    picked = (random.random(len(day)) * before).astype(np.int64)
    return np.where(before > 0, happy[np.minimum(picked, len(happy) - 1)], -1)


def _show(plan: Plan, random: np.random.Generator, count: int) -> np.ndarray:
    start, stop = plan.show_days
    return np.floor(start + random.random(count) * (stop - start)) + 0.4 + random.random(count) / 4


def _in_hours(day: np.ndarray) -> np.ndarray:
    """Squeeze times of day into opening hours, 8:30 to 18:30, in their order."""
    return np.floor(day) + (8.5 + day % 1 * 10) / 24


def _stages(
    random: np.random.Generator,
    created: np.ndarray,
    won: np.ndarray,
    source: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return when leads were contacted, tried a car, negotiated and were given up."""
    count = len(created)
    is_won = won < _NEVER
    touched = (is_won | (random.random(count) < 0.93)) & (source != SHOW)
    # those who bought went through the stages before the day they bought
    room = np.where(is_won, np.floor(np.where(is_won, won, 0.0)) - created, 25.0)
    spans = np.sort(random.random((count, 3)), axis=1)
    steps = _in_hours(created[:, None] + room[:, None] * (0.03 + 0.94 * spans))
    steps += np.arange(1, 4) * 90 / 86_400
    contacted = np.where(touched, steps[:, 0], _NEVER)
    tries = np.where(is_won, random.random(count) < 0.82, random.random(count) < 0.34) & touched
    talks = np.where(is_won, True, tries & (random.random(count) < 0.4)) & touched
    lost = np.where(
        touched & ~is_won & (random.random(count) < 0.86),
        _in_hours(created + 27 + random.gamma(2.0, 15.0, count)),
        _NEVER,
    )
    return (
        contacted,
        np.where(tries, steps[:, 1], _NEVER),
        np.where(talks, steps[:, 2], _NEVER),
        lost,
    )
