"""Data: import, versions, rejected rows, refresh."""

import streamlit as st

from core.i18n import translate
from dashboard import data, importing, jobs, session
from dashboard.session import say

home, spoken = str(session.home()), session.language()

importing.watch(home)
behind = data.is_behind(home)
if behind:
    st.warning(say("books.behind"), icon=":material/sync_problem:")
has_books = data.has_books(home)
sections = ("versions", "import", "rejected") if has_books else ("import",)
with st.container(horizontal=True, vertical_alignment="center"):
    section = st.segmented_control(
        say("page.books.title"), sections, key="section", default=sections[0], required=True,
        format_func=lambda code: translate(f"books.section.{code}", spoken),
        label_visibility="collapsed",
    )  # fmt: skip
    if has_books and st.button(
        say("books.refresh"), icon=":material/sync:", help=say("books.refresh_help"),
        type="primary" if behind else "secondary",
    ):  # fmt: skip
        jobs.start_refresh(home)
        st.rerun()
if section == "import":
    if "_report" in st.session_state:
        importing.report(st.session_state["_report"])
    chosen = importing.source()
    if not chosen:
        st.caption(say("books.steps"))
    else:
        place, name = chosen
        mapping = importing.mapping(place)
        if mapping is not None:
            st.session_state.pop("_report", None)
            jobs.start_import(home, place, name, mapping)
            st.rerun()
elif section == "versions":
    importing.versions(home)
else:
    importing.rejected(home)
