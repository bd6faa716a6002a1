"""A company of any size for the benchmarks: what a database would hand over, as Parquet files."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST_DAY = date(2023, 1, 1)
DAYS = 1096  # 36 months: to 2025-12-31
LAST_MONTH = date(2025, 12, 1)
DATED_IN = 700  # customers first buy within so many days
REFUNDED, CANCELLED = 0.03, 0.01
WHOLLY = 1 / 3  # of the refunds give the whole order back
MOVED = 0.1  # of the customers have a second span of attributes
SEED = 20250101


@dataclass(frozen=True)
class Files:
    """Where the company's files lie."""

    folder: Path

    @property
    def orders(self) -> Path:
        """Orders: ``order_id``, ``customer``, ``ordered_at``, ``amount``, ``cancelled_at``."""
        return self.folder / "orders.parquet"

    @property
    def refunds(self) -> Path:
        """Refunds, all linked to their order."""
        return self.folder / "refunds.parquet"

    @property
    def attributes(self) -> Path:
        """Region, branch and manager of every customer, dated."""
        return self.folder / "customer_attributes.parquet"

    @property
    def new_orders(self) -> Path:
        """1,000 further orders, dated in the last month."""
        return self.folder / "new_orders.parquet"


def write(folder: Path, orders: int, customers: int) -> Files:
    """Write a company with so many orders of so many customers over 36 months.

    Customers differ in how much they buy (gamma, shape 0.7), begin within the first 700 days and
    buy evenly from then on; amounts are log-normal. 3 % of the orders are refunded within 60 days,
    a third of those wholly; 1 % are cancelled within 10 days. A tenth of the customers changes
    region, branch and manager once.
    """
    files = Files(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    weight = rng.gamma(0.7, 1, customers)
    customer = rng.choice(customers, orders, p=weight / weight.sum()).astype("int64")
    begins = rng.integers(0, DATED_IN, customers)
    day = (begins[customer] + rng.random(orders) * (DAYS - begins[customer])).astype("int64")
    cents = (rng.lognormal(4, 1, orders) * 100).astype("int64") + 1
    in_time = np.argsort(day, kind="stable")
    customer, day, cents = customer[in_time], day[in_time], cents[in_time]
    number = np.arange(orders)
    cancelled = _cancelled(rng, day)
    _write(files.orders, _orders(number, customer, day, cents, cancelled))
    _write(files.refunds, _refunds(rng, number, customer, day, cents, np.isnat(cancelled)))
    _write(files.attributes, _attributes(rng, customers))
    _write(files.new_orders, _new_orders(rng, orders, customers))
    return files


def _timestamps(day: np.ndarray) -> np.ndarray:
    return np.datetime64(FIRST_DAY, "us") + day.astype("timedelta64[D]")


def _cancelled(rng: np.random.Generator, day: np.ndarray) -> np.ndarray:
    chosen = rng.random(len(day)) < CANCELLED
    later = np.minimum(day + rng.integers(0, 11, len(day)), DAYS - 1)
    return np.where(chosen, _timestamps(later), np.datetime64("NaT", "us"))


def _orders(
    number: np.ndarray,
    customer: np.ndarray,
    day: np.ndarray,
    cents: np.ndarray,
    cancelled: np.ndarray,
) -> pa.Table:
    return pa.table(
        {
            "order_id": pa.array(number).cast(pa.string()),
            "customer": customer,
            "ordered_at": pa.array(_timestamps(day)),
            "cents": cents,
            "cancelled_at": pa.array(cancelled, from_pandas=True),
        }
    )


def _refunds(
    rng: np.random.Generator,
    number: np.ndarray,
    customer: np.ndarray,
    day: np.ndarray,
    cents: np.ndarray,
    stands: np.ndarray,
) -> pa.Table:
    at = np.flatnonzero((rng.random(len(number)) < REFUNDED) & stands)
    share = np.where(rng.random(len(at)) < WHOLLY, 1.0, rng.random(len(at)))
    refunded = np.minimum(day[at] + rng.integers(1, 61, len(at)), DAYS - 1)
    return pa.table(
        {
            "refund_id": pa.array(at).cast(pa.string()),
            "order_id": pa.array(number[at]).cast(pa.string()),
            "customer": customer[at],
            "refunded_at": pa.array(_timestamps(refunded)),
            "cents": np.maximum((cents[at] * share).astype("int64"), 1),
        }
    )


def _attributes(rng: np.random.Generator, customers: int) -> pa.Table:
    first = np.arange(customers)
    second = np.flatnonzero(rng.random(customers) < MOVED)
    parts = []
    for who, earliest, latest in ((first, 0, 1), (second, DATED_IN, DAYS)):
        from_on = pa.array(_timestamps(rng.integers(earliest, latest, len(who)))).cast(pa.date32())
        branch = rng.integers(0, 40, len(who))
        values = {
            "region": branch // 10,
            "branch": branch,
            "manager": branch * 10 + rng.integers(0, 10, len(who)),
        }
        for attribute, value in values.items():
            parts.append(
                pa.table(
                    {
                        "customer": who,
                        "attribute": np.full(len(who), attribute),
                        "value": pa.array(value).cast(pa.string()),
                        "valid_from": from_on,
                    }
                )
            )
    return pa.concat_tables(parts)


def _new_orders(rng: np.random.Generator, orders: int, customers: int) -> pa.Table:
    count = 1_000
    first = (LAST_MONTH - FIRST_DAY).days
    return _orders(
        np.arange(orders, orders + count),
        rng.integers(0, customers, count),
        rng.integers(first, DAYS, count),
        rng.integers(100, 50_000, count),
        np.full(count, np.datetime64("NaT", "us")),
    )


def _write(path: Path, rows: pa.Table) -> None:
    """Write ``rows``; where they hold cents, as a decimal ``amount``."""
    if "cents" not in rows.column_names:
        pq.write_table(rows, path)
        return
    with duckdb.connect() as con:
        con.register("rows", rows)
        con.execute(
            "copy (select * exclude (cents), (cents / 100)::decimal(18, 4) as amount from rows) "
            f"to '{path}' (format parquet)"
        )
