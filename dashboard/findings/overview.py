"""What the overview finds: headline cards, trend, and the customer bridge in heads and value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from core.figures import Figure, definition_of
from core.periods import is_month_end, plus_months, window_start
from core.sentences.happened import Event
from core.targets import Target, pace, targets_for
from dashboard import charts, curves, numbers
from dashboard.blocks import Card, Finding
from dashboard.charts import Palette, Step
from dashboard.drill import Drill
from dashboard.findings import words
from dashboard.session import Look, say

CARDS = (
    "active_customers", "value", "value_at_risk", "nrr", "churn", "repurchase_within_90", "nps",
    "reactivation",
)  # fmt: skip
ASKED = (*CARDS, "csat")
IN_A_ROW = 4
SPARK_MONTHS = 12
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


def cards(
    look: Look, found: Mapping[str, Figure], history: pd.DataFrame, first_on: date,
    targets: Sequence[Target],
) -> list[Card]:  # fmt: skip
    """Return the headline figures, with their last month-ends and their targets.

    Satisfaction is NPS, or CSAT where nobody answered that.
    """
    short = {"repurchase_within_90": say("overview.repurchase", days=90)}
    past = _past(look, history, first_on)
    made = []
    for key in CARDS:
        if key == "nps" and found["nps"].value is None and found["csat"].value is not None:
            key = "csat"
        figure = _like_for_like(look, found[key])
        card = words.card(figure, look, past.get(key), short.get(key))
        if found[key].value is None:
            made.append(replace(card, note=None, history=None, remark=card.note))
        else:
            made.append(replace(card, remark=_target(look, found[key], targets)))
    return made


def _like_for_like(look: Look, figure: Figure) -> Figure:
    """Return a figure without what it was where an open month is held against whole ones."""
    is_shorter = look.is_open and definition_of(figure.key).is_movement
    return replace(figure, was=None) if is_shorter else figure


def _past(look: Look, history: pd.DataFrame, first_on: date) -> dict[str, list[float]]:
    """Return the last closed month-ends of the figures whose past is known and compares."""
    closed = history[history.day.map(is_month_end).astype(bool)].iloc[-SPARK_MONTHS:]
    whole = closed[_is_whole(closed, first_on)]
    columns = {
        "active_customers": closed.active_customers,
        "value": whole.value,
        "nrr": closed.nrr,
        "repurchase_within_90": closed.repurchase_within_90,
    }
    if look.compare and plus_months(look.compare, 12).replace(day=1) == look.as_of.replace(day=1):
        columns["churn"] = 1 - closed.retention_annual
    known = {key: [float(v) for v in column.dropna()] for key, column in columns.items()}
    return {key: values for key, values in known.items() if len(values) > 2}


def _is_whole(history: pd.DataFrame, first_on: date) -> pd.Series:
    """Return for each day whether the 12 months up to it lie within the books."""
    return history.day.map(lambda day: window_start(day, 12) >= first_on).astype(bool)


def _target(look: Look, figure: Figure, targets: Sequence[Target]) -> str | None:
    """Return the target of a figure and whether it is reached; null where none is set.

    A figure of a period has one only where the period is that of the target.
    """
    target = targets_for(targets, figure.key, figure.as_of, figure.scope)
    if target is None or figure.value is None:
        return None
    meaning = definition_of(figure.key)
    if meaning.is_movement and look.compare != target.days[0] - timedelta(days=1):
        return None
    reached = pace(figure.value, target.value, better=meaning.better)
    return say(
        f"overview.target.{reached.status}", period=target.period,
        value=words.amount(target.value, figure.unit, look),
    )  # fmt: skip


def heads(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding:
    """Say how many customers came and went between the two days."""
    return _bridge(look, found, colours, "heads", lambda v: numbers.whole(v, look.language))


def money(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding:
    """Say how the value of active customers came from one day to the other."""
    return _bridge(look, found, colours, "money", lambda v: numbers.short(v, look.language))


def active_trend(
    look: Look, history: pd.DataFrame, colours: Palette, events: Sequence[Event]
) -> Finding:
    """Say where the number of active customers has been heading."""
    texts = [numbers.whole(v, look.language) for v in history.active_customers]
    return _trend(look, history, "active_customers", texts, colours, events)


def value_trend(
    look: Look, history: pd.DataFrame, colours: Palette, events: Sequence[Event],
    first_on: date,
) -> Finding:  # fmt: skip
    """Say where the value of active customers has been heading, once its 12 months are whole."""
    is_whole = _is_whole(history, first_on)
    history = history.loc[is_whole] if is_whole.sum() > 1 else history
    texts = [numbers.short_money(v, look.currency, look.language) for v in history.value]
    return _trend(look, history, "value", texts, colours, events)


def legend(look: Look, events: Sequence[Event]) -> str:
    """Say what the numbered marks on the trends stand for."""
    parts = []
    for number, event in enumerate(events, start=1):
        day = numbers.day(event.happened_on, look.language)
        n = numbers.whole(event.customers, look.language)
        about = say(f"overview.event.{event.kind}", name=event.name, n=n)
        parts.append(say("overview.event.mark", number=number, day=day, about=about))
    return say("table.join").join(parts)


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
    parts = _parts(_MONEY if is_money else _HEADS, found, prefix)
    steps = [_step(name, sign, value, text) for name, sign, value in parts]
    caption = say(
        f"overview.{kind}.unit", measure=words.measure(closing, look.language),
        since=numbers.day(look.compare, look.language), day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    if found["bridge_new"].value is None:
        caption = f"{caption} {found['bridge_new'].note_text(look.language)}"
    drills = {
        (1, place): drill
        for place, (name, _, _) in enumerate(parts)
        if (drill := _drill(found, prefix, name, steps[place].label))
    }
    return Finding(title, charts.waterfall(steps, colours, height=160), caption, drills)


def _parts(
    kinds: tuple[tuple[str, int], ...], found: Mapping[str, Figure], prefix: str
) -> list[tuple[str, int, float]]:
    """Return name, sign and value of each bar; who arrived as one where new is not known."""
    values = {name: found[prefix + name].value for name, _ in kinds}
    names = dict(kinds)
    if values["new"] is None or values["returned"] is None:
        known = sum((value or 0) * sign for name, sign in kinds if (value := values[name]))
        arrived = (values["closing"] or 0) - (values["opening"] or 0) - known
        values = {"opening": values["opening"], "arrived": arrived} | values
        values["new"] = values["returned"] = None
        names = {"opening": 0, "arrived": 1} | names
    return [
        (name, names[name], value)
        for name, value in values.items()
        if value is not None and (value or name not in _RARE)
    ]


def _step(name: str, sign: int, value: float, text: Callable[[float], str]) -> Step:
    mark = "" if not sign or not value else "+" if sign > 0 else "−"
    return Step(say(f"movement.{name}"), value * (sign or 1), not sign, mark + text(value))


def _drill(found: Mapping[str, Figure], prefix: str, name: str, label: str) -> Drill | None:
    """Return the way to the customers of a bar."""
    if name == "arrived":
        return Drill(label, "arrived") if prefix == "bridge_" else None
    return words.behind(found[prefix + name], label)


def _trend(
    look: Look, history: pd.DataFrame, column: str, texts: list[str], colours: Palette,
    events: Sequence[Event],
) -> Finding:  # fmt: skip
    key = "overview.active_trend" if column == "active_customers" else "overview.value_trend"
    values = list(history[column])
    best = values.index(max(values))
    since = numbers.month(history.day.iloc[0], look.language)
    title = say(f"{key}.highest", now=texts[-1], since=since)
    if texts[best] != texts[-1]:
        when = numbers.month(history.day.iloc[best], look.language)
        title = say(f"{key}.below", now=texts[-1], best=texts[best], when=when)
    figure = curves.trend(
        list(history.day), values, texts, colours, look.language, is_last_open=look.is_open,
        events=[event.happened_on for event in events],
    )  # fmt: skip
    caption = say(
        f"{key}.unit", since=since, day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    if look.is_open:
        caption = f"{caption} {say('overview.dashed')}"
    return Finding(title, figure, caption)
