"""Why the lost were lost, how sure that is, and what of it could have been kept."""

from typing import Any

from core.definitions import TIERS
from core.figures.figure import SMALL_N
from core.figures.tiers import tier_title
from core.metrics.churn_causes import UNKNOWN
from core.metrics.intervals import wilson
from dashboard import comparing, numbers, ranges, stacks
from dashboard.blocks import Finding, Nothing
from dashboard.comparing import Cell
from dashboard.findings import cells, words
from dashboard.parts import Facts, Frame, InFull, Link, Part, Row, Section
from dashboard.ranges import Ranged
from dashboard.session import say
from dashboard.stacks import Stack

_GRADES = ("stated", "inferred", "none")
_SIDES = ("company", "customer", UNKNOWN)


def rows(facts: Facts) -> list[Row]:
    """Return the causes beside the departures; below them every cause in full."""
    told = facts.told["churn-causes"]
    if facts.look.compare is None:
        return [[([Nothing(say("page.no_compare.title"), say("page.no_compare.text"))], 1)]]
    if told.rows.empty:
        return [[([Nothing(say("churn.none_lost"), " ".join(told.notes))], 1)]]
    return [
        [([_causes(facts)], 3), ([departures(facts)], 2)],
        [([_tiers(facts)], 1)],
        [([_table(facts)], 1)],
    ]


def _causes(facts: Facts) -> Finding:
    """Say the most that could have been kept, over what was lost to each cause."""
    found: Frame = facts.told["churn-causes"].rows
    look = facts.look
    order = _order(found)
    drawn = [_stack(facts, found[found.cause == cause], cause) for cause in order]
    legend = {
        "stated": (say("list.code.evidence.stated"), facts.colours.tiers[0]),
        "inferred": (say("list.code.evidence.inferred"), facts.colours.tiers[2]),
        "none": (say("churn.causes.no_evidence"), facts.colours.unknown),
    }
    drills = {}
    for place, cause in enumerate(order):
        way = cells.behind(say(f"list.code.cause.{cause}"), "loss_cause", cause)
        if way:
            drills |= {(trace, place): way for trace in range(len(_GRADES))}
    figure = stacks.stacks(drawn, legend, facts.colours, 40 + 27 * len(order))
    caption = say(
        "churn.causes.unit",
        measure=words.measure(facts.figures["bridge_value_lost"], look.language),
        since=numbers.day(look.compare, look.language), day=numbers.day(look.as_of, look.language),
        n=words.shown(facts.figures["lost"], look),
    )  # fmt: skip
    return Finding(_ceiling(facts), figure, caption, drills)


def _order(found: Frame) -> list[str]:
    """Return the causes by side, ours first, the greatest of each first; unknown last."""
    sums: Frame = found.groupby(["side", "cause"]).value_lost.sum().reset_index()
    sums["place"] = [_SIDES.index(side) for side in sums.side]
    return list(sums.sort_values(["place", "value_lost"], ascending=[True, False]).cause)


def _stack(facts: Facts, rows: Frame, cause: str) -> Stack:
    look = facts.look
    parts = {grade: float(rows[rows.evidence == grade].value_lost.sum()) for grade in _GRADES}
    said = {
        grade: f"{numbers.short_money(parts[grade], look.currency, look.language)} · "
        f"{numbers.whole(rows[rows.evidence == grade].heads.sum(), look.language)}"
        for grade in _GRADES
    }
    value = numbers.short_money(sum(parts.values()), look.currency, look.language)
    heads = numbers.whole(rows.heads.sum(), look.language)
    return Stack(
        _label(cause, rows.side.iloc[0]), parts, said, say("churn.causes.bar", value=value, n=heads)
    )


def _label(cause: str, side: str) -> str:
    name = say(f"list.code.cause.{cause}")
    if side == UNKNOWN:
        return name
    return say("churn.causes.label", cause=name, side=say(f"churn.causes.{side}"))


def _ceiling(facts: Facts) -> str:
    look, figure = facts.look, facts.figures["controllable_loss"]
    if figure.value is None:
        return say("churn.causes.unknown")
    found: Frame = facts.told["churn-causes"].rows
    dark = float(found[found.side == UNKNOWN].value_lost.sum())
    return say(
        "churn.causes.ceiling", value=words.shown(figure, look),
        lost=words.shown(facts.figures["bridge_value_lost"], look),
        unknown=numbers.short_money(dark, look.currency, look.language),
    )  # fmt: skip


def departures(facts: Facts) -> Part:
    """Say what became of those who depended on the employees that left, by name."""
    told, look = facts.told["departures"], facts.look
    if told.missing:
        return Nothing(told.title, told.about, told.missing)
    known: Frame = told.rows.dropna(subset=["lost_rate"])
    if known.empty:
        return Nothing(say("churn.left.none"), " ".join(told.notes))
    points, ways = [], []
    for _, row in known.head(8).iterrows():
        n, lost = int(row.customers), int(row.lost)
        label = say(
            "churn.left.label", name=row.employee or row.employee_id,
            day=numbers.month(row.left_on, look.language),
        )  # fmt: skip
        text = say("churn.left.bar", lost=lost, n=n, rate=numbers.percent(lost / n, look.language))
        low, high = wilson(lost, n)
        like = cells.known(row.like_rate)
        colour = _colour(facts, n, low, like)
        points.append(Ranged(label, lost / n, low, high, text, colour, like))
        ways.append(
            cells.behind(str(row.employee or row.employee_id), "departure", row.employee_id)
        )
    worst = known.sort_values("value_lost", ascending=False).iloc[0]
    title = say(
        "churn.left.title", name=worst.employee or worst.employee_id, n=int(worst.lost),
        all=int(worst.customers),
        value=numbers.short_money(float(worst.value_lost), look.currency, look.language),
    )  # fmt: skip
    caption = " ".join((say("churn.left.unit"), *told.notes))
    figure = ranges.rates(points, facts.colours, height=max(150, 50 + 44 * len(points)), room=2.1)
    return Finding(title, figure, caption, cells.points(ranges.POINTS, ways))


def _colour(facts: Facts, n: int, low: float | None, like: float | None) -> str:
    if n < SMALL_N or low is None or like is None:
        return facts.colours.unknown
    return facts.colours.bad if low > like else facts.colours.quiet


def _tiers(facts: Facts) -> Part:
    """Say what of the loss of the upper tiers lay with us; a click names the customers."""
    told, look = facts.told["causes-by-tier"], facts.look
    found: Frame = told.rows.dropna(subset=["tier_name"])
    if found.empty:
        return Nothing(told.title, " ".join((told.about, *told.notes)))
    at = {(row.tier_name, row.cause): row for row in found.itertuples()}
    tiers = [tier for tier in TIERS if tier in set(found.tier_name)]
    causes = _order(found)
    whole = {tier: float(found[found.tier_name == tier].value_lost.sum()) for tier in tiers}
    table, ways = [], []
    for cause in causes:  # downwards: a telephone has room for four tiers, not for nine causes
        table.append([_cell(facts, at.get((tier, cause)), cause, whole[tier]) for tier in tiers])
        for tier in tiers:
            label = f"{_tier(facts, tier)}, {say(f'list.code.cause.{cause}')}"
            is_there = (tier, cause) in at
            ways.append(cells.behind(label, "loss_tier_cause", tier, cause) if is_there else None)
    upper = found[found.tier_name != TIERS[-1]]
    ours = float(upper[upper.side == "company"].value_lost.sum())
    title = say(
        "churn.tiers.title", value=numbers.short_money(ours, look.currency, look.language),
        lost=numbers.short_money(float(upper.value_lost.sum()), look.currency, look.language),
    )  # fmt: skip
    figure = comparing.table(
        [say(f"list.code.cause.{cause}") for cause in causes],
        [_tier(facts, tier) for tier in tiers], table, ("", ""), facts.colours, row_height=40,
    )  # fmt: skip
    return Finding(title, figure, say("churn.tiers.unit"), cells.points(comparing.CELLS, ways))


def _tier(facts: Facts, tier: str) -> str:
    return tier_title(facts.company.tiers, tier, facts.look.language)


def _cell(facts: Facts, row: Any, cause: str, whole: float) -> Cell | None:
    """Return a cell: deep where a cause took much of what its tier lost; unknown stays grey."""
    if row is None:
        return None
    look, value = facts.look, float(row.value_lost)
    money = numbers.short_money(value, look.currency, look.language)
    heads = numbers.whole(row.heads, look.language)
    is_known = cause != UNKNOWN and whole > 0
    return Cell(f"{money}<br>{heads}", f"{money} · {heads}", -value / whole * 4 if is_known else 0)


def _table(facts: Facts) -> InFull:
    names = (
        "side", "cause", "evidence", "heads", "share_of_heads", "value_lost", "share_of_value",
    )  # fmt: skip
    links = [Link("lists", say("churn.causes.list"), {"list": "lost-causes"})]
    return InFull(facts.told["churn-causes"], "causes", names, links)


SECTION = Section(
    rows,
    ("bridge_value_lost", "controllable_loss", "controllable_share", "churn_cause_known",
     "churn_cause_stated"),
    figures=("lost",), told=("churn-causes", "causes-by-tier", "departures"),
)  # fmt: skip
