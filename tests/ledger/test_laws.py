"""Laws of the books, whatever the data: as of, as known, import and refresh."""

from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts import Books
from core.ledger.refresh import refresh
from core.metrics.movement import customer_bridge, movements
from core.reading import open_ledger
from core.view import View
from tests.laws.law import law
from tests.ledger.oracle import Oracle
from tests.ledger.test_lines import CONFIGURATION, differences, random_shop
from tests.rows import Rows, ledger_lines, take

pytestmark = pytest.mark.slow
seeds = st.integers(0, 10**6)

DATED_BY = {
    "customers": "joined_on",
    "customer_attributes": "valid_from",
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "service_costs": "incurred_on",
    "contracts": "started_on",
}


def known_by(rows: Rows, day: date) -> Rows:
    """What a company could have exported at the end of ``day``."""

    def is_known(table: str, row: dict) -> bool:
        value = row[DATED_BY[table]]
        return value is None or str(value)[:10] <= day.isoformat()

    found = {t: [dict(r) for r in rows[t] if is_known(t, r)] for t in DATED_BY if t in rows}
    for order in found["orders"]:
        if order["cancelled_at"] and order["cancelled_at"].date() > day:
            order["cancelled_at"] = None
    orders = {o["order_id"] for o in found["orders"]}
    found["order_lines"] = [x for x in rows["order_lines"] if x["order_id"] in orders]
    return found


def middle(rows: Rows) -> date:
    days = sorted(o["ordered_at"].date() for o in rows["orders"])
    return days[len(days) * 2 // 3]


def built(rows: list[Rows], home: Path, is_refreshed_each_time: bool = True) -> list[dict]:
    for number, part in enumerate(rows):
        take(Books(home), part)
        if is_refreshed_each_time or number == len(rows) - 1:
            refresh(Books(home), CONFIGURATION)
    return ledger_lines(home)


@law(2)
@given(seed=seeds)
def test_a_refresh_after_an_import_equals_a_full_one(seed: int) -> None:
    rows = random_shop(seed)
    with TemporaryDirectory() as name:
        found = built([known_by(rows, middle(rows)), rows], Path(name))
    assert differences(found, Oracle(rows, CONFIGURATION.definitions).lines()) == []


@law(1)
@given(seed=seeds)
def test_facts_dated_after_a_month_end_change_no_earlier_line(seed: int) -> None:
    rows = random_shop(seed)
    for attribute in rows["customer_attributes"]:
        attribute["is_dated"] = True
    day = middle(rows)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        before = built([known_by(rows, day)], Path(one))
        after = built([rows], Path(other))
    closed = {r["month_end"] for r in before if (r["month_end"] + timedelta(1)).day == 1}
    first = sorted(closed)
    earlier = [[r for r in lines if r["month_end"] in first] for lines in (before, after)]
    assert earlier[0]
    assert differences(*earlier) == []


@law(1)
@given(seed=seeds)
def test_files_that_do_not_contradict_each_other_commute(seed: int) -> None:
    rows = random_shop(seed)
    for attribute in rows["customer_attributes"]:
        attribute["is_dated"] = True  # undated ones hold from their import, so order matters
    draw = Random(seed)
    parts: list[Rows] = [{}, {}]
    for table, found in rows.items():
        for row in found:
            # Every row is in one of the two files, a third of them in both.
            chosen = draw.choice([(0,), (1,), (0, 1)])
            for part in chosen:
                parts[part].setdefault(table, []).append(row)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        forth = built(parts, Path(one), is_refreshed_each_time=False)
        back = built(parts[::-1], Path(other))
    assert differences(forth, back) == []


@law(2)
@given(seed=seeds)
def test_importing_twice_is_importing_once(seed: int) -> None:
    rows = random_shop(seed)
    with TemporaryDirectory() as name:
        take(Books(Path(name)), rows)
        again = take(Books(Path(name)), rows)
        assert again.version is None
        assert {s for c in again.counts.values() for s, n in c.items() if n} == {"unchanged"}
        assert [v.version for v in Books(Path(name)).versions()] == [1]


@law(2)
@given(seed=seeds)
def test_equal_customers_get_equal_lines_whatever_their_number(seed: int) -> None:
    rows = random_shop(seed)
    names = sorted({c["customer_id"] for c in rows["customers"]})
    shuffled = dict(zip(names, Random(seed).sample(names, len(names)), strict=True))
    renamed = {
        table: [
            {**r, "customer_id": shuffled.get(r["customer_id"])} if "customer_id" in r else r
            for r in found
        ]
        for table, found in rows.items()
    }
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        plain, other_way = built([rows], Path(one)), built([renamed], Path(other))
    back = {new: old for old, new in shuffled.items()}
    for line in other_way:
        line["customer_id"] = back[line["customer_id"]]
    assert differences(plain, other_way) == []


@law(1)
@given(seed=seeds)
def test_the_bridge_reconciles_in_every_scope_between_any_two_month_ends(seed: int) -> None:
    rows = random_shop(seed, days=250)
    with TemporaryDirectory() as name:
        built([rows], Path(name))
        with open_ledger(Books(Path(name))) as ledger:
            pairs = list(combinations(View(ledger).days, 2))
            for opened, closed in Random(seed).sample(pairs, 3):
                for scope in (
                    {},
                    {"region": ("x",)},
                    {"manager": ("y", "z")},
                    {"tier": ("other",)},
                ):
                    _reconcile(View(ledger, scope), opened, closed)


def _reconcile(view: View, opened: date, closed: date) -> None:
    opening, closing = view.all_lines(opened), view.all_lines(closed)
    moved = movements(opening, closing, opened_on=opened)
    b = customer_bridge(moved).to_pyarrow().to_pylist()[0]
    before, after = _active(view, opened), _active(view, closed)
    assert (b["opening"], b["value_opening"]) == (before["n"], before["value"])
    assert (b["closing"], b["value_closing"]) == (after["n"], after["value"])
    heads = b["opening"] + b["new"] + b["returned"] + b["moved_in"]
    assert heads - b["lost"] - b["undone"] - b["moved_out"] == b["closing"]
    money = (
        b["value_opening"] + b["value_new"] + b["value_returned"] + b["value_moved_in"]
        - b["value_lost"] - b["value_undone"] - b["value_moved_out"]
        + b["value_up"] - b["value_down"]
    )  # fmt: skip
    assert money == b["value_closing"]


def _active(view: View, day: date) -> dict:
    rows = view.lines(day)
    active = rows.filter(rows.is_active)
    found = active.agg(n=active.count(), value=active.value.sum().fill_null(0))
    return found.to_pyarrow().to_pylist()[0]
