"""Care told apart: the gap, what came of contacts, and what fell due."""

import ibis
import ibis.expr.types as ir

from core import engine
from core.breakdowns.breakdown import Breakdown, Period
from core.figures.care import customers_due, dates_due
from core.figures.evidence import brought
from core.figures.figure import Note
from core.metrics import care, due_dates
from core.periods import window_start
from core.view import View

MONTHS = 12
_GAP = ("to_contact", "done", "reached", "missing", "contact_gap", "learned", "opportunities")
_QUALITY = (
    "contacts", "reached", "reach_rate", "learned", "learned_rate", "opportunities",
    "opportunity_rate", "judged", "without_content",
)  # fmt: skip


def contact_gap(view: View, period: Period) -> ir.Table:
    """Return who was due and who was met, by tier, by manager and by branch."""
    ways = ("tier_name", "manager", "branch")
    # Worked out once for the finest parts; every customer is in one of them.
    parts = customers_due(view, view.lines(period.as_of), period.as_of, ways)
    fine = engine.small_table(view.ledger.con, parts.to_pyarrow())
    found = []
    for place, name in enumerate(ways):
        counts = ("due", "done", "recorded", "reached", "learned", "opportunities", "gap")
        sums = fine.group_by(fine[name].name("group")).agg(
            **{each: fine[each].sum().cast("int64") for each in counts}
        )
        rate = sums.gap.cast("float64") / sums.due.cast("float64").nullif(0)
        is_known = (sums.recorded > 0) | (sums.done == 0)
        found.append(
            sums.mutate(
                _place=ibis.literal(place),
                told_by=ibis.literal(name),
                to_contact=sums.due,
                missing=sums.gap,
                contact_gap=is_known.ifelse(rate, ibis.null("float64")),
            )
        )
    return ibis.union(*found)


def contacts(view: View, period: Period) -> ir.Table:
    """Return what came of contacts, by employee, branch, channel and purpose."""
    rows = view.ledger.table("contacts")
    if view.scope:
        rows = rows.semi_join(view.lines(period.as_of), "customer_key")
    staff = brought(view, "employees")
    made = care.contacts_made(
        rows, staff, since=window_start(period.as_of, MONTHS), as_of=period.as_of
    )
    found = []
    ways = {
        "employee_id": "employee_id",
        "team": "branch",
        "channel": "channel",
        "purpose": "purpose",
    }
    for place, (column, name) in enumerate(ways.items()):
        sums = care.contact_quality(made, by=(column,)).rename(
            group=column, reach_rate="reached_rate", without_content="empty_rate"
        )
        told = sums.mutate(_place=ibis.literal(place), told_by=ibis.literal(name))
        found.append(told.select("_place", "told_by", "group", *_QUALITY))
    return _with_names(ibis.union(*found), staff)


def due_by_month(view: View, period: Period) -> ir.Table:
    """Return the key dates that were followed, by kind and month in which they fell due."""
    rows = view.ledger.table("key_dates")
    if view.scope:
        rows = rows.semi_join(view.lines(period.as_of), "customer_key")
    dates = dates_due(view, rows, period.as_of)
    month = ibis.date(dates.due_on.year(), dates.due_on.month(), 1)
    found = due_dates.due_kept(dates.mutate(month=month), by=("kind", "month"))
    return found.rename(followed="kept", followed_rate="kept_rate").mutate(
        new_money=(found.matured > 0).ifelse(found.new_money, None)
    )


def _with_names(rows: ir.Table, staff: ir.Table | None) -> ir.Table:
    """Add the name of the employee where the rows are of employees."""
    if staff is None:
        return rows.mutate(employee=ibis.null("string"))
    named = staff.select(_staff="employee_id", employee="name")
    is_theirs = (rows.group == named["_staff"]) & (rows.told_by == "employee_id")
    return rows.left_join(named, is_theirs).drop("_staff")


def _cadence(view: View, period: Period) -> tuple[Note, ...]:
    days = view.definitions.care_every_days.values()
    every = " / ".join(str(n) for n in days)
    provisional = (Note("provisional"),) if view.has_own_cuts(period.as_of) else ()
    return (Note("care_every", {"days": every}), *provisional)


def _within(view: View, period: Period) -> tuple[Note, ...]:
    days = view.definitions.due_within_days
    return (Note("due_within", {"days": days, "before": due_dates.DAYS_BEFORE}),)


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "contact-gap", contact_gap, ("told_by", "group", *_GAP), ("_place", "-missing", "group"),
        tables=("contacts",), notes=_cadence,
    ),
    Breakdown(
        "contacts", contacts, ("told_by", "group", "employee", *_QUALITY),
        ("_place", "-contacts", "group"), tables=("contacts",),
    ),
    Breakdown(
        "due-dates", due_by_month,
        ("kind", "month", "due", "followed", "followed_rate", "low", "high", "open", "value_due",
         "value_kept", "new_money"),
        ("kind", "month"), tables=("key_dates",), notes=_within,
    ),
)  # fmt: skip
