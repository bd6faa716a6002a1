"""What is asked of a source of figures: at which day, since when, by which scope."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import ibis
import ibis.expr.types as ir

from core.figures.figure import Cell, Note
from core.metrics.repurchase import first_and_second
from core.periods import month_start, window_start
from core.view import View

MONTHS = 12  # that value and rates look back

Group = tuple[str | None, ...]  # () for the whole, else the value of the scope asked by
Cells = dict[Group, dict[str, Cell]]


@dataclass
class Asked:
    """One day of one view, with what several sources read."""

    view: View
    as_of: date
    opening: date | None  # ledger day from which movements are measured; null: there is none
    by: str | None = None
    within_days: tuple[int, ...] = ()
    basis_days: tuple[date, ...] = ()  # days on which value must be known as margin to be margin
    margins: dict[frozenset[date], bool] = field(default_factory=dict)
    known_lines: dict[tuple[date, bool], ir.Table] = field(default_factory=dict)

    @property
    def column(self) -> tuple[str, ...]:
        """Column of the lines that ``by`` stands for, if any."""
        if self.by is None:
            return ()
        return ("tier_name",) if self.by == "tier" else (self.by,)

    @property
    def opened_on(self) -> date:
        """The opening, of what is not asked where there is none.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.opening is None:
            raise ValueError("a movement needs an opening")
        return self.opening

    @property
    def is_ledger_day(self) -> bool:
        """Whether there are ledger lines at ``as_of``."""
        return self.as_of in self.view.days

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out or told apart."""
        return not self.view.scope and self.by is None

    @property
    def is_by_tier(self) -> bool:
        """Whether tiers of different days are held against each other."""
        return self.by == "tier" or "tier" in self.view.scope

    @property
    def first_on(self) -> date:
        """First day of the books."""
        return self.view.ledger.refresh.first_on

    def is_before_books(self, from_on: date) -> bool:
        """Whether a window from ``from_on`` begins in a month before the books do."""
        return from_on < month_start(self.first_on)

    @property
    def next_day(self) -> date:
        """First day after ``as_of``."""
        return self.as_of + timedelta(days=1)

    @property
    def year_ago(self) -> date | None:
        """The ledger day 12 months ago; null where there is none."""
        return self.view.year_before(self.as_of)

    def is_on_margin(self, *days: date) -> bool:
        """Whether value is margin: on all of ``days``, and on those it is compared with."""
        asked = frozenset(day for day in (*days, *self.basis_days) if day in self.view.days)
        if asked not in self.margins:
            self.margins[asked] = self.view.is_on_margin(*sorted(asked))
        return self.margins[asked]

    def all_lines(self, day: date, is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of ``day`` in every scope."""
        if (day, is_on_margin) not in self.known_lines:
            self.known_lines[day, is_on_margin] = self.view.all_lines(day, is_on_margin)
        return self.known_lines[day, is_on_margin]

    def lines(self, day: date, is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of ``day`` in scope."""
        rows = self.all_lines(day, is_on_margin)
        return rows.filter(rows.is_in_scope) if self.view.scope else rows

    @cached_property
    def occasions(self) -> ir.Table:
        """Occasions that stood at ``as_of``, in scope, with the column of ``by``."""
        found = self.view.occasions(self.as_of)
        if not self.column:
            return found
        lines = self.lines(self.as_of)
        return found.inner_join(lines.select("customer_key", *self.column), "customer_key")

    @cached_property
    def firsts(self) -> ir.Table:
        """First and second occasion of each customer: of the ledger where it has lines."""
        if self.is_ledger_day:
            return self.lines(self.as_of)
        found = first_and_second(self.view.occasions(self.as_of))
        return ibis.memtable(found.to_pyarrow())

    def scoped(self, rows: ir.Table) -> ir.Table:
        """Return rows with a ``customer_key`` of the customers in scope, with the column of ``by``.

        Customers without a ledger line at the day belong to the whole, and to no scope.
        """
        if self.is_whole:
            return rows
        lines = self.lines(self.as_of).select("customer_key", *self.column)
        if self.view.scope:
            return rows.inner_join(lines, "customer_key")
        return rows.left_join(lines, "customer_key").drop("customer_key_right")

    def rows(self, expression: ir.Table) -> list[tuple[Group, Mapping]]:
        """Return the rows of ``expression`` by the group that they are of."""
        found = expression.to_pyarrow().to_pylist()
        return [(tuple(row[name] for name in self.column), row) for row in found]

    def basis(self, is_on_margin: bool, *days: date) -> tuple[Note, ...]:
        """Say whether value is margin or net, and whether its windows lie within the books."""
        kind = Note("on_margin" if is_on_margin else "on_net")
        if self.is_before_books(window_start(min((*days, self.as_of)), MONTHS)):
            return (Note("short_window", {"first_on": self.first_on}), kind)
        return (kind,)
