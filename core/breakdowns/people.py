"""The people between, told apart: what leaves with an employee, who is tied, who recommends."""

from collections.abc import Mapping
from datetime import date
from math import ceil
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.evidence import brought, dealings, departed
from core.figures.figure import Note
from core.figures.people import categories_bought, dependents_on, handled_on, referrals_of
from core.metrics import departures, dependency, referrals, ties
from core.metrics.intervals import wilson
from core.metrics.waiting import appointments_due
from core.periods import is_month_end, month_end, plus_months, window_start
from core.view import View

MONTHS = 12  # of what ties are made of, and at least of follow-up after a departure
DAYS_TO_GO = 90  # in which somebody may still come before following who left
_PAST = pa.schema(
    [
        ("employee_id", pa.string()),
        ("employee", pa.string()),
        ("branch", pa.string()),
        ("left_on", pa.date32()),
        ("customers", pa.int64()),
        ("lost", pa.int64()),
        ("lost_rate", pa.float64()),
        ("like_customers", pa.int64()),
        ("like_rate", pa.float64()),
        ("loss_excess", pa.float64()),
        ("value", pa.decimal128(38, 4)),
        ("value_lost", pa.decimal128(38, 4)),
    ]
)


def past_departures(view: View, period: Period) -> pa.Table:
    """Return what became of those who depended on an employee that left."""
    if not view.ledger.has("employees"):
        return _PAST.empty_table()
    gone = departed(view, view.ledger.refresh.first_on, period.as_of)
    left = gone.select("employee_id", "left_on").distinct()
    staff = view.ledger.table("employees").select("employee_id", employee="name", branch="branch")
    rows = left.left_join(staff, "employee_id").drop("employee_id_right")
    found = [{**row, **_loss(view, row, period.as_of)} for row in rows.to_pyarrow().to_pylist()]
    found.sort(key=lambda row: (row["left_on"], row["employee_id"]), reverse=True)
    return pa.Table.from_pylist(found, schema=_PAST)


def _loss(view: View, row: Mapping, as_of: date) -> dict:
    """Return ``departures.loss_after_departure``; nothing while the follow-up has not passed."""
    compared = _compared(view, row["employee_id"], row["left_on"], as_of)
    if compared is None:
        return {}
    (found,) = departures.loss_after_departure(**compared).to_pyarrow().to_pylist()
    return {**found, "like_rate": found["expected_rate"], "loss_excess": found["excess"]}


def departure_followed(view: View, employee_id: str, as_of: date) -> ir.Table | None:
    """Return ``departures.followed`` of an employee who left; null until the follow-up has ended.

    Null too where there is no such employee, or the employee is still there.
    """
    staff = view.ledger.table("employees")
    known = staff.filter((staff.employee_id == employee_id) & (staff.left_on <= as_of))
    days = known.left_on.to_pyarrow().to_pylist()
    compared = _compared(view, employee_id, days[0], as_of) if days else None
    return None if compared is None else departures.followed(**compared)


def _compared(view: View, employee_id: str, left_on: date, as_of: date) -> dict[str, Any] | None:
    """Return what a departure is judged by; null where there is no ledger before it or after."""
    days = [day for day in view.days if day <= left_on and is_month_end(day)]
    if not days:
        return None
    after = month_end(plus_months(days[-1], _followed_for(view)))
    if after not in view.days or after > as_of:
        return None
    opening = view.lines(days[-1], view.is_on_margin(days[-1]))
    return {
        "opening": opening,
        "closing": view.all_lines(after),
        "handled": handled_on(view, opening, left_on),
        "employee_id": employee_id,
        "least_events": view.definitions.dependency_events,
    }


def _followed_for(view: View) -> int:
    """Return the months of follow-up: who went must have had the time to count as lost."""
    definitions = view.definitions
    tau = max([definitions.lapse_after_days, *definitions.lapse_by_segment.values()])
    return max(MONTHS, ceil((tau + DAYS_TO_GO) / 30))


def what_if(view: View, period: Period) -> ir.Table:
    """Return what would leave with each employee, and what past departures make one expect.

    The expected loss has the 95 % interval of the share lost after past departures.
    """
    day = period.as_of
    lines = view.lines(day, view.is_on_margin(day))
    dependent = dependents_on(view, lines, day)
    found = dependency.dependency_by_employee(
        lines, dependent, brought(view, "employees"), as_of=day
    )
    observed = _observed(past_departures(view, period))
    value = found.value.cast("float64")
    rates = {name: ibis.literal(rate, "float64") for name, rate in observed.items()}
    return found.mutate(
        **rates,
        expected_loss=value * rates["lost_rate"],
        expected_low=value * rates["lost_low"],
        expected_high=value * rates["lost_high"],
        expected_excess=value * rates["loss_excess"],
    )


def _observed(past: pa.Table) -> dict[str, float | None]:
    """Return the share lost after all past departures together, and its excess over like ones."""
    closed = [row for row in past.to_pylist() if row["customers"]]
    n = sum(row["customers"] for row in closed)
    lost = sum(row["lost"] for row in closed)
    low, high = wilson(lost, n)
    rates = {"lost_rate": lost / n if n else None, "lost_low": low, "lost_high": high}
    if not closed or any(row["like_rate"] is None for row in closed):
        return rates | {"loss_excess": None}
    excess = sum(row["customers"] * row["loss_excess"] for row in closed) / n
    return rates | {"loss_excess": excess}


def by_ties(view: View, period: Period) -> ir.Table | pa.Table:
    """Return losses by the number of ties that customers had at the opening."""
    day = period.opening
    if day is None:
        return pa.table({name: pa.array([], pa.string()) for name in _TIES})
    lines = view.lines(day, view.is_on_margin(day))
    tied = ties.ties(lines, **_ties(view, day))
    found = ties.churn_by_ties(tied, view.all_lines(period.as_of))
    return found.rename(number_of_ties="ties", churn_excess="excess")


def _ties(view: View, day: date) -> dict[str, ir.Table]:
    since = window_start(day, MONTHS)
    ledger = view.ledger
    events = dealings(view, since, day)
    found = {"people": ties.people_known(events, since=since, as_of=day)}
    if ledger.has("order_lines") and ledger.has("products"):
        found["categories"] = categories_bought(view, day)
    if ledger.has("contracts"):
        found["contracts"] = ties.contracts_running(ledger.table("contracts"), as_of=day)
    if ledger.has("appointments"):
        due = appointments_due(ledger.table("appointments"), since=since, as_of=day)
        found["services"] = ties.services_used(due)
    if ledger.has("points"):
        found["points"] = ties.points_held(ledger.table("points"), as_of=day)
    return found


def by_referrer(view: View, period: Period) -> ir.Table:
    """Return the success of referrals by employee, and by the tier of who recommended."""
    rows = view.ledger.table("referrals")
    tiers = view.lines(period.as_of).select("customer_key", "tier_name")
    if view.scope:
        rows = rows.semi_join(tiers, "customer_key")
    everybody = view.all_lines(period.as_of, view.is_on_margin(period.as_of))
    matured = referrals_of(view, rows, everybody, period.as_of)
    matured = matured.left_join(tiers, "customer_key").drop("customer_key_right")
    found = []
    for place, name in enumerate(("employee_id", "tier_name")):
        sums = referrals.referral_success(matured, by=(name,)).rename(group=name)
        found.append(sums.mutate(_place=ibis.literal(place), told_by=ibis.literal(name)))
    both = ibis.union(*found)
    staff = brought(view, "employees")
    if staff is None:
        return both.mutate(employee=ibis.null("string"))
    named = staff.select(_staff="employee_id", employee="name")
    is_theirs = (both.group == named["_staff"]) & (both.told_by == "employee_id")
    return both.left_join(named, is_theirs).drop("_staff")


def _basis(view: View, period: Period) -> tuple[Note, ...]:
    return (Note("on_margin" if view.is_on_margin(period.as_of) else "on_net"),)


def _observed_notes(view: View, period: Period) -> tuple[Note, ...]:
    closed = [row for row in past_departures(view, period).to_pylist() if row["customers"]]
    if not closed:
        return (Note("no_past_departures"), *_basis(view, period))
    heads = sum(row["customers"] for row in closed)
    found = {"n": len(closed), "heads": heads, "months": _followed_for(view)}
    return (Note("past_departures", found), *_basis(view, period))


def _past_notes(view: View, period: Period) -> tuple[Note, ...]:
    return (Note("followed_for", {"months": _followed_for(view)}), *_basis(view, period))


def _tie_notes(view: View, period: Period) -> tuple[Note, ...]:
    if period.opening is None:
        return (Note("no_opening", {"first_on": view.ledger.refresh.first_on}),)
    return (Note("since", {"day": period.opening}), Note("correlation_only"))


def _referral_notes(view: View, period: Period) -> tuple[Note, ...]:
    days = view.definitions.referral_within_days
    return (Note("referral_days", {"days": days}), *_basis(view, period))


_TIES = (
    "number_of_ties", "customers", "value", "lost", "churn", "low", "high", "like_customers",
    "like_churn", "churn_excess",
)  # fmt: skip
BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "dependency-what-if", what_if,
        ("employee_id", "employee", "branch", "has_left", "customers", "uses_nobody_else", "value",
         "share_of_branch", "lost_rate", "expected_loss", "expected_low", "expected_high",
         "loss_excess", "expected_excess"),
        ("-value", "employee_id"), notes=_observed_notes,
    ),
    Breakdown(
        "departures", past_departures, tuple(_PAST.names), tables=("employees",),
        notes=_past_notes,
    ),
    Breakdown("ties", by_ties, _TIES, ("number_of_ties",), notes=_tie_notes),
    Breakdown(
        "referrals", by_referrer,
        ("told_by", "group", "employee", "referrals", "successes", "were_customers", "unnamed",
         "success_rate", "low", "high", "value"),
        ("_place", "-successes", "-referrals", "group"), tables=("referrals",),
        notes=_referral_notes,
    ),
)  # fmt: skip
