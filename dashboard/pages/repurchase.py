"""Repurchase: who comes back, and when."""

import streamlit as st

from dashboard import blocks, charts, data
from dashboard.findings import repurchase
from dashboard.session import is_dark, look, say

chosen = look()
colours = charts.palette(is_dark())

with st.skeleton(height=600):
    found = data.repurchase(*chosen.at, chosen.as_of)
if not found.buyers:
    blocks.nothing(say("page.nobody.title"), say("page.nobody.text"))
    st.stop()
blocks.cards(repurchase.cards(chosen, found))
left, right = st.columns(2, gap="medium")
with left:
    blocks.finding(repurchase.curve(chosen, found, colours), key="curve")
with right:
    blocks.finding(repurchase.cohorts(chosen, found, colours), key="cohorts")
