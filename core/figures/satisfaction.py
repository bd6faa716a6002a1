"""Figures of what customers say: NPS, CSAT, CES, who answers, and what all would say."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.metrics import effort, surveys, weighted
from core.metrics.intervals import Z, wilson
from core.periods import window_start

_TABLES = ("orders", "surveys")
_REICHHELD = "Reichheld, The one number you need to grow (2003)"
_EFFORT = "Dixon, Toman and DeLisi, The effortless experience (2013)"
_COCHRAN = "Cochran, Sampling techniques (1977), 5A.9"
_LIMITS = {"nps": (-100.0, 100.0), "csat": (0.0, 1.0)}


def questions(asked: Asked, *instruments: str) -> ir.Table:
    """Return what was asked in the last 12 months of customers in scope, and what was answered."""
    since = window_start(asked.as_of, MONTHS)
    found = surveys.asked_in(asked.view.ledger.table("surveys"), since=since, as_of=asked.as_of)
    return asked.scoped(found.filter(found.instrument.isin(instruments)))


def rate(successes: int, n: int, reason: str) -> Cell:
    """Return a rate with its Wilson interval; unknown for the reason where ``n`` is 0."""
    return Cell(successes / n, n, *wilson(successes, n)) if n else unknown(reason, 0)


def nps(asked: Asked) -> Cells:
    """NPS of the last 12 months, and who answered."""
    found = questions(asked, "nps")
    cells = _responses(asked, found, "nps_response", "nps")
    for group, row in asked.rows(surveys.nps(found, by=asked.column)):
        if row["n"]:
            low, high = _around(row["nps"], row["standard_error"] or None, "nps")
            cells[group]["nps"] = Cell(row["nps"], row["n"], low, high)
    return cells


def csat(asked: Asked) -> Cells:
    """CSAT of the last 12 months, and who answered."""
    found = questions(asked, "csat")
    cells = _responses(asked, found, "csat_response", "csat")
    for group, row in asked.rows(surveys.csat(found, by=asked.column)):
        cells[group]["csat"] = Cell(row["csat"], row["n"], row["low"], row["high"])
    return cells


def ces(asked: Asked) -> Cells:
    """CES of the last 12 months as a mean and as a share, and who answered."""
    found = questions(asked, "ces")
    cells = _responses(asked, found, "ces_response", "ces_mean", "ces_agree")
    for group, row in asked.rows(effort.ces(found, by=asked.column)):
        if n := row["n"]:
            cells[group]["ces_mean"] = Cell(row["mean"], n, row["low"], row["high"])
            cells[group]["ces_agree"] = rate(row["easy"], n, "nobody_answered")
    return cells


def _responses(asked: Asked, found: ir.Table, key: str, *scores: str) -> Cells:
    """Return response rates by group; the scores wait there for an answer."""
    rows = surveys.response_rate(
        found,
        as_of=asked.as_of,
        within_days=asked.view.definitions.answer_within_days,
        by=asked.column,
    )
    cells: Cells = {}
    groups = {group: row for group, row in asked.rows(rows)}
    for group in _groups(asked, found) | groups.keys():
        row = groups.get(group, {"asked": 0, "answered": 0})
        nothing = dict.fromkeys(scores, unknown("nobody_answered", 0))
        cells[group] = nothing | {key: rate(row["answered"], row["asked"], "nobody_asked")}
    return cells


def _groups(asked: Asked, found: ir.Table) -> set[tuple]:
    """Return the groups of customers who were asked, however young the question is."""
    if not asked.column:
        return {()}
    return {group for group, _ in asked.rows(found.select(*asked.column).distinct())}


def nps_weighted(asked: Asked) -> Cells:
    """NPS as it would be if each tier had its due say."""
    return _weighted(asked, "nps")


def csat_weighted(asked: Asked) -> Cells:
    """CSAT as it would be if each tier had its due say."""
    return _weighted(asked, "csat")


def _weighted(asked: Asked, instrument: str) -> Cells:
    is_on_margin = asked.is_on_margin(asked.as_of)
    since = window_start(asked.as_of, MONTHS)
    found = surveys.asked_in(asked.view.ledger.table("surveys"), since=since, as_of=asked.as_of)
    graded = weighted.graded(surveys.answers(found.filter(found.instrument == instrument)))
    lines = asked.lines(asked.as_of, is_on_margin)
    # A few rows: worked out once for both weights.
    strata = ibis.memtable(weighted.strata(graded, lines, by=asked.column).to_pyarrow())
    cells: Cells = {}
    for weight, name in (("heads", "response"), ("value", "value")):
        notes = asked.basis(is_on_margin) if weight == "value" else ()
        rows = weighted.weighted_score(strata, weight=weight, by=asked.column)
        for group, row in asked.rows(rows):
            cell = _weighted_cell(row, instrument, notes)
            cells.setdefault(group, {})[f"{instrument}_by_{name}"] = cell
    return cells


def _weighted_cell(row: Mapping, instrument: str, notes: tuple[Note, ...]) -> Cell:
    if row["score"] is None:
        return unknown("nobody_answered", row["n"])
    unheard = tuple(
        Note(f"unheard_{name}", {"share": f"{row[f'unheard_{name}']:.1%}"})
        for name in weighted.STRATA
        if row[f"unheard_{name}"] > 0
    )
    low, high = _around(row["score"], row["standard_error"], instrument)
    return Cell(row["score"], row["n"], low, high, (*unheard, *notes))


def _around(
    value: float, error: float | None, instrument: str
) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval within the limits of the score; null where no spread is known."""
    if error is None:
        return None, None
    least, most = _LIMITS[instrument]
    return max(value - Z * error, least), min(value + Z * error, most)


FIGURES: tuple[FigureDefinition, ...] = (
    FigureDefinition(
        "nps", nps, "points", "up", needs="any date", tables=_TABLES, reference=_REICHHELD
    ),
    FigureDefinition("nps_response", nps, "rate", "up", needs="any date", tables=_TABLES),
    FigureDefinition("csat", csat, "rate", "up", needs="any date", tables=_TABLES),
    FigureDefinition("csat_response", csat, "rate", "up", needs="any date", tables=_TABLES),
    FigureDefinition(
        "ces_mean", ces, "score", "up", needs="any date", tables=_TABLES, reference=_EFFORT
    ),
    FigureDefinition("ces_agree", ces, "rate", "up", needs="any date", tables=_TABLES),
    FigureDefinition("ces_response", ces, "rate", "up", needs="any date", tables=_TABLES),
    FigureDefinition(
        "nps_by_response", nps_weighted, "points", "up", tables=_TABLES, reference=_COCHRAN
    ),
    FigureDefinition("nps_by_value", nps_weighted, "points", "up", tables=_TABLES),
    FigureDefinition(
        "csat_by_response", csat_weighted, "rate", "up", tables=_TABLES, reference=_COCHRAN
    ),
    FigureDefinition("csat_by_value", csat_weighted, "rate", "up", tables=_TABLES),
)
