"""Stacked bars: a whole told apart, each part in its colour, the whole written at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import LABEL, Palette, figure, room_for


@dataclass(frozen=True)
class Stack:
    """One bar: its parts by name, and its text."""

    label: str
    parts: Mapping[str, float]
    said: Mapping[str, str]
    text: str


def stacks(
    found: Sequence[Stack], legend: Mapping[str, tuple[str, str]], colours: Palette,
    height: int = 260, room: float = 1.45,
) -> go.Figure:  # fmt: skip
    """Return horizontal bars from 0, the first at the top; part n is trace n.

    ``legend`` gives each part its title and colour, in order.
    """
    drawn = figure(height)
    names = [stack.label for stack in found]
    for part, (title, colour) in legend.items():
        drawn.add_bar(
            orientation="h", y=names, x=[max(stack.parts.get(part, 0), 0) for stack in found],
            marker_color=colour, name=title,
            customdata=[stack.said.get(part, "") for stack in found],
            hovertemplate=f"%{{y}}, {title}: %{{customdata}}<extra></extra>",
        )  # fmt: skip
    ends = [sum(max(value, 0) for value in stack.parts.values()) for stack in found]
    longest = max(ends, default=1) or 1
    drawn.add_scatter(
        x=[end + longest * 0.02 for end in ends], y=names, text=[stack.text for stack in found],
        mode="text", textposition="middle right", textfont_size=LABEL, hoverinfo="skip",
        cliponaxis=False,
    )  # fmt: skip
    drawn.update_layout(
        barmode="stack", bargap=0.35, showlegend=True, margin_t=28,
        legend={
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom",
            "font": {"size": LABEL, "color": colours.quiet}, "itemclick": False,
            "itemdoubleclick": False, "traceorder": "normal",
        },
    )  # fmt: skip
    drawn.update_traces(showlegend=False, selector={"type": "scatter"})
    needed = (
        room_for(end / longest + 0.04, stack.text) for end, stack in zip(ends, found, strict=True)
    )
    drawn.update_xaxes(visible=False, range=[0, longest * max([room, *needed])])
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=names[::-1],
    )  # fmt: skip
    return drawn
