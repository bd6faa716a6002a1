"""Figures of purchases: who buys again, and when. Most hold at any date."""

from datetime import date

from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, unknown
from core.metrics import repurchase
from core.metrics.intervals import wilson
from core.periods import window_start

_KAPLAN_MEIER = "Kaplan and Meier, Nonparametric estimation from incomplete observations (1958)"


def within(asked: Asked) -> Cells:
    """Share of first-time buyers who came back within N days, of those old enough."""
    rows = repurchase.repurchase_within(
        asked.firsts, as_of=asked.as_of, within_days=asked.within_days, by=asked.column
    )
    cells: Cells = {}
    for group, row in asked.rows(rows):
        key = f"repurchase_within_{row['within_days']}"
        cells.setdefault(group, {})[key] = _rate(row["came_back"], row["n"], "nobody_old_enough")
    return cells


def gap(asked: Asked) -> Cells:
    """Days until half of the first-time buyers have come back."""
    rows = asked.rows(repurchase.first_gap(asked.firsts, as_of=asked.as_of, by=asked.column))
    return {
        group: {
            "gap_median": Cell(row["median"], row["n"], row["low"], row["high"])
            if row["median"] is not None
            else unknown("half_not_reached" if row["n"] else "nobody", row["n"] or 0)
        }
        for group, row in rows
    }


def repeat(asked: Asked) -> Cells:
    """Share of the buyers of 12 months who bought on two days or more."""
    from_on = window_start(asked.as_of, MONTHS)
    if asked.is_before_books(from_on):
        return _before_books(asked, "repeat_rate", from_on)
    if asked.is_ledger_day:
        lines = asked.lines(asked.as_of)
        buyers = lines.mutate(occasions=lines.occasions_12m)
    else:
        buyers = repurchase.buyers_of(asked.occasions, from_on=from_on, until=asked.next_day)
    rows = asked.rows(repurchase.repeat_rate(buyers, by=asked.column))
    return {
        group: {"repeat_rate": _rate(row["repeated"], row["n"], "nobody")} for group, row in rows
    }


def next_window(asked: Asked) -> Cells:
    """Share of the buyers of the 12 months before last who bought in the last 12."""
    from_on = window_start(asked.as_of, 2 * MONTHS)
    if asked.is_before_books(from_on):
        return _before_books(asked, "next_window_rate", from_on)
    rows = repurchase.next_window_rate(
        asked.occasions,
        from_on=from_on,
        next_from=window_start(asked.as_of, MONTHS),
        until=asked.next_day,
        as_of=asked.as_of,
        by=asked.column,
    )
    return {
        group: {"next_window_rate": _rate(row["came_back"], row["n"], "nobody")}
        for group, row in asked.rows(rows)
    }


def _before_books(asked: Asked, key: str, from_on: date) -> Cells:
    return {(): {key: unknown("window_before_books", from_on=from_on, first_on=asked.first_on)}}


def _rate(successes: int, n: int, reason: str) -> Cell:
    if not n:
        return unknown(reason, 0)
    return Cell(successes / n, n, *wilson(successes, n))


def within_days(days: int) -> FigureDefinition:
    """Return the definition of ``repurchase_within_<days>``."""
    return FigureDefinition(
        f"repurchase_within_{days}", within, "rate", "up", "N days", "any date",
        text="repurchase_within", days=days, reference=_KAPLAN_MEIER,
    )  # fmt: skip


FIGURES = (
    FigureDefinition("repeat_rate", repeat, "rate", "up", "12 months", "any date"),
    FigureDefinition("next_window_rate", next_window, "rate", "up", "24 months", "any date"),
    *(within_days(days) for days in (30, 90, 180, 365)),
    FigureDefinition(
        "gap_median", gap, "days", "down", "history", "any date", reference=_KAPLAN_MEIER
    ),
)
