"""The only module with Streamlit caches: plain values in, frames and plain values out.

Every cached call has the data version, the refresh and the scope among its arguments, so that no
reader is shown what another asked for.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import streamlit as st

from core import breakdowns, definitions, lists
from core import figures as headline
from core.behind.registry import Found, found_behind
from core.breakdowns.registry import missing
from core.definitions import Definitions
from core.desk.targets import targets_of_books
from core.exports.spoken import spoken_rows
from core.facts import Books
from core.figures import Figure
from core.figures.moving import first_whole_day
from core.figures.tiers import longest_expected
from core.i18n import LANGUAGES, texts
from core.ledger.scopes import SCOPE_TABLE
from core.metrics.trends import trends
from core.periods import ledger_days
from core.reading import open_ledger
from core.schema import SCOPES
from core.sentences import happened
from core.sentences.happened import Event
from core.sentences.registry import what_changed
from core.sentences.sentence import Sentence
from core.store import StoreError
from core.targets import Target, targets_of
from core.view import View
from dashboard.session import Scope, Standing

_KEPT = 512  # entries of one cache
_TABLES = 8  # whole lists kept at once: one of a million customers takes 100 MB
MONTHS_SHOWN = 25


@st.cache_resource(show_spinner=False)
def start_up() -> None:
    """Do once per process what costs every rerun otherwise.

    Streamlit collects garbage after each rerun; what was loaded at the start need not be looked
    at again (p95 at 100 sessions: 15.8 s without, 0.33 s with).
    """
    for language in LANGUAGES:
        texts(language)
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class State:
    """Which books are there now."""

    version: int
    refresh: int
    days: tuple[date, ...]
    currency: str


@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def state(home: str) -> State:
    """Return the newest version and refresh; looked at anew after five seconds.

    Raises
    ------
    BooksError
        If there are no books, or no ledger.
    """
    with open_ledger(Books(Path(home)), with_desk=False) as ledger:
        made = ledger.refresh
        days = tuple(ledger_days(made.first_on, made.data_date))
        return State(made.data_version, made.refresh, days, ledger.version.currency or "CNY")


@st.cache_resource(max_entries=8, show_spinner=False)
def scopes(home: str, version: int, refresh: Standing) -> Sequence[Mapping[str, str | None]]:
    """Return the combinations of region, branch, manager and so on that the ledger knows."""
    with open_ledger(Books(Path(home)), with_desk=False) as ledger:
        return ledger.derived("scopes", SCOPE_TABLE).to_pyarrow().to_pylist()


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def figures(
    home: str, version: int, refresh: Standing, scope: Scope, keys: tuple[str, ...], as_of: date,
    compare: date | None, by: str | None = None,
) -> list[Figure]:  # fmt: skip
    """Return headline figures at a day, with what they were at the day compared with."""
    with _view(home, refresh, scope) as seen:
        return headline.compute(seen, keys, as_of, compare, by)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def history(home: str, version: int, refresh: Standing, scope: Scope, as_of: date) -> pd.DataFrame:
    """Return the headline figures at the ledger days up to ``as_of``, as ``trends.trends``.

    Days without anybody in scope stand with 0 customers. Value is margin or net as at ``as_of``.
    """
    with _view(home, refresh, scope) as seen:
        known = [day for day in seen.days if day <= as_of]
        days = known[-MONTHS_SHOWN:]
        lines = seen.all_lines_of(known[-MONTHS_SHOWN - 12 :], seen.is_on_margin(as_of))
        past = trends(lines, days, books_from=seen.ledger.refresh.first_on)
        found = _frame(past).set_index("day").reindex(days)
        counts = {"active_customers": 0, "value": 0.0}
        return found.fillna(counts).rename_axis("day").reset_index()


@st.cache_data(max_entries=8, show_spinner=False)
def in_force(home: str, version: int, refresh: Standing) -> Definitions:
    """Return the definitions that the ledger was built with."""
    with _view(home, refresh, ()) as seen:
        return seen.definitions


@st.cache_data(max_entries=8, show_spinner=False)
def tier_names(home: str, version: int, refresh: Standing, scope: Scope) -> str:
    """Return which names the tiers have: curry or zeithaml."""
    with _view(home, refresh, scope) as seen:
        return seen.definitions.tiers.names


@st.cache_data(max_entries=8, show_spinner=False)
def staff(home: str, version: int) -> dict[str, str]:
    """Return what each employee is called, by number."""
    with open_ledger(Books(Path(home)), with_desk=False) as ledger:
        found = ledger.table("employees").select("employee_id", "name").to_pyarrow().to_pylist()
    return {row["employee_id"]: row["name"] for row in found if row["name"]}


@dataclass(frozen=True)
class Listing:
    """A whole work list with its words; shared by all readers, so never changed."""

    rows: pa.Table  # codes by their names; customer_key too, which has no heading
    title: str
    about: str
    notes: list[str]
    headings: dict[str, str]
    missing: tuple[str, ...]


@st.cache_resource(max_entries=_TABLES, show_spinner=False)
def listing(
    home: str, version: int, refresh: Standing, scope: Scope, key: str, as_of: date, language: str
) -> Listing:
    """Return a whole work list with its words in ``language``, the most valuable first."""
    with _view(home, refresh, scope) as seen:
        chosen, is_on_margin = lists.LISTS[key], seen.is_on_margin(as_of)
        rows = lists.rows(seen, key, as_of=as_of, is_keyed=True)
        return Listing(
            spoken_rows(rows, seen.definitions.tiers.names, language, staff(home, version)),
            chosen.title(language, is_on_margin), chosen.about(language, is_on_margin),
            lists.notes(seen, key, language, as_of), chosen.headings(language),
            tuple(lists.missing(seen, key)),
        )  # fmt: skip


@st.cache_resource(max_entries=_TABLES, show_spinner=False)
def behind(
    home: str, version: int, refresh: Standing, scope: Scope, key: str, values: tuple[str, ...],
    as_of: date, compare: date | None, language: str,
) -> Found:  # fmt: skip
    """Return the customers behind a figure; shared by all readers, so never changed."""
    with _view(home, refresh, scope) as seen:
        found = found_behind(seen, key, values, as_of=as_of, compare=compare, language=language)
        tier_names = seen.definitions.tiers.names
        rows = spoken_rows(found.rows, tier_names, language, staff(home, version))
        return replace(found, rows=rows)


@dataclass(frozen=True)
class Told:
    """A breakdown: its rows, and its words in a language."""

    rows: pd.DataFrame
    title: str
    about: str  # what stands in it, and how edge cases are decided
    notes: list[str]
    headings: dict[str, str]
    missing: tuple[str, ...]  # tables that it needs and the company did not bring


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def breakdown(
    home: str, version: int, refresh: Standing, scope: Scope, key: str, as_of: date,
    compare: date | None, language: str,
) -> Told:  # fmt: skip
    """Return a breakdown of ``core.breakdowns``: a figure told apart into rows."""
    with _view(home, refresh, scope) as seen:
        chosen = breakdowns.breakdown_of(key)
        found = breakdowns.rows(seen, key, as_of=as_of, compare=compare)
        notes = breakdowns.notes(seen, key, as_of=as_of, compare=compare)
        return Told(
            _floats(found.to_pandas()), chosen.title(language),
            f"{chosen.about(language)} {chosen.edges(language)}",
            [note.text(language) for note in notes], chosen.headings(language),
            tuple(missing(seen, key)),
        )  # fmt: skip


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def expected_since(
    home: str, version: int, refresh: Standing, scope: Scope, as_of: date
) -> date | None:
    """Return the opening of the longest period of whose moves between tiers something is usual."""
    with _view(home, refresh, scope) as seen:
        return longest_expected(seen, as_of)


def targets(home: str) -> tuple[Target, ...]:
    """Return the targets in force: those set here count at the next page load.

    Raises
    ------
    DefinitionsError
        If ``regulars.toml`` holds one that is wrong.
    """
    try:
        return targets_of_books(Path(home))
    except StoreError:  # the page says that what was recorded here is left out
        return targets_of(definitions.load(Path(home)).targets)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def sentences(
    home: str, version: int, refresh: Standing, scope: Scope, keys: tuple[str, ...], as_of: date,
    compare: date,
) -> list[Sentence]:  # fmt: skip
    """Return what changed between two days; ``keys`` are the figures that the page has anyway."""
    known = figures(home, version, refresh, scope, keys, as_of, compare)
    with _view(home, refresh, scope) as seen:
        return what_changed(seen, as_of, compare, known)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def events(
    home: str, version: int, refresh: Standing, scope: Scope, since: date, as_of: date
) -> list[Event]:
    """Return what happened between two days, to be marked on trends."""
    with _view(home, refresh, scope) as seen:
        return happened.events(seen, since, as_of)


@contextmanager
def _view(home: str, refresh: Standing, scope: Scope) -> Iterator[View]:
    with open_ledger(Books(Path(home)), with_desk=refresh[1] is not None) as ledger:
        yield View(ledger, dict(scope))


def _frame(table: ir.Table) -> pd.DataFrame:
    """Return the rows with decimals as floats: a page shows, it does not add up."""
    return _floats(table.to_pyarrow().to_pandas())


def _floats(found: pd.DataFrame) -> pd.DataFrame:
    for name in found.columns:
        kinds = {type(value) for value in found[name] if value is not None}
        if kinds == {Decimal}:
            found[name] = found[name].astype("float64")
    return found


@dataclass(frozen=True)
class Company:
    """Who works there, what its tiers are called, and since when its losses can be told."""

    staff: dict[str, str]  # name by the number of the employee
    tiers: str  # curry or zeithaml
    scopes: tuple[str, ...]  # that the books know something of
    told_from: date  # first day after the first tau days of the books


@st.cache_data(max_entries=8, show_spinner=False)
def company(home: str, version: int, refresh: Standing) -> Company:
    """Return what pages say of the company besides its figures."""
    with _view(home, refresh, ()) as seen:
        rows = []
        if seen.ledger.has("employees"):
            rows = seen.ledger.table("employees").select("employee_id", "name").to_pyarrow()
            rows = rows.to_pylist()
        return Company(
            {row["employee_id"]: row["name"] or row["employee_id"] for row in rows},
            seen.definitions.tiers.names,
            tuple(n for n in SCOPES if any(row[n] for row in scopes(home, version, refresh))),
            first_whole_day(seen),
        )  # fmt: skip
