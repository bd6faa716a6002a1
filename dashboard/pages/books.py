"""Data: versions, trust, tables, import, rejected rows, refresh."""

import streamlit as st

from dashboard import filters, holdings, importing, jobs, session, trust
from dashboard.session import say

home = str(session.home())
has_books, behind = holdings.has_books(home), holdings.is_behind(home)
section = "import"

if importing.watch(home):
    st.stop()  # a second click on the button must not begin a second import
if behind:
    st.warning(say("books.behind"), icon=":material/sync_problem:")
if has_books:
    with st.container(horizontal=True, vertical_alignment="center"):
        section = filters.choice(
            "section", ("versions", "trust", "tables", "import", "rejected"),
            lambda code: say(f"books.section.{code}"), title=say("board_definitions.section.title"),
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
            jobs.start_import(home, place, name, mapping)
            st.rerun()
elif section == "versions":
    importing.versions(home)
elif section == "trust":
    trust.checks(home, holdings.newest(home))
elif section == "tables":
    trust.brought(home, holdings.newest(home))
else:
    importing.rejected(home)
