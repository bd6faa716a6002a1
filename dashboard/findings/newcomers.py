"""What the repurchase page finds of promotions: do those whom they brought come again?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from core.figures import Figure
from dashboard import charts, estimates, numbers
from dashboard.blocks import Card, Finding, Nothing
from dashboard.charts import Bar, Palette
from dashboard.data import Told
from dashboard.estimates import Estimate
from dashboard.findings import words
from dashboard.findings.cells import behind, points, records
from dashboard.findings.labels import distinct, short
from dashboard.session import Look, say

CARDS = ("promo_repurchase", "promo_repurchase_others", "promo_repurchase_gap", "one_off_share")
_SHOWN = 12


def cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return the rates on both sides, and their difference in percentage points."""
    made = [words.card(found[key], look, label=say(f"repurchase.card.{key}")) for key in CARDS]
    gap = found["promo_repurchase_gap"].value
    if gap is not None:
        made[2] = replace(made[2], value=numbers.points(gap, look.language))
    return made


def sides(look: Look, found: Told, colours: Palette) -> list[tuple[Finding | Nothing, str]]:
    """Return what to show side by side; without a promotion that brought anybody, one reason."""
    shown = [(against(look, found, colours), "against")]
    return [*shown, (costs(look, found, colours), "costs")] if len(found.rows) else shown


def against(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say which promotions brought newcomers who come again more or less than like newcomers."""
    if found.rows.empty:
        return Nothing(say("promotions.none"), say("promotions.none_text"))
    rows = _latest(found.rows.dropna(subset=["difference"]))
    if not rows:
        return Nothing(say("promotions.unlike"), say("promotions.unlike_text"))
    drawn, drills = [], []
    for name, row in zip(_labels(rows), rows, strict=True):
        verdict = _verdict(row)
        colour = {"worse": colours.bad, "better": colours.good}.get(verdict, colours.unknown)
        gap = numbers.points(row["difference"], look.language)
        text = say("promotions.cannot_tell") if verdict == "unsure" else gap
        interval = row["difference_low"], row["difference_high"]
        drawn.append(Estimate(name, row["difference"], *interval, text, colour))
        drills.append(behind(name, "promotion_newcomers", row["promotion_id"]))
    figure = estimates.side_by_side(drawn, colours, 60 + 28 * len(drawn), mark=0.0)
    unit = say("promotions.unit", day=numbers.day(look.as_of, look.language))
    caption = " ".join((*found.notes, unit))
    return Finding(_title(look, rows), figure, caption, points(estimates.SIDE_BY_SIDE, drills))


def costs(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say what one newcomer who came again has cost, promotion by promotion."""
    rows = _latest(found.rows.dropna(subset=["promotion_cost"]))
    if not rows:
        return Nothing(say("promotions.no_cost"), say("promotions.no_cost_text"))
    bars = []
    for name, row in zip(_labels(rows), rows, strict=True):
        each = row["cost_per_returned"]
        text = say("promotions.cost_open") if each is None else _money(look, each)
        colour = colours.unknown if each is None else colours.accent
        bars.append(Bar(name, each or 0.0, text, colour))
    told = [row for row in rows if row["cost_per_returned"] is not None]
    title = say("promotions.cost_title_none")
    if told:
        dear = max(told, key=lambda row: row["cost_per_returned"])
        cost = _money(look, dear["cost_per_returned"])
        title = say("promotions.cost_title", name=_name(dear), cost=cost)
    return Finding(title, charts.bars(bars, 60 + 28 * len(bars)), say("promotions.cost_unit"))


def _latest(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the promotions that brought most, the newest first."""
    most = rows.sort_values("newcomers", ascending=False).head(_SHOWN)
    return records(most.sort_values(["started_on", "promotion_id"], ascending=[False, True]))


def _name(row: Mapping[str, Any]) -> str:
    return row["promotion"] or row["promotion_id"]


def _labels(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return distinct([short(_name(row)) for row in rows])


def _verdict(row: Mapping[str, Any]) -> str:
    if row["difference_high"] < 0:
        return "worse"
    return "better" if row["difference_low"] > 0 else "unsure"


def _title(look: Look, rows: Sequence[Mapping[str, Any]]) -> str:
    told = [row for row in rows if _verdict(row) != "unsure"]
    if not told:
        return say("promotions.title_unsure", n=len(rows))
    row = max(told, key=lambda each: each["newcomers"])
    return say(
        "promotions.title", name=_name(row),
        rate=numbers.percent(row["repurchase_rate"], look.language),
        others=numbers.percent(row["others_rate"], look.language),
    )  # fmt: skip


def _money(look: Look, value: float | None) -> str:
    return numbers.short_money(value, look.currency, look.language)
