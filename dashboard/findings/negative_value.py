"""What the pyramid page finds of customers who cost more than they bring in."""

from collections.abc import Mapping

from core.figures import Figure
from core.figures.tiers import tier_title
from dashboard import charts, numbers
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Bar, Palette, Step
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import behind, joined, points, records
from dashboard.session import Look, say

CARDS = ("negative_value_customers", "negative_value_sum", "value")
KEYS = CARDS
_PARTS = (("gross", 1), ("returned", -1), ("cost", -1), ("service_cost", -1), ("contract", 1))
_COSTS = ("cost", "service_cost")


def is_on_margin(figure: Figure) -> bool:
    """Whether costs are known, so that those below 0 cost more than they bring."""
    return not any(note.key == "refunds_exceed_purchases" for note in figure.note)


def parts(
    look: Look, found: Mapping[str, Figure], told: Told, colours: Palette
) -> Finding | Nothing:
    """Say what negative value is made of: from what was sold to what is left of it."""
    if told.rows.empty:
        return Nothing(say("pyramid.negative.none"), say("pyramid.negative.none_text"))
    spoken, heads = look.language, found["negative_value_customers"]
    with_costs = is_on_margin(heads)
    sums = {name: sum(float(row[name]) for row in records(told.rows)) for name, _ in _PARTS}
    steps = [
        Step(told.headings[name], amount := sums[name] * sign, name == "gross", _said(look, amount))
        for name, sign in _PARTS
        if name == "gross" or (sums[name] and (with_costs or name not in _COSTS))
    ]
    left = float(told.rows.value.sum())
    steps.append(Step(say("pyramid.negative.left"), left, True, _said(look, left)))
    title = say(
        "pyramid.negative.title" if with_costs else "pyramid.negative.title_net",
        n=words.shown(heads, look), value=numbers.short_money(abs(left), look.currency, spoken),
    )  # fmt: skip
    caption = say(
        "pyramid.negative.unit", n=words.shown(heads, look),
        measure=words.measure(found["value"], spoken), day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    if discount := float(told.rows.discount.sum()):
        amount = numbers.short_money(discount, look.currency, spoken)
        caption = joined(caption, say("pyramid.negative.discount", amount=amount))
    return Finding(title, charts.waterfall(steps, colours, 300), caption)


def by_tier(look: Look, told: Told, names: str, colours: Palette) -> Finding | Nothing:
    """Say where those with negative value stand."""
    if told.rows.empty:
        return Nothing(say("pyramid.negative.nowhere"), say("pyramid.negative.none_text"))
    spoken, bars, drills = look.language, [], []
    for row in told.rows.to_dict("records"):
        label = tier_title(names, _code(row["tier_name"]), spoken)
        text = say(
            "pyramid.negative.bar", n=numbers.whole(row["customers"], spoken),
            value=numbers.short_money(row["value"], look.currency, spoken),
        )  # fmt: skip
        bars.append(Bar(label, row["customers"], text, colours.bad))
        drills.append(behind(label, "negative_value_tier", row["tier_name"]))
    is_lost = told.rows.tier_name == "lost"
    title = say(
        "pyramid.negative.where",
        active=numbers.whole(told.rows.customers[~is_lost].sum(), spoken),
        lost=numbers.whole(told.rows.customers[is_lost].sum(), spoken),
    )  # fmt: skip
    caption = say("pyramid.negative.by_tier", day=numbers.day(look.as_of, spoken))
    figure = charts.bars(bars, 80 + 44 * len(bars))
    return Finding(title, figure, caption, points(0, drills))


def _said(look: Look, value: float) -> str:
    return numbers.short(value, look.language)


def _code(tier: object) -> str | None:
    return tier if isinstance(tier, str) else None
