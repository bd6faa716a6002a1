"""A card of the week board: what to do for a customer, why, until when, and who does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

# In the order in which they are offered; the first are owed to somebody, whatever they are worth.
OWED = ("complaint", "promise", "next_step", "win_back", "handover", "own")
KINDS = (*OWED, "key_date", "at_risk", "contact_gap", "play")
# Whoever does not want to be contacted is still owed these.
EVEN_REFUSED = ("complaint", "promise", "own")
FLOATING = ("at_risk", "contact_gap", "play")  # to be done soon, on no day of their own
# No selling: both arms of a wave get these.
SERVICE = ("complaint", "promise", "handover", "own")
SERVICE_DATES = ("maturity", "inspection")
# The day of a key date is too late to begin: so many days before it somebody gets in touch.
LEAD_DAYS: Mapping[str, int] = {
    "birthday": 0, "maturity": 7, "inspection": 7, "insurance": 14, "renewal": 14, "maintenance": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One thing to do.

    ``source`` names it for good, so that what was done with it is known again. ``due_on`` is the
    day by which it is due (of those without a day of their own: since when), ``until_on`` the key
    date itself, of a promise the day on which it was made; ``detail`` a code that belongs to
    ``kind``, ``text`` what somebody wrote, ``item`` the id of the record behind it. A contact that
    reached the customer on ``answered_from`` or later answers it; null: contacts do not.
    """

    source: str
    kind: str
    due_on: date
    customer_key: int | None = None
    owner: str = ""
    customer_id: str | None = None
    name: str | None = None
    tier: str | None = None
    branch: str | None = None
    value: float | None = None
    detail: str | None = None
    text: str | None = None
    item: str | None = None
    until_on: date | None = None
    answered_from: date | None = None
    reasons: tuple[tuple[str, date], ...] = ()
    is_refused: bool = False
    is_held_out: bool = False
    put_off_until: date | None = None
    task_id: str | None = None
    version: int = 0  # of the task or promise that stands behind it
    tries: int = field(default=0, compare=False)

    @property
    def has_day(self) -> bool:
        """Whether it has a day of its own, or was put off to one."""
        return self.kind not in FLOATING or self.put_off_until is not None

    @property
    def on(self) -> date:
        """The day on which it stands."""
        return self.put_off_until or self.due_on

    @property
    def is_service(self) -> bool:
        """Whether it is owed or served, not sold."""
        dated = self.kind == "key_date" and self.detail in SERVICE_DATES
        return self.kind in SERVICE or dated

    @property
    def order(self) -> tuple[bool, float, date, str]:
        """What sorts cards: what is owed first, then the most valuable, then the oldest."""
        value = self.value if self.value is not None else float("-inf")
        return self.kind not in OWED, -value, self.due_on, self.source


def week_of(day: date) -> tuple[date, date]:
    """Return Monday and Sunday of the week of ``day``.

    Examples
    --------
    >>> week_of(date(2026, 11, 11))
    (datetime.date(2026, 11, 9), datetime.date(2026, 11, 15))
    """
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def until_of(today: date) -> date:
    """Return the last day that the board looks at: the end of the week, at least tomorrow."""
    return max(week_of(today)[1], today + timedelta(days=1))
