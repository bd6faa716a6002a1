"""What a rate would read if the young were counted: shown beside the right one, never for it."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa


def naive_within(firsts: ir.Table, *, within_days: Sequence[int]) -> ir.Table:
    """What would the rates read, were the young counted as if their days had passed?

    The common mistake: who has not had N days yet stands in the denominator all the same.

    Parameters
    ----------
    firsts
        One row per customer: ``first_on``, ``second_on``.
    within_days
        The windows N, days.

    Returns
    -------
    One row per window: ``within_days`` (int64), ``first_buyers`` (int64, all of them),
    ``naive_rate`` (float64, 0 to 1; null without any).
    """
    windows = pa.table({"within_days": pa.array(list(within_days), pa.int64())})
    bought = firsts.filter(firsts.first_on.notnull())
    rows = bought.cross_join(ibis.memtable(windows))
    gap = rows.second_on.delta(rows.first_on, unit="day")
    is_back = (gap <= rows.within_days).fill_null(False)
    return rows.group_by("within_days").agg(
        first_buyers=rows.count().cast("int64"), naive_rate=is_back.cast("float64").mean()
    )
