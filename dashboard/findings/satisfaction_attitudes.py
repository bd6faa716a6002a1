"""What the satisfaction page finds in attitudes, on the ladder, after answers, and in silence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from core.definitions import TIERS
from core.figures import Figure
from core.figures.tiers import tier_title
from core.metrics.ladder import STEPS
from core.metrics.surveys import ANSWERS
from dashboard import charts, estimates, numbers
from dashboard.blocks import Column, Finding, Nothing
from dashboard.charts import Bar, Palette
from dashboard.data import Told
from dashboard.drill import Drill
from dashboard.estimates import Estimate
from dashboard.findings import voice, words
from dashboard.session import Look, say

STATED = (
    "demand_met", "brand_attention", "competitor_attention", "price_sensitivity_stated",
    "accident_tolerance_stated",
)  # fmt: skip
SHOWN = ("repeat_rate", "price_sensitivity", "accident_tolerance", "accident_tolerance_like")
# The six indicators: what customers say of each, and what shows in what they do.
SIX = {
    "repeat": (None, "repeat_rate"),
    "demand": ("demand_met", None),
    "brand": ("brand_attention", None),
    "competitor": ("competitor_attention", None),
    "price": ("price_sensitivity_stated", "price_sensitivity"),
    "accident": ("accident_tolerance_stated", "accident_tolerance"),
}
SILENT = ("silent", "silent_value")
_LINKED = ("nps", "csat", "ces")


def stated(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding | Nothing:
    """Say what customers say of us, of others and of prices."""
    if all(found[key].value is None for key in STATED):
        reason = found[STATED[0]].note
        tables = ("surveys",) if any(note.key == "no_table" for note in reason) else ()
        why = found[STATED[0]].note_text(look.language)
        return Nothing(say("attitudes.stated.none"), why, tables)
    brand, other = (words.shown(found[key], look) for key in STATED[1:3])
    title = say("attitudes.stated.title", brand=brand, other=other)
    if any(found[key].value is None for key in STATED[1:3]):
        title = say("attitudes.stated.some")
    return _attitudes(look, found, STATED, colours, title, say("attitudes.stated.unit"))


def shown(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding | Nothing:
    """Say what customers do: come again, wait for discounts, forgive faults."""
    if all(found[key].value is None for key in SHOWN):
        return Nothing(say("attitudes.shown.none"), found[SHOWN[0]].note_text(look.language))
    own, like = found["accident_tolerance"], found["accident_tolerance_like"]
    title = say("attitudes.shown.title", rate=words.shown(found["repeat_rate"], look))
    if own.value is not None and like.value is not None and own.high is not None:
        inside = (own.low or 0.0) <= like.value <= own.high
        key = "same" if inside else "less" if own.value < like.value else "more"
        title = say(
            f"attitudes.shown.{key}", own=words.shown(own, look), like=words.shown(like, look)
        )
    unit = say("attitudes.shown.unit", day=numbers.day(look.as_of, look.language))
    return _attitudes(look, found, SHOWN, colours, title, unit)


def six(look: Look, found: Mapping[str, Figure]) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Return the six indicators: stated beside shown, each with n, interval and a year before."""
    rows = []
    for name, keys in SIX.items():
        row: dict[str, Any] = {"indicator": say(f"attitudes.six.{name}")}
        for kind, key in zip(("stated", "shown"), keys, strict=True):
            row |= _cells(look, kind, found[key] if key else None)
        rows.append(row)
    columns = {"indicator": Column(say("attitudes.column.indicator"), width="medium")}
    for kind in ("stated", "shown"):
        for part in ("value", "interval", "was"):
            width = "medium" if part == "interval" else "small"
            columns[f"{kind}_{part}"] = Column(say(f"attitudes.column.{kind}_{part}"), width=width)
    return pd.DataFrame(rows), columns


def ladder(look: Look, told: Told, colours: Palette) -> Finding:
    """Say how many stand on each step, and of how many nothing is known."""
    rows = told.rows.set_index("level")
    spoken, heads = look.language, rows.customers
    bars = []
    for level in rows.index:
        text = f"{numbers.whole(heads[level], spoken)} · " + numbers.percent(
            rows.share_of_heads[level], spoken
        )
        if higher := rows.may_stand_higher[level]:
            text = f"{text} · {say('ladder.higher', n=numbers.whole(higher, spoken))}"
        bars.append(Bar(voice.coded("level", level), heads[level], text, _step(level, colours)))
    unknown = int(heads.get("unknown", 0))
    answered = int(heads.sum()) - unknown
    content = answered - int(heads.get("none", 0))
    title = say(
        "ladder.title", unknown=numbers.percent(unknown / heads.sum(), spoken, 0),
        n=numbers.whole(answered, spoken),
        content=numbers.percent(content / answered if answered else None, spoken, 0),
    )  # fmt: skip
    caption = say(
        "ladder.unit", n=numbers.whole(heads.sum(), spoken), day=numbers.day(look.as_of, spoken)
    )
    return Finding(title, _hatched(bars, list(rows.index)), caption, _levels(list(rows.index)))


def ladder_value(look: Look, told: Told, colours: Palette) -> Finding:
    """Say what the customers of each step bring."""
    rows = told.rows.set_index("level")
    spoken = look.language
    bars = [
        Bar(
            voice.coded("level", level), float(rows.value_per_customer[level]),
            f"{numbers.money(rows.value_per_customer[level], look.currency, spoken)} · "
            f"{numbers.percent(voice.known(rows.share_of_value[level]), spoken)}",
            _step(level, colours),
        )
        for level in rows.index
    ]  # fmt: skip
    known = rows[rows.index != "unknown"]
    mean = known.value.sum() / known.customers.sum() if len(known) else None
    silent = rows.value_per_customer.get("unknown")
    title = say(
        "ladder.value.title", known=numbers.money(mean, look.currency, spoken),
        unknown=numbers.money(voice.known(silent), look.currency, spoken),
    )  # fmt: skip
    caption = " ".join([say("ladder.value.unit"), *told.notes])
    return Finding(title, _hatched(bars, list(rows.index)), caption, _levels(list(rows.index)))


def link(look: Look, told: Told, instrument: str, colours: Palette) -> Finding:
    """Say whether those who answered well buy more often than those who answered badly."""
    rows = told.rows[told.rows.instrument == instrument]
    found = [
        voice.estimate(
            look, voice.coded("answer", row.answer), row.rate, row.n, "rate", colours, row.low,
            row.high,
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    drills = [Drill(row.answer, "bought_after", (instrument, row.answer))
              for _, row in rows.iterrows()]  # fmt: skip
    by_answer = dict(zip(rows.answer, found, strict=True))
    good, bad = (by_answer.get(ANSWERS[instrument][at]) for at in (0, 2))
    name = say(f"satisfaction.card.{instrument}")
    title = say("link.none", score=name)
    if good and bad and good.value is not None and bad.value is not None:
        key = f"link.{_against(good, bad)}"
        rates = {
            which: numbers.percent(each.value, look.language, 0)
            for which, each in (("good", good), ("bad", bad))
        }
        title = say(key, score=name, first=good.label, last=bad.label, **rates)
    caption = say("link.unit", n=numbers.whole(rows.n.sum(), look.language))
    return Finding(
        title, estimates.side_by_side(found, colours), caption, voice.drills(found, drills)
    )


def linked(told: Told) -> list[str]:
    """Return the scores after which purchases can be counted."""
    return [name for name in _LINKED if name in set(told.rows.instrument)]


def silent(
    look: Look, key: str, whole: Mapping[str, Figure], by_tier: Sequence[Figure], names: str,
    colours: Palette,
) -> Finding:  # fmt: skip
    """Say how many, or how much, slow down without a word, tier by tier."""
    figures = {each.scope.get("tier"): each for each in by_tier if each.key == key}
    bars, drills = [], {}
    for rank, tier in enumerate(TIERS):
        figure = figures.get(tier)
        if figure is None or figure.value is None:
            continue
        title = tier_title(names, tier, look.language)
        if drill := words.behind(figure, title):
            drills[0, len(bars)] = replace(drill, scope=(("tier", tier),))
        text = words.shown(figure, look)
        bars.append(Bar(title, figure.value, text, colours.tiers[rank]))
    n, value = (words.shown(whole[name], look) for name in SILENT)
    title = say(f"silent.title_{key}", n=n, value=value)
    measure = words.measure(whole["silent_value"], look.language)
    caption = say(f"silent.unit_{key}", measure=measure, day=numbers.day(look.as_of, look.language))
    return Finding(title, charts.bars(bars, 190), caption, drills)


def _attitudes(
    look: Look, found: Mapping[str, Figure], keys: Sequence[str], colours: Palette, title: str,
    caption: str,
) -> Finding:  # fmt: skip
    known = [key for key in keys if found[key].value is not None]
    rows = [voice.of_figure(look, found[key], say(f"attitudes.name.{key}"), colours)
            for key in known]  # fmt: skip
    drills = voice.drills(rows, [words.behind(found[key]) for key in known])
    why = {found[key].note_text(look.language) for key in keys if found[key].value is None}
    caption = " ".join([caption, *sorted(why)])
    figure = estimates.side_by_side(rows, colours, bounds=(0.0, 1.0))
    return Finding(title, figure, caption, drills)


def _cells(look: Look, kind: str, figure: Figure | None) -> dict[str, str | None]:
    if figure is None:
        return dict.fromkeys((f"{kind}_value", f"{kind}_interval", f"{kind}_was"))
    between = voice.count(look, figure.n)
    if figure.value is None:
        between = figure.note_text(look.language)
    elif figure.low is not None:
        between = voice.interval(look, figure.low, figure.high, figure.n, figure.unit)
    was = None if figure.was is None else words.amount(figure.was, figure.unit, look)
    return {
        f"{kind}_value": words.shown(figure, look),
        f"{kind}_interval": between,
        f"{kind}_was": was,
    }


def _step(level: str, colours: Palette) -> str:
    fills: dict[str, str] = dict(zip(reversed(STEPS), colours.tiers, strict=True))
    return fills.get(level, colours.bad if level == "none" else colours.unknown)


def _hatched(bars: Sequence[Bar], levels: Sequence[str]) -> Any:
    """Return bars on which what is unknown is hatched: it is not low, and not nothing."""
    drawn = charts.bars(bars, 40 + 34 * len(bars))
    shapes = ["/" if level == "unknown" else "" for level in levels]
    return drawn.update_traces(marker_pattern_shape=shapes, marker_pattern_size=6)


def _levels(levels: Sequence[str]) -> voice.Drills:
    return {
        (0, at): Drill(voice.coded("level", level), f"ladder_{level}")
        for at, level in enumerate(levels)
    }


def _against(good: Estimate, bad: Estimate) -> str:
    """Return whether two shares differ: by Newcombe's interval of their difference."""
    one, two = good.value or 0.0, bad.value or 0.0
    ends = [end or 0.0 for end in (good.low, good.high, bad.low, bad.high)]
    low = one - two - ((one - ends[0]) ** 2 + (ends[3] - two) ** 2) ** 0.5
    high = one - two + ((ends[1] - one) ** 2 + (two - ends[2]) ** 2) ** 0.5
    return "more" if low > 0 else "less" if high < 0 else "same"
