"""Curves of waiting: who came again by each day, and how much of a cohort buys month by month."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import numbers
from dashboard.charts import LABEL, Palette, figure

MEDIANS = 0  # trace of the medians that clicks go to


@dataclass(frozen=True)
class Curve:
    """A share by day; from position ``young_from`` on it rests on part of the customers."""

    label: str
    days: Sequence[int]
    shares: Sequence[float]
    young_from: int | None
    colour: str


@dataclass(frozen=True)
class Wait:
    """After how many days half have come, with what is sure of it."""

    label: str
    days: float
    low: float | None
    high: float | None
    text: str
    colour: str


def curves(
    found: Sequence[Curve], colours: Palette, language: str, axis: str, height: int = 300
) -> go.Figure:
    """Return shares that came again by day, each with its label at its end."""
    drawn = figure(height)
    ends: list[tuple[float, Curve]] = []
    for curve in found:
        turn = len(curve.days) if curve.young_from is None else curve.young_from
        for part, dash in ((slice(0, turn + 1), "solid"), (slice(turn, None), "dot")):
            xs, ys = curve.days[part], curve.shares[part]
            drawn.add_scatter(
                x=xs, y=ys, mode="lines",
                line={"color": curve.colour, "width": 2, "dash": dash, "shape": "hv"},
                customdata=[f"{curve.label}: {numbers.percent(y, language)}" for y in ys],
                hovertemplate="%{x} · %{customdata}<extra></extra>",
            )  # fmt: skip
        ends.append((curve.shares[-1], curve))
    most = max((share for share, _ in ends), default=1.0) or 1.0
    last = max((curve.days[-1] for curve in found), default=1)
    # Labels that would lie upon each other are moved apart, from the lowest up.
    at = 0.0
    for share, curve in sorted(ends, key=lambda end: end[0]):
        at = max(share, at + most * 20 / (height - 70))
        drawn.add_annotation(
            x=last, y=at, text=curve.label, showarrow=False, xanchor="left", xshift=6,
            font={"size": LABEL, "color": colours.ink},
        )  # fmt: skip
    _percents(drawn, max(most, at), colours, language)
    drawn.update_xaxes(
        title={"text": axis, "font_size": LABEL}, showgrid=False, range=[0, last],
        tickvals=[day for day in (0, 30, 90, 180, 270, 365) if day <= last],
    )  # fmt: skip
    drawn.update_layout(margin_r=96)
    return drawn


def medians(found: Sequence[Wait], colours: Palette, height: int = 300) -> go.Figure:
    """Return the days until half have come, as bars from 0 with their interval."""
    drawn = figure(height)
    names = [wait.label for wait in found]
    drawn.add_bar(
        orientation="h", y=names, x=[wait.days for wait in found],
        marker_color=[wait.colour for wait in found],
        customdata=[wait.text for wait in found],
        error_x={
            "type": "data", "symmetric": False, "color": colours.ink, "thickness": 1, "width": 3,
            "array": [(wait.high or wait.days) - wait.days for wait in found],
            "arrayminus": [wait.days - (wait.low or wait.days) for wait in found],
        },
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    ends = [max(wait.days, wait.high or 0) for wait in found]
    most = max(ends, default=1) or 1
    drawn.add_scatter(
        x=[end + most * 0.03 for end in ends], y=names, text=[wait.text for wait in found],
        mode="text", textposition="middle right", textfont_size=LABEL, hoverinfo="skip",
        cliponaxis=False,
    )  # fmt: skip
    drawn.update_layout(bargap=0.4)
    drawn.update_xaxes(visible=False, range=[0, most * 1.7])
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=names[::-1],
    )  # fmt: skip
    return drawn


def by_month(
    months: Sequence[int], values: Sequence[float], texts: Sequence[str], marked: Sequence[int],
    colours: Palette, axis: str, height: int = 260,
) -> go.Figure:  # fmt: skip
    """Return a line over the months since the first purchase; ``marked`` months are labelled."""
    drawn = figure(height)
    drawn.add_scatter(
        x=list(months), y=list(values), mode="lines", cliponaxis=False,
        line={"color": colours.accent, "width": 2}, customdata=list(texts),
        hovertemplate="+%{x}: %{customdata}<extra></extra>",
    )  # fmt: skip
    known = {m: (v, t) for m, v, t in zip(months, values, texts, strict=True) if m in marked}
    drawn.add_scatter(
        x=list(known), y=[value for value, _ in known.values()], mode="markers+text",
        text=[text for _, text in known.values()], textposition="top center", cliponaxis=False,
        marker={"color": colours.accent, "size": 7}, hoverinfo="skip", textfont_size=LABEL,
    )  # fmt: skip
    low, high = min([0.0, *values]), max([*values, 0.01])
    drawn.update_yaxes(visible=False, range=[low, high * 1.25])
    drawn.update_xaxes(
        title={"text": axis, "font_size": LABEL}, showgrid=False,
        tickvals=[month for month in months if month == 1 or month % 3 == 0],
    )  # fmt: skip
    drawn.update_layout(margin={"l": 24, "r": 30})
    return drawn


def _percents(drawn: go.Figure, most: float, colours: Palette, language: str) -> None:
    step = next((s for s in (0.05, 0.1, 0.2, 0.25) if most / s <= 6), 0.5)
    # Labels may stand above the last per cent; the axis ends at it.
    ticks = [step * i for i in range(int(min(most, 1.0) / step) + 1)]
    drawn.update_yaxes(
        range=[0, most * 1.08], tickvals=ticks, gridcolor=colours.line,
        ticktext=[numbers.percent(tick, language, 0) for tick in ticks],
    )  # fmt: skip
