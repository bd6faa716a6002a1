"""Computes once what several columns of a staged table are made of.

An Ibis expression that is used three times is written three times into the SQL, and DuckDB then
computes it three times inside a CASE; nested, that grew a mapping of six columns to 33,000
characters and 16 seconds. Here such values become columns of views on top of one another, which
Ibis cannot look through.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from uuid import uuid4

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core.ingest.tables import PREFIX


@dataclass
class Layers:
    """Views over the records of a reading, each adding columns to the one below.

    Whatever makes expressions is run again and again. In every round ``column`` hands out the
    columns that exist already, and notes an expression whose own parts all exist; ``grow`` makes
    the next view of what was noted. When nothing was noted, the expressions are short.
    """

    con: Backend
    table: ir.Table
    is_growing: bool = True
    missing: int = 0  # how often a column was asked for that does not exist yet
    _columns: dict[Hashable, str] = field(default_factory=dict)
    _noted: dict[Hashable, ir.Value] = field(default_factory=dict)
    _views: list[str] = field(default_factory=list)
    _kept: ir.BooleanValue | None = None

    @property
    def kept(self) -> ir.Table:
        """The records that the mapping does not leave out."""
        return self.table if self._kept is None else self.table.filter(self._kept)

    def keep(self, condition: ir.BooleanValue | None) -> None:
        """Leave out the records that do not fulfil ``condition``."""
        self._kept = condition

    def column(self, key: Hashable, expr: ir.Value, since: int) -> ir.Value:
        """Return the column that stands for ``key``, or ``expr`` as long as there is none.

        Parameters
        ----------
        key
            What the expression means.
        expr
            The expression.
        since
            ``missing`` as it was before the parts of the expression were made.
        """
        if key in self._columns:
            return self.table[self._columns[key]]
        if self.missing == since:
            self._noted[key] = expr
        self.missing += 1
        return expr

    def grow(self) -> bool:
        """Make the next view of what was noted; return whether there was anything."""
        if not self._noted:
            self.is_growing = False
            return False
        new = {}
        for key, expr in self._noted.items():
            self._columns[key] = f"_m{len(self._columns)}"
            new[self._columns[key]] = expr
        name = f"{PREFIX}layer_{uuid4().hex[:10]}"
        self.con.con.execute(f"create view {name} as {self.con.compile(self.table.mutate(**new))}")
        self._views.append(name)
        self.table = self.con.table(name)
        self._noted = {}
        return True

    def drop(self) -> None:
        """Drop the views, the uppermost first."""
        for name in reversed(self._views):
            self.con.con.execute(f"drop view {name}")
        self._views = []
