"""What winning and keeping customers costs, and how much of it only refills the leak."""

from datetime import date

import ibis.expr.types as ir

PURPOSES = ("acquisition", "retention")


def spend_by_purpose(spend: ir.Table, *, opened_on: date, as_of: date) -> ir.Table:
    """What was spent in the months of a period on winning customers, and on keeping them?

    The months after that of ``opened_on`` up to that of ``as_of``: both days are month-ends. A
    month without a row is not known to be without spend, and makes the sum null.

    Parameters
    ----------
    spend
        The table of spend: any day of a month stands for the month.
    opened_on, as_of
        The month-ends that the period lies between.

    Returns
    -------
    One row: ``acquisition``, ``retention`` (float64, money; null where a month is missing),
    ``acquisition_months``, ``retention_months`` (int64, months that have a row).

    References
    ----------
    Definitions: refill_cost.
    """
    number = spend.month.year().cast("int64") * 12 + spend.month.month().cast("int64")
    rows = spend.mutate(_month=number, _amount=spend.amount.cast("float64"))
    first, last = (day.year * 12 + day.month for day in (opened_on, as_of))
    rows = rows.filter((rows["_month"] > first) & (rows["_month"] <= last))
    sums = rows.aggregate(
        **{p: rows["_amount"].sum(where=rows.purpose == p) for p in PURPOSES},
        **{
            f"{p}_months": rows["_month"].nunique(where=rows.purpose == p).cast("int64")
            for p in PURPOSES
        },
    )
    is_whole = {p: sums[f"{p}_months"] == last - first for p in PURPOSES}
    return sums.mutate(**{p: is_whole[p].ifelse(sums[p], None) for p in PURPOSES})


def refill_costs(
    acquisition: float | None,
    retention: float | None,
    *,
    new: float | None,
    came_and_went: float | None,
    lost: float,
    kept: float,
) -> dict[str, float | None]:
    """What does it cost to replace a lost customer, against keeping one?

    A lost customer is replaced by a new one who is still there at the end of the period. What
    was spent on those who came and went has to be borne by those who stayed: so refill cost is
    never less than cost per new customer. Customers who returned replace the lost as well, but are
    not won by acquisition. Where nobody was lost, nobody had to be replaced.

    Parameters
    ----------
    acquisition, retention
        Money spent in the period; null: not known.
    new, came_and_went
        First-time buyers of the period who are active at its end, and who no longer are; null: not
        to be told from those who returned.
    lost, kept
        Customers lost in the period; those active at both ends.

    Returns
    -------
    ``cost_per_new`` (acquisition / first-time buyers), ``refill_cost`` (acquisition / new),
    ``refill_spend`` (refill cost x the lost who were replaced, at most all of acquisition),
    ``retention_cost`` (retention / kept), all money; ``refill_ratio`` (refill cost / retention
    cost); null where something is not known or a denominator is 0.

    References
    ----------
    Definitions: refill_cost.

    Examples
    --------
    >>> found = refill_costs(1200, 300, new=8, came_and_went=2, lost=6, kept=60)
    >>> found["cost_per_new"], found["refill_cost"], found["refill_spend"]
    (120.0, 150.0, 900.0)
    >>> found["retention_cost"], found["refill_ratio"]
    (5.0, 30.0)
    """
    first_time = None if new is None or came_and_went is None else new + came_and_went
    refill = _per(acquisition, new) if lost else None
    keeping = _per(retention, kept)
    replaced = None if new is None else min(new, lost)
    return {
        "cost_per_new": _per(acquisition, first_time),
        "refill_cost": refill,
        "refill_spend": None if refill is None or replaced is None else refill * replaced,
        "retention_cost": keeping,
        "refill_ratio": _per(refill, keeping),
    }


def _per(amount: float | None, n: float | None) -> float | None:
    return amount / n if amount is not None and n else None
