"""The only module with Streamlit caches: plain values in, frames and plain values out.

Every cached call has the data version, the refresh and the scope among its arguments, so that no
reader is shown what another asked for.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import streamlit as st

from core import breakdowns, definitions, lists
from core import figures as headline
from core.behind.registry import Found, found_behind
from core.breakdowns.registry import missing
from core.facts import Books
from core.figures import Figure
from core.i18n import LANGUAGES, texts
from core.ingest.suggest import suggest
from core.ledger.scopes import SCOPE_TABLE
from core.metrics import pyramid as tiers
from core.metrics import repurchase as again
from core.metrics.cohorts import cohort_average, cohort_retention
from core.metrics.intervals import wilson
from core.metrics.trends import trends
from core.periods import ledger_days, month_start, plus_months
from core.reading import open_ledger
from core.targets import Target, targets_of
from core.view import View
from dashboard.session import Scope

_KEPT = 512  # entries of one cache
MONTHS_SHOWN = 25
COHORTS = 12  # months
LIST_ROWS = 300


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
    with open_ledger(Books(Path(home))) as ledger:
        made = ledger.refresh
        days = tuple(ledger_days(made.first_on, made.data_date))
        return State(made.data_version, made.refresh, days, ledger.version.currency or "CNY")


@st.cache_data(max_entries=8, show_spinner=False)
def scopes(home: str, version: int, refresh: int) -> list[dict[str, str | None]]:
    """Return the combinations of region, branch, manager and so on that the ledger knows."""
    with open_ledger(Books(Path(home))) as ledger:
        return ledger.derived("scopes", SCOPE_TABLE).to_pyarrow().to_pylist()


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def figures(
    home: str, version: int, refresh: int, scope: Scope, keys: tuple[str, ...], as_of: date,
    compare: date | None, by: str | None = None,
) -> list[Figure]:  # fmt: skip
    """Return headline figures at a day, with what they were at the day compared with."""
    with _view(home, scope) as seen:
        return headline.compute(seen, keys, as_of, compare, by)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def history(home: str, version: int, refresh: int, scope: Scope, as_of: date) -> pd.DataFrame:
    """Return the headline figures at the ledger days up to ``as_of``, as ``trends.trends``.

    Days without anybody in scope stand with 0 customers. Value is margin or net as at ``as_of``.
    """
    with _view(home, scope) as seen:
        known = [day for day in seen.days if day <= as_of]
        days = known[-MONTHS_SHOWN:]
        lines = seen.all_lines_of(known[-MONTHS_SHOWN - 12 :], seen.is_on_margin(as_of))
        past = trends(lines, days, books_from=seen.ledger.refresh.first_on)
        found = _frame(past).set_index("day").reindex(days)
        counts = {"active_customers": 0, "value": 0.0}
        return found.fillna(counts).rename_axis("day").reset_index()


@dataclass(frozen=True)
class Pyramid:
    """Levels now and then, moves between tiers, and how unequal value is."""

    levels: pd.DataFrame  # as metrics.pyramid.pyramid
    levels_then: pd.DataFrame | None
    matrix: pd.DataFrame | None  # as metrics.pyramid.tier_matrix; null: tiers do not compare
    lorenz: pd.DataFrame  # share_of_buyers, share_of_value; best buyers first
    top: dict[str, float | None]  # n, top, value, top_share, gini
    cut_on: date | None
    is_provisional: bool
    names: str  # of the tiers: curry or zeithaml
    is_on_margin: bool


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def pyramid(
    home: str, version: int, refresh: int, scope: Scope, as_of: date, compare: date | None
) -> Pyramid:
    """Return who stands in which tier, who moved, and how much the few carry."""
    with _view(home, scope) as seen:
        days = [compare, as_of] if compare else [as_of]
        is_on_margin = seen.is_on_margin(*days)
        lines = seen.lines(as_of, is_on_margin)
        cut = next((row for row in seen.cuts if row["month_end"] == as_of), None)
        matrix = then = None
        if compare:
            then = _frame(tiers.pyramid(seen.lines(compare, is_on_margin)))
            if not any(seen.has_own_cuts(day) for day in days):
                both = (seen.all_lines(day, is_on_margin) for day in days)
                matrix = _frame(tiers.tier_matrix(*both))
        top = tiers.top_share(lines).to_pyarrow().to_pylist()[0]
        unequal = tiers.gini(lines).to_pyarrow().to_pylist()[0]
        curve = tiers.lorenz(lines, descending=True).order_by("share_of_buyers")
        return Pyramid(
            _frame(tiers.pyramid(lines)), then, matrix, _frame(curve),
            {**top, "gini": unequal["gini"]}, cut["cut_on"] if cut else None,
            bool(cut and cut["is_provisional"]), seen.definitions.tiers.names, is_on_margin,
        )  # fmt: skip


@dataclass(frozen=True)
class Repurchase:
    """Matured rates, the curve with the young in it, and the cohorts of the last months."""

    rates: list[dict[str, Any]]  # within_days, n, came_back, rate, low, high
    curve: pd.DataFrame  # as metrics.repurchase.repurchase_curve
    median_days: int | None
    cohorts: pd.DataFrame  # as metrics.cohorts.cohort_retention
    average: pd.DataFrame  # as metrics.cohorts.cohort_average
    buyers: int


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def repurchase(home: str, version: int, refresh: int, scope: Scope, as_of: date) -> Repurchase:
    """Return who of the first-time buyers came back, and after how long."""
    with _view(home, scope) as seen:
        lines = seen.lines(as_of)
        firsts = lines.filter(lines.first_on.notnull())
        firsts = firsts.select("customer_key", "first_on", "second_on")
        windows = seen.definitions.repurchase_days
        rates = again.repurchase_within(firsts, as_of=as_of, within_days=windows)
        low, high = wilson(rates.came_back, rates.n)
        found = rates.mutate(low=low, high=high).order_by("within_days").to_pyarrow().to_pylist()
        curve = _frame(again.repurchase_curve(firsts, as_of=as_of).order_by("day"))
        middle = again.first_gap(firsts, as_of=as_of).to_pyarrow().to_pylist()
        since = plus_months(month_start(as_of), -COHORTS)
        young = firsts.filter(firsts.first_on >= since)
        cells = cohort_retention(seen.occasions(as_of), young, as_of=as_of, up_to=COHORTS)
        return Repurchase(
            found, curve, middle[0]["median"] if middle else None, _frame(cells),
            _frame(cohort_average(cells)), int(curve.at_risk.max()) if len(curve) else 0,
        )  # fmt: skip


@st.cache_data(max_entries=8, show_spinner=False)
def tier_names(home: str, version: int, refresh: int, scope: Scope) -> str:
    """Return which names the tiers have: curry or zeithaml."""
    with _view(home, scope) as seen:
        return seen.definitions.tiers.names


@dataclass(frozen=True)
class WorkRows:
    """The first rows of a work list, how many there are, and what they are called."""

    rows: pd.DataFrame
    total: int
    about: str
    headings: dict[str, str]


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def work_list(
    home: str, version: int, refresh: int, scope: Scope, key: str, as_of: date, language: str
) -> WorkRows:
    """Return the rows of a work list that are worth most, with its words in ``language``."""
    with _view(home, scope) as seen:
        chosen = lists.LISTS[key]
        found = lists.rows(seen, key, as_of=as_of)
        return WorkRows(
            _floats(found.slice(0, LIST_ROWS).to_pandas()), found.num_rows,
            chosen.about(language), chosen.headings(language),
        )  # fmt: skip


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def list_notes(
    home: str, version: int, refresh: int, scope: Scope, key: str, as_of: date, language: str
) -> list[str]:
    """Return what a reader of a work list must know: what is left out, and what value means."""
    with _view(home, scope) as seen:
        return lists.notes(seen, key, language, as_of)


@st.cache_resource(max_entries=32, show_spinner=False)
def behind(
    home: str, version: int, refresh: int, scope: Scope, key: str, values: tuple[str, ...],
    as_of: date, compare: date | None, language: str,
) -> Found:  # fmt: skip
    """Return the customers behind a figure; shared by all readers, so never changed."""
    with _view(home, scope) as seen:
        return found_behind(
            seen, key, values, as_of=as_of, compare=compare, language=language
        )  # fmt: skip


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
    home: str, version: int, refresh: int, scope: Scope, key: str, as_of: date,
    compare: date | None, language: str,
) -> Told:  # fmt: skip
    """Return a breakdown of ``core.breakdowns``: a figure told apart into rows."""
    with _view(home, scope) as seen:
        chosen = breakdowns.breakdown_of(key)
        found = breakdowns.rows(seen, key, as_of=as_of, compare=compare)
        notes = breakdowns.notes(seen, key, as_of=as_of, compare=compare)
        return Told(
            _floats(found.to_pandas()), chosen.title(language),
            f"{chosen.about(language)} {chosen.edges(language)}",
            [note.text(language) for note in notes], chosen.headings(language),
            tuple(missing(seen, key)),
        )  # fmt: skip


@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def targets(home: str) -> tuple[Target, ...]:
    """Return the targets that the company has set; looked at anew after five seconds.

    Raises
    ------
    DefinitionsError
        If ``regulars.toml`` holds one that is wrong.
    """
    return targets_of(definitions.load(Path(home)).targets)


@contextmanager
def _view(home: str, scope: Scope) -> Iterator[View]:
    with open_ledger(Books(Path(home))) as ledger:
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
