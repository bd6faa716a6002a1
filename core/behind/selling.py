"""Who bought: behind net sales, and behind their pace.

Sales without a customer are nobody's, so that rows need not add up to a figure of the whole: they
are the customers that it rests on.
"""

from datetime import date, timedelta
from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind, Rows
from core.figures.asked import MONTHS, Asked
from core.figures.pace import business_days
from core.metrics import to_date as pacing
from core.periods import plus_months, window_start


def of_year(asked: Asked) -> ir.Table:
    """Return who has anything booked in 12 months, whatever the scope."""
    return _booked(asked, window_start(asked.as_of, MONTHS), asked.as_of)


def of_period(asked: Asked) -> ir.Table:
    """Return who has anything booked since the opening."""
    since = asked.opened_on + timedelta(days=1)
    return _booked(asked, since, asked.as_of)


def of_month(asked: Asked, *, stretch: str) -> ir.Table:
    """Return who has anything booked in the month so far, or in last year's as many days."""
    from_on = asked.as_of.replace(day=1)
    sold = business_days(asked.view, plus_months(from_on, -12), asked.as_of)
    chosen = pacing.compared(sold, "month", as_of=asked.as_of)[stretch]
    return _booked(asked, chosen.from_on, chosen.to_on)


def lapsed(asked: Asked) -> ir.Table:
    """Return who is not active, with the value that they brought within 12 months."""
    lines = asked.lines(asked.as_of, asked.is_on_margin(asked.as_of))
    rows = lines.filter(~lines.is_active & (lines.value != 0))
    return rows.select("customer_key", counted=rows.value.cast("float64"))


def _booked(asked: Asked, since: date, until: date) -> ir.Table:
    rows = asked.scoped(asked.view.entries(until, since=since))
    rows = rows.filter(rows.customer_key.notnull())
    net = (rows.gross - rows.returned).sum().cast("float64")
    return rows.group_by("customer_key").agg(net=net).mutate(counted=ibis.null("float64"))


def _those(rows: Rows) -> Behind:
    return Behind(rows, "those", more=("net",))


BEHIND = {
    "net_sales_12m": _those(of_year),
    "net_sales": _those(of_period),
    "net_to_date": _those(partial(of_month, stretch="now")),
    "net_to_date_last_year": _those(partial(of_month, stretch="last_year")),
    "pace_net": _those(partial(of_month, stretch="now")),
    "bridge_value_lapsed": Behind(lapsed, is_money=True),
}
