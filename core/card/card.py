"""The card of one customer: all that was known of them at a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.card.care import Care, care
from core.card.event import Event
from core.card.events import timeline
from core.card.holdings import Holdings, holdings
from core.card.one import OneCustomer, OneView
from core.card.people import Relation, Served, relations, served
from core.card.profile import Profile, profile
from core.card.standing import Standing, standing
from core.figures.evidence import about_a_year_before, unseen
from core.metrics.at_risk import REASONS
from core.reading import Ledger
from core.view import View


@dataclass(frozen=True)
class Card:
    """All that was known of a customer at the end of ``day``; ``stands`` is null before they came.

    ``asked_key`` is the number that was asked for, where it is that of a record merged since;
    ``unseen`` are the reasons of risk that the books do not allow to look at.
    """

    day: date
    asked_key: int | None
    profile: Profile
    stands: Standing | None
    care: Care
    served: Served
    relations: tuple[Relation, ...]
    holdings: Holdings
    timeline: tuple[Event, ...]
    unseen: tuple[str, ...]


def card_of(
    ledger: Ledger, customer_key: int, day: date, costed: Mapping[date, bool]
) -> Card | None:
    """Return the card of a customer at a ledger day; null if there is no such customer.

    Parameters
    ----------
    customer_key
        A number that the books gave; of a merged customer it leads to the one they were merged
        into.
    costed
        Whether value is margin at each of ``days_asked``: told of the whole company, never of one
        customer.
    """
    one = one_of(ledger, customer_key)
    if one is None:
        return None
    view = OneView(one, costed=dict(costed))
    stands = standing(one, view, day)
    who = profile(one, day, stands)
    return Card(
        day, None if one.customer_key == customer_key else customer_key, who, stands,
        care(one, view, day, stands, who.may_contact), served(one, view, day),
        relations(one, day), holdings(one, view, day), timeline(one, day),
        tuple(unseen(View(ledger), day, REASONS)),
    )  # fmt: skip


def one_of(ledger: Ledger, customer_key: int) -> OneCustomer | None:
    """Return the books of a customer, or of whom they were merged into; null: there is none."""
    one = OneCustomer(ledger, customer_key)
    if (last := one.merged.get(customer_key)) is not None:
        one = OneCustomer(ledger, last)
    known = one.person_rows("customer_ids", "customer_key", [one.customer_key])
    return one if known else None


def days_asked(view: View, day: date) -> list[date]:
    """Return the ledger days whose value a card of ``day`` shows."""
    asked = (day, view.year_before(day), about_a_year_before(view, day))
    return sorted({each for each in asked if each is not None})


def costed(view: View, day: date) -> dict[date, bool]:
    """Return whether value is margin at the days that a card of ``day`` shows."""
    return {each: view.is_on_margin(each) for each in days_asked(view, day)}
