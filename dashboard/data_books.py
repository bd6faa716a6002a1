"""Cached readings of the books themselves: proposals for mappings, checks, tables brought."""

from datetime import date
from pathlib import Path

import streamlit as st

from core import quality
from core.facts import Books
from core.ingest.suggest import suggest
from core.reading import open_facts


@st.cache_data(max_entries=8, show_spinner=False)
def proposal(source: str, changed_at: float) -> str:
    """Return the mapping that is proposed for a source: TOML, its doubts as comments.

    ``changed_at`` tells one content of a file from the next.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    return suggest(source)


@st.cache_data(max_entries=8, show_spinner=False)
def quality_issues(home: str, version: int) -> list[quality.Issue]:
    """Return what the checks of the books found at a data version."""
    with open_facts(Books(Path(home)), version) as reading:
        return quality.issues(reading)


@st.cache_data(max_entries=8, show_spinner=False)
def tables_held(home: str, version: int) -> dict[str, tuple[int, date | None]]:
    """Return the tables brought at a data version: rows, and the day of the last."""
    with open_facts(Books(Path(home)), version) as reading:
        return quality.held(reading)
