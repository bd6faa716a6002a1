"""Charts: fixed colours, direct labels, bars from 0. Plotly, never Altair.

Numbers arrive formatted by ``numbers`` in the reader's language; a chart only places them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots


@dataclass(frozen=True)
class Palette:
    """Colours of one theme; tiers from deep to pale."""

    ink: str
    quiet: str
    line: str
    paper: str
    accent: str
    good: str
    bad: str
    unknown: str
    tiers: tuple[str, str, str, str]


LIGHT = Palette(
    ink="#1f2a30", quiet="#5f6c73", line="#e1e6e8", paper="#ffffff", accent="#0b7285",
    good="#2a93a3", bad="#d9803a", unknown="#c3cacd",
    tiers=("#0a4a58", "#1f7f90", "#74b6c1", "#c6dfe3"),
)  # fmt: skip
DARK = Palette(
    ink="#e6ebed", quiet="#9ba7ad", line="#2d373c", paper="#14191c", accent="#3fb6c6",
    good="#3fa5b3", bad="#e08a48", unknown="#4a555a",
    tiers=("#7fe0ec", "#3fabba", "#2b7480", "#24505a"),
)  # fmt: skip

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
CLEAR = "rgba(0,0,0,0)"
LABEL = 12  # size of direct labels, px
_NARROW = 210  # what a telephone leaves a chart beside its names, px


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall: a level (opening, closing) or a change."""

    label: str
    value: float
    is_level: bool
    text: str


@dataclass(frozen=True)
class Bar:
    """One bar with its label, its text and the colour of what it stands for."""

    label: str
    value: float
    text: str
    colour: str


def palette(is_dark: bool) -> Palette:
    """Return the colours of the theme."""
    return DARK if is_dark else LIGHT


def waterfall(steps: Sequence[Step], colours: Palette, height: int = 220) -> go.Figure:
    """Return levels and the changes between them, as bars that float on an invisible one."""
    bases, sizes, fills, at = [], [], [], 0.0
    for step in steps:
        bases.append(0.0 if step.is_level else min(at, at + step.value))
        sizes.append(step.value if step.is_level else abs(step.value))
        at = step.value if step.is_level else at + step.value
        good_or_bad = colours.good if step.value >= 0 else colours.bad
        fills.append(colours.unknown if step.is_level else good_or_bad)
    names = [step.label for step in steps]
    drawn = figure(height)
    drawn.add_bar(x=names, y=bases, marker_color=CLEAR, hoverinfo="skip")
    drawn.add_bar(
        x=names, y=sizes, base=bases, marker_color=fills, text=[step.text for step in steps],
        textposition="outside", cliponaxis=False, textfont_size=LABEL,
        hovertemplate="%{x}: %{text}<extra></extra>",
    )  # fmt: skip
    ends = [0.0, *(base + size for base, size in zip(bases, sizes, strict=True))]
    # Laid over each other, not stacked: a step that crosses 0 has its base below it.
    drawn.update_layout(barmode="overlay", bargap=0.35)
    low, high = min(*bases, *ends), max(ends)
    room = (high - low) * 0.12 or 1
    has_level_below = any(step.is_level and step.value < 0 for step in steps)
    drawn.update_yaxes(visible=False, range=[low - room * has_level_below, high + room])
    drawn.update_xaxes(showgrid=False, tickangle=0, automargin=True)
    return drawn


def bars(found: Sequence[Bar], height: int = 220) -> go.Figure:
    """Return horizontal bars from 0, the first at the top, each with its text at its end."""
    drawn = figure(height)
    _across(drawn, found)
    _rows(drawn, found)
    return drawn


def pyramid(
    heads: Sequence[Bar], value: Sequence[Bar], titles: tuple[str, str], colours: Palette,
    height: int = 280,
) -> go.Figure:  # fmt: skip
    """Return a pyramid of heads, widest at the bottom, beside what each tier brings."""
    drawn = make_subplots(
        rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.04, column_widths=[0.5, 0.5]
    )
    _plain(drawn, height)
    widest = max((bar.value for bar in heads), default=1) or 1
    drawn.add_bar(
        orientation="h", y=[bar.label for bar in heads], x=[bar.value for bar in heads],
        base=[-bar.value / 2 for bar in heads], marker_color=[bar.colour for bar in heads],
        customdata=[bar.text for bar in heads],
        hovertemplate="%{y}: %{customdata}<extra></extra>", row=1, col=1,
    )  # fmt: skip
    for bar in heads:
        drawn.add_annotation(
            x=bar.value / 2 + widest * 0.03, y=bar.label, text=bar.text, showarrow=False,
            xanchor="left", font_size=LABEL, row=1, col=1,
        )  # fmt: skip
    _across(drawn, value, 2.5, row=1, col=2)
    _rows(drawn, heads)
    drawn.update_xaxes(range=[-widest / 2, widest * 0.92], row=1, col=1)
    for column, title in enumerate(titles, start=1):
        drawn.add_annotation(
            text=title, showarrow=False, x=0.28 if column == 1 else 0.0, y=1.0, yanchor="bottom",
            xanchor="left" if column == 2 else "center",
            font={"size": LABEL, "color": colours.quiet},
            xref=f"x{'' if column == 1 else 2} domain", yref="paper",
        )  # fmt: skip
    drawn.update_layout(margin_t=24)
    return drawn


def sparkline(values: Sequence[float], colours: Palette) -> str:
    """Return a line as wide as its place, as SVG: what came before a headline figure."""
    low, high = min(values), max(values)
    across, up = 100 / max(len(values) - 1, 1), 26 / ((high - low) or 1)
    points = " ".join(f"{i * across:.2f},{29 - (v - low) * up:.2f}" for i, v in enumerate(values))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 32" width="200" height="36" '
        f'preserveAspectRatio="none"><polyline points="{points}" fill="none" '
        f'stroke="{colours.accent}" stroke-width="2" vector-effect="non-scaling-stroke"/></svg>'
    )


def figure(height: int) -> go.Figure:
    """Return an empty figure without anything that a reader could drag, zoom or mistake."""
    return _plain(go.Figure(), height)


def rows(drawn: go.Figure) -> pd.DataFrame:
    """Return what a chart is drawn of: one row per point that it has a text for."""
    found = []
    for trace in cast(Sequence[Any], drawn.data):
        is_across = getattr(trace, "orientation", None) == "h"
        names, values = (trace.y, trace.x) if is_across else (trace.x, trace.y)
        texts = trace.text if trace.text is not None else trace.customdata
        if names is None or values is None or texts is None or isinstance(texts, str):
            continue
        found += [(str(name), _said(text)) for name, text in zip(names, texts, strict=False)]
    return pd.DataFrame(dict.fromkeys(found), columns=["", " "])


def _said(text: Any) -> str:
    return re.sub(r"<[^>]+>", " ", str(text))


def _plain(drawn: go.Figure, height: int) -> go.Figure:
    drawn.update_layout(
        height=height, showlegend=False, dragmode=False, hovermode="closest",
        margin={"l": 4, "r": 4, "t": 8, "b": 4}, paper_bgcolor=CLEAR, plot_bgcolor=CLEAR,
    )  # fmt: skip
    drawn.update_xaxes(fixedrange=True, zeroline=False, ticks="")
    drawn.update_yaxes(fixedrange=True, zeroline=False, ticks="")
    return drawn


def _across(drawn: go.Figure, found: Sequence[Bar], room: float = 1.5, **place: Any) -> None:
    drawn.add_bar(
        orientation="h", y=[bar.label for bar in found], x=[bar.value for bar in found],
        marker_color=[bar.colour for bar in found], text=[bar.text for bar in found],
        textposition="outside", cliponaxis=False, textfont_size=LABEL,
        hovertemplate="%{y}: %{text}<extra></extra>", **place,
    )  # fmt: skip
    longest = max((abs(bar.value) for bar in found), default=1) or 1
    least = min([0.0, *(bar.value for bar in found)])
    needed = (room_for(bar.value / longest, bar.text) for bar in found)
    drawn.update_xaxes(range=[least * 1.6, longest * max([room, *needed])], **place)


def room_for(share: float, text: str) -> float:
    """Return how far an axis must go, 1 being its longest mark, for a label behind ``share`` of it.

    So that nothing is cut on a telephone; a very long label leaves the marks their room.
    """
    wide = LABEL * sum(1.0 if ord(letter) > 0x2E80 else 0.56 for letter in text)
    return share * _NARROW / (_NARROW - min(wide, _NARROW * 0.55))


def _rows(drawn: go.Figure, found: Sequence[Bar]) -> None:
    drawn.update_layout(bargap=0.3)
    drawn.update_xaxes(visible=False)
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL,
        categoryorder="array", categoryarray=[bar.label for bar in reversed(found)],
    )  # fmt: skip
