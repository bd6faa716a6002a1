"""The board: settings, language, shared filters, navigation."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from core.errors import BooksError, CoreError
from core.store import StoreError
from dashboard import address, blocks, data, desk, filters, session
from dashboard.session import say

# What each page is called in the address, its group, and whether it lives without books.
PAGES = (
    ("overview", "review", False),
    ("pyramid", "review", False),
    ("repurchase", "review", False),
    ("satisfaction", "review", False),
    ("churn", "review", False),
    ("prospects", "review", False),
    ("care", "work", False),
    ("lists", "work", False),
    ("winback", "work", False),
    ("customers", "work", False),
    ("card", "work", False),
    ("evaluations", "work", False),
    ("registers", "work", False),
    ("books", "books", True),
    ("definitions", "books", False),
)
# These work on the newest day of the books, whatever day is reviewed.
DESK = ("care", "winback", "evaluations", "registers")
ICON = Path(__file__).parent / "dashboard" / "icon.svg"
ICONS = {
    "overview": ":material/monitoring:",
    "pyramid": ":material/landscape:",
    "repurchase": ":material/replay:",
    "satisfaction": ":material/sentiment_satisfied:",
    "churn": ":material/logout:",
    "prospects": ":material/person_search:",
    "care": ":material/today:",
    "lists": ":material/checklist:",
    "winback": ":material/handshake:",
    "customers": ":material/group:",
    "card": ":material/contact_page:",
    "evaluations": ":material/rate_review:",
    "registers": ":material/menu_book:",
    "books": ":material/database:",
    "definitions": ":material/rule:",
}


def main() -> None:
    """Draw one page with what all pages share."""
    data.start_up()
    address.read()
    st.set_page_config(page_title=say("page.product"), page_icon=str(ICON), layout="wide")
    session.paper()
    st.logo(str(ICON), size="large")
    page, is_free = navigation()
    address.enter(page.url_path or PAGES[0][0])
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.title(page.title, anchor=False)
        filters.language_choice()
    try:
        if shared_filters(is_free, page.url_path in DESK) or is_free:
            page.run()
    except StopException:
        pass  # a page that has said all there is
    except StoreError as error:
        desk.waiting(error)
    except CoreError as error:
        session.tell(error)
    except Exception as error:  # noqa: BLE001  the entry point: logged, and numbered for the reader
        session.tell_unexpected(error)
    address.write()


def navigation() -> tuple[st.Page, bool]:
    """Draw the navigation; return the page chosen, and whether it lives without books."""
    groups: dict[str, list[st.Page]] = {}
    free = {}
    for name, group, is_free in PAGES:
        page = st.Page(
            f"dashboard/pages/{name}.py", title=say(f"page.{name}.title"), icon=ICONS[name],
            url_path=name, default=name == "overview",
        )  # fmt: skip
        groups.setdefault(group, []).append(page)
        free[page.url_path] = is_free
    # Streamlit's own navigation puts its sections into a list that screen readers cannot read.
    chosen = st.navigation([page for pages in groups.values() for page in pages], position="hidden")
    with st.sidebar, st.container(gap="xxsmall"):
        for group, pages in groups.items():
            st.caption(say(f"page.group.{group}"))
            for page in pages:
                st.page_link(page)
    return chosen, free[chosen.url_path]


def shared_filters(is_free: bool, is_desk: bool) -> bool:
    """Draw the shared filters and say what they chose; return whether there are figures to show.

    Where there are none, a page that does not live without them says what to do instead.
    """
    try:
        with st.sidebar:
            first = st.container()
            look, dropped = filters.shared(session.home())
            with first if is_desk else st.container():
                desk.who(data.staff(look.home, look.version))
    except BooksError as error:
        if error.key == "no_books" and not is_free:
            blocks.no_books(str(session.home()))
        elif not is_free:
            session.tell(error)
        return False
    said = filters.summary_of_desk if is_desk else filters.summary
    blocks.caption(filters.books(look) if is_free else said(look))
    desk.notices()
    if dropped:
        st.warning(session.plain(dropped), icon=":material/filter_alt_off:")
    return True


main()
