"""Estimates with their intervals: over time, side by side; and the parts of a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import CLEAR, LABEL, Bar, Palette, figure

# Number of the trace whose points can be clicked.
OVER_TIME, SIDE_BY_SIDE = 3, 0


@dataclass(frozen=True)
class Estimate:
    """One estimate: null where it is not known, without an interval where none is known."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    colour: str
    is_closed: bool = True


def over_time(
    found: Sequence[Estimate], axis: Callable[[float], str], colours: Palette, height: int = 250,
    *, marked: Sequence[int] = (),
) -> go.Figure:  # fmt: skip
    """Return estimates in a row, each with its interval; what is not closed hangs on by dashes.

    ``marked`` are the places whose text stands beside the point, next to the first and the last.
    """
    drawn = figure(height)
    places = range(len(found))
    known = [i for i in places if found[i].value is not None]
    sure = [i for i in known if found[i].low is not None and found[i].high is not None]
    drawn.add_scatter(
        x=[*sure, *reversed(sure)],
        y=[*[found[i].high for i in sure], *[found[i].low for i in reversed(sure)]],
        fill="toself", fillcolor=_faint(colours.accent), line_color=CLEAR, mode="lines",
        hoverinfo="skip",
    )  # fmt: skip
    closed = [i for i in known if found[i].is_closed]
    young = [*closed[-1:], *[i for i in known if not found[i].is_closed]]
    for part, dash in ((closed, "solid"), (young, "dot")):
        drawn.add_scatter(
            x=part, y=[found[i].value for i in part], mode="lines", hoverinfo="skip",
            line={"color": colours.accent, "width": 2, "dash": dash},
        )  # fmt: skip
    said = {*known[:1], *known[-1:], *[i for i in marked if i in known]}
    drawn.add_scatter(
        x=known, y=[found[i].value for i in known], mode="markers+text", cliponaxis=False,
        marker={"color": [found[i].colour for i in known], "size": 9},
        text=[found[i].text.split(" ·")[0] if i in said else "" for i in known],
        textposition=_beside(found, known), textfont_size=LABEL,
        customdata=[f"{found[i].label}: {found[i].text}" for i in known],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    _upright(drawn, found, axis, colours)
    every = max(1, -(-len(found) // 7))
    shown = list(range(len(found) - 1, -1, -every))[::-1]
    drawn.update_xaxes(
        showgrid=False, tickvals=shown, ticktext=[found[i].label for i in shown],
        range=[-0.4, len(found) - 0.6],
    )  # fmt: skip
    drawn.update_layout(margin={"l": 8, "r": 40, "t": 14, "b": 4})
    return drawn


def side_by_side(
    found: Sequence[Estimate], colours: Palette, height: int | None = None, *,
    mark: float | None = None, bounds: tuple[float, float] | None = None,
) -> go.Figure:  # fmt: skip
    """Return estimates one below the other, the first at the top, each with its interval.

    ``mark`` is where all of them together stand: a thin line. What is unknown stands as a dash.
    ``bounds`` are the ends of the axis, where charts are to be compared; else it fits.
    """
    drawn = figure(height or 30 + 26 * len(found))
    known = [each for each in found if each.value is not None]
    drawn.add_scatter(
        x=[each.value for each in known], y=[each.label for each in known], mode="markers",
        marker={"color": [each.colour for each in known], "size": 10},
        customdata=[each.text for each in known], cliponaxis=False,
        error_x={
            "type": "data", "symmetric": False, "color": colours.quiet, "thickness": 1.5,
            "width": 4, "array": [_reach(each.high, each.value) for each in known],
            "arrayminus": [_reach(each.value, each.low) for each in known],
        },
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    ends = [end for each in known for end in (each.low, each.value, each.high) if end is not None]
    least, most = bounds or ((min(ends), max(ends)) if ends else (0.0, 1.0))
    span = (most - least) or abs(most) or 1.0
    for each in found:
        drawn.add_annotation(
            x=1, xref="paper", y=each.label, text=each.text, showarrow=False, xanchor="right",
            font={"size": LABEL, "color": colours.ink},
        )  # fmt: skip
    if mark is not None:
        drawn.add_vline(x=mark, line={"color": colours.quiet, "width": 1, "dash": "dot"})
    drawn.update_xaxes(visible=False, range=[least - span * 0.06, most + span * 0.85])
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=[each.label for each in reversed(found)],
        range=[-0.6, len(found) - 0.4],
    )  # fmt: skip
    return drawn


def parts(found: Sequence[Bar], height: int = 92) -> go.Figure:
    """Return the parts of a whole as one bar; each part is a trace with one point."""
    drawn = figure(height)
    at, crowded = 0.0, []
    whole = sum(part.value for part in found) or 1.0
    for part in found:
        drawn.add_bar(
            orientation="h", y=[""], x=[part.value], marker_color=part.colour, width=0.8,
            customdata=[f"{part.label}: {part.text}"],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
        if part.value / whole >= _WIDE:
            _label(drawn, f"{part.label} {part.text}", at / whole, is_over=True)
        elif part.value:
            crowded.append(f"{part.label} {part.text}")
        at += part.value
    if crowded:
        _label(drawn, " · ".join(crowded), 1.0, is_over=False)
    drawn.update_layout(barmode="stack", bargap=0, margin={"l": 4, "r": 4, "t": 24, "b": 24})
    drawn.update_xaxes(visible=False, range=[0, whole])
    drawn.update_yaxes(visible=False)
    return drawn


_WIDE = 0.24  # least share of a part that has room for its own label


def _label(drawn: go.Figure, text: str, at: float, *, is_over: bool) -> None:
    drawn.add_annotation(
        x=at, y=1 if is_over else 0, xref="paper", yref="paper", text=text, showarrow=False,
        xanchor="left" if is_over else "right", yanchor="bottom" if is_over else "top",
        font_size=LABEL,
    )  # fmt: skip


def _beside(found: Sequence[Estimate], known: Sequence[int]) -> list[str]:
    """Return on which side of its point each text stands, so that no line goes through it."""
    sides = []
    for place, at in enumerate(known):
        around = [found[known[p]].value or 0.0 for p in (place - 1, place + 1)
                  if 0 <= p < len(known)]  # fmt: skip
        is_low = bool(around) and (found[at].value or 0.0) < min(around)
        sides.append("bottom center" if is_low else "top center")
    return [*sides[:-1], "middle right"] if sides else []


def _upright(
    drawn: go.Figure, found: Sequence[Estimate], axis: Callable[[float], str], colours: Palette
) -> None:
    ends = [
        end for each in found for end in (each.low, each.value, each.high) if end is not None
    ] or [0.0, 1.0]
    least, most = min(ends), max(ends)
    span = (most - least) or abs(most) or 1.0
    step = next(s for s in _STEPS if span / s <= 5)
    first = int(least // step)
    ticks = [step * i for i in range(first, int(most // step) + 2)]
    drawn.update_yaxes(
        range=[least - span * 0.12, most + span * 0.16], tickvals=ticks, gridcolor=colours.line,
        ticktext=[axis(tick) for tick in ticks],
    )  # fmt: skip


_STEPS = tuple(size * unit for unit in (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0) for size in (1, 2, 5))


def _reach(end: float | None, other: float | None) -> float:
    return 0.0 if end is None or other is None else max(end - other, 0.0)


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
