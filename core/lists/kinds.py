"""Lists of customers by kind: those of the upper tiers who are slipping."""

from datetime import date

import ibis
import ibis.expr.types as ir

from core.figures.pyramid import customers_by_kind, why_no_kinds
from core.lists.work_list import PERSON, WorkList
from core.view import View

_SHOWN = ("tier_name", "branch", "manager", "is_active", "last_on")


def customers_of_kind(view: View, day: date, kind: str) -> ir.Table:
    """Return the customers of a kind with their value now and a year ago.

    Empty where the kinds cannot be told: ``why_no_kinds``.
    """
    year_ago = view.year_before(day)
    compared = day if year_ago is None else year_ago
    is_on_margin = view.is_on_margin(compared, day)
    found = customers_by_kind(view, day, compared, is_on_margin, _SHOWN)
    is_of_kind = found.kind == kind
    return found.filter(is_of_kind if why_no_kinds(view, day) is None else False)


def migrating(view: View, day: date) -> ir.Table:
    """Return the customers who are or were of an upper tier and are slipping.

    ``worth`` is the higher of their values now and a year ago.
    """
    found = customers_of_kind(view, day, "migrating")
    return found.mutate(worth=ibis.greatest(found.value, found.value_then))


def notes(view: View, day: date, language: str) -> list[str]:
    """Say why the kinds cannot be told, if so."""
    reason = why_no_kinds(view, day)
    return [reason.text(language)] if reason else []


LISTS = (
    WorkList(
        "migrating", migrating,
        (*PERSON, "tier_then", "tier_name", "branch", "manager", "value_then", "value",
         "is_overdue", "is_active", "last_on"),
        ("worth",), is_call_list=True, notes=notes,
    ),
)  # fmt: skip
