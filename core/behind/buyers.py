"""Who stands behind a product bought again, a way of payment, or the leads of a source."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.breakdowns.breakdown import Period
from core.breakdowns.prospects import DIMENSIONS, in_groups, states_of
from core.breakdowns.repurchase import bought_lines, used
from core.figures.asked import Asked
from core.metrics.leads import matured_leads
from core.metrics.multi_buyers import buyers_of_each
from core.metrics.value_by import own_shares
from core.periods import window_start


def multi_buyers(asked: Asked, product: str, *, of: str = "product_id") -> ir.Table:
    """Return who bought a product on two days or more, with their value, for its mean."""
    bought = bought_lines(asked.view, Period(asked.as_of, None), of)
    rows = buyers_of_each(bought.filter(bought[of] == product), of=of)
    rows = rows.filter(rows.is_multi).select("customer_key")
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    rows = rows.inner_join(lines.select("customer_key", "value"), "customer_key")
    return rows.select("customer_key", base=ibis.literal(1.0), counted=rows.value.cast("float64"))


def value_by(asked: Asked, value: str, *, column: str) -> ir.Table:
    """Return who pays this way, or is of this kind, with their share of value, for its mean."""
    uses, lines = used(asked.view, Period(asked.as_of, None), column)
    shares = own_shares(uses, column=column)
    rows = shares.filter(shares[column] == value)
    known = lines.select("customer_key", _value=lines.value.cast("float64"))
    rows = rows.inner_join(known, "customer_key")
    return rows.select(
        "customer_key",
        base="own_share",
        use_share="own_share",
        counted=rows.own_share * rows["_value"],
    )


def lead_buyers(asked: Asked, told_by: str, group: str) -> ir.Table:
    """Return the customers whose leads bought in time, with the number of their leads.

    Leads that have no customer yet are in no list of customers.
    """
    definitions = asked.view.definitions
    states = in_groups(states_of(asked.view, Period(asked.as_of, None)))
    rows = matured_leads(
        states,
        as_of=asked.as_of,
        within_days=definitions.lead_within_days,
        since=window_start(asked.as_of, 12),
    )
    column = told_by if told_by in (*DIMENSIONS, "employee_id") else None
    is_asked = rows[column].cast("string") == group if column else ibis.literal(False)
    rows = rows.filter(rows.has_bought & is_asked & rows.customer_key.notnull())
    found = rows.group_by("customer_key").agg(counted=rows.count().cast("float64"))
    return found.semi_join(asked.lines(asked.as_of), "customer_key") if asked.view.scope else found


def _value_by(column: str, *tables: str) -> Behind:
    return Behind(
        partial(value_by, column=column), "share", is_money=True, values=(column,),
        more=("use_share",), tables=tables,
    )  # fmt: skip


_LINES = ("order_lines",)
BEHIND = {
    "multi_buyers": Behind(
        multi_buyers, "share", is_money=True, values=("product",), tables=_LINES
    ),
    "multi_buyers_category": Behind(
        partial(multi_buyers, of="category"), "share", is_money=True, values=("category",),
        tables=(*_LINES, "products"),
    ),
    "value_by_payment": _value_by("payment_method"),
    "value_by_channel": _value_by("channel"),
    "value_by_employee": _value_by("employee_id"),
    "value_by_segment": _value_by("segment", "customer_attributes"),
    "value_by_preference": _value_by("preferences", "customer_attributes"),
}  # fmt: skip
LEADS = {"lead_buyers": Behind(lead_buyers, values=("told_by", "group"), tables=("leads",))}
