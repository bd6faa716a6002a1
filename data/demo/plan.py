"""When and how large: the calendar of the demo company, and which customers carry which story."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cached_property

import numpy as np

CHUNK = 25_000  # customers made together; part of the data: another size makes other customers
_EPOCH = date(1970, 1, 1)
_OPEN_DAYS = 8  # days of the open month that are in the books
_LEAST_MONTHS = 12
_LEAST_CUSTOMERS = 500


class Role(IntEnum):
    """Stories that customers belong to; most are ordinary."""

    ORDINARY = 0
    NEGATIVE = 1
    PROMOTION = 2
    RESIGNED = 3
    HANDED_OVER = 4
    DEPENDENT = 5
    DUPLICATE = 6


# Places within a thousand customers, and the most customers a story takes (0: no limit).
_PLACES = {
    Role.NEGATIVE: (0, 8, 0),
    Role.PROMOTION: (8, 38, 0),
    Role.DEPENDENT: (100, 106, 60),
    Role.HANDED_OVER: (110, 130, 250),
    Role.RESIGNED: (400, 430, 300),
    Role.DUPLICATE: (990, 992, 0),
}
_BOUTIQUE = (200, 250, 1_000)


@dataclass(frozen=True)
class Plan:
    """Size and dates of a demo company; every day is counted from the first day of its history.

    Raises
    ------
    ValueError
        If there are fewer than 12 months or 500 customers: the stories would not fit.
    """

    customers: int = 20_000
    months: int = 36
    seed: int = 7
    last_month: date = date(2026, 10, 31)

    def __post_init__(self) -> None:
        """Refuse a company too small or too young for its stories."""
        if self.months < _LEAST_MONTHS:
            raise ValueError(f"The demo needs {_LEAST_MONTHS} months, not {self.months}.")
        if self.customers < _LEAST_CUSTOMERS:
            raise ValueError(f"The demo needs {_LEAST_CUSTOMERS} customers, not {self.customers}.")

    def first_of(self, month: int) -> date:
        """Return the first day of the ``month``-th month, 1 for the first of the history."""
        whole = self.last_month.year * 12 + self.last_month.month - 1 - self.months + month
        return date(whole // 12, whole % 12 + 1, 1)

    @cached_property
    def origin(self) -> int:
        """First day of the history, in days since 1970."""
        return (self.first_of(1) - _EPOCH).days

    @cached_property
    def data_date(self) -> date:
        """Last day of the books: some days into the month after the last whole one."""
        return self.first_of(self.months + 1) + timedelta(days=_OPEN_DAYS - 1)

    @cached_property
    def end(self) -> int:
        """Number of days of history: every fact lies before this day."""
        return self.day_of(self.data_date) + 1

    def day_of(self, day: date) -> int:
        """Return ``day`` as days after the first of the history."""
        return (day - _EPOCH).days - self.origin

    def date_of(self, day: int) -> date:
        """Return the date ``day`` days after the first of the history."""
        return _EPOCH + timedelta(days=self.origin + day)

    def start_of(self, month: int) -> int:
        """Return the day on which the ``month``-th month starts."""
        return self.day_of(self.first_of(month))

    def month_of(self, month: int) -> int:
        """Return the month that stands for the ``month``-th of 36 in a history of this length."""
        return max(2, round(month * self.months / 36))

    @cached_property
    def left_on(self) -> int:
        """Last day of the service adviser who resigns in month 20."""
        return self.start_of(self.month_of(20)) + 19

    @property
    def follow_within(self) -> int:
        """Days after she left within which those who follow her come for the last time."""
        return 45

    @cached_property
    def handed_over_on(self) -> int:
        """Last day of the adviser who hands her customers over properly, in month 12."""
        return self.start_of(self.month_of(12)) + 27

    @cached_property
    def promotion_days(self) -> tuple[int, int]:
        """First day, and day after the last, of the promotion that buys one-off customers."""
        start = self.start_of(self.month_of(15))
        return start + 4, start + 25

    @cached_property
    def accident_days(self) -> tuple[int, int]:
        """First day, and day after the last, on which the bad batch was fitted."""
        month = self.month_of(24)
        return self.start_of(month), self.start_of(month + 1)

    @cached_property
    def broken_quarter(self) -> tuple[int, int]:
        """First day, and day after the last, of the quarter in which promises are broken."""
        inside = self.first_of(self.month_of(31))
        first = date(inside.year, (inside.month - 1) // 3 * 3 + 1, 1)
        last = date(first.year + (first.month + 3) // 13, (first.month + 2) % 12 + 1, 1)
        return self.day_of(first), self.day_of(last)

    @cached_property
    def show_days(self) -> tuple[int, int]:
        """First day, and day after the last, of the car show whose leads nobody touches."""
        start = self.start_of(self.month_of(31))
        return start + 8, start + 15

    @property
    def chunks(self) -> int:
        """Number of chunks of customers."""
        return -(-self.customers // CHUNK)

    def indices(self, chunk: int) -> np.ndarray:
        """Return the numbers of the customers of a chunk, ``(n,) int64``."""
        first = chunk * CHUNK
        return np.arange(first, min(first + CHUNK, self.customers), dtype=np.int64)

    def roles(self, index: np.ndarray) -> np.ndarray:
        """Return the story of each customer, ``(n,) int8`` of `Role`."""
        found = np.zeros(len(index), np.int8)
        for role in _PLACES:
            found[self._order(index, *_PLACES[role]) >= 0] = role
        return found

    def order_in(self, role: Role, index: np.ndarray) -> np.ndarray:
        """Return each customer's place in a story, 0 for its first; -1 outside it."""
        return self._order(index, *_PLACES[role])

    def is_taken(self, index: np.ndarray) -> np.ndarray:
        """Return whether each customer follows the adviser who resigns: three of five of hers."""
        order = self.order_in(Role.RESIGNED, index)
        return (order >= 0) & (order % 5 < 3)

    def in_boutique(self, index: np.ndarray) -> np.ndarray:
        """Return whether each customer belongs to the small branch, ``(n,) bool``."""
        ordinary = self._order(index, *_BOUTIQUE) >= 0
        return ordinary | (self.order_in(Role.DEPENDENT, index) >= 0)

    def share_between(self, first: int, stop: int, share: float) -> int:
        """Return how many of a share of all customers fall to those from ``first`` to ``stop``."""
        return int(stop * share) - int(first * share)

    def _order(self, index: np.ndarray, low: int, high: int, most: int) -> np.ndarray:
        """Spread at most ``most`` customers evenly over the places ``low`` to ``high``."""
        place = index * 919 % 1_000
        inside = (place >= low) & (place < high)
        rank = index // 1_000 * (high - low) + place - low
        total = max(1, self.customers * (high - low) // 1_000)
        wanted = min(total, most) if most else total
        order = rank * wanted // total
        first = (rank * wanted) % total < wanted
        return np.where(inside & first, order, -1)
