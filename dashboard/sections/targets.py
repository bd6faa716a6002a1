"""Targets: those in force with how far they have come, set and changed here or in regulars.toml."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core import definitions
from core.desk import targets as register
from core.errors import CoreError
from core.figures import FIGURES, definition_of
from core.i18n import translate
from core.schema import SCOPES
from core.store.records import SetTarget
from core.targets import Target, targets_of
from dashboard import address, blocks, data, desk, merging, numbers, registering, session, tables
from dashboard.findings import definitions as told
from dashboard.findings import words
from dashboard.registering import RECORD
from dashboard.session import Look, plain, say
from dashboard.tables import Column

_FILE = "file:"


def show(look: Look) -> None:
    """Show the targets of the day, all that are set, and the form for another."""
    with st.skeleton(height=300):
        found = data.breakdown(*look.at, "targets", look.as_of, look.compare, look.language)
    if found.rows.empty:
        blocks.nothing(
            say("board_definitions.no_targets"), say("board_definitions.no_targets_advice")
        )
    else:
        first = ("figure", "target_status")  # the answer, where it is seen without scrolling
        order = (*first, *(name for name in found.headings if name not in first))
        columns = {name: Column(found.headings[name]) for name in order}
        tables.show(found.title, told.targets(found.rows, look), columns, key="targets")
    blocks.caption(say("board_definitions.targets_about"), *found.notes)
    written = targets_of(definitions.load(Path(look.home)).targets)
    with desk.store().reading() as session_:
        ours = register.targets_here(session_)
        held = address.held(RECORD)
        chosen = session_.get(SetTarget, held) if held else None
    left, right = st.columns([2, 1], gap="large")
    with left:
        _list(look, written, ours)
    with right:
        if chosen is not None and chosen.state == "stands":
            _record(look, chosen)
        else:
            _new(look)


def _list(look: Look, written: Sequence[Target], ours: Sequence[SetTarget]) -> None:
    replaced = {register.place_of(each) for each in ours}
    staff = data.staff(look.home, look.version)
    rows = [
        (each.id, each.key, each.period, each.scope, each.value, each.owner, "here")
        for each in ours
    ] + [
        (f"{_FILE}{n}", each.key, each.period, each.scope, each.value, "",
         "replaced" if each.place in replaced else "file")
        for n, each in enumerate(written)
    ]  # fmt: skip
    if not rows:
        return
    frame = pd.DataFrame(
        {
            "figure": [definition_of(row[1]).name(look.language) for row in rows],
            "period": [row[2] for row in rows],
            "scope": [registering.scope_text(row[3], staff) for row in rows],
            "value": [_amount(look, row[1], row[4]) for row in rows],
            "owner": [registering.person(staff, row[5]) for row in rows],
            "origin": [say(f"targets_set.origin.{row[6]}") for row in rows],
        }
    )
    columns = {
        "figure": Column(say("board_definitions.name")),
        "period": Column(say("board_definitions.form.period")),
        "scope": Column(say("board_definitions.form.scope")),
        "value": Column(say("board_definitions.form.value")),
        "owner": Column(say("registers.field.owner")),
        "origin": Column(say("targets_set.origin.title")),
    }
    title = say("targets_set.all", n=numbers.whole(len(rows), look.language))
    registering.listed(title, frame, [row[0] for row in rows], columns, "targets.all")
    blocks.caption(say("targets_set.about"))


def _amount(look: Look, key: str, value: float) -> str:
    return words.amount(value, definition_of(key).unit, look)


def _new(look: Look) -> None:
    st.markdown(f"##### {plain(say('targets_set.new'))}")
    can_write, sheet = registering.can_write(), desk.sheet("targets.new")
    with st.form(sheet.key()):
        key = st.selectbox(
            say("board_definitions.form.figure"), [figure.key for figure in FIGURES],
            format_func=lambda code: definition_of(code).name(look.language),
            key=registering.field(sheet, "figure"),
        )  # fmt: skip
        period = st.text_input(
            say("board_definitions.form.period"), f"{look.as_of.year}",
            key=registering.field(sheet, "period"), max_chars=10,
            help=say("board_definitions.form.period_help"),
        )  # fmt: skip
        value = _value(sheet, None)
        left, right = st.columns(2)
        scope = left.selectbox(
            say("board_definitions.form.scope"), ("", *SCOPES, "tier"),
            key=registering.field(sheet, "scope"),
            format_func=lambda code: translate(
                f"list.column.{'tier_name' if code == 'tier' else code}"
                if code else "board_definitions.form.whole", look.language,
            ),
        )  # fmt: skip
        within = right.text_input(
            say("board_definitions.form.scope_value"), key=registering.field(sheet, "within"),
            max_chars=200,
        )  # fmt: skip
        is_done = st.form_submit_button(
            say("targets_set.set"), type="primary", disabled=not can_write
        )
    if is_done and (target := _checked(key, period, value, {scope: within} if scope else {})):
        sheet.save(
            partial(register.set_target, target=target, owner=desk.me()), say("targets_set.said")
        )


def _value(sheet: desk.Sheet, usual: float | None) -> float | None:
    return st.number_input(
        say("board_definitions.form.value"), value=usual, key=registering.field(sheet, "value"),
        help=say("board_definitions.form.value_help"),
    )  # fmt: skip


def _checked(
    key: str, period: str, value: float | None, scope: dict[str, str]
) -> Target | None:  # fmt: skip
    try:
        return register.checked(key, period, value, scope)
    except CoreError as error:
        session.tell(error)
        return None


def _record(look: Look, each: SetTarget) -> None:
    registering.leave(say("targets_set.new"))
    name = definition_of(each.key).name(look.language)
    staff = data.staff(look.home, look.version)
    scope = registering.scope_text(each.scope, staff)
    st.markdown(f"##### {plain(name)}")
    blocks.caption(say("card.join").join((each.period, scope)))
    can_write, sheet = registering.can_write(), desk.sheet(f"targets.{each.id}", each.version)
    with st.form(sheet.key()):
        value = _value(sheet, each.value)
        owner = registering.choose_person(
            say("registers.field.owner"), staff, registering.field(sheet, "owner"), each.owner
        )
        is_done = st.form_submit_button(
            say("registers.save"), type="primary", disabled=not can_write
        )
    if is_done and (target := _checked(each.key, each.period, value, each.scope)):
        values = {"value": target.value, "owner": owner}
        sheet.change(SetTarget, each.id, values, say("targets_set.said"))
    if st.button(
        say("registers.withdraw"), key=sheet.key("gone"), disabled=not can_write,
        type="tertiary", icon=":material/undo:", help=say("targets_set.withdraw_help"),
    ):  # fmt: skip
        sheet.change(SetTarget, each.id, {"state": "withdrawn"}, say("registers.withdrawn_said"))
    sheet.merge(SetTarget, say("targets_set.said"), _label, partial(_spoken, look, each.key))
    registering.trail(SetTarget, each.id, _label, partial(_spoken, look, each.key))


def _label(name: str) -> str:
    if name in ("owner", "state"):
        return say(f"registers.field.{name}")
    return say(f"board_definitions.form.{'figure' if name == 'key' else name}")


def _spoken(look: Look, key: str, name: str, value: object) -> str:
    if name == "value" and isinstance(value, int | float):
        return _amount(look, key, value)
    if name == "state":
        return say(f"registers.state.{value}")
    return merging.as_text(name, value)
