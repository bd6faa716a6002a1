"""Grids: moves between tiers, and cohorts by month. A cell that is not known yet stays blank."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import CLEAR, LABEL, Palette, figure


def matrix(
    rows: Sequence[str], columns: Sequence[str], texts: Sequence[Sequence[str]],
    kinds: Sequence[Sequence[float | None]], titles: tuple[str, str], colours: Palette,
    height: int = 280,
) -> go.Figure:  # fmt: skip
    """Return a table of moves; ``kinds`` is -1 for worse to 1 for better, 0 for unchanged."""
    drawn = figure(height)
    drawn.add_heatmap(
        x=list(columns), y=list(rows), z=[list(row) for row in kinds], zmin=-1, zmax=1,
        colorscale=[
            [0, _faint(colours.bad, 0.65)], [0.5, _faint(colours.unknown, 0.45)],
            [1, _faint(colours.good, 0.65)],
        ],
        text=[list(row) for row in texts], texttemplate="%{text}",
        textfont={"size": LABEL, "color": colours.ink},
        showscale=False, xgap=2, ygap=2, hovertemplate="%{y} → %{x}: %{text}<extra></extra>",
    )  # fmt: skip
    drawn.update_yaxes(
        autorange="reversed", showgrid=False, automargin=True, tickfont_size=LABEL,
        title={"text": titles[0], "font_size": LABEL},
    )  # fmt: skip
    drawn.update_xaxes(
        side="top", showgrid=False, tickangle=0, tickfont_size=LABEL,
        title={"text": titles[1], "font_size": LABEL},
    )  # fmt: skip
    drawn.update_layout(margin_t=52)
    return drawn


CELLS = 1  # trace of the cohorts' cells that clicks go to


def cohorts(
    names: Sequence[str], months: Sequence[int], values: Sequence[Sequence[float | None]],
    texts: Sequence[Sequence[str]], said: Sequence[Sequence[str]], axis: str, colours: Palette,
) -> go.Figure:  # fmt: skip
    """Return cohorts by months since the first purchase; open months have no cell at all.

    The first row is of all cohorts and stands apart. A heatmap tells no clicks: they go to
    invisible points over it, trace ``CELLS``, row by row.
    """
    drawn = figure(76 + 24 * len(names))
    known = [value for row in values for value in row if value is not None]
    columns = [str(month) for month in months]
    longest = max((len(text) for row in texts for text in row), default=0)
    drawn.add_heatmap(
        x=columns, y=list(names), z=[list(row) for row in values],
        zmin=min([0.0, *known]), zmax=max([*known, 0.01]), xgap=2, ygap=2, showscale=False,
        colorscale=[[0, _faint(colours.good, 0.06)], [1, _faint(colours.good, 0.75)]],
        text=[list(row) for row in texts], texttemplate="%{text}",
        textfont={"size": 9 if longest > 3 else 11, "color": colours.ink}, hoverinfo="skip",
        hoverongaps=False,
    )  # fmt: skip
    drawn.add_scatter(
        x=columns * len(names), y=[name for name in names for _ in columns], mode="markers",
        marker={"symbol": "square", "size": 22, "color": CLEAR, "line": {"width": 0}},
        customdata=[text for row in said for text in row],
        hovertemplate="%{customdata}<extra></extra>", cliponaxis=False,
    )  # fmt: skip
    drawn.add_hline(y=0.5, line={"color": colours.quiet, "width": 1})
    drawn.update_yaxes(
        showgrid=False, automargin=True, tickfont_size=LABEL, categoryorder="array",
        categoryarray=list(names), range=[len(names) - 0.5, -0.5],
    )  # fmt: skip
    drawn.update_xaxes(
        side="top", showgrid=False, type="category", categoryorder="array", categoryarray=columns,
        range=[-0.5, len(columns) - 0.5], title={"text": axis, "font_size": LABEL},
    )  # fmt: skip
    drawn.update_layout(margin_t=46, plot_bgcolor=CLEAR)
    return drawn


def _faint(colour: str, share: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"
