"""Contracts that end: which are renewed, and which customers leave with theirs."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.overdue import lapse_days

_OPEN = date(9999, 12, 31)
LOST_BY = ("silence", "contract_unrenewed", "contract_renewed")


def running_contracts(contracts: ir.Table, *, as_of: date) -> ir.Table:
    """Which contracts run on a day?

    A contract runs from its first to its last day, both included; without a last day it runs on.

    Parameters
    ----------
    contracts
        The table of contracts.
    as_of
        The day.

    Returns
    -------
    The rows of ``contracts`` that run, one per contract.
    """
    end = ibis.coalesce(contracts.ended_on, _OPEN)
    return contracts.filter((contracts.started_on <= as_of) & (end >= as_of))


def ended_contracts(contracts: ir.Table, *, opened_on: date, as_of: date) -> ir.Table:
    """Which contracts ended in ``(opened_on, as_of]``, and which of them were renewed?

    A contract has ended from the day after its last one: on the last day it still runs, and keeps
    its customer active. It was renewed if the company says so; where it does not say, if on the
    day after another contract of the same customer, and of the same product where both are known,
    runs.

    Parameters
    ----------
    contracts
        The table of contracts.
    opened_on
        The last day before the period.
    as_of
        The last day of the period.

    Returns
    -------
    One row per contract that ended: ``contract_id``, ``customer_key``, ``product_id``,
    ``ended_on`` (its last day), ``end_cause``, ``is_renewed`` (boolean, never null).

    References
    ----------
    Definitions: contracts; retention / churn.
    """
    ended = contracts.filter((contracts.ended_on >= opened_on) & (contracts.ended_on < as_of))
    ended = ended.filter(ended.started_on <= ended.ended_on)
    other = contracts.select(
        _id="contract_id", _key="customer_key", _product="product_id", _from="started_on",
        _to=ibis.coalesce(contracts.ended_on, _OPEN),
    )  # fmt: skip
    is_same = (ended.product_id == other["_product"]).fill_null(True)
    next_day = (ended.ended_on + ibis.interval(days=1)).cast("date")
    follows = [
        ended.customer_key == other["_key"],
        ended.contract_id != other["_id"],
        is_same,
        other["_from"] <= next_day,
        other["_to"] >= next_day,
    ]
    followed = ended.semi_join(other, follows).select(_followed="contract_id")
    both = ended.left_join(followed, ended.contract_id == followed["_followed"])
    is_renewed = ibis.coalesce(both.is_renewed, both["_followed"].notnull())
    names = ("contract_id", "customer_key", "product_id", "ended_on", "end_cause")
    return both.select(*names, is_renewed=is_renewed)


def renewal(ended: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """Which share of the contracts that ended was renewed, and which was not?

    Parameters
    ----------
    ended
        ``ended_contracts``.
    by
        Columns of ``ended`` to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``ended``, ``renewed``, ``unrenewed`` (int64, contracts),
    ``renewal_rate``, ``churn_contract`` (float64, 0 to 1; null where none ended).

    References
    ----------
    Definitions: retention / churn.
    """
    sums = ended.aggregate(
        by=by,
        ended=ended.count().cast("int64"),
        renewed=ended.is_renewed.sum().fill_null(0).cast("int64"),
    )
    sums = sums.mutate(unrenewed=sums.ended - sums.renewed)
    n = sums.ended.nullif(0).cast("float64")
    return sums.mutate(
        renewal_rate=sums.renewed.cast("float64") / n,
        churn_contract=sums.unrenewed.cast("float64") / n,
    )


def lost_by(
    opening: ir.Table,
    closing: ir.Table,
    ended: ir.Table | None,
    *,
    lapse_after_days: int,
    lapse_by_segment: Mapping[str, int] | None = None,
) -> ir.Table:
    """Who was lost in the period by silence, and who by the end of a contract?

    A customer is lost the day after the later of two ends: of the silence that is allowed, and
    of the last contract. By silence is who was kept to the end by purchases (also where both end
    on one day); by contract, whom only a contract still kept.

    Parameters
    ----------
    opening
        Ledger lines at the opening, in scope, with ``value``.
    closing
        Ledger lines at the closing, in every scope.
    ended
        ``ended_contracts`` of the period; null: there are no contracts.
    lapse_after_days, lapse_by_segment
        tau, days, and that of single segments.

    Returns
    -------
    One row per customer active at the opening and lost at the closing: ``customer_key``, ``value``
    (at the opening), ``lost_by`` (one of ``LOST_BY``; ``contract_renewed``: the company calls the
    contract renewed, but none runs) and ``end_cause`` (null where lost by silence, or not known;
    the first by name where contracts ended on one day for several causes).

    References
    ----------
    Definitions: contracts, lost.
    """
    was_active = opening.filter(opening.is_active).select("customer_key", "value")
    gone = closing.filter(closing.since_on.notnull() & ~closing.is_active)
    tau = lapse_days(gone, lapse_after_days, lapse_by_segment)
    silent_until = (gone.last_on + tau.as_interval("D")).cast("date")
    gone = gone.select(
        _key="customer_key",
        _until="active_until",
        _by_silence=(silent_until >= gone.active_until).fill_null(False),
    )
    lost = was_active.inner_join(gone, was_active.customer_key == gone["_key"]).drop("_key")
    if ended is None:
        return lost.select(
            "customer_key", "value", lost_by=ibis.literal("silence"), end_cause=ibis.null("string")
        )
    last = ended.group_by(_owner="customer_key", _ended="ended_on").agg(
        _renewed=ended.is_renewed.any(), _cause=ended.end_cause.min()
    )
    both = lost.left_join(
        last, [lost.customer_key == last["_owner"], lost["_until"] == last["_ended"]]
    )
    by = ibis.cases(
        (both["_by_silence"], "silence"),
        (both["_renewed"].fill_null(False), "contract_renewed"),
        else_="contract_unrenewed",
    )
    cause = both["_by_silence"].ifelse(ibis.null("string"), both["_cause"])
    return both.select("customer_key", "value", lost_by=by, end_cause=cause)
