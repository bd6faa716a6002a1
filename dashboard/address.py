"""The address of a page: shared filters, what the page itself shows, and links to other pages.

It holds codes, never labels, and the period is always written out: a link must show another reader
the same thing in another language and another month, so that Streamlit's own binding (labels;
defaults left out) will not do. It is written once, at the end of a run: one step is one entry in
the browser's history.
"""

from collections.abc import Sequence

import streamlit as st

SHARED = ("lang", "as_of", "compare", "region", "branch", "manager")
_WRITTEN = "_address"  # as it was written last
_ASKED = "_address_asked"  # what a link asks of a page, until the page has taken it
_WANTED = "_address_wanted"  # what is to be written at the end of this run
_PAGE = "_address_page"


def read() -> None:
    """Take over what the reader changed in the address (a link, Back, typing) since it was written.

    Call it before the filters are drawn. A bare address, as after a click in the navigation,
    changes no filter; one that names the period is whole, and what it leaves out means all.
    """
    st.session_state[_WANTED] = {}
    st.session_state.pop(_ASKED, None)  # of a run that did not come to its end
    found = st.query_params.to_dict()
    if found == st.session_state.get(_WRITTEN):
        return
    st.session_state[_ASKED] = {k: v for k, v in found.items() if k not in SHARED}
    if not found:
        return
    is_whole = "as_of" in found
    for key in SHARED:
        if key in found:
            st.session_state[key] = found[key]
        elif is_whole and key != "lang":
            st.session_state.pop(key, None)


def enter(page: str) -> None:
    """Say which page is drawn; a link to it, or a click in the navigation, begins it anew."""
    is_link = _ASKED in st.session_state
    if is_link or st.session_state.get(_PAGE) != page:
        for key in [k for k in st.session_state if str(k).startswith(f"{page}.")]:
            del st.session_state[key]
    st.session_state[_PAGE] = page
    st.session_state.setdefault(_ASKED, {})


def page() -> str:
    """Return what the page that is drawn is called."""
    return st.session_state[_PAGE]


def held(name: str) -> str | None:
    """Return what the address asks of this page under ``name``, as ``figure``; null: nothing.

    It stays in the address until another link is followed.
    """
    key = f"{st.session_state[_PAGE]}.held.{name}"
    if (asked := st.session_state[_ASKED].pop(name, None)) is not None:
        st.session_state[key] = asked
    want(name, st.session_state.get(key))
    return st.session_state.get(key)


def hold(name: str, value: str | None) -> None:
    """Let ``held`` return ``value`` from the next run on."""
    st.session_state[f"{st.session_state[_PAGE]}.held.{name}"] = value


def drop(*names: str) -> None:
    """Let the address ask no more for what ``held`` returned under ``names``."""
    for name in names:
        hold(name, None)
        st.session_state[_WANTED].pop(name, None)


def asked(name: str, options: Sequence[str]) -> str | None:
    """Return the key of this page's choice ``name``, after it took over what the address asks.

    Returns
    -------
    What was asked for and is no option, so that the reader can be told; else null.
    """
    found = st.session_state[_ASKED].pop(name, None)
    if found is None or found in options:
        if found is not None:
            st.session_state[choice_key(name)] = found
        return None
    return found


def choice_key(name: str) -> str:
    """Return the key of the widget of this page's choice ``name``."""
    return f"{st.session_state[_PAGE]}.{name}"


def want(name: str, value: str | None) -> None:
    """Let the address say ``name=value`` after this run; null: leave it out."""
    if value:
        st.session_state[_WANTED][name] = value


def link(**values: str | None) -> dict[str, str]:
    """Return the address of a page under the filters chosen now, with what else it is to show."""
    wanted = st.session_state[_WANTED]
    shared = {key: wanted[key] for key in SHARED if key in wanted}
    return shared | {key: value for key, value in values.items() if value}


def write() -> None:
    """Write the address; call it once, after the page was drawn."""
    wanted = st.session_state[_WANTED]
    st.session_state[_WRITTEN] = dict(wanted)
    st.session_state.pop(_ASKED, None)
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
