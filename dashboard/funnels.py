"""A funnel of steps, and months against their plan."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import LABEL, Bar, Palette, figure


@dataclass(frozen=True)
class Month:
    """What was reached in a month, what was planned, and whether the month has ended."""

    label: str
    value: float
    plan: float | None
    text: str
    is_closed: bool


def steps(found: Sequence[Bar], rates: Sequence[str], colours: Palette) -> go.Figure:
    """Return steps, widest at the top; between two of them stands which share went on."""
    drawn = figure(44 * len(found) + 12)
    widest = max((bar.value for bar in found), default=1) or 1
    names = [bar.label for bar in found]
    drawn.add_bar(
        orientation="h", y=names, x=[bar.value for bar in found],
        base=[-bar.value / 2 for bar in found], marker_color=[bar.colour for bar in found],
        customdata=[bar.text for bar in found],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    for bar in found:
        drawn.add_annotation(
            x=widest * 0.53, y=bar.label, text=bar.text, showarrow=False, xanchor="left",
            font_size=LABEL,
        )  # fmt: skip
    for place, rate in enumerate(rates):
        drawn.add_annotation(
            x=0, y=place + 0.5, text=f"↓ {rate}", showarrow=False,
            font={"size": LABEL - 1, "color": colours.quiet},
        )  # fmt: skip
    drawn.update_layout(bargap=0.44)
    drawn.update_xaxes(visible=False, range=[-widest * 0.5, widest * 0.95])
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=names, range=[len(names) - 0.5, -0.5],
    )  # fmt: skip
    return drawn


def months(found: Sequence[Month], colours: Palette, height: int = 230) -> go.Figure:
    """Return months as bars from 0 with a line where the plan is; the open one is pale."""
    drawn = figure(height)
    places = list(range(len(found)))
    drawn.add_bar(
        x=places, y=[month.value for month in found],
        marker={
            "color": [colours.accent if m.is_closed else colours.unknown for m in found],
            "pattern": {"shape": ["" if m.is_closed else "/" for m in found]},
        },
        text=[month.text for month in found], textposition="outside", cliponaxis=False,
        textfont_size=LABEL, customdata=[month.label for month in found],
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )  # fmt: skip
    for place, month in enumerate(found):
        if month.plan is not None:
            drawn.add_shape(
                type="line", x0=place - 0.45, x1=place + 0.45, y0=month.plan, y1=month.plan,
                line={"color": colours.ink, "width": 2},
            )  # fmt: skip
    most = max([1.0, *(max(m.value, m.plan or 0) for m in found)])
    every = max(1, -(-len(found) // 5))
    shown = places[::-1][::every][::-1]
    drawn.update_layout(bargap=0.35)
    drawn.update_yaxes(visible=False, range=[0, most * 1.15])
    drawn.update_xaxes(
        showgrid=False, tickvals=shown, ticktext=[found[place].label for place in shown]
    )
    return drawn
