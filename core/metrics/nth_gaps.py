"""Days from the k-th purchase to the next, told from ledger lines and gaps that have closed."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.metrics.survival import life_table, median_days


def nth_gaps(
    lines: ir.Table, closed: ir.Table, *, as_of: date, up_to: int = 5, by: Sequence[str] = ()
) -> ir.Table:
    """After how many days does half of them come for the second, third, fourth time?

    From lines and closed gaps no occasion needs to be read again. Who has not come again yet counts
    for as long as watched.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``: ``customer_key``, ``occasions``, ``last_on``.
    closed
        Gaps that had closed at ``as_of``: ``customer_key``, ``gap_days`` (array, in order).
    as_of
        Day at whose end the customers are looked at.
    up_to
        The last k looked at.
    by
        Columns of ``lines`` to tell apart.

    Returns
    -------
    One row per k (and value of ``by``): ``k`` (int64, from the k-th to the next occasion), and the
    columns of ``survival.median_days``.

    References
    ----------
    Definitions: gap.
    """
    bought = lines.filter(lines.occasions > 0).select("customer_key", "occasions", "last_on", *by)
    own = closed.select(_own="customer_key", _gaps="gap_days")
    numbers = ibis.memtable(pa.table({"k": pa.array(range(1, up_to + 1), pa.int64())}))
    rows = bought.left_join(own, bought.customer_key == own["_own"])
    rows = rows.join(numbers, rows.occasions >= numbers.k)
    is_event = rows.occasions > rows.k
    watched = ibis.literal(as_of).delta(rows.last_on, unit="day")
    days = is_event.ifelse(rows["_gaps"][rows.k - 1].cast("int64"), watched.cast("int64"))
    spells = rows.select(*by, "k", days=days, is_event=is_event)
    return median_days(life_table(spells, by=[*by, "k"]), by=[*by, "k"])
