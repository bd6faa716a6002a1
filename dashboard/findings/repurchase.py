"""What the repurchase page finds of rates: who came back within N days, and by when."""

from collections.abc import Mapping

import pandas as pd

from core.figures import Figure
from dashboard import curves, numbers, ranges
from dashboard.blocks import Card, Finding, Nothing
from dashboard.charts import Palette
from dashboard.curves import Rate
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import known, points
from dashboard.findings.labels import dashed_from
from dashboard.ranges import Ranged
from dashboard.session import Look, say

SECTIONS = ("rates", "cohorts", "gaps", "products", "promotions", "attributes", "expected")
WITHIN = tuple(f"repurchase_within_{days}" for days in (30, 90, 180, 365))
CARDS = (
    "repeat_rate", "next_window_rate", "repurchase_within_90", "repurchase_within_365",
    "gap_median",
)  # fmt: skip
KEYS = (*CARDS, "repurchase_within_30", "repurchase_within_180")
SMALL = 30  # below it nothing is made of a rate
_MUCH = 0.02  # that a naive rate differs by


def cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return headline figures as cards, under names that fit side by side."""
    return [words.card(found[key], look, label=say(f"repurchase.card.{key}")) for key in CARDS]


def curve(
    look: Look, found: Mapping[str, Figure], line: Told, within: Told, colours: Palette
) -> Finding | Nothing:
    """Say how many came back, and by when; what is not matured is dashed."""
    spoken = look.language
    seen = [_rate(row, spoken) for _, row in within.rows.iterrows() if row.days_passed]
    rows = line.rows
    rows = rows[rows.day <= max([90.0, *(rate.at for rate in seen)]) * 1.1]
    if rows.empty:
        return Nothing(say("repurchase.curve.too_few"), say("page.nobody.text"))
    dashed = dashed_from(rows)
    share = rows.repurchase_rate
    figure = curves.came_back(
        [0, *rows.day], [0.0, *share], [0.0, *rows.rate_low.fillna(share)],
        [0.0, *rows.rate_high.fillna(share)], None if dashed is None else dashed + 1,
        seen, colours, spoken, say("repurchase.curve.axis"),
    )  # fmt: skip
    caption = say(
        "repurchase.curve.unit", n=numbers.whole(line.rows.at_risk.max(), spoken),
        day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    return Finding(_title(look, found, within), figure, caption + _naive(look, within))


def windows(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding | Nothing:
    """Say what became of the rates since the day compared with, window by window."""
    spoken = look.language
    figures = [figure for key in WITHIN if (figure := found[key]).value is not None]
    if not figures:
        return Nothing(say("repurchase.windows.none"), found[WITHIN[0]].note_text(spoken))
    rated = [
        Ranged(
            _within(figure), figure.value or 0.0, figure.low, figure.high,
            say(
                "repurchase.windows.text", rate=numbers.percent(figure.value, spoken),
                n=numbers.whole(figure.n, spoken),
            ),
            colours.accent, figure.was,
        )
        for figure in figures
    ]  # fmt: skip
    drills = [words.behind(f, f"{_within(f)} · {say('drill.label')}") for f in figures]
    told = next((f for f in figures if f.key == "repurchase_within_90"), figures[0])
    caption = say("repurchase.windows.unit", day=numbers.day(look.as_of, spoken))
    if any(figure.was is not None for figure in figures):
        caption += say("repurchase.windows.then", since=numbers.day(look.compare, spoken))
    drawn = ranges.rates(rated, colours, height=260, room=1.9)
    return Finding(_changed(look, told), drawn, caption, points(ranges.POINTS, drills))


def _changed(look: Look, figure: Figure) -> str:
    spoken = look.language
    values = {"rate": numbers.percent(figure.value, spoken), "days": _days(figure)}
    if figure.value is None or figure.was is None:
        return say("repurchase.windows.title", **values)
    change = figure.value - figure.was
    values |= {
        "change": numbers.points_told(change, spoken),
        "since": numbers.day(look.compare, spoken),
    }
    # Within the interval of the rate itself it is no news.
    if (figure.low or 0.0) <= figure.was <= (1.0 if figure.high is None else figure.high):
        return say("repurchase.windows.same", **values)
    return say("repurchase.windows.rose" if change > 0 else "repurchase.windows.fell", **values)


def _title(look: Look, found: Mapping[str, Figure], within: Told) -> str:
    closed = within.rows[within.rows.days_passed >= SMALL]
    if closed.empty:
        return say("repurchase.curve.too_few")
    last, median = closed.iloc[-1], found["gap_median"].value
    rate = numbers.percent(last.repurchase_rate, look.language)
    days = int(last.within_days)
    if median is None:
        return say("repurchase.curve.title", rate=rate, days=days)
    return say("repurchase.curve.title_median", rate=rate, days=days, median=int(median))


def _naive(look: Look, within: Told) -> str:
    """Say what the rate would read had the young been counted, where that differs much."""
    rows = within.rows[within.rows.days_passed >= SMALL]
    gaps = rows.repurchase_rate - rows.naive_rate
    if rows.empty or gaps.max() < _MUCH:
        return ""
    row = rows.loc[gaps.idxmax()]
    return say(
        "repurchase.curve.naive", naive=numbers.percent(row.naive_rate, look.language),
        right=numbers.percent(row.repurchase_rate, look.language), days=int(row.within_days),
    )  # fmt: skip


def _rate(row: pd.Series, spoken: str) -> Rate:
    rate = float(row.repurchase_rate)
    low, high = known(row.rate_low), known(row.rate_high)
    return Rate(
        float(row.within_days), rate, rate if low is None else low,
        rate if high is None else high, numbers.percent(rate, spoken),
    )  # fmt: skip


def _within(figure: Figure) -> str:
    return say("repurchase.within", days=_days(figure))


def _days(figure: Figure) -> int:
    return int(figure.key.rsplit("_", 1)[1])
