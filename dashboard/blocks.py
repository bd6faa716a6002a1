"""What pages are made of: findings with their chart and caption, cards of figures, empty states."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import address, charts, drill, tables
from dashboard.drill import Drill
from dashboard.empty import missing, no_books, nothing
from dashboard.session import is_dark, plain, say
from dashboard.tables import Column, Kind
from dashboard.tables import column_of as column

__all__ = ["Column", "Kind", "column", "missing", "no_books", "nothing"]  # for the pages

_WIDE_SPACE = "\u3000"


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
    remark: str | None = None  # in small type: its target, or why it is not known


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
class Nothing:
    """What stands where there is no finding: why, and what to do."""

    title: str
    advice: str
    tables: Sequence[str] = ()  # that would light it up


@dataclass(frozen=True)
class Lines:
    """Short lines of text under a title, each with what it is about."""

    title: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Link:
    """A sentence that leads to the page that proves it."""

    sentence: str
    icon: str
    page: str
    asks: Mapping[str, str]


def cards(found: Sequence[Card], in_a_row: int | None = None) -> None:
    """Show headline figures side by side, at most so many, as many as fit."""
    many = in_a_row or len(found)
    grid = st.grid(many, min_column_width=150 if many > 5 else 170, gap="small")
    # A character of another font makes its line higher: cards side by side all get one, or none.
    strut = _WIDE_SPACE if any(_is_wide(card.value) for card in found) else ""
    for card in found:
        colour = "gray" if card.is_good is None else "blue" if card.is_good else "orange"
        arrow = "off" if card.is_rise is None else "up" if card.is_rise else "down"
        # What cards end with stands on one line, whatever stands above it.
        box = grid.container(
            border=True, height="stretch", gap="small", vertical_alignment="distribute"
        )
        with box:
            with st.container(gap="xsmall"):
                st.metric(
                    card.label, plain(card.value) + strut, card.change, colour,
                    help=card.definition, delta_arrow=arrow, delta_description=card.note,
                )  # fmt: skip
                if card.remark:
                    st.caption(plain(card.remark))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if card.drill is not None:
                    drill.links([card.drill])
                if card.history:
                    alt = say("card.history", label=card.label)
                    line = charts.sparkline(card.history, charts.palette(is_dark()))
                    st.image(line, width=90, alt=alt)


def _is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(character) == "W" for character in text)


def finding(found: Finding, key: str) -> None:
    """Show a chart under what it says, and over what it is made of.

    A click on a point leads to the customers behind it. A menu has the same links for the keyboard,
    and the chart as a table.
    """
    with tables.heading(found.title, say("finding.more")):
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
    """Show rows as ``tables.show`` does."""
    tables.show(title, rows, columns, key, height=height)


def caption(*sentences: str) -> None:
    """Show sentences that explain what stands above."""
    st.caption(plain(" ".join(sentences)))


def sentences(found: Sequence[Link]) -> None:
    """Show sentences under each other, each beside a link to the page that proves it."""
    with st.container(gap="xxsmall"):
        for each in found:
            text, link = st.columns([6, 1], gap="small", vertical_alignment="center")
            text.markdown(plain(each.sentence))
            link.page_link(
                f"dashboard/pages/{each.page}.py", label=say(f"page.{each.page}.title"),
                icon=f":material/{each.icon}:", query_params=address.link(**each.asks),
            )  # fmt: skip


def beside(
    *found: tuple[Finding | Lines | Nothing, str], widths: Sequence[int] | None = None
) -> None:
    """Show findings, each with its key, side by side where there is room."""
    columns = st.columns(widths or len(found), gap="medium")
    for place, (each, key) in zip(columns, found, strict=True):
        with place:
            if isinstance(each, Finding):
                finding(each, key)
            elif isinstance(each, Lines):
                lines(each)
            elif each.tables:
                missing(each.tables)
            else:
                nothing(each.title, each.advice)


def lines(found: Lines) -> None:
    """Show short lines of text under a title."""
    st.markdown(f"##### {plain(found.title)}")
    for about, text in found.lines:
        st.markdown(f"**{plain(about)}**  \n{plain(text)}")
