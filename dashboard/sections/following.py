"""What follows from evaluations: drafts to review, measures to agree on and to follow."""

import pandas as pd
import streamlit as st

from core.desk import evaluations as register
from core.store.records import Evaluation
from dashboard import address, blocks, data, desk, filters, numbers, registering
from dashboard.registering import RECORD
from dashboard.sections import evaluated
from dashboard.session import Look, say
from dashboard.tables import Column

STATES = ("draft", "reviewed", "agreed", "scored_again")
MOST = 200


def show(look: Look) -> None:
    """Show evaluations by what is to be done next, and one of them in full."""
    state = filters.choice(
        "state", STATES, lambda code: say(f"evaluations.to_do.{code}"),
        title=say("evaluations.to_do.title"),
    )  # fmt: skip
    with desk.store().reading() as session:
        n = register.counts(session)
        rows = register.evaluations(session, (state,), most=MOST)
        held = address.held(RECORD)
        chosen = session.get(Evaluation, held) if held else None
    if chosen is not None:
        registering.leave(say("evaluations.back"))
        evaluated.show(look, chosen)
        return
    staff, known = data.staff(look.home, look.version), {}
    if rows:
        known = registering.named(look, [each.customer_key for each in rows])
    rows = [
        each for each in rows
        if not look.scope or (each.customer_key in known and known[each.customer_key].is_in_scope)
    ]  # fmt: skip
    title = say(f"evaluations.n.{state}", n=numbers.whole(n.get(state, 0), look.language))
    if not rows:
        blocks.nothing(title, say("evaluations.none_to_do"))
        return
    today = desk.today()
    frame = pd.DataFrame(
        {
            "customer": [
                known[k].called if (k := each.customer_key) in known else str(k) for each in rows
            ],
            "rater": [registering.person(staff, each.rater) for each in rows],
            "department": [each.department for each in rows],
            "scored_on": [each.scored_on for each in rows],
            "age": [registering.days_between(each.scored_on, today) for each in rows],
            "measures": [each.measures for each in rows],
            "owner": [registering.person(staff, each.measures_owner) for each in rows],
            "due_on": [each.measures_due for each in rows],
        }
    )
    columns = {
        "customer": Column(say("list.column.name")),
        "rater": Column(say("evaluations.field.rater")),
        "department": Column(say("evaluations.department")),
        "scored_on": Column(say("evaluations.field.scored_on"), "date"),
    }
    if state in ("draft", "reviewed"):
        columns["age"] = Column(say("evaluations.age"), "number")
    else:
        columns["measures"] = Column(say("evaluations.measures"), width="large")
        columns["owner"] = Column(say("registers.field.owner"))
        columns["due_on"] = Column(say("list.column.due_on"), "date")
    registering.listed(title, frame, [each.id for each in rows], columns, "evaluations.follow", 560)
    st.caption(say("evaluations.choose"))
