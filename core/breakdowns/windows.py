"""What customers brought in over a window of any length: a ledger line knows 12 months only."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.ledger.contracts import running
from core.periods import window_start
from core.view import View

_MONEY = "decimal(18, 4)"


def brought_in(view: View, day: date, months: int, is_on_margin: bool) -> ir.Table:
    """Return what each customer in scope brought in over the months up to ``day``.

    Returns
    -------
    One row per customer with a booking or a running contract, named as in a ledger line of 12
    months: ``customer_key``, ``occasions_12m`` (int32), ``contract_12m``, ``value`` (decimal,
    money).
    """
    since = window_start(day, months)
    rows = view.entries(day, since)
    rows = rows.filter(rows.customer_key.notnull())
    stands = rows.voided_on.isnull() | (rows.voided_on > day)
    net = rows.gross - rows.returned
    value = net - rows.cost - rows.service_cost if is_on_margin else net
    booked = rows.group_by("customer_key").agg(
        occasions_12m=((rows.orders > 0) & stands).sum().cast("int32"),
        value=value.sum().cast(_MONEY),
    )
    nothing = ibis.literal(0).cast(_MONEY)
    found = booked.mutate(contract_12m=nothing)
    if view.ledger.has("contracts") and not view.definitions.contracts_are_invoiced:
        found = _with_contracts(view, booked, day, since)
    return found.semi_join(view.lines(day), "customer_key") if view.scope else found


def _with_contracts(view: View, booked: ir.Table, day: date, since: date) -> ir.Table:
    window = pa.table({"day": [day], "old_until": [since]})
    step = engine.small_table(view.ledger.con, window)
    accrued = running(view.ledger.table("contracts"), step)
    accrued = accrued.select(_key="customer_key", _accrued="contract_12m")
    both = booked.outer_join(accrued, booked.customer_key == accrued["_key"])
    nothing = ibis.literal(0).cast(_MONEY)
    contract = both["_accrued"].fill_null(nothing).cast(_MONEY)
    return both.select(
        customer_key=ibis.coalesce(both.customer_key, both["_key"]),
        occasions_12m=both.occasions_12m.fill_null(0),
        value=(both.value.fill_null(nothing) + contract).cast(_MONEY),
        contract_12m=contract,
    )
