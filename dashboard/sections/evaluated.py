"""One evaluation: its scores beside what the books know, its review, its measures."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.desk import evaluations as register
from core.store.errors import StoreError
from core.store.records import SCORES, Evaluation
from dashboard import (
    address,
    blocks,
    charts,
    data,
    data_card,
    desk,
    dossier,
    merging,
    numbers,
    registering,
)
from dashboard.findings import card as told
from dashboard.findings import card_facts
from dashboard.registering import AGAIN, RECORD
from dashboard.session import Look, is_dark, plain, say, tell


def show(look: Look, each: Evaluation) -> None:
    """Show an evaluation and what is to be done with it next."""
    staff = data.staff(look.home, look.version)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _scores(look, each, staff)
        _next(look, each, staff)
    with right:
        _books(look, each)


def _scores(look: Look, each: Evaluation, staff: dict[str, str]) -> None:
    known = registering.named(look, [each.customer_key])
    if customer := known.get(each.customer_key):
        registering.head(look, customer, "rate_review")
    said = say(
        "evaluations.one_before", day=numbers.day(each.scored_on, look.language),
        by=registering.person(staff, each.rater), state=say(f"evaluations.state.{each.state}"),
    )  # fmt: skip
    blocks.caption(" · ".join(part for part in (said, each.department) if part))
    with desk.store().reading() as session:
        before = session.get(Evaluation, each.follows) if each.follows else None
    change = register.difference(before, each) if before else {}
    heads = (say("evaluations.score"), say("evaluations.given"), say("evaluations.change"))
    wide = len(heads) if before is not None else 2
    rows = [_cells([plain(head) for head in heads[:wide]]), _cells([":--"] * wide)]
    for name in SCORES:
        step = getattr(each, name)
        shown = say("evaluations.unknown") if step is None else "●" * step + "○" * (5 - step)
        moved = ""
        if before is not None:
            by = change[name]
            moved = say("evaluations.not_comparable") if by is None else f"{by:+d}" if by else "="
        label = plain(say(f"evaluations.{name}.name"))
        rows.append(_cells([label, f"{plain(shown)} {step or ''}", plain(moved)][:wide]))
    st.markdown("\n".join(rows))
    if before is not None:
        day = numbers.day(before.scored_on, look.language)
        blocks.caption(say("evaluations.since", day=day))
    for name in ("text", "review", "measures"):
        if text := getattr(each, name):
            st.caption(plain(say(f"evaluations.{name}")))
            st.text(text)
    if each.measures_due:
        blocks.caption(
            say(
                "evaluations.measures_by", by=registering.person(staff, each.measures_owner),
                day=numbers.day(each.measures_due, look.language),
            )
        )  # fmt: skip


def _cells(parts: Sequence[str]) -> str:
    return f"| {' | '.join(parts)} |"


def _books(look: Look, each: Evaluation) -> None:
    """Show what the books know: only now, or it would be scored instead of the relationship."""
    with st.skeleton(height=300):
        card = data_card.card(*look.at, each.customer_key, look.as_of)
        found = data_card.among(*look.at, each.customer_key, look.as_of)
    st.markdown(f"##### {plain(say('evaluations.books'))}")
    blocks.caption(say("evaluations.books_about"))
    if found is not None:
        finding = told.among(look, found, charts.palette(is_dark()))
        blocks.finding(finding, key="evaluations.among")
    if card is not None:
        dossier.facts([(say("card.care.title"), card_facts.care(look, card))])


def _next(look: Look, each: Evaluation, staff: dict[str, str]) -> None:
    can_write = registering.can_write()
    sheet = desk.sheet(f"evaluations.{each.id}", each.version)
    if each.state == "draft" and each.rater == desk.me():
        blocks.caption(say("evaluations.wait"))
        if st.button(say("evaluations.withdraw"), key=sheet.key("gone"), icon=":material/undo:"):
            address.hold(RECORD, None)
            _write(each, sheet, partial(register.draft_changed, by=desk.me(), state="withdrawn"),
                   "registers.withdrawn_said")  # fmt: skip
            address.hold(RECORD, each.id)
    elif each.state == "draft":
        _review(each, sheet, can_write)
    elif each.state in ("reviewed", "agreed"):
        _measures(each, sheet, staff, can_write)
    spoken = partial(_spoken, staff)
    sheet.merge(Evaluation, say("evaluations.saved"), _label, spoken)
    registering.trail(Evaluation, each.id, _label, spoken)


def _review(each: Evaluation, sheet: desk.Sheet, can_write: bool) -> None:
    with st.form(sheet.key()):
        text = st.text_area(
            say("evaluations.review"), key=registering.field(sheet, "review"), max_chars=5_000,
            help=say("evaluations.review_help"),
        )  # fmt: skip
        is_done = st.form_submit_button(
            say("evaluations.reviewed"), type="primary", disabled=not can_write
        )
    if is_done:
        rule = partial(register.reviewed, reviewer=desk.me(), on=desk.today(), text=text)
        _write(each, sheet, rule, "evaluations.saved")


def _measures(each: Evaluation, sheet: desk.Sheet, staff: dict[str, str], can_write: bool) -> None:
    with st.form(sheet.key()):
        measures = st.text_area(
            say("evaluations.measures"), each.measures, key=registering.field(sheet, "measures"),
            max_chars=5_000, help=say("evaluations.measures_help"),
        )  # fmt: skip
        owner = registering.choose_person(
            say("registers.field.owner"), staff, registering.field(sheet, "owner"),
            each.measures_owner or each.rater,
        )  # fmt: skip
        due_on = st.date_input(
            say("list.column.due_on"), each.measures_due, key=registering.field(sheet, "due"),
            format="YYYY-MM-DD",
        )  # fmt: skip
        is_done = st.form_submit_button(
            say("evaluations.agree"), disabled=not can_write,
            type="primary" if each.state == "reviewed" else "secondary",
        )  # fmt: skip
    if is_done:
        rule = partial(register.agreed, measures=measures, owner=owner, due_on=due_on)
        _write(each, sheet, rule, "evaluations.saved")
    if each.state == "agreed":
        st.button(
            say("evaluations.again"), key=sheet.key("again"), type="primary",
            icon=":material/replay:", on_click=_again, args=(each.id,), disabled=not can_write,
        )  # fmt: skip


def _again(id: str) -> None:
    registering.enter("score")
    address.hold(AGAIN, id)
    st.session_state[address.choice_key("section")] = "score"


def _write(each: Evaluation, sheet: desk.Sheet, rule: partial, said: str) -> None:
    """Write what a rule of the register allows; tell what it refuses."""
    try:
        values = rule(each)
    except StoreError as error:
        tell(error)
        return
    sheet.change(Evaluation, each.id, values, say(said))


def _label(name: str) -> str:
    if name in SCORES:
        return say(f"evaluations.{name}.name")
    return say(f"evaluations.field.{name}")


def _spoken(staff: dict[str, str], name: str, value: object) -> str:
    if name == "state" and value:
        return say(f"evaluations.state.{value}")
    if name in ("rater", "reviewer", "measures_owner"):
        return registering.person(staff, str(value or ""))
    return merging.as_text(name, value)
