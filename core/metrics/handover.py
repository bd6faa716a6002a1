"""Whose customers an employee leaves behind, and who else knows them."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir


def customers_left(
    lines: ir.Table, handled: ir.Table, *, employee_id: str, called: Sequence[str]
) -> ir.Table:  # fmt: skip
    """Which customers dealt mainly with an employee, or have the employee as manager?

    Parameters
    ----------
    lines
        Ledger lines with ``value``, ``tier_name``, ``branch`` and ``manager``.
    handled
        ``dependency.handled_on`` of at least those who ever dealt with the employee.
    employee_id
        Who leaves.
    called
        What the employee is called as manager: by number, by name.

    Returns
    -------
    One row per customer who ever bought or had a contract: ``customer_key``, ``tier_name``,
    ``branch``, ``manager``, ``value`` (money), ``is_active``, ``is_main`` (most dealings of 12
    months went through the employee), ``is_manager``, ``is_dependent``, ``events``, ``own_events``
    (int64; null: none), ``own_last_on``.
    """
    dealt = handled.filter(handled.employee_id == employee_id).select(
        "events", "own_events", "own_last_on", "is_dependent", _key="customer_key"
    )
    known = lines.filter(lines.since_on.notnull())
    rows = known.left_join(dealt, known.customer_key == dealt["_key"])
    is_main = rows["_key"].notnull()
    is_manager = rows.manager.isin(list(called)).fill_null(False)
    found = rows.select(
        "customer_key", "tier_name", "branch", "manager", "value", "is_active", "events",
        "own_events", "own_last_on", is_main=is_main, is_manager=is_manager,
        is_dependent=rows.is_dependent.fill_null(False),
    )  # fmt: skip
    return found.filter(found.is_main | found.is_manager)


def second_contacts(
    events: ir.Table, here: ir.Table, *, employee_id: str, day: date
) -> ir.Table:  # fmt: skip
    """Who else dealt with the customers, most often?

    Parameters
    ----------
    events
        ``dealings.events`` of the 12 months up to ``day``.
    here
        Employees who are still there: ``employee_id``.
    employee_id
        Who leaves.

    Returns
    -------
    One row per customer with somebody else: ``customer_key``, ``second_id`` (of equals the first by
    number), ``second_events`` (int64).
    """
    stands = (events.cancelled_on > day).fill_null(True)
    others = events.filter(stands & (events.employee_id != employee_id))
    others = others.semi_join(here, "employee_id")
    counted = others.group_by("customer_key", "employee_id").agg(n=others.count().cast("int64"))
    # Of structs the first field decides, then the next.
    most = ibis.struct({"minus_n": -counted.n, "employee_id": counted.employee_id})
    found = counted.group_by("customer_key").agg(first=most.min())
    return found.select(
        "customer_key", second_id=found["first"]["employee_id"],
        second_events=-found["first"]["minus_n"],
    )  # fmt: skip


def loads(lines: ir.Table) -> ir.Table:
    """How many active customers does each manager look after? ``manager``, ``customers``."""
    active = lines.filter(lines.is_active & lines.manager.notnull())
    return active.group_by("manager").agg(customers=active.count().cast("int64"))
