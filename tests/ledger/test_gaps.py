"""Gaps kept with the ledger: as known at each day, and the same as read from the occasions."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.definitions import Configuration, Definitions
from core.facts import Books
from core.ledger.gaps import GAPS
from core.ledger.refresh import refresh
from core.metrics.overdue import closed_gaps
from core.reading import open_ledger
from core.view import View
from tests.ledger.test_lines import random_shop
from tests.rows import Rows, take
from tests.shelf import copied, kept
from tests.shop import attribute

pytestmark = pytest.mark.slow

CONFIGURATION = Configuration(definitions=Definitions(lapse_after_days=60))
JANUARY, FEBRUARY, MARCH = date(2021, 1, 31), date(2021, 2, 28), date(2021, 3, 31)


def order(key: str, customer: str, on: str, cancelled: str | None = None) -> dict:
    return {
        "order_id": key,
        "customer_id": customer,
        "ordered_at": datetime.fromisoformat(on),
        "amount": Decimal(10),
        "cancelled_at": datetime.fromisoformat(cancelled) if cancelled else None,
    }


# Ann's order of 20 January stood until 5 February; Bob came twice; Cem once.
FIRST = [
    order("1", "Ann", "2021-01-10"),
    order("2", "Ann", "2021-01-20", cancelled="2021-02-05"),
    order("3", "Ann", "2021-01-31"),
    order("4", "Bob", "2021-01-01"),
    order("5", "Bob", "2021-02-10"),
    order("6", "Cem", "2021-01-15"),
]
LATER = [order("7", "Ann", "2021-03-02"), order("8", "Bob", "2021-03-31")]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return copied(kept("gaps", _books), tmp_path)


def _books(home: Path) -> None:
    regions = [attribute(c, r, "2021-01-01") for c, r in (("Ann", "North"), ("Bob", "South"))]
    for rows in ({"orders": FIRST, "customer_attributes": regions}, {"orders": LATER}):
        take(Books(home), rows)
        refresh(Books(home), CONFIGURATION)


def gaps(books: Books, day: date, version: int | None = None, **scope: tuple[str, ...]) -> dict:
    """Gaps by the company's own id of the customer."""
    with open_ledger(books, version) as ledger:
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
        names = {row["customer_key"]: row["customer_id"] for row in ids}
        rows = View(ledger, scope).gaps(day).to_pyarrow().to_pylist()
    return {names[row["customer_key"]]: row["gap_days"] for row in rows}


def test_a_cancelled_order_counts_until_the_day_it_was_cancelled(books: Books) -> None:
    # Ann: 10, 20, 31 January; from 5 February on 10 and 31 January alone.
    assert gaps(books, JANUARY) == {"Ann": [10, 11]}
    assert gaps(books, FEBRUARY) == {"Ann": [21], "Bob": [40]}


def test_gaps_that_close_later_are_not_seen_yet(books: Books) -> None:
    # 31 January to 2 March: 30 days; 10 February to 31 March: 49 days.
    assert gaps(books, MARCH) == {"Ann": [21, 30], "Bob": [40, 49]}
    assert gaps(books, FEBRUARY)["Ann"] == [21]


def test_a_scope_has_the_gaps_of_its_own_customers(books: Books) -> None:
    assert gaps(books, MARCH, region=("South",)) == {"Bob": [40, 49]}


def test_an_earlier_version_keeps_its_gaps(books: Books) -> None:
    # The data date of the first version is that of Bob's second order.
    assert gaps(books, date(2021, 2, 10), version=1) == {"Ann": [21], "Bob": [40]}


def test_a_late_cancellation_makes_the_gaps_anew(books: Books) -> None:
    take(books, {"orders": [order("5", "Bob", "2021-02-10", cancelled="2021-02-20")]})
    refresh(books, CONFIGURATION)
    # 1 January to 31 March: 89 days.
    assert gaps(books, FEBRUARY) == {"Ann": [21]}
    assert gaps(books, MARCH) == {"Ann": [21, 30], "Bob": [89]}


def test_customers_whose_occasions_did_not_change_keep_their_rows(books: Books) -> None:
    def rows(version: int) -> list[dict]:
        with open_ledger(books, version) as ledger:
            found = ledger.derived("gaps", GAPS).to_pyarrow().to_pylist()
        return sorted(found, key=lambda row: (row["customer_key"], row["from_on"]))

    take(books, {"orders": [order("9", "Cem", "2021-03-31")]})
    refresh(books, CONFIGURATION)
    before, after = rows(2), rows(3)
    assert [row for row in after if row not in before] == [
        {
            "customer_key": after[-1]["customer_key"],
            "from_on": date(1, 1, 1),
            "to_on": date(9999, 12, 31),
            "gap_days": [75],
            "gaps": 1,
            "median_gap_days": 75.0,
        }
    ]
    assert [row for row in before if row not in after] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_kept_gaps_are_those_of_the_occasions_at_every_day(seed: int, tmp_path: Path) -> None:
    rows: Rows = random_shop(seed)
    half = len(rows["orders"]) // 2
    in_time = sorted(rows["orders"], key=lambda row: row["ordered_at"])
    books = Books(tmp_path)
    # Refunds of orders that come with the second import wait in the first.
    take(books, rows | {"orders": in_time[:half]})
    refresh(books, CONFIGURATION)
    take(books, {"orders": in_time[half:]})
    refresh(books, CONFIGURATION)
    with open_ledger(books) as ledger:
        view = View(ledger)
        for day in view.days[seed % 3 :: 3]:  # between the three, days of every place
            kept, read = (
                {r["customer_key"]: r["gap_days"] for r in table.to_pyarrow().to_pylist()}
                for table in (view.gaps(day), closed_gaps(view.occasions(day)))
            )
            assert kept == read, day
