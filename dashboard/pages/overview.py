"""Overview: the state of the customer base in a minute."""

import streamlit as st

from dashboard import blocks, charts, data
from dashboard.findings import overview, words
from dashboard.session import is_dark, look

chosen = look()
colours = charts.palette(is_dark())
keys = (*overview.CARDS, *overview.BRIDGE)

with st.skeleton(height=600):
    found = words.by_key(data.figures(*chosen.at, keys, chosen.as_of, chosen.compare))
    history = data.history(*chosen.at, chosen.as_of)
blocks.cards(overview.cards(chosen, found, history))
if chosen.compare:
    left, right = st.columns(2, gap="medium")
    with left:
        blocks.finding(overview.heads(chosen, found, colours), key="heads")
    with right:
        blocks.finding(overview.money(chosen, found, colours), key="money")
left, right = st.columns(2, gap="medium")
with left:
    blocks.finding(overview.active_trend(chosen, history, colours), key="active")
with right:
    blocks.finding(overview.value_trend(chosen, history, colours), key="value")
