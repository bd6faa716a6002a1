"""Who was lost: how many and what they were worth, where, since when, and who came back."""

from collections.abc import Sequence

import pandas as pd

from core.definitions import TIERS
from core.figures import Figure
from core.figures.figure import SMALL_N
from core.figures.tiers import tier_title
from core.metrics.intervals import wilson
from core.periods import month_end, plus_months
from dashboard import charts, numbers, ranges
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Bar
from dashboard.drill import Drill
from dashboard.findings import cells, words
from dashboard.parts import Facts, Frame, Listed, Part, Row, Section
from dashboard.ranges import Ranged
from dashboard.session import say
from dashboard.tables import Column

_LOST = ("lost", "churn", "bridge_value_lost", "churn_value")
_BANDS = ("0-90", "91-180", "181-365", "366-730", "731+")
_MOST = 10  # bars of one chart


def rows(facts: Facts) -> list[Row]:
    """Return where was lost, beside what it was worth; the trend, beside who came back."""
    if facts.look.compare is None:
        return [[([Nothing(say("page.no_compare.title"), say("page.no_compare.text"))], 1)]]
    found = _groups(facts)
    below: Row = [([_trend(facts)], 1), ([_returned(facts)], 1)]
    if not found:
        why = Nothing(_whole(facts), say("churn.no_tiers"))
        return [[([why], 1)], below]
    first: Row = [([_rates(facts, found)], 1), ([_money(facts, found)], 1)]
    return [first, below, [([_table(facts, found)], 1)]]


def choices(facts: Facts) -> dict[str, str]:
    """Return the scopes that losses can be told apart by."""
    return {each: say(f"churn.by.{each}") for each in ("tier", *facts.company.scopes)}


def _groups(facts: Facts) -> list[tuple[str, str | None, dict[str, Figure]]]:
    """Return the label, the value and the figures of each group, the greatest loss first."""
    by = facts.choice or "tier"
    groups: dict[str | None, dict[str, Figure]] = {}
    for figure in facts.by:
        if by in figure.scope:
            groups.setdefault(figure.scope[by], {})[figure.key] = figure
    found = [
        (_name(facts, by, value), value, figures)
        for value, figures in groups.items()
        if figures["lost"].value is not None and figures["churn"].value is not None
    ]
    if by == "tier":
        found = [each for each in found if each[1] in TIERS]
        return sorted(found, key=lambda each: TIERS.index(each[1] or ""))
    return sorted(found, key=lambda each: -(each[2]["bridge_value_lost"].value or 0))


def _name(facts: Facts, by: str, value: str | None) -> str:
    if value is None:
        return say("churn.nobody") if by == "manager" else say("churn.no_place")
    if by == "tier":
        return tier_title(facts.company.tiers, value, facts.look.language)
    return facts.company.staff.get(value, value) if by == "manager" else value


def _colour(facts: Facts, value: str | None, figure: Figure) -> str:
    """Tiers have their own colours; elsewhere orange says clearly above all, grey too few."""
    if value in TIERS:
        return facts.colours.tiers[TIERS.index(value)]
    whole = facts.figures["churn"].value
    if figure.is_small_n or whole is None or figure.low is None or figure.high is None:
        return facts.colours.unknown
    if figure.low > whole:
        return facts.colours.bad
    return facts.colours.good if figure.high < whole else facts.colours.quiet


def _drills(found: Sequence, figure: str, trace: int) -> dict[tuple[int, int], Drill]:
    ways = [
        words.behind(each[figure], f"{label} · {say('drill.label')}") for label, _, each in found
    ]
    return cells.points(trace, ways)


def _rates(facts: Facts, found: Sequence) -> Finding:
    look, lost, churn = facts.look, facts.figures["lost"], facts.figures["churn"]
    worst = sorted(found, key=lambda each: -(each[2]["churn"].value or 0))[:_MOST]
    if (facts.choice or "tier") == "tier":
        worst = list(found)
    points = [
        Ranged(
            label, each["churn"].value or 0, each["churn"].low, each["churn"].high,
            f"{words.shown(each['churn'], look)} · {words.shown(each['lost'], look)}",
            _colour(facts, value, each["churn"]),
        )
        for label, value, each in worst
    ]  # fmt: skip
    title = say("churn.heads.title", n=words.shown(lost, look), rate=words.shown(churn, look))
    above = [
        each for each, one in zip(worst, points, strict=True) if one.colour == facts.colours.bad
    ]
    if above:
        title = say(
            "churn.heads.above", name=above[0][0], rate=words.shown(above[0][2]["churn"], look),
            all=words.shown(churn, look), n=words.shown(lost, look),
        )  # fmt: skip
    caption = say(
        "churn.heads.unit", retention=words.shown(facts.figures["retention"], look),
        n=words.shown(facts.figures["bridge_opening"], look),
        since=numbers.day(look.compare, look.language), day=numbers.day(look.as_of, look.language),
        shown=_of_all(len(worst), len(found)),
    )  # fmt: skip
    figure = ranges.rates(points, facts.colours, reference=churn.value, height=_height(worst))
    return Finding(title, figure, caption, _drills(worst, "lost", ranges.POINTS))


def _money(facts: Facts, found: Sequence) -> Finding:
    look, value = facts.look, facts.figures["bridge_value_lost"]
    bars = []
    for label, group, each in found[:_MOST]:
        share = each["churn_value"]
        text = words.shown(each["bridge_value_lost"], look)
        if share.value is not None:
            text = f"{text} · {words.shown(share, look)}"
        colour = facts.colours.accent
        if group in TIERS:
            colour = facts.colours.tiers[TIERS.index(group)]
        bars.append(Bar(label, each["bridge_value_lost"].value or 0, text, colour))
    title = say(
        "churn.money.title", value=words.shown(value, look),
        rate=words.shown(facts.figures["churn_value"], look),
    )  # fmt: skip
    caption = say(
        "churn.money.unit", measure=words.measure(value, look.language),
        since=numbers.day(look.compare, look.language), shown=_of_all(len(bars), len(found)),
    )  # fmt: skip
    drills = _drills(found[:_MOST], "bridge_value_lost", 0)
    return Finding(title, charts.bars(bars, _height(bars)), caption, drills)


def _whole(facts: Facts) -> str:
    """Say what was lost where it cannot be told apart."""
    look, found = facts.look, facts.figures
    return say(
        "churn.whole", n=words.shown(found["lost"], look), rate=words.shown(found["churn"], look),
        value=words.shown(found["bridge_value_lost"], look),
    )  # fmt: skip


def _trend(facts: Facts) -> Part:
    history, look = facts.history, facts.look
    known: Frame = pd.DataFrame() if history is None else history.dropna(subset=["churn_annual"])
    if known.empty:
        return Nothing(say("churn.trend.none"), say("churn.trend.why"))
    days, values = list(known["day"]), [float(each) for each in known.churn_annual]
    # The opening lies 12 months before: in the first tau days of the books nobody is seen to go.
    told_from = facts.company.told_from
    young = sum(1 for day in days if month_end(plus_months(day, -12)) < told_from)
    spoken = look.language
    young = min(young, len(days) - 1)
    if young == len(days) - 1:
        title = say("churn.trend.young", now=numbers.percent(values[-1], spoken))
    else:
        change = numbers.points(values[-1] - values[young], spoken)
        title = say(
            "churn.trend.title", now=numbers.percent(values[-1], spoken), change=change,
            since=numbers.month(days[young], spoken),
        )  # fmt: skip
    unknown = say("churn.trend.unknown")
    figure = ranges.trend(days, values, young, facts.colours, spoken, unknown)
    caption = say(
        "churn.trend.unit", since=numbers.month(days[0], spoken),
        day=numbers.month(days[-1], spoken), told=numbers.day(told_from, spoken),
    )  # fmt: skip
    shown = pd.DataFrame(
        {
            "": [numbers.month(day, spoken) for day in days],
            say("figure.churn_annual.name"): [numbers.percent(v, spoken) for v in values],
        }
    )
    return Finding(title, figure, caption, rows=shown)


def _returned(facts: Facts) -> Part:
    told, look = facts.told["reactivation-by-silence"], facts.look
    if told.rows.empty:
        return Nothing(say("churn.back.none"), " ".join(told.notes))
    sums: Frame = told.rows.groupby("silence_band")[["customers", "came_back"]].sum()
    bands = [band for band in _BANDS if band in sums.index]
    points = []
    for band in bands:
        n, back = int(sums.customers[band]), int(sums.came_back[band])
        low, high = wilson(back, n)
        text = f"{numbers.percent(back / n, look.language)} · n = {numbers.whole(n, look.language)}"
        colour = facts.colours.unknown if n < SMALL_N else facts.colours.accent
        points.append(Ranged(say("churn.band", days=band), back / n, low, high, text, colour))
    figure = facts.figures["reactivation"]
    title = say(
        "churn.back.title", rate=words.shown(figure, look), n=numbers.whole(figure.n, look.language)
    )
    caption = say(
        "churn.back.unit", since=numbers.day(look.compare, look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    drills = cells.points(
        ranges.POINTS,
        [cells.behind(say("churn.band", days=band), "silence_return", band) for band in bands],
    )
    drawn = ranges.rates(points, facts.colours, reference=figure.value, height=220)
    return Finding(title, drawn, caption, drills)


def _table(facts: Facts, found: Sequence) -> Listed:
    by, look = facts.choice or "tier", facts.look
    shown = [
        {"group": label} | {key: each[key].value for key in (*_LOST, "bridge_opening")}
        for label, _, each in found
    ]
    columns = {
        "group": Column(say(f"churn.by.{by}")),
        "bridge_opening": Column(say("churn.column.opening"), "number"),
        "lost": Column(say("figure.lost.name"), "number"),
        "churn": Column(say("figure.churn.name"), "percent"),
        "bridge_value_lost": Column(
            say("table.money", heading=say("churn.column.value"), currency=look.currency),
            "number",
        ),
        "churn_value": Column(say("figure.churn_value.name"), "percent"),
    }
    frame = pd.DataFrame(shown)
    return Listed(
        say("churn.table", by=say(f"churn.by.{by}")), words.rounded(frame, "bridge_value_lost"),
        columns, "lost_groups",
    )  # fmt: skip


def _of_all(shown: int, n: int) -> str:
    return say("churn.of_all", shown=shown, n=n) if shown < n else ""


def _height(found: Sequence) -> int:
    return max(170, 30 + 26 * len(found))


SECTION = Section(
    rows, ("churn", "churn_value", "retention_value", "grr", "nrr"),
    figures=("lost", "retention", "bridge_value_lost", "bridge_opening", "reactivation"),
    by=(*_LOST, "bridge_opening"), told=("reactivation-by-silence",), has_history=True,
    choices=choices,
)  # fmt: skip
