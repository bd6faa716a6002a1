"""What goes wrong: complaints, how they are answered, and who leaves over them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.demo import catalogue, columns
from data.demo.company import BRANCHES, YUBEI
from data.demo.names import COMPLAINED
from data.demo.people import People
from data.demo.plan import Plan, Role
from data.demo.visits import CAR, INSURANCE, MAINTENANCE, REPAIR, SHOP, Visits, earliest, in_order

CATEGORIES = tuple(COMPLAINED)
_SHARES = np.cumsum([0.24, 0.26, 0.22, 0.16, 0.12])
QUALITY = 0
BATCH_SHARE = 0.30  # of the workshop visits of the month got pads of the bad batch
BATCH_COMPLAINS = 0.40
BATCH_FAST = 0.55
FAST_RETURNS = 0.90
SLOW_LEAVES = 0.80
SLOW_FACTOR = 7.0  # the slow branch answers later by this factor, at the median


@dataclass
class Complaints:
    """Complaints ``(m,)`` of a chunk; days carry the hour, infinity where it has not happened."""

    customer: np.ndarray
    visited: np.ndarray  # time of the visit complained of
    opened: np.ndarray
    answered: np.ndarray
    resolved: np.ndarray
    category: np.ndarray
    branch: np.ndarray
    is_batch: np.ndarray
    severity: np.ndarray

    def where(self, kept: np.ndarray) -> "Complaints":
        """Return the complaints for which ``kept`` ``(m,) bool`` holds."""
        return Complaints(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def complain(
    plan: Plan, crowd: People, known: Visits, random: np.random.Generator
) -> tuple[Visits, Complaints]:
    """Return the visits that remain, and the complaints.

    Some of those whose complaint was resolved slowly stay away afterwards; those whose bad brake
    pads were replaced fast come again.
    """
    _fit_batch(plan, crowd, known, random)
    found = _draw(plan, crowd, known, random)
    fast = found.resolved - found.opened <= 3
    role = crowd.role[found.customer]
    may_leave = (role == Role.ORDINARY) | (role == Role.DUPLICATE)
    late = found.answered - found.opened > 1
    chance = np.where(fast, 0.03, np.where(late, 0.30, 0.15))
    chance = np.where(found.is_batch, np.where(fast, 0.0, SLOW_LEAVES), chance)
    leaves = (random.random(len(chance)) < chance) & may_leave
    end = earliest(len(crowd.index), found.customer[leaves], found.opened[leaves])
    known = known.where(known.day <= end[known.customer])
    found = found.where(found.visited <= end[found.customer])
    return _return(plan, known, found, random), found.where(found.opened < plan.end)


def complaint_table(
    plan: Plan, crowd: People, found: Complaints, chunk: int, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``complaints``."""
    count = len(found.customer)
    said = [text for texts in COMPLAINED.values() for text in texts]
    first = np.cumsum([0, *(len(texts) for texts in COMPLAINED.values())])
    size = np.diff(first)[found.category]
    text = first[found.category] + (random.random(count) * size).astype(int)
    reopened = found.resolved + 2 + random.random(count) * 12
    again = (random.random(count) < 0.06) & (reopened < plan.end)
    paid = (random.random(count) < 0.25) & (found.resolved < plan.end)
    amount = np.round(random.gamma(2.0, 60.0, count) * found.severity) * 100
    is_product = found.is_batch | ((found.category == QUALITY) & (random.random(count) < 0.5))
    product = np.where(
        found.is_batch,
        catalogue.BATCH,
        catalogue.pick(random.random(count), catalogue.REPAIRS, catalogue.ACCESSORIES),
    )
    causes = ("bad_batch", "workmanship", "communication", "capacity", "price_display", "supplier")
    cause = np.where(found.is_batch, 0, 1 + (random.random(count) * 5).astype(int))
    has_cause = found.is_batch | (random.random(count) < 0.7)
    return columns.table(
        "complaints",
        complaint_id=columns.ids("K", chunk * 100_000 + np.arange(count), 8),
        customer_id=columns.customers(crowd.index[found.customer]),
        opened_at=columns.moments(found.opened, plan.origin),
        first_response_at=columns.moments(found.answered, plan.origin, found.answered < plan.end),
        resolved_at=columns.moments(found.resolved, plan.origin, found.resolved < plan.end),
        reopened_at=columns.moments(reopened, plan.origin, again),
        category=columns.choices(CATEGORIES, found.category),
        cause=columns.choices(causes, cause, has_cause),
        severity=columns.integers(found.severity),
        compensation=columns.money(amount, paid),
        product_id=catalogue.product_ids(product, is_product),
        branch=columns.choices(BRANCHES, found.branch),
        text=columns.choices(said, text, random.random(count) < 0.9),
    )


def _fit_batch(plan: Plan, crowd: People, known: Visits, random: np.random.Generator) -> None:
    start, stop = plan.accident_days
    workshop = (known.kind == MAINTENANCE) | (known.kind == REPAIR)
    exposed = workshop & (known.day >= start) & (known.day < stop)
    exposed &= crowd.role[known.customer] == Role.ORDINARY
    known.is_batch |= exposed & (random.random(len(known.day)) < BATCH_SHARE)


def _draw(plan: Plan, crowd: People, known: Visits, random: np.random.Generator) -> Complaints:
    """Draw complaints on visits; those on the bad batch are about quality."""
    base = np.zeros(5)
    base[[MAINTENANCE, SHOP, REPAIR, INSURANCE, CAR]] = 0.018, 0.012, 0.035, 0.006, 0.04
    chance = base[known.kind] * np.exp(-0.45 * crowd.mood[known.customer])
    chance = np.where(known.is_batch, BATCH_COMPLAINS, chance)
    made = np.flatnonzero(random.random(len(chance)) < chance)
    count, visited = len(made), known.day[made]
    customer, is_batch = known.customer[made], known.is_batch[made]
    wait = np.where(is_batch, 4 + random.random(count) * 20, random.exponential(2.5, count))
    opened = visited + 0.65 + wait
    branch = crowd.branch_on(customer, visited)
    slow = np.where(branch == YUBEI, SLOW_FACTOR, 1.0)
    answered = opened + random.lognormal(np.log(5.0 / 24), 0.9, count) * slow
    lasts = random.lognormal(np.log(2.6), 0.9, count) * np.sqrt(slow)
    fast = random.random(count) < BATCH_FAST
    lasts = np.where(is_batch, np.where(fast, 0.6, 20.0) + random.random(count) * 2.3, lasts)
    # a bad batch is answered the same day or after a week, in the slow branch too
    answered = np.where(is_batch, opened + np.where(fast, 0.1, 7.0), answered)
    never = (random.random(count) < 0.05) & ~is_batch
    resolved = np.where(never, np.inf, np.maximum(opened + lasts, answered + 0.02))
    category = np.searchsorted(_SHARES, random.random(count) * _SHARES[-1]).clip(max=4)
    severity = np.searchsorted([0.35, 0.65, 0.85, 0.95], random.random(count)) + 1
    return Complaints(
        customer, visited, opened, answered, resolved,
        np.where(is_batch, QUALITY, category), branch, is_batch,
        np.where(is_batch, np.maximum(severity, 3), severity),
    )  # fmt: skip


def _return(plan: Plan, known: Visits, found: Complaints, random: np.random.Generator) -> Visits:
    """Add the visits by which those whose bad pads were replaced fast come again."""
    fast = found.is_batch & (found.resolved - found.opened <= 3)
    fast &= random.random(len(fast)) < FAST_RETURNS
    day = found.resolved[fast] + 12 + random.random(int(fast.sum())) * 70
    kept = day < plan.end
    day, customer = day[kept], found.customer[fast][kept]
    return in_order(
        Visits(
            np.concatenate([known.customer, customer]),
            np.concatenate([known.day, np.floor(day) + 0.43]),
            np.concatenate([known.kind, np.zeros(len(day), np.int8)]),
            np.concatenate([known.is_first, np.zeros(len(day), bool)]),
            np.concatenate([known.is_batch, np.zeros(len(day), bool)]),
        )
    )
