"""Figures of newcomers: who came by a promotion and comes again, and who never bought again."""

from collections.abc import Mapping
from datetime import date, timedelta

import ibis.expr.types as ir

from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, unknown
from core.metrics import newcomers as new
from core.metrics.intervals import wilson
from core.metrics.promotions import promo_newcomers, promo_repurchase
from core.periods import window_start
from core.view import View

_NEWCOMBE = "Newcombe (1998), method 10; Zou and Donner (2008)"


def newcomers(view: View, firsts: ir.Table) -> ir.Table:
    """Return those of ``firsts`` whose first purchase in the books was their first."""
    ledger = view.ledger
    joined = None
    if ledger.has("customers"):
        joined = ledger.table("customers").select("customer_key", "joined_on")
    first_on = ledger.refresh.first_on
    return new.newcomers(firsts, joined, books_from=first_on, settled_from=_settled_from(view))


def standing_purchases(view: View, as_of: date, since: date | None = None) -> ir.Table:
    """Return ``purchases`` of all customers."""
    return view.purchases(as_of, since)


def newcomers_by_promotion(
    view: View, firsts: ir.Table, as_of: date, by: tuple[str, ...] = ()
) -> ir.Table:
    """Return ``promo_newcomers`` of the newcomers among ``firsts``."""
    return promo_newcomers(
        standing_purchases(view, as_of),
        newcomers(view, firsts.select("customer_key", "first_on", *by)),
        as_of=as_of,
        within_days=view.definitions.promotion_within_days,
        by=by,
    )


def promotion(asked: Asked) -> Cells:
    """Newcomers who came by a promotion and bought again at full price, and those without one."""
    lines = asked.view.own_lines(asked.as_of, asked.column)
    counted = newcomers_by_promotion(asked.view, lines, asked.as_of, asked.column)
    rows = asked.rows(promo_repurchase(counted, by=asked.column))
    cells = {group: _promotion(row) for group, row in rows}
    # Where no promotion brought anybody, there is no row.
    return cells or {(): _promotion(dict.fromkeys(("matured", "compared"), 0))}


def _promotion(row: Mapping) -> dict[str, Cell]:
    if not row["matured"]:
        return dict.fromkeys(_PROMOTION, unknown("no_promotion_newcomers", 0))
    rate = Cell(row["repurchase_rate"], row["matured"], row["low"], row["high"])
    if not row["compared"]:
        nobody = unknown("no_like_newcomers", 0)
        return dict.fromkeys(_PROMOTION, nobody) | {"promo_repurchase": rate}
    others = Cell(row["others_rate"], row["others"], row["others_low"], row["others_high"])
    n = min(row["compared"], row["others"])
    gap = Cell(row["difference"], n, row["difference_low"], row["difference_high"])
    return dict(zip(_PROMOTION, (rate, others, gap), strict=True))


def one_off(asked: Asked) -> Cells:
    """Share of the newcomers of the year before last who never bought again."""
    from_on, until = (window_start(asked.as_of, months) for months in (2 * MONTHS, MONTHS))
    if asked.is_before_books(from_on):
        reason = unknown("window_before_books", from_on=from_on, first_on=asked.first_on)
        return {(): {"one_off_share": reason}}
    settled_from = _settled_from(asked.view)
    if from_on < settled_from and not asked.view.ledger.has("customers"):
        return {(): {"one_off_share": unknown("origin_unknown", until=settled_from)}}
    firsts = asked.firsts.select("customer_key", "first_on", "second_on", *asked.column)
    rows = new.one_off_share(
        newcomers(asked.view, firsts), from_on=from_on, until=until, by=asked.column
    )
    return {group: {"one_off_share": _one_off(row)} for group, row in asked.rows(rows)}


def _one_off(row: Mapping) -> Cell:
    n = row["n"]
    if not n:
        return unknown("nobody", 0)
    return Cell(row["one_off_share"], n, *wilson(row["one_off"], n))


def _settled_from(view: View) -> date:
    """Return the first day after the first tau days of the books."""
    definitions = view.definitions
    tau = max([definitions.lapse_after_days, *definitions.lapse_by_segment.values()])
    return view.ledger.refresh.first_on + timedelta(days=tau)


_PROMOTION = ("promo_repurchase", "promo_repurchase_others", "promo_repurchase_gap")
FIGURES = (
    FigureDefinition("promo_repurchase", promotion, "rate", "up", "history"),
    FigureDefinition(
        "promo_repurchase_others", promotion, "rate", "none", "history", reference=_NEWCOMBE
    ),
    FigureDefinition(
        "promo_repurchase_gap", promotion, "rate", "up", "history", reference=_NEWCOMBE
    ),
    FigureDefinition("one_off_share", one_off, "rate", "down", "24 months", "any date"),
)
