"""What an event of a customer's timeline is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

# Kinds of events that a reader can choose, in the order in which they are offered.
KINDS = (
    "purchases", "contacts", "complaints", "surveys", "promises", "appointments", "contracts",
    "key_dates", "attributes", "others",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of an order."""

    product: str
    quantity: float | None


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    at
        When; of what has a day alone, the beginning of that day.
    kind
        Of ``KINDS``.
    what
        What happened: a text ``card.event.<what>`` with ``values`` in its places.
    values
        Amounts as decimals, days as dates, codes and names as text; null where not known.
    details
        Further values, by what they are, shown where known.
    text
        What somebody wrote about it.
    lines
        What an order consists of.
    """

    at: datetime
    kind: str
    what: str
    values: Mapping[str, object] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)
    text: str | None = None
    lines: tuple[Line, ...] = ()

    @property
    def on(self) -> date:
        """The day."""
        return self.at.date()


def at(day: date | datetime) -> datetime:
    """Return a day or moment as a moment."""
    return day if isinstance(day, datetime) else datetime.combine(day, time())
