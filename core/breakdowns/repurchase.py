"""Repurchase told apart: by promotion, by product, by how customers pay, by number of purchases."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.expected import DAYS, expected_purchases
from core.figures.figure import SMALL_N, Note
from core.figures.promotions import newcomers_by_promotion, standing_purchases
from core.metrics import multi_buyers as multi
from core.metrics.intervals import wilson
from core.metrics.naive import naive_within
from core.metrics.next_expected import expected_by_week
from core.metrics.nth_gaps import nth_curves, nth_gaps
from core.metrics.promotions import promo_repurchase
from core.metrics.repurchase import repurchase_curve, repurchase_within
from core.metrics.value_by import held_attribute, value_by
from core.periods import window_start
from core.view import View

MONTHS = 12  # that value looks back
TOP = 200  # products shown
LAST_DAY = 730  # of the curve
LAST_GAP_DAY = 365  # of the curves by number of purchases
_ORDER_COLUMNS = ("payment_method", "channel", "branch", "employee_id")
_PROMOTIONS = (
    "promotion_id", "promotion", "started_on", "ended_on", "newcomers", "days_passed",
    "bought_again", "repurchase_rate", "rate_low", "rate_high", "others", "others_rate",
    "others_low", "others_high", "difference", "difference_low", "difference_high",
    "promotion_cost", "cost_per_newcomer", "cost_per_returned",
)  # fmt: skip
_CURVE = {
    "repurchase_rate": "came_back", "rate_low": "low", "rate_high": "high", "bought_again": "events"
}  # fmt: skip
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
        "started_on", "ended_on", _id="promotion_id", promotion="name", promotion_cost="cost"
    )
    rows = found.left_join(known, found.promotion_id == known["_id"])
    cost = rows.promotion_cost.cast("float64")
    # While the days of some are still running, those who will have come again are not known.
    is_over = rows.days_passed == rows.newcomers
    back = is_over.ifelse(rows.bought_again, ibis.null("int64"))
    return rows.mutate(
        cost_per_newcomer=cost / rows.newcomers.nullif(0).cast("float64"),
        cost_per_returned=cost / back.nullif(0).cast("float64"),
    )


def by_product(view: View, period: Period) -> ir.Table:
    """Return ``multi_buyer_value`` of the products with the most repeat buyers."""
    found = _multi(view, period, bought_lines(view, period, "product_id"), "product_id")
    most = found.order_by(found.multi.desc(), found.product_buyers.desc(), "product_id").limit(TOP)
    products = view.ledger.table("products")
    known = products.select("category", _id="product_id", product_name="name")
    named = most.left_join(known, most.product_id == known["_id"])
    return named.rename(product="product_id")


def by_category(view: View, period: Period) -> ir.Table:
    """Return ``multi_buyer_value`` of the categories."""
    return _multi(view, period, bought_lines(view, period, "category"), "category")


def bought_lines(view: View, period: Period, of: str) -> ir.Table:
    """Return the lines of purchases that were kept, with ``of``: product_id or category."""
    rows = view.purchase_lines(period.as_of)
    rows = rows.filter(rows.product_id.notnull() & ~rows.is_given_back)
    if of == "product_id":
        return rows
    products = view.ledger.table("products").select("product_id", "category")
    return rows.left_join(products, "product_id")


def _multi(view: View, period: Period, bought: ir.Table, of: str) -> ir.Table:
    customers = view.lines(period.as_of, view.is_on_margin(period.as_of))
    found = multi.multi_buyer_value(bought, customers, of=of)
    found = found.rename(product_buyers="buyers")
    return found.mutate(is_small_n=(found.multi < SMALL_N) | (found.one_time < SMALL_N))


def value_of(view: View, period: Period, *, column: str) -> ir.Table:
    """Return ``value_by`` of a column of orders, or of an attribute of the buyers."""
    uses, lines = used(view, period, column)
    found = value_by(uses, lines, column=column)
    if column != "employee_id":
        return found
    staff = view.ledger.table("employees").select(_staff="employee_id", employee="name")
    return found.left_join(staff, found.employee_id == staff["_staff"])


def used(view: View, period: Period, column: str) -> tuple[ir.Table, ir.Table]:
    """Return what the buyers of 12 months use or are, as ``value_by`` takes it, and their lines.

    Of a column of orders, one row per order; of an attribute of customers, one per buyer.
    """
    day = period.as_of
    lines = view.lines(day, view.is_on_margin(day))
    if column in _ORDER_COLUMNS:
        bought = standing_purchases(view, day, since=window_start(day, MONTHS))
        return bought.select("customer_key", column), lines
    buyers = lines.filter(lines.occasions_12m > 0)
    if column in lines.columns:
        return buyers.select("customer_key", column), lines
    held = held_attribute(view.ledger.table("customer_attributes"), column, as_of=day)
    held = held.select(_holder="customer_key", value="value").rename({column: "value"})
    uses = buyers.left_join(held, buyers.customer_key == held["_holder"])
    return uses.select("customer_key", column), lines


def gaps(view: View, period: Period) -> ir.Table:
    """Return ``nth_gaps`` of the view."""
    day = period.as_of
    found = nth_gaps(view.lines(day), view.gaps(day), as_of=day)
    return found.rename(customers="n", bought_again="events", gap_days="median",
                        gap_low="low", gap_high="high")  # fmt: skip


def gap_curves(view: View, period: Period) -> ir.Table:
    """Return ``nth_curves`` of the view, over a year."""
    day = period.as_of
    found = nth_curves(view.lines(day), view.gaps(day), as_of=day)
    found = found.filter(found.day <= LAST_GAP_DAY)
    return found.rename(_CURVE)


def within(view: View, period: Period) -> ir.Table:
    """Return ``repurchase_within`` of the windows set, beside ``naive_within``."""
    firsts, windows = view.lines(period.as_of), view.definitions.repurchase_days
    rates = repurchase_within(firsts, as_of=period.as_of, within_days=windows)
    low, high = wilson(rates.came_back, rates.n)
    rates = rates.mutate(rate_low=low, rate_high=high)
    rates = rates.rename(days_passed="n", bought_again="came_back", repurchase_rate="rate")
    naive = naive_within(firsts, within_days=windows)
    return rates.left_join(naive, "within_days")


def expected_weeks(view: View, period: Period) -> ir.Table:
    """Return ``expected_by_week`` of the view."""
    day = period.as_of
    lines = view.lines(day, view.is_on_margin(day))
    return expected_by_week(expected_purchases(view, lines, day), as_of=day, days=DAYS)


def curve(view: View, period: Period) -> ir.Table:
    """Return ``repurchase_curve`` of the view, over two years."""
    found = repurchase_curve(view.lines(period.as_of), as_of=period.as_of)
    found = found.filter(found.day <= LAST_DAY)
    return found.rename(_CURVE)


def _basis(view: View, period: Period) -> tuple[Note, ...]:
    return (Note("on_margin" if view.is_on_margin(period.as_of) else "on_net"),)


def _few(view: View, period: Period) -> tuple[Note, ...]:
    return (*_basis(view, period), Note("few_buyers", {"n": SMALL_N}))


def _within(view: View, _: Period) -> tuple[Note, ...]:
    return (Note("promotion_days", {"days": view.definitions.promotion_within_days}),)


def _value_by(key: str, column: str, *tables: str) -> Breakdown:
    build = partial(value_of, column=column)
    named = ("employee",) if column == "employee_id" else ()
    columns = (column, *named, *_VALUE_BY)
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
        ("day", "repurchase_rate", "rate_low", "rate_high", "at_risk", "bought_again",
         "is_young"),
        ("day",),
        reference="Kaplan and Meier (1958)",
    ),
    Breakdown(
        "gap-curves", gap_curves,
        ("k", "day", "repurchase_rate", "rate_low", "rate_high", "at_risk", "bought_again",
         "is_young"),
        ("k", "day"), reference="Kaplan and Meier (1958)",
    ),
    Breakdown(
        "repurchase-within", within,
        ("within_days", "days_passed", "bought_again", "repurchase_rate", "rate_low", "rate_high",
         "first_buyers", "naive_rate"),
        ("within_days",), reference="Wilson (1927)",
    ),
    Breakdown(
        "expected-weeks", expected_weeks,
        ("from_on", "to_on", "customers", "own_rhythm", "value"), ("from_on",), notes=_basis,
    ),
)  # fmt: skip
