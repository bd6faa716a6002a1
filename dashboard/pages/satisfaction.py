"""Satisfaction: what customers say, what they are owed, and who says nothing."""

import streamlit as st

from dashboard import blocks, charts, data, filters
from dashboard.findings import satisfaction, words
from dashboard.sections.satisfaction import SECTIONS
from dashboard.session import is_dark, look, say

chosen = look()
colours = charts.palette(is_dark())

with st.skeleton(height=130):
    keys, days = satisfaction.CARDS, (chosen.as_of, chosen.compare)
    found = words.by_key(data.figures(*chosen.at, keys, *days))
if cards := satisfaction.cards(chosen, found):
    blocks.cards(cards)
section = filters.choice(
    "section", tuple(SECTIONS), lambda code: say(f"satisfaction.section.{code}"),
    title=say("satisfaction.section.title"),
)  # fmt: skip
SECTIONS[section](chosen, colours, st.container(horizontal=True, gap="medium"))
