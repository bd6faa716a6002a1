"""One step of the benchmark in a process of its own: ``python -m bench.steps STEP HOME GIVEN``.

GIVEN is the folder of the company's files, or the number of customers of the demo company.

Prints one JSON object: seconds of the step (imports of modules apart) and whatever it counted.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import ibis

from bench.company import Files
from bench.pages import METRICS
from core import engine
from core.batch import Batch, staging
from core.definitions import Configuration, Definitions
from core.facts import Books
from core.imports import publish
from core.ledger.lines import LINES
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.view import View
from data.demo import stage

TRIES = 5
AS_OF, COMPARE = date(2025, 12, 31), date(2024, 12, 31)
GROUP_BY = "select {0}, count(*), sum(amount), max(ordered_at) from read_parquet({1}) group by {0}"
DEMO = Configuration(definitions=Definitions(lapse_after_days=330))

Found = dict[str, float]


class Watch:
    """Seconds on the wall and of all cores since it was made."""

    def __init__(self) -> None:
        self.started = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Return seconds on the wall, and seconds of processor time in all threads."""
        wall, cores = self.started
        return time.perf_counter() - wall, time.process_time() - cores

    def found(self, **counted: float) -> Found:
        """Return what was measured until now, and what was counted."""
        seconds, cpu = self.read()
        return {"seconds": seconds, "cpu": cpu, **counted}


def unit(books: Books, files: Files) -> Found:
    """Time the yardstick: a plain group by customer in DuckDB over the file of orders."""
    return _unit(GROUP_BY.format("customer", [str(files.orders)]))


def demo_unit(books: Books, given: str) -> Found:
    """Time the yardstick over the orders of books that were imported."""
    orders = books.files("facts/orders", books.version().tables)
    return _unit(GROUP_BY.format("customer_key", orders))


def _unit(query: str) -> Found:
    tries = []
    with duckdb.connect() as con:
        for _ in range(3):
            watch = Watch()
            con.sql(query).to_arrow_table()
            tries.append(watch.read())
    seconds, cpu = (min(values) for values in zip(*tries, strict=True))
    return {"seconds": seconds, "cpu": cpu}


def take(books: Books, files: Files) -> Found:
    """Time the import of the whole company: staging and publishing."""
    paths = {
        "orders": files.orders,
        "refunds": files.refunds,
        "customer_attributes": files.attributes,
    }
    return _import(books, paths)


def take_more(books: Books, files: Files) -> Found:
    """Time the import of 1,000 further orders of the last month."""
    return _import(books, {"orders": files.new_orders})


def _import(books: Books, paths: dict[str, Path]) -> Found:
    watch = Watch()
    with staging() as con:
        tables = {}
        for name, path in paths.items():
            rows = con.read_parquet(path)
            rows = rows.mutate(customer_id=rows.customer.cast("string")).drop("customer")
            if name == "customer_attributes":
                rows = rows.mutate(is_dated=ibis.literal(True))
            tables[name] = f"staged_{name}"
            con.create_table(tables[name], rows)
        staging_seconds, _ = watch.read()
        batch = Batch(con, "bench", "bench", tables=tables)
        report = publish(books, batch, currency="CNY")
    rows = sum(counts["inserted"] for counts in report.counts.values())
    return watch.found(staging=staging_seconds, rows=rows)


def build(books: Books, files: Files) -> Found:
    """Time a refresh: full where there is none yet, else of what changed."""
    watch = Watch()
    made = refresh(books, Configuration())
    found = watch.found()
    with open_ledger(books) as ledger:
        lines = ledger.derived("ledger", LINES, (f"month_end={made.data_date}",))
        return found | {"lines_at_end": engine.count(lines)}


def demo(books: Books, customers: str) -> Found:
    """Time the import of the demo company: making and staging it, and publishing."""
    watch = Watch()
    with staging() as con:
        batch = stage(con, customers=int(customers))
        staging_seconds, _ = watch.read()
        publish(books, batch, currency="CNY")
        return watch.found(staging=staging_seconds, rows=batch.rows_read)


def demo_refresh(books: Books, customers: str) -> Found:
    """Time a full refresh of the demo company."""
    watch = Watch()
    refresh(books, DEMO)
    return watch.found()


def page(name: str) -> Callable[[Books, Files], Found]:
    """Return the step that times one metric of a page: at first sight, then seen before."""

    def measure(books: Books, files: Files) -> Found:
        tries = []
        for _ in range(1 + TRIES):
            watch = Watch()
            with open_ledger(books) as ledger:
                rows = METRICS[name](View(ledger), AS_OF, COMPARE)
            tries.append(watch.read())
        cold, *warm = tries
        seconds, cpu = (statistics.median(values) for values in zip(*warm, strict=True))
        return {"seconds": seconds, "cpu": cpu, "cold": cold[0], "rows": rows}

    return measure


DEMO_STEPS: dict[str, Callable[[Books, str], Found]] = {
    "demo": demo,
    "demo_refresh": demo_refresh,
    "demo_unit": demo_unit,
}
STEPS: dict[str, Callable[[Books, Files], Found]] = {
    "unit": unit,
    "import": take,
    "refresh": build,
    "import_more": take_more,
    "refresh_more": build,
    **{f"page_{name}": page(name) for name in METRICS},
}


if __name__ == "__main__":
    step, home, given = sys.argv[1:]
    books = Books(Path(home))
    if step in DEMO_STEPS:
        found = DEMO_STEPS[step](books, given)
    else:
        found = STEPS[step](books, Files(Path(given)))
    found["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps(found))
