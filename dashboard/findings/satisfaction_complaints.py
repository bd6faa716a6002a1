"""What the satisfaction page finds in complaints: who waits, for how long, and who comes back."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go

from core.figures import Figure
from core.figures.figure import SMALL_N
from dashboard import charts, numbers, ranges
from dashboard.blocks import Card, Column, Finding
from dashboard.charts import Bar, Palette
from dashboard.data import Told
from dashboard.drill import Drill
from dashboard.findings import voice, words
from dashboard.findings.card_facts import word
from dashboard.ranges import Ranged
from dashboard.session import Look, say

FIGURES = (
    "complaints_opened", "complaints_per_1000", "complaint_response_hours_p90",
    "complaint_resolution_hours", "complaints_reopened", "recovery_gap", "recovery_like",
)  # fmt: skip
BY = ("branch", "category", "cause", "product", "month")
_MOST = 12  # bars of a chart
_FEW = 10  # complaints of which no median is compared
_OLD = ("days_91", "days_366")
_TIMES = (
    "response_hours_median", "response_hours_p90", "resolution_hours_median",
    "resolution_hours_p90",
)  # fmt: skip


def told_apart(told: Told, products: Told) -> list[str]:
    """Return by what complaints can be told apart."""
    known = voice.ways(told, [by for by in BY if by != "product"])
    return [by for by in BY if by in known or (by == "product" and len(products.rows))]


def complaint_rows(told: Told, products: Told, by: str) -> pd.DataFrame:
    """Return complaints told apart by one thing, with ``group`` and ``label``."""
    if by == "product":
        rows = products.rows.assign(group=products.rows["product"])
        return rows.assign(label=rows.product_name.fillna(rows.group))
    rows = voice.told_by(told, by)
    return rows.assign(label=[_called(group) for group in rows.group])


def answered(look: Look, rows: pd.DataFrame, by: str, colours: Palette) -> Finding | None:
    """Say who waits longest for a first answer; null where nobody can be told to."""
    rows = _most(rows.loc[rows.response_hours_median.notnull()], by, "response_hours_median")
    if rows.empty:
        return None
    enough = rows.loc[rows.opened >= _FEW].sort_values("response_hours_median", ascending=False)
    title = say("complaints.answered.none")
    slow = None
    if len(enough) > 1:
        worst, rest = enough.iloc[0], enough.response_hours_median.iloc[1:]
        slow = worst.group if worst.response_hours_median > 2 * rest.median() else None
        title = say(
            f"complaints.answered.{'slow' if slow else 'alike'}", group=worst.label,
            hours=numbers.tenth(worst.response_hours_median, look.language),
            low=numbers.tenth(rest.min(), look.language),
            high=numbers.tenth(rest.max(), look.language),
        )  # fmt: skip
    bars = [
        Bar(
            row.label, row.response_hours_median,
            f"{words.amount(row.response_hours_median, 'hours', look)} · "
            f"{voice.count(look, row.opened)}",
            colours.bad if row.group == slow
            else colours.unknown if row.opened < _FEW else colours.accent,
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    caption = say("complaints.answered.unit", day=numbers.day(look.as_of, look.language))
    return Finding(title, _bars(bars), caption, _complaint_drills(rows, by))


def opened(
    look: Look, rows: pd.DataFrame, found: Mapping[str, Figure], by: str, colours: Palette
) -> Finding | None:
    """Say what is complained of most; null where nothing is."""
    if rows.empty:
        return None
    rows = _most(rows, by, "opened")
    most = rows.sort_values("opened", ascending=False).iloc[0]
    whole = found["complaints_opened"]
    n = whole.value if whole.value is not None else rows.opened.sum()
    title = say(
        "complaints.opened.title", n=numbers.whole(n, look.language), group=most.label,
        most=numbers.whole(most.opened, look.language),
    )  # fmt: skip
    bars = []
    for _, row in rows.iterrows():
        text = numbers.whole(row.opened, look.language)
        if by == "branch" and voice.known(row.per_thousand) is not None:
            per = numbers.whole(row.per_thousand, look.language)
            text = f"{text} · {say('complaints.per_thousand', n=per)}"
        bars.append(Bar(row.label, row.opened, text, colours.accent))
    caption = say("complaints.opened.unit", day=numbers.day(look.as_of, look.language))
    return Finding(title, _bars(bars), caption, _complaint_drills(rows, by))


def ages(look: Look, told: Told, colours: Palette) -> Finding | None:
    """Say how long complaints have been open; null where none is."""
    rows = told.rows
    if rows.empty:
        return None
    total, old = rows.open.sum(), rows.open[rows.age_band.isin(_OLD)].sum()
    bars = []
    for _, row in rows.iterrows():
        text = numbers.whole(row.open, look.language)
        if row.unanswered:
            none = numbers.whole(row.unanswered, look.language)
            text = f"{text} · {say('complaints.ages.unanswered', n=none)}"
        fill = colours.bad if row.age_band in _OLD else colours.accent
        bars.append(Bar(voice.coded("age_band", row.age_band), row.open, text, fill))
    drills = {
        (0, at): Drill(bar.label, "complaint_age", (band,))
        for at, (bar, band) in enumerate(zip(bars, rows.age_band, strict=True))
    }
    title = say(
        "complaints.ages.title", n=numbers.whole(total, look.language),
        old=numbers.whole(old, look.language),
    )  # fmt: skip
    caption = say("complaints.ages.unit", day=numbers.day(look.as_of, look.language))
    return Finding(title, _bars(bars), caption, drills)


def recovery(
    look: Look, told: Told, found: Mapping[str, Figure], by: str, colours: Palette
) -> Finding | None:
    """Say who comes back after a complaint, against like customers; null where none is known."""
    rows = voice.told_by(told, by)
    if rows.empty:
        return None
    rates = [_recovered(look, row, len(rows), colours) for _, row in rows.iterrows()]
    like = found["recovery_like"].value
    first, last = rates[0], rates[-1]
    if by != "speed":
        ordered = sorted(rates, key=lambda each: each.rate, reverse=True)
        first, last = ordered[0], ordered[-1]
    names = [each.label for each in (first, last)]
    if by == "speed":
        names = [name[:1].lower() + name[1:] for name in names]  # within a sentence
    title = say(
        f"complaints.recovery.{'speed' if by == 'speed' else 'title'}", first=names[0],
        last=names[1], good=numbers.percent(first.rate, look.language, 0),
        bad=numbers.percent(last.rate, look.language, 0),
        like=numbers.percent(like, look.language, 0),
    )  # fmt: skip
    drills = {
        (ranges.POINTS, at): Drill(each.label, f"recovery_{by}", (group,))
        for at, (each, group) in enumerate(zip(rates, rows.group, strict=True))
    }
    n = numbers.whole(rows.resolved.sum(), look.language)
    figure = ranges.rates(rates, colours, height=40 + 30 * len(rates), room=1.9)
    return Finding(title, figure, say("complaints.recovery.unit", n=n), drills)


def complaint_cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return complaints in figures, beside those at the head of the page."""
    made = []
    for key in FIGURES[:-1]:
        figure = found[key]
        card = words.card(figure, look, label=say(f"complaints.card.{key}"))
        if figure.value is not None:
            card = replace(card, note=None, remark=voice.between(look, figure))
        made.append(card)
    gap, like = found["recovery_gap"], found["recovery_like"]
    if gap.value is not None and like.value is not None:
        rate = numbers.percent(like.value, look.language, 0)
        detail = say("complaints.card.like", rate=rate, n=numbers.whole(gap.n, look.language))
        value = numbers.points(gap.value, look.language)
        made[-1] = replace(made[-1], value=value, remark=detail)
    return made


def complaint_table(
    told: Told, rows: pd.DataFrame, by: str
) -> tuple[str, pd.DataFrame, dict[str, Column]]:
    """Return complaints told apart by one thing in full figures."""
    names = ["opened", *(("per_thousand",) if by == "branch" else ()), "open", "reopened", *_TIMES]
    columns = {"label": Column(voice.coded("told_by", by))}
    columns |= {name: Column(told.headings[name], "number") for name in names}
    rows = rows.copy()
    for name in set(names) & {"per_thousand", *_TIMES}:
        rows[name] = rows[name].round(1)
    return told.title, rows, columns


def _most(rows: pd.DataFrame, by: str, column: str) -> pd.DataFrame:
    """Return the rows of a chart: months in their order, else the greatest, not too many."""
    if by == "month":
        return rows.sort_values("group")
    return rows.sort_values([column, "label"], ascending=[False, True]).head(_MOST)


def _bars(bars: list[Bar]) -> go.Figure:
    return charts.bars(bars, 36 + 26 * max(len(bars), 1))


def _complaint_drills(rows: pd.DataFrame, by: str) -> voice.Drills:
    return {
        (0, at): Drill(row.label, f"complaint_{by}", (row.group,))
        for at, (_, row) in enumerate(rows.iterrows())
    }


def _called(group: str) -> str:
    """Return what a branch, a category, a cause is called."""
    known = voice.coded("group", group)
    return known if known != group else word(group) or group


def _recovered(look: Look, row: pd.Series, many: int, colours: Palette) -> Ranged:
    like = voice.known(row.like_bought_rate)
    text = f"{numbers.percent(row.bought_again_rate, look.language, 0)} · " + voice.count(
        look, row.resolved
    )
    is_few = row.resolved < SMALL_N
    rate = float(row.bought_again_rate)
    is_apart = voice.is_apart(rate, row.low, row.high, like, many)
    is_less = is_apart and like is not None and rate < like
    colour = colours.unknown if is_few else colours.bad if is_less else colours.accent
    return Ranged(_called(row.group), rate, row.low, row.high, text, colour, like)
