"""What a breakdown is: a figure told apart into rows: a matrix, a curve, a table by cause."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from core.figures.figure import Note
from core.i18n import translate
from core.view import View


@dataclass(frozen=True)
class Period:
    """The days that a breakdown looks at: a ledger day, and the one it is compared with."""

    as_of: date
    opening: date | None  # what the reader compares with, else three ledger days before; or none


Build = Callable[[View, Period], ir.Table | pa.Table]
Notes = Callable[[View, Period], tuple[Note, ...]]


@dataclass(frozen=True)
class Breakdown:
    """One breakdown.

    Attributes
    ----------
    key
        Its name on the command line, and in the texts ``breakdown.<key>.{title,about,edges}``.
    build
        Gives its rows.
    columns
        Its columns in order; their headings are ``list.column.<column>``.
    order
        Columns that it is sorted by, rising, nulls last; "-" before a name: falling. Empty: as
        built.
    tables
        Tables without which there is nothing to show.
    notes
        What a reader must know of it: why a column is null, on what it rests.
    reference
        Paper or book that it comes from; empty where it is the product's own.
    """

    key: str
    build: Build
    columns: tuple[str, ...]
    order: tuple[str, ...] = ()
    tables: tuple[str, ...] = ("orders",)
    notes: Notes | None = None
    reference: str = ""

    def title(self, language: str) -> str:
        """Return the name of the breakdown."""
        return translate(f"breakdown.{self.key}.title", language)

    def about(self, language: str) -> str:
        """Return what stands in it."""
        return translate(f"breakdown.{self.key}.about", language)

    def edges(self, language: str) -> str:
        """Return how its edge cases are decided."""
        return translate(f"breakdown.{self.key}.edges", language)

    def headings(self, language: str) -> dict[str, str]:
        """Return the heading of each column."""
        return {name: translate(f"list.column.{name}", language) for name in self.columns}
