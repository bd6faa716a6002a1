"""Leads by where they come from, who they are, who handles them, and where they get stuck."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core import engine
from core.breakdowns.breakdown import Breakdown, Period
from core.figures.evidence import brought
from core.figures.figure import Note
from core.metrics.intervals import wilson
from core.metrics.leads import lead_rates, lead_states, stage_stays
from core.metrics.survival import life_table, median_days
from core.periods import window_start
from core.view import View

MONTHS = 12  # of leads that come in, or whose days end
DIMENSIONS = ("source", "buyer_kind", "is_returning", "product_id", "month")
_RATES = (
    "leads", "matured", "tried", "trial_rate", "converted", "conversion_rate", "low", "high",
    "open", "dormant",
)  # fmt: skip


def leads(view: View, period: Period) -> ir.Table:
    """Return ``lead_rates`` by each of ``DIMENSIONS``, one below the other."""
    # Once for all the ways to tell leads apart.
    states = engine.kept(view.ledger.con, _states(view, period))
    months = ibis.date(states.created_on.year(), states.created_on.month(), 1)
    is_back = states.is_returning.cases((True, "returning"), (False, "first_time"))
    states = states.mutate(month=months.cast("string"), is_returning=is_back)
    parts = []
    for place, name in enumerate(DIMENSIONS):
        rates = _rates(states, view, period, (name,))
        parts.append(
            rates.select(
                _place=ibis.literal(place),
                _rank=rates.leads * (0 if name == "month" else 1),
                told_by=ibis.literal(name),
                group=name,
                **{column: rates[column] for column in _RATES},
            )
        )
    return ibis.union(*parts)


def by_employee(view: View, period: Period) -> ir.Table:
    """Return ``lead_rates`` of each employee who handles leads."""
    rates = _rates(_states(view, period), view, period, ("employee_id",))
    staff = view.ledger.table("employees").select(
        _staff="employee_id", employee="name", branch="branch"
    )
    return rates.left_join(staff, rates.employee_id == staff["_staff"]).drop("_staff")


def stages(view: View, period: Period) -> ir.Table:
    """Return how long leads stay in each stage that they entered within 12 months."""
    stays = stage_stays(
        view.ledger.table("leads"),
        view.ledger.table("lead_stages"),
        since=window_start(period.as_of, MONTHS),
        as_of=period.as_of,
    )
    found = median_days(life_table(stays, by=("stage",)), by=("stage",))
    return found.select(
        "stage", stays="n", still_there=found.n - found.events, median_days="median",
        median_low="low", median_high="high",
    )  # fmt: skip


def _states(view: View, period: Period) -> ir.Table:
    return lead_states(
        view.ledger.table("leads"),
        brought(view, "lead_stages"),
        brought(view, "contacts"),
        as_of=period.as_of,
    )


def _rates(states: ir.Table, view: View, period: Period, by: Sequence[str]) -> ir.Table:
    definitions = view.definitions
    rates = lead_rates(
        states,
        as_of=period.as_of,
        within_days=definitions.lead_within_days,
        since=window_start(period.as_of, MONTHS),
        untouched_days=definitions.lead_untouched_days,
        by=by,
    )
    low, high = wilson(rates.converted, rates.matured)
    rows = rates.mutate(low=low, high=high)
    return rows.filter((rows.leads > 0) | (rows.matured > 0) | (rows.open > 0))


def _windows(view: View, period: Period) -> tuple[Note, ...]:
    definitions = view.definitions
    notes = (
        Note("lead_days", {"days": definitions.lead_within_days}),
        Note("untouched_days", {"days": definitions.lead_untouched_days}),
    )
    return (*notes, Note("leads_unscoped")) if view.scope else notes


def _unscoped(view: View, period: Period) -> tuple[Note, ...]:
    return (Note("leads_unscoped"),) if view.scope else ()


BREAKDOWNS = (
    Breakdown(
        "leads", leads, ("told_by", "group", *_RATES), ("_place", "-_rank", "group"),
        tables=("leads",), notes=_windows,
    ),
    Breakdown(
        "leads-by-employee", by_employee, ("employee_id", "employee", "branch", *_RATES),
        ("-dormant", "-leads", "employee_id"), tables=("leads",), notes=_windows,
    ),
    Breakdown(
        "lead-stages", stages,
        ("stage", "stays", "still_there", "median_days", "median_low", "median_high"),
        ("-stays", "stage"), tables=("leads", "lead_stages"), notes=_unscoped,
    ),
)  # fmt: skip
