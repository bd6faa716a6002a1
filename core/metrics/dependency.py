"""Who depends on one employee, and what hangs on each of them."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.periods import window_start

MONTHS = 12  # over which contacts and orders are counted
MONTHS_ALONE = 6  # in which nobody else was in touch


def asked_on(customers: ir.Table, day: date) -> ir.Table:
    """Return ``customers`` as ``handled`` asks for them, all of one day."""
    return customers.select("customer_key", day=ibis.literal(day))


def handled(
    events: ir.Table,
    asked: ir.Table,
    *,
    least_share: float = 0.8,
    least_events: int = 3,
) -> ir.Table:
    """Through whom did a customer deal with us in the 12 months up to a day?

    *Dependent* is who had at least ``least_events`` contacts and orders in the 12 months, at least
    ``least_share`` of them through one employee, and none through another employee in the last 6.

    Parameters
    ----------
    events
        ``dealings.events``.
    asked
        ``customer_key`` and ``day``: whom to look at, and as of which day; each pair once.
    least_share
        Share of contacts and orders, 0 to 1.
    least_events
        Number of contacts and orders.

    Returns
    -------
    One row per customer and day with an event through an employee: ``customer_key``, ``day``,
    ``employee_id`` (the one with most of them; of equals the first by number), ``events``,
    ``own_events`` (int64), ``own_share`` (0 to 1), ``own_last_on``, ``employees`` (how many
    different ones), ``is_dependent``.

    References
    ----------
    Definitions: dependency.
    """
    counted = _counted(events, asked)
    return _judged(counted, ("customer_key", "day"), least_share, least_events)


def handled_on(
    events: ir.Table, day: date, *, least_share: float = 0.8, least_events: int = 3
) -> ir.Table:
    """Through whom did customers deal with us in the 12 months up to one day?

    ``handled`` of everybody as of one day, which takes half as long.

    Parameters
    ----------
    events
        ``dealings.events`` of the 12 months up to ``day``, and no others.
    day, least_share, least_events
        As ``handled``.

    Returns
    -------
    As ``handled``.
    """
    stands = (events.cancelled_on > day).fill_null(True)
    is_recent = events.happened_on >= window_start(day, MONTHS_ALONE)
    rows = events.filter(stands).mutate(_recent=is_recent.cast("int64"))
    counted = rows.group_by("customer_key", "employee_id").agg(
        n=rows.count().cast("int64"),
        recent=rows["_recent"].sum().cast("int64"),
        last_on=rows.happened_on.max(),
    )
    return _judged(counted, ("customer_key",), least_share, least_events).mutate(
        day=ibis.literal(day)
    )


def dependent_on(
    events: ir.Table, day: date, *, least_share: float = 0.8, least_events: int = 3
) -> ir.Table:
    """Who depended on one employee in the 12 months up to a day?

    Most customers show at the first look that they do not: too few dealings, too many through
    nobody, or two employees in the last 6 months. Only the others are told apart by employee.

    Returns
    -------
    The rows of ``handled_on`` that are dependent.
    """
    stands = (events.cancelled_on > day).fill_null(True)
    rows = events.filter(stands)
    # Numbers compare faster than texts; two employees with the same one are told apart below.
    is_recent = (rows.happened_on >= window_start(day, MONTHS_ALONE)) & rows.employee_id.notnull()
    recent = is_recent.ifelse(rows.employee_id.hash(), None)
    sums = rows.group_by("customer_key").agg(
        _n=rows.count(), _staffed=rows.employee_id.count(),
        _least=recent.min(), _greatest=recent.max(),
    )  # fmt: skip
    share = _ratio(sums["_staffed"], sums["_n"])
    is_alone = (sums["_least"] == sums["_greatest"]).fill_null(True)
    may_be = sums.filter((sums["_n"] >= least_events) & (share >= least_share) & is_alone)
    found = handled_on(
        rows.semi_join(may_be, "customer_key"),
        day,
        least_share=least_share,
        least_events=least_events,
    )
    return found.filter(found.is_dependent)


def _judged(
    per_employee: ir.Table, keys: Sequence[str], least_share: float, least_events: int
) -> ir.Table:
    """Return ``handled`` of the dealings counted by ``keys`` and employee."""
    is_staffed = per_employee.employee_id.notnull()
    # Of structs the first field decides, then the next: most events, then the first by number.
    most = ibis.struct(
        {
            "minus_n": -per_employee.n,
            "employee_id": per_employee.employee_id,
            "recent": per_employee.recent,
            "last_on": per_employee.last_on,
        }
    )
    found = per_employee.group_by(keys).agg(
        events=per_employee.n.sum().cast("int64"),
        recent_all=per_employee.recent.sum(where=is_staffed).cast("int64"),
        employees=per_employee.employee_id.count().cast("int64"),
        first=most.min(where=is_staffed),
    )
    found = found.filter(found.employees > 0)
    first = found.mutate(n=-found["first"]["minus_n"], recent=found["first"]["recent"])
    share = first.n.cast("float64") / first.events.cast("float64").nullif(0)
    is_alone = first.recent_all - first.recent == 0
    return first.select(
        *keys,
        "events",
        "employees",
        employee_id=first["first"]["employee_id"],
        own_events="n",
        own_share=share,
        own_last_on=first["first"]["last_on"],
        is_dependent=(first.events >= least_events) & (share >= least_share) & is_alone,
    )


def dependent_customers(lines: ir.Table, handled: ir.Table) -> ir.Table:
    """Which active customers depend on one employee, and what do they bring in?

    Parameters
    ----------
    lines
        Ledger lines at a month-end, with ``value``, ``tier_name`` and, if wanted, ``branch``.
    handled
        ``handled`` as of the same day.

    Returns
    -------
    One row per customer: ``customer_key``, ``employee_id``, ``tier_name``, ``branch`` (if the lines
    have it), ``value`` (money), ``events``, ``own_events`` (int64), ``own_share`` (0 to 1),
    ``own_last_on``, ``uses_nobody_else`` (no other employee in the 12 months).
    """
    places = [name for name in ("branch",) if name in lines.columns]
    active = lines.filter(lines.is_active).select("customer_key", "tier_name", *places, "value")
    rows = active.inner_join(handled.filter(handled.is_dependent), "customer_key")
    return rows.select(
        "customer_key", "employee_id", "tier_name", *places, "value", "events", "own_events",
        "own_share", "own_last_on", uses_nobody_else=rows.employees == 1,
    )  # fmt: skip


def dependency(lines: ir.Table, dependent: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What share of the value of active customers hangs on single employees?

    Parameters
    ----------
    lines, dependent
        Ledger lines with ``value``, and ``dependent_customers`` of them.
    by
        Columns of ``lines`` to tell apart.

    Returns
    -------
    One row per ``by``: ``customers``, ``dependent_customers``, ``employees``, ``alone`` (int64;
    dependent customers who dealt with no other employee in 12 months), ``value``,
    ``dependent_value`` (money), ``share`` (null where the value is not above 0).

    References
    ----------
    Definitions: dependency.
    """
    active = lines.filter(lines.is_active).select("customer_key", "value", *by)
    theirs = dependent.select(
        _key="customer_key", _employee="employee_id", _alone="uses_nobody_else"
    )
    rows = active.left_join(theirs, active.customer_key == theirs["_key"])
    zero = ibis.literal(0).cast("decimal(18, 4)")
    sums = rows.aggregate(
        by=list(by),
        customers=rows.count().cast("int64"),
        dependent_customers=rows["_key"].count().cast("int64"),
        employees=rows["_employee"].nunique().cast("int64"),
        alone=rows["_alone"].sum().cast("int64").fill_null(0),
        value=rows.value.sum().fill_null(zero),
        dependent_value=rows.value.sum(where=rows["_key"].notnull()).fill_null(zero),
    )
    share = _ratio(sums.dependent_value, sums.value)
    return sums.mutate(share=(sums.value > 0).ifelse(share, ibis.null("float64")))


def dependency_by_employee(
    lines: ir.Table, dependent: ir.Table, employees: ir.Table | None, *, as_of: date
) -> ir.Table:
    """What would leave with each employee?

    Parameters
    ----------
    lines, dependent
        Ledger lines at ``as_of`` with ``value`` and ``branch``, and ``dependent_customers``.
    employees
        The company's employees, if it brought them.
    as_of
        An employee who left later is still there.

    Returns
    -------
    One row per employee on whom anybody depends: ``employee_id``, ``employee``, ``branch`` (null
    where not brought), ``has_left``, ``customers``, ``uses_nobody_else`` (int64: how many of them
    dealt with no other employee in 12 months), ``value`` (money), ``branch_value`` (of the active
    customers of that branch), ``share_of_branch`` (null where the branch is unknown or its value
    is not above 0).
    """
    found = dependent.group_by("employee_id").agg(
        customers=dependent.count(),
        uses_nobody_else=dependent.uses_nobody_else.sum().cast("int64"),
        value=dependent.value.sum().cast("decimal(38, 4)"),
    )
    if employees is None:
        blank = {"employee": ibis.null("string"), "home": ibis.null("string")}
        found = found.mutate(**blank, has_left=ibis.null("boolean"))
    else:
        known = employees.select(
            "employee_id",
            employee="name",
            home="branch",
            has_left=(employees.left_on <= as_of).fill_null(False),
        )
        found = found.left_join(known, "employee_id").drop("employee_id_right")
    active = lines.filter(lines.is_active & lines.branch.notnull())
    branches = active.group_by("branch").agg(branch_value=active.value.sum().cast("decimal(38, 4)"))
    rows = found.left_join(branches, found.home == branches.branch)
    share = (rows.branch_value > 0).ifelse(_ratio(rows.value, rows.branch_value), None)
    return rows.select(
        "employee_id", "employee", "has_left", "customers", "uses_nobody_else", "value",
        "branch_value", branch="home", share_of_branch=share,
    )  # fmt: skip


def _counted(events: ir.Table, asked: ir.Table) -> ir.Table:
    """Return how often each employee dealt with each customer in the windows up to each day."""
    following = asked.day + ibis.interval(days=1)
    asked = asked.mutate(
        year_from=(following - ibis.interval(months=MONTHS)).cast("date"),
        half_from=(following - ibis.interval(months=MONTHS_ALONE)).cast("date"),
    )
    rows = asked.inner_join(events, "customer_key")
    stands = rows.cancelled_on.isnull() | (rows.cancelled_on > rows.day)
    rows = rows.filter(
        (rows.happened_on >= rows.year_from) & (rows.happened_on <= rows.day) & stands
    )
    return rows.group_by("customer_key", "day", "employee_id").agg(
        n=rows.count().cast("int64"),
        recent=(rows.happened_on >= rows.half_from).sum().cast("int64"),
        last_on=rows.happened_on.max(),
    )


def _ratio(part: ir.NumericValue, whole: ir.NumericValue) -> ir.FloatingValue:
    return part.cast("float64") / whole.cast("float64").nullif(0)
