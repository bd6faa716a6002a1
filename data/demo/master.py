"""Customers as the company's files know them: master data, dated attributes, merges."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.demo import columns, names
from data.demo.company import BRANCHES, REGION_OF, REGIONS, STAYS, Staff
from data.demo.people import CHANNELS, LEVELS, NEVER, SEGMENTS, People
from data.demo.plan import Plan, Role

PREFERENCES = ("周末到店 Weekend visits", "上门取送 Pick-up service", "短信联系 Messages only",
               "原厂配件 Original parts", "电话提醒 Reminder calls")  # fmt: skip
TAGS = (
    "老客户,推荐人",
    "VIP,试驾邀请",
    "price-sensitive",
    "electric-curious",
    "投诉处理中",
    "fleet",
)
UNDATED_SHARE = 0.03  # of the segments are undated; so are all preferences
_KINDS = ("person", "company")


def birthdays(crowd: People, random: np.random.Generator) -> np.ndarray:
    """Return birthdays ``(n,)`` in days after the start of the history (long before it)."""
    age = 21 + random.beta(2.0, 3.0, len(crowd.index)) * 52
    return np.floor(-age * 365.25)


def next_birthdays(plan: Plan, born: np.ndarray) -> np.ndarray:
    """Return the birthday of each that falls due within the year after the books end, ``(n,)``."""
    day = (born.astype(np.int64) + plan.origin).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    first = np.datetime64(plan.data_date.isoformat()).astype("datetime64[Y]")
    years = (first - day.astype("datetime64[Y]")).astype(np.int64)
    in_month = day - month.astype("datetime64[D]")
    found = (month + years * 12).astype("datetime64[D]") + in_month
    passed = found.astype(np.int64) - plan.origin < plan.end
    later = (month + (years + 1) * 12).astype("datetime64[D]") + in_month
    return np.where(passed, later, found).astype("datetime64[D]").astype(np.int64) - plan.origin


def customer_table(
    plan: Plan, crowd: People, born: np.ndarray, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``customers``; a duplicate carries the name and telephone of another."""
    count = len(crowd.index)
    person, mail = names.people(random, count)
    company = names.companies(random, count)
    is_company = pa.array(crowd.is_company)
    name = pc.if_else(is_company, company, person)  # pyright: ignore[reportAttributeAccessIssue]
    twin = np.arange(count) - (crowd.role == Role.DUPLICATE)
    name = name.take(pa.array(twin))
    # no telephone number in use in China begins with 100
    phone = columns.ids("100", 10_000_000 + crowd.index[twin] * 7_919 % 89_999_999, 8)
    host = columns.choices(("@example.com", "@example.net", "@example.org"), twin % 3)
    mail = pc.binary_join_element_wise(  # pyright: ignore[reportAttributeAccessIssue]
        mail.take(pa.array(twin)),
        columns.ids("", crowd.index[twin], 7).cast(pa.string()),
        host.cast(pa.string()),
        "",
    )
    has_mail = pa.array(random.random(count) < 0.72)
    allowed = random.random(count)
    cost = random.lognormal(np.log(180), 0.6, count) * np.where(crowd.is_company, 6, 1)
    dated_joining = (random.random(count) > 0.01) | (crowd.role != Role.ORDINARY)
    dated = (crowd.joined >= 0) & (random.random(count) < 0.92)
    return columns.table(
        "customers",
        customer_id=columns.customers(crowd.index),
        name=name,
        kind=columns.choices(_KINDS, crowd.is_company.astype(int)),
        joined_on=columns.days(crowd.joined, plan.origin, dated_joining),
        birthday=columns.days(born, plan.origin, ~crowd.is_company & (random.random(count) < 0.88)),
        phone=pc.if_else(pa.array(random.random(count) < 0.97), phone, None),  # pyright: ignore[reportAttributeAccessIssue]
        email=pc.if_else(has_mail, mail, None),  # pyright: ignore[reportAttributeAccessIssue]
        acquisition_cost=columns.money(np.round(cost * 100), dated),
        may_contact=columns.booleans(allowed < 0.95, allowed < 0.98),
        tags=columns.choices(
            TAGS, (random.random(count) * len(TAGS)).astype(int), random.random(count) < 0.10
        ),
    )


def attribute_table(
    plan: Plan, crew: Staff, crowd: People, random: np.random.Generator
) -> pa.Table:
    """Return the rows of ``customer_attributes``."""
    everyone = np.arange(len(crowd.index))
    staff = [f"E{employee + 1:05d}" for employee in range(len(crew.name))]
    pool = (*REGIONS, *BRANCHES, *CHANNELS, *SEGMENTS, *LEVELS, *PREFERENCES, *staff)
    sizes = (len(REGIONS), len(BRANCHES), len(CHANNELS), len(SEGMENTS), len(LEVELS))
    place = np.cumsum([0, *sizes, len(PREFERENCES)])
    regions = REGION_OF[crowd.branch]
    region_day = np.where(regions[:, 0] != regions[:, 1], crowd.branch_day, NEVER)
    segment_known = random.random(len(everyone)) >= UNDATED_SHARE
    undated = np.where(segment_known, NEVER, plan.end - 1)
    same = np.full(len(everyone), NEVER)
    prefers = random.random(len(everyone)) < 0.15
    preference = (random.random(len(everyone)) * len(PREFERENCES)).astype(int)
    parts = {
        "region": _holding(crowd, place[0] + regions, region_day),
        "branch": _holding(crowd, place[1] + crowd.branch, crowd.branch_day),
        "channel": _holding(crowd, place[2] + _pair(crowd.channel), same),
        "segment": _holding(crowd, place[3] + _pair(crowd.segment), same, undated=undated),
        "membership": _holding(crowd, place[4] + crowd.level, crowd.level_day),
        "preferences": _holding(
            crowd, place[5] + _pair(preference), same, prefers, np.full(len(everyone), plan.end - 1)
        ),
        "manager": _holding(
            crowd, place[6] + crowd.manager, crowd.manager_day, crowd.manager[:, 0] >= 0
        ),
    }
    customer, value, start, stop, dated = map(np.concatenate, zip(*parts.values(), strict=True))
    attribute = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts.values()])
    return columns.table(
        "customer_attributes",
        customer_id=columns.customers(crowd.index[customer]),
        attribute=columns.choices(list(parts), attribute),
        value=columns.choices(pool, value),
        valid_from=columns.days(start, plan.origin),
        valid_to=columns.days(stop, plan.origin, stop < STAYS),
        is_dated=columns.booleans(dated),
    )


def merge_table(plan: Plan, crowd: People, random: np.random.Generator) -> pa.Table:
    """Return the rows of ``customer_merges``: duplicates are merged into the one before them."""
    index = crowd.index[crowd.role == Role.DUPLICATE]
    day = plan.end - 2 - np.floor(random.random(len(index)) * 240)
    day = np.maximum(day, crowd.joined[crowd.role == Role.DUPLICATE])
    return columns.table(
        "customer_merges",
        customer_id=columns.customers(index),
        into_customer_id=columns.customers(index - 1),
        merged_on=columns.days(day, plan.origin),
    )


def _pair(values: np.ndarray) -> np.ndarray:
    return np.stack([values, values], axis=1)


def _holding(
    crowd: People,
    value: np.ndarray,
    changes: np.ndarray,
    known: np.ndarray | None = None,
    undated: np.ndarray | None = None,
) -> tuple[np.ndarray, ...]:
    """Return customer, value, first day, day after the last, and whether the days are known.

    Parameters
    ----------
    value
        Value before and from the change, ``(n, 2)``.
    changes
        Day of the change ``(n,)``; NEVER for none.
    known
        Customers for whom there is a value at all ``(n,) bool``; everybody if null.
    undated
        Day of the import where the true day is not known ``(n,)``; NEVER where it is.
    """
    here = np.arange(len(changes)) if known is None else np.flatnonzero(known)
    imported = np.full(len(here), NEVER) if undated is None else undated[here]
    start = np.where(imported < NEVER, imported, crowd.joined[here])
    moved = (changes[here] < NEVER) & (changes[here] > start)
    later = here[moved]
    # a change that was due before the customer joined had happened by then
    first = np.where((changes[here] < NEVER) & ~moved, value[here, 1], value[here, 0])
    return (
        np.concatenate([here, later]),
        np.concatenate([first, value[later, 1]]),
        np.concatenate([start, changes[later]]),
        np.concatenate([np.where(moved, changes[here], STAYS), np.full(len(later), STAYS)]),
        np.concatenate([imported == NEVER, np.ones(len(later), bool)]),
    )
