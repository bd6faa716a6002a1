"""Leads by where they come from, who they are, who handles them, and where they get stuck."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from core import engine
from core.breakdowns.breakdown import Breakdown, Period
from core.figures.evidence import brought, open_leads
from core.figures.figure import Note
from core.metrics.funnel import lead_funnel
from core.metrics.intervals import wilson
from core.metrics.leads import lead_flow, lead_rates, lead_states, stage_stays
from core.metrics.survival import days_until, life_table, median_days
from core.periods import month_start, plus_months, window_start
from core.view import View

MONTHS = 12  # of leads that come in, or whose days end
_MOST = 0.9  # who have moved on by the day that is called long
DIMENSIONS = ("source", "buyer_kind", "is_returning", "product_id", "month")
_RATES = (
    "leads", "matured", "tried", "trial_rate", "converted", "conversion_rate", "low", "high",
    "open", "dormant",
)  # fmt: skip


def leads(view: View, period: Period) -> ir.Table:
    """Return ``lead_rates`` by each of ``DIMENSIONS``, one below the other."""
    # Once for all the ways to tell leads apart.
    states = engine.kept(view.ledger.con, states_of(view, period))
    states = in_groups(states)
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


def in_groups(states: ir.Table) -> ir.Table:
    """Return ``lead_states`` with the columns of ``DIMENSIONS``, as text."""
    months = ibis.date(states.created_on.year(), states.created_on.month(), 1)
    is_back = states.is_returning.cases((True, "returning"), (False, "first_time"))
    return states.mutate(month=months.cast("string"), is_returning=is_back)


def by_employee(view: View, period: Period) -> ir.Table:
    """Return ``lead_rates`` of each employee who handles leads."""
    rates = _rates(states_of(view, period), view, period, ("employee_id",))
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
    table = life_table(stays, by=("stage",))
    found = median_days(table, by=("stage",))
    most = days_until(table, _MOST, by=("stage",)).rename(_stage="stage", p90_days="days")
    found = found.join(most, found.stage.identical_to(most["_stage"]))
    return found.select(
        "stage", "p90_days", stays="n", still_there=found.n - found.events, median_days="median",
        median_low="low", median_high="high",
    )  # fmt: skip


def funnel(view: View, period: Period) -> ir.Table:
    """Return ``lead_funnel``, with the leads that are in each stage now."""
    steps = lead_funnel(
        view.ledger.table("leads"),
        brought(view, "lead_stages"),
        as_of=period.as_of,
        within_days=view.definitions.lead_within_days,
        since=window_start(period.as_of, MONTHS),
    )
    now = _rates(open_leads(view, period.as_of), view, period, ("stage",))
    now = now.filter(now.stage.notnull()).select("open", "dormant", _stage="stage")
    return steps.rename(reached_leads="reached").left_join(now, steps.stage == now["_stage"])


def months(view: View, period: Period) -> ir.Table:
    """Return ``lead_flow`` by month, over 12 months and the open one."""
    day = period.as_of
    since = plus_months(month_start(day), -MONTHS)
    return lead_flow(view.ledger.table("leads"), since=since, as_of=day, by_month=True)


def states_of(view: View, period: Period) -> ir.Table:
    """Return ``lead_states`` of the books."""
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
        ("stage", "stays", "still_there", "median_days", "median_low", "median_high", "p90_days"),
        ("-stays", "stage"), tables=("leads", "lead_stages"), notes=_unscoped,
    ),
    Breakdown(
        "lead-funnel", funnel,
        ("step", "stage", "reached_leads", "reached_share", "step_rate", "open", "dormant"),
        ("step",), tables=("leads",), notes=_windows,
    ),
    Breakdown(
        "lead-months", months, ("month", "came_in", "tried", "won"), ("month",),
        tables=("leads",), notes=_unscoped,
    ),
)  # fmt: skip
