"""What passed between customers and employees: orders served, contacts that reached somebody."""

import ibis
import ibis.expr.types as ir


def events(orders: ir.Table, contacts: ir.Table | None = None) -> ir.Table:
    """What passed between customers and employees?

    Orders with an amount above 0, and contacts that took place and did not fail to reach the
    customer. Who owns the account on paper does not count. An order without an employee (online,
    say) is nobody's; where no order at all names an employee, orders say nothing and are left out.

    Returns
    -------
    One row per event: ``customer_key``, ``happened_on``, ``employee_id`` (null: nobody's),
    ``cancelled_on`` (from that day on the order does not count; null: never).
    """
    sold = orders.filter(orders.customer_key.notnull() & (orders.amount > 0))
    sold = sold.select(
        "customer_key",
        ordered_on=sold.ordered_at.cast("date"),
        employee_id="employee_id",
        cancelled_on=sold.cancelled_at.cast("date"),
    )
    return dealings(sold, contacts, names_some=names_employees(orders))


def names_employees(orders: ir.Table) -> ir.BooleanValue:
    """Whether any order names an employee."""
    named = orders.filter(orders.employee_id.notnull()).limit(1)
    return named.agg(n=named.count()).n.as_scalar() > 0


def dealings(
    sold: ir.Table, contacts: ir.Table | None = None, *, names_some: ir.BooleanValue
) -> ir.Table:
    """What passed between customers and employees?

    Parameters
    ----------
    sold
        Orders of customers with an amount above 0: ``customer_key``, ``ordered_on``,
        ``employee_id``, ``cancelled_on``.
    contacts
        The company's contacts, if brought.
    names_some
        ``names_employees`` of all orders.

    Returns
    -------
    As ``events``.
    """
    found = sold.filter(names_some).select(
        "customer_key", "employee_id", "cancelled_on", happened_on="ordered_on"
    )
    found = found.select("customer_key", "happened_on", "employee_id", "cancelled_on")
    if contacts is None:
        return found
    took_place = contacts.contacted_at.notnull() & contacts.is_reached.fill_null(True)
    met = contacts.filter(took_place & contacts.employee_id.notnull())
    return found.union(
        met.select(
            "customer_key",
            happened_on=met.contacted_at.cast("date"),
            employee_id="employee_id",
            cancelled_on=ibis.null("date"),
        )
    )
