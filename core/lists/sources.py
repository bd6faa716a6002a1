"""What the work lists are made of: the metrics, fed with the tables of one view at one day."""

from datetime import date

import ibis.expr.types as ir

from core.figures.evidence import brought
from core.figures.people import dependents_on, handled_on
from core.ledger.lines import LINES
from core.ledger.scopes import SCOPE_TABLE
from core.metrics import departures
from core.metrics import dependency as depend
from core.metrics.negative_value import negative_value
from core.metrics.winback import lost_customers, spontaneous_return, winback
from core.periods import is_month_end, month_end, plus_months, window_start
from core.view import View


def lines(view: View, day: date) -> ir.Table:
    """Return the ledger lines in scope; ``value`` is margin where costs allow, else net."""
    return view.lines(day, view.is_on_margin(day))


def dependents(view: View, day: date) -> ir.Table:
    """Return ``dependent_customers`` of the view."""
    return dependents_on(view, lines(view, day), day)


def dependency_by_employee(view: View, day: date) -> ir.Table:
    """Return ``dependency_by_employee`` of the view."""
    whole = lines(view, day)
    dependent = dependents_on(view, whole, day)
    employees = brought(view, "employees")
    return depend.dependency_by_employee(whole, dependent, employees, as_of=day)


def loss_after_departure(
    view: View, employee_id: str, left_on: date, *, months: int = 12
) -> ir.Table | None:
    """Return ``departures.loss_after_departure`` of one departure, ``months`` later.

    Null where there was no ledger before it, or the follow-up has not ended.
    """
    before = [day for day in view.days if day <= left_on and is_month_end(day)]
    if not before or (after := month_end(plus_months(before[-1], months))) not in view.days:
        return None
    is_on_margin = view.is_on_margin(before[-1])
    opening = view.lines(before[-1], is_on_margin)
    return departures.loss_after_departure(
        opening,
        view.all_lines(after),
        handled_on(view, opening, left_on),
        employee_id=employee_id,
        least_events=view.definitions.dependency_events,
    )


def negative_value_customers(view: View, day: date) -> ir.Table:
    """Return ``negative_value`` of the view; on net where costs are not to be had."""
    return negative_value(lines(view, day), view.entries(day, window_start(day, 12)))


def lost_to_win_back(view: View, day: date, horizon_days: int | None = None) -> ir.Table:
    """Return ``winback`` of the view, with return rates from the whole history of the books.

    Returns count within ``horizon_days``; those of the definitions where null.
    """
    definitions = view.definitions
    lost = lost_customers(
        view.lines(day),
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    is_on_margin = view.is_on_margin(day)
    every = view.ledger.derived("ledger", LINES)
    every = every.filter(every.month_end <= day)
    # The value wanted is that of the month of the last business: other lines need not be joined.
    first = every.month_end - (every.month_end.day() - 1).as_interval("D")
    is_business = (every.last_on >= first) | (
        (every.active_until >= first) & (every.active_until <= every.month_end)
    )
    every = every.filter(is_business.fill_null(False))
    value = every.margin_12m if is_on_margin else every.net_12m
    history = every.select("customer_key", "month_end", value=value)
    return winback(lost, history, spontaneous_returns(view, day, horizon_days))


def spontaneous_returns(view: View, day: date, horizon_days: int | None = None) -> ir.Table:
    """Return ``spontaneous_return`` of everybody lost at month-ends three months apart."""
    definitions = view.definitions
    horizon = horizon_days or definitions.winback_horizon_days
    days = tuple(f"month_end={d.isoformat()}" for d in months_apart(view, day, horizon))
    earlier = with_segment(view, view.ledger.derived("ledger", LINES, days))
    lost = lost_customers(
        earlier,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    occasions = View(view.ledger).occasions(day)
    return spontaneous_return(lost, occasions, as_of=day, within_days=horizon)


def with_segment(view: View, lines: ir.Table) -> ir.Table:
    """Add the segment to bare ledger lines, where the lapse depends on it."""
    if not view.definitions.lapse_by_segment:
        return lines
    scopes = view.ledger.derived("scopes", SCOPE_TABLE).select("scope_key", "segment")
    return lines.left_join(scopes, "scope_key").drop("scope_key_right")


def months_apart(view: View, day: date, within_days: int) -> list[date]:
    """Return month-ends before ``day`` at least ``within_days`` apart, the newest first.

    Where none has closed its window, the first day of the books stands for them: nobody is lost
    there.
    """
    found: list[date] = []
    for earlier in sorted((d for d in view.days if is_month_end(d) and d < day), reverse=True):
        if ((found[-1] if found else day) - earlier).days >= within_days:
            found.append(earlier)
    return found or view.days[:1]
