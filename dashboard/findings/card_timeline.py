"""What a customer's timeline says: one line for each thing that happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.card.event import KINDS, Event
from core.i18n import texts, translate
from dashboard import numbers
from dashboard.findings.card_facts import word
from dashboard.session import Look, say

ALL = "all"
PAGE = 30  # events shown at once, and added by each "show more"
MOST_LINES = 4  # of an order
MOST_TEXT = 400  # characters of what somebody wrote
ICONS = {
    "purchases": "shopping_bag", "contacts": "call", "complaints": "report",
    "surveys": "reviews", "promises": "handshake", "appointments": "event",
    "contracts": "contract", "key_dates": "event_upcoming", "attributes": "swap_horiz",
    "others": "info",
}  # fmt: skip
# What somebody should look at.
_BAD = {
    "complained", "reopened", "promise_broken", "appointment_missed", "departure", "refunded",
    "cancelled", "not_contacted",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """An event as it is shown: what happened, what else is known of it, what somebody wrote."""

    on: date
    icon: str
    title: str
    more: str
    text: str
    is_bad: bool


def kinds(events: Sequence[Event]) -> list[str]:
    """Return the kinds of events that there are, and "all"."""
    present = {event.kind for event in events}
    return [ALL, *(kind for kind in KINDS if kind in present)]


def told(look: Look, events: Sequence[Event], kind: str, most: int) -> tuple[list[Told], int]:
    """Return the newest events of a kind in words, and how many there are."""
    chosen = [event for event in events if kind in (ALL, event.kind)]
    return [_told(look, event) for event in chosen[:most]], len(chosen)


def _told(look: Look, event: Event) -> Told:
    values = {name: _value(look, name, event.values[name], event) for name in event.values}
    title = translate(f"card.event.{event.what}", look.language, **values)
    parts = [_lines(event)] if event.lines else []
    for name, value in event.details.items():
        if value is None or (name == "evidence" and value == "none"):
            continue
        parts.append(_detail(look, name, value))
    text = " ".join((event.text or "").split())
    if len(text) > MOST_TEXT:
        text = text[:MOST_TEXT].rstrip() + "…"
    if text:
        text = say("card.timeline.quote", text=text)
    return Told(
        event.on, ICONS[event.kind], title,
        say("card.join").join(part for part in parts if part), text, event.what in _BAD,
    )  # fmt: skip


def _lines(event: Event) -> str:
    shown = [
        f"{line.product} × {line.quantity:g}" if line.quantity not in (None, 1) else line.product
        for line in event.lines[:MOST_LINES]
    ]
    left = len(event.lines) - len(shown)
    more = [say("card.timeline.and_more", n=left)] if left > 0 else []
    return ", ".join([each for each in shown if each] + more)


def _detail(look: Look, name: str, value: object) -> str:
    if name == "finding":
        return translate(f"card.detail.{value}", look.language)
    shown = _value(look, name, value)
    if f"card.detail.{name}" in texts(look.language):
        return translate(f"card.detail.{name}", look.language, value=shown)
    return shown


def _value(look: Look, name: str, value: object, event: Event | None = None) -> str:
    spoken = look.language
    if value is None:
        return numbers.UNKNOWN
    if isinstance(value, Decimal):
        currency = str(event.values.get("currency") or look.currency) if event else look.currency
        return numbers.money(value, currency, spoken)
    if isinstance(value, date):
        return numbers.day(value, spoken)
    if isinstance(value, float):
        return f"{value:g}"
    if name == "attribute":
        return translate(f"card.attribute.{value}", spoken)
    if name == "cause" and f"list.code.cause.{value}" in texts(spoken):
        return translate(f"list.code.cause.{value}", spoken)
    return word(str(value)) or str(value)
