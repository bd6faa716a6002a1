"""The table of the board: sort, search, choose columns, open a customer's card, download.

Up to ``LARGE`` rows the browser sorts and searches; beyond, the server does, and sends only the
rows that are looked at. Texts of users stay text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from core.exports.columns import Kind, kinds_of
from core.exports.sheets import Heading, Sheet
from core.exports.spoken import spoken_rows
from dashboard import data, data_tables, downloads, drill, empty, filters, numbers
from dashboard.data import Listing, Told
from dashboard.session import Look, language, plain, say

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
LARGE = 2_000  # rows; more are neither sent to the browser at once nor sorted by it
_TOOLS = 84  # px that the tools of a table take at its upper right
_PICKED = "customer_id"  # the cell that opens the card
_FORMATS: dict[str, str] = {
    "number": "localized", "money": "%,.0f", "change": "%+,.0f", "percent": "percent",
    "date": "YYYY-MM-DD", "moment": "YYYY-MM-DD HH:mm",
}  # fmt: skip
Width = Literal["small", "medium", "large"]
_WIDTHS: dict[str, Width] = {"name": "medium", "reasons": "large"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, and what kind of value stands in it."""

    label: str
    kind: Kind = "text"
    help: str | None = None
    width: Width | None = None


def show(
    title: str, rows: pa.Table | pd.DataFrame, columns: Mapping[str, Column], key: str, *,
    on_pick: Callable[[Row], None] | None = None, file_name: str | None = None,
    caption: str = "", about: Sequence[str] = (), height: int | Literal["auto"] = "auto",
    bar: DeltaGenerator | None = None,
) -> None:  # fmt: skip
    """Show rows in full figures under a title, with what a reader does to a table.

    Parameters
    ----------
    rows
        An Arrow table that ``data`` keeps, or a frame of a few rows. Where ``customer_key`` is
        among its columns, a click on ``customer_id`` opens the card.
    columns
        What is shown, in order; nothing else is sent to the browser.
    on_pick
        What a click on ``customer_id`` does instead, with the row.
    file_name
        What downloads are called; ``key`` where null.
    caption
        A line below the title.
    about
        Definitions and notes that go into the Excel file.
    bar
        The container of other choices that search and order join.
    """
    found = rows if isinstance(rows, pa.Table) else _arrow(rows)
    is_large, total_rows = found.num_rows > LARGE, found.num_rows
    if is_large:
        with bar or st.container(horizontal=True, gap="small"):
            found = _arranged(found, columns, key)
    # Where no line stands between, the tools that Streamlit lays over a table would cover the menu.
    end = 1 if caption or found.num_rows < total_rows else _TOOLS
    with heading(title, say("table.download"), ":material/download:", end):
        downloads.offer(found, _sheet(title, found, columns, about), key, file_name or key)
    if found.num_rows < total_rows:
        shown, whole = (numbers.whole(n, language()) for n in (found.num_rows, total_rows))
        caption = f"{say('table.found', shown=shown, n=whole)} {caption}"
    if caption:
        st.caption(plain(caption))
    if not found.num_rows:
        return
    config: dict[str, Any] = {name: column_of(column) for name, column in columns.items()}
    can_pick = _PICKED in columns and (on_pick is not None or "customer_key" in found.column_names)
    if can_pick:
        _pick(found, key, on_pick)
        config[_PICKED] = st.column_config.ButtonColumn(
            columns[_PICKED].label, help=say("table.open_card"), type="tertiary",
            alignment="left", key=f"{key}_pick", pinned=True,
        )  # fmt: skip
    st.dataframe(
        _displayed(found, columns), key=key, hide_index=True, placeholder=numbers.UNKNOWN,
        column_config=config, height=height, lazy=True if is_large else None, alt=title,
    )  # fmt: skip


def told(
    found: Told | Listing, key: str, *, title: str | None = None, columns: Sequence[str] = (),
    height: int | Literal["auto"] = "auto", on_pick: Callable[[Row], None] | None = None,
    bar: DeltaGenerator | None = None,
) -> None:  # fmt: skip
    """Show a breakdown or a work list under its name, with what stands in it and its notes.

    ``columns`` are those to show, in order; all in which anything stands where empty.
    """
    if found.missing:
        empty.missing(found.missing)
        return
    look = st.session_state["_look"]
    rows = found.rows if isinstance(found, Listing) else _spoken(found.rows, look)
    if not rows.num_rows:
        # Nobody, or not known: the notes say which, so no count stands in the title.
        empty.nothing(found.title, " ".join((say("table.none"), found.about, *found.notes)))
        return
    shown = columns_of(rows, found.headings, look.currency, columns)
    show(
        title or found.title, rows, shown, key, on_pick=on_pick, height=height, bar=bar,
        caption=found.about, about=(found.about, *found.notes),
    )  # fmt: skip
    if found.notes:
        st.caption(plain(" ".join(found.notes)))


def heading(title: str, menu: str, icon: str | None = None, end: int = 1) -> DeltaGenerator:
    """Draw what a chart or table says, and a menu at the end of the line; return the menu.

    ``end`` is the space behind it, px: the arrow of a menu reaches beyond its button.
    """
    line = st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False)
    line.markdown(f"##### {plain(title)}", width="stretch")
    opened = line.popover(menu, type="tertiary", icon=icon)
    line.space(end)
    return opened


def columns_of(
    rows: pa.Table, headings: Mapping[str, str], currency: str, names: Sequence[str] = ()
) -> dict[str, Column]:
    """Return the columns of rows that have a heading and in which anything stands.

    What kind of value that is follows from type and name; the heading of money says its currency.
    """
    kinds = kinds_of(rows)
    made = {}
    for name in names or headings:
        if name not in kinds or rows[name].null_count == rows.num_rows:
            continue
        heading = headings[name] if name != "may_contact" else say("table.contact")
        if kinds[name] == "money":
            heading = say("table.money", heading=heading, currency=currency)
        made[name] = Column(heading, kinds[name], width=_WIDTHS.get(name))
    return made


def total(rows: pa.Table, name: str) -> float:
    """Return the sum of a column; 0 where nothing stands in it."""
    return float(pc.sum(rows[name]).as_py() or 0)


def _spoken(rows: pd.DataFrame, look: Look) -> pa.Table:
    tiers, staff = data.tier_names(*look.at), data.staff(look.home, look.version)
    return spoken_rows(_arrow(rows), tiers, look.language, staff)


def _arrow(rows: pd.DataFrame) -> pa.Table:
    found = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
    # Texts of pandas 3 are large strings, which nothing else here speaks of.
    fields = [
        field.with_type(pa.string()) if pa.types.is_large_string(field.type) else field
        for field in found.schema
    ]
    return found.cast(pa.schema(fields))


def _arranged(rows: pa.Table, columns: Mapping[str, Column], key: str) -> pa.Table:
    """Draw search and order, and return the rows as they ask for them.

    A search may be somebody's name, so it does not stand in the address.
    """
    filters.keep(f"{key}_search")
    search = st.text_input(
        say("table.search"), key=f"{key}_search", placeholder=say("table.search"), width=160,
        icon=":material/search:", label_visibility="collapsed",
    )  # fmt: skip
    orders = [sign + name for name in columns for sign in ("-", "")]
    order = filters.pick(
        f"{key}_order", orders, partial(_order_label, columns), title=say("table.order")
    )
    if not search and order is None:
        return rows
    return data_tables.arranged(rows, tuple(columns), search, order).rows


def _order_label(columns: Mapping[str, Column], order: str) -> str:
    return f"{columns[order.removeprefix('-')].label} {'↓' if order.startswith('-') else '↑'}"


def _pick(rows: pa.Table, key: str, on_pick: Callable[[Row], None] | None) -> None:
    """Follow a click on a customer; by the number in the cell, whatever the order is."""
    click = st.session_state.get(f"{key}_pick")
    if not click:
        return
    place = pc.index(rows[_PICKED], click["label"]).as_py()
    if place < 0:
        return
    (row,) = rows.slice(place, 1).to_pylist()
    if on_pick is not None:
        on_pick(row)
    elif row["customer_key"] is not None:
        drill.card(row["customer_key"])


def _displayed(rows: pa.Table, columns: Mapping[str, Column]) -> pa.Table:
    """Return the columns that are shown; fractions without decimals that nobody reads."""
    shown = rows.select(list(columns))
    for place, (name, column) in enumerate(columns.items()):
        form = shown.schema.field(name).type
        if column.kind == "number" and pa.types.is_floating(form):
            shown = shown.set_column(place, name, pc.round(shown[name], 1))
    return shown


def _sheet(
    title: str, rows: pa.Table, columns: Mapping[str, Column], about: Sequence[str]
) -> Sheet:
    """Return what an Excel file says beside the rows."""
    look: Look | None = st.session_state.get("_look")
    facts = [filters.summary(look)] if look else []
    facts.append(say("table.rows", n=numbers.whole(rows.num_rows, language())))
    headings = {
        name: Heading(column.label, column.kind, column.help or "")
        for name, column in columns.items()
    }
    origin = {say("table.data_version"): str(look.version)} if look else {}
    return Sheet(title, facts, [text for text in about if text], headings, origin)


def column_of(column: Column) -> ColumnConfig:
    """Return a column as ``st.dataframe`` wants it."""
    make = st.column_config
    known: dict[str, Any] = {"help": column.help, "width": column.width}
    if column.kind in ("number", "money", "change", "percent"):
        return make.NumberColumn(column.label, format=_FORMATS[column.kind], **known)
    if column.kind == "date":
        return make.DateColumn(column.label, format=_FORMATS["date"], **known)
    if column.kind == "moment":
        return make.DatetimeColumn(column.label, format=_FORMATS["moment"], **known)
    if column.kind == "flag":
        return make.CheckboxColumn(column.label, **known)
    return make.TextColumn(column.label, **known)
