"""Fifty people at once: nothing lost, nothing twice, every change with its audit.

REGULARS_TEST_WRITES=200 is the full load; a run of all tests takes fewer.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from core.store import Conflict, Store, changing
from core.store.log import Audit, Write
from core.store.records import Case, Contact

pytestmark = pytest.mark.slow
WRITERS = 50
WRITES = int(os.environ.get("REGULARS_TEST_WRITES", "8"))
SHARED = 5  # cases that all write into


def log_contact(store: Store, writer: int, number: int) -> None:
    """Log a contact, and send the same form a second time, as a double click does."""
    key = f"w{writer}-{number}"
    for _ in range(2):
        store.write(
            f"E{writer}", key,
            lambda session: changing.add(
                session,
                Contact(
                    id=f"contact-{key}", customer_key=writer, channel="phone", is_reached=True,
                    contacted_at=datetime(2026, 11, 2, 9),
                ),
            ),
        )  # fmt: skip


def note_down(store: Store, writer: int, number: int) -> int:
    """Add a word to a case that others write into; look again after each conflict."""
    word, id = f"{writer}-{number}", f"case-{number % SHARED}"
    conflicts = 0
    while True:
        with store.reading() as session:
            read = changing.get(session, Case, id)
        wanted = f"{read.notes} {word}"
        try:
            store.write(
                f"E{writer}", f"n{word}-{read.version}",
                lambda session, v=read.version, notes=wanted: changing.change(
                    session, Case, id, v, notes=notes
                ).version,
            )  # fmt: skip
        except Conflict:
            conflicts += 1
            continue
        return conflicts


def test_fifty_writers_lose_nothing_and_double_nothing(store: Store) -> None:
    for number in range(SHARED):
        case = Case(id=f"case-{number}", customer_key=number, stage_since=date(2026, 11, 2))
        store.write("E0", f"k{number}", lambda session, case=case: changing.add(session, case))

    def work(writer: int) -> int:
        told = 0
        for number in range(WRITES):
            if writer % 5:
                log_contact(store, writer, number)
            else:
                told += note_down(store, writer, number)
        return told

    with ThreadPoolExecutor(WRITERS) as pool:
        told = sum(pool.map(work, range(WRITERS)))

    noting = [writer for writer in range(WRITERS) if writer % 5 == 0]
    logged, noted = (WRITERS - len(noting)) * WRITES, len(noting) * WRITES
    with store.reading() as session:
        contacts = session.scalars(select(Contact.id)).all()
        cases = session.scalars(select(Case)).all()
        audits = session.execute(
            select(Audit.kind, func.count()).group_by(Audit.kind).order_by(Audit.kind)
        ).all()
        changes = session.execute(
            select(Audit.record_id, Audit.record_version).where(Audit.kind == "cases")
        ).all()
        writes = session.scalar(select(func.count()).select_from(Write))
    assert len(contacts) == len(set(contacts)) == logged
    words = sorted(word for case in cases for word in case.notes.split())
    assert words == sorted(f"{writer}-{n}" for writer in noting for n in range(WRITES))
    assert [tuple(row) for row in audits] == [("cases", SHARED + noted), ("contacts", logged)]
    # Each version of a case once, none left out.
    assert sorted(tuple(row) for row in changes) == sorted(
        (case.id, version) for case in cases for version in range(1, case.version + 1)
    )
    assert writes == SHARED + noted + logged
    assert told > 0, "nobody met anybody: the test proves nothing about conflicts"
