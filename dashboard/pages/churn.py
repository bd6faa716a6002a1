"""Churn: who was lost, and who might be next."""

import streamlit as st

from dashboard import blocks, charts, data
from dashboard.findings import churn, words
from dashboard.session import is_dark, look, say

chosen = look()
colours = charts.palette(is_dark())
days = (chosen.as_of, chosen.compare)
keys = (*churn.CARDS, *churn.LOST)

if chosen.compare is None:
    blocks.nothing(say("page.no_compare.title"), say("page.no_compare.text"))
    st.stop()
with st.skeleton(height=600):
    found = words.by_key(data.figures(*chosen.at, keys, *days))
    by_tier = data.figures(*chosen.at, churn.BY_TIER, *days, by="tier")
    names = data.tier_names(*chosen.at)
blocks.cards(churn.cards(chosen, found))
left, right = st.columns(2, gap="medium")
heads = churn.heads(chosen, found, by_tier, names, colours)
money = churn.money(chosen, found, by_tier, names, colours)
if heads and money:
    with left:
        blocks.finding(heads, key="lost")
    with right:
        blocks.finding(money, key="lost_value")
else:
    blocks.nothing(churn.whole(chosen, found), say("churn.no_tiers"))
with st.skeleton(height=420):
    risk = data.work_list(*chosen.at, "at-risk", chosen.as_of, chosen.language)
if risk.rows.empty:
    blocks.nothing(say("churn.nobody_at_risk"), risk.about)
    st.stop()
title, rows, columns = churn.at_risk(chosen, risk, names)
blocks.table(title, rows, columns, key="at_risk", height=420)
with st.skeleton(height=20):
    notes = data.list_notes(*chosen.at, "at-risk", chosen.as_of, chosen.language)
blocks.caption(risk.about, *notes)
