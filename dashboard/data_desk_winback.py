"""What the win-back desk works out from the books, kept as ``dashboard.data`` keeps it.

What is read from the store alone is not kept, but for the cases, which go with their customers'
names: they are made anew whenever anybody records something (the mark among the arguments).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

from core.desk import candidates as qualifying
from core.desk import cases, judging, keeping, naming, outcomes, waves
from core.desk.candidates import Candidates
from core.desk.judging import Judged, Terms
from core.facts import Books
from core.reading import open_ledger
from core.store import Store, store_at
from core.view import View
from dashboard.session import Scope, Standing

_TABLES = 8  # one of a million customers takes 100 MB


@st.cache_resource(max_entries=_TABLES, show_spinner=False)
def candidates(
    home: str, version: int, refresh: Standing, scope: Scope, programme: str, day: date,
    horizon_days: int,
) -> Candidates:  # fmt: skip
    """Return who qualifies for a programme, by the books alone: asked with no mark of the desk.

    So they are not worked out again whenever anybody records something.
    """
    with _view(home, refresh, scope) as view:
        return qualifying.candidates(view, programme, day, horizon_days=horizon_days)


@st.cache_resource(max_entries=_TABLES, show_spinner=False)
def judged(
    home: str, version: int, refresh: Standing, scope: Scope, programme: str, day: date,
    horizon_days: int, assumptions: str, contact_cost: float, incentive: float,
) -> Judged:  # fmt: skip
    """Return the candidates with their worth; ``assumptions`` as a wave keeps them, in JSON."""
    books = (refresh[0], None)
    found = candidates(home, version, books, scope, programme, day, horizon_days)
    with store_at(Path(home)).reading() as session:
        closed = [each.wave for each in waves.waves(session, "closed")]
        noted, refused = cases.causes_noted(session), waves.refused(session)
    found = qualifying.with_recorded(found, noted, refused)
    own = outcomes.experience([wave for wave in closed if wave.programme == programme])
    return judging.judged(found, Terms.of(json.loads(assumptions), contact_cost, incentive), own)


@st.cache_resource(max_entries=_TABLES, show_spinner=False)
def named(
    home: str, version: int, refresh: Standing, scope: Scope, rows: tuple[int, ...], day: date
) -> pa.Table:
    """Return customers in scope by name and standing: ``naming.with_names``."""
    keys = pa.table({"customer_key": pa.array(rows, pa.int64())})
    with _view(home, refresh, scope) as view:
        return naming.with_names(view, keys, day)


@st.cache_resource(max_entries=_TABLES, show_spinner=False)
def case_rows(
    home: str, version: int, refresh: Standing, scope: Scope, stages: tuple[str, ...], day: date
) -> pa.Table:
    """Return the cases in some stages of customers in scope, with names and what they bought since.

    Beside the columns of ``cases.cases`` and ``naming.with_names``: ``bought_on`` and ``net`` since
    the case was opened (null: nothing so far).
    """
    with store_at(Path(home)).reading() as session:
        rows = cases.cases(session, *stages)
    with _view(home, refresh, scope) as view:
        return outcomes.with_bought(view, naming.with_names(view, rows, day), day)


@st.cache_data(max_entries=64, show_spinner=False)
def second_lives(
    home: str, version: int, refresh: Standing, scope: Scope, ids: tuple[str, ...], day: date
) -> list[dict[str, Any]]:
    """Return how many of those won back in closed waves stayed."""
    with store_at(Path(home)).reading() as session:
        assigned = waves.members(session, *ids)
    with _view(home, refresh, ()) as view:
        return outcomes.second_lives(view, assigned, day)


@st.cache_resource(max_entries=_TABLES, show_spinner=False)
def to_keep(
    home: str, version: int, refresh: Standing, scope: Scope, day: date, horizon_days: int,
    assumptions: str, contact_cost: float, incentive: float, every_days: int,
) -> pa.Table:  # fmt: skip
    """Return whom to keep in touch with, and when to greet them next: ``keeping.to_keep``."""
    rows = judged(
        home, version, refresh, scope, "win_back", day, horizon_days, assumptions, contact_cost,
        incentive,
    ).rows  # fmt: skip
    with store_at(Path(home)).reading() as session:
        stages = cases.last_stages(session)
    with _view(home, refresh, scope) as view:
        found = keeping.to_keep(view, rows, stages, day, every_days=every_days)
        return naming.with_names(view, found, day)


def reading(home: str, wave_id: str, day: date) -> dict[str, Any]:
    """Return what is kept of a wave when it closes; worked out once, when it is asked for."""
    with store_at(Path(home)).reading() as session:
        assigned = waves.members(session, wave_id)
    with open_ledger(Books(Path(home))) as ledger:
        return outcomes.reading(View(ledger), assigned, day)


def of_customer(home: str, customer_key: int) -> tuple[waves.Standing | None, str | None]:
    """Return the open wave that a customer is a control of, and the id of their open case."""
    if not Store.is_there(Path(home)):
        return None, None
    with store_at(Path(home)).reading() as session:
        found = cases.of_customer(session, customer_key)
        is_open = [case.id for case in found if case.stage in cases.OPEN]
        return waves.control_of(session, customer_key), next(iter(is_open), None)


def customer_key(home: str, customer_id: str) -> int | None:
    """Return the number in the books of whom the company calls ``customer_id``."""
    with open_ledger(Books(Path(home)), with_desk=False) as ledger:
        return naming.customer_key(View(ledger), customer_id)


@contextmanager
def _view(home: str, refresh: Standing, scope: Scope) -> Iterator[View]:
    with open_ledger(Books(Path(home)), with_desk=refresh[1] is not None) as ledger:
        yield View(ledger, dict(scope))
