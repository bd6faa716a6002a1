"""Who was left behind when an employee went, and how many of them were lost."""

from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.dependency import handled


def departed(
    events: ir.Table,
    employees: ir.Table,
    *,
    since: date,
    as_of: date,
    least_share: float = 0.8,
    least_events: int = 3,
) -> ir.Table:
    """Who depended on an employee on the day that employee left?

    Parameters
    ----------
    since, as_of
        Departures on these days and between them.

    Returns
    -------
    One row per customer and departure: ``customer_key``, ``employee_id``, ``left_on``.
    """
    gone = employees.filter((employees.left_on >= since) & (employees.left_on <= as_of))
    gone = gone.select(_left="employee_id", day="left_on")
    theirs = events.inner_join(gone, events.employee_id == gone["_left"])
    asked = theirs.filter(theirs.happened_on <= theirs.day).select("customer_key", "day").distinct()
    found = handled(events, asked, least_share=least_share, least_events=least_events)
    found = found.filter(found.is_dependent)
    rows = found.inner_join(gone, [found.employee_id == gone["_left"], found.day == gone.day])
    return rows.select("customer_key", "employee_id", left_on="day")


def loss_after_departure(
    opening: ir.Table, closing: ir.Table, handled: ir.Table, *, employee_id: str, least_events: int
) -> ir.Table:
    """How many of those who depended on an employee were lost after the departure?

    Compared are customers of the same tier, active at the opening too, with as many contacts and
    orders as dependence asks for, who did not depend on that employee; of any branch. Their loss
    rates, weighted by the tiers of the dependent, are what would have been expected.

    Parameters
    ----------
    opening, closing
        Ledger lines before the departure, and when the follow-up ends.
    handled
        ``handled`` as of the departure, for the customers of ``opening``.
    employee_id
        Who left.
    least_events
        Contacts and orders that a customer to compare with has at least.

    Returns
    -------
    One row: ``customers``, ``lost`` (int64; of the dependent), ``value``, ``value_lost`` (money, at
    the opening), ``like_customers`` (int64), ``lost_rate``, ``expected_rate``, ``excess`` (null
    where there is nobody, or a tier without like customers).

    References
    ----------
    Definitions: dependency (observed loss after past departures against like customers).
    """
    rows = followed(opening, closing, handled, employee_id=employee_id, least_events=least_events)
    theirs, others = rows.is_theirs, ~rows.is_theirs
    tiers = rows.group_by("tier").agg(
        customers=theirs.sum().cast("int64"),
        lost=(theirs & rows.is_lost).sum().cast("int64"),
        value=rows.value.sum(where=theirs),
        value_lost=rows.value.sum(where=theirs & rows.is_lost),
        like_customers=others.sum().cast("int64"),
        like_rate=rows.is_lost.cast("float64").mean(where=others),
    )
    tiers = tiers.filter(tiers.customers > 0)
    is_whole = (tiers.like_customers > 0).all()
    expected = (tiers.customers * tiers.like_rate).sum() / tiers.customers.sum().nullif(0)
    total = tiers.agg(
        **{n: tiers[n].sum().cast("int64").fill_null(0) for n in ("customers", "lost")},
        **{n: tiers[n].sum().fill_null(0) for n in ("value", "value_lost")},
        like_customers=tiers.like_customers.sum().cast("int64").fill_null(0),
        lost_rate=tiers.lost.sum().cast("float64") / tiers.customers.sum().nullif(0),
        expected_rate=is_whole.ifelse(expected, ibis.null("float64")),
    )
    return total.mutate(excess=total.lost_rate - total.expected_rate)


def followed(
    opening: ir.Table, closing: ir.Table, handled: ir.Table, *, employee_id: str, least_events: int
) -> ir.Table:
    """Return those active at the opening whom ``loss_after_departure`` compares.

    One row per customer: ``customer_key``, ``tier``, ``value`` (money, at the opening),
    ``is_theirs`` (depended on the employee) and ``is_lost``.
    """
    known = handled.filter(handled.events >= least_events)
    known = known.select(
        "customer_key", is_theirs=known.is_dependent & (known.employee_id == employee_id)
    )
    # Who has no purchase left is undone, not lost.
    is_lost = ~closing.is_active & closing.since_on.notnull()
    after = closing.select("customer_key", _lost=is_lost)
    rows = opening.filter(opening.is_active).select("customer_key", "tier", "value")
    rows = rows.inner_join(known, "customer_key").left_join(after, "customer_key")
    return rows.mutate(is_lost=rows["_lost"].fill_null(False))
