"""Sentences on what customers were promised, how fast they are answered, and what they say."""

from collections.abc import Mapping, Sequence

from core.figures import Figure, compute
from core.metrics.complaints import complaint_figures, complaint_states
from core.metrics.intervals import Z, newcombe, wilson, z_of
from core.metrics.promises import due_promises, kept_rate
from core.periods import plus_months, window_start
from core.sentences.seen import Seen
from core.sentences.sentence import Sentence, Value

MONTHS = 12
LEAST = 30  # promises or complaints, for a rate to be told


def promises(seen: Seen) -> Sentence | None:
    """Tell in which quarter fewer promises were kept than in the others."""
    if not seen.has("promises"):
        return None
    since = window_start(seen.as_of, MONTHS)
    table = seen.view.ledger.table("promises")
    due = seen.in_scope(due_promises(table, since=since, as_of=seen.as_of))
    rows = kept_rate(due).order_by("quarter_from").to_pyarrow().to_pylist()
    active = int(seen.number("active_customers"))
    return tell_promises([r for r in rows if plus_months(r["quarter_from"], 3) > seen.opening],
                         rows, active)  # fmt: skip


def tell_promises(told: Sequence[Mapping], rows: Sequence[Mapping], active: int) -> Sentence | None:
    """Tell of the quarter of ``told`` that lies furthest below the other quarters of ``rows``."""
    due, kept = (sum(row[name] for row in rows) for name in ("due", "kept"))
    z, best, worst = z_of(len(rows)), None, 0.0
    for row in told:
        n, k = row["due"], row["kept"]
        if n < LEAST or (bounds := newcombe(k, n, kept - k, due - n, z)) is None:
            continue
        gap = k / n - (kept - k) / (due - n)
        if bounds[1] < 0 and gap < worst:
            best, worst = (row, bounds, gap), gap
    if best is None or not active:
        return None
    row, (low, high), gap = best
    n, k = row["due"], row["kept"]
    return Sentence(
        "promises",
        {
            "n": Value("count", n),
            "quarter": Value("quarter", row["quarter_from"]),
            "rate": Value("rate", k / n),
            "others": Value("rate", (kept - k) / (due - n)),
        },
        min(-gap * n / active, 1.0), "promises", "satisfaction", {"section": "promises"},
        ("promise_kept_rate", "promises"), n, low, high,
    )  # fmt: skip


def slow_branch(seen: Seen) -> Sentence | None:
    """Tell which branch answers complaints later than the others."""
    if not seen.has("complaints"):
        return None
    since = window_start(seen.as_of, MONTHS)
    table = seen.view.ledger.table("complaints")
    states = seen.in_scope(complaint_states(table, since=since, as_of=seen.as_of))
    states = states.filter(states.branch.notnull())
    waited = states.response_hours.fill_null(states.watched_hours)
    middle = states.aggregate(at=waited.median()).to_pyarrow()["at"][0].as_py()
    if middle is None:
        return None
    counts = states.group_by("branch").agg(
        opened=states.count().cast("int64"), late=(waited > middle).sum().cast("int64")
    )
    slow = slowest(counts.order_by("branch").to_pyarrow().to_pylist())
    if slow is None:
        return None
    is_it = states.branch == slow["branch"]
    times = complaint_figures(states.mutate(is_it=is_it), by=("is_it",)).to_pyarrow().to_pylist()
    hours = {row["is_it"]: row["response_hours_median"] for row in times}
    return tell_slow_branch(slow, hours, int(seen.number("active_customers")))


def slowest(rows: Sequence[Mapping]) -> Mapping | None:
    """Return the branch of which most complaints beyond half wait longer than the middle one.

    Null where in none so many do that it could not be by chance.
    """
    z = z_of(len(rows))
    slow = [
        row
        for row in rows
        if row["opened"] >= LEAST and (wilson(row["late"], row["opened"], z)[0] or 0) > 0.5
    ]
    if len(rows) < 2 or not slow:
        return None
    return max(slow, key=lambda row: row["late"] / row["opened"])


def tell_slow_branch(
    row: Mapping, hours: Mapping[bool, float | None], active: int
) -> Sentence | None:
    """Tell of the branch, beside the median of the others."""
    own, others = hours.get(True), hours.get(False)
    if own is None or others is None or own <= others or not active:
        return None
    return Sentence(
        "slow_branch",
        {
            "branch": Value("text", row["branch"]),
            "n": Value("count", row["opened"]),
            "hours": Value("hours", own),
            "others": Value("hours", others),
        },
        row["late"] / active, "complaints", "satisfaction",
        {"section": "complaints"}, ("complaint_response_hours", "complaints"), row["opened"],
    )  # fmt: skip


def satisfaction(seen: Seen) -> Sentence | None:
    """Tell whether NPS moved by more than its interval."""
    now = seen.figures.get("nps")
    if now is None or now.value is None or now.was is None:
        return None
    (then,) = compute(seen.view, ["nps"], seen.opening)
    return tell_satisfaction(now, then, int(seen.number("active_customers")))


def tell_satisfaction(now: Figure, then: Figure, active: int) -> Sentence | None:
    """Tell of a change of NPS; the answers of both windows count as independent."""
    if now.value is None or then.value is None or not active:
        return None
    errors = [_error(each) for each in (now, then)]
    if any(error is None for error in errors):
        return None
    change = now.value - then.value
    half = Z * sum(error**2 for error in errors if error is not None) ** 0.5
    if abs(change) <= half or min(now.n or 0, then.n or 0) < LEAST:
        return None
    return Sentence(
        "nps_rose" if change > 0 else "nps_fell",
        {
            "change": Value("points", abs(change)),
            "now": Value("points", now.value),
            "n": Value("count", now.n),
            "low": Value("points", abs(change) - half),
            "high": Value("points", abs(change) + half),
        },
        abs(change) / 100 * min((now.n or 0) / active, 1.0), "satisfaction", "satisfaction", {},
        ("nps",), now.n, change - half, change + half,
    )  # fmt: skip


def _error(figure: Figure) -> float | None:
    """Return the standard error of a score from its interval."""
    if figure.low is None or figure.high is None:
        return None
    return (figure.high - figure.low) / (2 * Z)
