"""Ties: what makes it costly for a customer to leave, and whether the tied stay."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson

KINDS = ("categories", "contracts", "services", "people", "points")


def categories_bought(purchases: ir.Table, lines: ir.Table, products: ir.Table) -> ir.Table:
    """From how many product categories did each customer buy?

    Parameters
    ----------
    purchases, lines, products
        ``purchases`` of the window, order lines and products; lines with an amount of 0 or less,
        and products without a category, do not count.

    Returns
    -------
    One row per customer: ``customer_key``, ``categories`` (int64).
    """
    sold = lines.filter(lines.amount > 0).select("order_id", "product_id")
    rows = purchases.select("order_id", "customer_key").inner_join(sold, "order_id")
    return categories_of(rows, products)


def categories_of(bought: ir.Table, products: ir.Table) -> ir.Table:
    """From how many product categories did each customer buy?

    Parameters
    ----------
    bought
        Lines of the purchases of the window: ``customer_key``, ``product_id``.
    products
        The company's products; those without a category do not count.

    Returns
    -------
    One row per customer: ``customer_key``, ``categories`` (int64).
    """
    known = products.filter(products.category.notnull())
    # Numbers are told apart faster than texts.
    number = ibis.dense_rank().over(order_by=known.category)
    known = known.select("product_id", category=number)
    rows = bought.select("customer_key", "product_id").inner_join(known, "product_id")
    each = rows.select("customer_key", "category").distinct()
    return each.group_by("customer_key").agg(categories=each.count().cast("int64"))


def one_product_share(lines: ir.Table, categories: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What share of the active customers buys from one category alone?

    Parameters
    ----------
    lines
        Ledger lines.
    categories
        ``categories_bought`` in 12 months.
    by
        Columns of ``lines`` to tell apart.

    Returns
    -------
    One row per ``by``: ``active``, ``buyers`` (active, with a purchase of a known category),
    ``one_product`` (int64), ``share`` (of buyers, 0 to 1; null where there are none).

    References
    ----------
    Definitions: ties.
    """
    active = lines.filter(lines.is_active).select("customer_key", *by)
    found = categories.select(_key="customer_key", _n="categories")
    rows = active.left_join(found, active.customer_key == found["_key"])
    sums = rows.aggregate(
        by=list(by),
        active=rows.count().cast("int64"),
        buyers=rows["_n"].count().cast("int64"),
        one_product=(rows["_n"] == 1).sum().cast("int64").fill_null(0),
    )
    share = sums.one_product.cast("float64") / sums.buyers.cast("float64").nullif(0)
    return sums.mutate(share=share)


def contracts_running(contracts: ir.Table, *, as_of: date) -> ir.Table:
    """How many contracts of each customer run on a day? One row per customer: ``contracts``."""
    until = contracts.ended_on.isnull() | (contracts.ended_on >= as_of)
    runs = contracts.filter((contracts.started_on <= as_of) & until)
    return runs.group_by("customer_key").agg(contracts=runs.count().cast("int64"))


def services_used(appointments: ir.Table) -> ir.Table:
    """How many services did each customer use, of ``waiting.appointments_due``, kept ones?

    One row per customer: ``services``.
    """
    kept = appointments.filter(appointments.is_kept & appointments.service.notnull())
    used = kept.select("customer_key", "service").distinct()
    return used.group_by("customer_key").agg(services=used.count().cast("int64"))


def people_known(events: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """With how many employees did each customer deal, of ``dealings.events``?

    One row per customer: ``people``.
    """
    stands = events.cancelled_on.isnull() | (events.cancelled_on > as_of)
    in_time = (events.happened_on >= since) & (events.happened_on <= as_of)
    met = events.filter(in_time & stands & events.employee_id.notnull())
    pairs = met.select("customer_key", "employee_id").distinct()
    return pairs.group_by("customer_key").agg(people=pairs.count().cast("int64"))


def points_held(points: ir.Table, *, as_of: date) -> ir.Table:
    """How many points does each customer hold? One row per customer: ``points`` (float64)."""
    booked = points.filter(points.booked_on <= as_of)
    return booked.group_by("customer_key").agg(points=booked.points.sum())


def ties(lines: ir.Table, **counted: ir.Table) -> ir.Table:
    """What ties each active customer to the company?

    A *tie* is each of: more than one category bought, a contract that runs, more than one service
    used, more than one employee known, points held. What the company did not bring ties nobody.

    Parameters
    ----------
    lines
        Ledger lines, with ``value``.
    counted
        By name of ``KINDS``: a table with ``customer_key`` and that column.

    Returns
    -------
    One row per active customer: ``customer_key``, ``tier``, ``value``, the columns of ``KINDS``
    (int64, points float64; null where not brought, 0 where the customer has none), ``ties`` (int64,
    0 to 5).

    References
    ----------
    Definitions: ties.
    """
    rows = lines.filter(lines.is_active).select("customer_key", "tier", "value")
    for name in KINDS:
        if name in counted:
            held = counted[name].select(_key="customer_key", **{name: name})
            rows = rows.left_join(held, rows.customer_key == held["_key"]).drop("_key")
            rows = rows.mutate(**{name: rows[name].fill_null(0)})
        else:
            rows = rows.mutate(**{name: ibis.null("int64")})
    least = {"categories": 2, "contracts": 1, "services": 2, "people": 2}
    held = [(rows[name] >= n).fill_null(False).cast("int64") for name, n in least.items()]
    with_points = (rows.points > 0).fill_null(False).cast("int64")
    return rows.mutate(ties=held[0] + held[1] + held[2] + held[3] + with_points)


def churn_by_ties(tied: ir.Table, closing: ir.Table) -> ir.Table:
    """Are customers with more ties lost less often than like customers with fewer?

    Ties are counted at the opening, losses since: nothing of the outcome is in the count. Like
    customers are those of the same tier with another number of ties; their churn, weighted by the
    tiers of these, is what would have been expected. It is a correlation: whoever means to stay
    buys more and signs more.

    Parameters
    ----------
    tied
        ``ties`` at the opening.
    closing
        Ledger lines at the close, in every scope.

    Returns
    -------
    One row per number of ``ties``: ``customers``, ``lost``, ``like_customers`` (int64), ``value``
    (money, at the opening), ``churn`` with ``low`` and ``high``, ``like_churn`` (null where a tier
    has no like customers), ``excess`` (churn less like_churn).

    References
    ----------
    Definitions: ties.
    """
    # Who has no purchase left is undone, not lost.
    is_lost = ~closing.is_active & closing.since_on.notnull()
    now = closing.select(_key="customer_key", _lost=is_lost)
    rows = tied.left_join(now, tied.customer_key == now["_key"])
    rows = rows.mutate(is_lost=rows["_lost"].fill_null(False))
    cells = rows.group_by("tier", "ties").agg(
        customers=rows.count().cast("int64"),
        lost=rows.is_lost.sum().cast("int64"),
        value=rows.value.sum().cast("decimal(38, 4)"),
    )
    others = cells.customers.sum().over(group_by="tier") - cells.customers
    others_lost = cells.lost.sum().over(group_by="tier") - cells.lost
    like = others_lost.cast("float64") / others.cast("float64").nullif(0)
    cells = cells.mutate(_others=others, _expected=like * cells.customers)
    sums = cells.group_by("ties").agg(
        **{n: cells[n].sum().cast("int64") for n in ("customers", "lost")},
        value=cells.value.sum().cast("decimal(38, 4)"),
        like_customers=cells["_others"].sum().cast("int64"),
        _whole=cells["_expected"].notnull().all(),
        _expected=cells["_expected"].sum(),
    )
    n = sums.customers.cast("float64").nullif(0)
    low, high = wilson(sums.lost, sums.customers)
    like_churn = sums["_whole"].ifelse(sums["_expected"] / n, ibis.null("float64"))
    found = sums.mutate(churn=sums.lost / n, low=low, high=high, like_churn=like_churn)
    return found.mutate(excess=found.churn - found.like_churn).drop("_whole", "_expected")
