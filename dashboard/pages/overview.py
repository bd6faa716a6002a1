"""Overview: the state of the customer base in a minute."""

import streamlit as st

from dashboard import blocks, charts, data, filters
from dashboard.findings import changed, overview, words
from dashboard.session import is_dark, look, say

chosen = look()
colours = charts.palette(is_dark())

with st.skeleton(height=600):
    keys = (*overview.ASKED, *overview.BRIDGE)
    found = words.by_key(data.figures(*chosen.at, keys, chosen.as_of, chosen.compare))
    history = data.history(*chosen.at, chosen.as_of)
    first_on = data.state(chosen.home).days[0].replace(day=1)
targets = data.targets(chosen.home)
blocks.cards(overview.cards(chosen, found, history, first_on, targets), overview.IN_A_ROW)
if chosen.compare:
    heads, money = (f(chosen, found, colours) for f in (overview.heads, overview.money))
    blocks.beside((heads, "heads"), (money, "money"))
    title = say("overview.changed.title")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"##### {title}", width="content")
        place = st.container(width="content")
    with st.skeleton(height=180):
        told = data.sentences(*chosen.at, keys, chosen.as_of, chosen.compare)
    if len(told) > changed.MOST:
        names = changed.choices(told)
        with place:
            asked = filters.choice("told", tuple(names), names.__getitem__, title=title)
        told = told if asked == "all" else told[: changed.MOST]
    blocks.sentences(changed.links(chosen, told))
    if not told:
        blocks.caption(say("overview.changed.nothing"))
with st.skeleton(height=200):
    known = data.events(*chosen.at, history.day.iloc[0], chosen.as_of)
active = overview.active_trend(chosen, history, colours, known)
value = overview.value_trend(chosen, history, colours, known, first_on)
blocks.beside((active, "active"), (value, "value"))
if known:
    blocks.caption(overview.legend(chosen, known))
