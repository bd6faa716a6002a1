"""Costs of service, points, stated reasons of the lost, and the company's own small tables."""

import numpy as np
import pyarrow as pa

from data.demo import columns
from data.demo.names import DEPARTED
from data.demo.people import People
from data.demo.plan import Plan, Role
from data.demo.sales import Sales

COST_PURPOSES = ("courtesy_car", "goodwill", "pick_up", "extra_work", "handling_of_returns")
POINT_REASONS = ("purchase", "gift", "referral", "expired")
CAUSES = (
    "product_quality", "service_quality", "innovation", "market_control", "employee_left",
    "new_temptation", "new_demand", "inner_change", "unknown",
)  # fmt: skip
_CAUSE_SHARES = np.cumsum([0.14, 0.17, 0.05, 0.10, 0.0, 0.20, 0.08, 0.14, 0.12])
EMPLOYEE_LEFT = CAUSES.index("employee_left")
NAMED_LEAVING = 0.45  # of those who followed the adviser are known to have
_CURRENCIES = (("USD", 7.15), ("EUR", 7.80), ("HKD", 0.915))


def service_cost_table(
    plan: Plan, crowd: People, sold: Sales, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``service_costs``: some visits cost extra, each of some customers."""
    costly = sold.role == Role.NEGATIVE
    drawn = random.random(len(sold.day))
    place = np.flatnonzero((sold.customer >= 0) & (costly | (drawn < 0.05)))
    amount = np.round(
        np.where(costly[place], 90 + 310 * drawn[place], 8 + 50 * random.random(len(place)))
    )
    purpose = (random.random(len(place)) * len(COST_PURPOSES)).astype(int)
    return columns.table(
        "service_costs",
        cost_id=columns.ids("U", sold.number[place], 10),
        customer_id=columns.customers(crowd.index[sold.customer[place]]),
        incurred_on=columns.days(sold.day[place], plan.origin),
        amount=columns.money(amount * 100),
        purpose=columns.choices(COST_PURPOSES, purpose),
    )


def point_table(
    plan: Plan,
    crowd: People,
    sold: Sales,
    amount: np.ndarray,
    random: np.random.Generator,
) -> pa.Table:
    """Return the rows of ``points``: members earn a point for ten yuan and spend some of them."""
    member = (sold.customer >= 0) & (crowd.level_on(sold.customer, sold.day) > 0)
    earns = np.flatnonzero(member & (amount >= 1_000))
    spends = earns[random.random(len(earns)) < 0.09]
    place = np.concatenate([earns, spends])
    points = np.floor(amount[place] / 1_000).clip(max=5_000)
    points[len(earns) :] = -np.ceil(points[len(earns) :] * 0.6)
    reason = np.repeat([0, 1], [len(earns), len(spends)])
    return columns.table(
        "points",
        point_id=pa.chunked_array(
            [columns.ids("N", sold.number[earns], 10), columns.ids("G", sold.number[spends], 10)]
        ).combine_chunks(),
        customer_id=columns.customers(crowd.index[sold.customer[place]]),
        booked_on=columns.days(sold.day[place], plan.origin),
        points=columns.numbers(points),
        reason=columns.choices(POINT_REASONS, reason),
    )


def departure_table(
    plan: Plan,
    crowd: People,
    last_visit: np.ndarray,
    unhappy: np.ndarray,
    chunk: int,
    random: np.random.Generator,
) -> pa.Table:
    """Return the rows of ``departures``: what some of those who stayed away said of it.

    Parameters
    ----------
    last_visit
        Time of the last visit ``(n,)``; -infinity for prospects.
    unhappy
        Whether the last complaint was followed by no visit ``(n,) bool``.
    """
    count = len(last_visit)
    taken = crowd.is_taken
    stated = last_visit + 120 + random.random(count) * 150
    stated = np.where(taken, np.maximum(last_visit, plan.left_on) + 20 + random.random(count) * 90,
                      stated)  # fmt: skip
    gone = (last_visit < plan.end - 400) & np.isfinite(last_visit) & (last_visit >= 0)
    asked = np.where(taken, NAMED_LEAVING, np.where(unhappy, 0.5, 0.22))
    here = np.flatnonzero((gone | taken) & (random.random(count) < asked) & (stated < plan.end))
    cause = np.searchsorted(_CAUSE_SHARES, random.random(len(here))).clip(max=8)
    cause = np.where(unhappy[here], (random.random(len(here)) < 0.55).astype(int), cause)
    cause = np.where(taken[here], EMPLOYEE_LEFT, cause)
    evidence = np.where(random.random(len(here)) < 0.7, 0, 1)
    evidence = np.where(cause == len(CAUSES) - 1, 2, evidence)
    notes = [text for cause_name in CAUSES for text in DEPARTED[cause_name][:2]]
    note = cause * 2 + (random.random(len(here)) < 0.5)
    return columns.table(
        "departures",
        departure_id=columns.ids("W", chunk * 100_000 + np.arange(len(here)), 8),
        customer_id=columns.customers(crowd.index[here]),
        stated_on=columns.days(stated[here], plan.origin),
        cause=columns.choices(CAUSES, cause),
        evidence=columns.choices(("stated", "inferred", "none"), evidence),
        note=columns.choices(notes, note, evidence == 0),
    )


def spend_table(plan: Plan) -> pa.Table:
    """Return the rows of ``spend``: acquisition and retention in each month."""
    random = np.random.default_rng([plan.seed, 1_000_033])
    months = np.arange(1, plan.months + 2)
    starts = np.array([plan.start_of(int(month)) for month in months])
    wave = np.array([1 + 0.25 * (plan.first_of(int(m)).month in (1, 7, 11, 12)) for m in months])
    growth = 1 + 0.006 * months
    acquisition = 5.4 * plan.customers * wave * growth * random.uniform(0.9, 1.1, len(months))
    retention = 2.1 * plan.customers * wave * random.uniform(0.9, 1.1, len(months))
    return columns.table(
        "spend",
        month=columns.days(np.tile(starts, 2), plan.origin),
        purpose=columns.choices(("acquisition", "retention"), np.repeat([0, 1], len(months))),
        amount=columns.money(np.round(np.concatenate([acquisition, retention])) * 100),
    )


def rate_table(plan: Plan) -> pa.Table:
    """Return the rows of ``rates``, monthly."""
    random = np.random.default_rng([plan.seed, 1_000_037])
    starts = np.array([plan.start_of(month) for month in range(1, plan.months + 2)])
    walks = np.cumsum(random.normal(0, 0.006, (len(_CURRENCIES), len(starts))), axis=1)
    level = np.array([level for _, level in _CURRENCIES])
    return columns.table(
        "rates",
        currency=columns.choices(
            [name for name, _ in _CURRENCIES], np.repeat(np.arange(len(level)), len(starts))
        ),
        rate_on=columns.days(np.tile(starts, len(level)), plan.origin),
        rate=columns.numbers(np.round(level[:, None] * np.exp(walks), 4).ravel()),
    )
