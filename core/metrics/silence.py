"""Who says nothing and comes less often: the customers that no complaint will warn of."""

from datetime import date

import ibis
import ibis.expr.types as ir


def silent_customers(
    lines: ir.Table,
    year_ago: ir.Table,
    surveys: ir.Table,
    complaints: ir.Table,
    *,
    since: date,
    as_of: date,
    fall: float = 0.2,
) -> ir.Table:
    """Which customers slow down without a word?

    Active customers who since ``since`` answered no question and opened no complaint, and are
    slowing: they came less often in the last 12 months than in the 12 months before, by ``fall`` or
    more, and have been silent for longer than their own mean gap between two occasions. Either
    sign alone is met by many by chance. Who has no occasion in the 12 months before, or never came
    twice, has no rhythm to fall behind.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``.
    year_ago
        Ledger lines 12 months before: ``customer_key``, ``occasions_12m``.
    surveys, complaints
        The company's tables.
    since, as_of
        First and last day looked at for answers and complaints.
    fall
        Least fall of occasions, 0 to 1.

    Returns
    -------
    One row per silent customer: the columns of ``lines``, ``occasions_before`` (int64, of the 12
    months before), ``silence_days`` (int64), ``mean_gap_days`` (float64), ``asked`` (int64,
    questions asked since, all without an answer).

    References
    ----------
    Definitions: at risk. TARP, Consumer complaint handling in America (1979): most of the
    dissatisfied do not complain.
    """
    rows = _slowing(lines, year_ago, as_of=as_of, fall=fall)
    questions = surveys.select(
        _sayer="customer_key",
        _asked_on=surveys.asked_at.cast("date"),
        _answered_on=surveys.answered_at.cast("date"),
    )
    answered_on = questions["_answered_on"]
    spoke = questions.filter((answered_on >= since) & (answered_on <= as_of))
    opened_on = complaints.opened_at.cast("date")
    complained = complaints.filter((opened_on >= since) & (opened_on <= as_of))
    quiet = rows.anti_join(spoke, rows.customer_key == spoke["_sayer"])
    quiet = quiet.anti_join(complained, "customer_key")
    asked_on = questions["_asked_on"]
    asked = questions.filter((asked_on >= since) & (asked_on <= as_of))
    counts = asked.group_by("_sayer").agg(_asked=asked.count().cast("int64"))
    found = quiet.left_join(counts, quiet.customer_key == counts["_sayer"])
    return found.mutate(asked=found["_asked"].fill_null(0)).drop("_sayer", "_asked")


def _slowing(lines: ir.Table, year_ago: ir.Table, *, as_of: date, fall: float) -> ir.Table:
    then = year_ago.select(_key="customer_key", occasions_before=ibis._.occasions_12m.cast("int64"))
    rows = lines.filter(lines.is_active & (lines.occasions >= 2))
    rows = rows.inner_join(then, rows.customer_key == then["_key"]).drop("_key")
    gaps = (rows.occasions - 1).cast("float64").nullif(0)
    rows = rows.mutate(
        silence_days=ibis.literal(as_of).delta(rows.last_on, unit="day").cast("int64"),
        mean_gap_days=rows.last_on.delta(rows.first_on, unit="day").cast("float64") / gaps,
    )
    came_less = rows.occasions_12m <= (1 - fall) * rows.occasions_before
    return rows.filter(
        (rows.occasions_before > 0) & came_less & (rows.silence_days > rows.mean_gap_days)
    )
