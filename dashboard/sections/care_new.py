"""Forms of the care board that begin with no card: a contact with anybody, a task."""

from datetime import date, datetime
from functools import partial

import streamlit as st

from core.desk import contacts, plans, tasks
from core.desk.contacts import PURPOSES
from dashboard import data_card, desk
from dashboard.desk import Sheet
from dashboard.sections import care_forms as forms
from dashboard.session import Look, plain, say


def open_buttons(look: Look) -> None:
    """Draw the buttons that log a contact with anybody, and that add a task."""
    if st.button(say("care.log_other"), icon=":material/add_call:", key="care.log_other"):
        forms.opened(say("care.log_other"), lambda: _log_other(look))
    if st.button(say("care.add_task"), icon=":material/add_task:", key="care.add_task"):
        forms.opened(say("care.add_task"), lambda: add_task(look))


def customer(look: Look, key: str) -> int | None:
    """Draw the search for a customer, and return the number of the one chosen."""
    text = st.text_input(
        say("care.field.customer"), key=f"{key}.text", placeholder=say("card.search.placeholder"),
        icon=":material/search:", max_chars=200,
    )  # fmt: skip
    if not (text or "").strip():
        return None
    hits = data_card.found(look.home, look.version, (look.refresh, None), (), text, look.as_of)
    if not hits.first:
        st.caption(plain(say("card.search.none")))
        return None
    names = {hit.customer_key: _called(hit.name, hit.customer_id, hit.branch) for hit in hits.first}
    return st.selectbox(
        say("care.field.which"), list(names), key=f"{key}.which", format_func=names.__getitem__
    )


def _called(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _log_other(look: Look) -> None:
    sheet = desk.sheet("care.other")
    chosen = customer(look, sheet.key("customer"))
    if chosen is None:
        return
    _warn(look, chosen)
    with forms.reading(look) as session:
        every = plans.plans(session, "running") if session else []
    running = {plan.id: plan.theme for plan in every}
    if not desk.me():
        st.caption(say("care.say_who"))
    with st.form(sheet.key(), border=False):
        on, purpose, plan_id = _about(sheet, running)
        channel, is_reached = forms.how(sheet)
        found, who = forms.what_came(sheet), desk.me()
        is_sent = st.form_submit_button(say("care.send.log"), type="primary", disabled=not who)
    if is_sent:
        at = datetime.combine(on, desk.now().time())
        write = partial(
            contacts.log, contact_id=sheet.nonce, customer_key=chosen, at=at, employee=who,
            channel=channel, purpose=purpose, is_reached=is_reached, told=found, plan_id=plan_id,
        )  # fmt: skip
        sheet.save(write, say("care.saved"))


def _about(sheet: Sheet, running: dict[str, str]) -> tuple[date, str, str | None]:
    """Draw when it was, what for, and for which plan."""
    with st.container(horizontal=True):
        on = st.date_input(
            say("care.field.on"), desk.today(), key=sheet.key("on"), max_value=desk.today(),
            width=150,
        )  # fmt: skip
        purpose = st.selectbox(
            say("care.field.purpose"), PURPOSES, key=sheet.key("purpose"), width=160,
            index=PURPOSES.index("care"), format_func=lambda code: say(f"care.purpose.{code}"),
        )  # fmt: skip
        plan_id = st.selectbox(
            say("care.field.plan"), list(running), key=sheet.key("plan"), index=None, width=180,
            format_func=running.__getitem__, placeholder=say("care.no_plan"),
        )  # fmt: skip
    return on, purpose, plan_id


def _warn(look: Look, customer_key: int) -> None:
    """Say what must be known before somebody calls."""
    _, refused = forms.known(look, (customer_key,))
    held = {}
    with forms.reading(look) as session:
        if session is not None:
            held = contacts.held_out(session, (customer_key,))
            refused = refused | contacts.refused(session, (customer_key,))
    if customer_key in refused:
        st.warning(plain(say("care.refused_long")), icon=":material/block:")
    if theme := held.get(customer_key):
        st.warning(plain(say("care.control_of", theme=theme)), icon=":material/science:")


def add_task(look: Look) -> None:
    """Draw the form of a task that somebody writes."""
    sheet = desk.sheet("care.task")
    if not desk.me():
        st.caption(say("care.say_who"))
    is_about = st.toggle(say("care.field.about_customer"), key=sheet.key("about"))
    chosen = customer(look, sheet.key("customer")) if is_about else None
    with st.form(sheet.key(), border=False):
        title = st.text_input(
            say("care.field.task"), key=sheet.key("title"), max_chars=forms.LONGEST
        )
        with st.container(horizontal=True):
            is_dated = st.radio(
                say("care.field.when"), [True, False], key=sheet.key("dated"), horizontal=True,
                format_func=lambda yes: say("care.on_day" if yes else "care.in_month"),
            )  # fmt: skip
            on = st.date_input(say("care.field.on"), desk.today(), key=sheet.key("on"), width=150)
        is_sent = st.form_submit_button(
            say("care.send.task"), type="primary", disabled=not desk.me()
        )
    if is_sent:
        values = {
            "id": sheet.nonce, "title": title.strip(), "customer_key": chosen, "owner": desk.me(),
            "due_on": on if is_dated else None, "month": on.replace(day=1),
        }  # fmt: skip
        sheet.save(partial(tasks.add, values=values), say("care.saved"))
