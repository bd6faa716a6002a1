"""All sales, those without a customer included."""

from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from core.ledger.entries import ENTRIES
from core.metrics.sales import sales
from tests.shop import day, one


def entries(*rows: tuple[int | None, int, int, int]):
    names = ("customer_key", "gross", "returned", "cost")
    full = [
        {"entered_on": day("2024-01-01"), "service_cost": Decimal(0)}
        | {n: v if n == "customer_key" or v is None else Decimal(v)
           for n, v in zip(names, row, strict=True)}
        for row in rows
    ]  # fmt: skip
    return ibis.memtable(pa.Table.from_pylist(full, schema=ENTRIES))


def test_refunds_are_taken_off_and_sales_without_a_customer_told_apart():
    row = one(sales(entries((1, 100, 20, 30), (None, 40, 0, 10), (2, 0, 20, 0))))
    assert (row["net"], row["net_without_customer"], row["customers"]) == (100, 40, 2)
    assert row["margin_without_customer"] == 30
    assert row["share_without_customer"] == 0.4


@pytest.mark.parametrize("rows", [(), ((1, 10, 10, 0),), ((1, 0, 5, 0),)])
def test_a_share_of_nothing_is_null(rows):
    assert one(sales(entries(*rows)))["share_without_customer"] is None
