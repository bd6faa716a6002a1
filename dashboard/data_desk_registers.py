"""What evaluations and registers ask of the books, kept as ``dashboard.data`` keeps it.

What stands in the store is read anew each time; its ids are among the arguments here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa
import streamlit as st

from core.desk import calibration as calibrating
from core.desk import handovers as handing
from core.desk import kept, people
from core.desk import promises as promising
from core.desk.calibration import Rated
from core.desk.handovers import Employee
from core.desk.kept import Kept
from core.desk.people import Customer
from core.desk.promises import Promised
from core.facts import Books
from core.reading import open_ledger
from core.view import View
from dashboard.session import Scope, Standing

_KEPT = 128


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def customers(
    home: str, version: int, refresh: Standing, scope: Scope, keys: tuple[int, ...]
) -> dict[int, Customer]:
    """Return who some customers are."""
    with _view(home, refresh, scope) as view:
        return people.customers(view, keys)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def due_for_evaluation(
    home: str, version: int, refresh: Standing, scope: Scope, evaluated: tuple[int, ...], most: int
) -> tuple[pa.Table, int]:
    """Return the upper customers who are to be evaluated, the most valuable first."""
    with _view(home, refresh, scope) as view:
        return people.due_for_evaluation(view, evaluated, most)


@st.cache_data(max_entries=8, show_spinner=False)
def rated(
    home: str, version: int, refresh: Standing, scope: Scope, ratings: tuple[tuple, ...],
    within_days: int,
) -> list[Rated]:  # fmt: skip
    """Return evaluations with what the customers did afterwards."""
    with _view(home, refresh, scope) as view:
        return calibrating.rated(view, ratings, view.days[-1], within_days)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def imported_promises(
    home: str, version: int, refresh: Standing, scope: Scope, state: str, today: date,
    without: tuple[str, ...], most: int,
) -> tuple[list[Promised], int]:  # fmt: skip
    """Return promises of the books in a state, and how many there are."""
    with _view(home, (refresh[0], None), scope) as view:
        return promising.imported_promises(view, state, today, without, most)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def count_imported(
    home: str, version: int, refresh: Standing, scope: Scope, today: date, without: tuple[str, ...]
) -> dict[str, int]:
    """Return how many promises of the books are in each state."""
    with _view(home, (refresh[0], None), scope) as view:
        return promising.count_imported(view, today, without)


@st.cache_data(max_entries=8, show_spinner=False)
def staff(home: str, version: int, refresh: Standing, scope: Scope) -> list[Employee]:
    """Return the employees of the books, with how many customers each manages."""
    with _view(home, refresh, ()) as view:
        return handing.staff(view)


@st.cache_data(max_entries=32, show_spinner=False)
def customers_left(
    home: str, version: int, refresh: Standing, scope: Scope, employee: Employee, leaves_on: date
) -> pa.Table:
    """Return whom an employee leaves behind, with their names, the most valuable first."""
    with _view(home, refresh, scope) as view:
        return handing.customers_left(view, employee, leaves_on)


@st.cache_data(max_entries=32, show_spinner=False)
def contacted_imported(
    home: str, version: int, refresh: Standing, scope: Scope,
    wanted: tuple[tuple[int, str, date], ...],
) -> dict[int, date]:  # fmt: skip
    """Return when successors first reached their customers, by the contacts of the books."""
    with _view(home, (refresh[0], None), ()) as view:
        return handing.contacted_imported(view.ledger, wanted)


@st.cache_data(max_entries=8, show_spinner=False)
def kept_after(
    home: str, version: int, refresh: Standing, scope: Scope, made: tuple[tuple[int, date], ...],
    days: int,
) -> Kept:  # fmt: skip
    """Return how many customers stayed after their transfer, beside like ones."""
    with _view(home, refresh, scope) as view:
        return kept.kept_after(view, made, view.days[-1], days)


@contextmanager
def _view(home: str, refresh: Standing, scope: Scope) -> Iterator[View]:
    with open_ledger(Books(Path(home)), with_desk=refresh[1] is not None) as ledger:
        yield View(ledger, dict(scope))
