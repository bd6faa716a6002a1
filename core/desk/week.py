"""The week: what is done with cards taken off, the rest laid out over the days as far as hands go.

What has a day of its own stands on it. What has none fills what is left of the days, the most
valuable first, so that a day holds as much as an employee can do.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.desk import contacts, promises, tasks
from core.desk.cards import EVEN_REFUSED, OWED, Card, week_of
from core.desk.people import Customer

COLUMNS = ("late", "today", "tomorrow", "week")
_WORKDAYS = 5


@dataclass(frozen=True)
class Week:
    """Cards of each of ``COLUMNS``, what is owed first; and how many more wait, by kind."""

    columns: Mapping[str, Sequence[Card]]
    waiting: Mapping[str, int]

    @property
    def shown(self) -> int:
        """How many cards stand in the columns."""
        return sum(len(cards) for cards in self.columns.values())

    @property
    def more(self) -> int:
        """How many cards wait until others are done."""
        return sum(self.waiting.values())


@dataclass(frozen=True)
class Done:
    """What people have done with cards: tasks by the card's name, contacts, refusals."""

    tasks: Mapping[str, tasks.Task]
    reached_on: Mapping[int, date]
    refused: frozenset[int]
    held_out: frozenset[int]
    replaced: frozenset[str]
    tries: Mapping[str, int]


def done_with(session: Session, cards: Sequence[Card]) -> Done:
    """Return what people have done with cards."""
    known = tasks.of_sources(session, {card.source for card in cards})
    customers = {card.customer_key for card in cards if card.customer_key is not None}
    return Done(
        known,
        contacts.last_reached_on(session, customers),
        frozenset(contacts.refused(session, customers)),
        frozenset(contacts.held_out(session, customers)),
        frozenset(promises.replaced(session)),
        contacts.tries_of(session, {task.id for task in known.values() if task.state == "open"}),
    )


def undone(cards: Iterable[Card], done: Done, today: date) -> list[Card]:
    """Return the cards that still wait, on the day to which they were put off."""
    found = (_as_it_stands(card, done, today) for card in cards)
    return [card for card in found if card is not None]


def _as_it_stands(card: Card, done: Done, today: date) -> Card | None:
    if card.customer_key in done.refused:
        card = replace(card, is_refused=True)
    if card.customer_key in done.held_out:
        card = replace(card, is_held_out=True)
    if card.is_refused and card.kind not in EVEN_REFUSED:
        return None
    if card.is_held_out and not card.is_service:
        return None
    if card.kind == "promise" and card.item in done.replaced:
        return None
    reached_on = done.reached_on.get(card.customer_key or -1)
    if card.answered_from and reached_on and reached_on >= card.answered_from:
        return None
    task = done.tasks.get(card.source)
    if task is None:
        return card
    if task.state != "open":
        return card if tasks.comes_back(task, today) else None
    tries = done.tries.get(task.id, 0)
    return replace(card, task_id=task.id, tries=tries, put_off_until=task.put_off_until)


def laid_out(cards: Iterable[Card], counts: Mapping[str, int], today: date, per_day: int) -> Week:
    """Return the week of one employee or more.

    Parameters
    ----------
    cards
        Those that still wait.
    counts
        How many there are, by kind; those that ``cards`` does not hold wait as well.
    per_day
        Cards that an employee can do in a day.
    """
    of_owner: dict[str, list[Card]] = {}
    for card in sorted(cards, key=lambda each: each.order):
        of_owner.setdefault(card.owner, []).append(card)
    columns: dict[str, list[Card]] = {name: [] for name in COLUMNS}
    for own in of_owner.values():
        for name, chosen in _of_one(own, today, per_day).items():
            columns[name] += chosen
    shown: dict[str, int] = {}
    for card in (card for chosen in columns.values() for card in chosen):
        shown[card.kind] = shown.get(card.kind, 0) + 1
    waiting = {kind: n - shown.get(kind, 0) for kind, n in counts.items()}
    return Week(
        {name: sorted(chosen, key=lambda each: each.order) for name, chosen in columns.items()},
        {kind: n for kind, n in waiting.items() if n > 0},
    )


def _of_one(cards: Sequence[Card], today: date, per_day: int) -> dict[str, list[Card]]:
    columns: dict[str, list[Card]] = {name: [] for name in COLUMNS}
    days = max(_workdays_left(today), 1)
    room = {"late": per_day, "today": per_day, "tomorrow": per_day, "week": per_day * days}
    for card in (card for card in cards if card.has_day):
        name = column_of(card.on, today)
        if len(columns[name]) < room[name] or card.kind in OWED:
            columns[name].append(card)
    # What is late is done today, too; but old debts leave half of the day to the others.
    room["today"] -= min(len(columns["late"]), per_day // 2)
    for card in (card for card in cards if not card.has_day):
        name = next((n for n in COLUMNS[1:] if len(columns[n]) < room[n]), None)
        if name is None:
            break
        columns[name].append(card)
    return columns


def column_of(day: date, today: date) -> str:
    """Return the column in which a day stands, seen from today."""
    if day < today:
        return "late"
    tomorrow = today + timedelta(days=1)
    return {today: "today", tomorrow: "tomorrow"}.get(day, "week")


def _workdays_left(today: date) -> int:
    """Return the days of work of this week after tomorrow."""
    monday, _ = week_of(today)
    return max(0, _WORKDAYS - (today - monday).days - 2)


def with_people(
    cards: Iterable[Card], people: Mapping[int, Customer], refused: Collection[int]
) -> list[Card]:
    """Return cards of the store with their customers; without those outside the scope.

    ``refused`` are those who do not want to be contacted, as the books say.
    """
    found = []
    for card in cards:
        if card.customer_key is None:
            found.append(card)
        elif (who := people.get(card.customer_key)) is not None and who.is_in_scope:
            found.append(
                replace(
                    card, customer_id=who.customer_id, name=who.name, tier=who.tier,
                    branch=who.branch, value=None if who.value is None else float(who.value),
                    owner=card.owner or who.manager or "",
                    is_refused=card.customer_key in refused,
                )
            )  # fmt: skip
    return found
