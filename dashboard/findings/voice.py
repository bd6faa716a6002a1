"""What the sections on satisfaction share: estimates with their n, and codes by their names."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import pandas as pd

from core.figures import Figure
from core.figures.figure import ESTIMATES, SMALL_N
from core.figures.tiers import tier_title
from core.i18n import texts
from core.metrics.intervals import Z, wilson
from dashboard import estimates, numbers
from dashboard.charts import Palette
from dashboard.data import Told
from dashboard.drill import Drill
from dashboard.estimates import Estimate
from dashboard.findings import words
from dashboard.session import Look, language, say

Drills = dict[tuple[int, int], Drill]


def known(value: float | None) -> float | None:
    """Return a number of a frame, null where it is not known."""
    return None if value is None or pd.isna(value) else float(value)


def coded(column: str, code: str) -> str:
    """Return what a code of a column is called; what the company wrote stays as it is."""
    return texts(language()).get(f"list.code.{column}.{code}", code)


def told_by(told: Told, by: str, **others: str) -> pd.DataFrame:
    """Return the rows of a breakdown by one thing, where it is known."""
    rows = told.rows
    wanted = (rows.told_by == by) & rows.group.notnull()
    for name, value in others.items():
        wanted &= rows[name] == value
    return rows.loc[wanted].copy()


def ways(told: Told, all_ways: Sequence[str]) -> list[str]:
    """Return by what a breakdown can be told apart: where something is known of it."""
    return [by for by in all_ways if len(told_by(told, by))] or list(all_ways[-1:])


def place(kind: str, value: str, tiers: str) -> str:
    """Return what a value that something is told apart by is called."""
    if kind == "tier_name":
        return tier_title(tiers, value, language())
    return coded("membership_level" if kind == "membership" else "group", value)


def estimate(
    look: Look, label: str, value: float | None, n: int, unit: str, colours: Palette,
    low: float | None = None, high: float | None = None,
) -> Estimate:  # fmt: skip
    """Return an estimate with its n; grey where few are behind it, or nobody."""
    value = known(value)
    text = f"{words.amount(value, unit, look)} · {count(look, n)}"
    colour = colours.unknown if n < SMALL_N else colours.accent
    return Estimate(label, value, known(low), known(high), text, colour)


def rate(look: Look, label: str, part: int, whole: int, colours: Palette) -> Estimate:
    """Return a share with its Wilson interval."""
    low, high = wilson(int(part), int(whole))
    value = part / whole if whole else None
    return estimate(look, label, value, whole, "rate", colours, low, high)


def of_figure(look: Look, figure: Figure, label: str, colours: Palette) -> Estimate:
    """Return a figure as an estimate."""
    return estimate(
        look, label, figure.value, figure.n or 0, figure.unit, colours, figure.low, figure.high
    )


def is_apart(
    value: float, low: float | None, high: float | None, whole: float | None, many: int
) -> bool:
    """Whether an estimate lies further from the whole than chance makes one of so many do.

    By its interval, widened for the number compared (Bonferroni).
    """
    if whole is None or low is None or high is None or pd.isna(low) or pd.isna(high):
        return False
    wide = NormalDist().inv_cdf(1 - 0.025 / max(many, 1)) / Z
    reach = (high - value) if value < whole else (value - low)
    return abs(value - whole) > wide * reach


def drills(found: Sequence[Estimate], drills: Sequence[Drill | None]) -> Drills:
    """Return the drills of the points of ``estimates.side_by_side``, called as the points are."""
    pairs = [
        (each, drill) for each, drill in zip(found, drills, strict=True) if each.value is not None
    ]
    return {
        (estimates.SIDE_BY_SIDE, at): replace(drill, label=each.label)
        for at, (each, drill) in enumerate(pairs)
        if drill is not None
    }


def count(look: Look, n: int | None) -> str:
    """Return the number that something rests on."""
    return say("card.n", n=numbers.whole(n, look.language))


def interval(look: Look, low: float | None, high: float | None, n: int | None, unit: str) -> str:
    """Return an interval and the number of answers it rests on."""
    return say(
        "card.interval", low=words.amount(low, unit, look), high=words.amount(high, unit, look),
        n=numbers.whole(n, look.language),
    )  # fmt: skip


def between(look: Look, figure: Figure) -> str:
    """Return interval and n of a figure, as short as a card wants it; n alone of counts."""
    if figure.low is None or figure.high is None:
        return count(look, figure.n) if figure.unit in ESTIMATES else ""
    ends = [
        numbers.percent(end, look.language, 0)
        if figure.unit == "rate"
        else words.amount(end, figure.unit, look)
        for end in (figure.low, figure.high)
    ]
    n = numbers.whole(figure.n, look.language)
    # Where the line breaks, it breaks before n.
    text = say("card.interval", low=ends[0], high=ends[1], n=n)
    return text.replace("n = ", "n\u00a0=\u00a0")
