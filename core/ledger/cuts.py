"""Cut-points of the pyramid: frozen at the fiscal year's end, for the 12 months that follow.

They are results of the data. Before the first full year a month-end has its own, marked
provisional, and tiers of such a month-end compare with no other.
"""

import math
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.definitions import Definitions
from core.periods import month_end, month_start, window_start

CUTS = pa.schema(
    [
        ("month_end", pa.date32()),  # ledger day that they serve
        ("cut_on", pa.date32()),  # month-end they come from
        ("is_provisional", pa.bool_()),
        ("is_on_margin", pa.bool_()),  # value is margin; else net
        ("cut_1", pa.float64()),  # least value of the top tier; null: no active customer
        ("cut_2", pa.float64()),
        ("cut_3", pa.float64()),
        ("active", pa.int64()),  # active customers at cut_on
    ]
)


@dataclass(frozen=True)
class Cuts:
    """The cut-points of one month-end."""

    cut_on: date
    is_on_margin: bool
    values: tuple[float, float, float] | None
    active: int


def serving(day: date, first_on: date, definitions: Definitions) -> date | None:
    """Return the month-end whose cut-points serve ``day``; null where only its own can.

    The first fiscal year's end with 12 whole months behind it serves itself too.
    """
    ends = [
        end
        for year in range(first_on.year, day.year + 1)
        if (end := _year_end(year, definitions)) <= day
        and window_start(end, 12) >= month_start(first_on)
    ]
    if not ends:
        return None
    if ends[-1] == day and len(ends) > 1:
        return ends[-2]
    return ends[-1]


def is_provisional(day: date, first_on: date, definitions: Definitions) -> bool:
    """Whether tiers of ``day`` compare with no other.

    Amounts of money are the same on every day, so that they compare as soon as 12 months are full.
    """
    if definitions.tiers.kind == "money":
        return window_start(day, 12) < month_start(first_on)
    return serving(day, first_on, definitions) is None


def cut_points(lines: ir.Table, day: date, definitions: Definitions) -> Cuts:
    """Return the cut-points of ``lines`` at ``day``, from active customers only.

    The cut-point of a share p is the value of the customer at rank ceil(p n), so that at least
    that share stands above it and equal values are never parted.
    """
    active = lines.filter(lines.is_active)
    totals = (
        active.agg(
            n=active.count(),
            net=active.net_12m.sum().cast("float64"),
            costed=active.costed_net_12m.sum().cast("float64"),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    n, net = totals["n"], totals["net"] or 0.0
    is_on_margin = net > 0 and (totals["costed"] or 0.0) / net >= definitions.cost_coverage
    if definitions.tiers.kind == "money" and definitions.tiers.thresholds is not None:
        return Cuts(day, is_on_margin, definitions.tiers.thresholds, n)
    if not n:
        return Cuts(day, is_on_margin, None, 0)
    shares = definitions.tiers.shares
    ranks = [math.ceil(round(sum(shares[: i + 1]) * n, 6)) for i in range(len(shares))]
    value = (active.margin_12m if is_on_margin else active.net_12m).name("value")
    rank = ibis.row_number().over(order_by=value.desc())
    ranked = active.select(value=value.cast("float64"), rank=rank + 1)
    found = ranked.filter(ranked["rank"].isin(ranks)).to_pyarrow().to_pylist()
    by_rank = {row["rank"]: row["value"] for row in found}
    first, second, third = (by_rank[r] for r in ranks)
    return Cuts(day, is_on_margin, (first, second, third), n)


def row(day: date, cuts: Cuts, is_provisional: bool) -> dict[str, object]:
    """Return the row of ``CUTS`` that says what served ``day``."""
    values = cuts.values or (None, None, None)
    return {
        "month_end": day,
        "cut_on": cuts.cut_on,
        "is_provisional": is_provisional,
        "is_on_margin": cuts.is_on_margin,
        **{f"cut_{i}": value for i, value in enumerate(values, start=1)},
        "active": cuts.active,
    }


def _year_end(year: int, definitions: Definitions) -> date:
    return month_end(date(year, definitions.fiscal_year_end_month, 1))
