"""What the rules of sentences look at: two days of a view, and its figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import ibis.expr.types as ir

from core.figures import Figure
from core.figures.asked import Asked
from core.figures.composition import CELLS
from core.figures.computing import asked_at
from core.figures.losses import lost_since
from core.figures.tiers import no_year_before
from core.metrics.drivers import buying, change_parts
from core.view import View

# What the rules read of the figures of the period.
READ = (
    "active_customers", "value", "churn", "bridge_opening", "bridge_lost", "bridge_value_opening",
    "bridge_value_lost", "nps",
)  # fmt: skip


@dataclass(frozen=True)
class Base:
    """The customer base that a sentence is weighed against."""

    opened: int  # active at the opening
    lost: int  # of them, since
    value: float  # of those active at the opening
    active: int  # now

    @classmethod
    def of(cls, seen: "Seen") -> "Base":
        """Return the base of what is seen."""
        return cls(
            int(seen.number("bridge_opening")), int(seen.number("bridge_lost")),
            seen.number("bridge_value_opening"), int(seen.number("active_customers")),
        )  # fmt: skip

    def share_of_value(self, money: float) -> float:
        """Return money as a share of the value at the opening; 0 where that is not above 0."""
        return money / self.value if self.value > 0 else 0.0


@dataclass
class Seen:
    """A view at a day, held against an earlier one."""

    view: View
    as_of: date
    opening: date
    figures: dict[str, Figure]

    @classmethod
    def of(cls, view: View, as_of: date, opening: date, found: Iterable[Figure]) -> "Seen":
        """Return what there is to see, with the figures of ``READ`` at both days."""
        return cls(view, as_of, opening, {figure.key: figure for figure in found})

    @cached_property
    def asked(self) -> Asked:
        """What sources of figures are asked."""
        return asked_at(self.view, self.as_of, self.opening)

    @cached_property
    def is_on_margin(self) -> bool:
        """Whether value is margin at both days."""
        return self.asked.is_on_margin(self.opening, self.as_of)

    @property
    def tau(self) -> timedelta:
        """The longest silence after which a customer counts as lost."""
        definitions = self.view.definitions
        days = max([definitions.lapse_after_days, *definitions.lapse_by_segment.values()])
        return timedelta(days=days)

    @property
    def settled_from(self) -> date:
        """First day from which new customers can be told from those who returned."""
        return self.view.ledger.refresh.first_on + self.tau

    def has(self, *tables: str) -> bool:
        """Whether the company brought all of ``tables``."""
        return all(self.view.ledger.has(table) for table in tables)

    def number(self, key: str) -> float:
        """Return a figure; 0 where it is not known."""
        found = self.figures.get(key)
        return float(found.value or 0) if found else 0.0

    def was(self, key: str) -> float | None:
        """Return a figure as it was at the opening; of movements, in the period before."""
        found = self.figures.get(key)
        return None if found is None or found.was is None else float(found.was)

    @cached_property
    def change_parts(self) -> list[dict]:
        """What changed net sales against 12 months before, by region and channel of customers.

        Rows of ``drivers.change_parts``; empty where the period is another, or cannot be told.
        """
        view = self.view
        if self.opening != view.year_before(self.as_of) or no_year_before(view, self.as_of):
            return []
        then, now = (buying(view.lines(day), by=CELLS) for day in (self.opening, self.as_of))
        parts = change_parts(then, now, cells=CELLS)
        return parts.order_by(*CELLS).to_pyarrow().to_pylist()

    @cached_property
    def opened(self) -> ir.Table:
        """The customers active at the opening in scope: ``customer_key``, ``value``."""
        lines = self.view.lines(self.opening, self.is_on_margin)
        return lines.filter(lines.is_active).select("customer_key", "value")

    @cached_property
    def lost(self) -> ir.Table:
        """Who was lost since the opening: ``losses.lost_since``."""
        return lost_since(self.view, self.opening, self.as_of, self.is_on_margin)

    def fates(self, customers: ir.Table) -> ir.Table:
        """Return those of some customers who were active at the opening, and who of them was lost.

        One row per row of ``customers``: its columns, ``value_then`` and ``is_lost``.
        """
        opened = self.opened.select(_opened="customer_key", value_then="value")
        lost = self.lost.select(_lost="customer_key")
        rows = customers.inner_join(opened, customers.customer_key == opened["_opened"])
        rows = rows.left_join(lost, rows.customer_key == lost["_lost"])
        return rows.mutate(is_lost=rows["_lost"].notnull()).drop("_opened", "_lost")

    def in_scope(self, rows: ir.Table) -> ir.Table:
        """Return rows of customers in scope."""
        return self.asked.scoped(rows)
