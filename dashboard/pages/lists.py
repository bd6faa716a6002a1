"""Work lists: whom to call, watch, hand over, decide about; by name, the most valuable first."""

from dataclasses import replace

import streamlit as st

from dashboard import data, tables
from dashboard.findings import lists
from dashboard.session import look

chosen = look()
key = lists.chosen_list()
with st.skeleton(height=600):
    found = data.listing(*chosen.at, key, chosen.as_of, chosen.language)
    staff = data.staff(*chosen.at[:2])
bar = st.container(horizontal=True, gap="small")
with bar:
    rows = lists.narrowed(found.rows, lists.restrictions(key, found, staff))
tables.told(
    replace(found, rows=rows), f"list-{key}", title=lists.title(chosen, key, found, rows),
    columns=lists.columns(key), height=520, bar=bar,
)  # fmt: skip
