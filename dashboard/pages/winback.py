"""Win-back list: the lost who were worth most. Read only."""

import streamlit as st

from dashboard import blocks, data
from dashboard.findings import winback, words
from dashboard.session import look, say

chosen = look()

with st.skeleton(height=600):
    names = data.tier_names(*chosen.at)
    found = data.work_list(*chosen.at, "win-back", chosen.as_of, chosen.language)
    known = words.by_key(data.figures(*chosen.at, winback.CARDS, chosen.as_of, chosen.compare))
if found.rows.empty:
    blocks.nothing(say("winback.none"), found.about)
    st.stop()
blocks.cards([words.card(known[key], chosen) for key in winback.CARDS])
title, rows, columns = winback.table(chosen, found, names)
blocks.table(title, rows, columns, key="winback", height=480)
with st.skeleton(height=20):
    notes = data.list_notes(*chosen.at, "win-back", chosen.as_of, chosen.language)
blocks.caption(found.about, *notes)
