"""Customers: those behind a figure, adding up to it."""

import streamlit as st

from core.errors import UnknownFigure
from dashboard import blocks, data, drill, session, tables
from dashboard.findings import customers
from dashboard.session import look, plain, say

chosen = look()
asked = customers.asked(data.scopes(*chosen.at[:3]))
for sentence in asked.dropped:
    st.warning(plain(sentence), icon=":material/filter_alt_off:")
at = (*chosen.at[:3], (*chosen.scope, *asked.scope))
days = (chosen.as_of, chosen.compare)
tiers, staff = data.tier_names(*chosen.at), data.staff(*chosen.at[:2])

try:
    with st.skeleton(height=600):
        found = data.behind(*at, asked.figure, asked.values, *days, chosen.language)
        figure = None if asked.values else data.figures(*at, (asked.figure,), *days)[0]
except UnknownFigure as error:
    session.tell(error)
    st.stop()
title = customers.title(chosen, asked, figure, tiers, staff)
meaning = customers.meaning(chosen, asked, figure)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    drill.back(asked.figure)
    if meaning:
        with st.popover(say("customers.definition"), type="tertiary", icon=":material/info:"):
            for sentence in meaning:
                st.markdown(plain(sentence))
if tables_wanted := customers.absent(figure):
    blocks.missing(tables_wanted)
    st.stop()
if not found.rows.num_rows:
    reason = figure.note_text(chosen.language) if figure else ""
    blocks.nothing(title, reason or say("customers.nobody"))
    st.stop()
rows, columns = customers.columns(chosen, asked, found)
tie = [customers.tie(chosen, asked, figure, found)]
if figure:
    tie.append(figure.note_text(chosen.language))
tables.show(
    title, rows, columns, "customers", caption=" ".join(tie), file_name=asked.figure,
    about=meaning, height=560,
)  # fmt: skip
