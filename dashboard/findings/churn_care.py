"""Whom nobody met in time, what came of contacts, and what was left of what fell due."""

from collections.abc import Sequence

from core.behind.care import NOBODY
from core.definitions import TIERS
from core.figures.figure import SMALL_N
from core.figures.tiers import tier_title
from core.metrics.intervals import wilson
from dashboard import charts, numbers, ranges
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Bar
from dashboard.data import Told
from dashboard.findings import cells, words
from dashboard.findings.churn_ties import of_tier
from dashboard.parts import Facts, Frame, Listed, Part, Row, Section
from dashboard.ranges import Ranged
from dashboard.session import say
from dashboard.tables import Column

_STEPS = ("to_contact", "done", "reached", "learned", "opportunities")
_MOST = 10


def rows(facts: Facts) -> list[Row]:
    """Return the gap beside contacts without content; managers beside key dates; all in full."""
    gap, dates = facts.told["contact-gap"], _dates(facts)
    if gap.missing:
        return [[([Nothing(gap.title, gap.about, gap.missing)], 1), ([dates], 1)]]
    if gap.rows.empty:
        return [[([Nothing(say("churn.care.nobody"), gap.about)], 1), ([dates], 1)]]
    return [
        [([_steps(facts)], 1), ([_tiers(facts)], 1)],
        [([_content(facts)], 1), ([_worst(facts)], 1)],
        [([dates], 1)],
        [([_managers(facts)], 1)],
    ]


def _part(told: Told, by: str) -> Frame:
    return told.rows[told.rows.told_by == by]


def _steps(facts: Facts) -> Finding:
    """Say how many of those due were reached, and what came of it."""
    look, told = facts.look, facts.told["contact-gap"]
    sums = _part(told, "tier_name")[list(_STEPS)].sum()
    due = int(sums.to_contact)
    bars = []
    for place, step in enumerate(_STEPS):
        share = numbers.percent(sums[step] / due if due else None, look.language)
        text = f"{numbers.whole(sums[step], look.language)} · {share}"
        colour = facts.colours.unknown if not place else facts.colours.accent
        bars.append(Bar(say(f"churn.care.{step}"), float(sums[step]), text, colour))
    title = say(
        "churn.care.title", missing=words.shown(facts.figures["contacts_missing"], look),
        due=numbers.whole(due, look.language), gap=words.shown(facts.figures["contact_gap"], look),
    )  # fmt: skip
    pending = words.shown(facts.figures["opportunities_pending"], look)
    caption = " ".join((say("churn.care.unit", day=_day(facts), pending=pending), *told.notes))
    ways = [
        cells.behind(say(f"churn.care.{step}"), figure) if figure else None
        for step, figure in zip(
            _STEPS, ("contacts_due", "contacts_done", None, None, None), strict=True
        )
    ]
    return Finding(title, charts.bars(bars, 210), caption, cells.points(0, ways))


def _tiers(facts: Facts) -> Finding:
    """Say which tier waits most."""
    look, told = facts.look, facts.told["contact-gap"]
    found = _part(told, "tier_name").set_index("group")
    tiers = [tier for tier in TIERS if tier in found.index]
    points, ways = [], []
    for tier in tiers:
        due, missing = int(found.to_contact[tier]), int(found.missing[tier])
        label = tier_title(facts.company.tiers, tier, look.language)
        low, high = wilson(missing, due)
        text = say(
            "churn.care.bar", rate=numbers.percent(missing / due if due else None, look.language),
            missing=numbers.whole(missing, look.language), due=numbers.whole(due, look.language),
        )  # fmt: skip
        colour = facts.colours.tiers[TIERS.index(tier)]
        points.append(Ranged(label, missing / due if due else 0.0, low, high, text, colour))
        ways.append(of_tier(label, "contact_gap", tier))
    upper = [tier for tier in tiers if tier != TIERS[-1]]
    late, due = found.missing[upper].sum(), found.to_contact[upper].sum()
    title = say(
        "churn.care.tiers", missing=numbers.whole(late, look.language),
        due=numbers.whole(due, look.language),
    )  # fmt: skip
    figure = ranges.rates(points, facts.colours, height=210, room=1.7)
    caption = say("churn.care.tiers_unit", day=_day(facts))
    return Finding(title, figure, caption, cells.points(ranges.POINTS, ways))


def _content(facts: Facts) -> Part:
    """Say which team visits for form's sake."""
    look, told = facts.look, facts.told["contacts"]
    found = _part(told, "branch")
    found = found[found.judged > 0].sort_values("without_content", ascending=False).head(_MOST)
    if found.empty:
        return Nothing(say("churn.content.none"), told.about)
    points = []
    for _, row in found.iterrows():
        n, empty = int(row.judged), round(float(row.without_content) * int(row.judged))
        low, high = wilson(empty, n)
        text = say(
            "churn.content.bar", rate=numbers.percent(empty / n, look.language),
            n=numbers.whole(n, look.language),
        )  # fmt: skip
        name = row.group if isinstance(row.group, str) else say("churn.no_place")
        whole = facts.figures["without_content"].value or 0.0
        is_high = n >= SMALL_N and low is not None and low > whole
        colour = facts.colours.bad if is_high else facts.colours.quiet
        points.append(Ranged(name, empty / n, low, high, text, colour))
    worst = found.iloc[0]
    title = say(
        "churn.content.title", team=points[0].label,
        rate=numbers.percent(float(worst.without_content), look.language, 0),
        n=numbers.whole(worst.judged, look.language),
        all=words.shown(facts.figures["without_content"], look),
    )  # fmt: skip
    figure = ranges.rates(
        points, facts.colours, reference=facts.figures["without_content"].value,
        height=_height(points),
    )  # fmt: skip
    return Finding(title, figure, say("churn.content.unit", day=_day(facts)))


def _dates(facts: Facts) -> Part:
    """Say how many key dates were followed by business, by kind."""
    look, told = facts.look, facts.told["due-dates"]
    if told.missing:
        return Nothing(told.title, told.about, told.missing)
    sums: Frame = told.rows.groupby("kind")[["due", "followed", "value_kept"]].sum()
    sums = sums[sums.due > 0].sort_values("due", ascending=False)
    if sums.empty:
        return Nothing(say("churn.due.none"), told.about)
    points = []
    for kind, row in sums.iterrows():
        n, kept = int(row.due), int(row.followed)
        low, high = wilson(kept, n)
        value = numbers.short_money(float(row.value_kept), look.currency, look.language)
        text = say(
            "churn.due.bar", rate=numbers.percent(kept / n, look.language),
            n=numbers.whole(n, look.language), value=value,
        )  # fmt: skip
        colour = facts.colours.unknown if n < SMALL_N else facts.colours.accent
        points.append(Ranged(cells.spoken(kind, "due_kind"), kept / n, low, high, text, colour))
    figure = facts.figures["due_kept"]
    title = say(
        "churn.due.title", rate=words.shown(figure, look), n=numbers.whole(figure.n, look.language),
        value=words.shown(facts.figures["due_kept_value"], look),
    )  # fmt: skip
    drawn = ranges.rates(
        points, facts.colours, reference=figure.value, height=_height(points), room=1.8
    )
    caption = " ".join((say("churn.due.unit", day=_day(facts)), *told.notes))
    return Finding(title, drawn, caption)


def _worst(facts: Facts) -> Part:
    """Say whose customers wait most; those of nobody among them."""
    look, told = facts.look, facts.told["contact-gap"]
    found = _part(told, "manager")
    found = found[(found.to_contact > 0) & found.contact_gap.notna()]
    if found.empty:
        return Nothing(say("churn.managers.none"), told.about)
    found = found.sort_values(["contact_gap", "missing"], ascending=False).head(_MOST)
    points, ways = [], []
    for row in found.itertuples():
        due, missing = int(row.to_contact), int(row.missing)
        is_known = isinstance(row.group, str)
        label = _name(facts, row.group)
        text = say(
            "churn.care.bar", rate=numbers.percent(missing / due, look.language),
            missing=numbers.whole(missing, look.language), due=numbers.whole(due, look.language),
        )  # fmt: skip
        low, high = wilson(missing, due)
        colour = facts.colours.unknown if due < SMALL_N else facts.colours.accent
        points.append(Ranged(label, missing / due, low, high, text, colour))
        ways.append(cells.behind(label, "manager_gap", row.group if is_known else NOBODY))
    first = found.iloc[0]
    is_known = isinstance(first.group, str)
    title = say(
        "churn.managers.title" if is_known else "churn.managers.title_nobody",
        name=_name(facts, first.group), missing=numbers.whole(first.missing, look.language),
        due=numbers.whole(first.to_contact, look.language),
    )  # fmt: skip
    figure = ranges.rates(
        points, facts.colours, reference=facts.figures["contact_gap"].value,
        height=_height(points), room=1.8,
    )  # fmt: skip
    caption = say("churn.managers.unit", day=_day(facts))
    return Finding(title, figure, caption, cells.points(ranges.POINTS, ways))


def _name(facts: Facts, manager: object) -> str:
    known = manager if isinstance(manager, str) else None
    return facts.company.staff.get(known, known) if known else say("churn.nobody")


def _managers(facts: Facts) -> Listed:
    told = facts.told["contact-gap"]
    found = _part(told, "manager")
    names = [_name(facts, each) for each in found.group]
    kinds: dict = dict.fromkeys((*_STEPS, "missing"), "number") | {"contact_gap": "percent"}
    columns = {"group": Column(say("churn.by.manager"))} | {
        name: Column(told.headings[name], kinds[name])
        for name in (*_STEPS, "missing", "contact_gap")
    }
    rows = found.assign(group=names)
    return Listed(say("churn.managers.table"), rows, columns, "managers", told.about)


def _day(facts: Facts) -> str:
    return numbers.day(facts.look.as_of, facts.look.language)


def _height(found: Sequence) -> int:
    return max(170, 30 + 26 * len(found))


SECTION = Section(
    rows,
    ("contact_gap", "reach_rate", "without_content", "lost_without_contact", "last_contact_days"),
    figures=("due_kept", "contacts_missing", "due_kept_value", "opportunities_pending"),
    told=("contact-gap", "contacts", "due-dates"),
)  # fmt: skip
