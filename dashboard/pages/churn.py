"""Churn: who was lost and why, who might be next, and what would hold them."""

from dataclasses import replace

import streamlit as st

from dashboard import address, blocks, charts, data, filters, parts
from dashboard.findings import churn, words
from dashboard.parts import Facts
from dashboard.session import is_dark, look, say

chosen = look()
days = (chosen.as_of, chosen.compare)
section = filters.choice(
    "section", tuple(churn.SECTIONS), lambda code: say(f"churn.section.{code}"),
    title=say("churn.sections"),
)  # fmt: skip
part = churn.SECTIONS[section]

with st.skeleton(height=600):
    keys = (*part.cards, *part.figures)
    figures = words.by_key(data.figures(*chosen.at, keys, *days))
    facts = Facts(
        chosen, charts.palette(is_dark()), data.company(*chosen.at[:3]), figures,
        told={
            key: data.breakdown(*chosen.at, key, *days, chosen.language) for key in part.told
        },
        work={
            key: data.listing(*chosen.at, key, chosen.as_of, chosen.language) for key in part.work
        },
        history=data.history(*chosen.at, chosen.as_of) if part.has_history else None,
    )  # fmt: skip
blocks.cards(churn.cards(chosen, figures, part.cards), in_a_row=max(3, len(part.cards)))
if part.choices and (options := part.choices(facts)):
    asked = say(f"churn.choose.{section}")
    if part.by and not part.by_scope:
        choice = filters.choice("by", tuple(options), options.__getitem__, title=asked)
    else:
        st.session_state.setdefault(address.choice_key("employee"), next(iter(options)))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            blocks.caption(asked)
            choice = filters.pick(
                "employee", tuple(options), options.__getitem__, title=asked, width=320
            )
    facts = replace(facts, choice=choice or next(iter(options)))
with st.skeleton(height=400):
    if part.by:
        # What stands at one day is compared with nothing here: half the work.
        since = None if part.by_scope else chosen.compare
        place = part.by_scope or facts.choice
        by = data.figures(*chosen.at, part.by, chosen.as_of, since, by=place)
        facts = replace(facts, by=by)
    if part.behind and facts.choice:
        values = (facts.choice,)
        found = data.behind(*chosen.at, part.behind, values, *days, chosen.language)
        facts = replace(facts, behind=found)
parts.show(part.rows(facts), section)
