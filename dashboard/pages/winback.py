"""Win-back desk: cases, waves with their hold-out, what they brought, whom to greet."""

from dataclasses import replace

import streamlit as st

from dashboard import blocks, data, filters, tables
from dashboard.findings import winback, words
from dashboard.session import look, say
from dashboard.winback import cases, keep, lift, waves

SECTIONS = ("desk", "waves", "lift", "keep", "list")
chosen = look()
day = data.state(chosen.home).days[-1]

section = filters.choice(
    "section", SECTIONS, lambda code: say(f"winback.section.{code}"), title=say("winback.sections")
)
if section == "desk":
    cases.show(chosen, day)
elif section == "waves":
    waves.show(chosen, day)
elif section == "lift":
    lift.show(chosen, day)
elif section == "keep":
    keep.show(chosen, day)
else:
    with st.skeleton(height=600):
        found = data.listing(*chosen.at, "win-back", day, chosen.language)
        known = words.by_key(data.figures(*chosen.at, winback.CARDS, day, chosen.compare))
    # Without the ways to customers: those lead to the day of the filters, which is another one.
    blocks.cards([replace(words.card(known[key], chosen), drill=None) for key in winback.CARDS])
    tables.told(
        found, "win-back", title=winback.title(chosen, found.rows), columns=winback.COLUMNS,
        height=480,
    )  # fmt: skip
