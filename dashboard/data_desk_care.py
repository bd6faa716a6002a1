"""What the care board asks of the books, kept as ``dashboard.data`` keeps it.

The cards of a day are worked out once, with what was recorded until then. What is recorded later
is laid over them by the page with each run: a click must not work them out again. Only what brings
cards back (something withdrawn, a play, a wave that closed) makes them anew, so it is part of
``refresh`` here.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import streamlit as st

from core.desk import due as dues
from core.desk import people, plans, plays, recorded
from core.desk.attention import OnBoard
from core.desk.due import Due
from core.desk.people import Customer
from core.desk.plans import Effect
from core.desk.plays import Counted
from core.facts import Books
from core.reading import open_ledger
from core.view import View
from dashboard.session import Scope, Standing

_KEPT = 64


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def due(
    home: str, version: int, refresh: Standing, scope: Scope, today: date,
    on_board: tuple[OnBoard, ...], owner: str | None,
) -> Due:  # fmt: skip
    """Return the cards that the books make on a day; shared by all readers, so never changed."""
    with _view(home, refresh, scope) as view:
        return dues.due(view, today, on_board, owner)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def known(
    home: str, version: int, refresh: Standing, scope: Scope, keys: tuple[int, ...]
) -> tuple[dict[int, Customer], set[int]]:
    """Return who some customers are, and which of them do not want to be contacted."""
    with _view(home, refresh, scope) as view:
        return people.customers(view, keys), recorded.refused_before(view, keys)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def counted(home: str, version: int, refresh: Standing, scope: Scope) -> Counted:
    """Return how many customers there are of each kind and tier, and what was spent on them."""
    with _view(home, refresh, scope) as view:
        return plays.counted(view)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def effect(
    home: str, version: int, refresh: Standing, scope: Scope,
    met: tuple[tuple[int, date, bool], ...],
) -> Effect:  # fmt: skip
    """Return what became of those whom a plan reached."""
    with _view(home, refresh, scope) as view:
        return plans.effect(view, met)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def audience_size(
    home: str, version: int, refresh: Standing, scope: Scope, key: str | None,
    tiers: Collection[str], branch: str | None,
) -> int:  # fmt: skip
    """Return how many customers a plan is for."""
    with _view(home, refresh, scope) as view:
        return plans.audience_size(view, {"list": key, "tiers": tiers, "branch": branch})


@contextmanager
def _view(home: str, refresh: Standing, scope: Scope) -> Iterator[View]:
    with open_ledger(Books(Path(home)), with_desk=refresh[1] is not None) as ledger:
        yield View(ledger, dict(scope))
