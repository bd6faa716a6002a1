"""Benchmarks: import, refresh and pages over 10 M orders, as ratios to a plain group by.

``make bench`` takes about three minutes; ``python -m bench.run --orders 1000000`` one size alone.
Every step runs in a process of its own, which tells its peak memory. Results of other machines
compare by the ratios. ``ratio`` is of seconds on the wall, ``cpu ratio`` of processor time, which
other programs on the machine disturb less; ``growth`` is the time against the smallest size.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import company
from bench.pages import METRICS

ROOT = Path(__file__).parents[1]
SIZES = (1_000_000, 10_000_000)
ORDERS_PER_CUSTOMER = 20
STEPS = ("import", "refresh", "import_more", "refresh_more", *(f"page_{name}" for name in METRICS))
NAMES = {
    "unit": "group by customer (the unit)",
    "import": "import",
    "refresh": "full refresh",
    "import_more": "import of 1,000 more orders",
    "refresh_more": "refresh after it",
}


def run(step: str, home: Path, folder: Path) -> dict[str, float]:
    """Return what one step measured, in a process of its own."""
    call = [sys.executable, "-W", "ignore", "-m", "bench.steps", step, str(home), str(folder)]
    done = subprocess.run(call, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(orders: int, folder: Path) -> dict[str, dict[str, float]]:
    """Return what every step measured over so many orders, ``ratio`` to the unit with it."""
    files = company.write(folder / "company", orders, orders // ORDERS_PER_CUSTOMER)
    found = {"unit": run("unit", folder / "books", files.folder)}
    for step in STEPS:
        print(f"  {orders:>11,} orders: {NAMES.get(step, step)}", file=sys.stderr, flush=True)
        found[step] = run(step, folder / "books", files.folder)
        found[step]["load"] = os.getloadavg()[0]
    for result in found.values():
        result["ratio"] = result["seconds"] / found["unit"]["seconds"]
        result["cpu_ratio"] = result["cpu"] / found["unit"]["cpu"]
    return found


def table(results: dict[int, dict[str, dict[str, float]]]) -> str:
    """Return the results as text, one block per size."""
    blocks = []
    for orders, found in results.items():
        block = [f"{orders:,} orders, {orders // ORDERS_PER_CUSTOMER:,} customers, 36 months"]
        block.append(
            f"  {'':32}{'seconds':>9}{'ratio':>8}{'cpu ratio':>11}{'peak GB':>9}"
            f"{'growth':>8}{'cold s':>8}"
        )
        smaller = results.get(min(results)) if orders != min(results) else None
        for step, result in found.items():
            name = NAMES.get(step, step.replace("page_", "page: "))
            cold = f"{result['cold']:8.2f}" if "cold" in result else ""
            growth = f"{result['seconds'] / smaller[step]['seconds']:8.1f}" if smaller else " " * 8
            block.append(
                f"  {name:32}{result['seconds']:9.3f}{result['ratio']:8.2f}"
                f"{result['cpu_ratio']:11.2f}{result['peak_gb']:9.2f}{growth}{cold}"
            )
        blocks.append("\n".join(block))
    return "\n\n".join(blocks)


def main() -> None:
    """Measure every size, print the table, write ``bench/results/<moment>.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="*", default=SIZES, help="sizes to measure")
    sizes = parser.parse_args().orders
    results = {}
    for orders in sizes:
        with TemporaryDirectory(prefix="regulars-bench-") as folder:
            results[orders] = measure(orders, Path(folder))
    print(table(results))
    moment = datetime.now(UTC)
    record = {
        "measured_at": moment.isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform()},
        "versions": {name: version(name) for name in ("duckdb", "ibis-framework", "deltalake")},
        "results": results,
    }
    path = ROOT / "bench" / "results" / f"{moment:%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=1), "utf-8")
    print(f"\n{path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
