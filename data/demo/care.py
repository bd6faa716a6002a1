"""What employees do for customers: contacts, promises, appointments."""

import numpy as np
import pyarrow as pa

from data.demo import columns
from data.demo.company import BRANCHES, HEXI, PACE, Staff
from data.demo.names import LEARNED, PROMISED, SAID
from data.demo.people import BRANCH, People
from data.demo.plan import Plan, Role
from data.demo.sales import Sales, handler
from data.demo.visits import MAINTENANCE, REPAIR

CONTACT_CHANNELS = ("phone", "message", "visit", "email")
PURPOSES = ("care", "reminder", "follow_up", "greeting", "invitation", "win_back")
PROMISE_KINDS = ("callback", "delivery", "repair", "refund", "document")
SERVICES = ("maintenance", "repair")
OWN_CONTACTS = 0.72  # share of contacts that the customer's own adviser makes
KEPT, KEPT_IN_BROKEN_QUARTER = 0.88, 0.42
_A_YEAR = np.array([1.0, 1.6, 2.8, 4.4])  # contacts a year by membership level


def contact_table(
    plan: Plan,
    crew: Staff,
    crowd: People,
    last_visit: np.ndarray,
    chunk: int,
    random: np.random.Generator,
) -> pa.Table:
    """Return the rows of ``contacts``; those of one branch's team are made for form's sake."""
    managed = crowd.manager[:, 0] >= 0
    start = np.maximum(crowd.joined, 0)
    rate = np.where(managed, _A_YEAR[crowd.level[:, 0]], 0.12)
    rate = np.where(np.isin(crowd.role, (Role.RESIGNED, Role.DEPENDENT)), 3.0, rate)
    made = random.poisson(rate * (plan.end - start) / 365)
    customer = np.repeat(np.arange(len(rate)), made)
    count = len(customer)
    first = start[customer]
    day = np.floor(first + random.random(count) * (plan.end - first))
    day += (9 + random.random(count) * 9) / 24
    silent = (day > last_visit[customer] + 250) & ~crowd.is_prospect[customer]
    kept = ~silent | (random.random(count) < 0.3)
    customer, day, silent = customer[kept], day[kept], silent[kept]
    count = len(day)
    employee = handler(plan, crew, crowd, customer, day, OWN_CONTACTS, random)
    mechanical = crew.branch[employee] == HEXI
    tied = np.isin(crowd.role[customer], (Role.RESIGNED, Role.DEPENDENT))
    done = (random.random(count) < 0.92) | tied
    planned = np.floor(day) - np.where(random.random(count) < 0.7, 0, 3)
    has_plan = (random.random(count) < 0.6) | ~done
    reached = random.random(count) < np.where(silent, 0.45, 0.74)
    learned = reached & (random.random(count) < 0.34) & ~mechanical
    opportunity = learned & (random.random(count) < 0.35)
    text = np.where(
        learned,
        (random.random(count) * len(LEARNED)).astype(int),
        len(LEARNED) + (random.random(count) * len(SAID)).astype(int),
    )
    written = done & reached & ~mechanical & (random.random(count) < 0.95)
    purpose = np.searchsorted([0.34, 0.56, 0.76, 0.90], random.random(count))
    purpose = np.where(silent, 5, purpose)
    channel = np.searchsorted([0.52, 0.84, 0.93], random.random(count))
    channel = np.where(mechanical, 2, channel)
    return columns.table(
        "contacts",
        contact_id=columns.ids("T", chunk * 10_000_000 + np.arange(count), 10),
        customer_id=columns.customers(crowd.index[customer]),
        employee_id=columns.employees(employee),
        contacted_at=columns.moments(day, plan.origin, done),
        planned_on=columns.days(planned, plan.origin, has_plan),
        channel=columns.choices(CONTACT_CHANNELS, channel),
        purpose=columns.choices(PURPOSES, purpose),
        is_reached=columns.booleans(reached, done),
        has_learned=columns.booleans(learned, done),
        has_opportunity=columns.booleans(opportunity, done),
        has_content=columns.booleans(written, done),
        content=columns.choices((*LEARNED, *SAID), text, written),
    )


def promise_table(
    plan: Plan, crew: Staff, crowd: People, sold: Sales, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``promises``: kept, but for those due in one quarter."""
    drawn = random.random(len(sold.day))
    place = np.flatnonzero((sold.customer >= 0) & (drawn < 0.07))
    customer, day = sold.customer[place], np.floor(sold.day[place])
    count = len(place)
    due = day + 2 + np.floor(random.gamma(2.0, 4.0, count))
    start, stop = plan.broken_quarter
    share = np.where((due >= start) & (due < stop), KEPT_IN_BROKEN_QUARTER, KEPT)
    in_time = random.random(count) < share
    early = np.floor(day + random.random(count) * (due - day + 1))
    late = due + 1 + np.floor(random.gamma(1.5, 8.0, count))
    ever = in_time | (random.random(count) < 0.55)
    kept = np.where(in_time, early, late)
    moved = ~in_time & (random.random(count) < 0.12)
    what = (random.random(count) * len(PROMISED)).astype(int)
    kind = np.array([0, 0, 2, 1, 2, 4, 3, 3])[what]
    return columns.table(
        "promises",
        promise_id=columns.ids("Z", sold.number[place], 10),
        customer_id=columns.customers(crowd.index[customer]),
        employee_id=columns.employees(
            handler(plan, crew, crowd, customer, sold.day[place], 0.8, random)
        ),
        what=columns.choices(PROMISED, what),
        kind=columns.choices(PROMISE_KINDS, kind),
        promised_on=columns.days(day, plan.origin),
        due_on=columns.days(due, plan.origin),
        kept_on=columns.days(kept, plan.origin, ever & (kept < plan.end)),
        renegotiated_on=columns.days(due - 1, plan.origin, moved & (due - 1 < plan.end)),
    )


def appointment_table(
    plan: Plan, crowd: People, sold: Sales, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``appointments``: kept ones lead to an order, others do not."""
    workshop = (sold.kind == MAINTENANCE) | (sold.kind == REPAIR)
    workshop &= (sold.customer >= 0) & (sold.channel == BRANCH)
    place = np.flatnonzero(workshop & (random.random(len(sold.day)) < 0.62))
    count = len(place)
    status = np.searchsorted([0.88, 0.95], random.random(count))
    scheduled = np.floor(sold.day[place] * 48) / 48
    kept = status == 0
    # what was missed or cancelled had been agreed for an earlier day
    scheduled = np.where(kept, scheduled, scheduled - 1 - np.floor(random.random(count) * 9))
    hour = scheduled % 1 * 24
    rush = PACE[sold.branch[place]] * np.where((hour >= 9) & (hour < 11.5), 1.5, 1.0)
    wait = np.where(random.random(count) < 0.35, -5.0, random.gamma(1.3, 11.0, count) * rush)
    repair = sold.kind[place] == REPAIR
    lasts = random.gamma(6.0, np.where(repair, 24.0, 11.0)) * PACE[sold.branch[place]]
    started = scheduled + wait / 1_440
    finished = started + lasts / 1_440
    seen = (scheduled >= 0) & (finished < plan.end)
    known = kept & seen
    return columns.table(
        "appointments",
        appointment_id=columns.ids("Y", sold.number[place], 10),
        customer_id=columns.customers(crowd.index[sold.customer[place]]),
        scheduled_at=columns.moments(scheduled, plan.origin),
        started_at=columns.moments(started, plan.origin, known),
        finished_at=columns.moments(finished, plan.origin, known),
        status=columns.choices(("kept", "missed", "cancelled"), status),
        service=columns.choices(SERVICES, repair.astype(int)),
        branch=columns.choices(BRANCHES, sold.branch[place]),
        employee_id=columns.employees(sold.employee[place]),
    ).filter(pa.array(seen))
