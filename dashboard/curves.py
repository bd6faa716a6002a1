"""Curves: trends over month-ends, shares that came back, and how value is concentrated."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from dashboard import numbers
from dashboard.charts import CLEAR, LABEL, Palette, figure


@dataclass(frozen=True)
class Rate:
    """A rate that was seen, with its interval, at a place on the horizontal axis."""

    at: float
    rate: float
    low: float
    high: float
    text: str


def trend(
    days: Sequence[date], values: Sequence[float], texts: Sequence[str], colours: Palette,
    language: str, *, is_last_open: bool = False, height: int = 180,
    events: Sequence[date] = (),
) -> go.Figure:  # fmt: skip
    """Return a line over month-ends; the open month hangs on by dashes. Ends are labelled.

    ``events`` are marked by thin lines, numbered from 1.
    """
    drawn = figure(height)
    places = list(range(len(days)))  # every month as wide as the others, the open one too
    closed = len(days) - 1 if is_last_open else len(days)
    line = {"color": colours.accent, "width": 2}
    drawn.add_scatter(
        x=places[:closed], y=values[:closed], mode="lines", line=line, cliponaxis=False,
        customdata=[
            f"{numbers.month(d, language)}: {text}" for d, text in zip(days, texts, strict=True)
        ][:closed],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    if is_last_open and closed:
        drawn.add_scatter(
            x=places[closed - 1 :], y=values[closed - 1 :], mode="lines", hoverinfo="skip",
            line=line | {"dash": "dot"}, cliponaxis=False,
        )  # fmt: skip
    ends = sorted({0, places[-1]})
    drawn.add_scatter(
        x=ends, y=[values[i] for i in ends], mode="markers+text",
        text=[texts[i] for i in ends], textposition="top center", cliponaxis=False,
        marker={"color": colours.accent, "size": 7}, hoverinfo="skip", textfont_size=LABEL,
    )  # fmt: skip
    marked = _ticks(len(days))
    low, high = min(values), max(values)
    room = (high - low or abs(high) or 1) * 0.25
    drawn.update_yaxes(visible=False, range=[low - room, high + room * 1.8])
    _mark(drawn, [place_of(day, days) for day in events], colours)
    drawn.update_xaxes(
        showgrid=False, tickvals=marked, ticktext=[numbers.month(days[i], language) for i in marked]
    )
    drawn.update_layout(margin={"l": 34, "r": 34, "t": 4, "b": 4})
    return drawn


def place_of(day: date, days: Sequence[date]) -> float:
    """Return where a day lies on an axis on which each month-end is one further."""
    months = (day.year - days[0].year) * 12 + day.month - days[0].month
    return months - 1 + day.day / monthrange(day.year, day.month)[1]


def _mark(drawn: go.Figure, places: Sequence[float], colours: Palette) -> None:
    """Draw a thin line at each place, with its number above; close ones at different heights.

    What lies before the first day keeps its number, and is not drawn.
    """
    before, step = -9.0, 0
    for number, place in enumerate(places, start=1):
        if place < 0:
            continue
        step = step + 1 if place - before < 1 else 0
        drawn.add_vline(x=place, line={"color": colours.quiet, "width": 1, "dash": "dot"})
        drawn.add_annotation(
            x=place, y=1 - 0.13 * step, yref="paper", text=str(number), showarrow=False,
            font={"size": LABEL, "color": colours.quiet}, bgcolor=colours.paper, borderpad=1,
        )  # fmt: skip
        before = place


def came_back(
    days: Sequence[int], shares: Sequence[float], low: Sequence[float], high: Sequence[float],
    young_from: int | None, seen: Sequence[Rate], colours: Palette, language: str,
    axis: str, height: int = 300,
) -> go.Figure:  # fmt: skip
    """Return the estimated share that came back by each day, and the matured rates upon it.

    From ``young_from`` on (a position) the estimate rests on part of the customers: dashed.
    """
    drawn = figure(height)
    drawn.add_scatter(
        x=[*days, *reversed(days)], y=[*high, *reversed(low)], fill="toself", hoverinfo="skip",
        fillcolor=_faint(colours.accent), line_color=CLEAR, line_shape="hv", mode="lines",
    )  # fmt: skip
    turn = len(days) if young_from is None else young_from
    for part, dash in (((0, turn + 1), "solid"), ((turn, len(days)), "dot")):
        xs, ys = days[part[0] : part[1]], shares[part[0] : part[1]]
        drawn.add_scatter(
            x=xs, y=ys, mode="lines",
            line={"color": colours.accent, "width": 2, "dash": dash, "shape": "hv"},
            customdata=[numbers.percent(share, language) for share in ys],
            hovertemplate="%{x}: %{customdata}<extra></extra>",
        )  # fmt: skip
    drawn.add_scatter(
        x=[rate.at for rate in seen], y=[rate.rate for rate in seen], mode="markers+text",
        text=[rate.text for rate in seen], textposition="bottom right", textfont_size=LABEL,
        marker={"color": colours.ink, "size": 8}, cliponaxis=False,
        error_y={
            "type": "data", "symmetric": False, "color": colours.ink, "thickness": 1, "width": 3,
            "array": [rate.high - rate.rate for rate in seen],
            "arrayminus": [rate.rate - rate.low for rate in seen],
        },
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    _percents(drawn, max([*high, *(rate.high for rate in seen), 0.01]), colours, language)
    drawn.update_xaxes(
        title={"text": axis, "font_size": LABEL}, showgrid=False,
        tickvals=[rate.at for rate in seen] or None, range=[0, max([*days, 1]) * 1.02],
    )  # fmt: skip
    drawn.update_layout(margin_r=36)
    return drawn


def over_days(
    days: Sequence[int], rates: Sequence[float], texts: Sequence[str], colours: Palette, *,
    marked: Sequence[int] = (), limit: float | None = None, height: int = 240,
) -> go.Figure:  # fmt: skip
    """Return a rate under each number of days, from 0, those marked with their texts."""
    drawn = figure(height)
    drawn.add_scatter(
        x=list(days), y=list(rates), mode="lines+markers", text=list(texts),
        line={"color": colours.accent, "width": 2}, marker={"size": 5, "color": colours.accent},
        hovertemplate="%{x}: %{text}<extra></extra>",
    )  # fmt: skip
    for day in dict.fromkeys(marked):
        at = list(days).index(day)
        drawn.add_scatter(
            x=[day], y=[rates[at]], mode="markers+text", text=[f"{day}: {texts[at]}"],
            textposition="top right", textfont_size=LABEL, cliponaxis=False,
            marker={"size": 10, "color": colours.ink}, hoverinfo="skip",
        )  # fmt: skip
    if limit is not None:
        drawn.add_hline(y=limit, line={"color": colours.quiet, "width": 1, "dash": "dot"})
    top = max([*rates, 0.01])
    drawn.update_yaxes(range=[0, top * 1.15], tickformat=".0%", gridcolor=colours.line)
    drawn.update_xaxes(showgrid=False, tickvals=[d for d in days if d % 90 == 0] or None)
    return drawn


def concentration(
    buyers: Sequence[float], value: Sequence[float], mark: tuple[float, float, str] | None,
    colours: Palette, language: str, axes: tuple[str, str], height: int = 260,
) -> go.Figure:  # fmt: skip
    """Return the cumulative share of value of the best buyers, with equality as a thin line."""
    drawn = figure(height)
    drawn.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": colours.unknown, "width": 1},
        hoverinfo="skip",
    )  # fmt: skip
    drawn.add_scatter(
        x=[0, *buyers], y=[0, *value], mode="lines", line={"color": colours.accent, "width": 2},
        customdata=[
            f"{numbers.percent(x, language, 0)}: {numbers.percent(y, language)}"
            for x, y in zip([0.0, *buyers], [0.0, *value], strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    if mark:
        drawn.add_scatter(
            x=[mark[0]], y=[mark[1]], mode="markers+text", text=[mark[2]], cliponaxis=False,
            textposition="bottom right", marker={"color": colours.accent, "size": 9},
            textfont_size=LABEL, hoverinfo="skip",
        )  # fmt: skip
    _percents(drawn, max([*value, 1.0]), colours, language)
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    drawn.update_xaxes(
        range=[0, 1.01], showgrid=False, tickvals=ticks,
        title={"text": axes[0], "font_size": LABEL},
        ticktext=[numbers.percent(t, language, 0) for t in ticks],
    )  # fmt: skip
    drawn.update_yaxes(title={"text": axes[1], "font_size": LABEL})
    drawn.update_layout(margin_r=24)
    return drawn


def _percents(drawn: go.Figure, most: float, colours: Palette, language: str) -> None:
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if most / s <= 6), 0.5)
    ticks = [step * i for i in range(int(most / step) + 2)]
    drawn.update_yaxes(
        range=[0, most * 1.08], tickvals=ticks, gridcolor=colours.line,
        ticktext=[numbers.percent(t, language, 0) for t in ticks],
    )  # fmt: skip


def _ticks(count: int, most: int = 5) -> list[int]:
    """Return places of labels, evenly apart, the last place among them."""
    every = max(1, -(-(count - 1) // (most - 1)))
    return list(range(count - 1, -1, -every))[::-1]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
