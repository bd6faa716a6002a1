"""Everything that happened between a customer and the company, as it was known at a day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from core.card.event import KINDS, Event, Line, at
from core.card.events_care import (
    appointments,
    complaints,
    contacts,
    key_dates,
    promises,
    surveys,
)
from core.card.one import OneCustomer
from core.card.people import named, relations

SOURCES = (contacts, complaints, surveys, promises, appointments, key_dates)


def timeline(one: OneCustomer, day: date) -> tuple[Event, ...]:
    """Return what happened up to the end of ``day``, the newest first.

    Events of the same moment are in the order of ``KINDS``. Facts dated after ``day`` are left out,
    and so is what became of earlier ones after it.
    """
    found = [event for source in (*SOURCES, *_OWN) for event in source(one, day)]
    found = [event for event in found if event.on <= day]
    found.sort(key=lambda event: (KINDS.index(event.kind), event.what))
    found.sort(key=lambda event: event.at, reverse=True)
    return tuple(_with_names(one, found))


def _orders(one: OneCustomer, day: date) -> Iterator[Event]:
    rows = [row for row in one.rows("orders") if row["ordered_at"].date() <= day]
    lines: dict[str, list[dict]] = {}
    for row in one.rows("order_lines"):
        lines.setdefault(row["order_id"], []).append(row)
    for row in rows:
        values = {"amount": row["amount"], "currency": row["currency"]}
        details = {name: row[name] for name in ("branch", "channel", "promotion_id", "employee_id")}
        what = "ordered" if row["amount"] > 0 else "ordered_free"
        products = _products(lines.get(row["order_id"], []))
        yield Event(row["ordered_at"], "purchases", what, values, details, lines=products)
        if row["cancelled_at"]:
            values = {**values, "on": row["ordered_at"].date()}
            yield Event(row["cancelled_at"], "purchases", "cancelled", values)


def _products(lines: Sequence[dict]) -> tuple[Line, ...]:
    """Return what an order consists of, each product once, the dearest first."""
    amounts: Counter[str] = Counter()
    quantities: dict[str, float | None] = {}
    for line in lines:
        if (product := line["product_id"]) is None:
            continue
        amounts[product] += line["amount"]
        before, more = quantities.get(product, 0.0), line["quantity"]
        quantities[product] = None if before is None or more is None else before + more
    return tuple(Line(product, quantities[product]) for product, _ in amounts.most_common())


def _refunds(one: OneCustomer, day: date) -> Iterator[Event]:
    bought = {row["order_id"]: row["ordered_at"].date() for row in one.rows("orders")}
    for row in one.rows("refunds"):
        values = {"amount": row["amount"], "currency": None}
        details = {
            "product_id": row["product_id"], "reason": row["reason"],
            "bought_on": bought.get(row["order_id"]),
        }  # fmt: skip
        yield Event(row["refunded_at"], "purchases", "refunded", values, details)


def _contracts(one: OneCustomer, day: date) -> Iterator[Event]:
    for row in one.rows("contracts"):
        details = {"product_id": row["product_id"], "monthly_value": row["monthly_value"]}
        yield Event(at(row["started_on"]), "contracts", "contract_started", details=details)
        if row["ended_on"]:
            what = "contract_renewed" if row["is_renewed"] else "contract_ended"
            details = {"product_id": row["product_id"], "reason": row["end_cause"]}
            yield Event(at(row["ended_on"]), "contracts", what, details=details)


def _attributes(one: OneCustomer, day: date) -> Iterator[Event]:
    """Moves from one value to another; the first value known is no move."""
    by_name: dict[str, list[dict]] = {}
    for row in one.rows("customer_attributes"):
        by_name.setdefault(row["attribute"], []).append(row)
    for name, rows in by_name.items():
        rows.sort(key=lambda row: row["valid_from"])
        for before, row in pairwise(rows):
            if row["value"] != before["value"]:
                values = {"attribute": name, "before": before["value"], "after": row["value"]}
                yield Event(at(row["valid_from"]), "attributes", "moved", values)
        last = rows[-1]
        if last["valid_to"]:
            values = {"attribute": name, "before": last["value"], "after": None}
            yield Event(at(last["valid_to"]), "attributes", "moved", values)


def _merges(one: OneCustomer, day: date) -> Iterator[Event]:
    if not one.merged:
        return
    merges = one.table("customer_merges")
    rows = merges.filter(merges.customer_key.isin(one.keys)).to_pyarrow().to_pylist()
    known = named(one, [row["customer_key"] for row in rows])
    for row in rows:
        if row["merged_on"]:
            values = {"customer": known.get(row["customer_key"], (None, None))[0]}
            yield Event(at(row["merged_on"]), "others", "merged", values)


def _departures(one: OneCustomer, day: date) -> Iterator[Event]:
    texts = one.texts("departures", "note")
    for row in one.rows("departures"):
        values = {"cause": row["cause"]}
        details = {"evidence": row["evidence"]}
        note = texts.get(row["departure_id"])
        yield Event(at(row["stated_on"]), "others", "departure", values, details, note)


def _referrals(one: OneCustomer, day: date) -> Iterator[Event]:
    for each in relations(one, day):
        what = "recommended" if each.has_recommended else "was_recommended"
        values = {"customer": each.name or each.customer_id}
        yield Event(at(each.on), "others", what, values)


def _leads(one: OneCustomer, day: date) -> Iterator[Event]:
    for row in one.rows("leads"):
        details = {name: row[name] for name in ("source", "product_id", "employee_id")}
        yield Event(row["created_at"], "others", "lead", details=details)
        for column, what in (("trial_at", "trial"), ("converted_at", "converted")):
            if row[column]:
                yield Event(row[column], "others", what, details={"product_id": row["product_id"]})
        if row["lost_at"]:
            details = {"reason": row["lost_reason"]}
            yield Event(row["lost_at"], "others", "lead_lost", details=details)


def _joined(one: OneCustomer, day: date) -> Iterator[Event]:
    joined = [row["joined_on"] for row in one.rows("customers") if row["joined_on"]]
    if joined:
        yield Event(at(min(joined)), "others", "joined")


_OWN = (
    _orders, _refunds, _contracts, _attributes, _merges, _departures, _referrals, _leads, _joined,
)  # fmt: skip

_NAMED = {"employee_id": "employees", "product_id": "products", "promotion_id": "promotions"}


def _with_names(one: OneCustomer, events: Sequence[Event]) -> Iterator[Event]:
    """Put the names of employees, products and promotions where their numbers stand."""
    wanted: dict[str, set] = {table: set() for table in _NAMED.values()}
    for event in events:
        for name, table in _NAMED.items():
            wanted[table].add(event.details.get(name))
        wanted["products"].update(line.product for line in event.lines)
        if event.values.get("attribute") == "manager":
            wanted["employees"].update((event.values["before"], event.values["after"]))
    known = {table: one.names(table, ids, "name") for table, ids in wanted.items()}

    def name_of(table: str, key: object) -> object:
        return known[table].get(str(key), {}).get("name") or key

    for event in events:
        details = {
            name: name_of(_NAMED[name], value) if name in _NAMED and value else value
            for name, value in event.details.items()
        }
        values = dict(event.values)
        if values.get("attribute") == "manager":
            for place in ("before", "after"):
                values[place] = name_of("employees", values[place]) if values[place] else None
        lines = tuple(Line(str(name_of("products", x.product)), x.quantity) for x in event.lines)
        yield replace(event, details=details, values=values, lines=lines)
