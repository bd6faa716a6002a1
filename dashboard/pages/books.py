"""Data: import, versions, rejected rows, refresh."""

import streamlit as st

from core.i18n import translate
from dashboard import holdings, importing, jobs, session
from dashboard.session import say

home, spoken = str(session.home()), session.language()
has_books, behind = holdings.has_books(home), holdings.is_behind(home)
section = "import"

if importing.watch(home):
    st.stop()  # a second click on the button must not begin a second import
if behind:
    st.warning(say("books.behind"), icon=":material/sync_problem:")
if has_books:
    wanted = st.session_state.pop("_next_section", None)
    st.session_state["section"] = wanted or st.session_state.get("section", "versions")
    with st.container(horizontal=True, vertical_alignment="center"):
        section = st.segmented_control(
            say("page.books.title"), ("versions", "import", "rejected"), key="section",
            format_func=lambda code: translate(f"books.section.{code}", spoken), required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        if st.button(
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
            st.session_state["_next_section"] = "import"
            jobs.start_import(home, place, name, mapping)
            st.rerun()
elif section == "versions":
    importing.versions(home)
else:
    importing.rejected(home)
