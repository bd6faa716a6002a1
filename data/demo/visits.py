"""When customers come: gamma-mixed rhythms with dropout, seasons, and who stops coming and why.

Maintenance is a renewal process with gamma gaps, shop visits and repairs are Poisson, all with
rates that differ between customers by a gamma distribution; after each visit a customer leaves for
good with a probability of their own, drawn from a beta distribution (the story of BG/NBD: Fader,
Hardie and Lee 2005). Time runs faster in busy seasons.
"""

from dataclasses import dataclass

import numpy as np

from data.demo.people import FLEET, People
from data.demo.plan import Plan, Role

MAINTENANCE, SHOP, REPAIR, INSURANCE, CAR = range(5)
# before Spring Festival, summer, year-end
_BUSY = np.array([1.30, 0.70, 0.95, 0.95, 1.00, 1.10, 1.20, 1.05, 0.90, 0.95, 1.00, 1.20])
_WARM_UP = 400  # days simulated before the history, so that rhythms are under way
_YEAR = 365.25


@dataclass
class Visits:
    """Visits ``(m,)``, one order each, by customer and time; days carry the hour as a fraction."""

    customer: np.ndarray  # place in the chunk
    day: np.ndarray
    kind: np.ndarray
    is_first: np.ndarray  # the visit with which a new customer came
    is_batch: np.ndarray  # the bad batch was fitted

    def where(self, kept: np.ndarray) -> "Visits":
        """Return the visits for which ``kept`` ``(m,) bool`` holds."""
        return Visits(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def visits(plan: Plan, crowd: People, random: np.random.Generator) -> Visits:
    """Return every visit of the customers of a chunk, before complaints drive any away."""
    parts = [
        *_rhythms(plan, crowd, random),
        _first_visits(crowd, random),
        _last_visits_before_leaving(plan, crowd, random),
    ]
    customer, day, kind = map(np.concatenate, zip(*parts, strict=True))
    is_first = np.repeat(np.arange(len(parts)) == len(parts) - 2, [len(part[0]) for part in parts])
    day = np.floor(day) + _hour(random, len(day))
    # the purchase with which a customer came is the first, and the only one of its day
    inside = (day >= 0) & (day < plan.end) & (is_first | (day >= crowd.joined[customer] + 1))
    known = Visits(customer, day, kind, is_first, np.zeros(len(day), bool)).where(inside)
    known = in_order(known)
    return known.where(known.day <= _leaving(plan, crowd, known, random)[known.customer])


def in_order(known: Visits) -> Visits:
    """Return the visits sorted by customer and time."""
    return known.where(np.argsort(known.customer * 8_192.0 + known.day, kind="stable"))


def earliest(count: int, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return the first of the days of each customer, ``(count,)``, infinity where none.

    ``customer`` and ``day`` are sorted by customer and day.
    """
    found = np.full(count, np.inf)
    found[customer[::-1]] = day[::-1]
    return found


def _rhythms(
    plan: Plan, crowd: People, random: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return customer, day and kind of the visits by which customers come of themselves."""
    calendar, passed = _clock(plan)
    comes = ~crowd.is_prospect
    owner = comes & ~crowd.is_shopper
    start = np.interp(np.maximum(crowd.joined, -_WARM_UP).astype(float), calendar, passed)
    processes = [
        (kind, start, np.where(comes, crowd.rate[:, kind], 0.0), shape)
        for kind, shape in ((MAINTENANCE, 5.0), (SHOP, 1.0), (REPAIR, 1.0))
    ]
    insured = owner & (random.random(len(start)) < 0.45) & (crowd.role != Role.NEGATIVE)
    earlier = start - random.random(len(start)) * _YEAR * (crowd.joined < 0)
    processes.append((INSURANCE, earlier, insured.astype(float), 900.0))
    cars = np.where(crowd.segment == FLEET, 0.35, 0.12) * (owner & (crowd.role == Role.ORDINARY))
    processes.append((CAR, start, cars, 2.0))
    found = []
    for kind, since, a_year, shape in processes:
        customer, time = _renewals(random, since, passed[-1], a_year / _YEAR, shape)
        day = np.interp(time, passed, calendar)
        found.append((customer, day, np.full(len(customer), kind, np.int8)))
    return found


def _leaving(plan: Plan, crowd: People, known: Visits, random: np.random.Generator) -> np.ndarray:
    """Return the time of each customer's last visit, ``(n,)``, infinity for those who stay."""
    count = len(crowd.index)
    role = crowd.role[known.customer]
    chance = crowd.dropout[known.customer]
    chance = np.where(known.is_first & (role == Role.PROMOTION), 0.93, chance)
    for story, until in ((Role.RESIGNED, plan.left_on), (Role.HANDED_OVER, plan.handed_over_on)):
        chance = np.where((role == story) & (known.day < until), 0.0, chance)
    leaves = random.random(len(chance)) < chance
    end = earliest(count, known.customer[leaves], known.day[leaves])
    return np.where(crowd.is_taken, plan.left_on + random.random(count) * plan.follow_within, end)


def _first_visits(
    crowd: People, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return customer, day and kind of the purchase with which each new customer came."""
    new = np.flatnonzero((crowd.joined >= 0) & ~crowd.is_prospect)
    kind = np.searchsorted([0.60, 0.72, 0.84], random.random(len(new))).astype(np.int8)
    kind[kind == 3] = CAR
    kind[crowd.is_shopper[new]] = SHOP
    kind[crowd.role[new] == Role.PROMOTION] = MAINTENANCE
    return new, crowd.joined[new].astype(float), kind


def _last_visits_before_leaving(
    plan: Plan, crowd: People, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return visits by which all customers of an adviser who leaves are active at that time."""
    customer, day = [], []
    for story, left_on in (
        (Role.RESIGNED, plan.left_on),
        (Role.HANDED_OVER, plan.handed_over_on),
    ):
        here = np.flatnonzero(crowd.role == story)
        customer.append(here)
        day.append(left_on - 5 - random.random(len(here)) * 110)
    here = np.concatenate(customer)
    return here, np.concatenate(day), np.full(len(here), MAINTENANCE, np.int8)


def _renewals(
    random: np.random.Generator,
    start: np.ndarray,
    stop: float,
    per_day: np.ndarray,
    shape: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return customer and time of the events of renewal processes with gamma gaps.

    Parameters
    ----------
    start, stop
        Time at which each process starts ``(n,)`` and all end, in days.
    per_day
        Events a day ``(n,)``; 0 for none.
    shape
        Shape of the gaps: 1 is Poisson, large is regular.
    """
    expected = np.maximum(stop - start, 0.0) * per_day
    spread = np.sqrt(expected / shape)
    most = np.where(per_day > 0, np.ceil(expected + 3.5 * spread + 2), 0).astype(np.int64)
    customer = np.repeat(np.arange(len(start)), most)
    gap = random.standard_gamma(shape, len(customer)) / (shape * per_day[customer])
    passed = np.cumsum(gap)
    first = np.cumsum(most) - most
    base = np.where(first > 0, passed[np.maximum(first - 1, 0)], 0.0) if len(passed) else first
    time = start[customer] + passed - base[customer]
    kept = time < stop
    return customer[kept], time[kept]


def _clock(plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Return calendar days and the operational time at each: busy months take more of it."""
    months = np.arange(-14, plan.months + 2)
    starts = np.array([plan.start_of(int(month)) for month in months + 1] + [plan.end + 40], float)
    starts = starts[: len(months)]
    weight = _BUSY[[plan.first_of(int(month) + 1).month - 1 for month in months[:-1]]]
    passed = np.concatenate([[0.0], np.cumsum(np.diff(starts) * weight)])
    passed -= np.interp(0.0, starts, passed)
    inside = starts < plan.end
    calendar = np.append(starts[inside], float(plan.end))
    return calendar, np.interp(calendar, starts, passed)


def _hour(random: np.random.Generator, count: int) -> np.ndarray:
    """Return times of day as fractions of a day: busiest in the morning, open 8:30 to 18:30."""
    morning = random.random(count) < 0.58
    centre = np.where(morning, 10.2, 15.3)
    hour = centre + random.standard_normal(count) * 1.5
    outside = (hour < 8.5) | (hour >= 18.5)
    return np.where(outside, 8.5 + random.random(count) * 10, hour) / 24
