"""Orders that stand as purchases at a day."""

from datetime import date, timedelta

import ibis.expr.types as ir


def purchases(
    orders: ir.Table,
    entries: ir.Table,
    refunds: ir.Table | None,
    *,
    as_of: date,
    since: date | None = None,
) -> ir.Table:
    """Which orders of customers are purchases that stand?

    An order of a customer made up to ``as_of``, with an amount above 0, not cancelled and not
    wholly given back by then. What refunds that name their order gave back is counted order by
    order. Refunds that name none are matched by the ledger, whose entries say which days have no
    purchase left; such a refund voids no order of a day on which another one stands.

    Parameters
    ----------
    orders
        The company's orders.
    entries
        What was booked: ``customer_key``, ``entered_on``, ``voided_on`` (date; null: stands).
    refunds
        The company's refunds; null if there is no such table.
    as_of
        Day at whose end they are looked at.
    since
        First day of the window; null for all of history.

    Returns
    -------
    One row per order: the columns of ``orders`` and ``ordered_on`` (date).

    References
    ----------
    Definitions: ground rules, purchase and occasion.
    """
    is_bought = (orders.amount > 0) & orders.customer_key.notnull()
    is_bought &= orders.ordered_at < as_of + timedelta(days=1)
    if since is not None:
        is_bought &= orders.ordered_at >= since
    is_cancelled = (orders.cancelled_at < as_of + timedelta(days=1)).fill_null(False)
    bought = orders.filter(is_bought & ~is_cancelled)
    bought = bought.mutate(ordered_on=bought.ordered_at.cast("date"))
    if refunds is not None:
        bought = _without_refunded(bought, refunds, as_of)
    voided = entries.filter(entries.voided_on <= as_of)
    return bought.anti_join(
        voided,
        [
            bought.customer_key == voided.customer_key,
            bought.ordered_on == voided.entered_on,
        ],
    )


def _without_refunded(bought: ir.Table, refunds: ir.Table, as_of: date) -> ir.Table:
    given = refunds.filter(
        refunds.order_id.notnull() & (refunds.refunded_at < as_of + timedelta(days=1))
    )
    given = given.group_by("order_id").agg(_back=given.amount.sum())
    return bought.anti_join(
        given, [bought.order_id == given.order_id, given["_back"] >= bought.amount]
    )
