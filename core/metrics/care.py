"""Care for customers: contacts that reached somebody, visits without content, gaps."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.periods import took_place

_FLAGS = ("done", "recorded", "reached", "learned", "opportunities")


def contacts_made(
    contacts: ir.Table,
    employees: ir.Table | None = None,
    *,
    since: date,
    as_of: date,
) -> ir.Table:
    """What came of each contact that took place from ``since`` to ``as_of``?

    A contact is *without content* if it reached the customer, yet nothing was written down, nothing
    was learned and no opportunity found. Where it is not known whether anything was written (texts
    were not brought) and not known either whether anything was learned, nothing is said of it.

    Parameters
    ----------
    contacts, employees
        The company's contacts, and its employees if brought. Further columns of ``contacts`` stay.

    Returns
    -------
    One row per contact: the columns of ``contacts``, ``team`` (branch of the employee; null:
    unknown), ``contacted_on``, ``is_empty`` (null: not reached, or nothing known of it).
    ``is_reached``, ``has_learned``, ``has_opportunity``, ``has_content``: null where not recorded.
    """
    day = contacts.contacted_at.cast("date")
    rows = contacts.mutate(contacted_on=day)
    rows = rows.filter(took_place(contacts.contacted_at, since, as_of))
    if employees is None:
        rows = rows.mutate(team=ibis.null("string"))
    else:
        staff = employees.select(_staff="employee_id", team="branch")
        rows = rows.left_join(staff, rows.employee_id == staff["_staff"]).drop("_staff")
    signs = (rows.has_content, rows.has_learned, rows.has_opportunity)
    any_sign = signs[0].fill_null(False) | signs[1].fill_null(False) | signs[2].fill_null(False)
    is_known = signs[0].notnull() | signs[1].notnull()
    judged = rows.is_reached.fill_null(False) & (is_known | any_sign)
    return rows.mutate(is_empty=judged.ifelse(~any_sign, ibis.null("boolean")))


def contact_quality(made: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many contacts reached somebody, and how many were for form's sake?

    Parameters
    ----------
    made
        ``contacts_made``.
    by
        Columns to tell apart: ``employee_id``, ``team``, ``channel``, ``purpose``.

    Returns
    -------
    One row per ``by``: ``contacts``, ``recorded`` (of which it is known whether they reached the
    customer), ``reached``, ``learned``, ``opportunities``, ``judged``, ``empty`` (int64), and rates
    from 0 to 1, null where there is nothing to divide by: ``reached_rate`` (of the recorded),
    ``learned_rate``, ``opportunity_rate`` (of those that reached the customer and for which it was
    recorded: ``learned_n``, ``opportunity_n``), ``empty_rate`` (of the judged).

    References
    ----------
    Definitions: contact_gap (visits without content apart).
    """
    met = made.is_reached.fill_null(False)
    flags = {
        "recorded": made.is_reached.notnull(),
        "reached": met,
        "learned_n": met & made.has_learned.notnull(),
        "learned": met & made.has_learned,
        "opportunity_n": met & made.has_opportunity.notnull(),
        "opportunities": met & made.has_opportunity,
        "judged": made.is_empty.notnull(),
        "empty": made.is_empty,
    }
    sums = made.aggregate(
        by=list(by),
        contacts=made.count().cast("int64"),
        **{name: _count(flag) for name, flag in flags.items()},
    )
    return sums.mutate(
        reached_rate=_ratio(sums.reached, sums.recorded),
        learned_rate=_ratio(sums.learned, sums.learned_n),
        opportunity_rate=_ratio(sums.opportunities, sums.opportunity_n),
        empty_rate=_ratio(sums.empty, sums.judged),
    )


def contact_gap(
    lines: ir.Table,
    made: ir.Table,
    customers: ir.Table | None = None,
    *,
    as_of: date,
    cadence_days: Mapping[str, int],
    by: Sequence[str] = ("tier_name",),
) -> ir.Table:
    """How many customers were due for a contact, and how many were really met?

    Every active customer of a tier with a cadence is due once within so many days. Who has been a
    customer for less than the cadence is not due yet, nor is who does not want to be contacted. A
    contact that did not reach the customer is done, not a meeting.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``, with ``tier_name``.
    made
        ``contacts_made`` up to ``as_of``, of at least the longest cadence.
    customers
        The company's customers, if brought: ``may_contact`` as it stands.
    cadence_days
        Tier name -> days within which one contact is due; tiers without one are not due.
    by
        Columns of ``lines`` to tell apart.

    Returns
    -------
    One row per ``by``: ``due``, ``done``, ``recorded`` (done, and known whether reached),
    ``reached``, ``learned``, ``opportunities``, ``gap`` (int64, customers; due less reached),
    ``gap_rate`` (of the due; null where contacts were done and none of ``made`` says whether it
    reached anybody).

    References
    ----------
    Definitions: contact_gap.
    """
    each = customers_due(lines, made, customers, as_of=as_of, cadence_days=cadence_days, by=by)
    sums = each.aggregate(
        by=list(by),
        due=each.count().cast("int64"),
        **{n: each[n].sum().cast("int64").fill_null(0) for n in _FLAGS},
    )
    # Whether reaching is recorded at all is a habit of the company, not of one scope.
    sums = sums.cross_join(made.agg(_recorded=made.is_reached.notnull().any().fill_null(False)))
    gap = sums.due - sums.reached
    is_known = sums["_recorded"] | (sums.done == 0)
    rate = is_known.ifelse(_ratio(gap, sums.due), ibis.null("float64"))
    return sums.mutate(gap=gap, gap_rate=rate).drop("_recorded")


def customers_due(
    lines: ir.Table,
    made: ir.Table,
    customers: ir.Table | None = None,
    *,
    as_of: date,
    cadence_days: Mapping[str, int],
    by: Sequence[str] = (),
) -> ir.Table:
    """Who was due for a contact, and what came of it, as ``contact_gap`` counts them?

    Returns
    -------
    One row per customer due: ``customer_key``, the columns of ``by``, and whether a contact within
    the cadence was ``done``, ``recorded``, ``reached``, ``learned`` something and found
    ``opportunities`` (booleans).
    """
    due = _due(lines, customers, as_of, cadence_days)
    met = _met(made, as_of)
    rows = due.left_join(met, (due.customer_key == met["_key"]) & (met["_age"] < due["_days"]))
    flags = {name: rows[f"_{name}"].fill_null(False).any() for name in _FLAGS}
    return rows.group_by("customer_key", *by).agg(**flags)


def _due(
    lines: ir.Table, customers: ir.Table | None, as_of: date, cadence_days: Mapping[str, int]
) -> ir.Table:
    days = lines.tier_name.cases(*cadence_days.items(), else_=ibis.null("int64"))
    rows = lines.mutate(_days=days).filter(lines.is_active)
    age = ibis.literal(as_of).delta(rows.since_on, unit="day")
    due = rows.filter((age >= rows["_days"]).fill_null(False))
    if customers is None:
        return due
    return due.anti_join(customers.filter(~customers.may_contact.fill_null(True)), "customer_key")


def _met(made: ir.Table, as_of: date) -> ir.Table:
    age = ibis.literal(as_of).delta(made.contacted_on, unit="day")
    return made.select(
        _key="customer_key",
        _age=age,
        _done=ibis.literal(True),
        _recorded=made.is_reached.notnull(),
        _reached=made.is_reached,
        _learned=made.is_reached & made.has_learned,
        _opportunities=made.is_reached & made.has_opportunity,
    ).filter(age >= 0)


def _count(is_so: ir.BooleanValue) -> ir.IntegerScalar:
    return is_so.fill_null(False).sum().cast("int64").fill_null(0)


def _ratio(part: ir.NumericValue, whole: ir.NumericValue) -> ir.FloatingValue:
    return part.cast("float64") / whole.cast("float64").nullif(0)
