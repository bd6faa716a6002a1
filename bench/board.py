"""Every page of the board over large books: server time of its script, cold and warm.

``python -m bench.board [--home FOLDER] [--only PAGE...]``: the books are those of
``bench.figures``. Each page runs in a process of its own: ``cold`` is its first run in a board
that has been started and has shown nothing yet, ``warm`` the median of three more. Drawing in the
browser is not counted.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from streamlit.components.v2 import manifest_scanner
from streamlit.dataframe import lazy_df_source
from streamlit.testing.v1 import AppTest

from bench.figures import CUSTOMERS, HOME, make
from bench.steps import Watch

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.stem for path in (ROOT / "dashboard" / "pages").glob("[!_]*.py"))
WARM = 3
WARM_LIMIT = 0.3  # seconds
LONGEST = 300
# AppTest searches every installed package for components in each run, a server only at its start;
# it sends the rows of a table at once, a server the first of them.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
lazy_df_source.config = SimpleNamespace(get_option=lambda name: None)  # pyright: ignore


def measured(page: str, home: Path) -> dict:
    """Return what one page takes in this process."""
    os.environ["REGULARS_HOME"] = str(home)
    start = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=LONGEST)
    start.query_params["lang"] = "en"
    # Imports, texts and the first connection: a board that has been started has them.
    os.environ["REGULARS_HOME"] = str(home / "nothing")
    start.run()
    os.environ["REGULARS_HOME"] = str(home)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=LONGEST)
    app.query_params["lang"] = "en"
    if page != "overview":
        app.switch_page(f"dashboard/pages/{page}.py")
    tries = []
    for _ in range(1 + WARM):
        watch = Watch()
        app.run()
        tries.append(watch.read())
    (cold, cold_cpu), *later = tries
    warm, warm_cpu = (statistics.median(values) for values in zip(*later, strict=True))
    failed = [error.value for error in (*app.error, *app.exception)]
    return {
        "cold": cold, "cold_cpu": cold_cpu, "warm": warm, "warm_cpu": warm_cpu,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, "failed": failed,
    }  # fmt: skip


def in_own_process(page: str, home: Path) -> dict:
    """Return what one page takes, or how it failed."""
    call = [sys.executable, "-W", "ignore", "-m", "bench.board", "--home", str(home), "--one", page]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=2 * LONGEST)
    if done.returncode:
        return {"failed": [done.stderr.strip().splitlines()[-1][:200]]}
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure the pages and print a line for each."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path, default=HOME)
    asked.add_argument("--customers", type=int, default=CUSTOMERS)
    asked.add_argument("--only", nargs="*", default=PAGES, choices=PAGES)
    asked.add_argument("--one", choices=PAGES, help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.one:
        print(json.dumps(measured(chosen.one, chosen.home)))
        return
    make(chosen.home, chosen.customers)
    found = {}
    for page in chosen.only:
        found[page] = each = in_own_process(page, chosen.home)
        if each["failed"]:
            print(f"{page:14} failed: {each['failed'][0]}", flush=True)
            continue
        slow = "  over the limit" if each["warm"] > WARM_LIMIT else ""
        print(
            f"{page:14} cold {each['cold']:6.2f} s (cpu {each['cold_cpu']:6.2f})  "
            f"warm {each['warm']:5.3f} s (cpu {each['warm_cpu']:5.3f})  "
            f"peak {each['peak_gb']:.1f} GB{slow}", flush=True,
        )  # fmt: skip
    target = ROOT / "bench" / "results" / f"board-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    target.write_text(json.dumps({"machine": machine, "pages": found}, indent=1))
    print(target)


if __name__ == "__main__":
    main()
