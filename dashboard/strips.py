"""A customer's history as a strip: one cell per ledger day, and value as a line below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import plotly.graph_objects as go

from dashboard import numbers
from dashboard.charts import LABEL, Palette, figure

_LEAST_CELLS = 4  # of a run of cells whose name fits above it


@dataclass(frozen=True)
class Cell:
    """One ledger day: what its colour stands for, and what it says."""

    day: date
    name: str  # of the tier or state
    colour: str
    is_hatched: bool  # lost
    value: float | None
    text: str


def strip(
    cells: Sequence[Cell], texts: tuple[str, str], colours: Palette, language: str, *,
    is_last_open: bool = False, height: int = 210,
) -> go.Figure:  # fmt: skip
    """Return cells side by side with the names of their runs, over the line of value.

    ``texts`` are the first and last value, written at the ends of the line.
    """
    drawn = figure(height).set_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.34, 0.66], vertical_spacing=0.06
    )
    for axes in (drawn.update_xaxes, drawn.update_yaxes):
        axes(fixedrange=True, zeroline=False, ticks="")
    places = list(range(len(cells)))
    drawn.add_bar(
        x=places, y=[1] * len(cells), width=0.92, row=1, col=1,
        marker={
            "color": [cell.colour for cell in cells], "line_width": 0,
            "pattern": {
                "shape": ["/" if cell.is_hatched else "" for cell in cells], "size": 5,
                "fgcolor": colours.quiet, "solidity": 0.25,
            },
        },
        customdata=[cell.text for cell in cells], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    for name, run in _runs(cells):
        if len(run) >= _LEAST_CELLS or len(cells) <= _LEAST_CELLS or run[-1] == places[-1]:
            is_last = run[-1] == places[-1] and len(run) < _LEAST_CELLS
            drawn.add_annotation(
                x=run[-1] + 0.46 if is_last else run[0] - 0.46, y=1, text=name, showarrow=False,
                xanchor="right" if is_last else "left", yanchor="bottom", font_size=LABEL,
                row=1, col=1,
            )  # fmt: skip
    _line(drawn, cells, texts, colours, is_last_open)
    drawn.update_yaxes(visible=False, range=[0, 1.45], row=1, col=1)
    drawn.update_xaxes(visible=False, range=[-0.6, len(cells) - 0.4], row=1, col=1)
    years = [i for i, cell in enumerate(cells) if cell.day.month == 12 and i < len(cells) - 4]
    marked = sorted({*years, places[-1]})
    drawn.update_xaxes(
        showgrid=False, range=[-0.6, len(cells) - 0.4], tickvals=marked, tickangle=0,
        ticktext=[numbers.month(cells[i].day, language) for i in marked], row=2, col=1,
    )  # fmt: skip
    drawn.update_layout(bargap=0, margin={"l": 8, "r": 24, "t": 4, "b": 4})
    return drawn


def _line(
    drawn: go.Figure, cells: Sequence[Cell], texts: tuple[str, str], colours: Palette,
    is_last_open: bool,
) -> None:  # fmt: skip
    known = [(i, cell.value) for i, cell in enumerate(cells) if cell.value is not None]
    if not known:
        return
    closed = known[:-1] if is_last_open and len(known) > 1 else known
    line = {"color": colours.accent, "width": 2}
    drawn.add_scatter(
        x=[i for i, _ in closed], y=[value for _, value in closed], mode="lines", line=line,
        customdata=[cells[i].text for i, _ in closed], cliponaxis=False,
        hovertemplate="%{customdata}<extra></extra>", row=2, col=1,
    )  # fmt: skip
    if closed != known:
        drawn.add_scatter(
            x=[i for i, _ in known[-2:]], y=[value for _, value in known[-2:]], mode="lines",
            line=line | {"dash": "dot"}, hoverinfo="skip", cliponaxis=False, row=2, col=1,
        )  # fmt: skip
    ends = [known[0], known[-1]] if len(known) > 1 else known
    drawn.add_scatter(
        x=[i for i, _ in ends], y=[value for _, value in ends], mode="markers+text",
        text=texts[-len(ends) :], hoverinfo="skip", cliponaxis=False, textfont_size=LABEL,
        textposition=["top right", "top left"][-len(ends) :],
        marker={"color": colours.accent, "size": 7}, row=2, col=1,
    )  # fmt: skip
    low, high = min(value for _, value in known), max(value for _, value in known)
    low = min(low, 0)
    room = (high - low) or 1
    drawn.add_hline(y=0, line={"color": colours.line, "width": 1}, row=2, col=1)  # pyright: ignore
    drawn.update_yaxes(visible=False, range=[low - room * 0.1, high + room * 0.4], row=2, col=1)


def _runs(cells: Sequence[Cell]) -> list[tuple[str, list[int]]]:
    """Return cells that follow one another under one name, by their places."""
    runs = groupby(enumerate(cells), key=lambda pair: pair[1].name)
    return [(name, [place for place, _ in run]) for name, run in runs]
