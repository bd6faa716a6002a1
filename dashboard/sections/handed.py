"""One handover under way: first contacts, reassigning; and how many customers stayed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.desk import handovers as handing
from core.desk.handovers import Employee
from core.desk.kept import Kept
from core.store.records import Handover, Transfer
from dashboard import blocks, desk, merging, numbers, registering, tables
from dashboard import data_desk_registers as books
from dashboard.blocks import Card
from dashboard.session import Look, plain, say
from dashboard.tables import Column

WITHIN_DAYS = (90, 180)


def show(look: Look, made: Handover, people: Sequence[Employee], staff: dict[str, str]) -> None:
    """Show the customers of a handover, who has them now, and whether they were contacted."""
    with desk.store().reading() as session:
        rows = handing.transfers(session, made.id)
        here = handing.contacted_here(session, made.id)
    wanted = tuple(
        (each.customer_key, each.to_employee_id, each.assigned_on)
        for each in rows
        if each.to_employee_id and each.assigned_on
    )
    there = books.contacted_imported(*look.at, wanted)
    first = {
        each.customer_key: min(days)
        for each in rows
        if (days := [d for d in (here.get(each.customer_key), there.get(each.customer_key)) if d])
    }
    name = registering.person(staff, made.employee_id)
    st.markdown(f"##### {plain(say('registers.handover.of', name=name))}")
    blocks.cards(_cards(look, rows, first), in_a_row=5)
    if made.note:
        st.text(made.note)
    _table(look, made, rows, first, people, staff)
    _close(look, made)


def _cards(look: Look, rows: Sequence[Transfer], first: dict) -> list[Card]:
    today = desk.today()
    open_ones = [each for each in rows if each.customer_key not in first]
    told = {
        "assigned": len(rows),
        "contacted": len(first),
        "late": sum(each.contact_by < today for each in open_ones),
        "unassigned": sum(each.to_employee_id is None for each in rows),
    }
    return [
        Card(
            say(f"registers.handed.{name}"), numbers.whole(n, look.language),
            say(f"registers.handed.{name}_about"),
        )
        for name, n in told.items()
    ]  # fmt: skip


def _table(
    look: Look, made: Handover, rows: Sequence[Transfer], first: dict,
    people: Sequence[Employee], staff: dict[str, str],
) -> None:  # fmt: skip
    known = registering.named(look, [each.customer_key for each in rows])
    frame = pd.DataFrame(
        {
            "customer": [
                known[k].called if (k := each.customer_key) in known else str(k) for each in rows
            ],
            "to": [registering.person(staff, each.to_employee_id) for each in rows],
            "value": [None if each.value is None else float(each.value) for each in rows],
            "contact_by": [each.contact_by for each in rows],
            "first": [first.get(each.customer_key) for each in rows],
        }
    )
    money = say("table.money", heading=say("list.column.value"), currency=look.currency)
    columns = {
        "customer": Column(say("list.column.name")),
        "to": Column(say("registers.handover.to")),
        "value": Column(money, "money"),
        "contact_by": Column(say("registers.field.contact_by"), "date"),
        "first": Column(say("registers.handed.first"), "date"),
    }
    sheet = desk.sheet(f"registers.handed.{made.id}")
    st.caption(plain(say("registers.handed.table_about")))
    state: Any = st.dataframe(
        frame, key=sheet.key("rows"), hide_index=True, on_select="rerun",
        selection_mode="multi-row", placeholder=numbers.UNKNOWN, height=320,
        column_config={name: tables.column_of(column) for name, column in columns.items()},
    )  # fmt: skip
    chosen = [rows[place] for place in state["selection"]["rows"] if place < len(rows)]
    if not chosen or made.state != "open":
        return
    with st.form(sheet.key(), border=False):
        line = st.columns([2, 1], vertical_alignment="bottom")
        options = [e.employee_id for e in people if e.employee_id != made.employee_id]
        to = line[0].selectbox(
            say("registers.handed.to", n=numbers.whole(len(chosen), look.language)), options,
            index=None, format_func=lambda code: registering.person(staff, code),
            key=registering.field(sheet, "to"), placeholder=say("desk.who_placeholder"),
        )  # fmt: skip
        is_done = line[1].form_submit_button(
            say("registers.handed.reassign"), disabled=not registering.can_write()
        )
    if is_done and to:
        versions = {each.id: each.version for each in chosen}
        sheet.save(
            partial(
                handing.reassign, chosen=versions, to_employee_id=to, today=desk.today()
            ),
            say("registers.handed.reassigned", n=len(chosen)),
        )  # fmt: skip


def _close(look: Look, made: Handover) -> None:
    sheet = desk.sheet(f"registers.handover.close.{made.id}", made.version)
    if made.state == "open" and st.button(
        say("registers.handed.close"), key=sheet.key("close"),
        help=say("registers.handed.close_help"), disabled=not registering.can_write(),
    ):  # fmt: skip
        sheet.change(Handover, made.id, {"state": "closed"}, say("registers.handed.closed"))
    sheet.merge(Handover, say("registers.handed.closed"), _label, _spoken)
    registering.trail(Handover, made.id, _label, _spoken)


def _label(name: str) -> str:
    return say("list.column.employee_id" if name == "employee_id" else f"registers.field.{name}")


def _spoken(name: str, value: object) -> str:
    if name == "state":
        return say(f"registers.handover.{value}")
    return merging.as_text(name, value)


def kept(look: Look) -> None:
    """Show how many of the customers handed over stayed, beside like customers."""
    with desk.store().reading() as session:
        made = tuple(handing.assigned_transfers(session))
    if not made:
        return
    st.markdown(f"##### {plain(say('registers.kept.title'))}")
    with st.skeleton(height=120):
        found = [books.kept_after(*look.at, made, days) for days in WITHIN_DAYS]
    read = [(each, name) for each in found for name in ("bought", "active")
            if getattr(each, name).get("customers")]  # fmt: skip
    if not read:
        day = numbers.day(found[0].readable_on, look.language)
        blocks.caption(say("registers.kept.not_yet", day=day, days=WITHIN_DAYS[0]))
        return
    blocks.cards([_kept_card(look, each, name) for each, name in read])
    blocks.caption(say("registers.kept.about"))


def _kept_card(look: Look, each: Kept, name: str) -> Card:
    row = getattr(each, name)
    like = row["like_rate"]
    return Card(
        say(f"registers.kept.{name}", days=each.days),
        numbers.percent(row["rate"], look.language), say(f"registers.kept.{name}_about"),
        note=say(
            "card.interval", low=numbers.percent(row["low"], look.language),
            high=numbers.percent(row["high"], look.language),
            n=numbers.whole(row["customers"], look.language),
        ),
        remark=say(
            "registers.kept.like", rate=numbers.percent(like, look.language),
            n=numbers.whole(row["like_customers"], look.language),
        ),
    )  # fmt: skip
