"""Figures of care: who is due and who was met, what came of contacts, what fell due."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir

from core import engine
from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.evidence import brought
from core.figures.figure import Cell, Note, unknown
from core.metrics import care, due_dates, follow_up
from core.metrics.intervals import wilson
from core.metrics.winback import lost_customers
from core.periods import window_start
from core.view import View

DAYS_BEFORE_LOSS = 90


def contact_gap(asked: Asked) -> Cells:
    """Who was due for a contact by the tier's cadence, and who was met."""
    rows = customers_due(asked.view, asked.lines(asked.as_of), asked.as_of, asked.column)
    provisional = (Note("provisional"),) if asked.view.has_own_cuts(asked.as_of) else ()
    return {group: _gap(row, provisional) for group, row in asked.rows(rows)}


def customers_due(view: View, lines: ir.Table, as_of: date, by: Sequence[str]) -> ir.Table:
    """Return ``care.contact_gap`` of customers, told apart by columns of their lines."""
    return care.contact_gap(lines, **_care(view, as_of), by=by)


def each_due(view: View, lines: ir.Table, as_of: date, by: Sequence[str]) -> ir.Table:
    """Return ``care.customers_due``: those whom ``customers_due`` counts."""
    return care.customers_due(lines, **_care(view, as_of), by=by)


def _care(view: View, as_of: date) -> dict[str, Any]:
    cadence: dict[str, int] = dict(view.definitions.care_every_days.items())
    since = as_of - timedelta(days=max(cadence.values(), default=0))
    made = care.contacts_made(view.ledger.table("contacts"), since=since, as_of=as_of)
    customers = brought(view, "customers")
    return {"made": made, "customers": customers, "as_of": as_of, "cadence_days": cadence}


def _gap(row: Mapping, notes: tuple[Note, ...]) -> dict[str, Cell]:
    due, missing = row["due"], row["gap"]
    cells = {
        "contacts_due": Cell(due, due, note=notes),
        "contacts_done": Cell(row["done"], due, note=notes),
        "contacts_missing": Cell(missing, due, note=notes),
    }
    if row["gap_rate"] is not None:
        return cells | {
            "contact_gap": Cell(row["gap_rate"], due, *wilson(missing, due), note=notes)
        }
    reason = unknown("reach_not_recorded", due) if due else unknown("nobody_due", 0)
    return cells | {"contact_gap": reason} | ({"contacts_missing": reason} if due else {})


def contact_quality(asked: Asked) -> Cells:
    """What came of the contacts of the last 12 months."""
    rows = care.contact_quality(made(asked), by=asked.column)
    return {group: _quality(row) for group, row in asked.rows(rows)}


def made(asked: Asked) -> ir.Table:
    """Return ``care.contacts_made`` of the last 12 months."""
    since = window_start(asked.as_of, MONTHS)
    contacts = asked.scoped(asked.view.ledger.table("contacts"))
    return care.contacts_made(contacts, since=since, as_of=asked.as_of)


def _quality(row: Mapping) -> dict[str, Cell]:
    parts = {
        "reach_rate": ("reached", "recorded", "reach_not_recorded"),
        "learned_rate": ("learned", "learned_n", "learned_not_recorded"),
        "opportunity_rate": ("opportunities", "opportunity_n", "opportunity_not_recorded"),
        "without_content": ("empty", "judged", "content_not_recorded"),
    }
    cells = {}
    for key, (part, whole, reason) in parts.items():
        k, n = row[part], row[whole]
        nothing = unknown(reason if row["contacts"] else "no_contacts", 0)
        cells[key] = Cell(k / n, n, *wilson(k, n)) if n else nothing
    return cells


def pending(asked: Asked) -> Cells:
    """Opportunities found in the last 12 months that no business has followed."""
    found = opportunities(asked)
    rows = found.aggregate(
        by=list(asked.column),
        found=found.count().cast("int64"),
        pending=found.is_pending.sum().cast("int64").fill_null(0),
    )
    return {
        group: {"opportunities_pending": Cell(row["pending"], row["found"])}
        for group, row in asked.rows(rows)
    }


def opportunities(asked: Asked) -> ir.Table:
    """Return ``follow_up.pending_opportunities`` of the last 12 months."""
    contracts = brought(asked.view, "contracts")
    lines = asked.all_lines(asked.as_of)
    return follow_up.pending_opportunities(lines, made(asked), contracts, as_of=asked.as_of)


def lost_in_year(asked: Asked) -> ir.Table:
    """Return ``winback.lost_customers`` of the last 12 months."""
    definitions = asked.view.definitions
    lost = lost_customers(
        asked.lines(asked.as_of),
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    return lost.filter(lost.lost_on >= window_start(asked.as_of, MONTHS))


def unspoken_losses(asked: Asked) -> Cells:
    """Those lost in the last 12 months to whom nobody had spoken."""
    rows = follow_up.lost_without_contact(
        lost_in_year(asked),
        asked.view.ledger.table("contacts"),
        within_days=DAYS_BEFORE_LOSS,
        by=asked.column,
    )
    cells: Cells = {}
    for group, row in asked.rows(rows):
        k, n = row["without_contact"], row["lost"]
        share = Cell(k / n, n, *wilson(k, n)) if n else unknown("nobody_lost_12m", 0)
        cells[group] = {"lost_without_contact": share}
    return cells


def last_contact(asked: Asked) -> Cells:
    """How long ago the typical active customer was reached."""
    rows = follow_up.last_contact(
        asked.lines(asked.as_of),
        asked.view.ledger.table("contacts"),
        as_of=asked.as_of,
        by=asked.column,
    )
    cells: Cells = {}
    for group, row in asked.rows(rows):
        n, median = row["active"], row["median_days"]
        if median is not None:
            cells[group] = {"last_contact_days": Cell(median, n)}
        else:
            reason = unknown("half_never_reached", n) if n else unknown("nobody", 0)
            cells[group] = {"last_contact_days": reason}
    return cells


def due(asked: Asked) -> Cells:
    """Key dates whose time ended in the last 12 months, and those still open."""
    dates = dates_due(asked.view, asked.scoped(asked.view.ledger.table("key_dates")), asked.as_of)
    return {
        group: _due(row) for group, row in asked.rows(due_dates.due_kept(dates, by=asked.column))
    }


def dates_due(view: View, key_dates: ir.Table, as_of: date) -> ir.Table:
    """Return ``due_dates.kept_dates`` of those whose time ended in the last 12 months or runs."""
    since = window_start(as_of, MONTHS)
    within = view.definitions.due_within_days
    products = brought(view, "products")
    dates = due_dates.due_dates(key_dates, products, since=since, as_of=as_of, within_days=within)
    # Read three times; who wrote a row, and when, is not asked for.
    told = [name for name in dates.columns if not name.startswith("_")]
    dates = engine.kept(view.ledger.con, dates.select(told))
    first_on = since - timedelta(days=within + due_dates.DAYS_BEFORE)
    has_lines = view.ledger.has("order_lines")
    bought = (view.purchase_lines if has_lines else view.purchases)(as_of, first_on)
    done = due_dates.business_of(bought, brought(view, "contracts"), products, as_of=as_of)
    balances = brought(view, "balances")
    if balances is not None:
        matured = dates.filter(dates.kind == "maturity")
        balances = due_dates.with_match(balances.semi_join(matured, "customer_key"), products)
    return due_dates.kept_dates(dates, done, balances, as_of=as_of)


def _due(row: Mapping) -> dict[str, Cell]:
    n, kept = row["due"], row["kept"]
    nothing = unknown("nothing_due", 0)
    money = Cell(float(row["new_money"]), row["matured"])
    return {
        "due_kept": Cell(kept / n, n, *wilson(kept, n)) if n else nothing,
        "due_kept_value": Cell(float(row["value_kept"]), kept),
        "due_open": Cell(row["open"], row["open"]),
        "due_new_money": money if row["matured"] else unknown("no_balances_compared", 0),
    }


_CONTACTS = ("contacts",)
_DATES = ("key_dates",)
FIGURES: tuple[FigureDefinition, ...] = (
    FigureDefinition("contacts_due", contact_gap, "customers", "none", "N days", tables=_CONTACTS),
    FigureDefinition("contacts_done", contact_gap, "customers", "up", "N days", tables=_CONTACTS),
    FigureDefinition(
        "contacts_missing", contact_gap, "customers", "down", "N days", tables=_CONTACTS
    ),
    FigureDefinition("contact_gap", contact_gap, "rate", "down", "N days", tables=_CONTACTS),
    FigureDefinition("reach_rate", contact_quality, "rate", "up", tables=_CONTACTS),
    FigureDefinition("learned_rate", contact_quality, "rate", "up", tables=_CONTACTS),
    FigureDefinition("opportunity_rate", contact_quality, "rate", "up", tables=_CONTACTS),
    FigureDefinition("without_content", contact_quality, "rate", "down", tables=_CONTACTS),
    FigureDefinition("opportunities_pending", pending, "count", "down", tables=_CONTACTS),
    FigureDefinition("lost_without_contact", unspoken_losses, "rate", "down", tables=_CONTACTS),
    FigureDefinition(
        "last_contact_days", last_contact, "days", "down", "history", tables=_CONTACTS
    ),
    FigureDefinition("due_kept", due, "rate", "up", tables=_DATES),
    FigureDefinition("due_kept_value", due, "money", "up", tables=_DATES),
    FigureDefinition("due_open", due, "count", "none", "N days", tables=_DATES),
    FigureDefinition(
        "due_new_money", due, "money", "up", tables=("key_dates", "balances"), is_mean=True
    ),
)
