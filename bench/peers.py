"""RFM and cohorts beside openretailscience: the same file of orders, time and results.

``python -m bench.peers --peer .venv-peers/bin/python`` (``make bench-peers`` makes that
environment). Both read one Parquet file of orders, without refunds and cancellations, with Ibis and
DuckDB, and give an Arrow table and a pandas frame. ``--home`` names books of a company of
``bench.company``: what the board waits for, from their ledger. Ratios are to ours over the same
file. Differences are counted on the data.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import ibis
import ibis.backends.duckdb.converter
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from bench import company
from bench.steps import Watch
from core import breakdowns
from core.facts import Books
from core.metrics.cohorts import cohort_retention
from core.metrics.rfm import rfm
from core.periods import window_start
from core.reading import open_ledger
from core.view import View

ROOT = Path(__file__).parents[1]
AS_OF = date(2025, 12, 31)
TRIES, CLASSES, MONTHS = 3, 5, 35
LEDGER = {"rfm": "rfm", "cohorts": "cohorts"}  # breakdowns that hold the same
MEASURES = {"recency_days": "r", "frequency": "f", "monetary": "m"}


def orders_of(path: Path, target: Path) -> None:
    """Write the file that both read: the orders that stand, named as openretailscience has them."""
    with duckdb.connect() as con:
        con.execute(
            "copy (select customer as customer_id, order_id as transaction_id, "
            "ordered_at as transaction_date, amount::double as unit_spend "
            f"from '{path}' where cancelled_at is null) to '{target}' (format parquet)"
        )


def scored(path: Path) -> ir.Table:
    """Return our RFM scores of the last 12 months, straight from the file of orders."""
    orders = ibis.read_parquet(path)
    recent = orders.filter(orders.transaction_date >= ibis.timestamp(str(_window_from())))
    day = recent.transaction_date.cast("date")
    lines = recent.group_by(customer_key="customer_id").agg(
        last_on=day.max(),
        occasions_12m=day.nunique(),
        value=recent.unit_spend.sum(),
        is_active=ibis.literal(True),
    )
    return rfm(lines, as_of=AS_OF, classes=CLASSES)


def cohorts(path: Path) -> ir.Table:
    """Return our cohorts, straight from the file of orders."""
    orders = ibis.read_parquet(path)
    occasions = orders.select(
        customer_key="customer_id", occasion_on=orders.transaction_date.cast("date")
    )
    firsts = occasions.group_by("customer_key").agg(first_on=occasions.occasion_on.min())
    return cohort_retention(occasions, firsts, as_of=AS_OF, up_to=MONTHS)


def _window_from() -> date:
    return window_start(AS_OF, 12)


def timed(call: Callable[[], pa.Table]) -> tuple[dict[str, float], pa.Table]:
    """Return the median seconds (wall, all cores) of some calls after the first, and a result."""
    result = call()
    tries = []
    for _ in range(TRIES):
        watch = Watch()
        result = call()
        tries.append(watch.read())
    seconds, cpu = (statistics.median(values) for values in zip(*tries, strict=True))
    return {"seconds": seconds, "cpu": cpu}, result


def from_ledger(home: Path, key: str) -> dict[str, float]:
    """Return what the breakdown ``key`` takes from the ledger of ``home``."""

    def ask() -> pa.Table:
        with open_ledger(Books(home)) as ledger:
            return breakdowns.rows(View(ledger), key, as_of=AS_OF)

    return timed(ask)[0]


def of_peer(python: Path, orders: Path, customers: int) -> dict:
    """Return what openretailscience took; its results lie beside ``orders``."""
    request = orders.with_name("request.json")
    asked = {
        "orders": str(orders),
        "as_of": str(AS_OF),
        "window_from": str(_window_from()),
        "customers": customers,
    }
    request.write_text(json.dumps(asked), "utf-8")
    call = [str(python), "-W", "ignore", "-m", "bench.peer_openretailscience", str(request)]
    done = subprocess.run(call, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def unequal(con: duckdb.DuckDBPyConnection, table: str, measure: str, score: str) -> int:
    """Return how many customers have a score that a customer of equal measure has not."""
    query = f"""
        select coalesce(sum(n), 0) from (
            select count(*) as n from {table} group by {measure}
            having count(distinct {score}) > 1
        )"""
    return int(_one(con, query))


def rfm_differences(con: duckdb.DuckDBPyConnection, customers: int) -> dict[str, object]:
    """Return what differs between the scores, counted in customers."""
    found: dict[str, object] = {"customers scored": _one(con, "select count(*) from theirs")}
    for measure, score in MEASURES.items():
        theirs = unequal(con, "theirs", measure, f"{score}_score")
        ours = unequal(con, "ours", measure, score)
        found[f"equal {measure}, another {score}"] = f"theirs {theirs:,}, ours {ours:,}"
    others = " or ".join(f"a.{score}_score <> b.{score}_score" for score in MEASURES.values())
    found["theirs score otherwise once customers are numbered the other way round"] = _one(
        con,
        "select count(*) from theirs a join mirrored b "
        f"on a.customer_id = {customers} - b.customer_id where {others}",
    )
    both = "select count(*) from theirs t join ours o on t.customer_id = o.customer_key where "
    found["frequency differs (they count orders, we days)"] = _one(
        con, both + "t.frequency <> o.frequency"
    )
    found["recency or money differs"] = _one(
        con, f"{both} t.recency_days <> o.recency_days or abs(t.monetary - o.monetary) > 0.005"
    )
    return found


def cohort_differences(con: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """Return what differs between the cohorts, counted in cells."""
    joined = (
        "theirs_cohorts t join theirs_counts c using (cohort, months_since) "
        "join ours_cohorts o on o.cohort = t.cohort::date and o.months_since = t.months_since"
    )
    where = "select count(*) from " + joined + " where "
    return {
        "cells": _one(con, f"select count(*) from {joined}"),
        "months not seen yet, theirs 0, ours null": _one(
            con, where + "t.value = 0 and o.rate is null"
        ),
        "closed months with another number of customers": _one(con, where + "c.value <> o.bought"),
        "closed months whose rate they round by more than 0.1 points": _one(
            con, where + "abs(t.value - o.rate) > 0.001"
        ),
        "mean of month 12, unseen months as 0 (theirs)": _one(
            con, "select round(avg(value), 3) from theirs_cohorts where months_since = 12"
        ),
        "share in month 12, closed cohorts by size (ours)": _one(
            con,
            "select round(sum(bought) / sum(size), 3) from ours_cohorts "
            "where months_since = 12 and bought is not null",
        ),
    }


def _one(con: duckdb.DuckDBPyConnection, query: str) -> float:
    (row,) = con.execute(query).fetchall()
    return row[0]


def compare(folder: Path, python: Path, orders: int, customers: int, home: Path | None) -> str:
    """Return times and differences as text."""
    files = company.write(folder / "company", orders, customers)
    path = folder / "orders.parquet"
    orders_of(files.orders, path)
    took = {"rfm": timed(lambda: scored(path).to_pyarrow())}
    took["cohorts"] = timed(lambda: cohorts(path).to_pyarrow())
    theirs = of_peer(python, path, customers)
    lines = [f"{'':30}{'wall s':>8}{'cpu s':>8}{'ratio':>7}{'cpu ratio':>11}"]
    for name, (ours, _) in took.items():
        rows = {"ours, the same file": ours, "theirs": theirs[name]}
        if name == "rfm":
            rows["theirs, without pandas"] = theirs["rfm_arrow"]
        if home:
            rows["ours, from the ledger"] = from_ledger(home, LEDGER[name])
        lines += [_times(f"{name}: {who}", found, ours) for who, found in rows.items()]
    lines.append(f"theirs: {theirs['versions']}")
    lines.append(f"ours: duckdb {version('duckdb')}, ibis-framework {version('ibis-framework')}")
    lines.append(
        f"without a day named, theirs reads the clock: the latest customer was last seen "
        f"{theirs['recency_without_a_day']} days ago today"
    )
    lines.append(f"five customers who bought the same on one day, theirs: {theirs['five_alike']}")
    with duckdb.connect() as con:
        for name in ("scores", "mirrored", "cohorts", "counts"):
            target = {"scores": "theirs", "mirrored": "mirrored"}.get(name, f"theirs_{name}")
            con.execute(f"create view {target} as from '{folder / name}.parquet'")
        for name, (_, table) in took.items():
            pq.write_table(table, folder / f"ours_{name}.parquet")
        con.execute(f"create view ours as from '{folder / 'ours_rfm.parquet'}'")
        con.execute(f"create view ours_cohorts as from '{folder / 'ours_cohorts.parquet'}'")
        differences = {
            "RFM": rfm_differences(con, customers),
            "cohorts": cohort_differences(con),
        }
    for title, found in differences.items():
        lines += ["", title]
        lines += [f"  {what:75}{_plain(n):>26}" for what, n in found.items()]
    return "\n".join(lines)


def _times(name: str, found: dict[str, float], ours: dict[str, float]) -> str:
    ratios = found["seconds"] / ours["seconds"], found["cpu"] / ours["cpu"]
    return f"{name:30}{found['seconds']:8.2f}{found['cpu']:8.2f}{ratios[0]:7.1f}{ratios[1]:11.1f}"


def _plain(number: object) -> str:
    return f"{number:,}" if isinstance(number, int | float) else str(number)


def main() -> None:
    """Compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, required=True, help="its python")
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--home", type=Path, help="books to ask for the same from the ledger")
    given = parser.parse_args()
    print(f"{given.orders:,} orders, {given.customers:,} customers", file=sys.stderr, flush=True)
    with TemporaryDirectory(prefix="regulars-peers-") as folder:
        # The links of a virtual environment must not be resolved: they tell Python which it is.
        python = given.peer.absolute()
        print(compare(Path(folder), python, given.orders, given.customers, given.home))


if __name__ == "__main__":
    main()
