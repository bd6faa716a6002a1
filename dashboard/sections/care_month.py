"""The month on the care board: what is planned for each week, what crosses weeks, what is done."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st

from core.desk import plans, tasks
from core.desk.tasks import Month
from core.periods import month_end, plus_months
from core.store.records import Plan, Task
from dashboard import data, desk, filters, merging, numbers
from dashboard.empty import nothing
from dashboard.sections import care_forms as forms
from dashboard.sections import care_new
from dashboard.session import Look, plain, say

_MONTHS = range(-6, 7)  # offered around this one
_SHOWN = 10  # tasks of a week
_LONG_DAYS = 7


def show(look: Look) -> None:
    """Show the month of one employee or of everybody."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        whose = filters.choice(
            "whose", ("mine", "everybody"), lambda code: say(f"care.whose.{code}"),
            title=say("care.whose.title"), default="mine" if desk.me() else "everybody",
        )  # fmt: skip
        first = _month(look)
        st.space("stretch")
        care_new.open_buttons(look)
    owner = desk.me() if whose == "mine" else None
    found, long = Month(first, [], 0, 0, 0), []
    with forms.reading(look) as session:
        if session is not None:
            found = tasks.month_of(session, first, owner)
            running = plans.within(session, first, month_end(first))
            long = [plan for plan in running if (plan.ends_on - plan.starts_on).days >= _LONG_DAYS]
            long = [plan for plan in long if owner is None or plan.owner == owner]
    _title(look, found)
    if not found.n and not long:
        nothing(say("care.month.none"), say("care.month.advice"))
        return
    staff = data.staff(look.home, look.version)
    _weeks(look, found, staff)
    st.markdown(f"**{plain(say('care.month.across'))}**")
    _across(look, long, staff)


def _month(look: Look) -> date:
    """Draw the choice of a month; return its first day."""
    this = desk.today().replace(day=1)
    months = [plus_months(this, n).isoformat()[:7] for n in _MONTHS]
    firsts = {code: date.fromisoformat(f"{code}-01") for code in months}
    names = {code: numbers.month(day, look.language) for code, day in firsts.items()}
    chosen = filters.pick(
        "month", months, names.__getitem__, title=say("care.month.choice"), width=160
    )
    return firsts[chosen] if chosen else this


def _title(look: Look, found: Month) -> None:
    month = numbers.month(found.first, look.language)
    title = say("care.month.title_none", month=month)
    if found.n:
        title = say("care.month.title", month=month, n=found.n, done=found.done)
    st.markdown(f"##### {plain(title)}")
    if found.cards_done:
        n = numbers.whole(found.cards_done, look.language)
        st.caption(plain(say("care.month.cards", n=n)))


def _weeks(look: Look, found: Month, staff: dict[str, str]) -> None:
    last = month_end(found.first)
    starts = [found.first]
    while (monday := starts[-1] + timedelta(days=7 - starts[-1].weekday())) <= last:
        starts.append(monday)
    ends = [*(each - timedelta(days=1) for each in starts[1:]), last]
    undated = [task for task in found.tasks if task.due_on is None]
    grid = st.grid(min(len(starts) + bool(undated), 3), min_column_width=240, gap="small")
    for start, end in zip(starts, ends, strict=True):
        own = [task for task in found.tasks if task.due_on and start <= task.due_on <= end]
        from_on, to_on = (numbers.short_day(day, look.language) for day in (start, end))
        title = say("care.month.week", from_on=from_on, to_on=to_on) if end > start else from_on
        with grid.container(border=True, height="stretch", gap="xsmall"):
            _week(look, title, own, staff)
    if undated:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            _week(look, say("care.month.any"), undated, staff)


def _week(look: Look, title: str, own: Sequence[Task], staff: dict[str, str]) -> None:
    done = sum(task.state == "done" for task in own)
    st.markdown(f"**{plain(title)}**")
    if not own:
        st.caption(plain(say("care.month.none")))
        return
    st.caption(plain(say("care.month.counted", n=len(own), done=done)))
    for task in own[:_SHOWN]:
        icon = ":material/check_circle:" if task.state == "done" else ":material/circle:"
        label = _short(task.title)
        if st.button(
            plain(label), icon=icon, key=f"care.task.{task.id}", type="tertiary",
            disabled=task.state == "done",
        ):  # fmt: skip
            title = say("care.month.move_title", title=label)
            forms.opened(plain(title), partial(_change, look, task))
        facts = [staff.get(task.owner, task.owner)]
        if task.due_on is not None:
            facts.insert(0, numbers.short_day(task.due_on, look.language))
        st.caption(plain(say("care.dot").join(facts)))
    if len(own) > _SHOWN:
        st.caption(plain(say("care.more", n=len(own) - _SHOWN)))


def _change(look: Look, task: Task) -> None:
    """Draw what can be done with a task: done, moved to another day, dropped."""
    st.text(task.title)
    if not desk.me():
        st.caption(say("care.say_who"))
    sheet = desk.sheet(f"care.move.{task.id}", task.version)
    with st.form(sheet.key(), border=False):
        to = st.date_input(
            say("care.month.move_to"), task.due_on or desk.today(), key=sheet.key("to"), width=160
        )
        with st.container(horizontal=True):
            is_off = not desk.me()
            is_done = st.form_submit_button(
                say("care.done"), type="primary", icon=":material/check:", disabled=is_off
            )
            is_moved = st.form_submit_button(
                say("care.month.move"), icon=":material/event:", disabled=is_off
            )
            is_dropped = st.form_submit_button(
                say("care.way.drop"), icon=":material/close:", disabled=is_off
            )
    if is_moved:
        values = {"due_on": to, "month": to.replace(day=1), "put_off_until": None}
        sheet.change(Task, task.id, values, say("care.month.moved"))
    elif is_done:
        values = {"state": "done", "done_on": desk.today()}
        sheet.change(Task, task.id, values, say("care.saved"))
    elif is_dropped:
        sheet.change(Task, task.id, {"state": "dropped"}, say("care.saved"))
    sheet.merge(Task, say("care.saved"), _field, _spoken)


def _field(name: str) -> str:
    known = {"due_on": "month.on", "month": "month.choice", "state": "month.state",
             "owner": "month.owner", "done_on": "done", "put_off_until": "field.until",
             "note": "field.note"}  # fmt: skip
    return say(f"care.{known.get(name, 'month.task')}")


def _spoken(name: str, value: Any) -> str:
    return say(f"care.state.{value}") if name == "state" else merging.as_text(name, value)


def _across(look: Look, long: Sequence[Plan], staff: dict[str, str]) -> None:
    if not long:
        st.caption(plain(say("care.month.across_none")))
    for plan in long:
        from_on, to_on = (
            numbers.short_day(day, look.language) for day in (plan.starts_on, plan.ends_on)
        )
        who = staff.get(plan.owner, plan.owner) or say("care.nobody")
        text = say("care.month.plan", theme=_short(plan.theme), from_on=from_on, to_on=to_on,
                   who=who)  # fmt: skip
        state = plain(say(f"care.state.{plan.state}"))
        st.markdown(f":material/date_range: {plain(text)} :gray-badge[{state}]")


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"
