"""The shared filters in the address: codes, never labels, and the period always written out.

A link must show another reader the same thing in another language and another month, so that
Streamlit's own binding (labels; defaults left out) will not do.
"""

from collections.abc import Iterable

import streamlit as st

KEYS = ("lang", "as_of", "compare", "region", "branch", "manager")
_WRITTEN = "_address"


def read() -> None:
    """Take over what the reader changed in the address (a link, Back, typing) since it was written.

    Call it before the filters are drawn. A bare address, as after a click in the navigation,
    changes nothing; one that names the period is whole, and what it leaves out means all.
    """
    found = {key: st.query_params[key] for key in KEYS if key in st.query_params}
    if not found or found == st.session_state.get(_WRITTEN):
        return
    is_whole = "as_of" in found
    for key in KEYS:
        if key in found:
            st.session_state[key] = found[key]
        elif is_whole and key != "lang":
            st.session_state.pop(key, None)


def write(values: Iterable[tuple[str, str | None]]) -> None:
    """Write the filters out, those that are set."""
    wanted = {key: value for key, value in values if value}
    st.session_state[_WRITTEN] = wanted
    present = {key: st.query_params[key] for key in KEYS if key in st.query_params}
    if present != wanted:
        others = {k: v for k, v in st.query_params.to_dict().items() if k not in KEYS}
        st.query_params.from_dict({**others, **wanted})
