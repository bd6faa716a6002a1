"""Ledger lines against the same lines worked out plainly from their definitions."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.definitions import Configuration, Definitions
from core.facts import Books
from core.ledger.refresh import refresh
from tests.laws.law import law
from tests.ledger.oracle import Oracle
from tests.rows import Rows, ledger_lines, take

START = datetime(2020, 11, 20)
CONFIGURATION = Configuration(definitions=Definitions(lapse_after_days=60))


def random_shop(seed: int, days: int = 480, customers: int = 12) -> Rows:
    """A shop in which everything happens: refunds, cancellations, contracts, moves, costs."""
    draw = Random(seed)
    names = [f"c{i}" for i in range(customers)]

    def moment() -> datetime:
        return START + timedelta(days=draw.randrange(days), hours=draw.choice([0, 9, 15]))

    def money() -> Decimal:
        return Decimal(draw.randrange(100, 20000)) / 100

    has_costs = draw.random() < 0.5
    orders, lines, refunds = [], [], []
    for number in range(draw.randrange(20, 70)):
        at = moment()
        items = [(draw.choice("pqr"), money()) for _ in range(draw.randrange(1, 3))]
        amount = sum((m for _, m in items), Decimal(0))
        is_free = draw.random() < 0.04
        cancelled = at + timedelta(days=draw.randrange(0, 90)) if draw.random() < 0.1 else None
        orders.append(
            {
                "order_id": f"o{number}",
                "customer_id": draw.choice([*names, None]),
                "ordered_at": at,
                "amount": Decimal(0) if is_free else amount,
                "cost": money() / 2 if has_costs or draw.random() < 0.3 else None,
                "cancelled_at": cancelled,
            }
        )
        lines += [
            {"order_id": f"o{number}", "line_id": str(i), "product_id": p, "amount": m}
            for i, (p, m) in enumerate(items)
        ]
        if draw.random() < 0.35:
            back = amount if draw.random() < 0.5 else money()
            is_linked = draw.random() < 0.5
            refunds.append(
                {
                    "refund_id": f"r{number}",
                    "refunded_at": at + timedelta(days=draw.randrange(0, 120)),
                    "amount": back,
                    "order_id": f"o{number}" if is_linked else None,
                    "customer_id": orders[-1]["customer_id"] if draw.random() < 0.8 else None,
                    "product_id": draw.choice([items[0][0], None]),
                }
            )
    attributes = {
        (c, name, START.date() + timedelta(days=draw.randrange(-30, days))): {
            "value": draw.choice("xyz"),
            "is_dated": draw.random() < 0.7,
            "valid_to": None,
        }
        for c in names
        for name in ("region", "manager")
        for _ in range(draw.randrange(0, 3))
    }
    for key, row in attributes.items():
        if draw.random() < 0.2:
            row["valid_to"] = key[2] + timedelta(days=draw.randrange(1, 200))
    return {
        "customers": [
            {"customer_id": c, "joined_on": moment().date() if draw.random() < 0.7 else None}
            for c in names
        ],
        "customer_attributes": [
            {
                "customer_id": c, "attribute": name, "value": row["value"], "valid_from": day,
                "valid_to": row["valid_to"], "is_dated": row["is_dated"],
            }
            for (c, name, day), row in attributes.items()
        ],
        "orders": orders,
        "order_lines": lines,
        "refunds": refunds,
        "service_costs": [
            {
                "cost_id": str(i), "customer_id": draw.choice(names),
                "incurred_on": moment().date(), "amount": money() / 10,
            }
            for i in range(draw.randrange(0, 6))
        ],
        "contracts": [
            {
                "contract_id": str(i), "customer_id": draw.choice(names),
                "started_on": (at := moment().date()),
                "ended_on": at + timedelta(days=draw.randrange(5, 300)) if i % 2 else None,
                "monthly_value": money(),
            }
            for i in range(draw.randrange(0, 3))
        ],
    }  # fmt: skip


def differences(found: list[dict], expected: list[dict]) -> list[tuple]:
    """Pairs of lines that differ, as (day, customer, column, found, expected)."""
    by_key = {(r["month_end"], r["customer_id"]): r for r in found}
    wanted = {(r["month_end"], r["customer_id"]): r for r in expected}
    missing = [(*key, "missing", key in by_key, key in wanted) for key in by_key.keys() ^ wanted]
    return missing + [
        (*key, column, by_key[key][column], row[column])
        for key, row in wanted.items()
        if key in by_key
        for column in row
        if by_key[key][column] != row[column]
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_lines_follow_their_definitions(seed: int, tmp_path: Path) -> None:
    rows = random_shop(seed)
    take(Books(tmp_path), rows)
    refresh(Books(tmp_path), CONFIGURATION)
    expected = Oracle(rows, CONFIGURATION.definitions).lines()
    assert differences(ledger_lines(tmp_path), expected) == []


@pytest.mark.slow
@law(4)
@given(seed=st.integers(3, 10**6))
def test_lines_follow_their_definitions_whatever_happens(seed: int) -> None:
    rows = random_shop(seed)
    with TemporaryDirectory() as name:
        take(Books(Path(name)), rows)
        refresh(Books(Path(name)), CONFIGURATION)
        expected = Oracle(rows, CONFIGURATION.definitions).lines()
        assert differences(ledger_lines(Path(name)), expected) == []
