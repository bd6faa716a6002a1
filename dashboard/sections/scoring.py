"""Scoring a relationship: whom, and how good it is, before anybody looks at what the books know."""

from functools import partial

import streamlit as st

from core.desk import evaluations as register
from core.desk.evaluations import STEPS
from core.desk.people import Customer
from core.periods import plus_months
from core.store.records import SCORES, Evaluation
from dashboard import address, blocks, data, desk, numbers, registering, tables
from dashboard import data_desk_registers as books
from dashboard.registering import AGAIN, CUSTOMER, RECORD
from dashboard.sections import evaluated
from dashboard.session import Look, plain, say
from dashboard.tables import Column

MONTHS = 6  # after which an upper customer is due again
MOST = 50
UNKNOWN = 0  # "don't know", as a step of the form


def show(look: Look) -> None:
    """Show whom to evaluate, the form, or the evaluation that was just made."""
    with desk.store().reading() as session:
        held, again = address.held(RECORD), address.held(AGAIN)
        made = session.get(Evaluation, held) if held else None
        before = session.get(Evaluation, again) if again else None
    if made is not None:
        registering.leave(say("evaluations.next"))
        evaluated.show(look, made)
        return
    if before is not None and before.state == "agreed":
        known = registering.named(look, [before.customer_key])
        if before.customer_key in known:
            form(look, known[before.customer_key], before)
            return
    left, right = st.columns([2, 1], gap="large")
    with right:
        st.markdown(f"##### {plain(say('evaluations.find'))}")
        customer = registering.found_customer(look)
        if customer is None:
            blocks.caption(say("evaluations.about"))
    with left:
        if customer is None:
            _due(look)
        else:
            form(look, customer)
    if customer is not None:
        with right:
            registering.leave(say("registers.other_customer"))
            _before(look, customer)


def _due(look: Look) -> None:
    """Show the upper customers whom nobody evaluated lately."""
    since = plus_months(desk.today(), -MONTHS)
    with desk.store().reading() as session:
        done = register.evaluated_since(session, since)
    with st.skeleton(height=400):
        rows, n = books.due_for_evaluation(*look.at, done, MOST)
    if not n:
        blocks.nothing(say("evaluations.none_due"), say("evaluations.none_due_about"))
        return
    headings = {
        name: say(f"list.column.{name}")
        for name in ("customer_id", "name", "tier_name", "value", "manager", "branch")
    }
    spoken = tables.spoken_rows(
        rows, data.tier_names(*look.at), look.language, data.staff(look.home, look.version)
    )
    columns: dict[str, Column] = tables.columns_of(spoken, headings, look.currency)
    tables.show(
        say("evaluations.due", n=numbers.whole(n, look.language)), spoken, columns,
        "evaluations.due", on_pick=_picked, height=520,
        caption=say("evaluations.due_about", months=MONTHS, most=min(MOST, n)),
    )  # fmt: skip


def _picked(row: dict) -> None:
    address.hold(CUSTOMER, str(row["customer_key"]))
    st.rerun()


def _before(look: Look, customer: Customer) -> None:
    """Say when others evaluated the customer; not how, as long as the reader has not."""
    with desk.store().reading() as session:
        rows = register.evaluations(session, customer_key=customer.customer_key, most=5)
    if not rows:
        blocks.caption(say("evaluations.first_time"))
        return
    staff = data.staff(look.home, look.version)
    st.markdown(f"##### {plain(say('evaluations.before'))}")
    for each in rows:
        text = say(
            "evaluations.one_before", day=numbers.day(each.scored_on, look.language),
            by=registering.person(staff, each.rater), state=say(f"evaluations.state.{each.state}"),
        )  # fmt: skip
        st.caption(plain(text))
    blocks.caption(say("evaluations.hidden"))


def form(look: Look, customer: Customer, before: Evaluation | None = None) -> None:
    """Draw the form; what the books know is shown once it is recorded."""
    registering.head(look, customer, "rate_review")
    if before is not None:
        day = numbers.day(before.scored_on, look.language)
        blocks.caption(say("evaluations.again_about", day=day))
        registering.leave(say("evaluations.next"))
    can_write = registering.can_write()
    sheet = desk.sheet(f"evaluations.score.{customer.customer_key}.{before.id if before else ''}")
    with st.form(sheet.key()):
        blocks.caption(say("evaluations.scale"))
        given = {name: _score(sheet, name) for name in SCORES}
        text = st.text_area(
            say("evaluations.text"), key=registering.field(sheet, "text"), max_chars=5_000,
            height=70, help=say("evaluations.text_help"),
        )  # fmt: skip
        department = st.text_input(
            say("evaluations.department"), _department(look), max_chars=100,
            key=registering.field(sheet, "department"),
        )  # fmt: skip
        is_done = st.form_submit_button(
            say("evaluations.record"), type="primary", disabled=not can_write
        )
    if not is_done:
        return
    if missing := [name for name, step in given.items() if step is None]:
        names = say("table.join").join(say(f"evaluations.{name}.name") for name in missing)
        st.error(plain(say("evaluations.missing", names=names)))
        return
    scores = {name: step or None for name, step in given.items()}
    address.hold(RECORD, sheet.nonce)
    sheet.save(
        partial(
            register.score, customer_key=customer.customer_key, rater=desk.me(),
            department=department, scored_on=desk.today(), scores=scores, text=text,
            follows=(before.id, before.version) if before else None, id=sheet.nonce,
        ),
        say("evaluations.recorded"),
    )  # fmt: skip
    address.hold(RECORD, None)  # it was not written


def _score(sheet: desk.Sheet, name: str) -> int | None:
    left, right = st.columns([5, 8], gap="medium", vertical_alignment="center")
    chosen = left.segmented_control(
        say(f"evaluations.{name}.name"), (*STEPS, UNKNOWN), key=registering.field(sheet, name),
        help=say(f"evaluations.{name}.help"),
        format_func=lambda step: str(step) if step else "?",
    )  # fmt: skip
    anchors = [f"**{step}** {plain(say(f'evaluations.{name}.step_{step}'))}" for step in (1, 3, 5)]
    right.caption("  \n".join(anchors))
    return chosen


def _department(look: Look) -> str:
    """Return the branch of who works here, where the books know it."""
    me = desk.me()
    return next((e.branch or "" for e in books.staff(*look.at) if e.employee_id == me), "")
