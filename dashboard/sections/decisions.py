"""The register of decisions: what, who, until when, and whether the figure moved."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from core.desk import registers
from core.desk.registers import DECISION_STATES
from core.figures import FIGURES, Figure, definition_of
from core.periods import is_month_end
from core.store.errors import StoreError
from core.store.records import Decision
from dashboard import address, blocks, data, desk, filters, merging, numbers, registering
from dashboard.blocks import Card
from dashboard.findings import words
from dashboard.registering import RECORD
from dashboard.session import Look, language, plain, say, tell
from dashboard.tables import Column

MOST = 100
_FIGURES_SHOWN = 10  # decisions whose figure is looked up for the list


def show(look: Look) -> None:
    """Show what was decided, until when, and what became of the figure it was to move."""
    today, staff = desk.today(), data.staff(look.home, look.version)
    with desk.store().reading() as session:
        n = registers.count_decisions(session, today)
    blocks.cards(
        [
            Card(
                say(f"registers.decision.{name}"), numbers.whole(n[name], look.language),
                say(f"registers.decision.{name}_about"),
            )
            for name in ("open", "overdue", "done")
        ],
        in_a_row=5,
    )  # fmt: skip
    state = filters.choice(
        "state", DECISION_STATES, lambda code: say(f"registers.decision.{code}"),
        title=say("registers.decision.state"),
    )  # fmt: skip
    with desk.store().reading() as session:
        rows = registers.decisions(session, state, MOST)
        held = address.held(RECORD)
        chosen = session.get(Decision, held) if held else None
    left, right = st.columns([2, 1], gap="large")
    with left:
        _list(look, rows, state, staff)
    with right:
        if chosen is None:
            _new(look, staff)
        else:
            _record(look, chosen, staff)


def _list(look: Look, rows: Sequence[Decision], state: str, staff: dict[str, str]) -> None:
    title = say(f"registers.decision.n_{state}", n=numbers.whole(len(rows), look.language))
    if not rows:
        blocks.nothing(title, say("registers.decision.none"))
        return
    with st.skeleton(height=200):
        moved = [
            moved_text(look, each) if place < _FIGURES_SHOWN else ""
            for place, each in enumerate(rows)
        ]
    frame = pd.DataFrame(
        {
            "title": [each.title for each in rows],
            "owner": [registering.person(staff, each.owner) for each in rows],
            "due_on": [each.due_on for each in rows],
            "moved": moved,
        }
    )
    columns = {
        "title": Column(say("registers.field.title"), width="medium"),
        "due_on": Column(say("list.column.due_on"), "date"),
        "moved": Column(say("registers.decision.moved"), width="large"),
        "owner": Column(say("registers.field.owner")),
    }
    registering.listed(title, frame, [each.id for each in rows], columns, "registers.decisions")
    blocks.caption(say("registers.decision.moved_about"))


def days_of(look: Look, decided_on: date) -> tuple[date, date] | None:
    """Return the month-ends before the decision and now; null while no month ended since."""
    closed = [day for day in data.state(look.home).days if is_month_end(day)]
    before = [day for day in closed if day <= decided_on]
    if not before or before[-1] == closed[-1]:
        return None
    return before[-1], closed[-1]


def figure_of(look: Look, each: Decision) -> Figure | None:
    """Return the figure a decision is to move, now and when it was decided, in its scope."""
    days = days_of(look, each.decided_on)
    if not each.figure or days is None:
        return None
    scope = tuple((name, (value,)) for name, value in sorted(each.scope.items()))
    found = data.figures(*look.at[:3], scope, (each.figure,), days[1], days[0])
    return found[0]


def moved_text(look: Look, each: Decision) -> str:
    """Say from what to what the figure of a decision moved, and whether that is good."""
    if not each.figure:
        return ""
    name = definition_of(each.figure).name(look.language)
    found = figure_of(look, each)
    if found is None:
        return say("registers.decision.too_early", figure=name)
    if found.value is None or found.was is None:
        return say("registers.decision.unknown", figure=name)
    return say(
        f"registers.decision.{_way(found)}", figure=name,
        was=words.amount(found.was, words.unit_of(found), look), now=words.shown(found, look),
    )  # fmt: skip


def _way(found: Figure) -> str:
    better = definition_of(found.key).better
    change = (found.value or 0) - (found.was or 0)
    if not change:
        return "still"
    low, high = found.low, found.high
    if low is not None and high is not None and low <= (found.was or 0) <= high:
        return "chance"
    if better == "none" or found.is_small_n:
        return "changed"
    return "better" if (change > 0) == (better == "up") else "worse"


def _new(look: Look, staff: dict[str, str]) -> None:
    st.markdown(f"##### {plain(say('registers.decision.new'))}")
    can_write, today, scope = registering.can_write(), desk.today(), registering.scope_of(look)
    sheet = desk.sheet("registers.decision.new")
    with st.form(sheet.key()):
        values = _fields(sheet, look, staff, None)
        decided_on = st.date_input(
            say("registers.field.decided_on"), today, max_value=today, format="YYYY-MM-DD",
            key=registering.field(sheet, "decided"),
        )  # fmt: skip
        blocks.caption(
            say("registers.scope", scope=registering.scope_text(scope, staff))
        )  # fmt: skip
        is_done = st.form_submit_button(
            say("registers.record"), type="primary", disabled=not can_write
        )
    if is_done:
        sheet.save(
            partial(registers.decide, **values, decided_on=decided_on, scope=scope),
            say("registers.decision.recorded"),
        )  # fmt: skip


def _fields(
    sheet: desk.Sheet, look: Look, staff: dict[str, str], each: Decision | None
) -> dict:  # fmt: skip
    title = st.text_input(
        say("registers.field.title"), each.title if each else "", max_chars=200,
        key=registering.field(sheet, "title"),
    )  # fmt: skip
    text = st.text_area(
        say("registers.field.text"), each.text if each else "", max_chars=5_000, height=80,
        key=registering.field(sheet, "text"),
    )  # fmt: skip
    owner = registering.choose_person(
        say("registers.field.owner"), staff, registering.field(sheet, "owner"),
        each.owner if each else desk.me(),
    )  # fmt: skip
    due_on = st.date_input(
        say("list.column.due_on"), each.due_on if each else None, format="YYYY-MM-DD",
        key=registering.field(sheet, "due"),
    )  # fmt: skip
    keys = [figure.key for figure in FIGURES]
    figure = st.selectbox(
        say("registers.field.figure"), keys, key=registering.field(sheet, "figure"),
        index=keys.index(each.figure) if each and each.figure in keys else None,
        format_func=lambda key: definition_of(key).name(look.language),
        placeholder=say("registers.decision.no_figure"),
        help=say("registers.decision.figure_help"),
    )  # fmt: skip
    return {"title": title, "text": text, "owner": owner, "due_on": due_on, "figure": figure}


def _record(look: Look, each: Decision, staff: dict[str, str]) -> None:
    registering.leave(say("registers.decision.new"))
    st.markdown(f"##### {plain(each.title)}")
    blocks.caption(
        say(
            "registers.decision.about", day=numbers.day(each.decided_on, look.language),
            by=registering.person(staff, each.created_by),
            scope=registering.scope_text(each.scope, staff),
        )
    )  # fmt: skip
    if moved := moved_text(look, each):
        st.markdown(plain(moved))
    can_write = registering.can_write()
    sheet = desk.sheet(f"registers.decision.{each.id}", each.version)
    with st.form(sheet.key()):
        values = _fields(sheet, look, staff, each)
        outcome = st.text_area(
            say("registers.field.outcome"), each.outcome, max_chars=5_000, height=80,
            key=registering.field(sheet, "outcome"),
        )  # fmt: skip
        state = st.segmented_control(
            say("registers.field.state"), DECISION_STATES, default=each.state, required=True,
            format_func=lambda code: say(f"registers.decision.{code}"),
            key=registering.field(sheet, "state"),
        )  # fmt: skip
        is_done = st.form_submit_button(
            say("registers.save"), type="primary", disabled=not can_write
        )
    if is_done and _is_whole(each, values, outcome, state):
        values = {**values, "outcome": outcome.strip(), "state": state}
        sheet.change(Decision, each.id, values, say("registers.decision.recorded"))
    sheet.merge(Decision, say("registers.decision.recorded"), _label, partial(_spoken, staff))
    registering.trail(Decision, each.id, _label, partial(_spoken, staff))


def _is_whole(each: Decision, values: dict, outcome: str, state: str | None) -> bool:
    try:
        registers.must_be_whole(values["title"], each.decided_on, values["due_on"])
        registers.must_have_outcome(str(state), outcome)
    except StoreError as error:
        tell(error)
        return False
    return True


def _label(name: str) -> str:
    return say("list.column.due_on" if name == "due_on" else f"registers.field.{name}")


def _spoken(staff: dict[str, str], name: str, value: object) -> str:
    if name == "owner":
        return registering.person(staff, str(value or ""))
    if name == "state":
        return say(f"registers.decision.{value}")
    if name == "figure" and value:
        return definition_of(str(value)).name(language())
    return merging.as_text(name, value)
