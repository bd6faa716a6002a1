"""What evaluations and registers share: the day, the list beside its record, who changed what."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from core.desk.people import Customer
from core.figures.tiers import tier_title
from core.periods import is_month_end
from core.store import changing
from core.store.record import Record, as_typed
from dashboard import address, data, desk, filters, finder, merging, numbers, tables
from dashboard import data_desk_registers as books
from dashboard.desk import Sheet
from dashboard.session import Look, language, look, plain, say
from dashboard.tables import Column

RECORD, CUSTOMER, AGAIN = "record", "customer", "again"
_TURN, _SECTION = "_registers_turn", "_registers_section"
_NOT_SAID = ("id", "customer_key", "handover_id", "follows", "replaces")


def enter(section: str) -> None:
    """Say which section is shown; another one begins without a record."""
    if st.session_state.get(_SECTION) not in (None, section):
        left()
    st.session_state[_SECTION] = section


def newest(look: Look) -> Look:
    """Return the look at the newest ledger day: people work on what is, whatever is reviewed."""
    day = data.state(look.home).days[-1]
    return replace(look, as_of=day, compare=None, is_open=not is_month_end(day))


def can_write() -> bool:
    """Whether somebody said who works here; says so where nobody did."""
    if desk.me():
        return True
    st.caption(plain(say("registers.nobody")))
    return False


def field(sheet: Sheet, name: str) -> str:
    """Return the key of a field of a form, which then outlives a change of language."""
    key = sheet.key(name)
    filters.keep(key)
    return key


def person(staff: Mapping[str, str], code: str | None) -> str:
    """Return what somebody is called."""
    return staff.get(code or "", code or "") or numbers.UNKNOWN


def choose_person(label: str, staff: Mapping[str, str], key: str, usual: str = "") -> str:
    """Draw the choice of somebody of the staff, or of whoever is typed; return number or name."""
    known = list(staff)
    if usual and usual not in known:
        known.insert(0, usual)
    chosen: str | None = st.selectbox(
        label, known, index=known.index(usual) if usual else None, key=key,
        format_func=lambda each: staff.get(each, each), accept_new_options=True,
        placeholder=say("desk.who_placeholder"),
    )  # fmt: skip
    return (chosen or "").strip()


def listed(
    title: str, rows: pd.DataFrame, ids: Sequence[str], columns: Mapping[str, Column], key: str,
    height: int = 420,
) -> None:  # fmt: skip
    """Show a list of records; a row that is chosen is held in the address as ``record``."""
    st.markdown(f"##### {plain(title)}")
    # A table of other rows is another one: what was chosen in it must not choose anything else.
    content = zlib.crc32("|".join([*ids, str(st.session_state.get(_TURN, 0))]).encode())
    state: Any = st.dataframe(
        rows, key=f"{key}.{content}.{language()}", hide_index=True, on_select="rerun",
        selection_mode="single-row", placeholder=numbers.UNKNOWN, column_order=list(columns),
        column_config={name: tables.column_of(column) for name, column in columns.items()},
        height=min(height, 38 + 35 * max(len(rows), 1)), alt=title,
    )  # fmt: skip
    chosen: list[int] = state["selection"]["rows"]
    if chosen and chosen[0] < len(ids) and address.held(RECORD) != ids[chosen[0]]:
        address.hold(RECORD, ids[chosen[0]])
        st.rerun()


def leave(label: str) -> None:
    """Draw the way from a record back to the form for a new one."""
    st.button(label, key="registers.leave", icon=":material/arrow_back:", type="tertiary",
              on_click=left)  # fmt: skip


def left() -> None:
    """Hold no record any more, nor the row that it was chosen by."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    for name in (RECORD, CUSTOMER, AGAIN):
        address.hold(name, None)


def found_customer(look: Look) -> Customer | None:
    """Let the reader look for a customer; return the one who was chosen."""
    asked = address.held(CUSTOMER)
    key = finder.number(asked) if asked else None
    if key is not None and (known := named(look, [key])):
        return known[key]
    if asked:
        st.warning(plain(say("card.unknown", asked=asked[:40])), icon=":material/person_off:")
    if typed_in := finder.box(look):
        if address.held(CUSTOMER) != asked:
            st.rerun()  # one was found, and chosen
        finder.results(look, typed_in, data.tier_names(*look.at))
    return None


def named(look: Look, keys: Sequence[int]) -> dict[int, Customer]:
    """Return who customers are, by number."""
    return books.customers(*look.at, tuple(sorted(set(keys))))


def about(look: Look, customer: Customer) -> str:
    """Say who a customer is in one line: number, tier, branch, value."""
    tier = customer.tier and tier_title(data.tier_names(*look.at), customer.tier, look.language)
    parts = [
        customer.customer_id if customer.name else None, tier, customer.branch,
        None if customer.value is None
        else numbers.money(customer.value, look.currency, look.language),
    ]  # fmt: skip
    return say("card.join").join(part for part in parts if part)


def head(look: Look, customer: Customer, icon: str = "person") -> None:
    """Show who a record is about, and the way to the card."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"##### :material/{icon}: {plain(customer.called)}", width="content")
        st.caption(plain(about(look, customer)), width="content")
        st.page_link(
            "dashboard/pages/card.py", label=say("card.open"), icon=":material/contact_page:",
            query_params=address.link(customer=str(customer.customer_key)),
        )  # fmt: skip


def scope_of(look: Look) -> dict[str, str]:
    """Return the scope that the filters chose, as records keep it."""
    return {name: values[0] for name, values in look.scope}


def scope_text(scope: Mapping[str, str], staff: Mapping[str, str]) -> str:
    """Say where a record holds."""
    values = [filters.place(name, value, staff) for name, value in scope.items()]
    return say("card.join").join(values) or say("filter.whole")


def days_between(earlier: date, later: date) -> int:
    """Return the days from one day to another."""
    return (later - earlier).days


def trail(
    kind: type[Record], id: str, label: Callable[[str], str],
    spoken: Callable[[str, Any], str] = merging.as_text,
) -> None:  # fmt: skip
    """Show who changed a record and how, the newest first, if that is asked for."""
    if not st.toggle(say("registers.trail"), key=f"registers.trail.{id}"):
        return
    with desk.store().reading() as session:
        rows = changing.history(session, kind, id)
    seen = look()
    staff = data.staff(seen.home, seen.version)
    for row in reversed(rows):
        names = [name for name in row.after if name not in _NOT_SAID]
        action = "added" if row.action == "added" else "changed"
        what = say(f"registers.{action}", by=person(staff, row.by))
        st.caption(plain(f"{row.at:%Y-%m-%d %H:%M} UTC · {what}"))
        lines = []
        for name in names if row.action != "added" else []:
            column = kind.__table__.columns[name]
            before, after = (as_typed(column, each.get(name)) for each in (row.before, row.after))
            lines.append(f"{label(name)}: {spoken(name, before)} → {spoken(name, after)}")
        if lines:
            st.text("\n".join(lines))
