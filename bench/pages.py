"""What the pages ask of the ledger, as the benchmark times it: each returns its number of rows."""

from collections.abc import Callable
from datetime import date

from core.metrics.movement import customer_bridge, movements
from core.metrics.pyramid import pyramid
from core.metrics.repurchase import repurchase_curve, repurchase_within
from core.view import View

MONTHS = 25  # of the trend: two years and the month before


def bridge(view: View, as_of: date, compare: date) -> int:
    """Count movements of customers and value over a year."""
    is_on_margin = view.is_on_margin(compare, as_of)
    opening, closing = (view.all_lines(day, is_on_margin) for day in (compare, as_of))
    return customer_bridge(movements(opening, closing, opened_on=compare)).to_pyarrow().num_rows


def tiers(view: View, as_of: date, compare: date) -> int:
    """Count heads and value of each tier."""
    return pyramid(view.lines(as_of, view.is_on_margin(as_of))).to_pyarrow().num_rows


def trend(view: View, as_of: date, compare: date) -> int:
    """Count active customers and their value at the last month-ends."""
    days = [day for day in view.days if day <= as_of][-MONTHS:]
    lines = view.all_lines_of(days, view.is_on_margin(as_of))
    active = lines.filter(lines.is_active)
    sums = active.group_by("month_end").agg(active=active.count(), value=active.value.sum())
    return sums.to_pyarrow().num_rows


def repurchase(view: View, as_of: date, compare: date) -> int:
    """Count who came back within each window, and draw the curve."""
    lines = view.lines(as_of)
    firsts = lines.filter(lines.first_on.notnull())
    firsts = firsts.select("customer_key", "first_on", "second_on")
    windows = view.definitions.repurchase_days
    rates = repurchase_within(firsts, as_of=as_of, within_days=windows).to_pyarrow()
    return rates.num_rows + repurchase_curve(firsts, as_of=as_of).to_pyarrow().num_rows


METRICS: dict[str, Callable[[View, date, date], int]] = {
    "bridge": bridge,
    "pyramid": tiers,
    "trend": trend,
    "repurchase": repurchase,
}
