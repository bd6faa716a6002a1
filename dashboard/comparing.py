"""Charts that hold something against what it was, or one side against another."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from dashboard.charts import CLEAR, LABEL, Bar, Palette, figure

CELLS = 1  # trace of a table's cells that clicks go to


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, what is said of it, and its shade, -1 bad to 1 good."""

    text: str
    said: str
    shade: float | None


def bars_and_then(
    found: Sequence[Bar], then: Sequence[float | None], colours: Palette, height: int = 220
) -> go.Figure:
    """Return horizontal bars from 0, the first at the top; a mark says where each was before.

    Bars are trace 0.
    """
    drawn = figure(height)
    names = [escape(bar.label) for bar in found]
    drawn.add_bar(
        orientation="h", y=names, x=[bar.value for bar in found],
        marker_color=[bar.colour for bar in found], customdata=[bar.text for bar in found],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    marks = [(name, value) for name, value in zip(names, then, strict=True) if value is not None]
    drawn.add_scatter(
        x=[value for _, value in marks], y=[name for name, _ in marks], mode="markers",
        hoverinfo="skip", cliponaxis=False,
        marker={"symbol": "line-ns", "size": 20, "line": {"width": 2, "color": colours.ink}},
    )  # fmt: skip
    ends = [max(bar.value, was or 0, 0) for bar, was in zip(found, then, strict=True)]
    longest = max(ends, default=1) or 1
    drawn.add_scatter(
        x=[end + longest * 0.02 for end in ends], y=names, text=[bar.text for bar in found],
        mode="text", textposition="middle right", textfont_size=LABEL, hoverinfo="skip",
        cliponaxis=False,
    )  # fmt: skip
    least = min([0.0, *(bar.value for bar in found), *(value for _, value in marks)])
    room = 0.055 * max((len(bar.text) for bar in found), default=0)
    drawn.update_xaxes(
        visible=False, range=[least * 1.1, longest + (longest - least) * max(room, 0.3)]
    )
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=names[::-1],
    )  # fmt: skip
    drawn.update_layout(bargap=0.35)
    return drawn


def table(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell | None]],
    titles: tuple[str, str], colours: Palette, row_height: int = 46,
) -> go.Figure:  # fmt: skip
    """Return a table of shaded cells; null leaves one out. Texts are markup: escape names in them.

    A heatmap tells no clicks: they go to invisible points over it, trace ``CELLS``, one for each
    cell, row by row.
    """
    drawn = figure(64 + row_height * len(rows))
    drawn.add_heatmap(
        x=list(columns), y=list(rows), zmin=-1, zmax=1, showscale=False, xgap=2, ygap=2,
        z=[[cell.shade if cell else None for cell in row] for row in cells],
        colorscale=[
            [0, _faint(colours.bad, 0.65)], [0.5, _faint(colours.unknown, 0.25)],
            [1, _faint(colours.good, 0.65)],
        ],
        text=[[cell.text if cell else "" for cell in row] for row in cells],
        texttemplate="%{text}", textfont={"size": LABEL, "color": colours.ink},
        hoverinfo="skip", hoverongaps=False,
    )  # fmt: skip
    drawn.add_scatter(
        x=list(columns) * len(rows), y=[row for row in rows for _ in columns], mode="markers",
        marker={"symbol": "square", "size": 24, "color": CLEAR, "line": {"width": 0}},
        customdata=[cell.said if cell else "" for row in cells for cell in row],
        hovertemplate="%{customdata}<extra></extra>", cliponaxis=False,
    )  # fmt: skip
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=list(reversed(rows)), range=[-0.5, len(rows) - 0.5],
        title={"text": titles[0], "font_size": LABEL},
    )  # fmt: skip
    drawn.update_xaxes(
        side="top", showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=list(columns), range=[-0.5, len(columns) - 0.5],
        title={"text": titles[1], "font_size": LABEL},
    )  # fmt: skip
    drawn.update_layout(margin_t=56, hoverdistance=60)
    return drawn


def _faint(colour: str, share: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"
