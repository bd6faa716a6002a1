"""Figures of what may be lost next, and of why what was lost was lost."""

from collections.abc import Mapping

from core.figures import evidence as seen
from core.figures import losses
from core.figures.asked import Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.metrics import churn_causes as why
from core.metrics.at_risk import REASONS, risk_sums
from core.metrics.early_warning import SIGNS, warned
from core.metrics.intervals import wilson


def risk(asked: Asked) -> Cells:
    """Active customers with a reason to fear that they leave, and the value of the overdue."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    found = seen.reasons_at_risk(asked.view, asked.as_of, is_on_margin)
    lines = seen.active_lines(asked.view, asked.as_of, is_on_margin)
    if asked.column:
        lines = asked.lines(asked.as_of, is_on_margin)
    basis = asked.basis(is_on_margin)
    unseen = _unseen(asked, REASONS)
    rows = asked.rows(risk_sums(lines, found, by=asked.column))
    return {group: _at_risk(row, basis, unseen) for group, row in rows}


def _at_risk(row: Mapping, basis: tuple[Note, ...], unseen: tuple[Note, ...]) -> dict[str, Cell]:
    active, heads = row["active"], row["customers_at_risk"]
    if not active:
        return {
            "customers_at_risk": Cell(0, 0, note=unseen),
            "value_at_risk": Cell(0, 0, note=basis),
            "at_risk_share": unknown("nobody", 0),
            "at_risk_value_share": unknown("nobody", 0),
        }
    share = row["value_share"]
    return {
        "customers_at_risk": Cell(heads, active, note=unseen),
        "value_at_risk": Cell(float(row["value_at_risk"]), active, note=basis),
        "at_risk_share": Cell(row["share"], active, *wilson(heads, active), note=unseen),
        "at_risk_value_share": unknown("value_not_above_zero", active)
        if share is None
        else Cell(share, active, note=basis),
    }


def early_warning(asked: Asked) -> Cells:
    """Key accounts with a first sign that they slip, and what they bring."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    found = seen.key_accounts(asked.view, asked.as_of, is_on_margin)
    if lacking := [name for name in asked.column if name not in found.columns]:
        lines = asked.lines(asked.as_of).select("customer_key", *lacking)
        found = found.inner_join(lines, "customer_key")
    provisional = (Note("provisional"),) if asked.view.has_own_cuts(asked.as_of) else ()
    notes = (*provisional, *_unseen(asked, SIGNS))
    basis = (*provisional, *asked.basis(is_on_margin))
    return {
        group: {
            "early_warning": Cell(row["warned"], row["key_accounts"], note=notes),
            "early_warning_value": Cell(float(row["value_warned"]), row["warned"], note=basis),
        }
        for group, row in asked.rows(warned(found, by=asked.column))
    }


def _unseen(asked: Asked, names: tuple[str, ...]) -> tuple[Note, ...]:
    """Say what could not be looked at: tables not brought, and no year to compare with."""
    tables = seen.unseen_tables(asked.view, names)
    notes = (Note("signs_unseen", {"tables": ", ".join(tables)}),) if tables else ()
    if not seen.has_tiers_a_year_ago(asked.view, asked.as_of):
        notes = (*notes, Note("no_tiers_year_ago"))
    return notes


def causes(asked: Asked) -> Cells:
    """Of how many of the lost the cause is known, and what of their value was ours to keep."""
    if asked.opening is None:
        return {}
    view = asked.view
    absent = [table for table in losses.CAUSE_TABLES if not view.ledger.has(table)]
    if len(absent) == len(losses.CAUSE_TABLES):
        keys = ("churn_cause_known", "controllable_loss", "controllable_share")
        return {(): dict.fromkeys(keys, unknown("no_causes", tables=", ".join(absent)))}
    is_on_margin = asked.is_on_margin(asked.opening, asked.as_of)
    by = asked.column[0] if asked.column else None
    lost = losses.lost_since(view, asked.opening, asked.as_of, is_on_margin, by)
    found = losses.lost_with_causes(view, lost, asked.opening, asked.as_of)
    unseen = (Note("causes_unseen", {"tables": ", ".join(absent)}),) if absent else ()
    basis = (*asked.basis(is_on_margin, asked.opening), *unseen)
    rows = asked.rows(why.known_causes(found, by=asked.column))
    return {group: _causes(row, unseen, basis) for group, row in rows}


def _causes(row: Mapping, unseen: tuple[Note, ...], basis: tuple[Note, ...]) -> dict[str, Cell]:
    n = row["lost"]
    if not n:
        nobody = unknown("none_lost", 0)
        return {
            "churn_cause_known": nobody,
            "churn_cause_stated": nobody,
            "controllable_loss": Cell(0, 0, note=basis),
            "controllable_share": nobody,
        }
    share = row["controllable_share"]
    return {
        "churn_cause_known": Cell(row["known"] / n, n, *wilson(row["known"], n), note=unseen),
        "churn_cause_stated": Cell(row["stated"] / n, n, *wilson(row["stated"], n)),
        "controllable_loss": Cell(float(row["controllable_loss"]), row["controllable"], note=basis),
        "controllable_share": unknown("value_not_above_zero", n)
        if share is None
        else Cell(share, n, note=basis),
    }


FIGURES = (
    FigureDefinition("customers_at_risk", risk, "customers", "down", window="day"),
    FigureDefinition("at_risk_share", risk, "rate", "down", window="day"),
    FigureDefinition("value_at_risk", risk, "money", "down"),
    FigureDefinition("at_risk_value_share", risk, "rate", "down"),
    FigureDefinition("early_warning", early_warning, "customers", "down"),
    FigureDefinition("early_warning_value", early_warning, "money", "down"),
    FigureDefinition("churn_cause_known", causes, "rate", "up", window="period", is_movement=True),
    FigureDefinition(
        "churn_cause_stated", causes, "rate", "up", window="period",
        tables=("orders", "departures"), is_movement=True,
    ),
    FigureDefinition(
        "controllable_loss", causes, "money", "down", window="period", is_movement=True
    ),
    FigureDefinition(
        "controllable_share", causes, "rate", "none", window="period", is_movement=True
    ),
)  # fmt: skip
