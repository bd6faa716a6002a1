"""All sales, those without a customer included: what the figures of customers do not show."""

import ibis
import ibis.expr.types as ir


def sales(entries: ir.Table) -> ir.Table:
    """What was sold, refunds and cancellations taken off, and which part has no customer?

    Contract value is not in it: only what was booked.

    Parameters
    ----------
    entries
        What was booked in the window (``View.entries``).

    Returns
    -------
    One row: ``net`` and ``net_without_customer`` (decimal, money), ``margin_without_customer``
    (decimal, money: costs taken off too), ``customers`` (int64, with anything booked),
    ``share_without_customer`` (float64; null where net is not above 0).
    """
    net = entries.gross - entries.returned
    margin = net - entries.cost - entries.service_cost
    is_loose = entries.customer_key.isnull()
    kind = "decimal(38, 4)"
    sums = entries.aggregate(
        net=net.sum().fill_null(0).cast(kind),
        net_without_customer=net.sum(where=is_loose).fill_null(0).cast(kind),
        margin_without_customer=margin.sum(where=is_loose).fill_null(0).cast(kind),
        customers=entries.customer_key.nunique().cast("int64"),
    )
    whole = sums.net.cast("float64")
    share = sums.net_without_customer.cast("float64") / (whole > 0).ifelse(
        whole, ibis.null("float64")
    )
    return sums.mutate(share_without_customer=share)
