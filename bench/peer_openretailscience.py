"""What openretailscience makes of a file of orders; runs where it is installed, not in ``.venv``.

``python -m bench.peer_openretailscience REQUEST`` reads the request that ``bench.peers`` wrote
(JSON: files, days), writes scores and cohorts beside it and prints what it took.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
from openretailscience.analysis.cohort import (  # pyright: ignore[reportMissingImports]
    CohortAnalysis,
)
from openretailscience.segmentation.rfm import (  # pyright: ignore[reportMissingImports]
    RFMSegmentation,
)

TRIES = 3


def timed(call: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Return the median seconds (wall, all cores) of some calls after the first, and a result."""
    call()
    walls, cores = [], []
    for _ in range(TRIES):
        wall, core = time.perf_counter(), time.process_time()
        result = call()
        walls.append(time.perf_counter() - wall)
        cores.append(time.process_time() - core)
    return {"seconds": statistics.median(walls), "cpu": statistics.median(cores)}, result


def main(request: Path) -> None:
    """Answer one request."""
    asked = json.loads(request.read_text("utf-8"))
    folder = request.parent
    orders = ibis.read_parquet(asked["orders"])
    recent = orders.filter(orders.transaction_date >= ibis.timestamp(asked["window_from"]))
    mirrored = recent.mutate(customer_id=asked["customers"] - recent.customer_id)

    def rfm(rows: Any, day: str | None = asked["as_of"]) -> Any:
        return RFMSegmentation(rows, day, r_segments=5, f_segments=5, m_segments=5)

    rfm_seconds, scores = timed(lambda: rfm(recent).df)
    arrow_seconds, _ = timed(lambda: rfm(recent).table.to_pyarrow())
    cohort_seconds, cohorts = timed(
        lambda: CohortAnalysis(orders, "customer_id", "nunique", "month", percentage=True).df
    )
    counts = CohortAnalysis(orders, "customer_id", "nunique", "month").df
    scores.reset_index().to_parquet(folder / "scores.parquet")
    rfm(mirrored).df.reset_index().to_parquet(folder / "mirrored.parquet")
    for name, table in (("cohorts", cohorts), ("counts", counts)):
        long = table.stack().rename("value").reset_index()
        long.columns = ["cohort", "months_since", "value"]
        long.to_parquet(folder / f"{name}.parquet")
    alike = pd.DataFrame(
        {
            "customer_id": range(1, 6),
            "transaction_id": range(1, 6),
            "transaction_date": pd.Timestamp(asked["as_of"]),
            "unit_spend": 10.0,
        }
    )
    undated = rfm(recent, None).df["recency_days"].min()
    answer = {
        "rfm": rfm_seconds,
        "rfm_arrow": arrow_seconds,
        "cohorts": cohort_seconds,
        "recency_without_a_day": int(undated),
        "five_alike": sorted(rfm(alike).df["rfm_segment"].tolist()),
        "versions": {n: version(n) for n in ("openretailscience", "ibis-framework", "duckdb")},
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
