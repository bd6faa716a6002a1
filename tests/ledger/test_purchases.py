"""Purchases kept with the ledger: as known at each day, and the same as read from the facts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from core.definitions import Configuration, Definitions
from core.facts import Books
from core.ledger.refresh import DERIVED, refresh
from core.metrics.multi_buyers import lines_bought
from core.metrics.purchases import purchases
from core.reading import REFRESHES, Ledger, open_ledger, refreshes
from core.view import View
from tests.ledger.test_lines import random_shop
from tests.rows import Rows, ledger_lines, take
from tests.shelf import copied, kept

pytestmark = pytest.mark.slow

CONFIGURATION = Configuration(definitions=Definitions(lapse_after_days=60))
JANUARY, FEBRUARY, MARCH = date(2021, 1, 31), date(2021, 2, 28), date(2021, 3, 31)


def order(key: str, customer: str, on: str, **other: object) -> dict:
    at = datetime.fromisoformat(on)
    return {"order_id": key, "customer_id": customer, "ordered_at": at, "amount": Decimal(10)} | {
        "channel": "shop", "cancelled_at": None, **other
    }  # fmt: skip


def line(key: str, number: str, product: str, amount: int) -> dict:
    return {"order_id": key, "line_id": number, "product_id": product, "amount": Decimal(amount)}


def refund(key: str, on: str, amount: int, product: str | None = None) -> dict:
    return {
        "refund_id": f"r{key}{amount}{product}", "order_id": key, "customer_id": None,
        "refunded_at": datetime.fromisoformat(on), "amount": Decimal(amount),
        "product_id": product,
    }  # fmt: skip


# Ann's first order was given back on 5 February, in two parts; her second of that day stands.
FIRST: Rows = {
    "orders": [
        order("1", "Ann", "2021-01-10"),
        order("2", "Ann", "2021-01-10"),
        order("3", "Bob", "2021-01-20"),
        order("4", "Bob", "2021-02-28"),
    ],
    "order_lines": [
        line("1", "a", "P", 10), line("2", "a", "P", 6), line("2", "b", "Q", 4),
        line("3", "a", "P", 10), line("4", "a", "Q", 0), line("4", "b", "P", 10),
    ],
    "refunds": [refund("1", "2021-01-12", 4), refund("1", "2021-02-05", 6)],
}  # fmt: skip
LATER: Rows = {"orders": [order("5", "Cem", "2021-03-31")], "order_lines": [], "refunds": []}


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return copied(kept("purchases", _books), tmp_path)


def _books(home: Path) -> None:
    for rows in (FIRST, LATER):
        take(Books(home), rows)
        refresh(Books(home), CONFIGURATION)


def bought(books: Books, day: date, since: date | None = None) -> list[str]:
    with open_ledger(books) as ledger:
        return sorted(View(ledger).purchases(day, since).to_pyarrow()["order_id"].to_pylist())


def channels(books: Books) -> dict[str, str]:
    with open_ledger(books) as ledger:
        rows = View(ledger).purchases(MARCH).to_pyarrow().to_pylist()
    return {row["order_id"]: row["channel"] for row in rows}


def lines(books: Books, day: date) -> list[tuple[date, str, bool]]:
    with open_ledger(books) as ledger:
        rows = View(ledger).purchase_lines(day).to_pyarrow().to_pylist()
    return sorted((r["ordered_on"], r["product_id"], r["is_given_back"]) for r in rows)


def test_an_order_is_a_purchase_until_the_day_on_which_all_of_it_was_given_back(
    books: Books,
) -> None:
    # 4 of 10 came back in January, the other 6 on 5 February.
    assert bought(books, JANUARY) == ["1", "2", "3"]
    assert bought(books, date(2021, 2, 4)) == ["1", "2", "3"]
    assert bought(books, date(2021, 2, 5)) == ["2", "3"]


def test_a_window_has_its_own_first_and_last_day(books: Books) -> None:
    assert bought(books, date(2021, 2, 27), since=date(2021, 1, 20)) == ["3"]
    assert bought(books, FEBRUARY, since=date(2021, 1, 21)) == ["4"]
    assert bought(books, MARCH, since=date(2021, 1, 1)) == ["2", "3", "4", "5"]


def test_lines_without_an_amount_are_left_out(books: Books) -> None:
    tenth, twentieth = date(2021, 1, 10), date(2021, 1, 20)
    assert lines(books, MARCH) == [
        (tenth, "P", False), (tenth, "Q", False), (twentieth, "P", False), (FEBRUARY, "P", False),
    ]  # fmt: skip


def test_a_product_that_was_given_back_late_is_marked_from_that_day_on(books: Books) -> None:
    # Q of order 2 cost 4; the order of 10 stands.
    take(books, {"refunds": [refund("2", "2021-03-30", 4, "Q")]})
    refresh(books, CONFIGURATION)
    back = {(product, is_back) for _, product, is_back in lines(books, MARCH)}
    assert back == {("P", False), ("Q", True)}
    assert ("Q", False) in {(p, b) for _, p, b in lines(books, date(2021, 3, 29))}


def test_a_late_cancellation_on_a_day_with_another_purchase_is_seen(books: Books) -> None:
    # The entry of that day, another order standing, tells nothing of it.
    late = order("2", "Ann", "2021-01-10", cancelled_at=datetime(2021, 3, 15))
    first = order("1", "Ann", "2021-01-10", amount=Decimal(20))
    take(books, {"orders": [late, first]})
    refresh(books, CONFIGURATION)
    assert bought(books, FEBRUARY) == ["1", "2", "3", "4"]
    assert bought(books, MARCH) == ["1", "3", "4", "5"]
    take(books, {"orders": [order("2", "Ann", "2021-01-10")]})
    refresh(books, CONFIGURATION)
    assert bought(books, MARCH) == ["1", "2", "3", "4", "5"]


def test_a_corrected_channel_is_seen_though_no_ledger_line_changes(books: Books) -> None:
    take(books, {"orders": [order("3", "Bob", "2021-01-20", channel="online")]})
    refresh(books, CONFIGURATION)
    assert channels(books) == {"2": "shop", "3": "online", "4": "shop", "5": "shop"}


def test_months_that_did_not_change_keep_their_files(books: Books) -> None:
    def files() -> set[str]:
        return {
            file
            for file in DeltaTable(books.path("derived/purchases")).file_uris()
            if "month=2021-01-01" in file or "month=2021-02-01" in file
        }

    before = files()
    take(books, {"orders": [order("6", "Cem", "2021-04-02")]})
    refresh(books, CONFIGURATION)
    assert files() == before


def test_books_refreshed_before_purchases_were_kept_are_given_them(books: Books) -> None:
    before, expected = ledger_lines(books.home), bought(books, MARCH)
    known = {"derived/purchases", "derived/purchase_lines"}
    _forget(books, known)
    made = refresh(books, CONFIGURATION)
    assert made.tables.keys() >= DERIVED
    assert bought(books, MARCH) == expected
    assert ledger_lines(books.home) == before
    assert refresh(books, CONFIGURATION).refresh == made.refresh


def _forget(books: Books, tables: set[str]) -> None:
    """Let the refreshes look as if these tables had not been kept."""
    rows = [
        {name: getattr(made, name) for name in REFRESHES.names}
        | {"tables": json.dumps({n: v for n, v in made.tables.items() if n not in tables})}
        for made in refreshes(books)
    ]
    books.overwrite("refreshes", pa.Table.from_pylist(rows, schema=REFRESHES))


@pytest.mark.parametrize("seed", [1, 2])
def test_kept_purchases_are_those_of_the_facts_at_every_day(seed: int, tmp_path: Path) -> None:
    rows = _random_rows(seed)
    half = len(rows["orders"]) // 2
    books = Books(tmp_path)
    take(books, rows | {"orders": rows["orders"][:half]})
    refresh(books, CONFIGURATION)
    take(books, {"orders": rows["orders"][half:]})
    refresh(books, CONFIGURATION)
    with open_ledger(books) as ledger:
        view, plain = View(ledger), View(_without(ledger))
        for day in view.days[seed % 3 :: 3]:  # between the three, days of every place
            for since in (None, day - timedelta(days=100)):
                for kept, read in _pairs(view, plain, day, since):
                    assert _sorted(kept) == _sorted(read), (day, since)


def _random_rows(seed: int) -> Rows:
    rows: Rows = random_shop(seed)
    rows["orders"].sort(key=lambda row: row["ordered_at"])
    draw = Random(seed)
    for row in rows["orders"]:
        row["employee_id"] = draw.choice(["A", "B", None])
    return rows


def _without(ledger: Ledger) -> Ledger:
    """The same books as if they had been refreshed before purchases were kept."""
    known = ("derived/purchases", "derived/purchase_lines")
    tables = {n: v for n, v in ledger.refresh.tables.items() if n not in known}
    return Ledger(ledger.books, ledger.version, replace(ledger.refresh, tables=tables))


def _pairs(
    view: View, plain: View, day: date, since: date | None
) -> Iterator[tuple[ir.Table, ir.Table]]:
    ledger = view.ledger
    orders, refunds = ledger.table("orders"), ledger.table("refunds")
    facts = purchases(orders, view.entries(day, since), refunds, as_of=day, since=since)
    yield view.purchases(day, since), facts.mutate(cancelled_on=facts.cancelled_at.cast("date"))
    yield view.purchases(day, since), plain.purchases(day, since)
    of_facts = lines_bought(facts, ledger.table("order_lines"), refunds, as_of=day)
    yield view.purchase_lines(day, since), of_facts
    yield view.purchase_lines(day, since), plain.purchase_lines(day, since)
    yield view.sold(day, since), plain.sold(day, since)


def _sorted(rows: ir.Table) -> list[str]:
    found = rows.to_pyarrow().to_pylist()
    wanted = (
        "customer_key", "order_id", "ordered_on", "product_id", "is_given_back", "employee_id",
        "cancelled_on", "channel", "amount",
    )  # fmt: skip
    return sorted(str([row.get(name) for name in wanted]) for row in found)
