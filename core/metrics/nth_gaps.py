"""Days from the k-th purchase to the next, told from ledger lines and gaps that have closed."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.survival import life_table, median_days


def nth_gaps(
    lines: ir.Table, closed: ir.Table | None, *, as_of: date, up_to: int = 5, by: Sequence[str] = ()
) -> ir.Table:
    """After how many days does half of them come for the second, third, fourth time?

    From lines and closed gaps no occasion needs to be read again. Who has not come again yet counts
    for as long as watched.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``: ``customer_key``, ``occasions``, ``last_on``.
    closed
        Gaps that had closed at ``as_of``: ``customer_key``, ``gap_days`` (array, in order); null
        where the lines have them.
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
    spells = nth_spells(lines, closed, as_of=as_of, up_to=up_to, by=by)
    return median_days(life_table(spells, by=[*by, "k"]), by=[*by, "k"])


def nth_curves(lines: ir.Table, closed: ir.Table, *, as_of: date, up_to: int = 5) -> ir.Table:
    """Which share had come again by each day after the k-th purchase?

    Parameters
    ----------
    lines, closed, as_of, up_to
        As ``nth_gaps``.

    Returns
    -------
    One row per k and day: ``k``, ``day`` (int64, days since the k-th purchase), ``came_back``
    (float64, 0 to 1), ``low``, ``high`` (float64, 95 %), ``at_risk``, ``events`` (int64),
    ``is_young`` (boolean: rests on those old enough alone).

    References
    ----------
    Definitions: gap. ``survival.life_table``.
    """
    spells = nth_spells(lines, closed, as_of=as_of, up_to=up_to)
    table = life_table(spells, by=["k"])
    return table.select(
        "k", "day", "at_risk", "events", "is_young",
        came_back=1 - table.survival, low=1 - table.high, high=1 - table.low,
    )  # fmt: skip


def nth_spells(
    lines: ir.Table, closed: ir.Table | None, *, as_of: date, up_to: int = 5, by: Sequence[str] = ()
) -> ir.Table:
    """How long after the k-th purchase did each come again, or has been watched since?

    Parameters
    ----------
    lines, closed, as_of, up_to, by
        As ``nth_gaps``.

    Returns
    -------
    One row per customer and k: ``customer_key``, the columns of ``by``, ``k``, ``days`` (int64),
    ``is_event`` (boolean: came again), as ``survival.life_table`` takes them.
    """
    names = ["customer_key", "occasions", "last_on", *by]
    names += ["gap_days"] if closed is None else []
    bought = lines.filter(lines.occasions > 0).select(names)
    if closed is None:
        rows = bought.rename(_gaps="gap_days")
    else:
        own = closed.select(_own="customer_key", _gaps="gap_days")
        rows = bought.left_join(own, bought.customer_key == own["_own"])
    watched = ibis.literal(as_of).delta(rows.last_on, unit="day").cast("int64")
    spells = []
    for k in range(1, up_to + 1):
        is_event = rows.occasions > k
        days = is_event.ifelse(rows["_gaps"][k - 1].cast("int64"), watched)
        reached = rows.filter(rows.occasions >= k)
        spells.append(
            reached.select(
                "customer_key", *by, k=ibis.literal(k, "int64"), days=days, is_event=is_event
            )
        )
    return ibis.union(*spells) if len(spells) > 1 else spells[0]
