"""Figures of how customers come: waiting and punctuality, channels, membership."""

from collections.abc import Mapping

import ibis.expr.types as ir

from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.figures.people import purchases_of
from core.metrics import channels, membership
from core.metrics.intervals import wilson
from core.metrics.waiting import appointments_due
from core.metrics.waiting import waiting as waiting_times
from core.periods import window_start

_MINUTES = ("wait_minutes", "wait_minutes_p90", "service_minutes", "service_minutes_p90")


def waiting(asked: Asked) -> Cells:
    """How long appointments of the last 12 months waited and lasted, and how many were missed."""
    target = asked.view.definitions.waiting_target_minutes
    rows = waiting_times(due_appointments(asked), target_minutes=target, by=asked.column)
    return {group: _waiting(row) for group, row in asked.rows(rows)}


def due_appointments(asked: Asked) -> ir.Table:
    """Return the appointments of customers in scope that were due in the last 12 months."""
    return appointments_due(
        asked.scoped(asked.view.ledger.table("appointments")),
        since=window_start(asked.as_of, MONTHS),
        as_of=asked.as_of,
    )


def _waiting(row: Mapping) -> dict[str, Cell]:
    counted = {"wait": row["started"], "service": row["served"]}
    cells = {}
    for key in _MINUTES:
        n = counted[key.split("_")[0]]
        cells[key] = Cell(row[key], n) if n else unknown("no_times_known", 0)
    for key, part, whole in (
        ("on_time_share", "on_time", "started"),
        ("missed_rate", "missed", "appointments"),
    ):
        k, n = row[part], row[whole]
        reason = "no_times_known" if key == "on_time_share" else "no_appointments"
        cells[key] = Cell(k / n, n, *wilson(k, n)) if n else unknown(reason, 0)
    return cells


def channel_use(asked: Asked) -> Cells:
    """Who still comes to a branch, and who uses several channels."""
    basis = asked.basis(asked.is_on_margin(asked.as_of))
    rows = channels.channel_figures(used_channels(asked), by=asked.column)
    return {group: _channels(row, basis) for group, row in asked.rows(rows)}


def used_channels(asked: Asked) -> ir.Table:
    """Return ``channels.channel_use`` of the active customers in scope."""
    ledger, as_of = asked.view.ledger, asked.as_of
    since = window_start(as_of, MONTHS)
    kept = None
    if ledger.has("appointments"):
        kept = appointments_due(ledger.table("appointments"), since=since, as_of=as_of)
    return channels.channel_use(
        asked.view.own_lines(as_of, asked.column, asked.is_on_margin(as_of)),
        purchases_of(asked.view, as_of),
        kept,
        branch_channels=asked.view.definitions.branch_channels,
        by=asked.column,
    )


def _channels(row: Mapping, basis: tuple[Note, ...]) -> dict[str, Cell]:
    active, buyers, multi = row["active"], row["buyers"], row["multi"]
    nobody = unknown("no_channel_named" if active else "nobody", active)
    visits = nobody
    if row["branch_visit_rate"] is not None:
        visits = Cell(row["branch_visit_rate"], active, *wilson(row["visitors"], active))
    share = Cell(multi / buyers, buyers, *wilson(multi, buyers)) if buyers else nobody
    values = {
        "multi_channel_value": (row["multi_value"], multi),
        "single_channel_value": (row["single_value"], buyers - multi),
    }
    money = {
        key: Cell(value, n, note=basis) if n else (unknown("nobody", 0) if buyers else nobody)
        for key, (value, n) in values.items()
    }
    return {"branch_visit_rate": visits, "multi_channel_share": share} | money


def members(asked: Asked) -> Cells:
    """How many active customers are members, and what share of value they bring."""
    is_on_margin = asked.is_on_margin(asked.as_of)
    lines = asked.lines(asked.as_of, is_on_margin)
    # Who brought no levels cannot tell; a scope without a member can.
    if not asked.all_lines(asked.as_of).membership.count().to_pyarrow().as_py():
        nothing = unknown("no_membership")
        return {(): {"member_share": nothing, "member_value_share": nothing}}
    levelled = membership.with_level(lines, not_a_member=asked.view.definitions.not_a_member)
    rows = membership.member_share(levelled, by=asked.column)
    basis = asked.basis(is_on_margin)
    return {group: _members(row, basis) for group, row in asked.rows(rows)}


def _members(row: Mapping, basis: tuple[Note, ...]) -> dict[str, Cell]:
    n, k = row["active"], row["members"]
    value_share = unknown("value_not_above_zero" if n else "nobody", n)
    if row["value_share"] is not None:
        value_share = Cell(row["value_share"], n, note=basis)
    return {
        "member_share": Cell(k / n, n, *wilson(k, n)) if n else unknown("nobody", 0),
        "member_value_share": value_share,
    }


_APPOINTMENTS = ("appointments",)
FIGURES: tuple[FigureDefinition, ...] = (
    *(FigureDefinition(key, waiting, "minutes", "down", tables=_APPOINTMENTS) for key in _MINUTES),
    FigureDefinition("on_time_share", waiting, "rate", "up", tables=_APPOINTMENTS),
    FigureDefinition("missed_rate", waiting, "rate", "down", tables=_APPOINTMENTS),
    FigureDefinition("branch_visit_rate", channel_use, "rate", "none"),
    FigureDefinition("multi_channel_share", channel_use, "rate", "none"),
    FigureDefinition("multi_channel_value", channel_use, "money", "none", is_mean=True),
    FigureDefinition("single_channel_value", channel_use, "money", "none", is_mean=True),
    FigureDefinition("member_share", members, "rate", "up", "day"),
    FigureDefinition("member_value_share", members, "rate", "none"),
)
