"""Complaints still open by age, by product, and whether those who complained came back."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.breakdowns.satisfaction import MONTHS, told_apart
from core.figures.service import BEGINNING, compared, resolved
from core.metrics.complaints import complaint_figures, complaint_states, open_complaints
from core.metrics.intervals import wilson
from core.metrics.promises import due_promises, kept_rate
from core.metrics.recovery import complaint_recovery
from core.periods import window_start
from core.view import View

_TABLES = ("orders", "complaints")
# Least age in days of a band of open complaints, and greatest number of days of a speed.
AGES = {"days_0": 0, "days_3": 3, "days_8": 8, "days_31": 31, "days_91": 91, "days_366": 366}
SPEEDS = {"within_3": 3, "within_7": 7, "within_14": 14}
SLOWER = "over_14"


def age_band(age_days: ir.IntegerValue) -> ir.StringValue:
    """Return the band of ``AGES`` of an age in days."""
    return ibis.cases(*[(age_days >= least, name) for name, least in reversed(AGES.items())])


def speed(resolution_days: ir.FloatingValue) -> ir.StringValue:
    """Return the name, of ``SPEEDS`` or ``SLOWER``, of a time to resolution in days."""
    bands = [(resolution_days <= most, name) for name, most in SPEEDS.items()]
    return ibis.cases(*bands, else_=SLOWER)


def open_by_age(view: View, period: Period) -> ir.Table:
    """Return the open complaints by the days since they were opened, the youngest first."""
    waiting = open_complaints(view.ledger.table("complaints"), as_of=period.as_of)
    if view.scope:
        waiting = waiting.semi_join(view.lines(period.as_of), "customer_key")
    rows = waiting.mutate(age_band=age_band(waiting.age_days))
    return rows.group_by("age_band").agg(
        open=rows.count().cast("int64"),
        customers=rows.customer_key.nunique().cast("int64"),
        reopened=rows.is_reopened.sum().cast("int64"),
        unanswered=rows.response_hours.isnull().sum().cast("int64"),
        least_days=rows.age_days.min(),
    )


def by_product(view: View, period: Period) -> ir.Table:
    """Return the complaints of 12 months that name a product, by product."""
    since = window_start(period.as_of, MONTHS)
    table = view.ledger.table("complaints")
    states = complaint_states(table, since=since, as_of=period.as_of)
    if view.scope:
        states = states.semi_join(view.lines(period.as_of), "customer_key")
    states = states.filter(states.product_id.notnull()).mutate(product=states.product_id)
    found = complaint_figures(states, by=("product",))
    products = view.ledger.table("products").select(_product="product_id", product_name="name")
    return found.left_join(products, found["product"] == products["_product"])


def recovery_told_apart(view: View, period: Period) -> ir.Table:
    """Return who bought again after a resolution, by its speed, by category, branch and cause."""
    done = resolved(view, period.as_of)
    if view.scope:
        done = done.semi_join(view.lines(period.as_of), "customer_key")
    rows = told_apart(
        done,
        {
            "speed": speed(done.resolution_days),
            "category": done.category,
            "branch": done.branch,
            "cause": done.cause,
        },
    )
    each = ("told_by", "group")
    found = complaint_recovery(rows, **compared(view, period.as_of), by=each)
    low, high = wilson(found.returned, found.resolved)
    order = [(name, place) for place, name in enumerate((*SPEEDS, SLOWER))]
    return found.mutate(
        bought_again=found.returned,
        bought_again_rate=found.return_rate,
        low=low,
        high=high,
        like_bought_rate=found.expected_rate,
        against_like=found.excess,
        _rank=found.group.cases(*order, else_=0),
    )


def kept_by_quarter(view: View, period: Period) -> ir.Table:
    """Return the promises that fell due in each quarter of the books, the oldest first."""
    table = view.ledger.table("promises")
    due = due_promises(table, since=BEGINNING, as_of=period.as_of)
    if view.scope:
        due = due.semi_join(view.lines(period.as_of), "customer_key")
    found = kept_rate(due)
    tomorrow = period.as_of + timedelta(days=1)
    running = date(tomorrow.year, (tomorrow.month - 1) // 3 * 3 + 1, 1)
    return found.mutate(is_closed=found.quarter_from < running)


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "complaints-age", open_by_age,
        ("age_band", "open", "customers", "unanswered", "reopened"), ("least_days",), _TABLES,
    ),
    Breakdown(
        "complaints-by-product", by_product,
        ("product", "product_name", "opened", "open", "reopened", "response_hours_median",
         "response_hours_p90", "resolution_hours_median", "resolution_hours_p90"),
        ("-opened", "product"), _TABLES,
    ),
    Breakdown(
        "complaints-recovery", recovery_told_apart,
        ("told_by", "group", "resolved", "bought_again", "bought_again_rate", "low", "high",
         "matched", "like_bought_rate", "against_like"),
        ("told_by", "_rank", "group"), _TABLES,
    ),
    Breakdown(
        "promises-by-quarter", kept_by_quarter,
        ("quarter_from", "is_closed", "due", "kept", "kept_late", "open", "kept_rate", "low",
         "high"),
        ("quarter_from",), ("orders", "promises"),
    ),
)  # fmt: skip
