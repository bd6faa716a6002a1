"""Contacts on the care board: what was logged, by whom, and how much of it left nothing behind."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy.orm import Session

from core.desk import contacts
from core.desk.cards import week_of
from core.desk.contacts import Summary
from core.store.records import Contact
from dashboard import address, data, desk, filters, numbers, tables
from dashboard.empty import nothing
from dashboard.sections import care_forms as forms
from dashboard.sections import care_new
from dashboard.session import Look, plain, say
from dashboard.tables import Column, Kind, Width

PAGE = 50
_WIDTHS: dict[str, Width] = {"who": "medium", "what": "large"}
PERIODS = ("week", "four_weeks", "year")
CHURN = "dashboard/pages/churn.py"


def show(look: Look) -> None:
    """Show what was logged in a period: by employee, then each contact."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        period = filters.choice(
            "period", PERIODS, lambda code: say(f"care.contacts.{code}"),
            title=say("care.contacts.period"), default="four_weeks",
        )  # fmt: skip
        st.space("stretch")
        care_new.open_buttons(look)
    today = desk.today()
    since = {
        "week": week_of(today)[0],
        "four_weeks": today - timedelta(days=27),
        "year": today - timedelta(days=364),
    }[period]
    with forms.reading(look) as session:
        found = contacts.summaries(session, since, today) if session else []
        if session is None or not found:
            nothing(say("care.contacts.title_none"), say("care.contacts.none"))
            _to_churn()
            return
        _by_employee(look, found)
        _to_churn()
        _log(look, session, since)


def _to_churn() -> None:
    st.page_link(
        CHURN, label=say("care.contacts.to_churn"), icon=":material/arrow_forward:",
        query_params=address.link(section="care"),
    )  # fmt: skip


def _by_employee(look: Look, found: Sequence[Summary]) -> None:
    staff = data.staff(look.home, look.version)
    every = contacts.whole(found)
    rate = numbers.percent(every.reached / every.contacts, look.language, 0)
    title = say(
        "care.contacts.title", n=numbers.whole(every.contacts, look.language), rate=rate,
        empty=numbers.whole(every.empty, look.language),
        reached=numbers.whole(every.reached, look.language),
    )  # fmt: skip
    rows = pd.DataFrame(
        {
            "employee": [staff.get(each.employee, each.employee) for each in found],
            "contacts": [each.contacts for each in found],
            "reached": [each.reached for each in found],
            "learned": [each.learned for each in found],
            "opportunities": [each.opportunities for each in found],
            "empty": [each.empty for each in found],
            "empty_rate": [each.empty / each.reached if each.reached else None for each in found],
        }
    ).astype({"empty_rate": "float64"})
    kinds: dict[str, Kind] = {"employee": "text", "empty_rate": "percent"}
    columns = {
        name: Column(say(f"care.contacts.{name}"), kinds.get(name, "number"))
        for name in rows.columns
    }
    tables.show(title, rows, columns, "care_by_employee", caption=say("care.contacts.by_employee"))


def _log(look: Look, session: Session, since: date) -> None:
    st.markdown(f"##### {plain(say('care.contacts.log'))}")
    place = st.container()
    _, n = contacts.logged(session, since=since, most=1)
    page = 1
    if n > PAGE:
        page = st.pagination(-(-n // PAGE), key="care.page")
    skip = (page - 1) * PAGE
    rows, _ = contacts.logged(session, since=since, skip=skip, most=PAGE)
    with place:
        _rows(look, rows)
        first, last = (numbers.whole(each, look.language) for each in (skip + 1, skip + len(rows)))
        whole = numbers.whole(n, look.language)
        st.caption(plain(say("care.contacts.page", from_n=first, to_n=last, n=whole)))
    _withdraw(look, rows)


def _rows(look: Look, rows: Sequence[Contact]) -> None:
    people, _ = forms.known(look, tuple(sorted({each.customer_key for each in rows})))
    staff = data.staff(look.home, look.version)
    shown = pd.DataFrame(
        {
            "when": [each.contacted_at for each in rows],
            "who": [_called(people, each) for each in rows],
            "employee": [staff.get(each.employee_id, each.employee_id) for each in rows],
            "channel": [say(f"care.channel.{each.channel}") for each in rows],
            "purpose": [say(f"care.purpose.{each.purpose}") if each.purpose else None
                        for each in rows],
            "is_reached": [each.is_reached for each in rows],
            "what": [_what(each) for each in rows],
            "state": [say(f"care.state.{each.state}") for each in rows],
        }
    )  # fmt: skip
    kinds: dict[str, Kind] = {"when": "moment", "is_reached": "flag"}
    config = {
        name: tables.column_of(
            Column(
                say(f"care.contacts.{name}"), kinds.get(name, "text"),
                width=_WIDTHS.get(name),
            )
        )
        for name in shown.columns
    }  # fmt: skip
    st.dataframe(shown, key="care_log", hide_index=True, column_config=config, placeholder="–")


def _called(people: dict, each: Contact) -> str:
    who = people.get(each.customer_key)
    return who.called if who is not None else str(each.customer_key)


def _what(each: Contact) -> str | None:
    if not each.is_reached:
        return None
    parts = [each.learned, each.opportunity, each.next_step]
    return say("care.dot").join(part for part in parts if part) or say("care.contacts.without")


def _withdraw(look: Look, rows: Sequence[Contact]) -> None:
    """Let somebody take back what they logged by mistake."""
    own = {
        each.id: each for each in rows if each.created_by == desk.me() and each.state == "stands"
    }
    if not own:
        return
    with st.popover(say("care.contacts.withdraw"), icon=":material/undo:", type="tertiary"):
        st.caption(say("care.contacts.withdraw_help"))
        people, _ = forms.known(look, tuple(sorted({each.customer_key for each in rows})))
        names = {
            id: f"{each.contacted_at:%m-%d %H:%M} · {_called(people, each)}"
            for id, each in own.items()
        }
        sheet = desk.sheet("care.withdraw")
        with st.form(sheet.key(), border=False):
            chosen = st.selectbox(
                say("care.contacts.withdraw_which"), list(names), key=sheet.key("which"),
                format_func=names.__getitem__,
            )  # fmt: skip
            is_sent = st.form_submit_button(say("care.contacts.withdraw_send"), type="primary")
        if is_sent:
            write = partial(contacts.withdraw, contact_id=chosen, version=own[chosen].version)
            sheet.save(write, say("care.contacts.withdrawn"))
