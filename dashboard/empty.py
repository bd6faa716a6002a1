"""What stands where there is nothing to show: why, and what would help."""

from collections.abc import Sequence

import streamlit as st

from core import schema
from dashboard import address
from dashboard.session import language, plain, say

DATA = "dashboard/pages/books.py"


def nothing(title: str, advice: str) -> None:
    """Show that there is nothing to show, and what to do."""
    with st.container(border=True):
        st.markdown(f"##### {plain(title)}")
        st.markdown(plain(advice))


def missing(tables: Sequence[str]) -> None:
    """Show which tables would light a part of the page up, and the way to bring them."""
    names = {name: getattr(schema.TABLES[name], language()) for name in tables}
    found = say("table.join").join(f"{name} ({code})" for code, name in names.items())
    with st.container(border=True):
        st.markdown(f"##### {plain(say('missing.title'))}")
        st.markdown(plain(say("missing.text", tables=found)))
        label = say("page.no_books.link")
        st.page_link(DATA, label=label, icon=":material/upload_file:", query_params=address.link())


def no_books(home: str) -> None:
    """Show how to come to books."""
    with st.container(border=True):
        st.markdown(f"#### {plain(say('page.no_books.title'))}")
        st.markdown(plain(say("page.no_books.text")))
        st.code("regulars demo", language=None)
        st.markdown(plain(say("page.no_books.own")))
        st.page_link(DATA, label=say("page.no_books.link"), icon=":material/upload_file:")
        st.caption(plain(say("page.no_books.home", home=home)))
