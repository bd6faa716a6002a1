"""The list of those who are expected to buy in the next days."""

from datetime import date

import ibis.expr.types as ir

from core.figures.expected import DAYS, expected_purchases
from core.lists import sources
from core.metrics.next_expected import expected_between
from core.view import View


def expected_list(view: View, day: date) -> ir.Table:
    """Return the customers expected to buy in the next 30 days."""
    found = expected_purchases(view, sources.lines(view, day), day)
    return expected_between(found, as_of=day, days=DAYS)
