"""What the churn page finds: who was lost, from which tier, and who might be next."""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.definitions import TIERS
from core.figures import Figure
from core.figures.tiers import tier_title
from dashboard import charts, numbers
from dashboard.blocks import Card, Column, Finding
from dashboard.charts import Bar, Palette
from dashboard.data import WorkRows
from dashboard.findings import words
from dashboard.session import Look, say

CARDS = ("retention", "retention_value", "nrr", "reactivation", "overdue")
LOST = ("lost", "bridge_value_lost", "churn", "churn_value", "bridge_opening")
BY_TIER = ("lost", "churn", "bridge_value_lost", "churn_value")


def cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return what was kept and lost, and who might come back or go next."""
    return [words.card(found[key], look) for key in CARDS]


def heads(
    look: Look, found: Mapping[str, Figure], by_tier: Sequence[Figure], names: str,
    colours: Palette,
) -> Finding | None:  # fmt: skip
    """Say how many were lost, tier by tier; null where tiers do not compare."""
    spoken = look.language
    bars = _bars(look, by_tier, "lost", "churn", names, colours)
    if bars is None:
        return None
    title = say(
        "churn.heads.title", n=words.shown(found["lost"], look),
        rate=words.shown(found["churn"], look),
    )  # fmt: skip
    caption = say(
        "churn.heads.unit", n=words.shown(found["bridge_opening"], look),
        since=numbers.day(look.compare, spoken), day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    return Finding(title, charts.bars(bars, 190), caption)


def money(
    look: Look, found: Mapping[str, Figure], by_tier: Sequence[Figure], names: str,
    colours: Palette,
) -> Finding | None:  # fmt: skip
    """Say what the lost were worth, tier by tier; null where tiers do not compare."""
    bars = _bars(look, by_tier, "bridge_value_lost", "churn_value", names, colours)
    if bars is None:
        return None
    value = found["bridge_value_lost"]
    title = say(
        "churn.money.title", value=words.shown(value, look),
        rate=words.shown(found["churn_value"], look),
    )  # fmt: skip
    caption = say(
        "churn.money.unit", measure=words.measure(value, look.language),
        since=numbers.day(look.compare, look.language),
    )  # fmt: skip
    return Finding(title, charts.bars(bars, 190), caption)


def whole(look: Look, found: Mapping[str, Figure]) -> str:
    """Say what was lost where it cannot be told tier by tier."""
    return say(
        "churn.whole", n=words.shown(found["lost"], look), rate=words.shown(found["churn"], look),
        value=words.shown(found["bridge_value_lost"], look),
    )  # fmt: skip


def at_risk(look: Look, found: WorkRows, names: str) -> tuple[str, pd.DataFrame, dict[str, Column]]:
    """Return the customers at risk with their reasons in words."""
    rows = words.listed(found.rows, names)
    reasons = [
        say("table.join").join(say(f"list.reason.{code}") for code in codes)
        for codes in found.rows["reasons"]
    ]
    since = [max(days, default=None) for days in found.rows["evidence_on"]]
    rows = rows.assign(reasons=reasons, evidence_on=since)
    columns = words.columns(
        found,
        {
            "customer_id": "text", "name": "text", "tier_name": "text", "reasons": "text",
            "evidence_on": "date", "value": "number", "value_at_risk": "number",
            "last_on": "date", "branch": "text", "manager": "text",
        },
        look.currency,
    )  # fmt: skip
    title = say(
        "churn.at_risk.title", n=numbers.whole(found.total, look.language),
        value=numbers.short_money(
            float(found.rows.value_at_risk.sum()), look.currency, look.language
        ),
        shown=numbers.whole(len(rows), look.language),
    )  # fmt: skip
    return title, rows, words.present(rows, columns)


def _bars(
    look: Look, by_tier: Sequence[Figure], key: str, rate: str, names: str, colours: Palette
) -> list[Bar] | None:
    known = {(figure.key, figure.scope.get("tier")): figure for figure in by_tier}
    bars = []
    for place, tier in enumerate(TIERS):
        figure, share = known.get((key, tier)), known.get((rate, tier))
        if figure is None or figure.value is None:
            continue
        text = words.shown(figure, look)
        if share is not None and share.value is not None:
            text = f"{text} · {words.shown(share, look)}"
        title = tier_title(names, tier, look.language)
        bars.append(Bar(title, figure.value, text, colours.tiers[place]))
    return bars or None
