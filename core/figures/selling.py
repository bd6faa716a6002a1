"""Figures of all sales, those without a customer included."""

from decimal import Decimal

from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, unknown
from core.metrics.sales import sales as sales_of
from core.periods import window_start


def sales(asked: Asked) -> Cells:
    """Net sales of 12 months, and what of them no customer is known for."""
    entries = asked.view.entries(asked.as_of, since=window_start(asked.as_of, MONTHS))
    row = sales_of(entries).to_pyarrow().to_pylist()[0]
    share = row["share_without_customer"]
    buyers = row["customers"]
    return {
        (): {
            "net_sales_12m": Cell(float(row["net"]), buyers),
            "net_without_customer_12m": Cell(float(row["net_without_customer"]), None),
            "share_without_customer": unknown("value_not_above_zero", buyers)
            if share is None
            else Cell(share, None),
        }
    }


def beyond(asked: Asked) -> Cells:
    """What lies between the value of active customers and all that was brought in."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    lines = asked.lines(asked.as_of, is_on_margin)
    is_gone = ~lines.is_active
    sums = lines.aggregate(
        by=asked.column,
        all=lines.value.sum().fill_null(0),
        lapsed=lines.value.sum(where=is_gone).fill_null(0),
        gone=((lines.value != 0) & is_gone).sum().cast("int64").fill_null(0),
    )
    basis = asked.basis(is_on_margin)
    loose = _without_customer(asked, is_on_margin) if asked.is_whole else Decimal(0)
    alone = Cell(float(loose), None, note=basis) if asked.is_whole else unknown("whole_only")
    return {
        group: {
            "bridge_value_lapsed": Cell(float(row["lapsed"]), row["gone"], note=basis),
            "bridge_value_without_customer": alone,
            "bridge_value_total": Cell(float(row["all"] + loose), None, note=basis),
        }
        for group, row in asked.rows(sums)
    }


def _without_customer(asked: Asked, is_on_margin: bool) -> Decimal:
    entries = asked.view.entries(asked.as_of, since=window_start(asked.as_of, MONTHS))
    (row,) = sales_of(entries).to_pyarrow().to_pylist()
    return row["margin_without_customer" if is_on_margin else "net_without_customer"]


FIGURES = (
    FigureDefinition("net_sales_12m", sales, "money", "up", needs="any date", is_whole_only=True),
    FigureDefinition(
        "net_without_customer_12m", sales, "money", "none", needs="any date", is_whole_only=True
    ),
    FigureDefinition(
        "share_without_customer", sales, "rate", "down", needs="any date", is_whole_only=True
    ),
    FigureDefinition("bridge_value_lapsed", beyond, "money", "none"),
    FigureDefinition("bridge_value_without_customer", beyond, "money", "none"),
    FigureDefinition("bridge_value_total", beyond, "money", "none"),
)
