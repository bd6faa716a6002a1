"""How customers come, told apart: waiting by branch, hour and service; the mix of channels."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.evidence import brought
from core.figures.figure import Note
from core.figures.people import purchases_of
from core.metrics import channels
from core.metrics.waiting import appointments_due
from core.metrics.waiting import waiting as waiting_times
from core.periods import month_start, window_start
from core.view import View

MONTHS = 12
_WAITING = (
    "appointments", "started", "wait_minutes", "wait_minutes_p90", "on_time_share",
    "service_minutes", "service_minutes_p90", "missed", "missed_rate",
)  # fmt: skip
_MIX = (
    "channel", "occasions", "occasion_share", "occasion_share_before", "customers", "contacts",
    "contact_share", "contact_share_before",
)  # fmt: skip


def waiting(view: View, period: Period) -> ir.Table:
    """Return waiting and punctuality by branch, by hour and by service."""
    rows = _scoped(view, view.ledger.table("appointments"), period)
    since = window_start(period.as_of, MONTHS)
    due = appointments_due(rows, since=since, as_of=period.as_of)
    due = due.mutate(hour=due.hour.cast("string").lpad(2, "0"))
    found = []
    for place, name in enumerate(("branch", "hour", "service")):
        sums = waiting_times(
            due, target_minutes=view.definitions.waiting_target_minutes, by=(name,)
        )
        told = sums.rename(group=name).mutate(
            _place=ibis.literal(place), told_by=ibis.literal(name)
        )
        found.append(told.select("_place", "told_by", "group", *_WAITING))
    both = ibis.union(*found)
    return both.filter(both.appointments > 0)


def mix(view: View, period: Period) -> ir.Table:
    """Return the share of occasions and contacts of each channel, beside those a year before."""
    since = window_start(period.as_of, MONTHS)
    parts = [_occasions(view, period, period.as_of)]
    made = brought(view, "contacts")
    if made is not None:
        parts.append(_contacts(view, period, made, period.as_of))
    if window_start(since - timedelta(days=1), MONTHS) >= month_start(view.ledger.refresh.first_on):
        day = since - timedelta(days=1)
        earlier = [_occasions(view, period, day)]
        if made is not None:
            earlier.append(_contacts(view, period, made, day))
        parts += [_before(part) for part in earlier]
    both = ibis.union(*[_whole(part) for part in parts])
    sums = {
        name: both[name].sum().cast("float64" if "share" in name else "int64") for name in _MIX[1:]
    }
    return both.group_by("channel").agg(**sums)


def _occasions(view: View, period: Period, day: date) -> ir.Table:
    return channels.occasions_by_channel(_scoped(view, purchases_of(view, day), period))


def _contacts(view: View, period: Period, made: ir.Table, day: date) -> ir.Table:
    on = made.contacted_at.cast("date")
    rows = made.filter((on >= window_start(day, MONTHS)) & (on <= day))
    return channels.contacts_by_channel(_scoped(view, rows, period))


def _before(part: ir.Table) -> ir.Table:
    shares = [name for name in part.columns if name.endswith("_share")]
    return part.select("channel", **{f"{name}_before": part[name] for name in shares})


def _whole(part: ir.Table) -> ir.Table:
    """Give a part the columns of the others, null."""
    blank = {
        name: ibis.null("float64" if "share" in name else "int64")
        for name in _MIX
        if name not in part.columns
    }
    return part.mutate(**blank).select(*_MIX)


def _scoped(view: View, rows: ir.Table, period: Period) -> ir.Table:
    """Return the rows of customers in scope."""
    return rows.semi_join(view.lines(period.as_of), "customer_key") if view.scope else rows


def _target(view: View, period: Period) -> tuple[Note, ...]:
    return (Note("waiting_target", {"minutes": view.definitions.waiting_target_minutes}),)


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "waiting", waiting, ("told_by", "group", *_WAITING), ("_place", "group"),
        tables=("appointments",), notes=_target,
    ),
    Breakdown("channel-mix", mix, _MIX, ("-occasions", "-contacts", "channel")),
)  # fmt: skip
