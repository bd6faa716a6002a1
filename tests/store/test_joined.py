"""What is recorded on the desk counts in the figures at the next look, and on no day before."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from core import lists
from core.check import check
from core.definitions import Configuration
from core.facts import Books
from core.figures import compute
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.store import Store, StoreError, changing
from core.store.record import Record, new_id
from core.store.records import Case, Contact, Member, Promise, Refusal, Wave
from core.view import View
from tests.rows import take
from tests.shop import CLOSING, LAST, order, ten_customers

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The shop of ten, whose last day, 15 April, is in an open month."""
    found = ten_customers(tmp_path).home
    (found / "store.sqlite").unlink(missing_ok=True)  # of whoever read the books before
    return found


def key_of(home: Path, customer_id: str) -> int:
    with open_ledger(Books(home)) as ledger:
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    return next(row["customer_key"] for row in ids if row["customer_id"] == customer_id)


def record(home: Path, *records: Record, then: Callable[[Any], object] | None = None) -> None:
    def do(session: Any) -> None:
        for each in records:
            changing.add(session, each)
        if then is not None:
            then(session)

    store = Store.at(home)
    store.write("E1", new_id(), do)
    store.close()


def figure(home: Path, key: str, as_of: date = LAST, version: int | None = None) -> Any:
    with open_ledger(Books(home), version) as ledger:
        (found,) = compute(View(ledger), (key,), as_of, None)
    return found


def rows(home: Path, table: str, version: int | None = None) -> list[dict]:
    with open_ledger(Books(home), version) as ledger:
        return ledger.table(table).to_pyarrow().to_pylist()


def a_contact(key: int, at: datetime, **values: object) -> Contact:
    return Contact(
        customer_key=key, employee_id="E1", contacted_at=at, channel="phone",
        **{"is_reached": True, **values},
    )  # fmt: skip


def test_a_board_that_records_nothing_makes_no_store(home: Path) -> None:
    assert figure(home, "reach_rate").value is None
    assert not (home / "store.sqlite").exists()


def test_contacts_count_at_once_and_lift_a_table_that_was_not_brought(home: Path) -> None:
    ann, jin = key_of(home, "Ann"), key_of(home, "Jin")
    record(
        home,
        a_contact(ann, datetime(2024, 4, 10, 9), learned="moves in May"),
        a_contact(jin, datetime(2024, 4, 12, 9), is_reached=False),
    )
    found = figure(home, "reach_rate")
    assert (found.value, found.n) == (0.5, 2)
    assert figure(home, "learned_rate").n == 1
    first, second = sorted(rows(home, "contacts"), key=lambda row: row["contacted_at"])
    assert (first["has_learned"], first["has_content"], first["has_opportunity"]) == (
        True, True, False,
    )  # fmt: skip
    assert (second["is_reached"], second["has_content"]) == (False, False)


def test_the_open_day_stands_for_now_and_a_closed_month_for_itself(home: Path) -> None:
    """A call on 20 April, after the books' last day: known on 15 April's line, not on 31 March."""
    record(home, a_contact(key_of(home, "Ann"), datetime(2024, 4, 20, 9)))
    assert figure(home, "reach_rate", LAST).n == 1
    assert figure(home, "reach_rate", CLOSING).value is None
    (row,) = rows(home, "contacts")
    assert row["contacted_at"] == datetime(2024, 4, 15, 23, 59, 59)


def test_nothing_is_added_to_a_month_that_has_ended(home: Path) -> None:
    """Once the books end on 30 April, a call of 2 May waits for May."""
    take(Books(home), {"orders": [order(99, "Ann", "2024-04-30", 5)]})
    refresh(Books(home), Configuration())
    record(home, a_contact(key_of(home, "Ann"), datetime(2024, 5, 2, 9)))
    assert figure(home, "reach_rate", date(2024, 4, 30)).value is None


def test_what_was_withdrawn_counts_no_more(home: Path) -> None:
    contact = a_contact(key_of(home, "Ann"), datetime(2024, 4, 10, 9))
    contact.id = "x"
    record(home, contact)
    assert figure(home, "reach_rate").n == 1
    record(home, then=lambda s: changing.change(s, Contact, "x", 1, state="withdrawn"))
    assert figure(home, "reach_rate").value is None


def test_promises_join_and_are_broken_once_their_day_has_passed(home: Path) -> None:
    ann = key_of(home, "Ann")
    for due in (date(2024, 4, 1), date(2024, 4, 14), date(2024, 4, 15)):
        promise = Promise(customer_key=ann, what="a call", promised_on=date(2024, 3, 1), due_on=due)
        record(home, promise)
    kept = Promise(
        customer_key=ann, what="a visit", promised_on=date(2024, 3, 1), due_on=date(2024, 4, 2),
        kept_on=date(2024, 4, 2),
    )  # fmt: skip
    record(home, kept)
    # Due by 15 April: four; kept in time: one. "By" counts the day itself.
    found = figure(home, "promise_kept_rate")
    assert (found.value, found.n) == (0.25, 4)


def test_a_cause_that_a_case_found_joins_the_causes_of_loss(home: Path) -> None:
    bob = key_of(home, "Bob")  # lost by the end of March
    case = Case(
        customer_key=bob, stage_since=date(2024, 4, 2), cause="service_quality", evidence="stated",
        cause_on=date(2024, 3, 20),
    )  # fmt: skip
    without = Case(customer_key=key_of(home, "Fay"), stage_since=date(2024, 4, 2))
    record(home, case, without)
    (row,) = rows(home, "departures")
    assert (row["customer_key"], row["cause"], row["evidence"], row["stated_on"]) == (
        bob, "service_quality", "stated", date(2024, 3, 20),
    )  # fmt: skip


def test_who_refused_and_who_is_held_out_stand_on_no_call_list(home: Path) -> None:
    bob, fay, hao = (key_of(home, name) for name in ("Bob", "Fay", "Hao"))

    def listed() -> list[str]:
        with open_ledger(Books(home)) as ledger:
            found = lists.rows(View(ledger), "win-back", as_of=CLOSING)
        return sorted(found["customer_id"].to_pylist())

    everybody = listed()
    assert {"Bob", "Fay", "Hao"} <= set(everybody)
    wave = Wave(id="w1", programme="win_back", theme="spring", state="open")
    controls = [{"wave_id": "w1", "customer_key": key, "arm": arm} for key, arm in (
        (fay, "control"), (hao, "treated"))]  # fmt: skip
    record(
        home, Refusal(customer_key=bob, refused_on=date(2024, 4, 3)), wave,
        then=lambda session: session.execute(insert(Member), controls),
    )  # fmt: skip
    assert set(everybody) - set(listed()) == {"Bob", "Fay"}
    with open_ledger(Books(home)) as ledger:
        told = lists.notes(View(ledger), "win-back", "en", CLOSING)
        assert lists.counts(View(ledger), "win-back", CLOSING) == len(everybody) - 2
    assert any("1 more are left out because they do not want" in each for each in told)
    assert any("1 more are left out because they are held back" in each for each in told)
    # Once the wave is closed its controls are called again.
    record(home, then=lambda s: changing.change(s, Wave, "w1", 1, state="closed"))
    assert set(everybody) - set(listed()) == {"Bob"}


def test_an_older_version_knows_what_was_recorded_before_the_next_one(home: Path) -> None:
    record(home, a_contact(key_of(home, "Ann"), datetime(2024, 4, 10, 9)))
    take(Books(home), {"orders": [order(99, "Ann", "2024-04-16", 5)]})
    refresh(Books(home), Configuration())
    record(home, a_contact(key_of(home, "Jin"), datetime(2024, 4, 11, 9)))
    assert (len(rows(home, "contacts", 1)), len(rows(home, "contacts", 2))) == (1, 2)


def test_a_store_out_of_reach_is_said_and_figures_can_be_had_without_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULARS_STORE", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match="cannot be reached"):
        open_ledger(Books(home))
    with open_ledger(Books(home), with_desk=False) as ledger:
        assert compute(View(ledger), ("active_customers",), LAST, None)[0].value == 3


def test_check_finds_what_was_changed_past_the_product(home: Path) -> None:
    contact = a_contact(key_of(home, "Ann"), datetime(2024, 4, 10, 9))
    record(home, contact)
    assert check(Books(home)) == []
    store = Store.at(home)
    with store.engine.begin() as connection:
        connection.execute(update(Contact).values(learned="nothing", version=2))
    store.close()
    (problem,) = check(Books(home))
    assert "contacts: 1 records were changed past the product" in problem.text("en")
