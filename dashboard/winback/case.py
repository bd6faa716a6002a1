"""One case: what is known of the customer, what is to be done, what was said, who changed what."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.desk import cases as kept
from core.desk.cases import CHANNELS, OPEN, PURPOSES, STAGES
from core.exports.spoken import coded
from core.store import changing
from core.store.records import Case, Contact
from dashboard import address, blocks, data_desk_winback, desk, numbers
from dashboard.blocks import Column
from dashboard.drill import CARD
from dashboard.session import Look, plain, say
from dashboard.winback import fields

_FIELDS = ("stage", "owner", "next_step", "next_on", "cause", "evidence", "notes")


def show(look: Look, day: date, id: str) -> None:
    """Show a case, or that there is none."""
    rows = data_desk_winback.case_rows(*look.at[:3], (), STAGES, day)
    found = [row for row in rows.to_pylist() if row["id"] == id]
    if st.button(say("winback.case.back"), icon=":material/arrow_back:", type="tertiary"):
        address.drop("case")
        st.rerun()
    if not found:
        blocks.nothing(say("winback.case.gone"), say("winback.case.gone_advice"))
        return
    (row,) = found
    with desk.store().reading() as session:
        case = changing.get(session, Case, id)
        said = kept.contacts(session, id)
        past = changing.history(session, Case, id)
    _head(look, row)
    left, middle, right = st.columns([4, 5, 5], gap="medium")
    with left:
        _known(look, day, row, said)
    with middle:
        _form(look, case)
    with right:
        _log(case, row)
    _history(look, past)


def _head(look: Look, row: Mapping[str, Any]) -> None:
    parts = [f"### {plain(row['name'] or row['customer_id'] or numbers.UNKNOWN)}"]
    if row["name"] and row["customer_id"]:
        parts.append(f":small[:gray[{plain(row['customer_id'])}]]")
    parts.append(f":blue-badge[{plain(fields.tier(look, row['tier_name']))}]")
    parts.append(f":gray-badge[{plain(fields.stage(row['stage']))}]")
    if row["may_contact"] is False:
        parts.append(f":orange-badge[:material/block: {plain(say('card.not_to_contact'))}]")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(" ".join(parts), width="content")
        st.page_link(
            CARD, label=say("page.card.title"), icon=":material/contact_page:",
            query_params=address.link(customer=str(row["customer_key"])),
        )  # fmt: skip
    if row["theme"]:
        st.caption(plain(say("winback.case.of_wave", theme=row["theme"],
                             day=numbers.day(row["opened_on"], look.language))))  # fmt: skip


def _known(look: Look, day: date, row: Mapping[str, Any], said: Sequence[Contact]) -> None:
    """Show what the books know: worth, silence, cause; and whether an order came since."""
    spoken = look.language

    def money(value: float | None) -> str:
        return numbers.money(value, look.currency, spoken)

    silence = row["silence_days"]
    facts = [
        ("value", money(row["value"])), ("worth", money(row["worth"])),
        ("verdict", say(f"winback.verdict.{row['verdict']}") if row["verdict"] else "–"),
        ("last_on", numbers.day(row["last_on"], spoken)),
        ("silence", say("winback.case.days", n=silence) if silence is not None else "–"),
        ("cause", fields.cause(row["cause"])), ("branch", row["branch"] or "–"),
    ]  # fmt: skip
    with st.container(border=True, gap="small"):
        st.markdown(f"##### {plain(say('winback.case.known'))}")
        fields.lines([(say(f"winback.column.{name}"), text) for name, text in facts])
        until = numbers.day(day, spoken)
        if row["bought_on"] is not None:
            bought = numbers.day(row["bought_on"], spoken)
            st.success(plain(say("winback.case.bought", day=bought, net=money(row["net"]))),
                       icon=":material/shopping_cart:")  # fmt: skip
        else:
            text = "not_known" if day < row["opened_on"] else "not_bought"
            st.info(plain(say(f"winback.case.{text}", until=until,
                              day=numbers.day(row["opened_on"], spoken))))  # fmt: skip
    if said:
        with st.container(border=True, gap="small"):
            st.markdown(f"##### {plain(say('winback.case.contacts'))}")
            for each in said[:8]:
                st.text(_contact(look, each))


def _contact(look: Look, each: Contact) -> str:
    reached = say("winback.log.reached" if each.is_reached else "winback.log.not_reached")
    head = (numbers.day(each.contacted_at.date(), look.language), fields.channel(each.channel))
    said = [each.learned, each.opportunity, each.next_step]
    return say("card.join").join([*head, reached, *(text for text in said if text)])


def _form(look: Look, case: Case) -> None:
    """Draw what the owner decides. Won is what the owner says; a return is read from orders."""
    form = desk.sheet(f"winback.case.{case.id}", case.version)
    options, staff = fields.owners(look, case.owner)
    label = fields.labels
    with st.form(form.key(), border=True):
        st.markdown(f"##### {plain(say('winback.case.title'))}")
        stage = st.segmented_control(
            label("stage"), STAGES, format_func=fields.stage, required=True,
            key=fields.field(form, "stage", case.stage), help=say("winback.about.stage"),
        )  # fmt: skip
        owner = st.selectbox(
            label("owner"), options, format_func=partial(fields.owner, staff),
            key=fields.field(form, "owner", case.owner),
        )  # fmt: skip
        step, on = _next(form, case.next_step, case.next_on)
        wide, small = st.columns([3, 2], gap="small")
        cause = wide.selectbox(
            label("cause"), fields.CAUSES, key=fields.field(form, "cause", case.cause),
            format_func=fields.cause, placeholder=say("winback.case.no_cause"),
        )  # fmt: skip
        evidence = small.selectbox(
            label("evidence"), fields.EVIDENCE, placeholder=numbers.UNKNOWN,
            key=fields.field(form, "evidence", case.evidence),
            format_func=lambda code: coded("evidence", code, "", look.language),
        )  # fmt: skip
        notes = st.text_area(
            label("notes"), key=fields.field(form, "notes", case.notes), max_chars=10_000,
            height=80,
        )  # fmt: skip
        is_done = fields.submit(say("winback.case.save"))
    if is_done:
        typed = {
            "stage": stage, "owner": owner, "next_step": step, "next_on": on,
            "cause": cause, "evidence": evidence if cause else None, "notes": notes.strip(),
        }  # fmt: skip
        values = fields.written(form, typed)
        if "stage" in values:
            values["stage_since"] = desk.today()
        if {"cause", "evidence"} & values.keys():
            values["cause_on"] = desk.today() if cause else None
        form.change(Case, case.id, values, say("winback.case.saved"))
    form.merge(Case, say("winback.case.saved"), fields.labels, fields.spoken)


def _log(case: Case, row: Mapping[str, Any]) -> None:
    """Draw the log of a contact; its next step becomes that of the case."""
    form = desk.sheet(f"winback.log.{case.id}")
    with st.form(form.key(), border=True):
        st.markdown(f"##### {plain(say('winback.log.title'))}")
        if row["may_contact"] is False:
            st.warning(say("winback.log.refused"), icon=":material/block:")
        how = st.segmented_control(
            say("winback.log.channel"), CHANNELS, format_func=fields.channel, required=True,
            key=fields.field(form, "channel", CHANNELS[0]),
        )  # fmt: skip
        wide, small = st.columns([3, 2], gap="small")
        reached = wide.segmented_control(
            say("winback.log.result"), (True, False), required=True,
            format_func=lambda is_reached: say(
                "winback.log.reached" if is_reached else "winback.log.not_reached"
            ),
            key=fields.field(form, "reached", True),
        )  # fmt: skip
        about = small.selectbox(
            say("winback.log.purpose"), PURPOSES, format_func=fields.purpose,
            key=fields.field(form, "purpose", PURPOSES[0]),
        )  # fmt: skip
        learned = st.text_area(
            say("winback.log.learned"), key=fields.field(form, "learned", ""), max_chars=10_000,
            height=80,
        )  # fmt: skip
        opportunity = st.text_input(
            say("winback.log.opportunity"), key=fields.field(form, "opportunity", ""),
            max_chars=2_000,
        )  # fmt: skip
        step, on = _next(form, "", None)
        is_done = fields.submit(say("winback.log.save"))
    typed = {
        "channel": how, "reached": reached, "purpose": about, "learned": learned.strip(),
        "opportunity": opportunity.strip(), "next_step": step, "next_on": on,
    }  # fmt: skip
    if is_done:
        contact = {
            "employee_id": desk.me(), "channel": how, "purpose": about, "is_reached": bool(reached),
            "learned": typed["learned"], "opportunity": typed["opportunity"],
            "next_step": step, "next_on": on if case.stage in OPEN else None,
        }  # fmt: skip
        do = partial(kept.log, case_id=case.id, contact=contact, moment=desk.now())
        form.save(do, say("winback.log.saved"))


def _next(form: desk.Sheet, step: str, on: date | None) -> tuple[str, date | None]:
    """Draw the next step and its day, side by side."""
    wide, small = st.columns([5, 4], gap="small")
    typed = wide.text_input(
        fields.labels("next_step"), key=fields.field(form, "next_step", step), max_chars=500
    )
    chosen = small.date_input(
        fields.labels("next_on"), key=fields.field(form, "next_on", on), format="YYYY-MM-DD"
    )
    return typed.strip(), chosen


def _history(look: Look, past: Sequence[Any]) -> None:
    """Show who changed what, the newest first."""
    if not past:
        return
    rows = []
    for each in reversed(past):
        for name in sorted({*each.before, *each.after}):
            if name not in _FIELDS:
                continue
            rows.append({
                "at": each.at, "by": fields.owner(fields.owners(look)[1], each.by),
                "field": fields.labels(name),
                "before": fields.spoken(name, each.before.get(name)),
                "after": fields.spoken(name, each.after.get(name)),
            })  # fmt: skip
    if not rows:
        return
    columns = {
        name: Column(say(f"winback.history.{name}"), "moment" if name == "at" else "text")
        for name in rows[0]
    }
    blocks.table(say("winback.history.title"), pd.DataFrame(rows), columns, "winback.history")
