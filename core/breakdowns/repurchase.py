"""Repurchase told apart: by promotion, by product, by how customers pay, by number of purchases."""

from collections.abc import Callable
from functools import partial

import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.figure import SMALL_N, Note
from core.figures.promotions import newcomers_by_promotion, standing_purchases
from core.metrics import multi_buyers as multi
from core.metrics.nth_gaps import nth_gaps
from core.metrics.promotions import promo_repurchase
from core.metrics.repurchase import repurchase_curve
from core.metrics.value_by import held_attribute, value_by
from core.periods import window_start
from core.view import View

MONTHS = 12  # that value looks back
TOP = 200  # products shown
LAST_DAY = 730  # of the curve
_ORDER_COLUMNS = ("payment_method", "channel", "branch", "employee_id")
_PROMOTIONS = (
    "promotion_id", "promotion", "started_on", "ended_on", "newcomers", "days_passed",
    "bought_again", "repurchase_rate", "rate_low", "rate_high", "others", "others_rate",
    "others_low", "others_high", "difference", "difference_low", "difference_high",
)  # fmt: skip
_MULTI = (
    "product_buyers", "one_time", "multi", "multi_share", "one_time_active", "multi_active",
    "one_time_value", "multi_value", "is_small_n",
)  # fmt: skip
_VALUE_BY = ("customers", "weight", "mean_value", "share_of_customers", "share_of_value")


def promotions(view: View, period: Period) -> ir.Table:
    """Return ``promo_repurchase`` of each promotion that brought newcomers."""
    day = period.as_of
    counted = newcomers_by_promotion(view, view.lines(day), day)
    found = promo_repurchase(counted, each=("promotion_id",))
    found = found.rename(
        days_passed="matured", bought_again="returned", rate_low="low", rate_high="high"
    )
    known = view.ledger.table("promotions").select(
        "started_on", "ended_on", _id="promotion_id", promotion="name"
    )
    return found.left_join(known, found.promotion_id == known["_id"])


def by_product(view: View, period: Period) -> ir.Table:
    """Return ``multi_buyer_value`` of the products with the most repeat buyers."""
    found = _multi(view, period, _bought(view, period), "product_id")
    most = found.order_by(found.multi.desc(), found.product_buyers.desc(), "product_id").limit(TOP)
    products = view.ledger.table("products")
    known = products.select("category", _id="product_id", product_name="name")
    named = most.left_join(known, most.product_id == known["_id"])
    return named.rename(product="product_id")


def by_category(view: View, period: Period) -> ir.Table:
    """Return ``multi_buyer_value`` of the categories."""
    products = view.ledger.table("products").select("product_id", "category")
    bought = _bought(view, period).left_join(products, "product_id")
    return _multi(view, period, bought, "category")


def _bought(view: View, period: Period) -> ir.Table:
    ledger, day = view.ledger, period.as_of
    orders = standing_purchases(view, day)
    refunds = ledger.table("refunds") if ledger.has("refunds") else None
    return multi.product_purchases(orders, ledger.table("order_lines"), refunds, as_of=day)


def _multi(view: View, period: Period, bought: ir.Table, of: str) -> ir.Table:
    customers = view.lines(period.as_of, view.is_on_margin(period.as_of))
    found = multi.multi_buyer_value(bought, customers, of=of)
    found = found.rename(product_buyers="buyers")
    return found.mutate(is_small_n=(found.multi < SMALL_N) | (found.one_time < SMALL_N))


def value_by_order(view: View, period: Period, *, column: str) -> ir.Table:
    """Return ``value_by`` of a column of the orders of 12 months."""
    day = period.as_of
    bought = standing_purchases(view, day, since=window_start(day, MONTHS))
    lines = view.lines(day, view.is_on_margin(day))
    return value_by(bought.select("customer_key", column), lines, column=column)


def value_by_attribute(view: View, period: Period, *, column: str) -> ir.Table:
    """Return ``value_by`` of an attribute that the buyers of 12 months hold."""
    day = period.as_of
    lines = view.lines(day, view.is_on_margin(day))
    buyers = lines.filter(lines.occasions_12m > 0)
    if column in lines.columns:
        return value_by(buyers.select("customer_key", column), lines, column=column)
    held = held_attribute(view.ledger.table("customer_attributes"), column, as_of=day)
    held = held.select(_holder="customer_key", value="value").rename({column: "value"})
    uses = buyers.left_join(held, buyers.customer_key == held["_holder"])
    return value_by(uses.select("customer_key", column), lines, column=column)


def gaps(view: View, period: Period) -> ir.Table:
    """Return ``nth_gaps`` of the view."""
    day = period.as_of
    found = nth_gaps(view.lines(day), view.gaps(day), as_of=day)
    return found.rename(customers="n", bought_again="events", gap_days="median",
                        gap_low="low", gap_high="high")  # fmt: skip


def curve(view: View, period: Period) -> ir.Table:
    """Return ``repurchase_curve`` of the view, over two years."""
    found = repurchase_curve(view.lines(period.as_of), as_of=period.as_of)
    found = found.filter(found.day <= LAST_DAY)
    return found.rename(repurchase_rate="came_back", rate_low="low", rate_high="high")


def _basis(view: View, period: Period) -> tuple[Note, ...]:
    return (Note("on_margin" if view.is_on_margin(period.as_of) else "on_net"),)


def _few(view: View, period: Period) -> tuple[Note, ...]:
    return (*_basis(view, period), Note("few_buyers", {"n": SMALL_N}))


def _within(view: View, _: Period) -> tuple[Note, ...]:
    return (Note("promotion_days", {"days": view.definitions.promotion_within_days}),)


def _value_by(key: str, column: str, *tables: str) -> Breakdown:
    of_orders = column in _ORDER_COLUMNS
    build: Callable[[View, Period], ir.Table] = partial(
        value_by_order if of_orders else value_by_attribute, column=column
    )
    columns = (column, *_VALUE_BY)
    return Breakdown(key, build, columns, ("-weight", column), ("orders", *tables), _basis)


BREAKDOWNS = (
    Breakdown(
        "promotions", promotions, _PROMOTIONS, ("started_on", "promotion_id"), notes=_within,
        reference="Newcombe (1998), method 10; Zou and Donner (2008)",
    ),
    Breakdown(
        "multi-buyers", by_product, ("product", "product_name", "category", *_MULTI),
        ("-multi", "-product_buyers", "product"), ("orders", "order_lines"), _few,
        reference="Fader (2012), Customer Centricity",
    ),
    Breakdown(
        "multi-buyers-category", by_category, ("category", *_MULTI), ("-multi", "category"),
        ("orders", "order_lines", "products"), _few,
        reference="Fader (2012), Customer Centricity",
    ),
    _value_by("value-by-payment", "payment_method"),
    _value_by("value-by-channel", "channel"),
    _value_by("value-by-employee", "employee_id"),
    _value_by("value-by-segment", "segment", "customer_attributes"),
    _value_by("value-by-preference", "preferences", "customer_attributes"),
    Breakdown(
        "gaps", gaps, ("k", "customers", "bought_again", "gap_days", "gap_low", "gap_high"), ("k",),
        reference="Kaplan and Meier (1958)",
    ),
    Breakdown(
        "repurchase-curve", curve,
        ("day", "repurchase_rate", "rate_low", "rate_high", "at_risk", "is_young"), ("day",),
        reference="Kaplan and Meier (1958)",
    ),
)  # fmt: skip
