"""Which active customers are about to leave, why we think so, and what is at stake.

Every function ``with_...`` gives one kind of evidence: one row per customer with ``customer_key``
and ``evidence_on``. ``at_risk`` brings them together.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from core.definitions import TIERS
from core.metrics.complaints import open_complaints
from core.metrics.promises import broken_promises
from core.periods import took_place, window_start

REASONS = (
    "overdue", "open_complaint", "low_survey", "broken_promise", "missed_appointment",
    "handler_left", "contact_gap", "tier_drop",
)  # fmt: skip
UPPER = TIERS[:3]
MONTHS = 12  # evidence older than that is none


def with_open_complaint(complaints: ir.Table, *, as_of: date) -> ir.Table:
    """Return who waits for a complaint to be resolved, since the oldest one was opened."""
    found = open_complaints(complaints, as_of=as_of)
    return found.group_by("customer_key").agg(evidence_on=found.waiting_since.min())


def with_low_survey(surveys: ir.Table, *, as_of: date) -> ir.Table:
    """Return whose last answer to an instrument, within 12 months, was a low one.

    Low is 0 to 6 on the 0-10 scale of the NPS; the lowest two of five of the CSAT; up to 3 of the
    CES (1-7, agreement). An answer without its scale says nothing. Questions about brand, price or
    wallet do not measure discontent with us.
    """
    rows = surveys.mutate(answered_on=surveys.answered_at.cast("date")).filter(
        surveys.score.notnull()
        & surveys.instrument.isin(("nps", "csat", "ces"))
        & took_place(surveys.answered_at, window_start(as_of, MONTHS), as_of)
    )
    newest = ibis.row_number().over(
        group_by=["customer_key", "instrument"],
        order_by=[rows.answered_at.desc(), rows.survey_id.desc()],
    )
    last = rows.mutate(_rank=newest).filter(ibis._["_rank"] == 0)
    height = (last.score - last.scale_min) / (last.scale_max - last.scale_min).nullif(0)
    is_nps = (last.instrument == "nps") & (last.scale_min == 0) & (last.scale_max == 10)
    is_low = ibis.cases(
        (is_nps, last.score <= 6),
        (last.instrument == "csat", height <= 0.25),
        (last.instrument == "ces", height <= 1 / 3),
        else_=False,
    )
    low = last.filter(is_low.fill_null(False))
    return low.group_by("customer_key").agg(evidence_on=low.answered_on.max())


def with_broken_promise(promises: ir.Table, *, as_of: date) -> ir.Table:
    """Return to whom a promise due within 12 months was broken, with the last due date."""
    found = broken_promises(promises, since=window_start(as_of, MONTHS), as_of=as_of)
    return found.group_by("customer_key").agg(evidence_on=found.due_on.max())


def with_missed_appointment(appointments: ir.Table, lines: ir.Table, *, as_of: date) -> ir.Table:
    """Return who missed an appointment within 12 months and has not bought since.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``, with ``last_on``.
    """
    day = appointments.scheduled_at.cast("date")
    rows = appointments.mutate(missed_on=day).filter(
        (appointments.status == "missed")
        & took_place(appointments.scheduled_at, window_start(as_of, MONTHS), as_of)
    )
    last = rows.group_by("customer_key").agg(evidence_on=rows.missed_on.max())
    bought = lines.select(_key="customer_key", _last="last_on")
    both = last.left_join(bought, last.customer_key == bought["_key"])
    has_come = (both["_last"] >= both.evidence_on).fill_null(False)
    return both.filter(~has_come).select("customer_key", "evidence_on")


def with_handler_gone(departed: ir.Table, *, as_of: date) -> ir.Table:
    """Return who depended on an employee that left within 12 months (``departures.departed``)."""
    days = (departed.left_on >= window_start(as_of, MONTHS)) & (departed.left_on <= as_of)
    rows = departed.filter(days)
    return rows.group_by("customer_key").agg(evidence_on=rows.left_on.max())


def with_contact_gap(
    lines: ir.Table,
    contacts: ir.Table,
    *,
    as_of: date,
    care_every_days: Mapping[str, int],
    tiers: Sequence[str] = UPPER,
) -> ir.Table:
    """Return whom nobody met for longer than the cadence of the tier, since the first such day.

    Met is who was reached by a contact, or bought: a customer who was in the shop last week is not
    about to leave because nobody rang. Who was never met counts since becoming a customer. Only
    the upper tiers: of the others, whom few companies visit, nearly everybody would be flagged.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``, with ``tier_name``.
    contacts
        The company's contacts; those of which it is not known whether they reached anybody count
        as having done so.
    care_every_days
        Cadence of each tier, days; tiers without one are left out.
    tiers
        Names of the tiers looked at.
    """
    cadence = {tier: days for tier, days in care_every_days.items() if tier in tiers}
    if not cadence:
        return lines.select("customer_key", evidence_on=lines.last_on).limit(0)
    due = lines.tier_name.cases(*cadence.items(), else_=ibis.null("int64"))
    rows = lines.filter(lines.is_active & due.notnull())
    rows = rows.select("customer_key", _due=due, _seen=ibis.coalesce(rows.last_on, rows.since_on))
    # Who bought within the cadence was met, and needs no look at the contacts.
    rows = rows.filter((rows["_seen"] + (rows["_due"] + 1).as_interval("D")).cast("date") <= as_of)
    day = contacts.contacted_at.cast("date")
    met = contacts.filter((day <= as_of) & contacts.is_reached.fill_null(True))
    met = met.semi_join(rows, "customer_key")
    met = met.group_by(_key="customer_key").agg(_met=met.contacted_at.max().cast("date"))
    both = rows.left_join(met, rows.customer_key == met["_key"])
    last = ibis.greatest(both["_met"].fill_null(both["_seen"]), both["_seen"])
    first_day = (last + (both["_due"] + 1).as_interval("D")).cast("date")
    found = both.mutate(evidence_on=first_day).filter(first_day <= as_of)
    return found.select("customer_key", "evidence_on")


def with_tier_drop(lines: ir.Table, year_ago: ir.Table, *, as_of: date) -> ir.Table:
    """Return who stands in a lower tier than a year ago, active at both days.

    Parameters
    ----------
    lines, year_ago
        Ledger lines at ``as_of`` and 12 months before, both under frozen cut-points.
    """
    # From the lowest tier nobody falls.
    then = year_ago.filter(year_ago.is_active & (year_ago.tier < len(TIERS)))
    then = then.select("customer_key", _tier="tier")
    rows = lines.filter(lines.is_active).inner_join(then, "customer_key")
    fell = rows.filter(rows.tier > rows["_tier"])
    return fell.select("customer_key", evidence_on=ibis.literal(as_of))


def signs(evidence: Mapping[str, ir.Table], names: Sequence[str], customers: ir.Table) -> ir.Table:
    """Which kinds of evidence are there of each customer, and since when?

    Parameters
    ----------
    evidence
        Some of ``names``, each with a table of ``customer_key`` and ``evidence_on``.
    names
        Kinds of evidence, in the order of the columns.
    customers
        Any table with ``customer_key``: it stands for an empty one where there is no evidence.

    Returns
    -------
    One row per customer of whom there is any: ``customer_key``, for each of ``names`` a date
    ``<name>_on`` (null where it does not apply), and ``reasons`` (int64, how many do).
    """
    blank = customers.select("customer_key", evidence_on=ibis.null("date")).limit(0)
    parts = [
        found.select("customer_key", "evidence_on", _sign=ibis.literal(names.index(name), "int8"))
        for name, found in (evidence or {names[0]: blank}).items()
    ]
    every = ibis.union(*parts) if len(parts) > 1 else parts[0]
    found = every.group_by("customer_key").agg(
        **{
            f"{name}_on": every.evidence_on.min(where=every["_sign"] == number)
            if name in evidence
            else ibis.null("date")
            for number, name in enumerate(names)
        }
    )
    # Evidence is dated: counting the dates takes less than telling texts apart.
    counted = [found[f"{name}_on"].notnull().cast("int64") for name in names]
    return found.mutate(reasons=reduce(add, counted))


def at_risk(lines: ir.Table, evidence: Mapping[str, ir.Table]) -> ir.Table:
    """Whom might we lose next, why, and what is at stake?

    Parameters
    ----------
    lines
        Ledger lines at a day, with ``value``.
    evidence
        Some of ``REASONS``, each with a table of ``customer_key`` and ``evidence_on``. What the
        company brought no table for is left out.

    Returns
    -------
    One row per active customer with at least one reason: ``customer_key``, ``tier_name``, what the
    lines have of ``branch``, ``manager`` and ``scope_key``, ``last_on``, ``value`` (money),
    ``value_at_risk`` (money: ``value`` of the overdue, at least 0; 0 of the others), ``reasons``
    (int64, how many), and for each of ``REASONS`` a date ``<reason>_on``, null where it does not
    apply.

    References
    ----------
    Definitions: value_at_risk (the overdue rule x trailing value, until there are models).
    """
    active = lines.filter(lines.is_active)
    found = signs(evidence, REASONS, lines).rename(_key="customer_key")
    places = [name for name in ("branch", "manager", "scope_key") if name in active.columns]
    rows = active.select("customer_key", "tier_name", *places, "last_on", "value")
    rows = rows.inner_join(found, rows.customer_key == found["_key"]).drop("_key")
    zero = ibis.literal(0).cast("decimal(18, 4)")
    stake = rows.overdue_on.notnull().ifelse(ibis.greatest(rows.value, zero), zero)
    return rows.mutate(value_at_risk=stake)


def risk_sums(lines: ir.Table, found: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many of the active customers are at risk, and how much of their value?

    Parameters
    ----------
    lines
        Ledger lines at a day, with ``value``.
    found
        ``at_risk`` of them.
    by
        Columns of ``lines`` to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``active``, ``customers_at_risk`` (int64), ``value`` (of the
    active), ``value_at_risk`` (money), ``share`` (of the active), ``value_share`` (of their value;
    both null where there is nothing above 0 to share).
    """
    stakes = found.select(_key="customer_key", _stake="value_at_risk")
    active = lines.filter(lines.is_active)
    both = active.left_join(stakes, active.customer_key == stakes["_key"])
    sums = both.aggregate(
        by=list(by),
        active=both.count().cast("int64"),
        customers_at_risk=both["_key"].count().cast("int64"),
        value=both.value.sum().fill_null(0),
        value_at_risk=both["_stake"].sum().fill_null(0),
    )
    value = sums.value.cast("float64")
    whole = (value > 0).ifelse(value, ibis.null("float64"))
    return sums.mutate(
        share=sums.customers_at_risk.cast("float64") / sums.active.cast("float64").nullif(0),
        value_share=sums.value_at_risk.cast("float64") / whole,
    )


def risk_reasons(found: ir.Table) -> ir.Table:
    """How many customers does each reason concern, and what do they bring?

    A customer with several reasons stands under each of them, so the rows do not add up.

    Parameters
    ----------
    found
        ``at_risk``.

    Returns
    -------
    One row per reason that applies to anybody: ``reason``, ``heads``, ``only_this`` (int64: with no
    other reason), ``value`` (money, of these), ``value_at_risk`` (of the overdue among them).
    """
    # All reasons in one pass, then one row for each: unnesting an array of them fails in DuckDB
    # 2.0.0 on a million rows ("dict-surviving cache").
    sums = {}
    for reason in REASONS:
        has_it = found[f"{reason}_on"].notnull()
        sums |= {
            f"heads_{reason}": has_it.sum().cast("int64").fill_null(0),
            f"only_{reason}": (has_it & (found.reasons == 1)).sum().cast("int64"),
            f"value_{reason}": found.value.sum(where=has_it),
            f"stake_{reason}": found.value_at_risk.sum(where=has_it),
        }
    wide = found.agg(**sums)
    parts = [
        wide.select(
            reason=ibis.literal(reason),
            heads=wide[f"heads_{reason}"],
            only_this=wide[f"only_{reason}"],
            value=wide[f"value_{reason}"],
            value_at_risk=wide[f"stake_{reason}"],
        )
        for reason in REASONS
    ]
    return ibis.union(*parts).filter(lambda t: t.heads > 0)
