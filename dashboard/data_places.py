"""The places that filters offer, kept for every run."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import data
from dashboard.session import Standing


@st.cache_resource(max_entries=8, show_spinner=False)
def places(
    home: str, version: int, refresh: Standing, names: tuple[str, ...]
) -> Sequence[Mapping[str, str | None]]:
    """Return the combinations of some kinds of places: far fewer than of all scopes."""
    found = {tuple(row[name] for name in names) for row in data.scopes(home, version, refresh)}
    return [dict(zip(names, each, strict=True)) for each in found]
