"""Whether the scores that employees give agree with what the customers did afterwards."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pyarrow as pa

from core import engine
from core.metrics.afterwards import bought_after, with_lines
from core.metrics.intervals import Z, wilson, z_of
from core.periods import is_month_end
from core.store.records import SCORES
from core.view import View

LEAST = 10  # evaluations of which anything is said
_SPEARMAN = 1.06  # variance of Fisher's z of a rank correlation, times n - 3
Verdict = Literal["lenient", "strict", "like_others"]


@dataclass(frozen=True)
class Rated:
    """One evaluation and what became of the customer; null: not known, or not over yet."""

    rater: str
    tier: str | None  # when it was made
    scores: dict[str, int | None]
    occasions: int | None  # within the days
    is_active: bool | None  # at the first month-end after them


@dataclass(frozen=True)
class Step:
    """The customers who were given one step, of whom it is known what they did."""

    step: int
    n: int
    bought: float | None
    low: float | None
    high: float | None
    n_active: int  # of whom it is known whether they are still active
    active: float | None


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation of score and purchases afterwards, with its 95 % interval."""

    n: int
    rho: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Rater:
    """How one rater scores beside colleagues, on customers of the same tiers.

    ``n`` are evaluations in tiers that colleagues scored as well; null where fewer than ``LEAST``.
    """

    rater: str
    n: int
    mean: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict | None = None


def rated(
    view: View, ratings: Sequence[tuple], as_of: date, within_days: int
) -> list[Rated]:  # fmt: skip
    """Return evaluations (``evaluations.ratings``) with what the customers did afterwards."""
    if not ratings:
        return []
    rows = [_asked(view, row, as_of, within_days) for row in ratings]
    asked = engine.small_table(view.ledger.con, pa.Table.from_pylist(rows, schema=_ASKED))
    found = bought_after(
        asked, View(view.ledger).occasions(as_of), as_of=as_of, within_days=within_days
    )
    days = {row[name] for row in rows for name in ("placed_on", "checked_on")} - {None}
    lines = view.bare_lines_of(sorted(days)).semi_join(asked, "customer_key")
    found = with_lines(found, lines, on="placed_on", tier="tier_name")
    found = with_lines(found, lines, on="checked_on", is_active="is_active")
    told = {row["id"]: row for row in found.to_pyarrow().to_pylist()}
    return [
        Rated(
            row[2], told[row[0]]["tier"], dict(zip(SCORES, row[4:], strict=True)),
            told[row[0]]["occasions_after"], told[row[0]]["is_active"],
        )
        for row in ratings
    ]  # fmt: skip


def _asked(view: View, row: tuple, as_of: date, within_days: int) -> dict:
    """Return an evaluation with the ledger days before it and after its days."""
    id, customer_key, _, scored_on, *_ = row
    over = scored_on + timedelta(days=within_days)
    before = [day for day in view.days if day <= scored_on]
    after = [day for day in view.days if over <= day <= as_of and is_month_end(day)]
    return {
        "id": id, "customer_key": customer_key, "asked_on": scored_on,
        "placed_on": before[-1] if before else None, "checked_on": after[0] if after else None,
    }  # fmt: skip


_ASKED = pa.schema(
    [
        ("id", pa.string()),
        ("customer_key", pa.int64()),
        ("asked_on", pa.date32()),
        ("placed_on", pa.date32()),
        ("checked_on", pa.date32()),
    ]
)


def steps(found: Iterable[Rated], name: str) -> list[Step]:
    """Return what the customers of each step did; only those whose days are over count."""
    known = [(each.scores[name], each) for each in found if each.occasions is not None]
    told = []
    for step in sorted({step for step, _ in known if step is not None}):
        own = [each for given, each in known if given == step]
        n, bought = len(own), sum(bool(each.occasions) for each in own)
        low, high = wilson(bought, n)
        checked = [each.is_active for each in own if each.is_active is not None]
        active = sum(checked) / len(checked) if checked else None
        told.append(Step(step, n, bought / n, low, high, len(checked), active))
    return told


def correlation(found: Iterable[Rated], name: str) -> Correlation:
    """Return how the ranks of a score agree with those of the purchases afterwards.

    References
    ----------
    Fieller, Hartley and Pearson (1957), Tests for rank correlation coefficients.
    """
    pairs = [
        (step, each.occasions)
        for each in found
        if (step := each.scores[name]) is not None and each.occasions is not None
    ]
    n = len(pairs)
    if n < LEAST:
        return Correlation(n, None)
    given, bought = (_ranks([pair[place] for pair in pairs]) for place in (0, 1))
    if not given.std() or not bought.std():
        return Correlation(n, None)
    rho = float(np.corrcoef(given, bought)[0, 1])
    if abs(rho) > 1 - 1e-12:
        return Correlation(n, rho, rho, rho)
    half = Z * math.sqrt(_SPEARMAN / (n - 3))
    low, high = (math.tanh(math.atanh(rho) + side) for side in (-half, half))
    return Correlation(n, rho, low, high)


def _ranks(values: Sequence[int]) -> np.ndarray:
    """Return the ranks of values; equal ones get the middle of theirs."""
    _, place, many = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    return (np.cumsum(many) - (many - 1) / 2)[place]


def raters(found: Sequence[Rated], name: str) -> list[Rater]:
    """Return how each rater scores beside colleagues, the most evaluations first.

    Differences within tiers are weighted by the rater's own evaluations. They count as lenient or
    strict if the interval, widened for the number of raters, leaves out 0.
    """
    known = [(each.rater, each.tier, step) for each in found
             if each.tier and (step := each.scores[name]) is not None]  # fmt: skip
    by_tier: dict[str, list[tuple[str, int]]] = {}
    for rater, tier, step in known:
        by_tier.setdefault(tier, []).append((rater, step))
    variance = _within(by_tier)
    shared = {rater: _shared(by_tier, rater) for rater, _, _ in known}
    many = sum(_n(each) >= LEAST for each in shared.values())
    told = [_rater(name, cells, variance, z_of(many)) for name, cells in shared.items()]
    return sorted(told, key=lambda each: (-each.n, each.rater))


def _within(by_tier: dict[str, list[tuple[str, int]]]) -> float | None:
    """Return the variance of scores within tiers."""
    squares, free = 0.0, 0
    for rows in by_tier.values():
        values = np.array([step for _, step in rows], dtype=float)
        squares += float(((values - values.mean()) ** 2).sum())
        free += len(values) - 1
    return squares / free if free else None


Cell = tuple[list[int], list[int]]  # scores of the rater, and of colleagues, in one tier


def _shared(by_tier: dict[str, list[tuple[str, int]]], rater: str) -> list[Cell]:
    cells = []
    for rows in by_tier.values():
        own = [step for who, step in rows if who == rater]
        others = [step for who, step in rows if who != rater]
        if own and others:
            cells.append((own, others))
    return cells


def _n(cells: Sequence[Cell]) -> int:
    return sum(len(own) for own, _ in cells)


def _rater(rater: str, cells: Sequence[Cell], variance: float | None, z: float) -> Rater:
    n = _n(cells)
    if n < LEAST or variance is None:
        return Rater(rater, n, None)
    weights = [len(own) / n for own, _ in cells]
    mean = sum(sum(own) for own, _ in cells) / n
    gaps = [float(np.mean(own) - np.mean(others)) for own, others in cells]
    difference = sum(w * gap for w, gap in zip(weights, gaps, strict=True))
    spread = sum(
        w * w * variance * (1 / len(own) + 1 / len(others))
        for w, (own, others) in zip(weights, cells, strict=True)
    )
    half = z * math.sqrt(spread)
    low, high = difference - half, difference + half
    verdict: Verdict = "lenient" if low > 0 else "strict" if high < 0 else "like_others"
    return Rater(rater, n, mean, difference, low, high, verdict)
