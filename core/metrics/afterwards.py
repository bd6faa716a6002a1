"""What customers did in the days after something was said of them, or done with them."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson


def bought_after(
    asked: ir.Table, occasions: ir.Table, *, as_of: date, within_days: int
) -> ir.Table:  # fmt: skip
    """Who bought again within so many days?

    The days run from the one after ``asked_on`` to ``within_days`` later. While they are not over
    nothing is told.

    Parameters
    ----------
    asked
        ``customer_key``, ``asked_on`` (date), and whatever else is to stay; days after ``as_of``
        are not over either.
    occasions
        Occasions that stood at ``as_of``.
    within_days
        Number of days.

    Returns
    -------
    The rows of ``asked`` with ``is_closed`` (boolean), ``occasions_after`` (int64) and
    ``has_bought`` (boolean); both null while the days are not over.
    """
    bought = occasions.select(_key="customer_key", _on="occasion_on")
    pairs = asked.select("customer_key", "asked_on").distinct()
    pairs = pairs.inner_join(bought, pairs.customer_key == bought["_key"])
    age = pairs["_on"].delta(pairs.asked_on, unit="day")
    inside = pairs.filter((age > 0) & (age <= within_days))
    counts = inside.group_by(_who="customer_key", _since="asked_on").agg(_n=inside.count())
    rows = asked.left_join(
        counts, [asked.customer_key == counts["_who"], asked.asked_on == counts["_since"]]
    )
    is_closed = rows.asked_on <= as_of - timedelta(days=within_days)
    n = is_closed.ifelse(rows["_n"].fill_null(0).cast("int64"), ibis.null("int64"))
    found = rows.select(*asked.columns, is_closed=is_closed, occasions_after=n)
    return found.mutate(has_bought=found.occasions_after > 0)


def with_lines(asked: ir.Table, lines: ir.Table, *, on: str, **names: str) -> ir.Table:
    """Where did each customer stand at a ledger day?

    Parameters
    ----------
    asked
        ``customer_key`` and the column ``on``: a ledger day, or null.
    lines
        Ledger lines of those days.
    names
        New column -> column of the lines.

    Returns
    -------
    The rows of ``asked`` with the new columns; null where there is no line.
    """
    stood = lines.select(
        _key="customer_key", _day=lines.month_end.cast("date"),
        **{name: lines[column] for name, column in names.items()},
    )  # fmt: skip
    rows = asked.left_join(
        stood, [asked.customer_key == stood["_key"], asked[on] == stood["_day"]]
    )  # fmt: skip
    return rows.drop("_key", "_day")


def kept_against_like(followed: ir.Table) -> ir.Table:
    """How many stayed after something was done with them, and how many of like customers did?

    Like customers stand in the same tier on the same day. Their rates, weighted by days and tiers
    of those looked at, are what would have been expected.

    Parameters
    ----------
    followed
        ``customer_key``, ``asked_on``, ``tier_name``, ``is_theirs`` (false: a like customer),
        ``has_stayed`` (boolean; null where it is not known yet).

    Returns
    -------
    One row: ``customers``, ``stayed`` (int64, theirs), ``like_customers`` (int64), ``rate``,
    ``low``, ``high`` (Wilson), ``like_rate`` (0 to 1; null where some have no like customers).
    """
    known = followed.filter(followed.has_stayed.notnull())
    theirs = known.is_theirs
    cells = known.group_by("asked_on", "tier_name").agg(
        customers=theirs.sum().cast("int64"),
        stayed=(theirs & known.has_stayed).sum().cast("int64"),
        like_customers=(~theirs).sum().cast("int64"),
        like=known.has_stayed.cast("float64").mean(where=~theirs),
    )
    cells = cells.filter(cells.customers > 0)
    expected = (cells.customers * cells.like).sum() / cells.customers.sum().nullif(0)
    sums = cells.agg(
        **{
            name: cells[name].sum().cast("int64").fill_null(0)
            for name in ("customers", "stayed", "like_customers")
        },
        like_rate=(cells.like.isnull().sum() > 0).ifelse(ibis.null("float64"), expected),
    )
    low, high = wilson(sums.stayed, sums.customers)
    rate = sums.stayed.cast("float64") / sums.customers.cast("float64").nullif(0)
    return sums.mutate(rate=rate, low=low, high=high)
