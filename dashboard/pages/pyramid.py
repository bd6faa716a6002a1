"""Pyramid: who stands where, and what the few carry."""

import streamlit as st

from dashboard import blocks, charts, data
from dashboard.findings import pyramid
from dashboard.session import is_dark, look, say

chosen = look()
colours = charts.palette(is_dark())

with st.skeleton(height=600):
    found = data.pyramid(*chosen.at, chosen.as_of, chosen.compare)
if found.levels.empty:
    blocks.nothing(say("page.nobody.title"), say("page.nobody.text"))
    st.stop()
left, right = st.columns(2, gap="medium")
with left:
    blocks.finding(pyramid.shape(chosen, found, colours), key="shape")
with right:
    moves = pyramid.moves(chosen, found, colours)
    if moves:
        blocks.finding(moves, key="moves")
    else:
        blocks.nothing(say("pyramid.moves.unknown"), say("pyramid.moves.why"))
left, right = st.columns([2, 3], gap="medium")
with left:
    blocks.finding(pyramid.concentration(chosen, found, colours), key="concentration")
with right:
    blocks.table(say("pyramid.table"), *pyramid.table(chosen, found), key="tiers")
