"""The refresh: replay, changed definitions, what is built anew and what stands."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from deltalake import DeltaTable

from core.definitions import Configuration, Definitions
from core.errors import BooksError
from core.facts import Books
from core.ledger.entries import ENTRIES
from core.ledger.lines import LINES
from core.ledger.refresh import refresh
from core.reading import open_ledger, refreshes
from core.view import View
from tests.rows import Rows, ledger_lines, take
from tests.shelf import copied, kept

pytestmark = pytest.mark.slow

TAU_60 = Configuration(definitions=Definitions(lapse_after_days=60))
TAU_20 = Configuration(definitions=Definitions(lapse_after_days=20))


def orders(*rows: tuple[str, str, str, int]) -> Rows:
    return {
        "orders": [
            {
                "order_id": key,
                "customer_id": customer,
                "ordered_at": datetime.fromisoformat(on),
                "amount": Decimal(amount),
            }
            for key, customer, on, amount in rows
        ]
    }


FIRST = orders(
    ("1", "a", "2021-01-10", 50), ("2", "b", "2021-02-20", 20), ("3", "a", "2021-04-05", 5)
)
LATER = orders(("4", "b", "2021-05-03", 7))
LATE = orders(("5", "c", "2021-01-31", 9))


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return copied(kept("refresh", _books), tmp_path)


def _books(home: Path) -> None:
    take(Books(home), FIRST)
    refresh(Books(home), TAU_60)


def nets(books: Books, version: int | None = None) -> dict[tuple[str, str], int]:
    lines = ledger_lines(books.home, version)
    return {(str(r["month_end"]), r["customer_id"]): int(r["net_12m"]) for r in lines}


def active_at(books: Books, day: str) -> list[str]:
    lines = ledger_lines(books.home)
    return [r["customer_id"] for r in lines if r["is_active"] and str(r["month_end"]) == day]


def test_the_open_month_stands_at_the_data_date_until_it_closes(books: Books) -> None:
    assert {d for d, _ in nets(books)} == {"2021-01-31", "2021-02-28", "2021-03-31", "2021-04-05"}
    take(books, LATER)
    made = refresh(books, TAU_60)
    assert made.rebuilt_from == date(2021, 4, 30)
    assert max(d for d, _ in nets(books)) == "2021-05-03"
    assert "2021-04-05" not in {d for d, _ in nets(books)}


def test_a_late_row_builds_anew_from_its_own_month_on(books: Books) -> None:
    take(books, LATE)
    made = refresh(books, TAU_60)
    assert made.rebuilt_from == date(2021, 1, 31)
    assert nets(books)["2021-01-31", "c"] == 9


def test_a_meeting_is_replayed_as_known_then_and_restated(books: Books) -> None:
    before = nets(books)
    take(books, LATE)
    refresh(books, TAU_60)
    assert ("2021-01-31", "c") in nets(books)
    assert nets(books, version=1) == before


def test_a_version_without_a_ledger_can_be_built_after_a_newer_one(books: Books) -> None:
    take(books, LATER)
    take(books, LATE)
    refresh(books, TAU_60)
    newest = nets(books)
    with pytest.raises(BooksError, match="no ledger yet"):
        nets(books, version=2)
    refresh(books, TAU_60, version=2)
    assert ("2021-05-03", "b") in nets(books, version=2)
    assert ("2021-05-03", "c") not in nets(books, version=2)
    assert nets(books) == newest


def test_other_definitions_make_another_ledger_and_take_nothing_twice(books: Books) -> None:
    assert active_at(books, "2021-02-28") == ["a", "b"]
    refresh(books, TAU_20)
    assert active_at(books, "2021-02-28") == ["b"]
    with open_ledger(books) as ledger:
        booked = ledger.derived("entries", ENTRIES)
        assert sum(booked.gross.to_pyarrow().to_pylist()) == 75
        assert View(ledger).definitions.lapse_after_days == 20


def test_what_was_built_is_not_built_again(books: Books) -> None:
    assert refresh(books, TAU_60) == refreshes(books)[-1]
    refresh(books, TAU_20)
    refresh(books, TAU_60)
    assert len(refreshes(books)) == 2


def test_what_a_killed_refresh_left_is_taken_back(books: Books) -> None:
    before = nets(books)
    # As if a refresh had been killed after its tables were written: no row in `refreshes`.
    books.commit_files("derived/ledger", LINES, "month_end", {}, _ledger_files(books))
    assert nets(books) == before
    take(books, LATER)
    refresh(books, TAU_60)
    assert nets(books)["2021-01-31", "a"] == 50


def _ledger_files(books: Books) -> list[str]:
    folder = books.path("derived/ledger")
    return [str(Path(f).relative_to(folder)) for f in DeltaTable(folder).file_uris()]


def test_books_without_a_dated_sale_have_no_ledger(tmp_path: Path) -> None:
    take(Books(tmp_path), {"customers": [{"customer_id": "a", "joined_on": date(2021, 1, 1)}]})
    with pytest.raises(BooksError, match="no sales with a date"):
        refresh(Books(tmp_path), TAU_60)


def test_books_that_are_not_there_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BooksError, match="There are no books"):
        refresh(Books(tmp_path / "none"), TAU_60)


def test_an_import_without_dated_facts_leaves_every_line_as_it_stands(tmp_path: Path) -> None:
    # The data date is a month-end, so that not even an open month is to be built.
    take(Books(tmp_path), orders(("1", "a", "2021-01-10", 50), ("2", "b", "2021-02-28", 20)))
    refresh(Books(tmp_path), TAU_60)
    before = nets(Books(tmp_path))
    take(Books(tmp_path), {"products": [{"product_id": "p", "name": "Pen"}]})
    made = refresh(Books(tmp_path), TAU_60)
    assert made.data_version == 2
    assert nets(Books(tmp_path)) == nets(Books(tmp_path), version=1) == before


def priced_in(currency: str | None, rates: list[tuple[str, float]]) -> Rows:
    rows = orders(("1", "a", "2021-01-10", 50), ("2", "a", "2021-03-10", 50))
    for row in rows["orders"]:
        row["currency"] = currency
    rows["rates"] = [
        {"currency": "EUR", "rate_on": date.fromisoformat(on), "rate": rate} for on, rate in rates
    ]
    return rows


def test_another_currency_counts_at_the_rate_of_its_day(tmp_path: Path) -> None:
    take(Books(tmp_path), priced_in("EUR", [("2021-01-10", 7.5), ("2021-03-01", 8.0)]))
    refresh(Books(tmp_path), TAU_60)
    assert nets(Books(tmp_path))["2021-01-31", "a"] == 375
    assert nets(Books(tmp_path))["2021-03-10", "a"] == 775


@pytest.mark.parametrize("rates", [[], [("2021-02-01", 7.5)]])
def test_another_currency_without_a_rate_is_refused(tmp_path: Path, rates: list) -> None:
    take(Books(tmp_path), priced_in("EUR", rates))
    with pytest.raises(BooksError, match="orders are in EUR, the books are in CNY"):
        refresh(Books(tmp_path), TAU_60)


def test_a_contract_alone_makes_a_customer_who_is_lost_the_day_after_it_ends(
    tmp_path: Path,
) -> None:
    contract = {
        "contract_id": "k1", "customer_id": "c", "started_on": date(2021, 2, 10),
        "ended_on": date(2021, 3, 31), "monthly_value": Decimal(30),
    }  # fmt: skip
    take(Books(tmp_path), FIRST | {"contracts": [contract]})
    refresh(Books(tmp_path), TAU_60)
    lines = [r for r in ledger_lines(tmp_path) if r["customer_id"] == "c"]
    # January: not known yet. February: 19 of 28 days of 30 a month.
    assert [(str(r["month_end"]), r["is_active"]) for r in lines] == [
        ("2021-02-28", True), ("2021-03-31", True), ("2021-04-05", False),
    ]  # fmt: skip
    assert float(lines[0]["net_12m"]) == pytest.approx(30 * 19 / 28, abs=1e-4)
    assert {str(r["since_on"]) for r in lines} == {"2021-02-10"}
