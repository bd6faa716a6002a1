"""Who bought what net sales are made of, and who drove their change."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.breakdowns.composition import sold_and_booked
from core.figures.asked import Asked
from core.metrics.composition import composition

_TABLES = ("orders", "order_lines", "products")
NO_CATEGORY = "none"  # what no line accounts for
_ENDS = ("net_then", "net_now")


def bought(asked: Asked, category: str, *within: str, cells: tuple[str, ...] = ()) -> ir.Table:
    """Return the customers of a cell of the breakdowns of composition, with their net sales.

    Sales without a customer are nobody's. What was bought and given back leaves 0.
    """
    sold, booked = sold_and_booked(asked.view, asked.as_of, cells)
    for name, value in zip(cells, within, strict=True):
        sold, booked = (rows.filter(rows[name] == value) for rows in (sold, booked))
    products = asked.view.ledger.table("products")
    found = composition(sold, booked, products, by=("customer_key", "category"))
    is_cell = found.category.isnull() if category == NO_CATEGORY else found.category == category
    rows = found.filter(found.customer_key.notnull() & is_cell)
    return rows.select("customer_key", counted=rows.net.cast("float64"))


def changed(asked: Asked) -> ir.Table:
    """Return who bought more or less than in the 12 months before, with the difference."""
    year_ago = asked.year_ago or asked.as_of
    then, now = (_sales(asked, day) for day in (year_ago, asked.as_of))
    both = then.rename(_then="net").outer_join(now, "customer_key", rname="{name}_now")
    before, after = both["_then"].fill_null(0.0), both.net.fill_null(0.0)
    rows = both.select(
        customer_key=ibis.coalesce(both.customer_key, both.customer_key_now),
        net_then=before, net_now=after, counted=after - before,
    )  # fmt: skip
    return rows.filter((rows.net_then != 0) | (rows.net_now != 0))


def drivers(asked: Asked) -> ir.Table:
    """Return the buyers of the last 12 months, with the days on which they bought."""
    lines = asked.lines(asked.as_of)
    rows = lines.filter(lines.occasions_12m > 0)
    return rows.select("customer_key", occasions="occasions_12m", counted=ibis.literal(1.0))


def _sales(asked: Asked, day) -> ir.Table:
    lines = asked.lines(day)
    return lines.select("customer_key", net=(lines.net_12m - lines.contract_12m).cast("float64"))


def _cell(*cells: str) -> Behind:
    values = ("category", *cells)
    return Behind(partial(bought, cells=cells), is_money=True, values=values, tables=_TABLES)


BEHIND = {
    "change_net_sales": Behind(changed, is_money=True, more=_ENDS),
    **{
        f"change_{name}": Behind(drivers, "those", more=("occasions",))
        for name in ("customers", "occasions", "basket", "mix")
    },
    "bought_category": _cell(),
    "bought_tier": _cell("tier_name"),
    "bought_region": _cell("region"),
    "bought_channel": _cell("channel"),
}
