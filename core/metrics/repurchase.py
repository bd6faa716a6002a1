"""Who buys again: repeat rate, next window, within N days of the first purchase, gaps."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.metrics.survival import life_table, median_days


def first_and_second(occasions: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """When did each customer buy first, and when again?

    Ledger lines hold the same two days at month-ends (``first_on``, ``second_on``); this is for
    any other day.

    Parameters
    ----------
    occasions
        Occasions that stood at the day: ``customer_key``, ``occasion_on`` (``View.occasions``).
    by
        Columns of ``occasions`` that hold of the customer.

    Returns
    -------
    One row per customer: ``customer_key``, ``first_on``, ``second_on`` (date; null: not yet).
    """
    in_order = ibis.window(group_by="customer_key", order_by="occasion_on")
    rows = occasions.mutate(_next=occasions.occasion_on.lead().over(in_order))
    return rows.aggregate(
        by=["customer_key", *by], first_on=rows.occasion_on.min(), second_on=rows["_next"].min()
    )


def repurchase_within(
    firsts: ir.Table, *, as_of: date, within_days: Sequence[int], by: Sequence[str] = ()
) -> ir.Table:
    """Which share of first-time buyers came back within so many days?

    Only those whose window has closed by ``as_of`` are in it: a customer who first bought less
    than N days ago is left out, even if already back.

    Parameters
    ----------
    firsts
        One row per customer who ever bought: ``first_on``, ``second_on`` (date; null: not yet).
    as_of
        Day at whose end the customers are looked at.
    within_days
        The windows N, days.
    by
        Columns of ``firsts`` to tell apart.

    Returns
    -------
    One row per window (and value of ``by``): ``within_days`` (int64), ``n`` (int64, closed),
    ``came_back`` (int64), ``rate`` (float64, 0 to 1; null where no window has closed).

    References
    ----------
    Definitions: repurchase_within.
    """
    windows = pa.table({"within_days": pa.array(list(within_days), pa.int64())})
    rows = firsts.cross_join(ibis.memtable(windows))
    is_closed, is_back = _within(rows, as_of, rows.within_days)
    sums = rows.aggregate(
        by=[*by, "within_days"],
        n=is_closed.sum().cast("int64"),
        came_back=is_back.sum().cast("int64"),
    )
    return sums.mutate(rate=sums.came_back.cast("float64") / sums.n.nullif(0).cast("float64"))


def old_enough(firsts: ir.Table, *, as_of: date, within_days: int) -> ir.Table:
    """Whose N days have passed, and who of them came back within these?

    Parameters
    ----------
    firsts, as_of
        As ``repurchase_within``.
    within_days
        The window N, days.

    Returns
    -------
    The rows of ``firsts`` that ``repurchase_within`` counts, with ``is_back`` (boolean).
    """
    is_closed, is_back = _within(firsts, as_of, within_days)
    return firsts.mutate(is_back=is_back).filter(is_closed)


def repurchase_curve(firsts: ir.Table, *, as_of: date, by: Sequence[str] = ()) -> ir.Table:
    """Which share of first-time buyers has come back by each day after the first purchase?

    Everybody counts for as long as they have been watched, so that the young are in it too;
    ``is_young`` marks the days that not everybody has reached yet: draw them dashed.

    Parameters
    ----------
    firsts
        One row per customer who ever bought: ``first_on``, ``second_on``.
    as_of
        Day at whose end the customers are looked at.
    by
        Columns of ``firsts`` to tell apart.

    Returns
    -------
    One row per day (and value of ``by``): ``day`` (int64, days since the first purchase),
    ``came_back`` (float64, 0 to 1), ``low``, ``high`` (float64, 95 %), ``at_risk``, ``events``
    (int64), ``is_young`` (boolean).

    References
    ----------
    Definitions: repurchase_within. ``survival.life_table``.
    """
    table = life_table(_waits(firsts, as_of), by=by)
    return table.select(
        *by,
        "day",
        "at_risk",
        "events",
        "is_young",
        came_back=1 - table.survival,
        low=1 - table.high,
        high=1 - table.low,
    )


def first_gap(firsts: ir.Table, *, as_of: date, by: Sequence[str] = ()) -> ir.Table:
    """After how many days has half of the first-time buyers come back?

    Parameters
    ----------
    firsts
        One row per customer who ever bought: ``first_on``, ``second_on``.
    as_of
        Day at whose end the customers are looked at.
    by
        Columns of ``firsts`` to tell apart.

    Returns
    -------
    ``survival.median_days``: one row (per value of ``by``).

    References
    ----------
    Definitions: gap.
    """
    return median_days(life_table(_waits(firsts, as_of), by=by), by=by)


def repeat_rate(buyers: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which share of the buyers of a window bought in it more than once?

    Parameters
    ----------
    buyers
        One row per customer: ``occasions`` (int, occasions in the window; 0 or null: none).
    by
        Columns of ``buyers`` to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, buyers), ``repeated`` (int64, with two or more
    occasions), ``rate`` (float64, 0 to 1; null without buyers).

    References
    ----------
    Definitions: repeat_rate.
    """
    sums = buyers.aggregate(
        by=by,
        n=(buyers.occasions >= 1).sum().cast("int64").fill_null(0),
        repeated=(buyers.occasions >= 2).sum().cast("int64").fill_null(0),
    )
    return sums.mutate(rate=sums.repeated.cast("float64") / sums.n.nullif(0).cast("float64"))


def buyers_of(
    occasions: ir.Table, *, from_on: date, until: date, by: Sequence[str] = ()
) -> ir.Table:
    """Who bought in ``[from_on, until)``, and on how many days?

    Parameters
    ----------
    occasions
        ``customer_key``, ``occasion_on``.
    from_on, until
        First day of the window, and the first day after it.
    by
        Columns of ``occasions`` that hold of the customer.

    Returns
    -------
    One row per buyer: ``customer_key``, ``occasions`` (int64).
    """
    rows = occasions.filter((occasions.occasion_on >= from_on) & (occasions.occasion_on < until))
    return rows.aggregate(by=["customer_key", *by], occasions=rows.count().cast("int64"))


def next_window_rate(
    occasions: ir.Table,
    *,
    from_on: date,
    next_from: date,
    until: date,
    as_of: date,
    by: Sequence[str] = (),
) -> ir.Table:
    """Which share of the buyers of one window bought in the next?

    Parameters
    ----------
    occasions
        Occasions that stood at ``as_of``: ``customer_key``, ``occasion_on``.
    from_on, next_from, until
        The windows ``[from_on, next_from)`` and ``[next_from, until)``.
    as_of
        Day at whose end the customers are looked at. While the second window is open the rate is
        null.
    by
        Columns of ``occasions`` that hold of the customer, to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, buyers of the first window), ``came_back``
    (int64), ``rate`` (float64, 0 to 1; null without buyers and while the second window is open).

    References
    ----------
    Definitions: next_window_rate.
    """
    buyers = buyers_of_two(occasions, from_on=from_on, next_from=next_from, until=until, by=by)
    is_closed = ibis.literal((until - as_of).days <= 1)
    sums = buyers.aggregate(
        by=by,
        n=buyers.was_there.sum().cast("int64").fill_null(0),
        came_back=(buyers.was_there & buyers.is_there).sum().cast("int64").fill_null(0),
    )
    rate = sums.came_back.cast("float64") / sums.n.nullif(0).cast("float64")
    return sums.mutate(rate=is_closed.ifelse(rate, ibis.null("float64")))


def buyers_of_two(
    occasions: ir.Table, *, from_on: date, next_from: date, until: date, by: Sequence[str] = ()
) -> ir.Table:
    """Who bought in either of two windows?

    Parameters
    ----------
    occasions, from_on, next_from, until, by
        As ``next_window_rate``.

    Returns
    -------
    One row per buyer: ``customer_key``, the columns of ``by``, ``was_there`` and ``is_there``
    (boolean, bought in the first and in the second window).
    """
    rows = occasions.filter((occasions.occasion_on >= from_on) & (occasions.occasion_on < until))
    return rows.aggregate(
        by=["customer_key", *by],
        was_there=(rows.occasion_on < next_from).any(),
        is_there=(rows.occasion_on >= next_from).any(),
    )


def _within(
    rows: ir.Table, as_of: date, days: int | ir.Value
) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether the days have passed, and whether the customer came back within them."""
    age = ibis.literal(as_of).delta(rows.first_on, unit="day")
    gap = rows.second_on.delta(rows.first_on, unit="day")
    is_closed = (age >= days).fill_null(False)
    return is_closed, is_closed & (gap <= days).fill_null(False)


def _waits(firsts: ir.Table, as_of: date) -> ir.Table:
    bought = firsts.filter(firsts.first_on.notnull())
    end = ibis.coalesce(bought.second_on, ibis.literal(as_of))
    return bought.mutate(
        days=end.delta(bought.first_on, unit="day").cast("int64"),
        is_event=bought.second_on.notnull(),
    )
