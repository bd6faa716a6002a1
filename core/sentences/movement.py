"""Sentences on customers who come and go: churn, places, tiers, newcomers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from core.figures import pyramid
from core.figures.figure import Cell
from core.figures.moving import movement
from core.metrics.intervals import newcombe, z_of
from core.periods import is_month_end
from core.sentences.seen import Seen
from core.sentences.sentence import Sentence, Value

LEAST = 30  # customers, for a rate to be told
WITHIN_DAYS = 90
PLACES = ("branch", "region", "manager")


def churn(seen: Seen) -> Sentence | None:
    """Tell whether more, or fewer, were lost than in the period of equal length before.

    An open month makes the period shorter than the one before it: nothing is told.
    """
    if not is_month_end(seen.as_of):
        return None
    before = seen.view.days.index(seen.as_of) - 2 * (
        seen.view.days.index(seen.as_of) - seen.view.days.index(seen.opening)
    )
    if before < 0 or seen.view.days[before] + timedelta(days=1) < seen.settled_from:
        return None  # in the first tau days of the books churn reads low
    was = (seen.was("bridge_opening"), seen.was("bridge_lost"))
    now = (seen.number("bridge_opening"), seen.number("bridge_lost"))
    return tell_churn(now, was, seen.number("bridge_value_lost"))


def tell_churn(
    now: tuple[float, float], was: tuple[float | None, float | None], value: float
) -> Sentence | None:
    """Tell of a change of churn; ``now`` and ``was`` are those active, and those lost of them."""
    (n, k), (m, j) = now, was
    if m is None or j is None or min(n, m) < LEAST:
        return None
    bounds = newcombe(k, int(n), j, int(m))
    if bounds is None or bounds[0] <= 0 <= bounds[1]:
        return None
    change = k / n - j / m
    return Sentence(
        "churn_rose" if change > 0 else "churn_fell",
        {
            "rate": Value("rate", k / n),
            "was": Value("rate", j / m),
            "n": Value("count", k),
            "value": Value("money", value),
        },
        abs(change), "churn", "churn", {}, ("churn", "lost"), int(n), *bounds,
    )  # fmt: skip


def place(seen: Seen) -> Sentence | None:
    """Tell which branch, region or manager lost more of its customers than the others."""
    view = seen.view
    rows = view.lines(seen.opening)
    counted = rows.aggregate(
        **{name: rows[name].nunique() for name in PLACES if name not in view.scope}
    )
    (known,) = counted.to_pyarrow().to_pylist()
    name = next((name for name in PLACES if known.get(name, 0) > 1), None)
    if name is None:
        return None
    cells = movement(replace(seen.asked, by=name))
    value = seen.number("bridge_value_opening")
    named = {group[0]: found for group, found in cells.items() if group and group[0] is not None}
    return tell_place(name, named, value)


def tell_place(name: str, cells: Mapping[str, Mapping[str, Cell]], value: float) -> Sentence | None:
    """Tell of the place that lost most beyond what the others lost, for its size."""
    parts = ("bridge_opening", "bridge_lost", "bridge_value_opening", "bridge_value_lost")
    rows = {
        each: [float(found[part].value or 0) for part in parts] for each, found in cells.items()
    }
    all_n, all_k, all_then, all_lost = (sum(row[i] for row in rows.values()) for i in range(4))
    z, best, most = z_of(len(rows)), None, 0.0
    for each, (n, k, then, lost) in sorted(rows.items()):
        bounds = newcombe(k, int(n), all_k - k, int(all_n - n), z) if n >= LEAST else None
        if bounds is None or bounds[0] <= 0:
            continue
        others = (all_k - k) / (all_n - n)
        beyond = (k - others * n) / all_n
        rest = all_then - then
        if value > 0 and rest > 0:
            beyond = max(beyond, (lost - (all_lost - lost) / rest * then) / value)
        if beyond > most:
            best, most = (each, n, k, lost, others, bounds), beyond
    if best is None:
        return None
    each, n, k, lost, others, bounds = best
    return Sentence(
        "place",
        {
            "place": Value("text", each),
            "n": Value("count", k),
            "rate": Value("rate", k / n),
            "others": Value("rate", others),
            "value": Value("money", lost),
        },
        most, "place", "churn", {name: each}, ("churn", "bridge_value_lost"), int(n), *bounds,
    )  # fmt: skip


def tiers(seen: Seen) -> Sentence | None:
    """Tell whether more fell from the upper tiers than usual."""
    cells = pyramid.upper(seen.asked).get((), {})
    if "upper_fallen_excess" not in cells:
        return None
    return tell_tiers(cells, seen.number("active_customers"))


def tell_tiers(cells: Mapping[str, Cell], active: float) -> Sentence | None:
    """Tell of an excess of falls; what is usual rests on about as many customers per period."""
    fallen, excess = cells["upper_fallen"], cells["upper_fallen_excess"]
    n = excess.n or 0
    if fallen.value is None or excess.value is None or n < LEAST or not active:
        return None
    periods = next((note.values["periods"] for note in excess.note if "periods" in note.values), 1)
    m = n * int(str(periods))
    bounds = newcombe(fallen.value, n, (fallen.value - excess.value) / n * m, m)
    if bounds is None or bounds[0] <= 0:
        return None
    return Sentence(
        "tiers",
        {
            "n": Value("count", fallen.value),
            "of": Value("count", n),
            "excess": Value("count", excess.value),
        },
        excess.value / active, "tiers", "pyramid", {"section": "moves"},
        ("upper_fallen", "upper_fallen_excess", "tier-migration"), n, *bounds,
    )  # fmt: skip


def newcomers(seen: Seen) -> Sentence | None:
    """Tell whether those who first bought in the period come again as those before them did.

    Only days of a first purchase whose 90 days have passed; before them, as many days.
    """
    back = timedelta(days=WITHIN_DAYS)
    until, from_on = seen.as_of - back, seen.opening - back + timedelta(days=1)
    before_on = from_on - (until - from_on) - timedelta(days=1)
    if before_on < seen.settled_from:
        return None  # who is new cannot be told from who returned
    lines = seen.view.lines(seen.as_of)
    gap = lines.second_on.delta(lines.first_on, unit="day")
    is_back = (gap <= WITHIN_DAYS).fill_null(False)
    is_now = (lines.first_on >= from_on) & (lines.first_on <= until)
    is_before = (lines.first_on >= before_on) & (lines.first_on < from_on)
    (row,) = lines.aggregate(
        n=is_now.sum().cast("int64").fill_null(0),
        k=(is_now & is_back).sum().cast("int64").fill_null(0),
        m=is_before.sum().cast("int64").fill_null(0),
        j=(is_before & is_back).sum().cast("int64").fill_null(0),
    ).to_pyarrow().to_pylist()  # fmt: skip
    return tell_newcomers(row, from_on, until, seen.number("active_customers"))


def tell_newcomers(
    row: Mapping[str, int], from_on: date, until: date, active: float
) -> Sentence | None:
    """Tell of a change: ``k`` of ``n`` came again, ``j`` of ``m`` of those before them."""
    n, k, m, j = (row[name] for name in "nkmj")
    if min(n, m) < LEAST or not active:
        return None
    bounds = newcombe(k, n, j, m)
    if bounds is None or bounds[0] <= 0 <= bounds[1]:
        return None
    change = k / n - j / m
    return Sentence(
        "newcomers_rose" if change > 0 else "newcomers_fell",
        {
            "n": Value("count", n),
            "from_on": Value("day", from_on),
            "until": Value("day", until),
            "rate": Value("rate", k / n),
            "was": Value("rate", j / m),
            "days": Value("days", WITHIN_DAYS),
        },
        abs(change) * n / active, "newcomers", "repurchase", {},
        ("repurchase_within_90",), n, *bounds,
    )  # fmt: skip
