"""The register of events: what happened that figures may show."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.desk import registers
from core.desk.registers import EVENT_KINDS
from core.store.errors import StoreError
from core.store.records import Event
from dashboard import address, blocks, data, desk, merging, numbers, registering
from dashboard.registering import RECORD
from dashboard.session import Look, plain, say, tell
from dashboard.tables import Column

MOST = 200


def show(look: Look) -> None:
    """Show what was noted, the newest first, and let the reader note more."""
    staff = data.staff(look.home, look.version)
    with desk.store().reading() as session:
        rows = registers.events_noted(session, MOST)
        held = address.held(RECORD)
        chosen = session.get(Event, held) if held else None
    left, right = st.columns([3, 2], gap="large")
    with left:
        _list(look, rows, staff)
    with right:
        if chosen is None or chosen.state != "stands":
            _new(look, staff)
        else:
            _record(look, chosen, staff)


def _list(look: Look, rows: Sequence[Event], staff: dict[str, str]) -> None:
    if not rows:
        blocks.nothing(say("registers.event.none"), say("registers.event.none_advice"))
        return
    frame = pd.DataFrame(
        {
            "happened_on": [each.happened_on for each in rows],
            "until": [each.until for each in rows],
            "kind": [say(f"registers.event.{each.kind}") for each in rows],
            "title": [each.title for each in rows],
            "scope": [registering.scope_text(each.scope, staff) for each in rows],
        }
    )
    columns = {
        "happened_on": Column(say("registers.field.happened_on"), "date"),
        "until": Column(say("registers.field.until"), "date"),
        "kind": Column(say("list.column.kind")),
        "title": Column(say("registers.field.title"), width="large"),
        "scope": Column(say("registers.field.scope")),
    }
    title = say("registers.event.n", n=numbers.whole(len(rows), look.language))
    registering.listed(title, frame, [each.id for each in rows], columns, "registers.events", 560)
    blocks.caption(say("registers.event.about"))


def _new(look: Look, staff: dict[str, str]) -> None:
    st.markdown(f"##### {plain(say('registers.event.new'))}")
    can_write, scope = registering.can_write(), registering.scope_of(look)
    sheet = desk.sheet("registers.event.new")
    with st.form(sheet.key()):
        values = _fields(sheet, None)
        blocks.caption(say("registers.scope", scope=registering.scope_text(scope, staff)))
        is_done = st.form_submit_button(
            say("registers.record"), type="primary", disabled=not can_write
        )
    if is_done:
        sheet.save(
            partial(registers.note_event, **values, scope=scope, today=desk.today()),
            say("registers.event.recorded"),
        )  # fmt: skip


def _fields(sheet: desk.Sheet, each: Event | None) -> dict:
    title = st.text_input(
        say("registers.field.title"), each.title if each else "", max_chars=200,
        key=registering.field(sheet, "title"),
    )  # fmt: skip
    kind = st.selectbox(
        say("list.column.kind"), EVENT_KINDS,
        index=EVENT_KINDS.index(each.kind) if each and each.kind in EVENT_KINDS else 0,
        format_func=lambda code: say(f"registers.event.{code}"),
        key=registering.field(sheet, "kind"),
    )  # fmt: skip
    left, right = st.columns(2)
    happened_on = left.date_input(
        say("registers.field.happened_on"), each.happened_on if each else desk.today(),
        max_value=max(desk.today(), each.happened_on) if each else desk.today(),
        min_value="1970-01-01", format="YYYY-MM-DD", key=registering.field(sheet, "from"),
    )  # fmt: skip
    until = right.date_input(
        say("registers.field.until"), each.until if each else None, format="YYYY-MM-DD",
        key=registering.field(sheet, "until"),
    )  # fmt: skip
    text = st.text_area(
        say("registers.field.text"), each.text if each else "", max_chars=5_000, height=80,
        key=registering.field(sheet, "text"),
    )  # fmt: skip
    return {
        "title": title, "kind": kind, "happened_on": happened_on, "until": until, "text": text,
    }  # fmt: skip


def _record(look: Look, each: Event, staff: dict[str, str]) -> None:
    registering.leave(say("registers.event.new"))
    st.markdown(f"##### {plain(each.title)}")
    scope = registering.scope_text(each.scope, staff)
    by = registering.person(staff, each.created_by)
    blocks.caption(say("registers.event.by", by=by, scope=scope))
    can_write = registering.can_write()
    sheet = desk.sheet(f"registers.event.{each.id}", each.version)
    with st.form(sheet.key()):
        values = _fields(sheet, each)
        is_done = st.form_submit_button(
            say("registers.save"), type="primary", disabled=not can_write
        )
    if is_done and _is_whole(values):
        sheet.change(Event, each.id, values, say("registers.event.recorded"))
    if st.button(
        say("registers.withdraw"), key=sheet.key("gone"), disabled=not can_write,
        type="tertiary", icon=":material/undo:", help=say("registers.event.withdraw_help"),
    ):  # fmt: skip
        sheet.change(Event, each.id, {"state": "withdrawn"}, say("registers.withdrawn_said"))
    sheet.merge(Event, say("registers.event.recorded"), _label, _spoken)
    registering.trail(Event, each.id, _label, _spoken)


def _is_whole(values: dict) -> bool:
    try:
        registers.must_be_whole(values["title"], values["happened_on"], values["until"])
        registers.must_have_happened(values["kind"], values["happened_on"], desk.today())
    except StoreError as error:
        tell(error)
        return False
    return True


def _label(name: str) -> str:
    return say("list.column.kind" if name == "kind" else f"registers.field.{name}")


def _spoken(name: str, value: object) -> str:
    if name == "kind":
        return say(f"registers.event.{value}")
    if name == "state":
        return say(f"registers.state.{value}")
    return merging.as_text(name, value)
