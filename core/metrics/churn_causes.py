"""Why customers were lost: what they said, what the books let us infer, and what nobody knows."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.complaints import is_about_quality

# Cause -> whose side it lies on: what the company does can be changed, the customer's life cannot.
TREE = {
    "product_quality": "company",
    "service_quality": "company",
    "innovation": "company",
    "market_control": "company",
    "employee_left": "company",
    "new_temptation": "customer",
    "new_demand": "customer",
    "inner_change": "customer",
}
UNKNOWN = "unknown"
# What a contract's cause of ending may say to be taken for one of the tree.
END_CAUSES = {
    **{cause: cause for cause in TREE},
    "产品质量": "product_quality",
    "服务质量": "service_quality",
    "缺乏创新": "innovation",
    "市场管控": "market_control",
    "员工离职": "employee_left",
    "新的诱惑": "new_temptation",
    "新的需求": "new_demand",
    "内在变化": "inner_change",
}
MONTHS = 12  # before the last business, from which a complaint or a departure still counts
# Which evidence goes before which.
_STATED, _JUDGED, _ENDED, _QUALITY, _SERVICE, _HANDLER = range(6)


def causes_stated(lost: ir.Table, departures: ir.Table, *, as_of: date) -> ir.Table:
    """Which cause did a lost customer give, or the company note down?

    Counted are causes noted from the day of the last business to ``as_of``: what was said before
    was followed by another purchase. Who left with the end of a contract may have said so in the
    12 months before it. A note without a grade of evidence counts as stated; ``unknown`` and
    evidence ``none`` say nothing.

    Parameters
    ----------
    lost
        One row per lost customer: ``customer_key``, ``last_on`` (last purchase),
        ``last_business_on`` (that, or the end of the contract), ``lost_on``.

    Returns
    -------
    One row per note that counts: ``customer_key``, ``cause``, ``evidence`` (``stated`` or
    ``inferred``), ``evidence_on``, ``priority`` (int64, the least goes first).
    """
    noted = departures.select(
        "cause", "stated_on", _key="customer_key", _grade=departures.evidence.fill_null("stated")
    )
    noted = noted.filter(
        (noted.stated_on <= as_of) & noted.cause.isin(list(TREE)) & (noted["_grade"] != "none")
    )
    rows = lost.inner_join(noted, lost.customer_key == noted["_key"])
    by_silence = rows.last_on.identical_to(rows.last_business_on)
    notice_from = (rows.last_business_on - ibis.interval(months=MONTHS)).cast("date")
    counts = rows.stated_on >= by_silence.ifelse(rows.last_business_on, notice_from)
    rows = rows.filter(counts)
    is_stated = rows["_grade"] == "stated"
    return rows.select(
        "customer_key",
        "cause",
        evidence=is_stated.ifelse("stated", "inferred"),
        evidence_on="stated_on",
        priority=is_stated.ifelse(_STATED, _JUDGED).cast("int64"),
    )


def causes_of_complaints(
    lost: ir.Table,
    complaints: ir.Table,
    *,
    slow_after_days: int,
    quality_categories: Sequence[str],
) -> ir.Table:
    """Which lost customers left in the middle of a complaint that we handled badly?

    Handled badly is what was not resolved, or opened again, by the day of loss, or took longer than
    ``slow_after_days``. It counts if it was opened in the 12 months before the last business or
    since, and not resolved before that day: a customer who bought after the solution forgave.
    A complaint whose category contains one of ``quality_categories`` points to the product, any
    other to the service.

    Returns
    -------
    Rows as ``causes_stated``, ``inferred``, dated by the day the complaint was opened.
    """
    own = complaints.select(
        _key="customer_key",
        _category="category",
        _opened=complaints.opened_at.cast("date"),
        _resolved=complaints.resolved_at.cast("date"),
        _again=complaints.reopened_at.cast("date"),
    )
    rows = lost.inner_join(own, lost.customer_key == own["_key"])
    from_on = (rows.last_business_on - ibis.interval(months=MONTHS)).cast("date")
    rows = rows.filter((rows["_opened"] <= rows.lost_on) & (rows["_opened"] >= from_on))
    resolved, again = rows["_resolved"], rows["_again"]
    is_solved = (resolved <= rows.lost_on).fill_null(False)
    is_solved &= ~((again >= resolved) & (again <= rows.lost_on)).fill_null(False)
    took_days = resolved.delta(rows["_opened"], unit="day")
    is_slow = (took_days > slow_after_days) & (resolved >= rows.last_business_on)
    rows = rows.filter(~is_solved | is_slow.fill_null(False))
    is_quality = is_about_quality(rows["_category"], quality_categories)
    return rows.select(
        "customer_key",
        cause=is_quality.ifelse("product_quality", "service_quality"),
        evidence=ibis.literal("inferred"),
        evidence_on="_opened",
        priority=is_quality.ifelse(_QUALITY, _SERVICE).cast("int64"),
    )


def causes_of_departures(lost: ir.Table, departed: ir.Table) -> ir.Table:
    """Which lost customers had depended on an employee who went?

    The employee left in the 12 months before the customer's last business, or since, but before
    the customer was lost.

    Parameters
    ----------
    departed
        ``departures.departed``: who depended on whom on the day of leaving.

    Returns
    -------
    Rows as ``causes_stated``, ``inferred``, dated by the day of leaving.
    """
    gone = departed.select(_key="customer_key", _left="left_on")
    rows = lost.inner_join(gone, lost.customer_key == gone["_key"])
    from_on = (rows.last_business_on - ibis.interval(months=MONTHS)).cast("date")
    rows = rows.filter((rows["_left"] >= from_on) & (rows["_left"] <= rows.lost_on))
    return _inferred(rows, ibis.literal("employee_left"), rows["_left"], _HANDLER)


def causes_of_contracts(lost: ir.Table, contracts: ir.Table) -> ir.Table:
    """Which lost customers ended a contract for a cause of the tree?

    Counted are contracts that ended from the last business to the day of loss, not renewed, whose
    cause of ending is one of ``END_CAUSES``: its own words do not tell any other from a reason
    of the customer's.

    Returns
    -------
    Rows as ``causes_stated``, ``inferred``, dated by the end of the contract.
    """
    words = contracts.end_cause.strip().lower()
    ended = contracts.filter(~contracts.is_renewed.fill_null(False)).select(
        _key="customer_key",
        _ended="ended_on",
        _cause=words.cases(*END_CAUSES.items(), else_=ibis.null("string")),
    )
    ended = ended.filter(ended["_cause"].notnull())
    rows = lost.inner_join(ended, lost.customer_key == ended["_key"])
    rows = rows.filter((rows["_ended"] >= rows.last_business_on) & (rows["_ended"] <= rows.lost_on))
    return _inferred(rows, rows["_cause"], rows["_ended"], _ENDED)


def causes(lost: ir.Table, evidence: Sequence[ir.Table]) -> ir.Table:
    """Why was each customer lost?

    One cause per customer: what the customer stated goes before what the company noted by its own
    judgement, then the cause of a contract's end, a quality complaint, another complaint, an
    employee who left. Of several of a kind the last one counts. Where there is none, the cause is
    unknown, and it stays so: nothing is spread over the others.

    Parameters
    ----------
    lost
        One row per lost customer (and value of a scope).
    evidence
        Rows of the functions above; what the company brought no table for is left out.

    Returns
    -------
    ``lost`` with ``side`` (``company``, ``customer``, ``unknown``), ``cause`` (of ``TREE``, or
    ``unknown``), ``evidence`` (``stated``, ``inferred``, ``none``), ``evidence_on`` (date; null
    without evidence) and ``is_controllable`` (causes on the company's side; null: unknown).

    References
    ----------
    Definitions: churn_cause.
    """
    blank = ibis.null("string")
    if not evidence:
        rows = lost.mutate(_cause=blank, _evidence=blank, evidence_on=ibis.null("date"))
    else:
        every = ibis.union(*evidence) if len(evidence) > 1 else evidence[0]
        first = ibis.row_number().over(
            group_by="customer_key",
            order_by=[every.priority, every.evidence_on.desc(), every.cause],
        )
        best = every.mutate(_place=first).filter(ibis._["_place"] == 0)
        best = best.select("evidence_on", _key="customer_key", _cause="cause", _evidence="evidence")
        rows = lost.left_join(best, lost.customer_key == best["_key"]).drop("_key")
    cause = rows["_cause"].fill_null(UNKNOWN)
    side = cause.cases(*TREE.items(), else_=UNKNOWN)
    controllable = side.cases(("company", True), ("customer", False), else_=ibis.null("boolean"))
    return rows.mutate(
        side=side,
        cause=cause,
        evidence=rows["_evidence"].fill_null("none"),
        is_controllable=controllable,
    ).drop("_cause", "_evidence")


def churn_causes(found: ir.Table) -> ir.Table:
    """How many customers, and what value, were lost to each cause?

    Parameters
    ----------
    found
        ``causes``, with ``value_lost`` (money).

    Returns
    -------
    One row per cause and grade of evidence: ``side``, ``cause``, ``evidence``, ``is_controllable``,
    ``heads`` (int64), ``value_lost`` (money), ``share_of_heads``, ``share_of_value`` (of all that
    was lost, the unknown included; the second null where that is not above 0).

    References
    ----------
    Definitions: churn_cause.
    """
    sums = found.group_by("side", "cause", "evidence", "is_controllable").agg(
        heads=found.count().cast("int64"),
        value_lost=found.value_lost.sum(),
    )
    heads, value = sums.heads.cast("float64"), sums.value_lost.cast("float64")
    total = value.sum().over(ibis.window())
    return sums.mutate(
        share_of_heads=heads / heads.sum().over(ibis.window()).nullif(0),
        share_of_value=value / (total > 0).ifelse(total, ibis.null("float64")),
    )


def known_causes(found: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Of how many of the lost is the cause known, and what of their value was ours to keep?

    Returns
    -------
    One row (per value of ``by``): ``lost``, ``known`` (stated or inferred), ``stated``,
    ``controllable`` (int64), ``value_lost``, ``controllable_loss`` (money), ``controllable_share``
    (of the value lost, the unknown included; null where that is not above 0).

    References
    ----------
    Definitions: churn_cause, controllable_loss.
    """
    is_ours = found.is_controllable.fill_null(False)

    def count(is_so: ir.BooleanValue) -> ir.IntegerValue:
        return is_so.sum().cast("int64").fill_null(0)

    sums = found.aggregate(
        by=list(by),
        lost=found.count().cast("int64"),
        known=count(found.evidence != "none"),
        stated=count(found.evidence == "stated"),
        controllable=count(is_ours),
        value_lost=found.value_lost.sum().fill_null(0),
        controllable_loss=found.value_lost.sum(where=is_ours).fill_null(0),
    )
    value = sums.value_lost.cast("float64")
    whole = (value > 0).ifelse(value, ibis.null("float64"))
    return sums.mutate(controllable_share=sums.controllable_loss.cast("float64") / whole)


def _inferred(rows: ir.Table, cause: ir.Value, day: ir.Value, priority: int) -> ir.Table:
    return rows.select(
        "customer_key",
        cause=cause,
        evidence=ibis.literal("inferred"),
        evidence_on=day,
        priority=ibis.literal(priority).cast("int64"),
    )
