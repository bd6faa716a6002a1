"""Activity plans on the care board: theme, audience, cost, and what came of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.definitions import TIERS
from core.desk import plans
from core.desk.plans import AUDIENCES, FREQUENCIES, MODES, STATES, Effect, Made
from core.figures.tiers import tier_title
from core.store.records import Plan
from dashboard import blocks, data, data_desk_care, desk, filters, merging, numbers, tables
from dashboard.blocks import Card
from dashboard.desk import Sheet
from dashboard.empty import nothing
from dashboard.sections import care_forms as forms
from dashboard.session import Look, plain, say
from dashboard.tables import Column

_MONEY = ("cost_estimate", "cost_actual")
_SHOWN = (
    "theme", "state", "mode", "frequency", "starts_on", "ends_on", "cost_estimate", "cost_actual",
    "owner", "audience",
)  # fmt: skip


def show(look: Look) -> None:
    """Show the plans, and of the one chosen what came of it."""
    with forms.reading(look) as session:
        found = plans.plans(session) if session is not None else []
    running = sum(plan.state == "running" for plan in found)
    with st.container(horizontal=True, vertical_alignment="center"):
        title = say("care.plans.title", n=len(found), running=running)
        st.markdown(f"##### {plain(title if found else say('care.plans.title_none'))}")
        st.space("stretch")
        if st.button(say("care.plans.new"), icon=":material/add:", key="care.plan.new"):
            forms.opened(say("care.plans.new"), partial(_form, look, None))
    if not found:
        nothing(say("care.plans.title_none"), say("care.plans.advice"))
        return
    _table(look, found)
    names = {plan.id: plan.theme for plan in found}
    chosen = filters.pick(
        "plan", list(names), names.__getitem__, title=say("care.plans.which"), width=280
    )
    _effect(look, next((plan for plan in found if plan.id == chosen), found[0]))


def _table(look: Look, found: Sequence[Plan]) -> None:
    staff = data.staff(look.home, look.version)
    rows = pd.DataFrame(
        {
            "theme": [plan.theme for plan in found],
            "mode": [say(f"care.mode.{plan.mode}") if plan.mode else None for plan in found],
            "frequency": [say(f"care.frequency.{plan.frequency}") if plan.frequency else None
                          for plan in found],
            "starts_on": [plan.starts_on for plan in found],
            "ends_on": [plan.ends_on for plan in found],
            "owner": [staff.get(plan.owner, plan.owner) for plan in found],
            "audience": [_audience(look, plan.audience) for plan in found],
            **{name: [_float(getattr(plan, name)) for plan in found] for name in _MONEY},
            "state": [say(f"care.state.{plan.state}") for plan in found],
        }
    ).astype(dict.fromkeys(_MONEY, "float64"))  # fmt: skip
    kinds: dict[str, Any] = {"starts_on": "date", "ends_on": "date"} | dict.fromkeys(
        _MONEY, "money"
    )
    config = {
        name: tables.column_of(Column(_label(name), kinds.get(name, "text"))) for name in _SHOWN
    }
    st.dataframe(
        rows, key="care_plans", hide_index=True, column_config=config, placeholder="–",
        column_order=list(_SHOWN), alt=say("care.section.plans"),
    )  # fmt: skip


def _audience(look: Look, asked: Mapping[str, Any]) -> str:
    key = asked.get("list")
    parts = [say(f"list.{key}.title") if key in AUDIENCES else say("care.plans.list_none")]
    names = forms.tiers(look)
    parts += [tier_title(names, tier, look.language) for tier in asked.get("tiers") or ()]
    parts += [asked["branch"]] if asked.get("branch") else []
    return say("care.dot").join(parts)


def _effect(look: Look, plan: Plan) -> None:
    """Show what came of a plan, and the way to change it."""
    with forms.reading(look) as session:
        made = plans.made(session, plan.id) if session is not None else None
    asked = plan.audience
    key, tiers, branch = asked.get("list"), tuple(asked.get("tiers") or ()), asked.get("branch")
    still = (look.home, look.version, (look.refresh, None), look.scope)
    with st.skeleton(height=160):
        size = data_desk_care.audience_size(*still, key, tiers, branch)
        effect = data_desk_care.effect(*still[:3], (), made.met if made else ())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"##### {plain(say('care.plans.effect', theme=plan.theme))}")
        st.space("stretch")
        if st.button(say("care.plans.edit"), icon=":material/edit:", key="care.plan.edit"):
            forms.opened(say("care.plans.edit"), partial(_form, look, plan))
    if plan.note:
        st.text(plan.note)
    blocks.cards(_cards(look, plan, made or Made(0, 0, 0, 0, 0, ()), size, effect))


def _cards(look: Look, plan: Plan, made: Made, size: int, effect: Effect) -> list[Card]:
    def whole(n: int) -> str:
        return numbers.whole(n, look.language)

    def money(value: Decimal | float | None) -> str:
        return numbers.money(value, look.currency, look.language)

    none = say("care.plans.no_contacts" if not made.contacts else "care.plans.no_reached")
    rate = made.reached / made.contacts if made.contacts else None
    answers = effect.answered
    unknown = say("care.plans.no_surveys" if answers is None else "care.plans.no_answers")
    share = (effect.satisfied or 0) / answers if answers else None
    each = plan.cost_actual / made.contacts if plan.cost_actual and made.contacts else None
    cost = say(
        "care.plans.per_contact_note", actual=money(plan.cost_actual),
        estimate=money(plan.cost_estimate),
    )  # fmt: skip
    is_pending_known = bool(made.reached) and effect.pending is not None
    return [
        Card(
            say("care.plans.contacted"), whole(made.customers), say("care.plans.advice"),
            remark=say("care.plans.contacted_of", n=whole(size)),
        ),
        Card(
            say("care.plans.reach_rate"), numbers.percent(rate, look.language, 0),
            say("figure.reach_rate.definition"),
            remark=say("care.plans.contacts", n=whole(made.contacts)) if made.contacts else none,
        ),
        Card(
            say("care.plans.learned"), whole(made.learned) if made.reached else numbers.UNKNOWN,
            say("figure.learned_rate.definition"),
            remark=say("care.plans.of_reached", n=whole(made.reached)) if made.reached else none,
        ),
        Card(
            say("care.plans.pending"),
            whole(effect.pending or 0) if is_pending_known else numbers.UNKNOWN,
            say("figure.opportunities_pending.definition"),
            remark=say("care.plans.of_found", n=whole(made.opportunities))
            if is_pending_known else none,
        ),
        Card(
            say("care.plans.satisfied"), numbers.percent(share, look.language, 0),
            say("figure.csat.definition"),
            remark=none if not made.reached
            else say("care.plans.of_answers", n=whole(answers)) if answers else unknown,
        ),
        Card(
            say("care.plans.per_contact"), money(each), say("care.plans.advice"),
            remark=cost if plan.cost_actual is not None else say("care.plans.no_cost"),
        ),
    ]  # fmt: skip


def _form(look: Look, plan: Plan | None) -> None:
    """Draw the form of a plan, a new one where null."""
    name = f"care.plan.{plan.id}" if plan else "care.plan"
    sheet = desk.sheet(name, plan.version if plan else 0)
    if not desk.me():
        st.caption(say("care.say_who"))
    with st.form(sheet.key(), border=False):
        values = _fields(look, plan, sheet)
        is_sent = st.form_submit_button(
            say("care.send.plan"), type="primary", disabled=not desk.me()
        )
    said = say("care.plans.saved")
    if is_sent and plan is None:
        sheet.save(partial(plans.add, values={"id": sheet.nonce, **values}), said)
    elif is_sent and plan is not None:
        plans.must_be_whole(values)
        sheet.change(Plan, plan.id, values, said)
    if plan is not None:
        sheet.merge(Plan, said, _label, partial(_spoken, look))


def _fields(look: Look, plan: Plan | None, sheet: Sheet) -> dict[str, Any]:
    now, today = plan or Plan(audience={}), desk.today()

    def text(name: str) -> str:
        value = getattr(now, name) or ""
        return st.text_input(
            _label(name), value, key=sheet.key(name), max_chars=forms.LONGEST
        ).strip()

    def choice(name: str, options: Sequence[str], group: str, held: str | None) -> str | None:
        place = options.index(held) if held in options else None
        return st.selectbox(
            _label(name), options, index=place, key=sheet.key(name),
            format_func=lambda code: say(f"{group}.{code}{'.title' if group == 'list' else ''}"),
            placeholder=say("care.plans.list_none") if name == "list" else None,
        )  # fmt: skip

    values: dict[str, Any] = {"theme": text("theme")}
    left, right = st.columns(2)
    with left:
        values["mode"] = choice("mode", MODES, "care.mode", now.mode or "phone") or ""
        values["starts_on"] = st.date_input(
            _label("starts_on"), now.starts_on or today, key=sheet.key("starts_on")
        )
        asked: dict[str, Any] = {
            "list": choice("list", AUDIENCES, "list", now.audience.get("list"))
        }
        values["cost_estimate"] = _amount(look, now, sheet, "cost_estimate")
    with right:
        frequency = choice("frequency", FREQUENCIES, "care.frequency", now.frequency or "once")
        values["frequency"] = frequency or ""
        values["ends_on"] = st.date_input(
            _label("ends_on"), now.ends_on or today + timedelta(days=28), key=sheet.key("ends_on")
        )
        asked["branch"] = _branch(look, now, sheet)
        values["cost_actual"] = _amount(look, now, sheet, "cost_actual")
    names = forms.tiers(look)
    asked["tiers"] = st.multiselect(
        _label("tiers"), TIERS, now.audience.get("tiers") or [], key=sheet.key("tiers"),
        format_func=lambda tier: tier_title(names, tier, look.language),
    )  # fmt: skip
    values["audience"] = {name: value for name, value in asked.items() if value}
    values["note"] = text("note")
    values["owner"] = now.owner or desk.me()
    values["state"] = choice("state", STATES, "care.state", now.state or "running") or "planned"
    return values


def _amount(look: Look, now: Plan, sheet: Sheet, name: str) -> Decimal | None:
    value: float | None = st.number_input(
        say("table.money", heading=_label(name), currency=look.currency),
        value=_float(getattr(now, name)), min_value=0.0, step=100.0, format="%.2f",
        key=sheet.key(name), placeholder="–",
    )  # fmt: skip
    return None if value is None else Decimal(str(value))


def _branch(look: Look, now: Plan, sheet: Sheet) -> str | None:
    rows = data.scopes(look.home, look.version, (look.refresh, None))
    known = sorted({row["branch"] for row in rows if row["branch"]})
    held = now.audience.get("branch")
    return st.selectbox(
        _label("branch"), known, index=known.index(held) if held in known else None,
        key=sheet.key("branch"), placeholder=say("filter.all"),
    )  # fmt: skip


def _label(name: str) -> str:
    return say(f"care.plans.{name}")


def _spoken(look: Look, name: str, value: Any) -> str:
    groups = {"mode": "care.mode", "frequency": "care.frequency", "state": "care.state"}
    if name in groups and value:
        return say(f"{groups[name]}.{value}")
    if name == "audience":
        return _audience(look, value)
    if name == "owner":
        return data.staff(look.home, look.version).get(value, value) or numbers.UNKNOWN
    if name in _MONEY:
        return numbers.money(value, look.currency, look.language)
    return merging.as_text(name, value)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
