"""What sales are made of, and what drove their change: by tier, category, region, channel."""

from collections.abc import Callable
from datetime import date
from functools import partial

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.figure import Note
from core.figures.tiers import incomparable, no_year_before
from core.ledger.entries import dated_orders, rates_held
from core.metrics.composition import composition, product_sales
from core.metrics.drivers import FACTORS, buying, change_parts
from core.periods import window_start
from core.view import View

MONTHS = 12
SCOPES = ("tier_name", "region", "channel")
_CHANGE = (
    "scope", "scope_value", "customers_then", "customers_now", "occasions_then", "occasions_now",
    "net_then", "net_now", "change", *(f"change_{name}" for name in FACTORS),
)  # fmt: skip


def by_columns(view: View, period: Period, *, by: tuple[str, ...]) -> ir.Table:
    """Return net sales of 12 months by ``by``; tier, region and channel are the customer's."""
    group = tuple(name for name in by if name != "category")
    sold, booked = sold_and_booked(view, period.as_of, group)
    return composition(sold, booked, view.ledger.table("products"), by=by)


def sold_and_booked(view: View, day: date, group: tuple[str, ...]) -> tuple[ir.Table, ir.Table]:
    """Return what was sold of each product, and booked, in 12 months, with ``group`` of customers.

    Those who are not active have their level for a tier. In a scope: of the customers in it.
    """
    since, ledger = window_start(day, MONTHS), view.ledger
    sold = product_sales(
        rated_orders(view),
        ledger.table("order_lines"),
        ledger.table("refunds").mutate(refunded_on=lambda t: t.refunded_at.cast("date")),
        since=since,
        as_of=day,
    )
    booked = view.entries(day, since)
    return _scoped(view, day, sold, group), _scoped(view, day, booked, group)


def change(view: View, period: Period) -> ir.Table | pa.Table:
    """Return what drove the change of net sales against 12 months before, scope by scope."""
    day, year_ago = period.as_of, view.year_before(period.as_of)
    if year_ago is None or no_year_before(view, day):
        return pa.table({name: pa.array([], pa.string()) for name in _CHANGE})
    scopes = [
        name for name in SCOPES if name != "tier_name" or not incomparable(view, year_ago, day)
    ]
    ends = [_levelled(view.lines(each)) for each in (year_ago, day)]
    found = []
    for name in scopes:
        then, now = (buying(lines, by=[name]) for lines in ends)
        parts = change_parts(then, now, cells=[name])
        scope = ibis.literal(name.removesuffix("_name"))
        found.append(parts.mutate(scope=scope, scope_value=parts[name]).select(*_CHANGE))
    return ibis.union(*found)


def rated_orders(view: View) -> ir.Table:
    """Return the orders with the rate of their currency."""
    ledger = view.ledger
    orders = dated_orders(ledger)
    if not ledger.has("rates") or ledger.version.currency is None:
        return orders.mutate(rate=ibis.literal(1.0))
    rates = ledger.table("rates").select(_currency="currency", _from="rate_on", _rate="rate")
    held = rates_held(orders, rates, ledger.version.currency)
    joined = orders.left_join(held, "order_id").drop("order_id_right")
    return joined.mutate(rate=joined["_rate"].fill_null(1.0)).drop("_rate")


def _levelled(lines: ir.Table) -> ir.Table:
    """Let the tier of those who are not active be their level."""
    below = lines.since_on.notnull().ifelse("lost", "prospect")
    return lines.mutate(tier_name=lines.is_active.ifelse(lines.tier_name, below))


def _scoped(view: View, day: date, rows: ir.Table, group: tuple[str, ...]) -> ir.Table:
    """Add tier, region and channel of the customer at the day; in a scope, leave out others."""
    if not group and not view.scope:
        return rows
    lines = _levelled(view.lines(day)).select("customer_key", *group)
    if view.scope:
        return rows.inner_join(lines, "customer_key")
    return rows.left_join(lines, "customer_key").drop("customer_key_right")


def _change_notes(view: View, period: Period) -> tuple[Note, ...]:
    reason, year_ago = no_year_before(view, period.as_of), view.year_before(period.as_of)
    if year_ago is None or reason is not None:
        return (reason,) if reason else ()
    tiers = incomparable(view, year_ago, period.as_of)
    return (Note("since", {"day": year_ago}), *((tiers,) if tiers else ()))


def _composition(key: str, *by: str) -> Breakdown:
    build: Callable[[View, Period], ir.Table] = partial(by_columns, by=by)
    tables = ("orders", "order_lines", "products")
    return Breakdown(key, build, (*by, "net", "share"), ("-net", *by), tables)


BREAKDOWNS = (
    _composition("composition", "tier_name", "category", "region", "channel"),
    _composition("composition-category", "category"),
    _composition("composition-tier", "tier_name", "category"),
    _composition("composition-region", "region", "category"),
    _composition("composition-channel", "channel", "category"),
    Breakdown(
        "composition-change", change, _CHANGE, ("scope", "-net_now", "scope_value"),
        notes=_change_notes, reference="Sun (1998); Ang, Huang and Mu (2009)",
    ),
)  # fmt: skip
