"""What the prospects page finds: how far leads get, how long they stay, and who is left lying."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.figures import Figure
from core.metrics.intervals import wilson
from dashboard import charts, funnels, numbers, ranges, waits
from dashboard.blocks import Card, Finding, Nothing
from dashboard.charts import Bar, Palette
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import behind, points, records, spoken
from dashboard.findings.labels import distinct, short
from dashboard.ranges import Ranged
from dashboard.session import Look, say
from dashboard.waits import Wait

SECTIONS = ("funnel", "sources", "stages", "dormant", "plan")
CARDS = ("leads_opened", "trial_rate", "lead_conversion", "leads_open", "leads_dormant")
KINDS = ("source", "buyer_kind", "is_returning", "product_id", "employee_id")
_SHOWN = 12
SMALL = 30


def cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return headline figures as cards, under names that fit side by side."""
    return [words.card(found[key], look, label=say(f"prospects.card.{key}")) for key in CARDS]


def funnel(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say where most leads are left behind on their way to a purchase."""
    rows = records(found.rows)
    if not rows or not rows[0]["reached_leads"]:
        return Nothing(say("prospects.funnel.none"), " ".join(found.notes))
    if len(rows) > 2 and rows[1]["reached_leads"] == rows[0]["reached_leads"]:
        rows = rows[1:]  # all of them enter the first stage: it says the same as coming in
    last = len(rows) - 1
    names = distinct([_step(row, place == last) for place, row in enumerate(rows)])
    bars = [
        Bar(
            name, row["reached_leads"],
            say(
                "prospects.funnel.text", n=numbers.whole(row["reached_leads"], look.language),
                share=numbers.percent(row["reached_share"], look.language),
            ),
            colours.good if place == last else colours.accent,
        )
        for place, (name, row) in enumerate(zip(names, rows, strict=True))
    ]  # fmt: skip
    rates = [numbers.percent(row["step_rate"], look.language) for row in rows[1:]]
    narrow = min(range(1, len(rows)), key=lambda place: rows[place]["step_rate"] or 0.0)
    title = say(
        "prospects.funnel.title", rate=numbers.percent(rows[last]["reached_share"], look.language),
        step=names[narrow], before=names[narrow - 1],
        went=numbers.percent(rows[narrow]["step_rate"], look.language),
    )  # fmt: skip
    unit = say(
        "prospects.funnel.unit", n=numbers.whole(rows[0]["reached_leads"], look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    return Finding(title, funnels.steps(bars, rates, colours), f"{unit} {found.notes[0]}")


def now(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say in which stage open leads lie that nobody touches."""
    rows = [row for row in records(found.rows) if row["open"]]
    if not rows:
        return Nothing(say("prospects.now.none"), say("prospects.now.none_text"))
    names = distinct([_step(row, is_last=False) for row in rows])
    most = max(range(len(rows)), key=lambda place: rows[place]["dormant"])
    bars = [
        Bar(
            name, row["open"],
            say(
                "prospects.now.text", open=numbers.whole(row["open"], look.language),
                dormant=numbers.whole(row["dormant"], look.language),
            ),
            colours.accent,
        )
        for name, row in zip(names, rows, strict=True)
    ]  # fmt: skip
    title = say(
        "prospects.now.title", dormant=numbers.whole(rows[most]["dormant"], look.language),
        open=numbers.whole(rows[most]["open"], look.language), stage=names[most],
    )  # fmt: skip
    unit = say("prospects.now.unit", day=numbers.day(look.as_of, look.language))
    return Finding(title, charts.bars(bars, 60 + 34 * len(bars)), f"{unit} {found.notes[1]}")


def rates(look: Look, found: Told, kind: str, rate: str, colours: Palette) -> Finding | Nothing:
    """Say whose leads buy, or try, most often; ``kind`` is how they are told apart.

    ``rate`` is ``conversion_rate`` or ``trial_rate``.
    """
    rows = [row for row in _of_kind(found, kind) if row["matured"]][:_SHOWN]
    if not rows:
        return Nothing(say("prospects.rates.none"), " ".join(found.notes))
    count = {"conversion_rate": "converted", "trial_rate": "tried"}[rate]
    names = _labels(rows, kind)
    drawn, drills = [], []
    for name, row in zip(names, rows, strict=True):
        n = row["matured"]
        text = say(
            "prospects.rates.text", rate=numbers.percent(row[rate], look.language),
            n=numbers.whole(n, look.language),
        )  # fmt: skip
        colour = colours.accent if n >= SMALL else colours.unknown
        drawn.append(Ranged(name, row[rate], *wilson(row[count], n), text, colour))
        buyers = behind(name, "lead_buyers", kind, row["group"]) if row["converted"] else None
        drills.append(buyers)
    whole = sum(row[count] for row in rows) / sum(row["matured"] for row in rows)
    told = {
        name: row[rate] for name, row in zip(names, rows, strict=True) if row["matured"] >= SMALL
    }
    title = say("prospects.rates.too_few")
    if len(told) > 1:
        best, worst = max(told, key=lambda name: told[name]), min(told, key=lambda name: told[name])
        title = say(
            f"prospects.rates.{rate}", best=best, most=numbers.percent(told[best], look.language),
            worst=worst, least=numbers.percent(told[worst], look.language),
        )  # fmt: skip
    elif told:
        ((best, most),) = told.items()
        title = say(
            f"prospects.rates.{rate}_one", best=best, most=numbers.percent(most, look.language)
        )
    caption = say(
        "prospects.rates.unit", all=numbers.percent(whole, look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    figure = ranges.rates(drawn, colours, reference=whole, height=60 + 30 * len(drawn), room=1.9)
    leads_to = points(ranges.POINTS, drills) if rate == "conversion_rate" else {}
    return Finding(title, figure, f"{caption} {found.notes[0]}", leads_to)


def lying(look: Look, found: Told, kind: str, colours: Palette) -> Finding | Nothing:
    """Say whose open leads nobody touches."""
    rows = [row for row in _of_kind(found, kind) if row["open"]]
    rows = sorted(rows, key=lambda row: -row["dormant"])[:_SHOWN]
    if not rows:
        return Nothing(say("prospects.now.none"), say("prospects.now.none_text"))
    names = _labels(rows, kind)
    drawn = [
        Ranged(
            name, row["dormant"] / row["open"], None, None,
            say(
                "prospects.lying.text", dormant=numbers.whole(row["dormant"], look.language),
                open=numbers.whole(row["open"], look.language),
            ),
            colours.accent if row["open"] >= SMALL else colours.unknown,
        )
        for name, row in zip(names, rows, strict=True)
    ]  # fmt: skip
    told = [place for place, row in enumerate(rows) if row["open"] >= SMALL] or [0]
    worst = max(told, key=lambda place: drawn[place].rate)
    title = say(
        "prospects.lying.title", name=names[worst],
        share=numbers.percent(drawn[worst].rate, look.language, 0),
        open=numbers.whole(rows[worst]["open"], look.language),
    )  # fmt: skip
    unit = say("prospects.lying.unit", day=numbers.day(look.as_of, look.language))
    figure = ranges.rates(drawn, colours, height=60 + 30 * len(drawn), room=1.8)
    return Finding(title, figure, f"{unit} {found.notes[1]}")


def stays(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say in which stage leads stay longest: half and nine in ten of them."""
    if found.missing:
        return Nothing("", "", found.missing)
    rows = [row for row in records(found.rows) if row["median_days"] is not None]
    if not rows:
        return Nothing(say("prospects.stays.none"), say("prospects.stays.none_text"))
    names = distinct([short(spoken(row["stage"], "stage")) for row in rows])
    drawn = []
    for name, row in zip(names, rows, strict=True):
        long = row["p90_days"]
        text = say(
            "prospects.stays.text", median=int(row["median_days"]),
            p90=numbers.UNKNOWN if long is None else int(long),
        )  # fmt: skip
        low, high = row["median_low"], row["median_high"]
        drawn.append(Wait(name, row["median_days"], low, high, text, colours.accent))
    slow = max(range(len(rows)), key=lambda place: rows[place]["median_days"])
    title = say(
        "prospects.stays.title", stage=names[slow], days=int(rows[slow]["median_days"]),
        n=numbers.whole(rows[slow]["still_there"], look.language),
    )  # fmt: skip
    unit = say(
        "prospects.stays.unit", n=numbers.whole(sum(row["stays"] for row in rows), look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    return Finding(title, waits.medians(drawn, colours, 60 + 40 * len(drawn)), unit)


def named(found: Told) -> Told:
    """Return the funnel with a name for its first and its last step, for a table."""
    last = len(found.rows) - 1
    names = [_step(row, place == last) for place, row in enumerate(records(found.rows))]
    return replace(found, rows=found.rows.assign(stage=names))


def of_kind(found: Told, kind: str) -> Told:
    """Return the rows of one way to tell leads apart, groups by their names, for a table."""
    if kind == "employee_id":
        return found
    rows = found.rows[found.rows.told_by == kind]
    groups = [spoken(group, "group" if kind in _CODED else kind) for group in rows.group]
    return replace(found, rows=rows.assign(group=groups))


def _of_kind(found: Told, kind: str) -> list[dict[str, Any]]:
    """Return the rows of one way to tell leads apart, most leads first."""
    rows = records(found.rows)
    if kind == "employee_id":
        rows = [row | {"group": row["employee_id"]} for row in rows]
        return sorted(rows, key=lambda row: -row["leads"])
    return [row for row in rows if row["told_by"] == kind]


def _labels(rows: list[dict[str, Any]], kind: str) -> list[str]:
    names = [
        row.get("employee") or (spoken(row["group"], "group") if kind in _CODED
                                else spoken(row["group"], kind))
        for row in rows
    ]  # fmt: skip
    return distinct([short(name) for name in names])


_CODED = ("buyer_kind", "is_returning")


def _step(row: Mapping[str, Any], is_last: bool) -> str:
    if row["stage"] is not None:
        return short(spoken(row["stage"], "stage"))
    return say("prospects.step.bought" if is_last else "prospects.step.came_in")
