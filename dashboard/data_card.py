"""What the card of a customer and the search ask of the books, kept as ``dashboard.data`` keeps it.

A card is of one customer whatever the scope: the scope stands among the arguments all the same, so
that no reader is ever given what was kept for another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import streamlit as st

from core.card import among as others
from core.card.among import Among, Everybody
from core.card.card import Card, card_of, costed, one_of
from core.card.one import OneView
from core.card.profile import reach as reach_of
from core.card.search import Hits, search
from core.facts import Books
from core.reading import open_ledger
from core.view import View
from dashboard.session import Scope, Standing

_KEPT = 256  # cards


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def card(
    home: str, version: int, refresh: Standing, scope: Scope, customer_key: int, as_of: date
) -> Card | None:
    """Return the card of a customer at a ledger day; null if there is no such customer."""
    known = _costed(home, version, refresh, as_of)
    with _whole(home, refresh) as view:
        return card_of(view.ledger, customer_key, as_of, known)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def among(
    home: str, version: int, refresh: Standing, scope: Scope, customer_key: int, as_of: date
) -> Among | None:
    """Return where a customer stands among those of the segment; null if not active."""
    everybody = _everybody(home, version, refresh, as_of)
    known = _costed(home, version, refresh, as_of)
    with _whole(home, refresh) as view:
        one = one_of(view.ledger, customer_key)
        if one is None:
            return None
        view.costed.update(known)
        return others.among(view, OneView(one, costed=dict(known)), as_of, everybody)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def found(home: str, version: int, refresh: Standing, scope: Scope, text: str, as_of: date) -> Hits:
    """Return the customers whose name, id or telephone number contains a text."""
    known = _costed(home, version, refresh, as_of)
    with _whole(home, refresh) as view:
        return search(view, text, as_of, is_on_margin=known[as_of])


def reach(home: str, refresh: Standing, customer_key: int) -> tuple[str | None, str | None]:
    """Return a customer's telephone number and e-mail in full: asked for one by one, never kept."""
    with _whole(home, refresh) as view:
        one = one_of(view.ledger, customer_key)
        return (None, None) if one is None else reach_of(one)


@st.cache_data(max_entries=64, show_spinner=False)
def _costed(home: str, version: int, refresh: Standing, as_of: date) -> dict[date, bool]:
    with _whole(home, refresh) as view:
        return costed(view, as_of)


@st.cache_resource(max_entries=8, show_spinner=False)
def _everybody(home: str, version: int, refresh: Standing, as_of: date) -> Everybody:
    with _whole(home, refresh) as view:
        return others.everybody(view, as_of)


@contextmanager
def _whole(home: str, refresh: Standing) -> Iterator[View]:
    with open_ledger(Books(Path(home)), with_desk=refresh[1] is not None) as ledger:
        yield View(ledger)
