"""What the overview finds: headline cards, trend, and the customer bridge in heads and value."""

from collections.abc import Callable, Mapping

import pandas as pd

from core.figures import Figure
from dashboard import charts, curves, numbers
from dashboard.blocks import Card, Finding
from dashboard.charts import Palette, Step
from dashboard.findings import words
from dashboard.session import Look, say

CARDS = ("active_customers", "value", "retention_annual", "nrr", "repurchase_within_90")
SPARK_MONTHS = 13
_HEADS = (
    ("opening", 0), ("new", 1), ("returned", 1), ("moved_in", 1), ("lost", -1), ("undone", -1),
    ("moved_out", -1), ("closing", 0),
)  # fmt: skip
_MONEY = (*_HEADS[:4], ("up", 1), ("down", -1), *_HEADS[4:])
BRIDGE = (
    *(f"bridge_{name}" for name, _ in _HEADS),
    *(f"bridge_value_{name}" for name, _ in _MONEY),
)
# Steps that most companies do not have: shown only where they are not 0.
_RARE = {"moved_in", "moved_out", "undone"}


def cards(look: Look, found: Mapping[str, Figure], history: pd.DataFrame) -> list[Card]:
    """Return the headline figures, each with the last year of month-ends."""
    recent = history.iloc[-SPARK_MONTHS:]
    short = {"repurchase_within_90": say("overview.repurchase", days=90)}
    return [words.card(found[key], look, _known(recent[key]), short.get(key)) for key in CARDS]


def heads(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding:
    """Say how many customers came and went between the two days."""
    return _bridge(look, found, colours, "heads", lambda v: numbers.whole(v, look.language))


def money(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding:
    """Say how the value of active customers came from one day to the other."""
    return _bridge(look, found, colours, "money", lambda v: numbers.short(v, look.language))


def active_trend(look: Look, history: pd.DataFrame, colours: Palette) -> Finding:
    """Say where the number of active customers has been heading."""
    texts = [numbers.whole(v, look.language) for v in history.active_customers]
    return _trend(look, history, "active_customers", texts, colours)


def value_trend(look: Look, history: pd.DataFrame, colours: Palette) -> Finding:
    """Say where the value of active customers has been heading."""
    texts = [numbers.short_money(v, look.currency, look.language) for v in history.value]
    return _trend(look, history, "value", texts, colours)


def _known(column: pd.Series) -> list[float] | None:
    values = [float(value) for value in column if not pd.isna(value)]
    return values if len(values) > 1 else None


def _bridge(
    look: Look, found: Mapping[str, Figure], colours: Palette, kind: str,
    text: Callable[[float], str],
) -> Finding:  # fmt: skip
    is_money = kind == "money"
    prefix = "bridge_value_" if is_money else "bridge_"
    opening, closing = found[f"{prefix}opening"], found[f"{prefix}closing"]
    net = (closing.value or 0) - (opening.value or 0)
    title = say(
        f"overview.{kind}.{'rose' if net > 0 else 'fell' if net < 0 else 'same'}",
        change=words.amount(abs(net), opening.unit, look), now=words.shown(closing, look),
    )  # fmt: skip
    steps = _steps(_MONEY if is_money else _HEADS, found, prefix, text)
    caption = say(
        f"overview.{kind}.unit", measure=words.measure(closing, look.language),
        since=numbers.day(look.compare, look.language), day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    if found["bridge_new"].value is None:
        caption = f"{caption} {found['bridge_new'].note_text(look.language)}"
    return Finding(title, charts.waterfall(steps, colours), caption)


def _steps(
    kinds: tuple[tuple[str, int], ...], found: Mapping[str, Figure], prefix: str,
    text: Callable[[float], str],
) -> list[Step]:  # fmt: skip
    values = {name: found[prefix + name].value for name, _ in kinds}
    if values["new"] is None or values["returned"] is None:
        known = sum((value or 0) * sign for name, sign in kinds if (value := values[name]))
        arrived = (values["closing"] or 0) - (values["opening"] or 0) - known
        values["new"], values["returned"] = arrived, None
    steps = []
    for name, sign in kinds:
        value = values[name]
        if value is None or (name in _RARE and not value):
            continue
        mark = "" if not sign or not value else "+" if sign > 0 else "−"
        is_joint = name == "new" and values["returned"] is None
        label = say("movement.arrived" if is_joint else f"movement.{name}")
        steps.append(Step(label, value * (sign or 1), not sign, mark + text(value)))
    return steps


def _trend(
    look: Look, history: pd.DataFrame, column: str, texts: list[str], colours: Palette
) -> Finding:
    key = "overview.active_trend" if column == "active_customers" else "overview.value_trend"
    values = list(history[column])
    best = values.index(max(values))
    since = numbers.month(history.day.iloc[0], look.language)
    title = say(f"{key}.highest", now=texts[-1], since=since)
    if texts[best] != texts[-1]:
        when = numbers.month(history.day.iloc[best], look.language)
        title = say(f"{key}.below", now=texts[-1], best=texts[best], when=when)
    figure = curves.trend(
        list(history.day), values, texts, colours, look.language, is_last_open=look.is_open
    )
    caption = say(
        f"{key}.unit", since=since, day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    if look.is_open:
        caption = f"{caption} {say('overview.dashed')}"
    return Finding(title, figure, caption)
