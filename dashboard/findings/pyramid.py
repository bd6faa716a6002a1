"""What the pyramid page finds: who stands in which tier, who moved, what the few carry."""

from typing import Any

import pandas as pd

from core.definitions import TIERS
from core.figures.tiers import tier_title
from dashboard import charts, curves, grids, numbers
from dashboard.blocks import Column, Finding
from dashboard.charts import Bar, Palette
from dashboard.data import Pyramid
from dashboard.findings import words
from dashboard.session import Look, language, say

_BELOW = ("lost", "none", "elsewhere")
_TOP = 0.2


def shape(look: Look, found: Pyramid, colours: Palette) -> Finding:
    """Say what the top tier carries, and show heads beside value."""
    spoken = look.language
    tiers = _tiers(found.levels)
    rows = [row for _, row in tiers.iterrows()]
    heads = [
        Bar(_name(found, t), n.heads, numbers.whole(n.heads, spoken), colours.tiers[i])
        for i, (t, n) in enumerate(zip(TIERS, rows, strict=True))
    ]
    value = [
        Bar(
            _name(found, t), n.value,
            f"{numbers.percent(_known(n.share_of_value), spoken, 0)} · "
            f"{numbers.short(n.value, spoken)}",
            colours.tiers[i],
        )
        for i, (t, n) in enumerate(zip(TIERS, rows, strict=True))
    ]  # fmt: skip
    top = tiers.loc["top"]
    title = say(
        "pyramid.shape.title", n=numbers.whole(top.heads, spoken),
        heads=numbers.percent(_known(top.share_of_heads), spoken),
        value=numbers.percent(_known(top.share_of_value), spoken),
    )  # fmt: skip
    cuts = say(
        "pyramid.cuts.provisional" if found.is_provisional else "pyramid.cuts.frozen",
        day=numbers.day(found.cut_on, spoken),
    )
    caption = say(
        "pyramid.shape.unit", n=numbers.whole(tiers.heads.sum(), spoken), cuts=cuts,
        measure=_measure(found), lost=numbers.whole(_heads(found.levels, "lost"), spoken),
        prospects=numbers.whole(_heads(found.levels, "prospect"), spoken),
        day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    titles = (say("pyramid.shape.heads"), say("pyramid.shape.value"))
    return Finding(title, charts.pyramid(heads, value, titles, colours), caption)


def moves(look: Look, found: Pyramid, colours: Palette) -> Finding | None:
    """Say who left the top tier and who rose into it; null where tiers do not compare."""
    if found.matrix is None or found.matrix.empty:
        return None
    spoken, cells = look.language, found.matrix
    left = cells[(cells.tier_then == "top") & (cells.tier_now != "top")]
    came = cells[(cells.tier_now == "top") & (cells.tier_then != "top")]
    title = say(
        "pyramid.moves.title", left=numbers.whole(left.heads.sum(), spoken),
        worth=numbers.short_money(left.value_then.sum(), look.currency, spoken),
        came=numbers.whole(came.heads.sum(), spoken),
    )  # fmt: skip
    then = [t for t in (*TIERS, *_BELOW) if t in set(cells.tier_then)]
    now = [t for t in (*TIERS, *_BELOW) if t in set(cells.tier_now)]
    heads = dict(zip(zip(cells.tier_then, cells.tier_now, strict=True), cells.heads, strict=True))
    texts = [
        [numbers.whole(heads[a, b], spoken) if (a, b) in heads else "" for b in now] for a in then
    ]
    kinds = [[_kind(a, b) if (a, b) in heads else None for b in now] for a in then]
    figure = grids.matrix(
        [_name(found, t, is_then=True) for t in then], [_name(found, t) for t in now],
        texts, kinds, (_day(look, look.compare), _day(look, look.as_of)), colours,
    )  # fmt: skip
    return Finding(
        title, figure, say("pyramid.moves.unit", n=numbers.whole(cells.heads.sum(), spoken))
    )


def concentration(look: Look, found: Pyramid, colours: Palette) -> Finding:
    """Say what the best fifth of buyers bring."""
    spoken, share = look.language, found.top["top_share"]
    mark = None if share is None else (_TOP, share, numbers.percent(share, spoken))
    curve = found.lorenz.dropna(subset=["share_of_value"])
    figure = curves.concentration(
        list(curve.share_of_buyers), list(curve.share_of_value), mark, colours, spoken,
        (say("pyramid.concentration.buyers"), say("pyramid.concentration.value")),
    )  # fmt: skip
    title = say("pyramid.concentration.title", share=numbers.percent(share, spoken))
    unequal = found.top["gini"]
    caption = say(
        "pyramid.concentration.unit", n=numbers.whole(found.top["n"], spoken),
        measure=_measure(found), day=numbers.day(look.as_of, spoken),
        gini=numbers.UNKNOWN if unequal is None else f"{unequal:.2f}",
    )  # fmt: skip
    return Finding(title, figure, caption)


def table(look: Look, found: Pyramid) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Return the tiers in full figures, with what changed."""
    tiers = _tiers(found.levels)
    rows = tiers.assign(tier=[_name(found, t) for t in tiers.index])
    columns = {
        "tier": Column(say("pyramid.column.tier")),
        "heads": Column(say("pyramid.column.heads"), "number"),
        "heads_change": Column("±", "change", say("pyramid.column.since", day=_since(look))),
        "value": Column(say("pyramid.column.value", currency=look.currency), "number"),
        "change": Column("± ", "change", say("pyramid.column.since", day=_since(look))),
        "value_per_head": Column(say("pyramid.column.per_head"), "number"),
    }
    if found.levels_then is not None and found.matrix is not None:
        then = _tiers(found.levels_then)
        rows = rows.assign(heads_change=rows.heads - then.heads, change=rows.value - then.value)
    columns = {name: column for name, column in columns.items() if name in rows}
    for name in columns:
        rows = words.rounded(rows, name)
    return rows, columns


def _tiers(levels: pd.DataFrame) -> pd.DataFrame:
    rows = levels[levels.level.isin(TIERS)].set_index("level")
    rows = rows.drop(columns="tier_name").reindex(list(TIERS))
    return rows.fillna({"heads": 0, "value": 0.0})


def _heads(levels: pd.DataFrame, level: str) -> int:
    return int(levels.heads[levels.level == level].sum())


def _name(found: Pyramid, tier: str, *, is_then: bool = False) -> str:
    if tier in TIERS:
        return tier_title(found.names, tier, language())
    if tier == "none" and not is_then:
        return say("tier.gone")
    return say(f"tier.{tier}")


def _kind(then: str, now: str) -> float:
    order = {tier: place for place, tier in enumerate((*TIERS, "lost"))}
    if then == now or then == "elsewhere" or now == "elsewhere":
        return 0.0
    if then == "none":
        return 0.6
    if now == "none":
        return -0.6
    steps = order[then] - order[now]
    return max(-1.0, min(1.0, steps / 2))


def _measure(found: Pyramid) -> str:
    return say("measure.margin" if found.is_on_margin else "measure.net")


def _since(look: Look) -> str:
    return numbers.day(look.compare, look.language)


def _day(look: Look, day: Any) -> str:
    return numbers.day(day, look.language)


def _known(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else value
