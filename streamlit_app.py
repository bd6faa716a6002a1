"""The board: settings, language, shared filters, navigation."""

from pathlib import Path

import streamlit as st

from core.errors import BooksError, CoreError
from dashboard import address, blocks, data, filters, session
from dashboard.session import say

# What each page is called in the address, its group, and whether it lives without books.
PAGES = (
    ("overview", "review", False),
    ("pyramid", "review", False),
    ("repurchase", "review", False),
    ("churn", "review", False),
    ("winback", "work", False),
    ("books", "books", True),
)
ICON = Path(__file__).parent / "dashboard" / "icon.svg"
ICONS = {
    "overview": ":material/monitoring:",
    "pyramid": ":material/landscape:",
    "repurchase": ":material/replay:",
    "churn": ":material/logout:",
    "winback": ":material/handshake:",
    "books": ":material/database:",
}


def main() -> None:
    """Draw one page with what all pages share."""
    data.start_up()
    address.read()
    st.set_page_config(page_title=say("page.product"), page_icon=str(ICON), layout="wide")
    groups: dict[str, list] = {}
    without_books = {}
    for name, group, is_free in PAGES:
        page = st.Page(
            f"dashboard/pages/{name}.py", title=say(f"page.{name}.title"), icon=ICONS[name],
            url_path=name, default=name == "overview",
        )  # fmt: skip
        groups.setdefault(say(f"page.group.{group}"), []).append(page)
        without_books[page.url_path] = is_free
    page = st.navigation(groups)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.title(page.title, anchor=False)
        filters.language_choice()
    try:
        try:
            with st.sidebar:
                look = filters.shared(session.home())
            text = filters.books(look) if without_books[page.url_path] else filters.summary(look)
            st.caption(session.plain(text))
        except BooksError as error:
            if not without_books[page.url_path]:
                if error.key == "no_books":
                    blocks.no_books(str(session.home()))
                else:
                    session.tell(error)
                return
        page.run()
    except CoreError as error:
        session.tell(error)
    except Exception as error:  # noqa: BLE001  the entry point: logged, and numbered for the reader
        session.tell_unexpected(error)


main()
