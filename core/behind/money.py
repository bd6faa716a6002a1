"""Who stands behind what winning and keeping customers costs, and behind contracts that end."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.behind.moving import heads
from core.figures.asked import Asked
from core.metrics.contract_churn import ended_contracts, running_contracts


def running(asked: Asked) -> ir.Table:
    """Return who has a contract that runs."""
    found = running_contracts(asked.view.ledger.table("contracts"), as_of=asked.as_of)
    rows = asked.scoped(found).select("customer_key").distinct()
    return rows.mutate(counted=ibis.literal(1.0))


def ended(asked: Asked) -> ir.Table:
    """Return whose contracts ended in the period, with how many did, and were renewed."""
    contracts = asked.view.ledger.table("contracts")
    found = ended_contracts(contracts, opened_on=asked.opened_on, as_of=asked.as_of)
    rows = asked.scoped(found)
    return rows.group_by("customer_key").agg(
        contracts_ended=rows.count().cast("int64"),
        contracts_renewed=rows.is_renewed.sum().cast("int64").fill_null(0),
    )


def number(asked: Asked) -> ir.Table:
    """Return whose contracts ended, each as often as they had one."""
    rows = ended(asked)
    return rows.mutate(counted=rows.contracts_ended.cast("float64"))


def share(asked: Asked, *, is_renewed: bool) -> ir.Table:
    """Return whose contracts ended; those renewed, or those not, are the share."""
    rows = ended(asked)
    base = rows.contracts_ended.cast("float64")
    renewed = rows.contracts_renewed.cast("float64")
    return rows.mutate(base=base, counted=renewed if is_renewed else base - renewed)


def _those(*names: str) -> Behind:
    return Behind(partial(heads, names=names), "those", more=("movement", "value_now"))


_ENDED = ("contracts_ended", "contracts_renewed")
BEHIND = {
    "cost_per_new": _those("new", "came_and_went"),
    "refill_cost": _those("new"),
    "refill_spend": _those("new"),
    "refill_ratio": _those("new"),
    "retention_cost": _those("kept"),
    "contracts_running": Behind(running),
    "contracts_ended": Behind(number, more=_ENDED),
    "renewal_rate": Behind(partial(share, is_renewed=True), "share", more=_ENDED),
    "churn_contract": Behind(partial(share, is_renewed=False), "share", more=_ENDED),
}
