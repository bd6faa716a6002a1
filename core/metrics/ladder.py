"""How far up the ladder each customer stands: satisfied, identified, loyal, recommending."""

from collections.abc import Sequence
from itertools import pairwise

import ibis
import ibis.expr.types as ir

from core.metrics.surveys import labelled

STEPS = ("satisfied", "identified", "loyal", "recommending")
LEVELS = ("unknown", "none", *STEPS)
LEAST_OCCASIONS = 2
_CONTENT = ("promoter", "passive", "satisfied", "easy")


def ladder(
    lines: ir.Table,
    asked: ir.Table,
    referrers: ir.Table | None = None,
    *,
    is_year_known: bool = True,
) -> ir.Table:
    """On which step does each customer stand, by evidence of the last 12 months?

    *Satisfied*: the last answer to NPS, CSAT or CES is at least 7 of 10, one of the upper two of
    five, at least 5 of 7. *Identified*: the last answer to the brand question is one of the upper
    two of five. *Loyal*: bought on two days or more. *Recommending*: referred somebody, or gave 9
    or 10 to the last NPS. A customer stands on the highest step up to which all are met. Evidence
    that is missing is no evidence against: of whom no satisfaction is known the level is unknown,
    and who stands on a step while nothing is known of the next may stand higher.

    Parameters
    ----------
    lines
        Ledger lines at a day.
    asked
        ``surveys.asked_in`` of the 12 months up to that day.
    referrers
        ``customer_key`` of those who referred somebody in these months; null if not known.
    is_year_known
        Whether the books reach back 12 months: else too few purchases say nothing.

    Returns
    -------
    One row per active customer: the columns of ``lines``, four booleans named as ``STEPS`` (null:
    unknown), ``level`` (of ``LEVELS``), ``may_stand_higher`` (boolean).

    References
    ----------
    Definitions: ladder.
    """
    active = lines.filter(lines.is_active)
    said = _said(asked)
    rows = active.left_join(said, active.customer_key == said["_sayer"]).drop("_sayer")
    refers: ir.BooleanValue = ibis.null("boolean")
    if referrers is not None:
        known = referrers.select(_referrer="customer_key").distinct()
        rows = rows.left_join(known, rows.customer_key == known["_referrer"])
        refers = rows["_referrer"].notnull().nullif(False)
    loyal = rows.occasions_12m >= LEAST_OCCASIONS
    rows = rows.mutate(
        loyal=loyal if is_year_known else loyal.nullif(False),
        recommending=ibis.coalesce(refers, rows["_promotes"]),
    )
    return _levelled(rows).select(*lines.columns, *STEPS, "level", "may_stand_higher")


def _said(asked: ir.Table) -> ir.Table:
    """Return what the last answers of each customer say of the steps: met, not met, or null."""
    given = labelled(asked)
    steps = {
        "satisfied": (["nps", "csat", "ces"], given.answer.isin(_CONTENT)),
        "identified": (["brand"], given.answer == "agree"),
        "_promotes": (["nps"], given.answer == "promoter"),
    }
    # The greatest of moment and answer in one number: of answers given at the same moment the less
    # favourable counts.
    second = given.answered_at.epoch_seconds()
    last = {
        step: (2 * second + (~is_met).cast("int64")).max(where=given.instrument.isin(instruments))
        for step, (instruments, is_met) in steps.items()
    }
    found = given.group_by(_sayer="customer_key").agg(**last)
    return found.mutate(**{step: found[step] % 2 == 0 for step in steps})


def _levelled(rows: ir.Table) -> ir.Table:
    steps = [rows[step] for step in STEPS]
    below = ("none", *STEPS[:-1])
    level = ibis.cases(
        (rows.satisfied.isnull(), "unknown"),
        *[(~step.fill_null(False), name) for step, name in zip(steps, below, strict=True)],
        else_=STEPS[-1],
    )
    rows = rows.mutate(level=level)
    higher = [(rows.level == step, rows[after].isnull()) for step, after in pairwise(STEPS)]
    return rows.mutate(may_stand_higher=ibis.cases(*higher, else_=False))


def levels(found: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many customers stand on each step, and what do they bring?

    Parameters
    ----------
    found
        ``ladder``, of lines with ``value``.
    by
        Columns of ``found`` to tell apart.

    Returns
    -------
    One row per level with customers (and value of ``by``): ``level``, ``customers``,
    ``may_stand_higher`` (int64), ``value`` (money), ``value_per_customer`` (float64),
    ``share_of_heads`` (0 to 1), ``share_of_value`` (float64; null where value is not above 0).

    References
    ----------
    Definitions: ladder.
    """
    sums = found.aggregate(
        by=[*by, "level"],
        customers=found.count().cast("int64"),
        may_stand_higher=found.may_stand_higher.sum().cast("int64"),
        value=found.value.sum().cast("decimal(38, 4)"),
    )
    heads, money = sums.customers.cast("float64"), sums.value.cast("float64")
    each = ibis.window(group_by=list(by))
    whole = money.sum().over(each)
    is_positive = (whole > 0).ifelse(whole, ibis.null("float64"))
    return sums.mutate(
        value_per_customer=money / heads.nullif(0),
        share_of_heads=heads / heads.sum().over(each).nullif(0),
        share_of_value=money / is_positive,
    )
