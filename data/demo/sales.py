"""Who sells what, where and on which promotion: the orders behind visits, before their money."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from data.demo import columns
from data.demo.company import SHARES, Staff
from data.demo.people import APP, BRANCH, ONLINE, PHONE, People
from data.demo.plan import Plan, Role
from data.demo.visits import CAR, INSURANCE, MAINTENANCE, REPAIR, SHOP, Visits

TRAP = 0  # the promotion that buys one-off customers
TRAP_NAME = "99元首保 First service for 99"
TRAP_DISCOUNT = 0.79
TRAP_AMOUNT = 9_900  # hundredths of a yuan, whatever the list price of the year
OWN_ADVISER = 0.45  # share of branch orders that the customer's own adviser serves
RESIGNED_SERVES = 0.95
_WITHOUT_CUSTOMER = 0.10  # counter sales without a customer, per customer of the chunk
# name, kind, first and last day within the year, discount, share of orders within it, visit kinds
_YEARLY = (
    ("春节养护 Spring Festival care", "service", (1, 4), (1, 28), 0.12, 0.22, (MAINTENANCE,)),
    ("夏日清凉 Summer cool-down", "service", (7, 1), (7, 21), 0.10, 0.20, (MAINTENANCE, REPAIR)),
    ("双十一商城 Double Eleven shop", "shop", (11, 1), (11, 11), 0.18, 0.45, (SHOP,)),
    ("年终购车节 Year-end car days", "sales", (12, 10), (12, 31), 0.015, 0.60, (CAR,)),
)


@dataclass(frozen=True)
class Promotion:
    """A promotion: days ``first`` to ``stop`` (not included), discount, share of the orders."""

    name: str
    kind: str
    first: int
    stop: int
    discount: float
    share: float
    kinds: tuple[int, ...]


@dataclass
class Sales:
    """Orders ``(m,)`` by time; ``customer`` is the place in the chunk, -1 without one."""

    customer: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    is_first: np.ndarray
    is_batch: np.ndarray
    role: np.ndarray
    branch: np.ndarray
    channel: np.ndarray
    employee: np.ndarray
    promotion: np.ndarray  # place in the list of promotions, -1 without one
    chunk: int

    @property
    def number(self) -> np.ndarray:
        """Numbers of the orders, different in every chunk."""
        return self.chunk * 10_000_000 + np.arange(len(self.day))


def promotions(plan: Plan) -> list[Promotion]:
    """Return the promotions of the history; the first is the one that buys one-off customers."""
    first, stop = plan.promotion_days
    found = [Promotion(TRAP_NAME, "new_customers", first, stop, TRAP_DISCOUNT, 0.0, ())]
    for year in range(plan.date_of(0).year, plan.data_date.year + 1):
        for name, kind, start, end, discount, share, kinds in _YEARLY:
            begins, ends = plan.day_of(date(year, *start)), plan.day_of(date(year, *end)) + 1
            if begins >= 0 and begins < plan.end:
                label = f"{year} {name}"
                found.append(Promotion(label, kind, begins, ends, discount, share, kinds))
    return found


def promotion_table(plan: Plan) -> pa.Table:
    """Return the rows of ``promotions``; a promotion that still runs ends with the books."""
    every = promotions(plan)
    stop = np.array([promotion.stop for promotion in every])
    cost = np.array([promotion.share + 0.2 for promotion in every]) * plan.customers * 120
    return columns.table(
        "promotions",
        promotion_id=promotion_ids(np.arange(len(every))),
        name=pa.array([promotion.name for promotion in every]),
        kind=pa.array([promotion.kind for promotion in every]),
        started_on=columns.days(np.array([p.first for p in every]), plan.origin),
        ended_on=columns.days(stop - 1, plan.origin, stop <= plan.end),
        cost=columns.money(np.round(cost) * 100),
    )


def promotion_ids(place: np.ndarray) -> pa.Array:
    """Return the ids of promotions, such as A003; null where below 0."""
    return columns.ids("A", np.maximum(place, 0) + 1, 3, place >= 0)


def sales(
    plan: Plan, crew: Staff, crowd: People, known: Visits, chunk: int, random: np.random.Generator
) -> Sales:
    """Return one order for each visit, and some without a customer, sorted by time."""
    extra = int(len(crowd.index) * _WITHOUT_CUSTOMER)
    customer = np.concatenate([known.customer, np.full(extra, -1)])
    day = np.concatenate([known.day, np.floor(random.random(extra) * plan.end) + 0.52])
    kind = np.concatenate([known.kind, np.full(extra, SHOP, np.int8)])
    is_first = np.concatenate([known.is_first, np.zeros(extra, bool)])
    is_batch = np.concatenate([known.is_batch, np.zeros(extra, bool)])
    by_time = np.argsort(day, kind="stable")
    customer, day, kind = customer[by_time], day[by_time], kind[by_time]
    role = np.where(customer >= 0, crowd.role[customer], Role.ORDINARY)
    count = len(day)
    branch = np.where(
        (customer >= 0) & (random.random(count) > 0.03),
        crowd.branch_on(customer, day),
        np.searchsorted(np.cumsum(SHARES), random.random(count), side="right").clip(max=11),
    )
    tied = np.isin(role, (Role.RESIGNED, Role.DEPENDENT))
    branch = np.where(tied, crowd.branch_on(customer, day), branch)
    channel = _channel(crowd, customer, kind, role, random)
    day = _evening(day, channel, random)
    found = Sales(
        customer, day, kind, is_first[by_time], is_batch[by_time], role, branch, channel,
        np.zeros(count, np.int64), np.full(count, -1), chunk,
    )  # fmt: skip
    found.employee = _employee(plan, crew, crowd, found, random)
    found.promotion = _promotion(plan, found, random)
    return found


def handler(
    plan: Plan,
    crew: Staff,
    crowd: People,
    customer: np.ndarray,
    day: np.ndarray,
    own_share: float,
    random: np.random.Generator,
) -> np.ndarray:
    """Return who deals with customers on days: their own adviser, or another of the branch.

    Parameters
    ----------
    customer, day
        Place in the chunk, -1 without one, and day, ``(m,)``.
    own_share
        Share that falls to the own adviser; more for the stories of dependence.
    """
    count = len(customer)
    role = np.where(customer >= 0, crowd.role[customer], Role.ORDINARY)
    own = np.where(customer >= 0, crowd.manager_on(customer, day), -1)
    branch = np.where(customer >= 0, crowd.branch_on(customer, day), -1)
    somewhere = np.searchsorted(np.cumsum(SHARES), random.random(count), side="right").clip(max=11)
    branch = np.where(branch >= 0, branch, somewhere)
    share = np.full(count, own_share)
    share[(role == Role.RESIGNED) & (day < plan.left_on + 1)] = RESIGNED_SERVES
    share[role == Role.DEPENDENT] = 1.0
    other = crew.adviser_of(branch, random.random(count))
    return crew.at_work(np.where((own >= 0) & (random.random(count) < share), own, other), day)


def _channel(
    crowd: People,
    customer: np.ndarray,
    kind: np.ndarray,
    role: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    count, own = len(kind), crowd.channel[customer]
    drawn = random.random(count)
    channel = np.full(count, BRANCH, np.int8)
    insurance = np.array([BRANCH, PHONE, APP, ONLINE])[np.searchsorted([0.40, 0.72, 0.92], drawn)]
    channel = np.where(kind == INSURANCE, insurance, channel)
    channel = np.where((kind == SHOP) & (drawn < 0.75), own, channel)
    channel = np.where((kind == MAINTENANCE) & (drawn < 0.10), np.where(own, own, APP), channel)
    channel = np.where((role == Role.RESIGNED) & (drawn < 0.97), BRANCH, channel)
    return np.where((role == Role.DEPENDENT) | (customer < 0), BRANCH, channel)


def _evening(day: np.ndarray, channel: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Move what is bought online to the hours in which people do so."""
    distant = (channel == ONLINE) | (channel == APP)
    hour = (20.0 + random.standard_normal(len(day)) * 4.5) % 24
    return np.where(distant, np.floor(day) + hour / 24.001, day)


def _employee(
    plan: Plan, crew: Staff, crowd: People, found: Sales, random: np.random.Generator
) -> np.ndarray:
    count = len(found.day)
    served = handler(plan, crew, crowd, found.customer, found.day, OWN_ADVISER, random)
    seller = crew.consultant_of(found.branch, random.random(count))
    tied = np.isin(found.role, (Role.RESIGNED, Role.DEPENDENT))
    served = np.where((found.kind == CAR) & ~tied, seller, served)
    served = np.where((found.channel == PHONE) & ~tied, crew.agent(random.random(count)), served)
    served = np.where((found.channel == ONLINE) | (found.channel == APP), -1, served)
    return np.where((random.random(count) < 0.01) & ~tied, -1, served)


def _promotion(plan: Plan, found: Sales, random: np.random.Generator) -> np.ndarray:
    drawn = random.random(len(found.day))
    ordinary = (found.role == Role.ORDINARY) & ~found.is_batch
    promotion = np.where(found.is_first & (found.role == Role.PROMOTION), TRAP, -1)
    for place, offer in enumerate(promotions(plan)):
        inside = ordinary & (found.day >= offer.first) & (found.day < offer.stop)
        inside &= np.isin(found.kind, offer.kinds) & (drawn < offer.share)
        promotion = np.where(inside, place, promotion)
    return promotion
