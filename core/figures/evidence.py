"""What the tables of a view say of customers at risk, of key accounts, and of leads.

Figures, breakdowns and work lists feed their metrics from here, so that they count the same.
"""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core import engine
from core.metrics import at_risk as risk
from core.metrics import dealings as between
from core.metrics import departures
from core.metrics import early_warning as early
from core.metrics.leads import lead_states
from core.metrics.overdue import overdue
from core.periods import is_month_end, month_end, month_start, plus_months, window_start
from core.view import View

_LINE = (
    "customer_key", "since_on", "last_on", "is_active", "occasions", "occasions_12m", "tier",
    "tier_name", "value", "month_end", "scope_key",
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
        segment = ("segment",) if view.definitions.lapse_by_segment else ()
        lines = view.own_lines(day, segment, is_on_margin)
        lines = lines.filter(lines.is_active).select(*_LINE, *segment)
        view.known[place] = engine.kept(view.ledger.con, lines)
    return view.known[place]


def overdue_customers(view: View, day: date, lines: ir.Table | None = None) -> ir.Table:
    """Return ``overdue`` of the view, or of some of its lines."""
    definitions = view.definitions
    return overdue(
        view.with_rhythm(view.lines(day) if lines is None else lines, day),
        as_of=day,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )


def dealings(view: View, since: date | None = None, until: date | None = None) -> ir.Table:
    """Return ``dealings.events`` of the books from ``since`` up to ``until``."""
    ledger = view.ledger
    until = until or ledger.refresh.data_date
    contacts = brought(view, "contacts")
    if contacts is not None:
        # By the moment, not by its day: so the files are read for these days alone.
        contacts = contacts.filter(contacts.contacted_at < until + timedelta(days=1))
        if since is not None:
            contacts = contacts.filter(contacts.contacted_at >= since)
    names_some = between.names_employees(ledger.table("orders"))
    return between.dealings(view.sold(until, since), contacts, names_some=names_some)


def has_departed(view: View, since: date, as_of: date) -> bool:
    """Whether any employee left from ``since`` to ``as_of``."""
    left_on = view.ledger.table("employees").left_on
    return bool(((left_on >= since) & (left_on <= as_of)).any().to_pyarrow().as_py())


def departed(view: View, since: date, as_of: date, among: ir.Table | None = None) -> ir.Table:
    """Return who depended on the employees that left from ``since`` to ``as_of``.

    ``among`` are the customers asked about (``customer_key``); null for all.
    """
    staff = view.ledger.table("employees")
    # Dependence looks 12 months back from the day of leaving.
    events = dealings(view, plus_months(since, -12), as_of)
    if among is not None:
        events = engine.kept(view.ledger.con, events.semi_join(among, "customer_key"))
    # Few ever dealt with them: only what these did is told apart by employee.
    gone = staff.filter((staff.left_on >= since) & (staff.left_on <= as_of))
    theirs = events.semi_join(gone, "employee_id").select("customer_key").distinct()
    events = engine.kept(view.ledger.con, events.semi_join(theirs, "customer_key"))
    return departures.departed(
        events,
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
        lines = view.bare_lines_of([before or day], is_on_margin)
        active = lines.filter(lines.is_active)
        names = ("customer_key", "is_active", "tier", "tier_name", "value", "occasions_12m")
        view.known[place] = engine.kept(view.ledger.con, active.select(*names))
    return view.known[place]


def evidence(
    view: View, day: date, is_on_margin: bool, among: ir.Table | None = None
) -> dict[str, ir.Table]:
    """Return the evidence of ``at_risk`` that the books allow, by reason.

    ``among`` are the active lines asked about, where they are few; null for all.
    """
    lines = active_lines(view, day, is_on_margin) if among is None else among

    def facts(name: str) -> ir.Table | None:
        rows = brought(view, name)
        return rows if rows is None or among is None else rows.semi_join(among, "customer_key")

    late = overdue_customers(view, day, lines)
    found = {"overdue": late.select("customer_key", evidence_on="overdue_on")}
    if (complaints := facts("complaints")) is not None:
        found["open_complaint"] = risk.with_open_complaint(complaints, as_of=day)
    if (surveys := facts("surveys")) is not None:
        found["low_survey"] = risk.with_low_survey(surveys, as_of=day)
    if (promises := facts("promises")) is not None:
        found["broken_promise"] = risk.with_broken_promise(promises, as_of=day)
    if (missed := facts("appointments")) is not None:
        found["missed_appointment"] = risk.with_missed_appointment(missed, lines, as_of=day)
    since = window_start(day, risk.MONTHS)
    if view.ledger.has("employees") and has_departed(view, since, day):
        gone = departed(view, since, day, among)
        found["handler_left"] = risk.with_handler_gone(gone, as_of=day)
    if (contacts := facts("contacts")) is not None:
        cadence = {str(tier): days for tier, days in view.definitions.care_every_days.items()}
        found["contact_gap"] = risk.with_contact_gap(
            lines, contacts, as_of=day, care_every_days=cadence
        )
    if has_tiers_a_year_ago(view, day):
        before = about_a_year_before(view, day) or day
        then = view.known.get(("then", before, is_on_margin))
        then = view.bare_lines_of([before], is_on_margin) if then is None else then
        found["tier_drop"] = risk.with_tier_drop(lines, then, as_of=day)
    return found


def customers_at_risk(view: View, day: date, is_on_margin: bool) -> ir.Table:
    """Return ``at_risk`` of the view, with the columns of the scopes."""
    return view.placed(reasons_at_risk(view, day, is_on_margin))


def reasons_at_risk(view: View, day: date, is_on_margin: bool) -> ir.Table:
    """Return ``at_risk`` of the view without the columns of the scopes, worked out once."""
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
    found: dict[str, ir.Table] = {}
    then = tiers = None
    if has_tiers_a_year_ago(view, day):
        tiers = lines_a_year_ago(view, day, is_on_margin)
    # Few of the active are key accounts: nobody else's reasons need be looked for.
    lines = early.of_key_accounts(active_lines(view, day, is_on_margin), tiers)
    lines = engine.kept(view.ledger.con, view.placed(lines))
    risks = view.known.get(("at risk", day, is_on_margin))
    if risks is None:
        risks = risk.at_risk(lines, evidence(view, day, is_on_margin, lines))
        risks = engine.named(view.ledger.con, risks)
    if has_values_a_year_ago(view, day):
        then = lines_a_year_ago(view, day, is_on_margin).semi_join(lines, "customer_key")
        then = engine.kept(view.ledger.con, then)
        tiers = tiers if tiers is None else then
        found["value_down"] = early.with_value_down(lines, then, as_of=day, change=change)
        found["fewer_occasions"] = early.with_fewer_occasions(lines, then, as_of=day, change=change)
    if (surveys := brought(view, "surveys")) is not None:
        surveys = surveys.semi_join(lines, "customer_key")
        found["wallet_falling"] = early.with_falling_wallet(surveys, as_of=day, change=change)
    return early.early_warning(lines, risks, found, upper_then=tiers, value_then=then)
