"""The shop of ten customers, with what they say and complain of, and what they were promised.

Recovery is looked for within 30 days, and repurchase after an answer within 20. NPS asked and
answered (all of the wave of the quarter): Ann 3 and then 9, Cem 2, Jin 10, Bob 7 in December and 0
a year ago, Dua only after the end of March.
"""

from datetime import date, datetime
from pathlib import Path

from core.definitions import BooksSettings, Configuration, Definitions
from core.facts import Books
from core.ledger.refresh import refresh
from tests.rows import take
from tests.shelf import kept
from tests.shop import day, ten_customers

CONFIGURATION = Configuration(
    books=BooksSettings(company="Shop", currency="CNY"),
    definitions=Definitions(lapse_after_days=60, recovery_within_days=30, link_within_days=20),
)
SCALES = {"nps": (0, 10), "ces": (1, 7), "wallet": (0, 100)}
# Who, instrument, asked, answered, score; the scale where it is another.
ASKED = [
    ("Ann", "nps", "2024-02-05", "2024-02-06", 3),
    ("Ann", "nps", "2024-02-10", "2024-02-12", 9),
    ("Cem", "nps", "2024-02-15", "2024-02-20", 2),
    ("Dua", "nps", "2024-02-25", "2024-04-02", 10),
    ("Jin", "nps", "2024-03-05", "2024-03-06", 10),
    ("Bob", "nps", "2023-12-01", "2023-12-03", 7),
    ("Bob", "nps", "2023-03-31", "2023-04-02", 0),
    ("Ann", "csat", "2024-03-01", "2024-03-01", 5),
    ("Cem", "csat", "2024-02-11", "2024-02-12", 2),
    ("Eva", "csat", "2024-02-01", None, None),
    ("Dua", "csat", "2024-02-21", "2024-02-22", 4, (1, 7)),
    ("Jin", "ces", "2023-11-02", "2023-11-03", 6),
    ("Dua", "ces", "2024-02-21", "2024-02-23", 3),
    ("Ann", "brand", "2024-02-05", "2024-02-06", 4),
    ("Jin", "brand", "2024-02-05", "2024-02-06", 3),
    ("Ann", "competitor", "2024-02-05", "2024-02-06", 2),
    ("Ann", "price", "2024-02-05", "2024-02-06", 5),
    ("Cem", "price", "2024-02-05", "2024-02-06", 4),
    ("Jin", "price", "2024-02-05", "2024-02-06", 1),
    ("Ann", "wallet", "2024-02-05", "2024-02-06", 80),
    ("Jin", "wallet", "2024-02-05", "2024-02-06", 40),
]
# Who, opened, first response, resolved, opened again, category.
COMPLAINED = [
    ("Ann", "2024-01-10T12", "2024-01-10T13", "2024-01-11T12", None, "service"),
    ("Jin", "2023-11-05T12", "2023-11-05T14", "2023-11-07T12", None, "quality"),
    ("Ann", "2023-11-20T12", "2023-11-20T16", "2023-11-24T12", None, "quality"),
    ("Cem", "2024-03-01T12", None, None, None, "price"),
    ("Dua", "2024-03-30T12", "2024-04-02T12", "2024-04-03T12", None, "service"),
    ("Bob", "2023-12-01T12", "2023-12-01T18", "2023-12-02T12", "2023-12-05T12", "service"),
    ("Ann", "2023-03-31T12", "2023-03-31T13", "2023-04-02T12", None, "service"),
]
# To whom, due, kept, by whom.
PROMISED = [
    ("Ann", "2024-01-10", "2024-01-10", "E1"),
    ("Ann", "2024-02-01", "2024-02-05", "E1"),
    ("Cem", "2024-03-31", None, "E2"),
    ("Dua", "2024-04-01", None, "E2"),
    ("Bob", "2023-03-31", "2023-03-31", "E2"),
]


def question(
    number: int,
    customer: str,
    instrument: str,
    asked: str,
    answered: str | None,
    score: float | None,
    scale: tuple[float, float] | None = None,
) -> dict:
    lowest, highest = scale or SCALES.get(instrument, (1, 5))
    quarter = f"{asked[:4]}-Q{(int(asked[5:7]) + 2) // 3}"
    return {
        "survey_id": f"q{number}", "customer_id": customer, "instrument": instrument,
        "scale_min": float(lowest), "scale_max": float(highest), "wave": quarter,
        "asked_at": moment(f"{asked}T09"), "answered_at": answered and moment(f"{answered}T10"),
        "score": None if score is None else float(score),
    }  # fmt: skip


def complaint(
    number: int,
    customer: str,
    opened: str,
    response: str | None = None,
    resolved: str | None = None,
    reopened: str | None = None,
    category: str = "service",
) -> dict:
    return {
        "complaint_id": f"c{number}", "customer_id": customer, "opened_at": moment(opened),
        "first_response_at": moment(response), "resolved_at": moment(resolved),
        "reopened_at": moment(reopened), "category": category,
        "branch": "Centre" if customer == "Ann" else None,
    }  # fmt: skip


def promise(number: int, customer: str, due: str, kept: str | None, employee: str) -> dict:
    return {
        "promise_id": f"p{number}", "customer_id": customer, "employee_id": employee,
        "kind": "callback", "promised_on": date(2023, 3, 1), "due_on": day(due),
        "kept_on": day(kept) if kept else None,
    }  # fmt: skip


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{text}:00") if text else None


def voice_shop() -> Books:
    """Give the books, to look at."""
    return kept("voice", _voice_shop)


def _voice_shop(home: Path) -> Books:
    books = ten_customers(home)
    tables = {
        "surveys": [question(n, *row) for n, row in enumerate(ASKED)],
        "complaints": [complaint(n, *row) for n, row in enumerate(COMPLAINED)],
        "promises": [promise(n, *row) for n, row in enumerate(PROMISED)],
        "referrals": [
            {"referral_id": "r1", "customer_id": "Jin", "referred_on": day("2024-03-20")},
            {"referral_id": "r2", "customer_id": "Eva", "referred_on": day("2024-04-02")},
        ],
        "employees": [{"employee_id": "E1", "name": "Zoe"}],
    }
    take(books, tables)
    refresh(books, CONFIGURATION)
    return books
