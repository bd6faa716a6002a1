"""Newcomers: customers whose first purchase in the books is known to be their first."""

from collections.abc import Sequence
from datetime import date

import ibis.expr.types as ir


def newcomers(
    firsts: ir.Table, joined: ir.Table | None, *, books_from: date, settled_from: date
) -> ir.Table:
    """Whose first purchase in the books was the first of all?

    Where the company says when a customer joined, who joined before the books began is none.
    Where it does not, only a first purchase after the first tau days of the books counts: before,
    it cannot be told from one more of an old customer. Who joined after the first purchase had
    not joined when it was made: that tells nothing.

    Parameters
    ----------
    firsts
        One row per customer who ever bought: ``customer_key``, ``first_on``.
    joined
        ``customer_key``, ``joined_on`` (date; null: not known); null if there is no such table.
    books_from
        First day of the books.
    settled_from
        First day after the first tau days of the books.

    Returns
    -------
    The rows of ``firsts`` that are newcomers.

    References
    ----------
    Definitions: ground rules, tau.
    """
    bought = firsts.filter(firsts.first_on.notnull())
    if joined is None:
        return bought.filter(bought.first_on >= settled_from)
    # Who joined later is no newcomer of the first tau days, and one of any day after them: as
    # good as not known.
    known = joined.filter(joined.joined_on < settled_from)
    known = known.group_by(_joiner=known.customer_key).agg(_joined_on=known.joined_on.min())
    rows = bought.left_join(known, bought.customer_key == known["_joiner"])
    has_told = rows["_joined_on"] <= rows.first_on
    is_known_new = has_told.ifelse(rows["_joined_on"] >= books_from, None)
    is_new = is_known_new.fill_null(rows.first_on >= settled_from)
    return rows.filter(is_new).drop("_joiner", "_joined_on")


def one_off_share(
    newcomers: ir.Table, *, from_on: date, until: date, by: Sequence[str] = ()
) -> ir.Table:
    """Which share of the newcomers of a window never bought again?

    Parameters
    ----------
    newcomers
        One row per newcomer: ``first_on``, ``second_on`` (date; null: not yet).
    from_on, until
        First purchases of ``[from_on, until)``. The window lies long enough back for everybody to
        have had the time to return: at least 12 months, in this product.
    by
        Columns of ``newcomers`` to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``n`` (int64, newcomers), ``one_off`` (int64, without a second
    occasion), ``one_off_share`` (float64, 0 to 1; null without newcomers).
    """
    rows = newcomers.filter((newcomers.first_on >= from_on) & (newcomers.first_on < until))
    sums = rows.aggregate(
        by=by,
        n=rows.count().cast("int64"),
        one_off=rows.second_on.isnull().sum().cast("int64").fill_null(0),
    )
    share = sums.one_off.cast("float64") / sums.n.nullif(0).cast("float64")
    return sums.mutate(one_off_share=share)
