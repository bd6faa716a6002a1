"""What is due to a customer: a contact, key dates, answers to complaints, promises, business."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.card.one import OneCustomer
from core.card.standing import Standing
from core.figures.evidence import brought
from core.metrics.care import contacts_made
from core.metrics.complaints import open_complaints
from core.metrics.follow_up import pending_opportunities
from core.metrics.promises import broken_promises
from core.periods import window_start
from core.view import View

AHEAD_DAYS = 60  # key dates shown
MONTHS = 12  # promises broken longer ago are shown in the timeline alone
_FIRST = date(1, 1, 1)


@dataclass(frozen=True)
class Due:
    """One thing that is due, or overdue, to a customer: what, when, and of what kind it is."""

    what: str  # key_date, complaint, promise, broken_promise, opportunity
    on: date
    kind: str | None = None
    text: str | None = None
    value: Decimal | None = None
    product: str | None = None


@dataclass(frozen=True)
class Care:
    """How a customer is cared for.

    ``contact_due_on`` is the day by which the next contact is due, by the cadence of the tier;
    null where none is: no cadence, not active, or the customer wants none.
    """

    has_contacts: bool
    every_days: int | None
    reached_on: date | None  # last contact that is not known to have failed
    tried_on: date | None
    contact_due_on: date | None
    due: tuple[Due, ...]  # the oldest first


def care(
    one: OneCustomer, view: View, day: date, stands: Standing | None, may_contact: bool | None
) -> Care:
    """Return what was due to the customer at the end of ``day``."""
    contacts = [
        (row["contacted_at"].date(), row["is_reached"])
        for row in one.rows("contacts")
        if row["contacted_at"] and row["contacted_at"].date() <= day
    ]
    reached_on = max((on for on, is_reached in contacts if is_reached is not False), default=None)
    every_days = None
    if stands is not None and stands.state == "active" and may_contact is not False:
        cadence = {str(k): n for k, n in view.definitions.care_every_days.items()}
        every_days = cadence.get(stands.tier or "")
    due_on = None
    if every_days and stands and (begun_on := reached_on or stands.since_on):
        due_on = begun_on + timedelta(days=every_days)
    due = [*_key_dates(one, day), *_complaints(one, day), *_promises(one, day)]
    due += _opportunities(one, view, day)
    due.sort(key=lambda each: (each.on, each.what, each.kind or ""))
    return Care(
        one.has("contacts"), every_days, reached_on, max((on for on, _ in contacts), default=None),
        due_on if one.has("contacts") else None, tuple(due),
    )  # fmt: skip


def _key_dates(one: OneCustomer, day: date) -> list[Due]:
    until = day + timedelta(days=AHEAD_DAYS)
    rows = [
        row
        for row in one.rows("key_dates")
        if day < row["due_on"] <= until and (row["known_on"] is None or row["known_on"] <= day)
    ]
    products = one.names("products", [row["product_id"] for row in rows], "name")
    return [
        Due(
            "key_date", row["due_on"], row["kind"], value=row["value"],
            product=products.get(row["product_id"], {}).get("name") or row["product_id"],
        )
        for row in rows
    ]  # fmt: skip


def _complaints(one: OneCustomer, day: date) -> list[Due]:
    if not one.rows("complaints"):
        return []
    found = open_complaints(one.table("complaints"), as_of=day).to_pyarrow().to_pylist()
    texts = one.texts("complaints", "text") if found else {}
    return [
        Due("complaint", row["waiting_since"], row["category"], texts.get(row["complaint_id"]))
        for row in found
    ]


def _promises(one: OneCustomer, day: date) -> list[Due]:
    rows = one.rows("promises")
    if not rows:
        return []
    since = window_start(day, MONTHS)
    table = broken_promises(one.table("promises"), since=since, as_of=day)
    broken = {row["promise_id"] for row in table.to_pyarrow().to_pylist() if row["is_open"]}
    texts = one.texts("promises", "what")
    ahead = {
        row["promise_id"]
        for row in rows
        if row["promised_on"] <= day < row["due_on"]
        and (row["kept_on"] is None or row["kept_on"] > day)
    }
    return [
        Due(
            "promise" if row["promise_id"] in ahead else "broken_promise", row["due_on"],
            row["kind"], texts.get(row["promise_id"]),
        )
        for row in rows
        if row["promise_id"] in ahead | broken
    ]  # fmt: skip


def _opportunities(one: OneCustomer, view: View, day: date) -> list[Due]:
    if not any(row["has_opportunity"] for row in one.rows("contacts")):
        return []
    made = contacts_made(one.table("contacts"), since=_FIRST, as_of=day)
    found = pending_opportunities(view.all_lines(day), made, brought(view, "contracts"), as_of=day)
    rows = found.filter(found.is_pending).to_pyarrow().to_pylist()
    texts = one.texts("contacts", "content") if rows else {}
    return [
        Due("opportunity", row["contacted_on"], row["purpose"], texts.get(row["contact_id"]))
        for row in rows
    ]
