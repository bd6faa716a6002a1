"""Who stands behind the figures of repurchase: who came again, when, and after what."""

from datetime import date
from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.figures.asked import MONTHS, Asked
from core.figures.expected import DAYS, expected_purchases
from core.metrics.next_expected import expected_between
from core.metrics.nth_gaps import nth_spells
from core.metrics.repurchase import buyers_of_two, old_enough
from core.periods import window_start

_DAYS = ("first_on", "second_on")
_EXPECTED = ("gap_days", "gap_basis", "expected_on")


def repeat(asked: Asked) -> ir.Table:
    """Return the buyers of 12 months; those who bought on two days or more are the share."""
    lines = asked.lines(asked.as_of)
    buyers = lines.filter(lines.occasions_12m >= 1)
    return buyers.select(
        "customer_key",
        "occasions_12m",
        base=_one(),
        counted=(buyers.occasions_12m >= 2).cast("float64"),
    )


def next_window(asked: Asked) -> ir.Table:
    """Return the buyers of the 12 months before last; who bought in the last 12 is the share."""
    buyers = buyers_of_two(
        asked.occasions,
        from_on=window_start(asked.as_of, 2 * MONTHS),
        next_from=window_start(asked.as_of, MONTHS),
        until=asked.next_day,
    )
    rows = buyers.filter(buyers.was_there)
    return rows.select("customer_key", base=_one(), counted=rows.is_there.cast("float64"))


def within(asked: Asked, *, days: int) -> ir.Table:
    """Return the first-time buyers whose days have passed; who came back in time is the share."""
    rows = old_enough(asked.firsts, as_of=asked.as_of, within_days=days)
    return rows.select("customer_key", *_DAYS, base=_one(), counted=rows.is_back.cast("float64"))


def gap(asked: Asked) -> ir.Table:
    """Return the first-time buyers with the days to their second purchase, if they came again."""
    rows = asked.firsts.filter(asked.firsts.first_on.notnull())
    days = rows.second_on.delta(rows.first_on, unit="day").cast("int64")
    return rows.select("customer_key", *_DAYS, gap_days=days, counted=ibis.null("float64"))


def nth(asked: Asked, k: str) -> ir.Table:
    """Return who bought k times; those who came for the next time are the share."""
    place = _number(k)
    spells = nth_spells(
        asked.lines(asked.as_of),
        asked.view.gaps(asked.as_of),
        as_of=asked.as_of,
        up_to=max(place, 1),
    )
    rows = spells.filter(spells.k == place)
    return rows.select(
        "customer_key", base=_one(), counted=rows.is_event.cast("float64"), gap_days="days"
    )


def expected(asked: Asked) -> ir.Table:
    """Return who is expected to buy in the next 30 days."""
    lines = asked.lines(asked.as_of)
    rows = expected_purchases(asked.view, lines, asked.as_of)
    soon = expected_between(rows, as_of=asked.as_of, days=DAYS)
    return soon.select("customer_key", *_EXPECTED, counted=_one())


def expected_in(asked: Asked, from_on: str, to_on: str) -> ir.Table:
    """Return who of them is expected on the days from one to another."""
    rows = expected(asked)
    return rows.filter(rows.expected_on.between(_day(from_on), _day(to_on)))


def _one() -> ir.FloatingScalar:
    return ibis.literal(1.0)


def _number(text: str) -> int:
    """Return a number of an address; 0, which nobody stands behind, where it is none."""
    return int(text) if text.isdecimal() and len(text) < 3 else 0


def _day(text: str) -> date:
    """Return a day of an address; one before all books where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


BEHIND = {
    "repeat_rate": Behind(repeat, "share", more=("occasions_12m",)),
    "next_window_rate": Behind(next_window, "share"),
    **{
        f"repurchase_within_{days}": Behind(partial(within, days=days), "share", more=_DAYS)
        for days in (30, 90, 180, 365)
    },
    "gap_median": Behind(gap, "those", more=(*_DAYS, "gap_days")),
    "nth_purchase": Behind(nth, "share", values=("k",), more=("gap_days",)),
}
EXPECTED = {
    "expected_next_30": Behind(expected, more=_EXPECTED),
    "expected_days": Behind(expected_in, values=("from_on", "to_on"), more=_EXPECTED),
}
