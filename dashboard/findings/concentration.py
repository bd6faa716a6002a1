"""What the pyramid page finds of how value is concentrated."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.figures import Figure
from dashboard import charts, curves, numbers
from dashboard.blocks import Finding, Nothing
from dashboard.charts import LABEL, Bar, Palette
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import known
from dashboard.findings.negative_value import is_on_margin
from dashboard.session import Look, say

CARDS = ("top_share", "gini", "upper_value_share", "negative_value_customers")
KEYS = CARDS
_TOP = 0.2
_ABOVE = 1.001  # below it the curve does not show that somebody's value is negative
_USUAL = 12  # months


def is_whale(told: Told) -> bool:
    """Whether the curve, the best first, climbs above all value: some have negative value."""
    return bool((told.rows.share_of_value.astype("float64") > _ABOVE).any())


def curve(look: Look, found: Mapping[str, Figure], told: Told, colours: Palette) -> Finding:
    """Say what the best fifth bring; the whale curve where some cost more than they bring."""
    spoken, top = look.language, found["top_share"]
    rows = told.rows.dropna(subset=["share_of_value"])
    buyers, value = list(rows.share_of_buyers), list(rows.share_of_value)
    is_best_first = is_whale(told)
    mark = None
    if top.value is not None:
        at = (_TOP, top.value) if is_best_first else (1 - _TOP, 1 - top.value)
        mark = (*at, numbers.percent(at[1], spoken))
    order = say(f"pyramid.concentration.{'best' if is_best_first else 'least'}")
    axes = (order, say("pyramid.concentration.value"))
    figure = curves.concentration(buyers, value, mark, colours, spoken, axes, 320)
    drill = words.behind(top)
    drills = {(2, 0): drill} if drill and mark else {}
    title = say("pyramid.concentration.title", share=words.shown(top, look))
    basis = "best" if is_best_first else "least"
    if is_best_first:
        _mark_peak(figure, buyers, value, colours, spoken)
    if is_best_first and not is_on_margin(found["negative_value_customers"]):
        basis = "best_net"
    elif is_best_first:
        title = say(
            "pyramid.concentration.whale", share=words.shown(top, look),
            n=words.shown(found["negative_value_customers"], look),
            cost=numbers.percent(max(value) - 1, spoken),
        )  # fmt: skip
    caption = say(
        f"pyramid.concentration.unit_{basis}", n=numbers.whole(top.n, spoken),
        measure=words.measure(top, spoken), day=numbers.day(look.as_of, spoken),
        gini=words.shown(found["gini"], look),
    )  # fmt: skip
    table = told.rows.rename(columns=told.headings)
    return Finding(title, figure, caption, drills, table)


def _mark_peak(
    figure: go.Figure, buyers: list[float], value: list[float], colours: Palette, spoken: str
) -> None:
    at = value.index(max(value))
    figure.add_scatter(
        x=[buyers[at]], y=[value[at]], mode="markers+text", cliponaxis=False, hoverinfo="skip",
        text=[numbers.percent(value[at], spoken)], textposition="top center", textfont_size=LABEL,
        marker={"color": colours.bad, "size": 9},
    )  # fmt: skip


def windows(look: Look, told: Told, colours: Palette) -> Finding | Nothing:
    """Say how the share of the best fifth depends on the window."""
    spoken = look.language
    rows = told.rows.dropna(subset=["top_share"]) if len(told.rows) else told.rows
    if len(rows) < 2:
        return Nothing(say("pyramid.windows.unknown"), say("pyramid.windows.why"))
    bars = [
        Bar(
            say("pyramid.windows.months", n=numbers.whole(row["window_months"], spoken)),
            row["top_share"],
            say(
                "pyramid.windows.bar", share=numbers.percent(row["top_share"], spoken),
                n=numbers.whole(row["buyers"], spoken),
            ),
            colours.accent if row["window_months"] == _USUAL else colours.unknown,
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip
    title = say(
        "pyramid.windows.title", short=bars[0].label, first=_share(rows.top_share.iloc[0], spoken),
        long=bars[-1].label, last=_share(rows.top_share.iloc[-1], spoken),
    )  # fmt: skip
    caption = say("pyramid.windows.unit", day=numbers.day(look.as_of, spoken))
    table = pd.DataFrame(rows).rename(columns=told.headings)
    return Finding(title, charts.bars(bars, 320), caption, {}, table)


def _share(value: float, spoken: str) -> str:
    return numbers.percent(known(value), spoken)
