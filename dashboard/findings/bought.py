"""What the repurchase page finds of products bought again, ways of payment, and who is expected."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from core.figures import Figure
from dashboard import charts, numbers, ranges
from dashboard.blocks import Card, Finding, Nothing
from dashboard.charts import Bar, Palette
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import behind, known, points, records, spoken
from dashboard.findings.labels import distinct, short
from dashboard.ranges import Ranged
from dashboard.session import Look, say

# Choice -> breakdown, its column, its drill.
ATTRIBUTES = {
    "payment": ("value-by-payment", "payment_method", "value_by_payment"),
    "channel": ("value-by-channel", "channel", "value_by_channel"),
    "employee": ("value-by-employee", "employee_id", "value_by_employee"),
    "segment": ("value-by-segment", "segment", "value_by_segment"),
    "preference": ("value-by-preference", "preferences", "value_by_preference"),
}
CARDS = ("expected_next_30", "overdue")
_SHOWN = 10


def cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return who is expected, and who should have come already."""
    return [words.card(found[key], look, label=say(f"repurchase.card.{key}")) for key in CARDS]


def again(look: Look, found: Told, of: str, colours: Palette) -> Finding | Nothing:
    """Say what customers are worth who bought a product more than once; ``of``: or category."""
    if found.missing:
        return Nothing("", "", found.missing)
    rows = records(found.rows.dropna(subset=[of, "multi_value"]).head(_SHOWN))
    if not rows and of == "category" and len(found.rows):
        return Nothing(say("again.no_category"), say("again.no_category_text"))
    if not rows:
        return Nothing(say("again.none"), say("again.none_text"))
    whole = [row.get("product_name") or row[of] for row in rows]
    names = _labels(whole)
    drawn, drills = [], []
    for name, row in zip(names, rows, strict=True):
        text = say(
            "again.text", value=_money(look, row["multi_value"]),
            n=numbers.whole(int(row["multi"]), look.language),
        )  # fmt: skip
        colour = colours.unknown if row["is_small_n"] else colours.accent
        like = known(row["one_time_value"])
        drawn.append(Ranged(name, float(row["multi_value"]), None, None, text, colour, like))
        drill = "multi_buyers" if of == "product" else "multi_buyers_category"
        drills.append(behind(name, drill, row[of]))
    caption = say("again.unit", day=numbers.day(look.as_of, look.language))
    if any(row["is_small_n"] for row in rows):
        caption += say("again.few")
    figure = ranges.rates(drawn, colours, height=60 + 28 * len(drawn), room=1.9)
    title = _again_title(look, dict(zip(whole, rows, strict=True)), of)
    return Finding(title, figure, caption, points(ranges.POINTS, drills))


def sides(
    look: Look, found: Told, by: str, colours: Palette
) -> list[tuple[Finding | Nothing, str]]:
    """Return what to show side by side of one of ``ATTRIBUTES``; where it is not known, why."""
    shown = [(worth(look, found, by, colours), "worth")]
    return [*shown, (shares(look, found, by, colours), "shares")] if is_told(found, by) else shown


def worth(look: Look, found: Told, by: str, colours: Palette) -> Finding | Nothing:
    """Say who is worth most, by way of payment or attribute."""
    _, column, drill = ATTRIBUTES[by]
    rows = _told(found, by)
    if not rows:
        return _silent(found, column)
    names = _names(rows, column)
    bars, drills = [], []
    for name, row in zip(names, rows, strict=True):
        text = say(
            "worth.text", value=_money(look, row["mean_value"]),
            n=numbers.whole(row["customers"], look.language),
        )  # fmt: skip
        colour = colours.unknown if row[column] is None else colours.accent
        bars.append(Bar(name, row["mean_value"], text, colour))
        drills.append(behind(name, drill, row[column]))
    name, best = max(zip(names, rows, strict=True), key=lambda each: each[1]["mean_value"])
    title = say(
        "worth.title", name=name, value=_money(look, best["mean_value"]),
        all=_money(look, _mean(found.rows)),
    )  # fmt: skip
    caption = say("worth.unit", day=numbers.day(look.as_of, look.language))
    figure = charts.bars(bars, 60 + 30 * len(bars))
    return Finding(title, figure, caption, points(0, drills))


def shares(look: Look, found: Told, by: str, colours: Palette) -> Finding | Nothing:
    """Say whose share of value is greater than their share of customers."""
    column = ATTRIBUTES[by][1]
    rows = _told(found, by)
    if not rows or any(known(row["share_of_value"]) is None for row in rows):
        return _silent(found, column)
    names, spoken_in = _names(rows, column), look.language
    drawn = [
        Ranged(
            name, max(row["share_of_value"], 0.0), None, None,
            say(
                "worth.shares.text", value=numbers.percent(row["share_of_value"], spoken_in),
                heads=numbers.percent(row["share_of_customers"], spoken_in),
            ),
            colours.accent, row["share_of_customers"],
        )
        for name, row in zip(names, rows, strict=True)
    ]  # fmt: skip
    name, most = max(
        zip(names, rows, strict=True),
        key=lambda each: each[1]["share_of_value"] - each[1]["share_of_customers"],
    )
    title = say(
        "worth.shares.title", name=name,
        heads=numbers.percent(most["share_of_customers"], spoken_in),
        value=numbers.percent(most["share_of_value"], spoken_in),
    )  # fmt: skip
    figure = ranges.rates(drawn, colours, height=60 + 30 * len(drawn), room=1.8)
    caption = say("worth.shares.unit", day=numbers.day(look.as_of, spoken_in))
    return Finding(title, figure, caption)


def weeks(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say how many are expected, week by week."""
    rows = found.rows
    if rows.empty:
        return Nothing(say("expected.none"), say("note.no_rhythm"))
    spoken_in = look.language
    bars, drills = [], []
    for row in records(rows):
        days = [f"{row[name]:%Y-%m-%d}" for name in ("from_on", "to_on")]
        first, last = (numbers.short_day(date.fromisoformat(day), spoken_in) for day in days)
        label = say("expected.week", first=first, last=last)
        text = numbers.whole(row["customers"], spoken_in)
        bars.append(Bar(label, row["customers"], text, colours.accent))
        drills.append(behind(label, "expected_days", *days))
    n = int(rows.customers.sum())
    title = say(
        "expected.title", n=numbers.whole(n, spoken_in),
        value=_money(look, float(rows.value.sum())),
    )  # fmt: skip
    caption = say(
        "expected.unit", own=numbers.percent(rows.own_rhythm.sum() / n, spoken_in, 0),
        day=numbers.day(look.as_of, spoken_in),
    )  # fmt: skip
    return Finding(title, charts.bars(bars, 250), caption, points(0, drills))


def _again_title(look: Look, rows: Mapping[str, Mapping[str, Any]], of: str) -> str:
    sure = {name: row for name, row in rows.items() if not row["is_small_n"]}
    if not sure:
        return say("again.too_few")
    name = max(sure, key=lambda each: sure[each]["multi_value"])
    return say(
        f"again.title_{of}", name=name, value=_money(look, sure[name]["multi_value"]),
        once=_money(look, known(sure[name]["one_time_value"])),
    )  # fmt: skip


def is_told(found: Told, by: str) -> bool:
    """Whether any row says what it is of."""
    return not found.missing and bool(found.rows[ATTRIBUTES[by][1]].notna().any())


def _told(found: Told, by: str) -> list[dict[str, Any]]:
    if not is_told(found, by):
        return []
    return records(found.rows.dropna(subset=["mean_value"]).head(_SHOWN))


def _silent(found: Told, column: str) -> Nothing:
    if found.missing:
        return Nothing("", "", found.missing)
    heading = found.headings[column]
    return Nothing(say("worth.none", name=heading), say("worth.none_text", name=heading))


def _names(rows: Sequence[Mapping[str, Any]], column: str) -> list[str]:
    if column == "employee_id":
        return _labels([row["employee"] or row[column] for row in rows])
    return _labels([None if row[column] is None else spoken(row[column], column) for row in rows])


def _labels(names: Sequence[str | None]) -> list[str]:
    return distinct([short(name or say("repurchase.unknown")) for name in names])


def _mean(rows: pd.DataFrame) -> float:
    return float((rows.mean_value * rows.weight).sum() / rows.weight.sum())


def _money(look: Look, value: float | None) -> str:
    return numbers.short_money(value, look.currency, look.language)
