"""Whom to keep in touch with: cheap greetings every so many days, and the log of them."""

import json
from datetime import date, datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute
import streamlit as st
from sqlalchemy.orm import Session

from core.desk import cases
from core.desk import waves as kept
from core.desk.judging import Terms
from core.desk.keeping import CHANNELS, EVERY_DAYS
from core.store.records import Contact, Wave
from dashboard import blocks, data_desk_winback, desk, filters, numbers, tables
from dashboard.blocks import Card, Column
from dashboard.session import Look, plain, say
from dashboard.winback import fields

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
CADENCES = (30, 60, EVERY_DAYS, 180, 365)
MOST = 500
_COLUMNS = (
    "customer_id", "name", "tier_name", "value", "why", "greet_on", "greeted_on", "last_on",
    "manager", "branch",
)  # fmt: skip


def show(look: Look, day: date) -> None:
    """Show the list, the most valuable of those due first."""
    every = int(filters.choice(
        "every", [str(days) for days in CADENCES],
        lambda code: say("winback.keep.every", n=code), title=say("winback.keep.cadence"),
        default=str(EVERY_DAYS),
    ))  # fmt: skip
    with desk.store().reading() as session:
        known = [each.wave for each in kept.waves(session) if each.wave.programme == "win_back"]
    last = known[0] if known else Wave(assumptions={}, cost_per_contact=0, incentive=0,
                                       horizon_days=90)  # fmt: skip
    cost, incentive = float(last.cost_per_contact), float(last.incentive)
    assumed = json.dumps(Terms.of(last.assumptions, cost, incentive).as_plain(), sort_keys=True)
    with st.skeleton(height=500):
        rows = data_desk_winback.to_keep(
            *look.at, day, last.horizon_days, assumed, cost, incentive, every
        )
    if not rows.num_rows:
        blocks.nothing(say("winback.keep.none"), say("winback.keep.none_advice"))
        return
    due = pc.less_equal(rows["greet_on"], desk.today())
    n_due = pc.sum(due).as_py() or 0
    _cards(look, rows, n_due)
    _table(look, rows)


def _cards(look: Look, rows: pa.Table, n_due: int) -> None:
    def card(name: str, n: int) -> Card:
        return Card(say(f"winback.keep.{name}"), numbers.whole(n, look.language),
                    say(f"winback.about.keep_{name}"))  # fmt: skip

    why = {row["values"]: row["counts"] for row in pc.value_counts(rows["why"]).to_pylist()}
    blocks.cards([
        card("all", rows.num_rows), card("due", n_due),
        *(card(name, why.get(name, 0)) for name in ("keep_in_touch", "declined", "let_go")),
    ])  # fmt: skip


def _table(look: Look, rows: pa.Table) -> None:
    shown = rows.slice(0, MOST)
    _, staff = fields.owners(look)
    table = shown.select(_COLUMNS)
    for name, said in (
        ("tier_name", partial(fields.tier, look)), ("why", lambda c: say(f"winback.keep.why.{c}")),
        ("manager", partial(fields.owner, staff)),
    ):  # fmt: skip
        values = [said(code) if code else None for code in table[name].to_pylist()]
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(values, pa.string()))
    kinds: dict[str, tables.Kind] = {
        "value": "money", "greet_on": "date", "greeted_on": "date", "last_on": "date"
    }  # fmt: skip
    labels = {name: say(f"winback.column.{name}") for name in _COLUMNS}
    labels["value"] = say("table.money", heading=labels["value"], currency=look.currency)
    columns = {name: Column(labels[name], kinds.get(name, "text")) for name in _COLUMNS}
    key = f"winback.keep.{hash(tuple(shown['customer_key'].to_pylist())):x}"
    whole, some = (numbers.whole(n, look.language) for n in (rows.num_rows, shown.num_rows))
    st.caption(plain(say("winback.keep.how", shown=some, n=whole)))
    chosen: Any = st.dataframe(
        table, key=key, hide_index=True, placeholder=numbers.UNKNOWN,
        height=min(420, 38 + 35 * shown.num_rows),
        column_config={name: tables.column_of(each) for name, each in columns.items()},
        on_select="rerun", selection_mode="multi-row", alt=say("winback.keep.title"),
    )  # fmt: skip
    places = [place for place in chosen["selection"]["rows"] if place < shown.num_rows]
    if places:
        _greeted(shown["customer_key"].take(places).to_pylist())


def _greeted(keys: list[int]) -> None:
    """Draw the log of a greeting that was sent to those chosen."""
    form = desk.sheet("winback.greeting")
    with (
        st.form(form.key(), border=True),
        st.container(horizontal=True, gap="small", vertical_alignment="bottom"),
    ):
        how = st.segmented_control(
            say("winback.log.channel"), CHANNELS, format_func=fields.channel, required=True,
            key=fields.field(form, "channel", CHANNELS[0]),
        )  # fmt: skip
        is_done = fields.submit(say("winback.keep.greeted", n=len(keys)))
        is_opened = fields.submit(say("winback.keep.open", n=len(keys)), is_first=False)
    if is_opened:
        make = partial(cases.open_cases, keys=keys, owner=desk.me(), today=desk.today())
        form.save(make, say("winback.keep.opened"))
    if is_done:
        do = partial(_log, keys=keys, channel=how or CHANNELS[0], by=desk.me(), moment=desk.now())
        form.save(do, say("winback.keep.logged", n=len(keys)))


def _log(session: Session, keys: list[int], channel: str, by: str, moment: datetime) -> int:
    session.add_all(
        Contact(customer_key=key, employee_id=by, contacted_at=moment, channel=channel,
                purpose="greeting", is_reached=False)
        for key in keys
    )  # fmt: skip
    return len(keys)
