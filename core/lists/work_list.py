"""What a work list is: its rows, its columns, how it is sorted, what it is called."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir

from core.i18n import translate
from core.view import View

PERSON = ("customer_id", "name")


@dataclass(frozen=True)
class WorkList:
    """One list: its columns in order, the tables without which it is empty, how it is sorted.

    ``build`` gives the rows of a view at a ledger day, ``notes`` what else a reader must know, in a
    language. Lists of people to call leave out those who do not want to be contacted. Where there
    are ``reasons``, ``build`` gives a date ``<reason>_on`` for each, and the list shows those that
    apply: their codes in the column ``reasons``, their dates in ``evidence_on``.
    """

    key: str
    build: Callable[[View, date], ir.Table]
    columns: tuple[str, ...]
    order: tuple[str, ...]  # the greatest first; ties by ``ids``
    ids: tuple[str, ...] = ("customer_id",)
    tables: tuple[str, ...] = ()
    is_call_list: bool = False
    reasons: tuple[str, ...] = ()
    notes: Callable[[View, date, str], list[str]] | None = None

    def title(self, language: str, is_on_margin: bool = True) -> str:
        """Return the name of the list; without margins some lists are called otherwise."""
        return _text(self.key, "title", language, is_on_margin)

    def about(self, language: str, is_on_margin: bool = True) -> str:
        """Return what stands in the list."""
        return _text(self.key, "about", language, is_on_margin)

    def headings(self, language: str) -> dict[str, str]:
        """Return the heading of each column."""
        return {name: translate(f"list.column.{name}", language) for name in self.columns}


def _text(key: str, part: str, language: str, is_on_margin: bool) -> str:
    if key == "negative-value" and not is_on_margin:
        part += "_net"
    return translate(f"list.{key}.{part}", language)
