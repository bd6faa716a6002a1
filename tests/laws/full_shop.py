"""A small random shop that brings every table, so that every figure has something to say."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from core.definitions import BooksSettings, Configuration, Definitions
from core.facts import Books
from core.ledger.refresh import refresh
from tests.ledger.test_lines import START, random_shop
from tests.rows import Rows, take
from tests.shelf import kept

DAYS = 480  # between the first and the last moment
EMPLOYEES = ("e1", "e2", "e3")
PRODUCTS = ("p", "q", "r")
CAUSES = ("product_quality", "service_quality", "employee_left", "new_demand", "unknown")
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "brand": (1, 5), "price": (1, 5)}
# Moments and days that are filled in later: until then the row stands without them, and without
# what is only known with them.
LATER = {
    ("orders", "cancelled_at"): (),
    ("surveys", "answered_at"): ("score",),
    ("complaints", "first_response_at"): (),
    ("complaints", "resolved_at"): (),
    ("complaints", "reopened_at"): (),
    ("contacts", "contacted_at"): ("is_reached", "has_learned", "has_opportunity"),
    ("promises", "kept_on"): (),
    ("promises", "renegotiated_on"): (),
    ("appointments", "started_at"): ("finished_at",),
    ("leads", "trial_at"): (),
    ("leads", "converted_at"): (),
    ("leads", "lost_at"): ("lost_reason",),
    ("employees", "left_on"): (),
}
# Windows so short that most of them close within the books.
CONFIGURATION = Configuration(
    books=BooksSettings(currency="CNY"),
    definitions=Definitions(
        lapse_after_days=60, promotion_within_days=60, lead_within_days=60,
        recovery_within_days=30, link_within_days=30,
    ),
)  # fmt: skip


def full_books() -> Books:
    """Give the books of one such shop, to look at."""
    return kept("full", _full_books)


def _full_books(home: Path) -> None:
    take(Books(home), full_shop(11))
    refresh(Books(home), CONFIGURATION)


def full_shop(seed: int) -> Rows:
    """The shop of the ledger's tests, with every attribute of orders and every other table."""
    draw = Random(seed)
    rows = random_shop(seed, DAYS, customers=16)
    for attribute in rows["customer_attributes"]:
        attribute["is_dated"] = True  # undated ones hold from their import
    names = [row["customer_id"] for row in rows["customers"]]
    for row in rows["customers"]:
        row["kind"] = draw.choice(["person", "company", None])
        row["acquisition_cost"] = draw.choice([None, Decimal(draw.randrange(5, 80))])
    rows["customer_attributes"] += [
        {
            "customer_id": name, "attribute": attribute, "value": draw.choice(values),
            "valid_from": START.date() + timedelta(days=draw.randrange(-30, DAYS // 2)),
            "valid_to": None, "is_dated": True,
        }
        for name in names
        for attribute, values in (
            ("segment", "AB"), ("branch", "mn"), ("channel", "st"), ("membership", "gh"),
        )
        if draw.random() < 0.7
    ]  # fmt: skip
    for row in rows["orders"]:
        row |= {
            "discount": draw.choice([None, Decimal(0), Decimal(draw.randrange(1, 20))]),
            "payment_method": draw.choice(["cash", "card", None]),
            "promotion_id": draw.choice(["sale", None, None]),
            "branch": draw.choice("mn"),
            "region": draw.choice(["x", "y", None]),
            "channel": draw.choice("st"),
            "employee_id": draw.choice([*EMPLOYEES, None]),
        }
    for number in range(50):
        # Some come often enough to depend on one employee, and to buy one product again.
        name = names[min(number % 10, draw.randrange(len(names)))]
        rows["orders"].append(
            {**rows["orders"][0], "order_id": f"often{number}", "customer_id": name,
             "ordered_at": _moment(draw), "amount": Decimal(draw.randrange(5, 300)),
             "cancelled_at": None, "employee_id": EMPLOYEES[number % 3]}
        )  # fmt: skip
        rows["order_lines"].append(
            {"order_id": f"often{number}", "line_id": "0", "product_id": PRODUCTS[number % 3],
             "amount": rows["orders"][-1]["amount"]}
        )  # fmt: skip
    rows |= {name: build(draw, names) for name, build in BUILDERS.items()}
    return rows | {"lead_stages": _lead_stages(draw, rows["leads"])}


def known_by(rows: Rows, day: date) -> Rows:
    """What a company could have exported at the end of ``day``."""
    end = datetime(day.year, day.month, day.day) + timedelta(days=1)

    def is_later(value: object) -> bool:
        if isinstance(value, datetime):
            return value >= end
        return isinstance(value, date) and value > day

    found: Rows = {}
    for table, all_rows in rows.items():
        dated_by = DATED_BY.get(table)
        for row in all_rows:
            known = dict(row)
            for (of_table, column), more in LATER.items():
                if of_table == table and is_later(row[column]):
                    known |= dict.fromkeys((column, *more))
            if dated_by and is_later(known[dated_by]):
                continue
            if table == "contacts" and not (known["contacted_at"] or known["planned_on"]):
                continue
            found.setdefault(table, []).append(known)
    orders = {row["order_id"] for row in found["orders"]}
    found["order_lines"] = [row for row in found["order_lines"] if row["order_id"] in orders]
    return found


DATED_BY = {
    "customers": "joined_on", "customer_attributes": "valid_from", "orders": "ordered_at",
    "refunds": "refunded_at", "service_costs": "incurred_on", "contracts": "started_on",
    "balances": "balance_on", "spend": "month", "surveys": "asked_at", "complaints": "opened_at",
    "promises": "promised_on", "appointments": "scheduled_at", "key_dates": "known_on",
    "leads": "created_at", "lead_stages": "moved_at", "referrals": "referred_on",
    "points": "booked_on", "departures": "stated_on",
}  # fmt: skip


def _moment(draw: Random) -> datetime:
    return START + timedelta(days=draw.randrange(DAYS), hours=draw.choice([0, 9, 15]))


def _after(draw: Random, moment: datetime, days: int, odds: float) -> datetime | None:
    """Return a moment at most so many days later, or, by ``odds``, none."""
    return moment + timedelta(days=draw.randrange(days), hours=2) if draw.random() < odds else None


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _some(draw: Random, most: int) -> range:
    return range(draw.randrange(most // 2, most))


def _surveys(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in _some(draw, 60):
        asked = _moment(draw)
        answered = _after(draw, asked, 40, 0.7)
        instrument = draw.choice(list(SCALES))
        low, high = SCALES[instrument]
        found.append(
            {
                "survey_id": str(number), "customer_id": draw.choice(names), "question": "q",
                "instrument": instrument, "scale_min": float(low), "scale_max": float(high),
                "wave": draw.choice(["one", "two", None]), "asked_at": asked,
                "answered_at": answered,
                "score": float(draw.randint(low, high)) if answered else None,
                "employee_id": draw.choice([*EMPLOYEES, None]),
            }
        )  # fmt: skip
    return found


def _complaints(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in _some(draw, 16):
        opened = _moment(draw)
        resolved = _after(draw, opened, 60, 0.7)
        found.append(
            {
                "complaint_id": str(number), "customer_id": draw.choice(names),
                "opened_at": opened, "first_response_at": _after(draw, opened, 5, 0.8),
                "resolved_at": resolved,
                "reopened_at": _after(draw, resolved, 30, 0.2) if resolved else None,
                "category": draw.choice(["product", "service"]), "cause": draw.choice(CAUSES),
                "severity": draw.randint(1, 5), "product_id": draw.choice(PRODUCTS),
                "branch": draw.choice("mn"),
            }
        )  # fmt: skip
    return found


def _contacts(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in _some(draw, 80):
        planned = _moment(draw)
        contacted = _after(draw, planned, 20, 0.8)
        found.append(
            {
                "contact_id": str(number), "customer_id": draw.choice(names),
                "employee_id": draw.choice(EMPLOYEES), "contacted_at": contacted,
                "planned_on": draw.choice([planned.date(), None]) if contacted else planned.date(),
                "channel": draw.choice(["visit", "call", "message"]),
                "purpose": draw.choice(["care", "offer"]),
                "is_reached": draw.choice([True, False, None]) if contacted else None,
                "has_learned": draw.choice([True, False]) if contacted else None,
                "has_opportunity": draw.choice([True, False]) if contacted else None,
            }
        )  # fmt: skip
    return found


def _promises(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in _some(draw, 16):
        promised = _moment(draw)
        found.append(
            {
                "promise_id": str(number), "customer_id": draw.choice(names),
                "employee_id": draw.choice(EMPLOYEES), "kind": draw.choice("kl"),
                "promised_on": promised.date(),
                "due_on": promised.date() + timedelta(days=draw.randrange(1, 40)),
                "kept_on": _day(_after(draw, promised, 60, 0.7)), "renegotiated_on": None,
            }
        )  # fmt: skip
    return found


def _appointments(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in _some(draw, 24):
        scheduled = _moment(draw)
        status = draw.choice(["kept", "kept", "missed", "cancelled", None])
        wait = timedelta(minutes=draw.randrange(-5, 60))
        started = scheduled + wait if status == "kept" else None
        found.append(
            {
                "appointment_id": str(number), "customer_id": draw.choice(names),
                "scheduled_at": scheduled + timedelta(hours=3), "status": status,
                "started_at": started + timedelta(hours=3) if started else None,
                "finished_at": started + timedelta(hours=4) if started else None,
                "service": draw.choice(["repair", "advice"]), "branch": draw.choice("mn"),
                "employee_id": draw.choice(EMPLOYEES),
            }
        )  # fmt: skip
    return found


def _key_dates(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in _some(draw, 20):
        known = _moment(draw).date()
        found.append(
            {
                "key_date_id": str(number), "customer_id": draw.choice(names),
                "kind": draw.choice(["maturity", "inspection", "insurance", "renewal"]),
                "due_on": known + timedelta(days=draw.randrange(0, 120)), "known_on": known,
                "value": Decimal(draw.randrange(10, 500)), "product_id": draw.choice(PRODUCTS),
            }
        )  # fmt: skip
    return found


def _leads(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in range(16):
        created = _moment(draw)
        converted = _after(draw, created, 100, 0.4)
        found.append(
            {
                "lead_id": str(number), "customer_id": draw.choice([*names, None]),
                "created_at": created, "source": draw.choice(["web", "shop", None]),
                "employee_id": draw.choice(EMPLOYEES), "product_id": draw.choice(PRODUCTS),
                "trial_at": _after(draw, created, 30, 0.5), "converted_at": converted,
                "lost_at": None if converted else _after(draw, created, 100, 0.4),
                "lost_reason": None, "buyer_kind": draw.choice(["person", "company"]),
                "is_returning": draw.choice([True, False]),
            }
        )  # fmt: skip
    return found


def _lead_stages(draw: Random, leads: list[dict]) -> list[dict]:
    return [
        {"lead_id": lead["lead_id"], "stage": stage, "employee_id": draw.choice(EMPLOYEES),
         "moved_at": lead["created_at"] + timedelta(days=days + draw.randrange(20), hours=1)}
        for lead in leads
        for days, stage in ((0, "talk"), (25, "offer"))
        if draw.random() < 0.6
    ]  # fmt: skip


def _referrals(draw: Random, names: list[str]) -> list[dict]:
    found = []
    for number in _some(draw, 12):
        one, other = draw.sample(names, 2)
        found.append(
            {
                "referral_id": str(number), "customer_id": one,
                "referred_customer_id": draw.choice([other, None]),
                "employee_id": draw.choice([*EMPLOYEES, None]),
                "referred_on": _moment(draw).date(),
            }
        )  # fmt: skip
    return found


def _employees(draw: Random, _: list[str]) -> list[dict]:
    left = START + timedelta(days=draw.randrange(200, 350))
    return [
        {"employee_id": name, "name": name.upper(), "role": "sales", "branch": draw.choice("mn"),
         "joined_on": START.date() - timedelta(days=300),
         "left_on": left.date() if name == "e1" else None}
        for name in EMPLOYEES
    ]  # fmt: skip


def _departures(draw: Random, names: list[str]) -> list[dict]:
    return [
        {"departure_id": str(number), "customer_id": draw.choice(names),
         "stated_on": _moment(draw).date(), "cause": draw.choice(CAUSES),
         "evidence": draw.choice(["stated", "inferred", "none"])}
        for number in _some(draw, 12)
    ]  # fmt: skip


def _points(draw: Random, names: list[str]) -> list[dict]:
    return [
        {"point_id": str(number), "customer_id": draw.choice(names),
         "booked_on": _moment(draw).date(), "points": float(draw.randrange(-50, 200)),
         "reason": None}
        for number in _some(draw, 20)
    ]  # fmt: skip


def _balances(draw: Random, names: list[str]) -> list[dict]:
    keys = {(draw.choice(names), draw.choice("ab"), _moment(draw).date()) for _ in range(20)}
    return [
        {"customer_id": name, "product_id": account, "balance_on": on,
         "balance": Decimal(draw.randrange(0, 900)), "income": Decimal(draw.randrange(0, 9))}
        for name, account, on in sorted(keys)
    ]  # fmt: skip


def _spend(draw: Random, _: list[str]) -> list[dict]:
    months = [date(2020 + (10 + m) // 12, (10 + m) % 12 + 1, 1) for m in range(17)]
    return [
        {"month": month, "purpose": purpose, "amount": Decimal(draw.randrange(10, 200))}
        for month in months
        for purpose in ("acquisition", "retention")
    ]


def _products(draw: Random, _: list[str]) -> list[dict]:
    return [
        {"product_id": name, "name": name.upper(), "category": draw.choice(["c", "d"])}
        for name in PRODUCTS
    ]


def _promotions(draw: Random, _: list[str]) -> list[dict]:
    start = START.date()
    return [
        {"promotion_id": "sale", "name": "Sale", "kind": "price", "started_on": start,
         "ended_on": start + timedelta(days=DAYS), "cost": Decimal(draw.randrange(10, 100))}
    ]  # fmt: skip


BUILDERS: dict[str, Callable[[Random, list[str]], list[dict]]] = {
    "products": _products, "promotions": _promotions, "employees": _employees,
    "surveys": _surveys, "complaints": _complaints, "contacts": _contacts,
    "promises": _promises, "appointments": _appointments, "key_dates": _key_dates,
    "leads": _leads, "referrals": _referrals,
    "departures": _departures, "points": _points, "balances": _balances, "spend": _spend,
}  # fmt: skip
