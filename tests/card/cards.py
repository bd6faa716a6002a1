"""Books of a few customers for tests of the card, and their cards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from core.card.card import Card, card_of, costed
from core.card.search import Hits, search
from core.facts import Books
from core.reading import open_ledger
from core.view import View


def key_of(view: View, customer_id: str) -> int:
    ids = view.ledger.persons("customer_ids")
    (row,) = ids.filter(ids.customer_id == customer_id).to_pyarrow().to_pylist()
    return row["customer_key"]


@contextmanager
def opened(home: Path) -> Iterator[View]:
    with open_ledger(Books(home)) as ledger:
        yield View(ledger)


def card(home: Path, customer_id: str, day: date) -> Card:
    """The card of a customer at a ledger day."""
    with opened(home) as view:
        found = card_of(view.ledger, key_of(view, customer_id), day, costed(view, day))
    assert found is not None
    return found


def find(home: Path, text: str, day: date) -> Hits:
    with opened(home) as view:
        return search(view, text, day)


def ids(hits: Hits) -> list[str | None]:
    return [hit.customer_id for hit in hits.first]
