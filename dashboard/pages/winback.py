"""Win-back list: the lost, those who were worth most first. Read only."""

import streamlit as st

from dashboard import blocks, data, tables
from dashboard.findings import winback, words
from dashboard.session import look

chosen = look()

with st.skeleton(height=600):
    found = data.listing(*chosen.at, "win-back", chosen.as_of, chosen.language)
    known = words.by_key(data.figures(*chosen.at, winback.CARDS, chosen.as_of, chosen.compare))
blocks.cards([words.card(known[key], chosen) for key in winback.CARDS])
tables.told(
    found, "win-back", title=winback.title(chosen, found.rows), columns=winback.COLUMNS, height=480
)
