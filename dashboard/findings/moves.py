"""What the pyramid page finds of moves between tiers: who moved, and what of it is news."""

from collections.abc import Mapping
from datetime import date
from math import sqrt

import pandas as pd
import streamlit as st

from core.definitions import TIERS
from core.figures import Figure
from core.figures.tiers import tier_title
from dashboard import address, comparing, numbers
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Bar, Palette
from dashboard.comparing import Cell
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import behind, joined, known, records
from dashboard.session import Look, say

CARDS = ("upper_kept", "upper_fallen", "upper_fallen_excess", "lost", "returned")
KEYS = CARDS
READINGS = ("heads", "excess")
_BELOW = ("elsewhere", "lost", "none", "prospect")
_ORDER = {tier: place for place, tier in enumerate((*TIERS, "lost", "none"))}
_BARS = 8
PAGE = "dashboard/pages/pyramid.py"


def matrix(
    look: Look, found: Mapping[str, Figure], told: Told, names: str, reading: str, colours: Palette
) -> Finding | Nothing:  # fmt: skip
    """Say how many fell from the upper tiers, and show every move; its cells lead to customers."""
    if told.rows.empty:
        advice = joined(*told.notes, say("pyramid.moves.why"))
        return Nothing(say("pyramid.moves.unknown"), advice)
    cells = {(row["tier_then"], row["tier_now"]): row for row in told.rows.to_dict("records")}
    then = [t for t in (*TIERS, *_BELOW) if any(a == t for a, _ in cells)]
    now = [t for t in (*TIERS, *_BELOW) if any(b == t for _, b in cells)]
    most = max((abs(known(row["excess"]) or 0) for row in cells.values()), default=0) or 1
    shown, drills, place = [], {}, 0
    for a in then:
        line = []
        for b in now:
            row = cells.get((a, b))
            line.append(_cell(look, row, names, reading, most) if row else None)
            if row and row["customers"]:
                way = behind(_move(look, names, a, b), "tier_moves", a, b)
                drills |= {(comparing.CELLS, place): way} if way else {}
            place += 1
        shown.append(line)
    figure = comparing.table(
        [_name(look, names, t, is_then=True) for t in then], [_name(look, names, t) for t in now],
        shown, (numbers.day(look.compare, look.language), numbers.day(look.as_of, look.language)),
        colours,
    )  # fmt: skip
    caption = say(
        f"pyramid.moves.unit_{reading}", n=numbers.whole(told.rows.customers.sum(), look.language)
    )
    return Finding(_title(look, found), figure, caption, drills, rows(look, told, names))


def news(look: Look, told: Told, names: str, colours: Palette) -> Finding | Nothing:
    """Say which moves go beyond what is usual, and where nothing can be expected, why."""
    spoken = look.language
    expected = [row for row in records(told.rows) if known(row["excess"]) is not None]
    if not expected:
        advice = joined(*told.notes[1:], say("pyramid.news.why"))
        return Nothing(say("pyramid.news.unknown"), advice)
    beyond = sorted(filter(_is_beyond_chance, expected), key=lambda row: -abs(row["excess"]))
    bars, drills = [], {}
    for i, row in enumerate(beyond[:_BARS]):
        then, now, excess = row["tier_then"], row["tier_now"], row["excess"]
        text = say(
            "pyramid.news.bar", excess=numbers.signed(excess, spoken),
            usual=numbers.whole(row["expected_heads"], spoken),
        )  # fmt: skip
        tint = {1: colours.good, -1: colours.bad, 0: colours.unknown}[_sign(then, now, excess)]
        bars.append(Bar(_move(look, names, then, now), excess, text, tint))
        if row["customers"] and (way := behind(bars[-1].label, "tier_moves", then, now)):
            drills[0, i] = way
    title = say("pyramid.news.none")
    if bars:
        title = say("pyramid.news.title", move=bars[0].label, n=bars[0].text.split(" · ")[0])
    caption = say("pyramid.news.unit", notes=joined(*told.notes))
    figure = comparing.bars_and_then(bars, [None] * len(bars), colours, 60 + 38 * len(bars))
    return Finding(title, figure, caption, drills)


def link_to_expected(look: Look, told: Told, since: date | None) -> None:
    """Draw the way to the longest period of which something is expected, where this is none."""
    if since is None or since == look.compare or told.rows.excess.notna().any():
        return
    label = say("pyramid.news.link", day=numbers.day(since, look.language))
    way = address.link(section="moves", reading="excess") | {"compare": since.isoformat()}
    st.page_link(PAGE, label=label, icon=":material/history:", query_params=way)


def rows(look: Look, told: Told, names: str) -> pd.DataFrame:
    """Return the moves as a table."""
    found = told.rows.copy()
    found["tier_then"] = [_name(look, names, t, is_then=True) for t in found.tier_then]
    found["tier_now"] = [_name(look, names, t) for t in found.tier_now]
    for column in ("expected_heads", "excess", "value_then", "value_now"):
        found[column] = found[column].astype("float64").round(1)
    return found.rename(columns=told.headings)


def _title(look: Look, found: Mapping[str, Figure]) -> str:
    fallen, excess = found["upper_fallen"], found["upper_fallen_excess"].value
    if fallen.value is None:
        return say("pyramid.moves.heading")
    values = {"n": words.shown(fallen, look), "of": numbers.whole(fallen.n, look.language)}
    if excess is None:
        return say("pyramid.moves.title", **values)
    key = "more" if excess > 0 else "fewer"
    return say(f"pyramid.moves.{key}", excess=numbers.whole(abs(excess), look.language), **values)


def _cell(look: Look, row: Mapping, names: str, reading: str, most: float) -> Cell:
    spoken, then, now = look.language, row["tier_then"], row["tier_now"]
    heads, excess = numbers.whole(row["customers"], spoken), known(row["excess"])
    share = known(row["share_of_row"])
    move = _move(look, names, then, now)
    said = say(
        "pyramid.moves.said", move=move, n=heads,
        then=numbers.short_money(known(row["value_then"]), look.currency, spoken),
        now=numbers.short_money(known(row["value_now"]), look.currency, spoken),
    )  # fmt: skip
    if reading == "excess":
        if excess is None:
            return Cell(numbers.UNKNOWN, said, 0.0)
        usual = numbers.whole(row["expected_heads"], spoken)
        said = f"{said}<br>{say('pyramid.moves.usual', n=usual)}"
        tint = _sign(then, now, excess) * (0.25 + 0.75 * abs(excess) / most)
        return Cell(
            numbers.signed(excess, spoken), said, tint if _is_beyond_chance(row) else 0.0
        )  # fmt: skip
    decimals = 0 if share is None or share >= 0.095 or not share else 1
    text = heads if share is None else f"{heads}<br>{numbers.percent(share, spoken, decimals)}"
    return Cell(text, said, _direction(then, now) / 2)


def _is_beyond_chance(row: Mapping) -> bool:
    """Whether a move differs from the usual by more than two standard errors.

    Of a share that is itself taken from at least two earlier periods: half as much variance again.
    """
    usual, share = known(row["expected_heads"]), known(row["expected_share"])
    excess = known(row["excess"])
    if usual is None or share is None or excess is None:
        return False
    return abs(excess) > 2 * sqrt(1.5 * max(usual * (1 - share), 1.0))


def _sign(then: str, now: str, excess: float) -> int:
    """Say whether more of a move than usual, or fewer, is good (1), bad (-1) or neither (0)."""
    direction = _direction(then, now)
    if then == now and then in TIERS[:3]:
        direction = 1.0
    step = (direction > 0) - (direction < 0)
    return step if excess > 0 else -step


def _direction(then: str, now: str) -> float:
    """Return how far up (above 0) or down a move leads, -1 to 1."""
    if then not in _ORDER or now not in _ORDER or then == now:
        return 0.0
    return max(-1.0, min(1.0, (_ORDER[then] - _ORDER[now]) / 2))


def _move(look: Look, names: str, then: str, now: str) -> str:
    return f"{_name(look, names, then, is_then=True)} → {_name(look, names, now)}"


def _name(look: Look, names: str, tier: str, *, is_then: bool = False) -> str:
    if tier == "none" and not is_then:
        return say("tier.gone")
    return tier_title(names, tier, look.language)
