"""Handing over the customers of an employee who leaves: whom, to whom, and whether they stayed."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.desk import handovers as handing
from core.desk.handovers import Assigned, Employee
from core.figures.tiers import tier_title
from core.store.records import Handover
from dashboard import address, blocks, data, desk, empty, numbers, registering, tables
from dashboard import data_desk_registers as books
from dashboard.blocks import Card
from dashboard.registering import RECORD
from dashboard.sections import handed
from dashboard.session import Look, plain, say
from dashboard.tables import Column

_IN_DAYS = 7  # after the last day, for the first contact
_EDITED = 500  # rows that are assigned one by one; more go as proposed


def show(look: Look) -> None:
    """Show the handovers, and one of them or the form for a new one."""
    people = books.staff(*look.at)
    if not people:
        empty.missing(["employees"])
        return
    with desk.store().reading() as session:
        made = handing.handovers(session)
        held = address.held(RECORD)
        chosen = session.get(Handover, held) if held else None
    staff = {each.employee_id: each.name or each.employee_id for each in people}
    if made:
        _list(look, made, staff)
    if chosen is None:
        _new(look, people, staff)
    else:
        registering.leave(say("registers.handover.new"))
        handed.show(look, chosen, people, staff)
    handed.kept(look)


def _list(look: Look, made: Sequence[Handover], staff: dict[str, str]) -> None:
    frame = pd.DataFrame(
        {
            "employee": [registering.person(staff, each.employee_id) for each in made],
            "leaves_on": [each.leaves_on for each in made],
            "contact_by": [each.contact_by for each in made],
            "state": [say(f"registers.handover.{each.state}") for each in made],
        }
    )
    columns = {
        "employee": Column(say("list.column.employee")),
        "leaves_on": Column(say("registers.field.leaves_on"), "date"),
        "contact_by": Column(say("registers.field.contact_by"), "date"),
        "state": Column(say("registers.field.state")),
    }
    title = say("registers.handover.n", n=numbers.whole(len(made), look.language))
    registering.listed(title, frame, [e.id for e in made], columns, "registers.handovers", 180)


def _new(look: Look, people: Sequence[Employee], staff: dict[str, str]) -> None:
    st.markdown(f"##### {plain(say('registers.handover.new'))}")
    left, right = st.columns([2, 1])
    with left:
        key = st.selectbox(
            say("registers.handover.who"), [each.employee_id for each in people], index=None,
            format_func=lambda code: _called(look, people, code), key="registers.handover.who",
            placeholder=say("registers.handover.choose"),
        )  # fmt: skip
    if key is None:
        blocks.caption(say("registers.handover.about"))
        _exposed(look)
        return
    leaver = next(each for each in people if each.employee_id == key)
    today = desk.today()
    with right:
        leaves_on = st.date_input(
            say("registers.field.leaves_on"), leaver.left_on or today + timedelta(days=14),
            min_value="1970-01-01", key=f"registers.handover.day.{key}", format="YYYY-MM-DD",
        )  # fmt: skip
    with st.skeleton(height=300):
        rows = books.customers_left(*look.at, leaver, leaves_on)
    every = rows.to_pylist()
    active = [row for row in every if row["is_active"]]
    blocks.cards(_stake(look, active), in_a_row=5)
    if gone := len(every) - len(active):
        blocks.caption(say("registers.handover.lost", n=numbers.whole(gone, look.language)))
    if not active:
        blocks.nothing(say("registers.handover.nobody"), say("registers.handover.nobody_about"))
        return
    _assign(look, active, people, staff, leaver, leaves_on)


def _exposed(look: Look) -> None:
    """Show on whom most depends, so that a handover is prepared before it is needed."""
    with st.skeleton(height=300):
        found = data.listing(*look.at, "dependency", look.as_of, look.language)
    if not found.missing:
        tables.told(
            found, "registers.exposed", title=say("registers.handover.exposed"), height=320,
            columns=("employee", "branch", "has_left", "customers", "uses_nobody_else", "value",
                     "share_of_branch"),
        )  # fmt: skip


def _called(look: Look, people: Sequence[Employee], code: str) -> str:
    each = next(e for e in people if e.employee_id == code)
    parts = [each.name or code, each.branch]
    if each.left_on is not None:
        parts.append(say("registers.handover.left", day=numbers.day(each.left_on, look.language)))
    return say("card.join").join(part for part in parts if part)


def _stake(look: Look, rows: Sequence[dict]) -> list[Card]:
    """Return what is at stake: customers, their value, and those who know nobody else."""
    dependent = [row for row in rows if row["is_dependent"]]
    alone = [row for row in rows if row["second_id"] is None]
    told = (("customers", rows), ("dependent", dependent), ("alone", alone))
    cards = []
    for name, found in told:
        value = sum((row["value"] or Decimal(0) for row in found), Decimal(0))
        cards.append(
            Card(
                say(f"registers.handover.{name}"), numbers.whole(len(found), look.language),
                say(f"registers.handover.{name}_about"),
                remark=say(
                    "registers.handover.value",
                    value=numbers.short_money(value, look.currency, look.language),
                ),
            )
        )  # fmt: skip
    return cards


def _assign(
    look: Look, rows: Sequence[dict], people: Sequence[Employee], staff: dict[str, str],
    leaver: Employee, leaves_on: date,
) -> None:  # fmt: skip
    today = desk.today()
    proposed = handing.proposed(rows, people, leaver, max(leaves_on, today))
    here = [e for e in people if e.employee_id != leaver.employee_id and _stays(e, today)]
    known = registering.named(look, [row["customer_key"] for row in rows[:_EDITED]])
    labels = _labels(here)
    back = {label: code for code, label in labels.items()}
    frame = _frame(look, rows[:_EDITED], known, staff, proposed, labels)
    title = say("registers.handover.assign", n=numbers.whole(len(rows), look.language))
    st.markdown(f"##### {plain(title)}")
    blocks.caption(say("registers.handover.assign_about"))
    sheet = desk.sheet(f"registers.handover.{leaver.employee_id}")
    can_write = registering.can_write()
    with st.form(sheet.key(), border=False):
        edited = st.data_editor(
            frame, key=registering.field(sheet, "rows"), hide_index=True, height=380,
            disabled=[name for name in frame.columns if name != "to"],
            column_config=_columns(look, list(back)), placeholder=numbers.UNKNOWN,
        )  # fmt: skip
        row = st.columns([1, 2], vertical_alignment="bottom")
        contact_by = row[0].date_input(
            say("registers.field.contact_by"), max(leaves_on, today) + timedelta(days=_IN_DAYS),
            min_value=today, key=registering.field(sheet, "by"), format="YYYY-MM-DD",
        )  # fmt: skip
        note = row[1].text_input(
            say("registers.field.note"), key=registering.field(sheet, "note"), max_chars=1_000
        )
        is_done = st.form_submit_button(
            say("registers.handover.record"), type="primary", disabled=not can_write
        )
    if len(rows) > _EDITED:
        blocks.caption(say("registers.handover.more", n=numbers.whole(_EDITED, look.language)))
    if is_done:
        chosen = [back.get(label) for label in edited["to"].tolist()]
        chosen += [proposed[row["customer_key"]] for row in rows[_EDITED:]]
        assigned = [
            Assigned(row["customer_key"], to, row["value"])
            for row, to in zip(rows, chosen, strict=True)
        ]
        sheet.save(
            partial(
                handing.hand_over, employee_id=leaver.employee_id, leaves_on=leaves_on,
                contact_by=contact_by, note=note, assigned=assigned, today=today,
            ),
            say("registers.handover.recorded", n=len(assigned)),
        )  # fmt: skip


def _stays(employee: Employee, day: date) -> bool:
    return employee.left_on is None or employee.left_on > day


def _labels(people: Sequence[Employee]) -> dict[str, str]:
    """Return what each employee is called in the table; two of one name with their numbers."""
    names = [each.name or each.employee_id for each in people]
    return {
        each.employee_id: f"{name} ({each.employee_id})" if names.count(name) > 1 else name
        for each, name in zip(people, names, strict=True)
    }


def _frame(
    look: Look, rows: Sequence[dict], known: dict, staff: dict[str, str],
    proposed: dict[int, str | None], labels: dict[str, str],
) -> pd.DataFrame:  # fmt: skip
    names = data.tier_names(*look.at)
    return pd.DataFrame(
        {
            "customer": [
                known[k].called if (k := row["customer_key"]) in known else str(k) for row in rows
            ],
            "to": [labels.get(proposed[row["customer_key"]] or "") for row in rows],
            "tier_name": [
                tier_title(names, row["tier_name"], look.language) if row["tier_name"] else None
                for row in rows
            ],
            "value": [float(row["value"] or 0) for row in rows],
            "own": [
                say("registers.handover.own", own=row["own_events"], events=row["events"])
                if row["events"] else None
                for row in rows
            ],
            "second": [
                registering.person(staff, row["second_id"]) if row["second_id"] else None
                for row in rows
            ],
            "own_last_on": [row["own_last_on"] for row in rows],
        }
    )  # fmt: skip


def _columns(look: Look, options: list[str]) -> dict[str, Any]:
    money = say("table.money", heading=say("list.column.value"), currency=look.currency)
    columns = {
        "customer": Column(say("list.column.name")),
        "tier_name": Column(say("list.column.tier_name")),
        "value": Column(money, "money"),
        "own": Column(say("registers.handover.own_heading")),
        "second": Column(say("registers.handover.second")),
        "own_last_on": Column(say("list.column.own_last_on"), "date"),
    }
    made: dict[str, Any] = {name: tables.column_of(column) for name, column in columns.items()}
    made["to"] = st.column_config.SelectboxColumn(
        say("registers.handover.to"), options=options, required=False, width="medium"
    )
    return made
