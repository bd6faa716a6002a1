"""Registers: promises, decisions, events, and customers handed over."""

from collections.abc import Callable

from dashboard import filters, registering
from dashboard.sections import decisions, events, handover, promises
from dashboard.session import Look, look, say

SECTIONS: dict[str, Callable[[Look], None]] = {
    "promises": promises.show,
    "decisions": decisions.show,
    "events": events.show,
    "handover": handover.show,
}
chosen = registering.newest(look())
section = filters.choice(
    "section", tuple(SECTIONS), lambda code: say(f"registers.section.{code}"),
    title=say("registers.section.title"),
)  # fmt: skip
registering.enter(section)
SECTIONS[section](chosen)
