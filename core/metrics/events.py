"""What happened on a day, and how many customers it touched: to be marked on the axis of time."""

from datetime import date

import ibis
import ibis.expr.types as ir

MONTHS_SERVED = 12  # before the last day of an employee
LEAST_COMPLAINTS = 10  # of a product in a month, to be talked of at all
# By chance a product-month lies so many standard deviations out once in 30,000.
OUT_OF_THE_ORDINARY = 4.0


def complaint_jumps(states: ir.Table, *, months: int) -> ir.Table:
    """In which months was a product complained of far more often than in the others?

    Usual is the mean of the product's other months of the window. A count is out of the ordinary
    where twice the difference of the square roots is above 4: the roots of Poisson counts have a
    standard deviation of a half, whatever the mean.

    Parameters
    ----------
    states
        Complaints opened in the window, of customers in scope (``complaints.complaint_states``).
    months
        Length of the window, in months.

    Returns
    -------
    One row per product and such month: ``product_id``, ``month`` (its first day), ``complaints``,
    ``customers`` (int64), ``usual`` (float64, complaints a month).

    References
    ----------
    Bartlett (1936), The square root transformation in analysis of variance.
    """
    known = states.filter(states.product_id.notnull())
    counts = known.group_by("product_id", "month").agg(
        complaints=known.count().cast("int64"), customers=known.customer_key.nunique().cast("int64")
    )
    of_product = counts.complaints.sum().over(ibis.window(group_by="product_id"))
    others = ibis.literal(float(max(months - 1, 1)))
    rows = counts.mutate(usual=(of_product - counts.complaints).cast("float64") / others)
    distance = 2.0 * (rows.complaints.cast("float64").sqrt() - rows.usual.sqrt())
    return rows.filter((rows.complaints >= LEAST_COMPLAINTS) & (distance > OUT_OF_THE_ORDINARY))


def campaigns(promotions: ir.Table, bought: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """Which promotions began in the window, and how many customers bought on them?

    Parameters
    ----------
    promotions
        The company's promotions.
    bought
        Purchases that stand at ``as_of``: ``customer_key``, ``promotion_id``.

    Returns
    -------
    One row per promotion that anybody bought on: ``promotion_id``, ``name``, ``happened_on``
    (first day), ``customers`` (int64).
    """
    begun = promotions.filter(
        (promotions.started_on >= since) & (promotions.started_on <= as_of)
    ).select(_id="promotion_id", name="name", happened_on="started_on")
    on = bought.filter(bought.promotion_id.notnull() & bought.customer_key.notnull())
    heads = on.group_by("promotion_id").agg(customers=on.customer_key.nunique().cast("int64"))
    rows = heads.inner_join(begun, heads.promotion_id == begun["_id"])
    return rows.select("promotion_id", "name", "happened_on", "customers")


def exits(employees: ir.Table, dealings: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """Which employees left in the window, and how many customers had they dealt with?

    Counted are customers with a contact or order through the employee in the 12 months up to the
    last day.

    Parameters
    ----------
    employees
        The company's employees.
    dealings
        ``dependency.events``, of customers in scope.

    Returns
    -------
    One row per employee with customers: ``employee_id``, ``name``, ``happened_on`` (the last day),
    ``customers`` (int64).
    """
    left = employees.filter((employees.left_on >= since) & (employees.left_on <= as_of)).select(
        _id="employee_id", name="name", happened_on="left_on"
    )
    both = dealings.inner_join(left, dealings.employee_id == left["_id"])
    following = both.happened_on_right + ibis.interval(days=1)
    since_on = (following - ibis.interval(months=MONTHS_SERVED)).cast("date")
    served = both.filter(
        (both.happened_on <= both.happened_on_right) & (both.happened_on >= since_on)
    )
    return served.group_by("employee_id").agg(
        name=served.name.max(),
        customers=served.customer_key.nunique().cast("int64"),
        happened_on=served.happened_on_right.max(),
    )
