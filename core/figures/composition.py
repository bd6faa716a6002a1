"""Figures of what drove the change of net sales between two years."""

from core.figures.asked import Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note
from core.metrics.drivers import FACTORS, buying, change_of_all, change_parts

CELLS = ("region", "channel")  # of the customer; their shares are the mix
_REFERENCE = "Sun (1998); Ang, Huang and Mu (2009)"


def change(asked: Asked) -> Cells:
    """Change of net sales over 12 months, by customers, occasions, basket and mix."""
    if (year_ago := asked.year_ago) is None:
        return {}
    cells = tuple(name for name in CELLS if name not in asked.column)
    then, now = (
        buying(asked.lines(day), by=(*asked.column, *cells)) for day in (year_ago, asked.as_of)
    )
    parts = change_parts(then, now, cells=cells, by=asked.column)
    since = (Note("since", {"day": year_ago}),)
    return {
        group: {"change_net_sales": Cell(row["change"], row["customers_now"], note=since)}
        | {
            f"change_{name}": Cell(row[f"change_{name}"], row["customers_now"], note=since)
            for name in FACTORS
        }
        for group, row in asked.rows(change_of_all(parts, by=asked.column))
    }


FIGURES = (
    FigureDefinition("change_net_sales", change, "money", "up", "24 months", is_yearly=True),
    *(
        FigureDefinition(
            f"change_{name}", change, "money", "up", "24 months", is_yearly=True,
            reference=_REFERENCE,
        )
        for name in ("customers", "occasions", "basket")
    ),
    FigureDefinition(
        "change_mix", change, "money", "up", "24 months", is_yearly=True,
        tables=("orders", "customer_attributes"), reference=_REFERENCE,
    ),
)  # fmt: skip
