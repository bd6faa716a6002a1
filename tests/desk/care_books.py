"""A shop of five customers on a Monday, and what is due to them this week, worked out by hand.

The last sale is of Friday 12 April 2024; people work on Monday 15 April, the week ends on Sunday
21 April. Every tier is to be contacted every 30 days; the lapse is 60 days, so that a silence of
more than 30 days is overdue. Middle is who brings 90 or more, the last of the upper tiers.

| customer | manager | bought                        | what is due                                |
|----------|---------|-------------------------------|--------------------------------------------|
| Ann      | E1      | 100 on 1 March, 50 on 12      | reached on 20 March: again by 19 April;    |
|          |         | April                         | insurance on 30 April: 14 days before it   |
| Bob      | E1      | 80 on 1 April                 | no contact before 1 May; maturity on 25    |
|          |         |                               | April: 7 days before it; a promise of E2's |
|          |         |                               | due on 16 April                            |
| Cem      | E2      | 60 on 5 March                 | never reached: since 4 April; birthday on  |
|          |         |                               | 17 April                                   |
| Dua      | E2      | 200 on 5 March                | at risk: silent for more than 30 days      |
|          |         |                               | since 5 April; not contacted since 4 April |
| Eva      |         | 40 on 5 March                 | wants no contact; complained on 20 March:  |
|          |         |                               | to be settled by 3 April                   |
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from core.definitions import BooksSettings, Configuration, Definitions, Tiers
from core.facts import Books
from tests import shop
from tests.shelf import copied, kept

DATA_DATE, TODAY, SUNDAY = date(2024, 4, 12), date(2024, 4, 15), date(2024, 4, 21)
CONFIGURATION = Configuration(
    books=BooksSettings(company="Shop", currency="CNY"),
    definitions=Definitions(
        lapse_after_days=60,
        tiers=Tiers(kind="money", thresholds=(1000, 500, 90)),
        care_every_days=dict.fromkeys(("top", "high", "middle", "other"), 30),
    ),
)
_BOUGHT = (
    ("Ann", "2024-03-01", 100), ("Ann", "2024-04-12", 50),
    ("Bob", "2024-04-01", 80),
    ("Cem", "2024-03-05", 60),
    ("Dua", "2024-03-05", 200),
    ("Eva", "2024-03-05", 40),
)  # fmt: skip
EXPECTED = {
    ("Ann", "contact_gap", date(2024, 4, 19)),
    ("Ann", "key_date", date(2024, 4, 16)),
    ("Bob", "key_date", date(2024, 4, 18)),
    ("Bob", "promise", date(2024, 4, 16)),
    ("Cem", "contact_gap", date(2024, 4, 4)),
    ("Cem", "key_date", date(2024, 4, 17)),
    ("Dua", "at_risk", date(2024, 4, 5)),
    ("Eva", "complaint", date(2024, 4, 3)),
}


def care_books(home: Path) -> Books:
    """Give the books of the shop, to change at will."""
    return copied(kept("care", _care_books), home)


def _care_books(home: Path) -> None:
    customers = [
        {
            "customer_id": name, "name": name, "birthday": born,
            "may_contact": False if name == "Eva" else None,
        }
        for name, born in (
            ("Ann", None), ("Bob", None), ("Cem", date(1990, 4, 17)), ("Dua", None), ("Eva", None),
        )
    ]  # fmt: skip
    managers = {"Ann": "E1", "Bob": "E1", "Cem": "E2", "Dua": "E2"}
    shop.build(
        home,
        _BOUGHT,
        CONFIGURATION,
        customers=customers,
        customer_attributes=[
            shop.attribute(name, manager, "2024-01-01", "manager")
            for name, manager in managers.items()
        ],
        contacts=[
            contact("c1", "Ann", "2024-03-20", True),
            contact("c2", "Cem", "2024-04-10", False),
        ],
        key_dates=[
            {"key_date_id": "d1", "customer_id": "Ann", "kind": "insurance",
             "due_on": date(2024, 4, 30)},
            {"key_date_id": "d2", "customer_id": "Bob", "kind": "maturity",
             "due_on": date(2024, 4, 25)},
        ],
        complaints=[
            {"complaint_id": "k1", "customer_id": "Eva", "opened_at": datetime(2024, 3, 20, 9),
             "category": "service", "text": "Nobody called back"},
        ],
        promises=[
            {"promise_id": "p1", "customer_id": "Bob", "employee_id": "E2", "kind": "refund",
             "what": "Give the fee back", "promised_on": date(2024, 4, 8),
             "due_on": date(2024, 4, 16), "kept_on": None},
        ],
        employees=[
            {"employee_id": "E1", "name": "Emil", "left_on": None},
            {"employee_id": "E2", "name": "Frida", "left_on": None},
        ],
        spend=[{"month": date(2024, 4, 1), "purpose": "retention", "amount": Decimal(300)}],
    )  # fmt: skip


def contact(number: str, customer: str, on: str, is_reached: bool) -> dict:
    """A contact that the company brought."""
    return {
        "contact_id": number,
        "customer_id": customer,
        "contacted_at": datetime.fromisoformat(f"{on}T10:00"),
        "is_reached": is_reached,
    }
