"""Which active customers are about to leave, why we think so, and what is at stake.

Every function below but the last gives one kind of evidence: one row per customer with
``customer_key`` and ``evidence_on``. ``at_risk`` brings them together.
"""

import operator
from collections.abc import Mapping
from datetime import date
from functools import reduce

import ibis
import ibis.expr.types as ir

from core.metrics.complaints import open_complaints
from core.metrics.promises import broken_promises
from core.periods import window_start

REASONS = (
    "overdue", "open_complaint", "low_survey", "broken_promise", "missed_appointment",
    "handler_left", "tier_drop",
)  # fmt: skip
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
    answered_on = surveys.answered_at.cast("date")
    rows = surveys.mutate(answered_on=answered_on).filter(
        surveys.score.notnull()
        & (answered_on >= window_start(as_of, MONTHS))
        & (answered_on <= as_of)
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


def with_missed_appointment(
    appointments: ir.Table, occasions: ir.Table, *, as_of: date
) -> ir.Table:
    """Return who missed an appointment within 12 months and has not bought since."""
    day = appointments.scheduled_at.cast("date")
    rows = appointments.mutate(missed_on=day).filter(
        (appointments.status == "missed") & (day >= window_start(as_of, MONTHS)) & (day <= as_of)
    )
    last = rows.group_by("customer_key").agg(evidence_on=rows.missed_on.max())
    bought = occasions.select("customer_key", "occasion_on")
    return last.anti_join(
        bought,
        [last.customer_key == bought.customer_key, bought.occasion_on >= last.evidence_on],
    )


def with_handler_gone(departed: ir.Table, *, as_of: date) -> ir.Table:
    """Return who depended on an employee that left within 12 months (``departures.departed``)."""
    days = (departed.left_on >= window_start(as_of, MONTHS)) & (departed.left_on <= as_of)
    rows = departed.filter(days)
    return rows.group_by("customer_key").agg(evidence_on=rows.left_on.max())


def with_tier_drop(lines: ir.Table, year_ago: ir.Table, *, as_of: date) -> ir.Table:
    """Return who stands in a lower tier than a year ago, active at both days.

    Parameters
    ----------
    lines, year_ago
        Ledger lines at ``as_of`` and 12 months before, both under frozen cut-points.
    """
    then = year_ago.filter(year_ago.is_active).select("customer_key", _tier="tier")
    rows = lines.filter(lines.is_active).inner_join(then, "customer_key")
    fell = rows.filter(rows.tier > rows["_tier"])
    return fell.select("customer_key", evidence_on=ibis.literal(as_of))


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
    One row per active customer with at least one reason: ``customer_key``, ``tier_name``,
    ``branch``, ``manager``, ``last_on``, ``value`` (money), ``value_at_risk`` (money: ``value`` of
    the overdue, at least 0; 0 of the others), ``reasons`` (int64, how many), and for each of
    ``REASONS`` a date ``<reason>_on``, null where it does not apply.

    References
    ----------
    Definitions: value_at_risk (the overdue rule x trailing value, until there are models).
    """
    active = lines.filter(lines.is_active)
    rows = active.select("customer_key", "tier_name", "branch", "manager", "last_on", "value")
    for reason in REASONS:
        name = f"{reason}_on"
        if reason not in evidence:
            rows = rows.mutate(**{name: ibis.null("date")})
            continue
        found = evidence[reason].select(_key="customer_key", **{name: "evidence_on"})
        rows = rows.left_join(found, rows.customer_key == found["_key"]).drop("_key")
    many = reduce(operator.add, [rows[f"{r}_on"].notnull().cast("int64") for r in REASONS])
    zero = ibis.literal(0).cast("decimal(18, 4)")
    stake = rows.overdue_on.notnull().ifelse(ibis.greatest(rows.value, zero), zero)
    rows = rows.mutate(reasons=many, value_at_risk=stake)
    return rows.filter(rows.reasons > 0)
