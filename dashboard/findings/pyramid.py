"""What the pyramid page finds of the tiers: who stands where, what they bring, then and now."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from core.definitions import TIERS
from core.figures import Figure
from core.figures.tiers import tier_title
from core.i18n import texts
from dashboard import charts, comparing, numbers
from dashboard.blocks import Card, Column, Finding
from dashboard.charts import Bar, Palette
from dashboard.findings import words
from dashboard.findings.cells import joined, points
from dashboard.findings.negative_value import is_on_margin
from dashboard.session import Look, say

CARDS = ("active_customers", "upper_value_share", "top_share", "gini", "upper_fallen_excess")
_BELOW = {"lost": "lost_customers", "prospect": "prospects"}
KEYS = (
    *CARDS, "value", *_BELOW.values(), *(f"tier_{t}" for t in TIERS),
    *(f"tier_{t}_value" for t in TIERS),
)  # fmt: skip
_UPPER = TIERS[:3]
_HEIGHT = 300


def cards(look: Look, found: Mapping[str, Figure], keys: tuple[str, ...]) -> list[Card]:
    """Return headline figures under short names, each with the way to its customers."""
    made, short = [], texts(look.language)
    for key in keys:
        name = key if is_on_margin(found[key]) else f"{key}_net"
        card = words.card(found[key], look, label=short.get(f"pyramid.card.{name}"))
        if key == "upper_fallen_excess" and found[key].value is None:
            card = replace(card, note=say("pyramid.card.no_usual"))
        made.append(card)
    return made


def levels(look: Look, found: Mapping[str, Figure], names: str, colours: Palette) -> Finding:
    """Say what the top tier carries: heads beside value, the lost and the prospects below."""
    spoken, heads, value, drills = look.language, [], [], {}
    for i, tier in enumerate(TIERS):
        label, colour = tier_title(names, tier, spoken), colours.tiers[i]
        customers, money = found[f"tier_{tier}"], found[f"tier_{tier}_value"]
        heads.append(Bar(label, customers.value or 0, words.shown(customers, look), colour))
        share = numbers.percent(_part(money, found["value"]), spoken, 0)
        text = f"{share} · {numbers.short(money.value, spoken)}"
        value.append(Bar(label, money.value or 0, text, colour))
        who = f"{label} · {say('drill.label')}"
        ways = (words.behind(each, who) for each in (customers, money))
        drills |= {(trace, i): way for trace, way in enumerate(ways) if way}
    for i, (level, key) in enumerate(_BELOW.items(), start=len(TIERS)):
        label = tier_title(names, level, spoken)
        heads.append(
            Bar(label, found[key].value or 0, words.shown(found[key], look), colours.unknown)
        )
        if way := words.behind(found[key], f"{label} · {say('drill.label')}"):
            drills[0, i] = way
    titles = (say("pyramid.shape.heads"), say("pyramid.shape.value"))
    figure = charts.pyramid(heads, value, titles, colours, _HEIGHT)
    return Finding(_carried(look, found), figure, _made_of(look, found), drills)


def _carried(look: Look, found: Mapping[str, Figure]) -> str:
    spoken = look.language
    return say(
        "pyramid.shape.title", n=words.shown(found["tier_top"], look),
        heads=numbers.percent(_part(found["tier_top"], found["active_customers"]), spoken),
        value=numbers.percent(_part(found["tier_top_value"], found["value"]), spoken),
    )  # fmt: skip


def _made_of(look: Look, found: Mapping[str, Figure]) -> str:
    is_provisional = any(note.key == "provisional" for note in found["tier_top"].note)
    return say(
        "pyramid.shape.unit", n=words.shown(found["active_customers"], look),
        cuts=say("pyramid.cuts.provisional" if is_provisional else "pyramid.cuts.frozen"),
        measure=words.measure(found["value"], look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip


def then_and_now(look: Look, found: Mapping[str, Figure], names: str, colours: Palette) -> Finding:
    """Say how the share of each tier in value changed; where tiers do not compare, per head."""
    if found["tier_top"].was is None:
        return per_head(look, found, names, colours)
    spoken, bars, then, drills = look.language, [], [], []
    for i, tier in enumerate(TIERS):
        money, label = found[f"tier_{tier}_value"], tier_title(names, tier, spoken)
        now, was = _part(money, found["value"]), _part_then(money, found["value"])
        text = numbers.percent(now, spoken)
        if now is not None and was is not None:
            text = f"{text} · {numbers.points(now - was, spoken)}"
        bars.append(Bar(label, now or 0, text, colours.tiers[i]))
        then.append(was)
        drills.append(words.behind(money, f"{label} · {say('drill.label')}"))
    upper = found["upper_value_share"]
    title = say("pyramid.then.title", share=words.shown(upper, look))
    if upper.value is not None and upper.was is not None:
        change = upper.value - upper.was
        key = "rose" if change > 0 else "fell" if change < 0 else "same"
        title = say(
            f"pyramid.then.{key}", share=words.shown(upper, look),
            change=numbers.points_told(change, spoken),
        )  # fmt: skip
    caption = say(
        "pyramid.then.unit", measure=words.measure(found["value"], spoken),
        day=numbers.day(look.as_of, spoken), since=numbers.day(look.compare, spoken),
    )  # fmt: skip
    figure = comparing.bars_and_then(bars, then, colours, _HEIGHT)
    return Finding(title, figure, caption, points(0, drills))


def per_head(look: Look, found: Mapping[str, Figure], names: str, colours: Palette) -> Finding:
    """Say what a customer of the top tier brings, beside those of the other tiers."""
    spoken, bars, drills = look.language, [], []
    heads = {t: found[f"tier_{t}"].value or 0 for t in TIERS}
    each = {t: (found[f"tier_{t}_value"].value or 0) / n for t, n in heads.items() if n}
    for i, tier in enumerate(TIERS):
        label = tier_title(names, tier, spoken)
        text = numbers.short_money(each.get(tier), look.currency, spoken)
        bars.append(Bar(label, each.get(tier, 0), text, colours.tiers[i]))
        drills.append(words.behind(found[f"tier_{tier}"], f"{label} · {say('drill.label')}"))
    title = say(
        "pyramid.per_head.title",
        value=numbers.short_money(each.get("top"), look.currency, spoken),
    )  # fmt: skip
    caption = say(
        "pyramid.per_head.unit", measure=words.measure(found["value"], spoken),
        day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    if look.compare:
        caption = joined(caption, say("pyramid.moves.why"))
    return Finding(title, charts.bars(bars, _HEIGHT), caption, points(0, drills))


def table(
    look: Look, found: Mapping[str, Figure], names: str
) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Return every level in full figures, with what changed."""
    rows = []
    for level in (*TIERS, *_BELOW):
        heads = found[_BELOW.get(level, f"tier_{level}")]
        money = found.get(f"tier_{level}_value")
        value = money.value if money else None
        rows.append(
            {
                "tier": tier_title(names, level, look.language),
                "heads": heads.value,
                "heads_change": _change(heads),
                "value": value,
                "change": _change(money) if money else None,
                "per_head": value / heads.value if value is not None and heads.value else None,
            }
        )
    since = say("pyramid.column.since", day=numbers.day(look.compare, look.language))
    columns = {
        "tier": Column(say("pyramid.column.tier")),
        "heads": Column(say("pyramid.column.heads"), "number"),
        "heads_change": Column(say("pyramid.column.heads_change"), "change", since),
        "value": Column(say("pyramid.column.value", currency=look.currency), "number"),
        "change": Column(say("pyramid.column.change"), "change", since),
        "per_head": Column(say("pyramid.column.per_head"), "number"),
    }
    frame = pd.DataFrame(rows)
    for name in ("value", "change", "per_head"):
        frame[name] = frame[name].astype("float64").round()
    return frame, words.present(frame, columns)


def _change(figure: Figure) -> float | None:
    if figure.value is None or figure.was is None:
        return None
    return figure.value - figure.was


def _part(part: Figure, whole: Figure) -> float | None:
    if part.value is None or whole.value is None or whole.value <= 0:
        return None
    return part.value / whole.value


def _part_then(part: Figure, whole: Figure) -> float | None:
    return None if part.was is None or not whole.was or whole.was < 0 else part.was / whole.was
