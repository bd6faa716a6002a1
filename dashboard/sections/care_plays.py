"""Playbooks on the care board: what to do next with each kind of customers, at what budget."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.desk import plays
from core.desk.cases import CHANNELS
from core.desk.plays import Advice, Counted
from core.figures.tiers import tier_title
from core.store.records import Play
from dashboard import data_desk_care, desk, merging, numbers, tables
from dashboard.desk import Sheet
from dashboard.sections import care_forms as forms
from dashboard.session import Look, plain, say
from dashboard.tables import Column, Kind

_KINDS: dict[str, Kind] = {
    "customers": "number", "value": "money", "budget": "money", "plan": "money",
}  # fmt: skip


def show(look: Look) -> None:
    """Show what to do with each kind, what it would cost, and what was spent."""
    with forms.reading(look) as session:
        every = plays.in_force(session, look.language) if session else plays.proposed(look.language)
    with st.skeleton(height=400):
        found = data_desk_care.counted(look.home, look.version, (look.refresh, None), look.scope)
    st.markdown(f"##### {plain(say('care.plays.title'))}")
    st.caption(plain(_money(look, every, found)))
    grid = st.grid(4, min_column_width=230, gap="small")
    for each in every:
        with grid.container(border=True, height="stretch", vertical_alignment="distribute"):
            _play(look, each, every, found)
    if found.day is None:
        st.caption(plain(say("care.plays.no_kinds")))
    else:
        day = numbers.day(found.day, look.language)
        st.caption(plain(say("care.plays.about", day=day)))
    if any(each.budget for each in every):
        _table(look, every, found)


def _play(look: Look, each: Advice, every: Sequence[Advice], found: Counted) -> None:
    """Show one play: for whom, how many they are, what to do, how often, and its budget."""
    n, value = found.of(each, every)
    facts = [say(f"care.channel.{each.channel}")] if each.channel else []
    if each.within_days is not None:
        facts.append(say("care.plays.every", n=each.within_days))
    if each.budget is not None:
        budget = numbers.money(each.budget, look.currency, look.language)
        facts.append(say("care.plays.each", budget=budget))
    heads = say("care.plays.unknown")
    if found.day is not None:
        money = numbers.short_money(value, look.currency, look.language)
        heads = say("care.plays.heads", n=numbers.whole(n, look.language), value=money)
    origin = "theirs" if each.id else "ours"
    marks = f":{'blue' if each.id else 'gray'}-badge[{plain(say(f'care.plays.{origin}'))}]"
    if each.is_on_board:
        marks += f" :green-badge[{plain(say('care.plays.on_board'))}]"
    with st.container(gap="xsmall"):
        st.markdown(f":gray[:small[{plain(_called(look, each, every))} · {plain(heads)}]]  \n"
                    f"**{plain(each.title)}**  \n{plain(each.action)}  \n"
                    f":gray[:small[{plain(say('care.dot').join(facts))}]]")  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(marks, width="content")
        st.space("stretch")
        _change(look, each, every)


def _money(look: Look, every: Sequence[Advice], found: Counted) -> str:
    """Return the plan against what was spent."""
    budgeted = [(each.budget, found.of(each, every)[0]) for each in every if each.budget]
    planned = say("care.plays.planned_none")
    if budgeted:
        whole = sum(float(budget) * n for budget, n in budgeted)
        n = numbers.whole(sum(n for _, n in budgeted), look.language)
        planned = say(
            "care.plays.planned", plan=numbers.money(whole, look.currency, look.language), n=n
        )
    if found.spent is not None:
        amount = numbers.money(found.spent, look.currency, look.language)
        spent = say("care.plays.spent", spent=amount)
    else:
        spent = say("care.plays.spent_scope" if look.scope else "care.plays.spent_unknown")
    return f"{planned}{say('care.dot')}{spent}"


def _table(look: Look, every: Sequence[Advice], found: Counted) -> None:
    is_known = found.day is not None
    counts = [found.of(each, every) for each in every]
    rows = pd.DataFrame(
        {
            "for": [_called(look, each, every) for each in every],
            "customers": [n if is_known else None for n, _ in counts],
            "value": [value if is_known else None for _, value in counts],
            "budget": [None if each.budget is None else float(each.budget) for each in every],
            "plan": [
                float(each.budget) * n if each.budget is not None and is_known else None
                for each, (n, _) in zip(every, counts, strict=True)
            ],
        }
    )
    rows = rows.astype(dict.fromkeys(("customers", "value", "budget", "plan"), "float64"))
    columns = {
        name: Column(_heading(look, name), _KINDS.get(name, "text")) for name in rows.columns
    }  # fmt: skip
    config = {name: tables.column_of(column) for name, column in columns.items()}
    st.dataframe(
        rows, key="care_plays", hide_index=True, column_config=config, placeholder="–",
        height="content", alt=say("care.plays.title"),
    )  # fmt: skip


def _heading(look: Look, name: str) -> str:
    heading = say(f"care.plays.{name}")
    if _KINDS.get(name) != "money":
        return heading
    return say("table.money", heading=heading, currency=look.currency)


def _called(look: Look, each: Advice, every: Sequence[Advice]) -> str:
    if each.tier is not None:
        tier = tier_title(forms.tiers(look), each.tier, look.language)
    else:
        has_others = any(other.kind == each.kind and other.tier for other in every)
        tier = say("care.plays.other_tiers" if has_others else "care.plays.all_tiers")
    return say("care.dot").join((say(f"care.kinds_of.{each.kind}"), tier))


def _change(look: Look, advice: Advice, every: Sequence[Advice]) -> None:
    """Let the company write what it does instead."""
    place = f"{advice.kind}.{advice.tier or 'all'}"
    label = say("care.plays.change" if advice.id else "care.plays.edit")
    if st.button(label, icon=":material/edit:", key=f"care.play.edit.{place}", type="tertiary"):
        forms.opened(plain(_called(look, advice, every)), partial(_form, look, advice))


def _form(look: Look, advice: Advice) -> None:
    sheet = desk.sheet(f"care.play.{advice.id or advice.place}", advice.version)
    if not desk.me():
        st.caption(say("care.say_who"))
    with st.form(sheet.key(), border=False):
        values = _fields(look, advice, sheet)
        is_sent = st.form_submit_button(
            say("care.send.play"), type="primary", disabled=not desk.me()
        )
    said = say("care.plays.saved")
    if is_sent and advice.id is None:
        sheet.save(partial(plays.write, kind=advice.kind, tier=advice.tier, values=values), said)
    elif is_sent and advice.id is not None:
        plays.must_be_whole(values)
        sheet.change(Play, advice.id, values, said)
    if advice.id is None:
        return
    sheet.merge(Play, said, _field, partial(_spoken, look))
    if st.button(
        say("care.plays.back"), icon=":material/undo:", key=sheet.key("back"), type="tertiary",
        disabled=not desk.me(),
    ):  # fmt: skip
        do = partial(plays.withdraw, id=advice.id, version=advice.version)
        desk.once(f"care.play.back.{advice.id}", do, say("care.plays.back_done"))


def _fields(look: Look, advice: Advice, sheet: Sheet) -> dict[str, Any]:
    title = st.text_input(
        say("care.plays.title_field"), advice.title, key=sheet.key("title"), max_chars=200
    )
    action = st.text_area(
        say("care.plays.action_field"), advice.action, key=sheet.key("action"),
        max_chars=forms.LONGEST,
    )  # fmt: skip
    left, middle, right = st.columns(3)
    place = CHANNELS.index(advice.channel) if advice.channel in CHANNELS else None
    channel = left.selectbox(
        say("care.plays.channel"), CHANNELS, index=place, key=sheet.key("channel"),
        format_func=lambda code: say(f"care.channel.{code}"),
    )  # fmt: skip
    days = middle.number_input(
        say("care.plays.within"), 1, 730, advice.within_days, key=sheet.key("within")
    )
    budget = right.number_input(
        say("table.money", heading=say("care.plays.budget"), currency=look.currency),
        value=None if advice.budget is None else float(advice.budget), min_value=0.0,
        format="%.2f", key=sheet.key("budget"), placeholder="–",
    )  # fmt: skip
    is_on_board = st.toggle(
        say("care.plays.on_board"), advice.is_on_board, key=sheet.key("on_board")
    )
    return {
        "title": title.strip(), "action": action.strip(), "channel": channel or "",
        "within_days": days, "budget": None if budget is None else Decimal(str(budget)),
        "is_on_board": is_on_board,
    }  # fmt: skip


def _field(name: str) -> str:
    known = {"title": "plays.title_field", "action": "plays.action_field",
             "within_days": "plays.within", "is_on_board": "plays.on_board",
             "state": "plans.state"}  # fmt: skip
    return say(f"care.{known.get(name, f'plays.{name}')}")


def _spoken(look: Look, name: str, value: Any) -> str:
    if name in ("channel", "state") and value:
        return say(f"care.{name}.{value}")
    if name == "budget":
        return numbers.money(value, look.currency, look.language)
    return merging.as_text(name, value)
