"""Every figure, breakdown and work list over the demo company, as the board asks for them.

``python -m bench.figures [--home FOLDER] [--customers N] [--only KEY...] [--by SCOPE]``: the books
are made once in ``--home`` (minutes) and used again. Figures that one source gives together are
timed together; lists give their first 100 rows. Each is asked for in a process of its own:
``cold`` is the first time, opening the ledger included and imports of modules apart; ``warm`` the
median of three more. ``ratio`` is of the warm time to a plain group by customer over the same
orders in DuckDB.
"""

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir

# What the first reading imports: a board has long done so.
import ibis.backends.duckdb.converter  # noqa: F401
import pyarrow.dataset  # noqa: F401

from bench.steps import Watch
from core import breakdowns, lists
from core.facts import Books
from core.figures import FIGURES, FigureDefinition, compute
from core.reading import open_ledger
from core.view import View

ROOT = Path(__file__).parents[1]
HOME = Path(gettempdir()) / "regulars-bench-demo"  # 3 GB
CUSTOMERS = 1_674_000  # of the demo company: 10 M orders
WARM, TOP, SLOWEST = 3, 100, 5
LONGEST = 300  # seconds that one item may take
Ask = Callable[[View], str]


@dataclass(frozen=True)
class Item:
    """One thing to ask for; ``ask`` says what came of it."""

    kind: str
    name: str
    keys: tuple[str, ...]
    ask: Ask


def items(by: str | None) -> list[Item]:
    """Return all that the registries hold."""
    found = [_figures(source, by) for source in dict.fromkeys(f.source for f in FIGURES)]
    found += [Item("breakdown", key, (key,), _breakdown(key)) for key in breakdowns.BREAKDOWNS]
    return found + [Item("list", key, (key,), _list(key)) for key in lists.LISTS]


def _figures(source: Callable, by: str | None) -> Item:
    given: list[FigureDefinition] = [f for f in FIGURES if f.source is source]
    keys = tuple(figure.key for figure in given)
    name = f"{source.__module__.rpartition('.')[2]}.{source.__name__}"

    def ask(view: View) -> str:
        found = compute(view, keys, by=by)
        known = sum(figure.value is not None for figure in found)
        return f"{known} of {len(found)} known"

    return Item("figures", name, keys, ask)


def _breakdown(key: str) -> Ask:
    return lambda view: f"{breakdowns.rows(view, key).num_rows} rows"


def _list(key: str) -> Ask:
    return lambda view: f"{lists.rows(view, key, top=TOP).num_rows} rows"


def measured(item: Item, home: Path, warm: int) -> dict:
    """Return what one item takes in this process."""
    gc.collect()
    gc.freeze()  # as the board does at its start
    tries = []
    for _ in range(1 + warm):
        watch = Watch()
        with open_ledger(Books(home)) as ledger:
            answer = item.ask(View(ledger))
        tries.append(watch.read())
    (cold, _), *later = tries
    later = later or tries
    seconds, cpu = (statistics.median(values) for values in zip(*later, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"cold": cold, "seconds": seconds, "cpu": cpu, "peak_gb": peak, "answer": answer}


def in_own_process(item: Item, home: Path, by: str | None, warm: int) -> dict:
    """Return what one item takes, or how it failed."""
    call = [sys.executable, "-W", "ignore", "-m", "bench.figures", "--home", str(home)]
    call += ["--one", item.name, "--warm", str(warm)] + (["--by", by] if by else [])
    try:
        done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"answer": f"failed: not done within {LONGEST} s"}
    if done.returncode:
        return {"answer": "failed: " + done.stderr.strip().splitlines()[-1][:200]}
    return json.loads(done.stdout.splitlines()[-1])


def step(name: str, *given: str) -> dict:
    """Return what a step of ``bench.steps`` measured."""
    call = [sys.executable, "-W", "ignore", "-m", "bench.steps", name, *given]
    done = subprocess.run(call, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def make(home: Path, customers: int) -> None:
    """Make the books in ``home`` where there are none, and say how long it took."""
    for name, folder in (("demo", "versions"), ("demo_refresh", "refreshes")):
        if not (home / folder).exists():
            print(f"  {name} of {customers:,} customers", file=sys.stderr, flush=True)
            print(f"{name}: {json.dumps(step(name, str(home), str(customers)))}", flush=True)


def table(found: dict[str, dict], unit: float) -> str:
    """Return the results as text, the slowest five of each kind at the end."""
    heading = f"{'':46}{'cold s':>8}{'warm s':>8}{'cpu s':>8}{'ratio':>7}{'GB':>6}  "
    lines = [heading]
    lines += [_line(name, row, unit) for name, row in found.items()]
    for kind in dict.fromkeys(row["kind"] for row in found.values()):
        of_kind = [(n, r) for n, r in found.items() if r["kind"] == kind and "cold" in r]
        slowest = sorted(of_kind, key=lambda pair: -pair[1]["cold"])[:SLOWEST]
        lines += ["", f"slowest {kind}", *(_line(name, row, unit) for name, row in slowest)]
    return "\n".join(lines)


def _line(name: str, row: dict, unit: float) -> str:
    label = f"  {row['kind']:10}{name[:33]:34}"
    if "cold" not in row:
        return f"{label}  {row['answer']}"
    return (
        f"{label}{row['cold']:8.2f}{row['seconds']:8.2f}{row['cpu']:8.2f}"
        f"{row['seconds'] / unit:7.2f}{row['peak_gb']:6.2f}  {row['answer']}"
    )


def main() -> None:
    """Measure what is asked for, print the table, write ``bench/results/figures-<moment>.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument(
        "--customers", type=int, default=CUSTOMERS, help="of books still to be made"
    )
    parser.add_argument("--only", nargs="*", default=[], help="figures, breakdowns or lists")
    parser.add_argument("--by", help="scope to tell the figures apart by")
    parser.add_argument("--warm", type=int, default=WARM, help="times after the first")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    every = items(given.by)
    if given.one:
        chosen = next(item for item in every if item.name == given.one)
        print(json.dumps(measured(chosen, given.home, given.warm)))
        return
    make(given.home, given.customers)
    only = set(given.only)
    unit = step("demo_unit", str(given.home), "")["seconds"]
    print(f"group by customer (the unit): {unit:.3f} s", flush=True)
    found = {}
    for item in every:
        if not only or only & {item.name, *item.keys}:
            result = in_own_process(item, given.home, given.by, given.warm)
            found[item.name] = {"kind": item.kind, "keys": item.keys, **result}
            print(_line(item.name, found[item.name], unit), file=sys.stderr, flush=True)
    print(table(found, unit))
    moment = datetime.now(UTC)
    record = {
        "measured_at": moment.isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform()},
        "versions": {name: version(name) for name in ("duckdb", "ibis-framework", "deltalake")},
        "unit": unit,
        "by": given.by,
        "results": found,
    }
    path = ROOT / "bench" / "results" / f"figures-{moment:%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=1), "utf-8")
    print(f"\n{path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
