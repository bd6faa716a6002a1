"""What was recorded here, as facts: contacts, promises, causes of loss, refusals, events, targets.

It joins the facts of the books when they are read, so that figures know it at once.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.schema import TABLES
from core.store.record import Record
from core.store.records import (
    Case,
    Contact,
    Event,
    Member,
    Promise,
    Refusal,
    SetTarget,
    Wave,
)

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
OURS = "desk:"  # before the ids, so that they are never those of the company

Row = dict[str, Any]
EVENTS = pa.schema(
    [
        ("happened_on", pa.date32()),
        ("until", pa.date32()),
        ("kind", pa.string()),
        ("title", pa.string()),
        ("scope", pa.string()),  # JSON: scope -> value
    ]
)
TARGETS = pa.schema(
    [("key", pa.string()), ("period", pa.string()), ("value", pa.float64()), ("scope", pa.string())]
)


def recorded(session: Session, until: datetime | None = None) -> dict[str, pa.Table]:
    """Return what stands, as tables in the columns of the facts.

    Parameters
    ----------
    until
        Moment (UTC) after which nothing was known yet: what was recorded later is left out.

    Returns
    -------
    ``contacts``, ``promises``, ``departures``, ``refusals`` and ``held_out`` (controls of open
    waves; both only ``customer_key``), ``events`` and ``targets``, each only where there is
    something. A promise that stands for an imported one has its id.
    """
    found = {
        "contacts": _rows(session, Contact, until, _contact),
        "promises": _rows(session, Promise, until, _promise),
        "departures": _rows(session, Case, until, _departure),
    }
    tables = {
        name: pa.Table.from_pylist(rows, schema=TABLES[name].fact_schema())
        for name, rows in found.items()
        if rows
    }
    for name, kind, row, schema in (
        ("events", Event, _event, EVENTS), ("targets", SetTarget, _set_target, TARGETS)
    ):  # fmt: skip
        if rows := _rows(session, kind, until, row):
            tables[name] = pa.Table.from_pylist(rows, schema=schema)
    refused = _rows(session, Refusal, until, lambda each: {"customer_key": each.customer_key})
    for name, keys in (
        ("refusals", sorted({row["customer_key"] for row in refused})),
        ("held_out", list(session.scalars(_held_out(until)))),
    ):
        if keys:
            tables[name] = pa.table({"customer_key": pa.array(keys, pa.int64())})
    return tables


def _held_out(until: datetime | None) -> Select[int]:
    """Select the controls of open waves: nobody calls them, or the wave measures nothing."""
    chosen = (
        select(Member.customer_key)
        .join(Wave, Wave.id == Member.wave_id)
        .where(Member.arm == "control", Wave.state == "open")
        .distinct()
        .order_by(Member.customer_key)
    )
    return chosen if until is None else chosen.where(Wave.created_at <= until)


def _rows(
    session: Session, kind: type[Record], until: datetime | None,
    row: Callable[[Any], Mapping[str, Any] | None],
) -> list[Row]:  # fmt: skip
    chosen = select(kind).order_by(kind.id)
    if until is not None:
        chosen = chosen.where(kind.created_at <= until)
    every: Iterable[Any] = session.scalars(chosen)
    stands = (each for each in every if getattr(each, "state", "stands") == "stands")
    return [dict(made) for each in stands if (made := row(each)) is not None]


def _contact(each: Contact) -> Row:
    return {
        "contact_id": OURS + each.id,
        "customer_key": each.customer_key,
        "employee_id": each.employee_id or None,
        "contacted_at": each.contacted_at,
        "planned_on": None,
        "channel": each.channel,
        "purpose": each.purpose or None,
        "is_reached": each.is_reached,
        "has_learned": bool(each.learned),
        "has_opportunity": bool(each.opportunity),
        "has_content": bool(each.learned or each.opportunity or each.next_step),
    }


def _promise(each: Promise) -> Row:
    return {
        "promise_id": each.replaces or OURS + each.id,
        "customer_key": each.customer_key,
        "employee_id": each.employee_id or None,
        "kind": each.kind or None,
        "promised_on": each.promised_on,
        "due_on": each.due_on,
        "kept_on": each.kept_on,
        "renegotiated_on": each.renegotiated_on,
    }


def _departure(each: Case) -> Row | None:
    if not each.cause or each.cause_on is None:
        return None
    return {
        "departure_id": OURS + each.id,
        "customer_key": each.customer_key,
        "stated_on": each.cause_on,
        "cause": each.cause,
        "evidence": each.evidence or "none",
    }


def _event(each: Event) -> Row:
    return {
        "happened_on": each.happened_on,
        "until": each.until,
        "kind": each.kind,
        "title": each.title,
        "scope": json.dumps(each.scope),
    }


def _set_target(each: SetTarget) -> Row:
    scope = json.dumps(each.scope)
    return {"key": each.key, "period": each.period, "value": each.value, "scope": scope}


def until_day(tables: Mapping[str, pa.Table], day: date) -> dict[str, pa.Table]:
    """Return the tables with what is dated after ``day`` dated on it; dates to come stay."""
    return {name: _until(rows, day) for name, rows in tables.items()}


_DATED = (
    "contacted_at", "promised_on", "kept_on", "renegotiated_on", "stated_on", "happened_on",
)  # fmt: skip


def _until(rows: pa.Table, day: date) -> pa.Table:
    for name in set(_DATED) & set(rows.column_names):
        place, field = rows.schema.get_field_index(name), rows.schema.field(name)
        end: date = day
        if pa.types.is_timestamp(field.type):
            end = datetime.combine(day, time(23, 59, 59))
        limit = pa.scalar(end, field.type)
        # Null stays null: what has not happened has no day.
        is_after = pc.greater(rows[name], limit)
        rows = rows.set_column(place, field, pc.if_else(is_after, limit, rows[name]))
    return rows
