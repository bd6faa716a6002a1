"""What the tables of a view say of customers at risk, of key accounts, and of leads.

Figures, breakdowns and work lists feed their metrics from here, so that they count the same.
"""

from datetime import date

import ibis
import ibis.expr.types as ir

from core import engine
from core.metrics import at_risk as risk
from core.metrics import departures
from core.metrics import dependency as depend
from core.metrics import early_warning as early
from core.metrics.leads import lead_states
from core.metrics.overdue import overdue
from core.periods import is_month_end, month_end, month_start, plus_months, window_start
from core.view import View

_LINE = (
    "customer_key", "since_on", "last_on", "is_active", "occasions", "occasions_12m", "tier",
    "tier_name", "value", "month_end", "branch", "manager",
)  # fmt: skip
_NEEDS = {
    "open_complaint": "complaints",
    "low_survey": "surveys",
    "broken_promise": "promises",
    "missed_appointment": "appointments",
    "handler_left": "employees",
    "contact_gap": "contacts",
    "wallet_falling": "surveys",
}


def brought(view: View, table: str) -> ir.Table | None:
    """Return a table of facts, or null if the company did not bring it."""
    return view.ledger.table(table) if view.ledger.has(table) else None


def active_lines(view: View, day: date, is_on_margin: bool) -> ir.Table:
    """Return the active customers in scope at a ledger day, worked out once for the view.

    Every reason is held against them: reading them from the ledger for each takes as long as all
    that the reasons need besides.
    """
    place = ("active", day, is_on_margin)
    if place not in view.known:
        lines = view.lines(day, is_on_margin)
        segment = ("segment",) if view.definitions.lapse_by_segment else ()
        lines = lines.filter(lines.is_active).select(*_LINE, *segment)
        view.known[place] = engine.kept(view.ledger.con, lines)
    return view.known[place]


def overdue_customers(view: View, day: date, lines: ir.Table | None = None) -> ir.Table:
    """Return ``overdue`` of the view, or of some of its lines."""
    definitions = view.definitions
    return overdue(
        view.with_gaps(view.lines(day) if lines is None else lines, day),
        as_of=day,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )


def dealings(view: View) -> ir.Table:
    """Return ``dependency.events`` of the books."""
    return depend.events(view.ledger.table("orders"), brought(view, "contacts"))


def has_departed(view: View, since: date, as_of: date) -> bool:
    """Whether any employee left from ``since`` to ``as_of``."""
    left_on = view.ledger.table("employees").left_on
    return bool(((left_on >= since) & (left_on <= as_of)).any().to_pyarrow().as_py())


def departed(view: View, since: date, as_of: date, among: ir.Table | None = None) -> ir.Table:
    """Return who depended on the employees that left from ``since`` to ``as_of``.

    ``among`` are the customers asked about (``customer_key``); null for all.
    """
    staff = view.ledger.table("employees")
    events = dealings(view)
    # Dependence looks 12 months back from the day of leaving.
    events = events.filter(
        (events.happened_on >= plus_months(since, -12)) & (events.happened_on <= as_of)
    )
    return departures.departed(
        events if among is None else events.semi_join(among, "customer_key"),
        staff,
        since=since,
        as_of=as_of,
        least_share=view.definitions.dependency_share,
        least_events=view.definitions.dependency_events,
    )


def about_a_year_before(view: View, day: date) -> date | None:
    """Return the ledger day 12 months before ``day``; null where there is none.

    At the data date of an open month there is none for the same day: the month-end before it is
    taken.
    """
    wanted = plus_months(day, -12)
    wanted = month_end(wanted) if is_month_end(day) else wanted
    before = [d for d in view.days if d <= wanted]
    return before[-1] if before else None


def has_tiers_a_year_ago(view: View, day: date) -> bool:
    """Whether the tiers of 12 months before compare with those of ``day``."""
    before = about_a_year_before(view, day)
    return not (before is None or view.has_own_cuts(before) or view.has_own_cuts(day))


def has_values_a_year_ago(view: View, day: date) -> bool:
    """Whether the 12 months of value up to 12 months before lie within the books."""
    before = about_a_year_before(view, day)
    first = month_start(view.ledger.refresh.first_on)
    return before is not None and window_start(before, 12) >= first


def lines_a_year_ago(view: View, day: date, is_on_margin: bool) -> ir.Table:
    """Return who was active 12 months before, in any scope, worked out once for the view."""
    before = about_a_year_before(view, day)
    place = ("then", before, is_on_margin)
    if place not in view.known:
        lines = view.all_lines(before or day, is_on_margin)
        active = lines.filter(lines.is_active)
        names = ("customer_key", "is_active", "tier", "tier_name", "value", "occasions_12m")
        view.known[place] = engine.kept(view.ledger.con, active.select(*names))
    return view.known[place]


def evidence(view: View, day: date, is_on_margin: bool) -> dict[str, ir.Table]:
    """Return the evidence of ``at_risk`` that the books allow, by reason."""
    lines = active_lines(view, day, is_on_margin)
    late = overdue_customers(view, day, lines)
    found = {"overdue": late.select("customer_key", evidence_on="overdue_on")}
    if (complaints := brought(view, "complaints")) is not None:
        found["open_complaint"] = risk.with_open_complaint(complaints, as_of=day)
    if (surveys := brought(view, "surveys")) is not None:
        found["low_survey"] = risk.with_low_survey(surveys, as_of=day)
    if (promises := brought(view, "promises")) is not None:
        found["broken_promise"] = risk.with_broken_promise(promises, as_of=day)
    if (missed := brought(view, "appointments")) is not None:
        found["missed_appointment"] = risk.with_missed_appointment(missed, lines, as_of=day)
    since = window_start(day, risk.MONTHS)
    if view.ledger.has("employees") and has_departed(view, since, day):
        found["handler_left"] = risk.with_handler_gone(departed(view, since, day), as_of=day)
    if (contacts := brought(view, "contacts")) is not None:
        cadence = {str(tier): days for tier, days in view.definitions.care_every_days.items()}
        found["contact_gap"] = risk.with_contact_gap(
            lines, contacts, as_of=day, care_every_days=cadence
        )
    if has_tiers_a_year_ago(view, day):
        then = lines_a_year_ago(view, day, is_on_margin)
        found["tier_drop"] = risk.with_tier_drop(lines, then, as_of=day)
    return found


def customers_at_risk(view: View, day: date, is_on_margin: bool) -> ir.Table:
    """Return ``at_risk`` of the view, worked out once."""
    place = ("at risk", day, is_on_margin)
    if place not in view.known:
        lines = active_lines(view, day, is_on_margin)
        found = risk.at_risk(lines, evidence(view, day, is_on_margin))
        view.known[place] = engine.kept(view.ledger.con, found)
    return view.known[place]


def unseen_tables(view: View, names: tuple[str, ...]) -> list[str]:
    """Return the tables that reasons or signs need and the company did not bring."""
    needed = dict.fromkeys(_NEEDS[name] for name in names if name in _NEEDS)
    return [table for table in needed if not view.ledger.has(table)]


def unseen(view: View, day: date, names: tuple[str, ...]) -> list[str]:
    """Return the reasons or signs that could not be looked at.

    Their table was not brought, or there is no day a year ago to compare with.
    """
    absent = [n for n in names if n in _NEEDS and not view.ledger.has(_NEEDS[n])]
    if not has_tiers_a_year_ago(view, day):
        absent.append("tier_drop")
    if not has_values_a_year_ago(view, day):
        absent += ["value_down", "fewer_occasions"]
    return [name for name in names if name in absent]


def open_leads(view: View, day: date) -> ir.Table:
    """Return ``lead_states`` of the leads that are open at ``day``: only they can be dormant."""
    leads = view.ledger.table("leads")
    closed_on = ibis.least(
        ibis.coalesce(leads.converted_at, leads.lost_at),
        ibis.coalesce(leads.lost_at, leads.converted_at),
    ).cast("date")
    still_open = leads.filter(closed_on.isnull() | (closed_on > day))
    return lead_states(
        still_open, brought(view, "lead_stages"), brought(view, "contacts"), as_of=day
    )


def key_accounts(view: View, day: date, is_on_margin: bool) -> ir.Table:
    """Return ``early_warning`` of the view."""
    change = view.definitions.kind_change
    lines = active_lines(view, day, is_on_margin)
    risks = customers_at_risk(view, day, is_on_margin)
    found: dict[str, ir.Table] = {}
    then = tiers = None
    if has_values_a_year_ago(view, day):
        then = lines_a_year_ago(view, day, is_on_margin)
        found["value_down"] = early.with_value_down(lines, then, as_of=day, change=change)
        found["fewer_occasions"] = early.with_fewer_occasions(lines, then, as_of=day, change=change)
    if (surveys := brought(view, "surveys")) is not None:
        found["wallet_falling"] = early.with_falling_wallet(surveys, as_of=day, change=change)
    if has_tiers_a_year_ago(view, day):
        tiers = lines_a_year_ago(view, day, is_on_margin)
    return early.early_warning(lines, risks, found, upper_then=tiers, value_then=then)
