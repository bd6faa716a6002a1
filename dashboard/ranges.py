"""Rates with what is sure of them: intervals, what like customers do, stretches not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from dashboard import numbers
from dashboard.charts import CLEAR, LABEL, Palette, figure, room_for

# Traces that clicks go to.
POINTS = 0
_CLEAR_OF_THE_POINT = "\N{NO-BREAK SPACE}" * 2  # however narrow the chart is


@dataclass(frozen=True)
class Ranged:
    """A rate with its interval, and the rate of like customers where there are some."""

    label: str
    rate: float
    low: float | None
    high: float | None
    text: str
    colour: str
    like: float | None = None


def rates(
    found: Sequence[Ranged], colours: Palette, *, reference: float | None = None,
    height: int = 240, room: float = 1.5,
) -> go.Figure:  # fmt: skip
    """Return rates from 0, the first at the top, with their intervals.

    A tick says what like customers do, a thin line the rate of all. Points are trace ``POINTS``.
    """
    drawn = figure(height)
    names = [each.label for each in found]
    bounds = [_bounds(each) for each in found]
    drawn.add_scatter(
        x=[each.rate for each in found], y=names, mode="markers", cliponaxis=False,
        marker={"size": 11, "color": [each.colour for each in found]},
        error_x={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 4,
            "color": colours.quiet,
            "array": [high - each.rate for each, (_, high) in zip(found, bounds, strict=True)],
            "arrayminus": [each.rate - low for each, (low, _) in zip(found, bounds, strict=True)],
        },
        customdata=[each.text for each in found],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    marks = [(each.like, each.label) for each in found if each.like is not None]
    drawn.add_scatter(
        x=[like for like, _ in marks], y=[name for _, name in marks], mode="markers",
        hoverinfo="skip", cliponaxis=False,
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": colours.ink}},
    )  # fmt: skip
    ends = [max(high, each.like or 0) for each, (_, high) in zip(found, bounds, strict=True)]
    most = max([*ends, reference or 0], default=0) or 1
    drawn.add_scatter(
        x=[end + most * 0.02 for end in ends], y=names,
        text=[f"{_CLEAR_OF_THE_POINT}{each.text}" for each in found],
        mode="text", textposition="middle right", textfont_size=LABEL, hoverinfo="skip",
        cliponaxis=False,
    )  # fmt: skip
    if reference is not None:
        drawn.add_vline(
            x=reference, layer="below", line={"color": colours.quiet, "width": 1, "dash": "dot"}
        )
    drawn.add_vline(x=0, line={"color": colours.line, "width": 1})
    needed = (room_for(end / most + 0.06, each.text) for end, each in zip(ends, found, strict=True))
    drawn.update_xaxes(visible=False, range=[0, most * max([room, *needed])])
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=names[::-1], range=[-0.6, len(names) - 0.4],
    )  # fmt: skip
    return drawn


def trend(
    days: Sequence[date], values: Sequence[float], known_from: int, colours: Palette,
    language: str, unknown: str, height: int = 220,
) -> go.Figure:  # fmt: skip
    """Return a rate over month-ends; before position ``known_from`` it is not known: grey."""
    drawn = figure(height)
    places = list(range(len(days)))
    texts = [numbers.percent(value, language) for value in values]
    said = [f"{numbers.month(d, language)}: {t}" for d, t in zip(days, texts, strict=True)]
    most = max(values) or 1
    drawn.add_scatter(
        x=places[known_from:], y=values[known_from:], mode="lines", cliponaxis=False,
        line={"color": colours.accent, "width": 2}, customdata=said[known_from:],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    if known_from:
        drawn.add_scatter(
            x=places[: known_from + 1], y=values[: known_from + 1], mode="lines",
            hoverinfo="skip", line={"color": colours.unknown, "width": 2, "dash": "dot"},
        )  # fmt: skip
        drawn.add_vrect(
            x0=-0.4, x1=min(known_from, len(days)) - 0.5, fillcolor=colours.unknown, opacity=0.18,
            line_width=0, annotation_text=unknown, annotation_position="top left",
            annotation_font={"size": LABEL, "color": colours.quiet},
        )  # fmt: skip
    ends = sorted({known_from, places[-1]} & set(places[known_from:]))
    drawn.add_scatter(
        x=ends, y=[values[i] for i in ends], mode="markers+text", cliponaxis=False,
        text=[texts[i] for i in ends], textposition="top center", textfont_size=LABEL,
        marker={"color": colours.accent, "size": 7}, hoverinfo="skip",
    )  # fmt: skip
    every = max(1, -(-(len(days) - 1) // 4))
    marked = places[::-1][::every][::-1]
    drawn.update_yaxes(visible=False, range=[0, most * 1.3])
    drawn.update_xaxes(
        showgrid=False, tickvals=marked, range=[-0.5, len(days) - 0.5],
        ticktext=[numbers.month(days[i], language) for i in marked],
    )  # fmt: skip
    drawn.update_layout(margin={"l": 34, "r": 34, "t": 4, "b": 4})
    return drawn


def by_limit(
    limits: Sequence[int], shares: Sequence[float], marked: Sequence[tuple[int, str]],
    threshold: float | None, colours: Palette, language: str, axis: str, height: int = 260,
) -> go.Figure:  # fmt: skip
    """Return a share by limits of days; limits ``marked`` stand out, a thin line is wanted."""
    drawn = figure(height)
    drawn.add_scatter(
        x=list(limits), y=list(shares), mode="lines+markers", cliponaxis=False,
        line={"color": colours.accent, "width": 2}, marker_size=5,
        customdata=[numbers.percent(share, language) for share in shares],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )  # fmt: skip
    known = dict(zip(limits, shares, strict=True))
    stands = [(days, text) for days, text in marked if days in known]
    drawn.add_scatter(
        x=[days for days, _ in stands], y=[known[days] for days, _ in stands],
        mode="markers+text", text=[text for _, text in stands], textposition="top right",
        textfont_size=LABEL, marker={"color": colours.ink, "size": 10}, hoverinfo="skip",
        cliponaxis=False,
    )  # fmt: skip
    most = max([*shares, threshold or 0], default=1) or 1
    if threshold is not None:
        drawn.add_hline(y=threshold, line={"color": colours.bad, "width": 1, "dash": "dash"})
    step = next((s for s in (0.02, 0.05, 0.1, 0.2) if most / s <= 6), 0.25)
    ticks = [step * i for i in range(int(most / step) + 2)]
    drawn.update_yaxes(
        range=[0, most * 1.12], tickvals=ticks, gridcolor=colours.line,
        ticktext=[numbers.percent(tick, language, 0) for tick in ticks],
    )  # fmt: skip
    drawn.update_xaxes(
        title={"text": axis, "font_size": LABEL}, showgrid=False, range=[0, max(limits) * 1.04]
    )
    drawn.update_layout(margin_r=36, plot_bgcolor=CLEAR)
    return drawn


def _bounds(each: Ranged) -> tuple[float, float]:
    low = each.rate if each.low is None else each.low
    high = each.rate if each.high is None else each.high
    return low, high
