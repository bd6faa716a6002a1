"""Figures of the people between: who depends on one employee, who is tied, who recommends."""

from datetime import date

import ibis.expr.types as ir

from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.evidence import dealings
from core.figures.figure import Cell, unknown
from core.metrics import dependency, referrals, ties
from core.metrics.intervals import wilson
from core.periods import window_start
from core.view import View

_DEPENDENCE = ("dependency_share", "dependent_customers", "dependent_alone")


def dependence(asked: Asked) -> Cells:
    """What hangs on single employees."""
    ledger, as_of = asked.view.ledger, asked.as_of
    served = ledger.table("orders").employee_id
    if not ledger.has("contacts") and not served.count().to_pyarrow().as_py():
        return {(): dict.fromkeys(_DEPENDENCE, unknown("no_employee_named"))}
    is_on_margin = asked.is_on_margin(as_of)
    lines = asked.view.own_lines(as_of, asked.column, is_on_margin)
    found = dependents_on(asked.view, lines, as_of)
    basis = asked.basis(is_on_margin)
    cells: Cells = {}
    for group, row in asked.rows(dependency.dependency(lines, found, by=asked.column)):
        n, hanging = row["customers"], row["dependent_customers"]
        reason = unknown("value_not_above_zero" if n else "nobody", n)
        share = Cell(row["share"], n, note=basis) if row["share"] is not None else reason
        cells[group] = {
            "dependency_share": share,
            "dependent_customers": Cell(hanging, n),
            "dependent_alone": Cell(row["alone"], hanging),
        }
    return cells


def dependents_on(view: View, lines: ir.Table, day: date) -> ir.Table:
    """Return ``dependency.dependent_customers`` of ledger lines of ``day``."""
    found = dependency.dependent_on(
        dealings(view, window_start(day, dependency.MONTHS), day),
        day,
        least_share=view.definitions.dependency_share,
        least_events=view.definitions.dependency_events,
    )
    return dependency.dependent_customers(lines, found)


def handled_on(view: View, lines: ir.Table, day: date) -> ir.Table:
    """Return ``dependency.handled_on`` of the active customers of ``lines`` as of any ``day``."""
    found = dependency.handled_on(
        dealings(view, window_start(day, dependency.MONTHS), day),
        day,
        least_share=view.definitions.dependency_share,
        least_events=view.definitions.dependency_events,
    )
    return found.semi_join(lines.filter(lines.is_active), "customer_key")


def one_product(asked: Asked) -> Cells:
    """Who buys from one category alone."""
    as_of = asked.as_of
    found = categories_bought(asked.view, as_of)
    lines = asked.view.own_lines(as_of, asked.column)
    rows = ties.one_product_share(lines, found, by=asked.column)
    cells: Cells = {}
    for group, row in asked.rows(rows):
        k, n = row["one_product"], row["buyers"]
        share = Cell(k / n, n, *wilson(k, n)) if n else unknown("nobody", 0)
        cells[group] = {"one_product_share": share}
    return cells


def categories_bought(view: View, day: date) -> ir.Table:
    """Return ``ties.categories_of`` the 12 months up to ``day``."""
    lines = view.purchase_lines(day, window_start(day, MONTHS))
    return ties.categories_of(lines, view.ledger.table("products"))


def purchases_of(view: View, day: date) -> ir.Table:
    """Return the purchases of the 12 months up to ``day`` that stood then."""
    return view.purchases(day, window_start(day, MONTHS))


def referral(asked: Asked) -> Cells:
    """Which referrals whose time ended in the last 12 months brought a customer."""
    rows = asked.scoped(asked.view.ledger.table("referrals"))
    matured = referrals_of(asked.view, rows, asked.all_lines(asked.as_of), asked.as_of)
    cells: Cells = {}
    for group, row in asked.rows(referrals.referral_success(matured, by=asked.column)):
        k, n = row["successes"], row["referrals"]
        rate = Cell(k / n, n, *wilson(k, n)) if n else unknown("no_referral_old_enough", 0)
        cells[group] = {"referral_success": rate}
    return cells


def referrals_of(view: View, rows: ir.Table, everybody: ir.Table, as_of: date) -> ir.Table:
    """Return ``referrals.matured_referrals`` of those whose time ended in the last 12 months."""
    return referrals.matured_referrals(
        rows,
        everybody,
        since=window_start(as_of, MONTHS),
        as_of=as_of,
        within_days=view.definitions.referral_within_days,
    )


_PRODUCTS = ("orders", "order_lines", "products")
FIGURES: tuple[FigureDefinition, ...] = (
    FigureDefinition("dependency_share", dependence, "rate", "down"),
    FigureDefinition("dependent_customers", dependence, "customers", "down"),
    FigureDefinition("dependent_alone", dependence, "customers", "down"),
    FigureDefinition("one_product_share", one_product, "rate", "down", tables=_PRODUCTS),
    FigureDefinition("referral_success", referral, "rate", "up", tables=("referrals",)),
)
