"""Events of care: contacts, complaints, surveys, promises, appointments, key dates."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.card.event import Event, at
from core.card.one import OneCustomer

_MINUTE = timedelta(minutes=1)


def contacts(one: OneCustomer, day: date) -> Iterator[Event]:
    """Contacts that took place, and planned ones that had not by ``day``."""
    texts = one.texts("contacts", "content")
    for row in one.rows("contacts"):
        details = {name: row[name] for name in ("channel", "purpose", "employee_id")}
        if row["contacted_at"] is None or row["contacted_at"].date() > day:
            if row["planned_on"] and row["planned_on"] <= day:
                yield Event(at(row["planned_on"]), "contacts", "not_contacted", details=details)
            continue
        what = "not_reached" if row["is_reached"] is False else "contacted"
        if row["has_opportunity"]:
            details["finding"] = "opportunity"
        elif row["has_learned"]:
            details["finding"] = "learned"
        text = texts.get(row["contact_id"])
        yield Event(row["contacted_at"], "contacts", what, details=details, text=text)


def complaints(one: OneCustomer, day: date) -> Iterator[Event]:
    """Complaints: opened, answered, resolved, opened again."""
    texts = one.texts("complaints", "text")
    for row in one.rows("complaints"):
        details = {name: row[name] for name in ("category", "cause", "product_id", "branch")}
        text = texts.get(row["complaint_id"])
        yield Event(row["opened_at"], "complaints", "complained", details=details, text=text)
        about = {"on": row["opened_at"].date()}
        steps = (("first_response_at", "answered"), ("reopened_at", "reopened"))
        for column, what in steps:
            if row[column]:
                yield Event(row[column], "complaints", what, about)
        if row["resolved_at"]:
            details = {"compensation": row["compensation"]}
            yield Event(row["resolved_at"], "complaints", "resolved", about, details)


def surveys(one: OneCustomer, day: date) -> Iterator[Event]:
    """Answers to surveys; a question without an answer is no event."""
    texts = one.texts("surveys", "comment")
    for row in one.rows("surveys"):
        if row["answered_at"] is None:
            continue
        values = {name: row[name] for name in ("instrument", "score", "scale_min", "scale_max")}
        details = {"employee_id": row["employee_id"]}
        text = texts.get(row["survey_id"])
        what = "survey_answered" if row["score"] is not None else "survey_unscored"
        yield Event(row["answered_at"], "surveys", what, values, details, text)


def promises(one: OneCustomer, day: date) -> Iterator[Event]:
    """Promises: made, moved, kept in time or late, broken on the day they were due."""
    texts = one.texts("promises", "what")
    for row in one.rows("promises"):
        text = texts.get(row["promise_id"])
        details = {"kind": row["kind"], "employee_id": row["employee_id"]}
        due = {"due_on": row["due_on"]}
        yield Event(at(row["promised_on"]), "promises", "promised", due, details, text)
        if row["renegotiated_on"]:
            yield Event(at(row["renegotiated_on"]), "promises", "promise_moved", due, text=text)
        kept_on = row["kept_on"]
        if kept_on and kept_on <= row["due_on"]:
            yield Event(at(kept_on), "promises", "promise_kept", due, text=text)
            continue
        yield Event(at(row["due_on"]), "promises", "promise_broken", due, text=text)
        if kept_on:
            yield Event(at(kept_on), "promises", "promise_late", due, text=text)


def appointments(one: OneCustomer, day: date) -> Iterator[Event]:
    """Appointments, on the day they were for."""
    for row in one.rows("appointments"):
        details = {name: row[name] for name in ("service", "branch", "employee_id")}
        if row["status"] == "kept" and row["started_at"]:
            waited = max((row["started_at"] - row["scheduled_at"]) // _MINUTE, 0)
            details["waited_minutes"] = waited
        what = f"appointment_{row['status'] or 'open'}"
        yield Event(row["scheduled_at"], "appointments", what, details=details)


def key_dates(one: OneCustomer, day: date) -> Iterator[Event]:
    """Key dates that have come."""
    for row in one.rows("key_dates"):
        if row["known_on"] is None or row["known_on"] <= day:
            values = {"date_kind": row["kind"]}
            details = {"product_id": row["product_id"], "value": row["value"]}
            yield Event(at(row["due_on"]), "key_dates", "key_date", values, details)
