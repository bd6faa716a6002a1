"""What pages are made of: findings with their chart and caption, cards of figures, empty states."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import charts, drill
from dashboard.drill import Drill
from dashboard.session import is_dark, plain, say

_WIDE_SPACE = "\u3000"
Kind = Literal["text", "number", "change", "percent", "date", "moment", "flag"]


@dataclass(frozen=True)
class Card:
    """One headline figure, formatted; ``is_good`` is null where the change is neither."""

    label: str
    value: str
    definition: str
    change: str | None = None
    is_rise: bool | None = None
    is_good: bool | None = None
    history: Sequence[float] | None = None
    note: str | None = None
    drill: Drill | None = None


@dataclass(frozen=True)
class Finding:
    """A chart, what it says, and what it is made of: unit, n, as-of.

    ``drills`` gives the customers behind a point, by the number of its trace and of the point in
    it. ``rows`` is what the table instead of the chart shows; where null, what the chart is drawn
    of.
    """

    title: str
    figure: go.Figure
    caption: str
    drills: Mapping[tuple[int, int], Drill] = field(default_factory=dict)
    rows: pd.DataFrame | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, and what kind of value stands in it."""

    label: str
    kind: Kind = "text"
    help: str | None = None
    width: Literal["small", "medium", "large"] | None = None


def cards(found: Sequence[Card]) -> None:
    """Show headline figures side by side, as many as fit."""
    grid = st.grid(len(found), min_column_width=170, gap="small")
    # A character of another font makes its line higher: cards side by side all get one, or none.
    strut = _WIDE_SPACE if any(_is_wide(card.value) for card in found) else ""
    for card in found:
        colour = "gray" if card.is_good is None else "blue" if card.is_good else "orange"
        arrow = "off" if card.is_rise is None else "up" if card.is_rise else "down"
        with grid.container(border=True, height="stretch", gap="small"):
            st.metric(
                card.label, plain(card.value) + strut, card.change, colour, help=card.definition,
                delta_arrow=arrow, delta_description=card.note,
            )  # fmt: skip
            if card.history:
                alt = say("card.history", label=card.label)
                line = charts.sparkline(card.history, charts.palette(is_dark()))
                st.image(line, width="stretch", alt=alt)
            if card.drill is not None:
                drill.links([card.drill])


def _is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(character) == "W" for character in text)


def finding(found: Finding, key: str) -> None:
    """Show a chart under what it says, and over what it is made of.

    A click on a point leads to the customers behind it. A menu has the same links for the keyboard,
    and the chart as a table.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"##### {plain(found.title)}")
        with st.popover(say("finding.more"), type="tertiary", icon=":material/more_horiz:"):
            is_table = st.toggle(say("finding.as_table"), key=f"{key}_as_table")
            drill.links(list(found.drills.values()))
    if is_table:
        rows = charts.rows(found.figure) if found.rows is None else found.rows
        st.dataframe(rows, key=f"{key}_rows", hide_index=True, placeholder="–")
    else:
        _chart(found, key)
    st.caption(plain(found.caption))


def _chart(found: Finding, key: str) -> None:
    alt = f"{found.title}. {found.caption}"
    if not found.drills:
        st.plotly_chart(found.figure, key=key, config=charts.CONFIG, alt=alt)
        return
    state: Any = st.plotly_chart(
        found.figure, key=key, config=charts.CONFIG, alt=alt, on_select="rerun",
        selection_mode="points",
    )  # fmt: skip
    for point in state["selection"]["points"]:
        chosen = found.drills.get((point["curve_number"], point["point_index"]))
        if chosen is not None:
            drill.go(chosen)


def table(
    title: str, rows: pd.DataFrame, columns: Mapping[str, Column], key: str,
    height: int | Literal["auto"] = "auto",
) -> None:  # fmt: skip
    """Show rows in full figures; text of users stays text."""
    st.markdown(f"##### {plain(title)}")
    st.dataframe(
        rows, key=key, hide_index=True, placeholder="–", column_order=list(columns), height=height,
        column_config={name: _config(column) for name, column in columns.items()},
    )  # fmt: skip


def caption(*sentences: str) -> None:
    """Show sentences that explain what stands above."""
    st.caption(plain(" ".join(sentences)))


def _config(column: Column) -> ColumnConfig:
    make = st.column_config
    width = column.width
    if column.kind in ("number", "change"):
        form = "localized" if column.kind == "number" else "%+,.0f"
        return make.NumberColumn(column.label, format=form, help=column.help, width=width)
    if column.kind == "percent":
        return make.NumberColumn(column.label, format="percent", help=column.help, width=width)
    if column.kind == "date":
        return make.DateColumn(column.label, format="YYYY-MM-DD", help=column.help, width=width)
    if column.kind == "moment":
        form = "YYYY-MM-DD HH:mm"
        return make.DatetimeColumn(column.label, format=form, help=column.help, width=width)
    if column.kind == "flag":
        return make.CheckboxColumn(column.label, help=column.help, width=width)
    return make.TextColumn(column.label, help=column.help, width=width)


def nothing(title: str, advice: str) -> None:
    """Show that there is nothing to show, and what to do."""
    with st.container(border=True):
        st.markdown(f"##### {plain(title)}")
        st.markdown(plain(advice))


def no_books(home: str) -> None:
    """Show how to come to books."""
    with st.container(border=True):
        st.markdown(f"#### {plain(say('page.no_books.title'))}")
        st.markdown(plain(say("page.no_books.text")))
        st.code("regulars demo", language=None)
        st.markdown(plain(say("page.no_books.own")))
        label, page = say("page.no_books.link"), "dashboard/pages/books.py"
        st.page_link(page, label=label, icon=":material/upload_file:")
        caption(say("page.no_books.home", home=home))
