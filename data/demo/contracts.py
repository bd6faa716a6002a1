"""What ties customers for longer: contracts, balances of financing, and the dates that matter."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.demo import catalogue, columns
from data.demo.people import FLEET, People
from data.demo.plan import Plan, Role
from data.demo.sales import Sales
from data.demo.visits import CAR, INSURANCE, MAINTENANCE

CAUSES = ("completed", "early_repayment", "cancelled_by_customer", "price", "car_sold")
KEY_DATES = ("birthday", "maturity", "inspection", "insurance", "renewal", "maintenance")
_MONTH = 30.4375


@dataclass
class Contracts:
    """Contracts ``(k,)`` of a chunk; ``stop`` is the last day, infinity while it is open."""

    customer: np.ndarray
    product: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    term: np.ndarray  # months, 0 for open-ended ones
    is_renewed: np.ndarray
    value: np.ndarray  # hundredths of a yuan a month
    cause: np.ndarray
    amount: np.ndarray  # amount financed or saved for, hundredths of a yuan


def contracts(
    plan: Plan, crowd: People, sold: Sales, last_visit: np.ndarray, random: np.random.Generator
) -> Contracts:
    """Return the contracts: loans of car buyers, service plans, fleet care, savings plans."""
    ordinary = crowd.role == Role.ORDINARY
    car = (sold.kind == CAR) & (sold.customer >= 0) & (random.random(len(sold.day)) < 0.42)
    owner = ordinary & ~crowd.is_shopper & ~crowd.is_prospect
    drawn = random.random(len(ordinary))
    earlier = np.flatnonzero(owner & (crowd.joined < -30) & (drawn < 0.05))
    loan = np.concatenate([sold.customer[car], earlier])
    loan_day = np.concatenate(
        [sold.day[car], -random.random(len(earlier)) * np.minimum(-crowd.joined[earlier], 700)]
    )
    choice = np.searchsorted([0.25, 0.75], random.random(len(loan)))
    private = owner & (crowd.segment != FLEET)
    serviced = np.flatnonzero(private & (drawn > 0.05) & (drawn < 0.13))
    fleets = np.flatnonzero(owner & (crowd.segment == FLEET) & (drawn > 0.05) & (drawn < 0.45))
    savers = np.flatnonzero(private & (drawn > 0.96))
    customer = np.concatenate([loan, serviced, fleets, savers])
    sizes = [len(loan), len(serviced), len(fleets), len(savers)]
    sort = np.repeat(np.arange(4), sizes)
    first = np.maximum(crowd.joined, -500)[customer]
    latest = np.minimum(last_visit[customer], plan.end - 1)
    start = first + random.random(len(customer)) * np.maximum(latest - first, 0)
    start[: len(loan)] = loan_day
    term = np.array([0, 24, 24, 24])[sort]
    term[: len(loan)] = np.array([24, 36, 48])[choice]
    term = np.where((sort == 1) & (random.random(len(sort)) < 0.25), 0, term)
    product = np.array([0, catalogue.SERVICE_PLAN, catalogue.FLEET_CARE, catalogue.SAVINGS])[sort]
    product[: len(loan)] = catalogue.LOANS + choice
    vehicles = crowd.vehicles[customer].clip(max=40)
    value = np.array([0.0, 66.0, 90.0, 15.0])[sort] * np.where(sort == 2, vehicles, 1)
    amount = np.round(40_000 + random.gamma(3.0, 20_000, len(sort)), -2)
    value = np.where(sort == 0, np.round(amount * 0.0012), value)
    return _ended(plan, random, customer, product, start, term, value, amount, last_visit)


def contract_table(plan: Plan, crowd: People, found: Contracts, chunk: int) -> pa.Table:
    """Return the rows of ``contracts``."""
    count = len(found.customer)
    over = found.stop < plan.end
    return columns.table(
        "contracts",
        contract_id=columns.ids("V", chunk * 1_000_000 + np.arange(count), 9),
        customer_id=columns.customers(crowd.index[found.customer]),
        started_on=columns.days(found.start, plan.origin),
        ended_on=columns.days(found.stop, plan.origin, np.isfinite(found.stop)),
        is_renewed=columns.booleans(found.is_renewed, over),
        monthly_value=columns.money(found.value),
        end_cause=columns.choices(CAUSES, found.cause, over),
        product_id=catalogue.product_ids(found.product),
    )


def balance_table(
    plan: Plan, crowd: People, found: Contracts, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``balances``: loans and savings at month-ends."""
    banked = (found.product >= catalogue.LOANS) & (found.product <= catalogue.SAVINGS)
    pair = found.customer * 100 + found.product
    once = np.zeros(len(pair), bool)
    once[np.unique(np.where(banked, pair, -1), return_index=True)[1]] = True
    kept = np.flatnonzero(banked & once)
    ends = np.array([plan.start_of(month + 1) - 1 for month in range(1, plan.months + 1)])
    running = (ends >= found.start[kept, None]) & (ends <= found.stop[kept, None])
    which, month = np.nonzero(running)
    place = kept[which]
    passed = (ends[month] - found.start[place]) / _MONTH
    share = (passed / np.maximum(found.term[place], 1)).clip(0, 1)
    saves = found.product[place] == catalogue.SAVINGS
    shake = 1 + 0.03 * random.standard_normal(len(place))
    amount = found.amount[place]
    balance = np.where(saves, amount * (0.1 + 0.9 * share) * shake, amount * (1 - share))
    income = balance * np.where(saves, 0.0004, 0.0016)
    return columns.table(
        "balances",
        customer_id=columns.customers(crowd.index[found.customer[place]]),
        product_id=catalogue.product_ids(found.product[place]),
        balance_on=columns.days(ends[month], plan.origin),
        balance=columns.money(np.round(balance * 100).astype(np.int64)),
        income=columns.money(np.round(income * 100).astype(np.int64)),
    )


def key_date_table(
    plan: Plan,
    crowd: People,
    sold: Sales,
    found: Contracts,
    birthday: np.ndarray,
    chunk: int,
    random: np.random.Generator,
) -> pa.Table:
    """Return the rows of ``key_dates``: what falls due, known from the day of its cause."""
    real = sold.customer >= 0
    insured = np.flatnonzero(real & (sold.kind == INSURANCE))
    kept = random.random(len(sold.day))
    served = np.flatnonzero(real & (sold.kind == MAINTENANCE) & (kept < 0.40))
    tested = np.flatnonzero(real & (sold.kind == MAINTENANCE) & (kept > 0.93))
    ending = np.flatnonzero((found.term > 0) & ~(found.stop < found.start + 300))
    person = np.flatnonzero(~crowd.is_company & (random.random(len(crowd.index)) < 0.55))
    matures = found.product[ending] == catalogue.SAVINGS
    sizes = [len(person), len(ending), len(tested), len(insured), len(served)]
    kind = np.repeat([0, 1, 2, 3, 5], sizes)
    kind[len(person) : len(person) + len(ending)] = np.where(matures, 1, 4)
    customer = np.concatenate(
        [person, found.customer[ending], *(sold.customer[p] for p in (tested, insured, served))]
    )
    due = np.concatenate(
        [
            birthday[person],
            found.start[ending] + found.term[ending] * _MONTH,
            *(sold.day[p] + days for p, days in ((tested, 365), (insured, 365), (served, 182))),
        ]
    )
    known = np.concatenate(
        [
            np.minimum(np.maximum(crowd.joined[person], birthday[person] - 365), plan.end - 1),
            found.start[ending],
            *(sold.day[p] for p in (tested, insured, served)),
        ]
    )
    value = np.array([0, 0, 320, 3_600, 0, 650])[kind] * 100
    value[len(person) : len(person) + len(ending)] = found.amount[ending] * 100
    value[kind == KEY_DATES.index("renewal")] //= 20
    product = np.array(
        [0, catalogue.SAVINGS, catalogue.OIL_SERVICE + 2, catalogue.FEE - 1, 0,
         catalogue.OIL_SERVICE]
    )[kind]  # fmt: skip
    product[len(person) : len(person) + len(ending)] = found.product[ending]
    return columns.table(
        "key_dates",
        key_date_id=columns.ids("D", chunk * 10_000_000 + np.arange(len(kind)), 10),
        customer_id=columns.customers(crowd.index[customer]),
        kind=columns.choices(KEY_DATES, kind),
        due_on=columns.days(due, plan.origin),
        known_on=columns.days(known, plan.origin),
        value=columns.money(value, kind > 0),
        product_id=catalogue.product_ids(product, kind > 0),
    )


def _ended(
    plan: Plan,
    random: np.random.Generator,
    customer: np.ndarray,
    product: np.ndarray,
    start: np.ndarray,
    term: np.ndarray,
    value: np.ndarray,
    amount: np.ndarray,
    last_visit: np.ndarray,
) -> Contracts:
    """Let contracts end: at their term, early, or when the customer has gone; some are renewed."""
    count = len(customer)
    stop = np.where(term > 0, np.floor(start + term * _MONTH) - 1, np.inf)
    gone = (last_visit[customer] < plan.end - 400) & (random.random(count) < 0.5)
    early = gone | (random.random(count) < 0.08)
    loan = (product >= catalogue.LOANS) & (product < catalogue.SAVINGS)
    quit_on = np.where(
        gone,
        np.maximum(last_visit[customer], start + 60) + random.random(count) * 90,
        start + 90 + random.random(count) * 400,
    )
    early &= (quit_on < stop) & (quit_on < plan.end)
    stop = np.where(early, np.floor(quit_on), stop)
    cause = np.where(early, np.where(loan, 1, 2 + (random.random(count) * 3).astype(int)), 0)
    renewed = ~early & (stop < plan.end - 1) & ~loan & (random.random(count) < 0.55)
    again = np.flatnonzero(renewed)
    longer = stop[again] + term[again] * _MONTH

    def joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.concatenate([first, second])

    return Contracts(
        joined(customer, customer[again]),
        joined(product, product[again]),
        np.floor(joined(start, stop[again] + 1)),
        joined(stop, np.floor(longer)),
        joined(term, term[again]),
        joined(renewed, np.zeros(len(again), bool)),
        np.round(joined(value, value[again] * 1.05)).astype(np.int64) * 100,
        joined(cause, np.zeros(len(again), np.int64)),
        np.round(joined(amount, amount[again])).astype(np.int64),
    )
