"""What the pyramid page finds of what sales are made of, and of what changed them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

import pandas as pd

from core.definitions import TIERS
from core.figures import Figure
from core.figures.tiers import tier_title
from core.periods import month_start, window_start
from dashboard import charts, comparing, numbers
from dashboard.blocks import Column, Finding, Nothing
from dashboard.charts import Bar, Palette, Step
from dashboard.comparing import Cell
from dashboard.data import Told
from dashboard.drill import Drill
from dashboard.findings import sales, words
from dashboard.findings.cells import behind, joined, known, points, records, spoken
from dashboard.session import Look, say

BY = ("category", "tier", "region", "channel")
PLACES = ("region", "branch", "channel")
DRIVERS = ("customers", "occasions", "basket", "mix")
CARDS = ()
MONTHS = 12  # that sales look back
KEYS = ("change_net_sales", *(f"change_{name}" for name in DRIVERS), "tier_top")
MOST_COLUMNS = 6
_COLUMNS = {"tier": "tier_name", "region": "region", "channel": "channel"}
NO_CATEGORY = "none"  # as the customers behind it are asked for


@dataclass(frozen=True)
class _Sales:
    """Net sales of a day and of an earlier one (null: not to be compared), as a breakdown."""

    now: Told
    then: Told | None


def is_compared(look: Look, found: Mapping[str, Figure], by: str, first_on: date) -> bool:
    """Whether the composition of the day compared with can be told.

    ``first_on`` is a day in the first month of the books.
    """
    if look.compare is None or window_start(look.compare, MONTHS) < month_start(first_on):
        return False
    return by != "tier" or found["tier_top"].was is not None


def sold(
    look: Look, now: Told, then: Told | None, by: str, names: str, colours: Palette
) -> Finding | Nothing:
    """Say what net sales are made of, by category alone or by another column too."""
    if now.missing:
        return Nothing(now.title, "", now.missing)
    both, column = _Sales(now, then), _COLUMNS.get(by, by)
    has_categories = bool(sales.named(now.rows, "category"))
    if by == "category" and not has_categories:
        return Nothing(say("pyramid.composition.unknown"), say("pyramid.composition.why"))
    if not sales.named(now.rows, column) or not sales.top(now.rows, column):
        where = say("pyramid.composition.nowhere", by=say(f"pyramid.by.{by}"))
        return Nothing(where, say("pyramid.composition.attributes"))
    if by == "category" or not has_categories:
        return _bars(look, both, by, names, colours)
    return _grid(look, both, by, names, colours)


def _bars(look: Look, both: _Sales, by: str, names: str, colours: Palette) -> Finding:
    """Say which of the values of ``by`` sells most, with its share and how that changed."""
    column = _COLUMNS.get(by, by)
    rows = sales.top(both.now.rows, column)
    total = float(both.now.rows.net.sum()) or 1.0
    before = sales.shares(both.then, column, rows)
    bars, drills = [], []
    for i, (name, net) in enumerate(rows.items()):
        label = _label(look, column, name, names)
        text = _with_change(look, net / total, before.get(name))
        bars.append(Bar(label, net, text, colours.tiers[min(i, 2)]))
        values = (name,) if by == "category" else ("", name)
        drills.append(_way(label, f"bought_{by}", *values))
    title = say(
        "pyramid.composition.title", first=bars[0].label,
        share=numbers.percent(bars[0].value / total, look.language),
    )  # fmt: skip
    then = [None if name not in before else before[name] * total for name in rows]
    figure = comparing.bars_and_then(bars, then, colours, 70 + 34 * len(bars))
    return Finding(title, figure, _caption(look, both), points(0, drills), _table(both.now))


def _grid(look: Look, both: _Sales, by: str, names: str, colours: Palette) -> Finding:
    """Say which of the values of ``by`` sells most, and what each of them buys."""
    column = _COLUMNS[by]
    found, then = both.now.rows, both.then
    total = float(found.net.sum()) or 1.0
    rows, columns = sales.top(found, column), sales.top(found, "category", MOST_COLUMNS)
    if by == "tier":
        rows = {tier: rows[tier] for tier in (*TIERS, "lost", "prospect", "") if tier in rows}
    now, was = sales.crossed(found, column, rows, columns), None
    if then is not None:
        was = sales.crossed(then.rows, column, rows, columns)
    before = sales.shares(then, column, rows)
    labels, cells, drills = [], [], {}
    for i, (row, net) in enumerate(rows.items()):
        name = escape(_label(look, column, row, names))
        share = _with_change(look, net / total, before.get(row))
        labels.append(f"<b>{name}</b><br>{share}")
        line = []
        for j, category in enumerate(columns):
            what = f"{_label(look, column, row, names)} · {_label(look, 'category', category)}"
            line.append(_cell(look, what, row, category, now, was))
            way = _way(what, f"bought_{by}", category, row)
            drills |= {(comparing.CELLS, i * len(columns) + j): way} if way else {}
        cells.append(line)
    headers = [_label(look, "category", name) for name in columns]
    headers = [escape(header).replace(" ", "<br>") for header in headers]
    figure = comparing.table(labels, headers, cells, ("", ""), colours)
    best = max(rows, key=rows.__getitem__)
    title = say(
        "pyramid.composition.title", first=_label(look, column, best, names),
        share=numbers.percent(rows[best] / total, look.language),
    )  # fmt: skip
    caption = joined(_caption(look, both), say("pyramid.composition.cells"))
    return Finding(title, figure, caption, drills, _table(both.now))


def drivers(look: Look, found: Mapping[str, Figure], colours: Palette) -> Finding | Nothing:
    """Say what changed net sales against the year before."""
    whole = found["change_net_sales"]
    if whole.value is None:
        return Nothing(say("pyramid.drivers.unknown"), whole.note_text(look.language))
    known = {name: found[f"change_{name}"].value for name in DRIVERS}
    effects = {name: value for name, value in known.items() if value is not None}
    steps, drills = [], {}
    for i, (name, value) in enumerate(effects.items()):
        text = numbers.short(value, look.language)
        text = f"+{text}" if value > 0 else text
        label = say(f"pyramid.drivers.{name}")
        steps.append(Step(label, value, False, text))
        if way := words.behind(found[f"change_{name}"], f"{label} · {say('drill.label')}"):
            drills[1, i] = way
    total = numbers.short(whole.value, look.language)
    steps.append(Step(say("pyramid.drivers.change"), whole.value, True, total))
    largest = max(effects, key=lambda name: abs(effects[name] or 0))
    key = "rose" if whole.value > 0 else "fell" if whole.value < 0 else "same"
    title = say(
        f"pyramid.drivers.{key}",
        change=numbers.short_money(abs(whole.value), look.currency, look.language),
        most=say(f"pyramid.drivers.of_{largest}"),
    )  # fmt: skip
    if way := words.behind(whole, f"{say('pyramid.drivers.change')} · {say('drill.label')}"):
        drills[1, len(steps) - 1] = way
    caption = say("pyramid.drivers.unit", notes=whole.note_text(look.language))
    return Finding(title, charts.waterfall(steps, colours, 300), caption, drills)


def places(look: Look, told: Told, place: str, colours: Palette) -> Finding | Nothing:
    """Say where most was sold, by the place of the order."""
    rows = sales.top(told.rows, place)
    if not rows or not sales.named(told.rows, place):
        unknown = say("pyramid.place_sales.unknown", place=say(f"pyramid.place.{place}"))
        return Nothing(unknown, say("pyramid.place_sales.why"))
    total = float(told.rows.net.sum()) or 1.0
    bars = []
    for name, net in rows.items():
        text = _with_change(look, net / total, None)
        text = f"{text} · {numbers.short_money(net, look.currency, look.language)}"
        bars.append(Bar(_label(look, place, name), net, text, colours.tiers[1]))
    title = say(
        "pyramid.place_sales.title", first=bars[0].label,
        share=numbers.percent(bars[0].value / total, look.language),
    )  # fmt: skip
    caption = say("pyramid.place_sales.unit", day=numbers.day(look.as_of, look.language))
    figure = comparing.bars_and_then(bars, [None] * len(bars), colours, 60 + 30 * len(bars))
    return Finding(title, figure, caption, {}, _table(told))


def changes(
    look: Look, told: Told, scope: str, names: str
) -> tuple[str, pd.DataFrame, dict[str, Column]] | None:
    """Return what drove the change, value by value of a scope; null where it cannot be told."""
    scope = "region" if scope == "category" else scope
    found = [row for row in records(told.rows) if row["scope"] == scope]
    rows = pd.DataFrame([row for row in found if row["net_now"] or row["net_then"]])
    if rows.empty:
        return None
    column = _COLUMNS[scope]
    rows["scope_value"] = [_label(look, column, sales.key(v), names) for v in rows.scope_value]
    money = ("net_then", "net_now", "change", *(f"change_{name}" for name in DRIVERS))
    columns = {"scope_value": Column(say(f"pyramid.by.{scope}"))}
    for name in money:
        rows[name] = rows[name].astype("float64").round()
        kind = "number" if name.startswith("net") else "change"
        columns[name] = Column(told.headings[name], kind)
    title = say("pyramid.changes.title", by=say(f"pyramid.by.{scope}"), currency=look.currency)
    return title, rows, columns


def _cell(
    look: Look, what: str, row: str, category: str, now: Callable, was: Callable | None
) -> Cell | None:
    net, mix = now(row, category)
    if not net:
        return None
    before = was(row, category)[1] if was else None
    text = numbers.percent(None if mix is None else round(mix, 2) + 0.0, look.language, 0)
    if before is not None and mix is not None:
        change = numbers.points(round(mix - before, 3) + 0.0, look.language)
        text = f"{text}<br>{change.split(chr(160))[0]}"
    amount = numbers.short_money(net, look.currency, look.language)
    share = numbers.percent(mix, look.language)
    said = say("pyramid.composition.said", what=escape(what), amount=amount, share=share)
    return Cell(text, said, None if mix is None else max(0.0, min(1.0, mix)))


def _label(look: Look, column: str, key: str, names: str = "") -> str:
    if key == sales.REST:
        return say("pyramid.rest")
    if key == "":
        return say(f"pyramid.no_{column}")
    return tier_title(names, key, look.language) if column == "tier_name" else spoken(key, column)


def _way(label: str, figure: str, category: str, *within: str) -> Drill | None:
    if sales.REST in (category, *within) or "" in within:
        return None
    return behind(label, figure, category or NO_CATEGORY, *within)


def _with_change(look: Look, share: float, was: float | None) -> str:
    # Added to 0, what is a little less than nothing has no sign.
    text = numbers.percent(round(share, 3) + 0.0, look.language)
    if was is None:
        return text
    return f"{text} ({numbers.points(round(share - was, 3) + 0.0, look.language)})"


def _caption(look: Look, both: _Sales) -> str:
    caption = say("pyramid.composition.unit", day=numbers.day(look.as_of, look.language))
    if both.then is None:
        return caption
    since = numbers.day(look.compare, look.language)
    return joined(caption, say("pyramid.composition.since", since=since))


def _table(told: Told) -> pd.DataFrame:
    rows = told.rows.copy()
    rows["net"] = rows.net.astype("float64").round()
    if "share" in rows:
        rows["share"] = [known(value) for value in rows.share]
    return rows.rename(columns=told.headings)
