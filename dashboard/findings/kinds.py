"""What the pyramid page finds of the kinds of customers, and what each of them asks for."""

from collections.abc import Mapping

from core.figures import Figure
from core.metrics.kinds import KINDS
from dashboard import comparing, numbers
from dashboard.blocks import Finding, Lines, Nothing
from dashboard.charts import Bar, Palette
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import joined, known, points
from dashboard.session import Look, say

ORDER = ("value", "potential", "migrating", "freezing", "steady")
CARDS = tuple(f"kind_{kind}" for kind in ORDER)
KEYS = (*CARDS, *(f"kind_{kind}_value" for kind in KINDS))


def value(
    look: Look, found: Mapping[str, Figure], told: Told, colours: Palette
) -> Finding | Nothing:
    """Say what each kind brings, and what the same customers brought a year before."""
    if told.rows.empty:
        return Nothing(say("pyramid.kinds.unknown"), joined(*told.notes))
    spoken, bars, then, drills = look.language, [], [], []
    before = dict(zip(told.rows.customer_kind, told.rows.value_then, strict=True))
    tints = {"value": colours.tiers[1], "potential": colours.good, "migrating": colours.bad}
    for kind in ORDER:
        money, label = found[f"kind_{kind}_value"], say(f"kind.{kind}")
        was = known(before.get(kind))
        text = words.shown(money, look)
        if was and was > 0 and money.value is not None:
            text = f"{text} · {numbers.signed_percent(money.value / was - 1, spoken)}"
        bars.append(Bar(label, money.value or 0, text, tints.get(kind, colours.unknown)))
        then.append(was)
        drills.append(words.behind(money, f"{label} · {say('drill.label')}"))
    migrating = found["kind_migrating_value"]
    title = say(
        "pyramid.kinds.title", now=words.shown(migrating, look),
        then=numbers.short_money(known(before.get("migrating")), look.currency, spoken),
    )  # fmt: skip
    caption = say(
        "pyramid.kinds.unit", measure=words.measure(migrating, spoken),
        day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    figure = comparing.bars_and_then(bars, then, colours, 300)
    rows = told.rows.rename(columns=told.headings)
    return Finding(title, figure, caption, points(0, drills), rows)


def advice(look: Look, found: Mapping[str, Figure]) -> Lines:
    """Say what to do with each kind, in one line."""
    lines = []
    for kind in ORDER:
        heads, money, who = found[f"kind_{kind}"], found[f"kind_{kind}_value"], say(f"kind.{kind}")
        if heads.value is not None:
            n, value = words.shown(heads, look), words.shown(money, look)
            who = say("pyramid.kinds.who", kind=who, n=n, value=value)
        lines.append((who, say(f"pyramid.kinds.do_{kind}")))
    return Lines(say("pyramid.kinds.to_do"), lines)
