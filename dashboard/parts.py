"""What a section of a page is made of, and how each part of it is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from core.behind.registry import Found
from core.figures import Figure
from dashboard import address, blocks, drill, tables
from dashboard.blocks import Card, Finding, Nothing
from dashboard.charts import Palette
from dashboard.data import Company, Listing, Told
from dashboard.session import Look, plain
from dashboard.tables import Column

Frame = Any  # a DataFrame: nothing is known of the types of its columns


@dataclass(frozen=True)
class Link:
    """A way to another page under the same filters."""

    page: str
    label: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Listed:
    """Rows under what they say, with what stands in them and where there are more."""

    title: str
    rows: pa.Table | pd.DataFrame
    columns: Mapping[str, Column]
    key: str
    caption: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class InFull:
    """A breakdown in full figures, with its own words."""

    told: Told
    key: str
    columns: Sequence[str] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Person:
    """One customer in a few words: what they bring, why they are named, who looks after them."""

    customer_key: int
    name: str
    value: str
    reasons: str
    manager: str


@dataclass(frozen=True)
class People:
    """A few customers side by side, each with the way to the card."""

    title: str
    persons: Sequence[Person]


@dataclass(frozen=True)
class Said:
    """Figures and sentences under a title."""

    title: str
    sentences: Sequence[str]
    cards: Sequence[Card] = ()


Part = Finding | Nothing | Listed | InFull | People | Said
Row = Sequence[tuple[Sequence[Part], int]]  # columns of parts, with the width of each


@dataclass(frozen=True)
class Facts:
    """What a section is made from, as the reader's filters and choices have it."""

    look: Look
    colours: Palette
    company: Company
    figures: Mapping[str, Figure]  # of the whole scope, by key
    told: Mapping[str, Told]
    work: Mapping[str, Listing]
    history: pd.DataFrame | None = None
    choice: str | None = None  # what the reader chose in the section
    by: Sequence[Figure] = ()  # figures told apart by the choice
    behind: Found | None = None  # the customers behind the choice


@dataclass(frozen=True)
class Section:
    """What a section of a page needs, and what it makes of it.

    Attributes
    ----------
    rows
        Makes the rows of parts.
    cards, figures
        Figures shown as cards, and others.
    told, work
        Breakdowns and work lists.
    has_history
        Whether it shows how figures moved.
    choices
        Codes that the reader may choose from, with their names; the first holds until then.
    by
        Figures to be told apart by the scope chosen, or by ``by_scope``.
    behind
        Drill whose customers of the choice are shown.
    """

    rows: Callable[[Facts], list[Row]]
    cards: tuple[str, ...]
    figures: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    has_history: bool = False
    choices: Callable[[Facts], dict[str, str]] | None = None
    by: tuple[str, ...] = ()
    by_scope: str = ""
    behind: str = ""


def show(rows: Sequence[Row], key: str) -> None:
    """Show rows of parts, one under the other."""
    for number, row in enumerate(rows):
        widths = [width for _, width in row]
        columns = st.columns(widths, gap="medium") if len(row) > 1 else [st.container()]
        for place, ((parts, _), column) in enumerate(zip(row, columns, strict=True)):
            with column:
                for depth, part in enumerate(parts):
                    _show(part, f"{key}_{number}_{place}_{depth}")


def _show(part: Part, key: str) -> None:
    if isinstance(part, Finding):
        blocks.finding(part, key)
    elif isinstance(part, Listed):
        about = (part.caption,) if part.caption else ()
        tables.show(part.title, part.rows, part.columns, part.key, about=about)
        if part.caption:
            blocks.caption(part.caption)
        _links(part.links)
    elif isinstance(part, InFull):
        tables.told(part.told, part.key, columns=part.columns)
        _links(part.links)
    elif isinstance(part, People):
        _people(part)
    elif isinstance(part, Said):
        st.markdown(f"##### {plain(part.title)}")
        if part.cards:
            blocks.cards(part.cards)
        for sentence in part.sentences:
            st.markdown(plain(sentence))
    elif part.tables:
        blocks.missing(part.tables)
    else:
        blocks.nothing(part.title, part.advice)


def _people(part: People) -> None:
    st.markdown(f"##### {plain(part.title)}")
    grid = st.grid(len(part.persons), min_column_width=240, gap="small")
    for each in part.persons:
        with grid.container(border=True, height="stretch", gap="xxsmall"):
            st.page_link(
                drill.CARD, label=plain(each.name), icon=":material/contact_page:",
                query_params=address.link(customer=str(each.customer_key)),
            )  # fmt: skip
            st.markdown(plain(f"{each.value} · {each.reasons}"))
            blocks.caption(each.manager)


def _links(links: Sequence[Link]) -> None:
    for link in links:
        st.page_link(
            f"dashboard/pages/{link.page}.py", label=plain(link.label),
            icon=":material/arrow_forward:", query_params=address.link(**link.values),
        )  # fmt: skip
