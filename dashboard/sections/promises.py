"""The register of promises: those of the books and those made here, kept, open or late."""

from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st

from core.desk import promises as register
from core.desk.promises import PROMISE_STATES, Promised
from core.store.records import Promise
from dashboard import address, blocks, data, desk, filters, merging, numbers, registering, tables
from dashboard import data_desk_registers as books
from dashboard.blocks import Card
from dashboard.findings import words
from dashboard.registering import RECORD
from dashboard.session import Look, plain, say
from dashboard.tables import Column

MOST = 200  # rows of one state, of the books and of the desk each
_IN_DAYS = 7  # that a new promise is usually due in
_IMPORTED = "imported:"
_FIELDS = ("what", "employee_id", "due_on", "kept_on")


def show(look: Look) -> None:
    """Show what was promised to whom, and what became of it."""
    today, staff = desk.today(), data.staff(look.home, look.version)
    with desk.store().reading() as session:
        without, here = register.replaced(session), register.count_recorded(session, today)
    with st.skeleton(height=120):
        there = books.count_imported(*look.at, today, without)
        known = words.by_key(
            data.figures(*look.at, ("promise_kept_rate", "promises_broken"), look.as_of, None)
        )
    n = {state: here[state] + there[state] for state in PROMISE_STATES}
    told = [words.card(figure, look) for figure in known.values() if figure.value is not None]
    blocks.cards([*_counted(look, n), *told])
    state = filters.choice(
        "state", PROMISE_STATES, lambda code: say(f"registers.promise.{code}"),
        title=say("registers.promise.state"),
    )  # fmt: skip
    with desk.store().reading() as session:
        ours = register.recorded_promises(session, state, today, MOST)
    theirs, _ = books.imported_promises(*look.at, state, today, without, MOST)
    rows = _in_scope(look, [*ours, *theirs])
    rows.sort(key=lambda each: each.by, reverse=state != "open")
    left, right = st.columns([5, 3], gap="large")
    with left:
        _list(look, rows, state, n[state], staff)
    with right:
        held = address.held(RECORD)
        chosen = next((each for each in rows if _id(each) == held), None)
        if held and chosen is None:
            chosen = _of_store(held, staff)
        if chosen is None:
            new(look, staff)
        else:
            _record(look, chosen, staff)
    _by_employee(look)


def _counted(look: Look, n: dict[str, int]) -> list[Card]:
    return [
        Card(
            say(f"registers.promise.{state}"), numbers.whole(n[state], look.language),
            say(f"registers.promise.{state}_about", months=register.MONTHS),
        )
        for state in ("late", "open")
    ]  # fmt: skip


def _id(each: Promised) -> str:
    return each.id or f"{_IMPORTED}{each.promise_id}"


def _in_scope(look: Look, rows: list[Promised]) -> list[Promised]:
    """Leave out promises recorded here to customers outside the filters."""
    if not look.scope:
        return rows
    known = registering.named(look, [each.customer_key for each in rows if each.id])
    return [
        each for each in rows
        if not each.id or (each.customer_key in known and known[each.customer_key].is_in_scope)
    ]  # fmt: skip


def _of_store(id: str, staff: dict[str, str]) -> Promised | None:
    """Return a promise that stands in another state than the one shown."""
    with desk.store().reading() as session:
        each = session.get(Promise, id)
    if each is None or each.state != "stands":
        return None
    state = register.promise_state(each.due_on, each.kept_on, desk.today(), each.moved_to)
    return Promised(
        each.id, each.replaces, each.customer_key, each.employee_id, each.kind, each.what,
        each.promised_on, each.due_on, each.kept_on, each.renegotiated_on, state, each.moved_to,
    )  # fmt: skip


def _list(look: Look, rows: list[Promised], state: str, n: int, staff: dict[str, str]) -> None:
    title = say(f"registers.promise.n_{state}", n=numbers.whole(n, look.language))
    if not rows:
        blocks.nothing(title, say("registers.promise.none"))
        return
    known = registering.named(look, [each.customer_key for each in rows])
    frame = pd.DataFrame(
        {
            "customer": [
                known[each.customer_key].called if each.customer_key in known else ""
                for each in rows
            ],
            "what": [each.what for each in rows],
            "employee": [registering.person(staff, each.employee_id) for each in rows],
            "due_on": [each.by for each in rows],
            "kept_on": [each.kept_on for each in rows],
            "is_ours": [each.id is not None for each in rows],
        }
    )
    columns = {"due_on": Column(say("list.column.due_on"), "date")}
    if state not in ("late", "open"):
        columns["kept_on"] = Column(say("list.column.kept_on"), "date")
    columns |= {
        "customer": Column(say("list.column.name"), width="medium"),
        "what": Column(say("registers.field.what"), width="medium"),
        "employee": Column(say("registers.field.employee_id")),
    }
    if any(frame.is_ours):
        columns["is_ours"] = Column(say("registers.promise.is_ours"), "flag")
    registering.listed(title, frame, [_id(e) for e in rows], columns, "registers.promises", 560)
    if n > len(rows):
        shown = numbers.whole(len(rows), look.language)
        blocks.caption(say("registers.first", shown=shown, n=numbers.whole(n, look.language)))


def new(look: Look, staff: dict[str, str]) -> None:
    """Let the reader record a promise to a customer."""
    st.markdown(f"##### {plain(say('registers.promise.new'))}")
    customer = registering.found_customer(look)
    if customer is None:
        blocks.caption(say("registers.promise.new_about"))
        return
    registering.head(look, customer)
    can_write, today = registering.can_write(), desk.today()
    sheet = desk.sheet("registers.promise.new")
    with st.form(sheet.key()):
        what = st.text_area(
            say("registers.field.what"), key=registering.field(sheet, "what"), max_chars=1_000
        )
        by = registering.choose_person(
            say("registers.field.employee_id"), staff, registering.field(sheet, "by"), desk.me()
        )
        due_on = st.date_input(
            say("list.column.due_on"), today + timedelta(days=_IN_DAYS),
            key=registering.field(sheet, "due"), format="YYYY-MM-DD",
        )  # fmt: skip
        is_done = st.form_submit_button(
            say("registers.record"), type="primary", disabled=not can_write
        )
    registering.leave(say("registers.other_customer"))
    if is_done:
        sheet.save(
            partial(
                register.promise, customer_key=customer.customer_key, employee_id=by, what=what,
                due_on=due_on, promised_on=today,
            ),
            say("registers.promise.recorded"),
        )  # fmt: skip


def _record(look: Look, each: Promised, staff: dict[str, str]) -> None:
    known = registering.named(look, [each.customer_key])
    registering.leave(say("registers.promise.new"))
    if customer := known.get(each.customer_key):
        registering.head(look, customer, "handshake")
    st.text(each.what or numbers.UNKNOWN)
    said = [
        (say("registers.field.employee_id"), registering.person(staff, each.employee_id)),
        (say("list.column.promised_on"), numbers.day(each.promised_on, look.language)),
        (say("list.column.due_on"), numbers.day(each.due_on, look.language)),
        (say("registers.field.moved_to"), numbers.day(each.moved_to, look.language)),
        (say("list.column.kept_on"), numbers.day(each.kept_on, look.language)),
    ]
    known_ones = [(name, text) for name, text in said if text != numbers.UNKNOWN]
    st.markdown("  \n".join(f":gray[{plain(name)}] {plain(text)}" for name, text in known_ones))
    can_write = registering.can_write()
    sheet = _sheet(each)
    if each.kept_on is None:
        is_kept = st.button(
            say("registers.promise.mark_kept"), icon=":material/check:", type="primary",
            disabled=not can_write, key=sheet.key("kept"),
        )  # fmt: skip
        if is_kept:
            _write(each, sheet, "registers.promise.kept_said", kept_on=desk.today())
        with st.form(sheet.key()):
            to = st.date_input(
                say("registers.promise.new_day"), max(each.by, desk.today()),
                min_value=each.promised_on, key=registering.field(sheet, "to"),
                format="YYYY-MM-DD",
            )  # fmt: skip
            is_moved = st.form_submit_button(
                say("registers.promise.move"), disabled=not can_write,
                help=say("registers.promise.move_help"),
            )  # fmt: skip
        if is_moved and to != each.by:
            _write(each, sheet, "registers.promise.moved_said", renegotiated_on=desk.today(),
                   moved_to=to)  # fmt: skip
    elif each.id and st.button(
        say("registers.promise.reopen"), key=sheet.key("open"), disabled=not can_write
    ):
        _write(each, sheet, "registers.promise.reopened_said", kept_on=None)
    if each.id is None:
        blocks.caption(say("registers.promise.imported", id=each.promise_id or ""))
        return
    if st.button(
        say("registers.withdraw"), key=sheet.key("gone"), disabled=not can_write,
        type="tertiary", icon=":material/undo:", help=say("registers.promise.withdraw_help"),
    ):  # fmt: skip
        _write(each, sheet, "registers.withdrawn_said", state="withdrawn")
    sheet.merge(Promise, say("registers.promise.recorded"), _label, partial(_spoken, staff))
    registering.trail(Promise, each.id, _label, partial(_spoken, staff))


def _sheet(each: Promised) -> desk.Sheet:
    version = 0
    if each.id is not None:
        with desk.store().reading() as session:
            record = session.get(Promise, each.id)
            version = record.version if record else 0
    return desk.sheet(f"registers.promise.{_id(each)}", version)


def _write(each: Promised, sheet: desk.Sheet, said: str, **values: object) -> None:
    if each.id is not None:
        sheet.change(Promise, each.id, values, say(said))
        return
    sheet.save(partial(register.stand_for, imported=each, **values), say(said))  # type: ignore[arg-type]


def _label(name: str) -> str:
    known = {"due_on": "list.column.due_on", "kept_on": "list.column.kept_on",
             "promised_on": "list.column.promised_on"}  # fmt: skip
    return say(known.get(name, f"registers.field.{name}"))


def _spoken(staff: dict[str, str], name: str, value: object) -> str:
    if name == "employee_id":
        return registering.person(staff, str(value or ""))
    if name == "state":
        return say(f"registers.state.{value}")
    return merging.as_text(name, value)


def _by_employee(look: Look) -> None:
    """Show who keeps how many of the promises that fell due."""
    found = data.breakdown(*look.at, "promises", look.as_of, None, look.language)
    if found.missing or found.rows.empty:
        return
    rows = found.rows[found.rows.told_by == "employee_id"]
    if rows.empty:
        return
    staff = data.staff(look.home, look.version)
    shown = rows.assign(group=rows.group.map(lambda code: staff.get(code, code)))
    columns = {"group": Column(say("registers.field.employee_id"))}
    for name in ("due", "kept", "kept_late", "open"):
        columns[name] = Column(found.headings[name], "number")
    columns["kept_rate"] = Column(found.headings["kept_rate"], "percent")
    order = shown.sort_values(["kept_rate", "due"], ascending=[True, False])
    tables.show(
        say("registers.promise.by_employee"), order, columns, "registers.promises.by",
        caption=say("registers.promise.by_employee_about"), height=320,
    )  # fmt: skip
