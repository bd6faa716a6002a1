"""Writes: whole or not at all, once, audited, and never over somebody else's."""

import socket
import socketserver
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from select import select as select_ready
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, text

from core.store import AlreadyGone, Conflict, Store, StoreError, auditing, changing
from core.store.log import Audit
from core.store.record import Record
from core.store.records import Case, Contact, Promise, Task, Wave

OPENED = date(2026, 11, 2)


def a_case(id: str = "c1", **values: object) -> Case:
    return Case(id=id, customer_key=7, stage_since=OPENED, **values)


def add(store: Store, record: Record, key: str, by: str = "E1") -> str:
    return store.write(by, key, lambda session: changing.add(session, record))


def edit(store: Store, key: str, version: int, by: str = "E1", **values: object) -> int:
    return store.write(
        by, key, lambda session: changing.change(session, Case, "c1", version, **values).version
    )


def rows(store: Store, kind: type) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_what_is_written_is_read_by_another_process(address: str) -> None:
    first, second = Store(address), Store(address)
    add(first, a_case(notes="said she moved"), "k1")
    with second.reading() as session:
        found = changing.get(session, Case, "c1")
    assert (found.notes, found.created_by, found.version) == ("said she moved", "E1", 1)
    first.close()
    second.close()


def test_the_same_key_writes_nothing_twice_and_returns_the_same(store: Store) -> None:
    first = store.write("E1", "k1", lambda session: changing.add(session, a_case("c1")))
    again = store.write("E1", "k1", lambda session: changing.add(session, a_case("c2")))
    assert (first, again) == ("c1", "c1")
    assert rows(store, Case) == 1


def test_a_write_that_fails_in_its_middle_leaves_nothing(store: Store) -> None:
    def half(session: object) -> str:
        changing.add(session, a_case())  # type: ignore[arg-type]
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="power"):
        store.write("E1", "k1", half)
    assert (rows(store, Case), rows(store, Audit)) == (0, 0)
    # The key was not used up: the same form can be sent again.
    assert add(store, a_case(), "k1") == "c1"


def test_each_change_leaves_who_what_and_when(store: Store) -> None:
    add(store, a_case(owner="E1"), "k1")
    edit(store, "k2", 1, by="E2", owner="E2", next_on=date(2026, 11, 9))
    with store.reading() as session:
        first, second = changing.history(session, Case, "c1")
    assert (first.by, first.action, first.record_version) == ("E1", "added", 1)
    assert first.after["owner"] == "E1"
    assert (second.by, second.action, second.record_version) == ("E2", "changed", 2)
    assert second.before == {"owner": "E1"}
    assert second.after == {"owner": "E2", "next_on": "2026-11-09"}
    assert second.write_key == "k2"


def test_the_later_of_two_is_shown_what_the_first_wrote(store: Store) -> None:
    add(store, a_case(notes="old", owner="E1"), "k1")
    edit(store, "k2", 1, by="E1", notes="theirs", next_on=date(2026, 11, 9))
    with pytest.raises(Conflict) as caught:
        edit(store, "k3", 1, by="E2", notes="mine", stage="contacted")
    told = caught.value
    assert (told.by, told.version) == ("E1", 2)
    assert told.theirs == {"notes": ("old", "theirs"), "next_on": (None, date(2026, 11, 9))}
    assert told.mine == {"notes": "mine", "stage": "contacted"}
    assert [(d.field, d.before, d.theirs, d.mine) for d in told.differences] == [
        ("notes", "old", "theirs", "mine")
    ]
    with store.reading() as session:
        assert changing.get(session, Case, "c1").notes == "theirs"
    # What both wanted, against the version that stands now.
    edit(store, "k4", told.version, by="E2", notes="theirs, mine", stage="contacted")
    with store.reading() as session:
        merged = changing.get(session, Case, "c1")
    assert (merged.notes, merged.stage, merged.next_on, merged.version) == (
        "theirs, mine", "contacted", date(2026, 11, 9), 3,
    )  # fmt: skip


def test_a_conflict_over_three_versions_tells_the_first_before_and_the_last_after(
    store: Store,
) -> None:
    add(store, a_case(notes="a"), "k1")
    edit(store, "k2", 1, notes="b")
    edit(store, "k3", 2, notes="c")
    with pytest.raises(Conflict) as caught:
        edit(store, "k4", 1, by="E2", notes="x")
    assert caught.value.theirs == {"notes": ("a", "c")}


def test_writing_what_stands_already_is_no_conflict(store: Store) -> None:
    add(store, a_case(), "k1")
    edit(store, "k2", 1, notes="b")
    assert edit(store, "k3", 1, by="E2", notes="b") == 2
    with store.reading() as session:
        assert len(changing.history(session, Case, "c1")) == 2


def test_records_are_never_deleted(store: Store) -> None:
    add(store, a_case(), "k1")
    with pytest.raises(StoreError, match="never deleted"):
        store.write("E1", "k2", lambda session: session.delete(session.get(Case, "c1")))
    assert rows(store, Case) == 1


def test_money_and_days_come_back_exactly(store: Store) -> None:
    amount = Decimal("1234567890123.4567")  # a float holds 16 digits, this has 17
    add(store, Wave(id="w1", programme="win_back", theme="t", incentive=amount), "k1")
    with store.reading() as session:
        assert changing.get(session, Wave, "w1").incentive == amount


def test_hostile_text_stays_as_it_was_typed(store: Store) -> None:
    text_ = "'; drop table cases; -- ![x](http://evil/p.png) 很好 \u202e 🧾\n" + "x" * 10_000
    add(store, a_case(notes=text_), "k1")
    with store.reading() as session:
        assert changing.get(session, Case, "c1").notes == text_


def test_two_cannot_mark_the_same_card(store: Store) -> None:
    add(store, Task(id="t1", source="promise:1"), "k1")
    with pytest.raises(StoreError, match="could not be recorded"):
        add(store, Task(id="t2", source="promise:1"), "k2", by="E2")
    assert rows(store, Task) == 1


def test_nobody_writes_without_a_name(store: Store) -> None:
    with pytest.raises(StoreError, match="who you are"):
        add(store, a_case(), "k1", by="  ")


def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(AlreadyGone, match="no cases nobody"):
        store.write("E1", "k1", lambda s: changing.change(s, Case, "nobody", 1, notes="x").id)


def test_the_mark_changes_with_what_joins_the_facts_and_with_nothing_else(store: Store) -> None:
    before = store.mark()
    add(store, Task(id="t1"), "k1")
    assert store.mark() == before
    add(
        store,
        Contact(
            customer_key=7, contacted_at=datetime(2026, 11, 2, 9), channel="phone", is_reached=True
        ),
        "k2",
    )
    after = store.mark()
    assert after != before
    add(
        store,
        Promise(customer_key=7, what="a call", promised_on=OPENED, due_on=date(2026, 11, 9)),
        "k3",
    )
    assert store.mark() != after


def test_a_store_of_a_newer_version_is_refused(address: str) -> None:
    store = Store(address)
    with store.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        Store(address)
    store.close()


@pytest.mark.parametrize(
    "bad", ["mysql://u:secret@host/d", "nonsense", "sqlite+oops:///x", "postgresql://u:secret@/"]
)
def test_what_is_no_address_is_refused_without_its_password(bad: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store(bad)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("who", ["user:secret@", "user@", ""])
def test_a_database_that_is_not_there_is_said_in_one_sentence(who: str) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        Store(f"postgresql://{who}127.0.0.1:1/regulars")
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be reached"):
        Store(f"sqlite:///{tmp_path / 'file' / 'store.sqlite'}")


def test_many_are_added_at_once_and_each_has_its_audit(store: Store) -> None:
    rows = [{"customer_key": n, "stage_since": OPENED, "owner": "E7"} for n in range(2_500)]
    store.write("E1", "k1", lambda session: auditing.add_many(session, Case, rows))
    with store.reading() as session:
        cases = session.scalars(select(Case)).all()
        audits = session.scalars(select(Audit)).all()
    assert sorted(case.customer_key for case in cases) == list(range(2_500))
    assert {row.record_id for row in audits} == {case.id for case in cases}
    assert audits[0].after == {
        "customer_key": audits[0].after["customer_key"], "stage_since": "2026-11-02", "owner": "E7",
    }  # fmt: skip
    assert {(case.stage, case.version, case.created_by) for case in cases} == {
        ("to_contact", 1, "E1")
    }


def test_a_server_that_does_not_answer_holds_a_page_for_seconds_only() -> None:
    """A line that takes no calls: its queue is full, so that connecting waits."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(place)
        began = time.monotonic()
        with pytest.raises(StoreError, match="cannot be reached"):
            Store(f"postgresql://user@127.0.0.1:{place[1]}/regulars")
        assert time.monotonic() - began < 5
        for each in waiting:
            each.close()


def test_postgresql_is_reached_over_the_network_too(postgresql: str, tmp_path: Path) -> None:
    """The server of the tests listens on a socket of its own; a relay puts it on the network."""
    folder = parse_qs(urlsplit(postgresql).query)["host"][0]
    with relay(f"{folder}/.s.PGSQL.5432") as port:
        store = Store(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        assert store.mark() == (0, 0)
        store.close()


@contextmanager
def relay(behind: str) -> Iterator[int]:
    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(behind)
                ends = {self.request: server, server: self.request}
                while True:
                    for end in select_ready(list(ends), [], [], 10)[0]:
                        data = end.recv(65536)
                        if not data:
                            return
                        ends[end].sendall(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
