"""Imports killed at random, with readers beside them: nothing doubled, nothing mixed."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.check import check
from core.definitions import Configuration
from core.facts import Books
from core.ledger.refresh import refresh
from core.reading import open_facts
from tests.rows import Rows, take

KILLS = int(os.environ.get("REGULARS_TEST_KILLS", "3"))
ORDERS_EACH = 50


def batch(number: int) -> Rows:
    """Import ``number``: new orders of two lines each, and the last import's orders corrected."""
    at = datetime(2020, 1, 1)
    keys = range(max(number - 1, 0) * ORDERS_EACH, (number + 1) * ORDERS_EACH)
    return {
        "orders": [
            {
                "order_id": f"o{k}",
                "customer_id": f"c{k % 37}",
                "ordered_at": at + timedelta(days=k % 200),
                "amount": Decimal(10 + number),
            }
            for k in keys
        ],
        "order_lines": [
            {"order_id": f"o{k}", "line_id": str(i), "amount": Decimal(10 + number) / 2}
            for k in keys
            for i in range(2)
        ],
    }


def keep_importing(home: Path) -> None:
    """Import on and on, from where the books stand; for the process that is killed."""
    while True:
        newest = books_version(home)
        take(Books(home), batch(newest))
        refresh(Books(home), Configuration())


def books_version(home: Path) -> int:
    versions = Books(home).versions()
    return versions[-1].version if versions else 0


def look(home: Path) -> int:
    """Read the newest version and hold it against what it must be; return its number."""
    with open_facts(Books(home)) as reading:
        number = reading.version.version
        orders = reading.table("orders").to_pyarrow().to_pydict()
        lines = reading.table("order_lines").to_pyarrow().to_pydict()
        ids = reading.persons("customer_ids").to_pyarrow().to_pydict()
    expected = number * ORDERS_EACH
    assert len(orders["order_id"]) == len(set(orders["order_id"])) == expected
    assert len(lines["line_id"]) == 2 * expected
    # Half of each amount stands in each line: a mixed version would not add up.
    assert sum(orders["amount"]) == sum(lines["amount"])
    assert len(set(ids["customer_id"])) == len(set(ids["customer_key"])) == 37
    return number


@pytest.mark.slow
def test_killed_imports_leave_nothing_behind_and_readers_never_see_half(tmp_path: Path) -> None:
    draw = random.Random(KILLS)
    reads = 0
    take(Books(tmp_path), batch(0))
    code = f"from tests.test_kills import *; keep_importing(Path({str(tmp_path)!r}))"
    for _ in range(KILLS):
        before = books_version(tmp_path)
        child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code])
        # Past start-up: the first published import tells that it works.
        while books_version(tmp_path) == before and child.poll() is None:
            reads += bool(look(tmp_path))
        until = time.monotonic() + draw.uniform(0, 2.5)
        while time.monotonic() < until:
            reads += bool(look(tmp_path))
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        look(tmp_path)
    take(Books(tmp_path), batch(books_version(tmp_path)))
    refresh(Books(tmp_path), Configuration())
    look(tmp_path)
    assert check(Books(tmp_path)) == []
    assert reads >= KILLS
    print(f"{KILLS} kills, {reads} reads, {books_version(tmp_path)} versions")
