"""A process killed while it writes: what it acknowledged is there, and nothing is half there."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date

import pytest
from sqlalchemy import select

from core.store import Store, changing
from core.store.log import Audit, Write
from core.store.records import Case, Promise

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("REGULARS_TEST_KILLS", "2"))
WRITES = 200


def keep_writing(address: str, run: str) -> None:
    """Write a case with two promises at a time, and say each one that is done."""
    store = Store(address)
    for number in range(WRITES):
        id = f"{run}-{number}"

        def do(session: object, id: str = id) -> str:
            day = date(2026, 11, 2)
            changing.add(session, Case(id=id, customer_key=1, stage_since=day))  # type: ignore[arg-type]
            for part in "ab":
                promise = Promise(
                    id=id + part, customer_key=1, what="a call", promised_on=day, due_on=day
                )
                changing.add(session, promise)  # type: ignore[arg-type]
            return id

        print(store.write("E1", id, do), flush=True)


def killed_at_random(address: str, run: int) -> list[str]:
    """Let a process write, kill it, and return what it had said was written."""
    code = f"from tests.store.test_killed import keep_writing; keep_writing({address!r}, 'r{run}')"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(random.uniform(0, 0.5))
    child.send_signal(signal.SIGKILL)
    said = [first, *child.stdout.readlines()]
    child.stdout.close()
    child.wait()
    return [line.strip() for line in said if line.endswith("\n")]


def test_what_was_acknowledged_is_there_and_nothing_is_half(address: str) -> None:
    Store(address).close()
    said = [id for run in range(KILLS) for id in killed_at_random(address, run)]
    store = Store(address)
    with store.reading() as session:
        cases = set(session.scalars(select(Case.id)))
        promises = set(session.scalars(select(Promise.id)))
        audits = {(row.kind, row.record_id) for row in session.scalars(select(Audit))}
        writes = set(session.scalars(select(Write.key)))
    store.close()
    assert len(said) >= KILLS
    assert set(said) <= cases
    assert promises == {id + part for id in cases for part in "ab"}
    assert audits == {("cases", id) for id in cases} | {("promises", id) for id in promises}
    assert writes == cases
