"""A card says of each customer what lists say of all, and nothing that was not known at its day."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from datetime import date, datetime

import pytest

from core.card.among import among, everybody
from core.card.card import Card, card_of, costed, one_of
from core.card.one import OneView
from core.definitions import BooksSettings, Configuration, Definitions
from core.facts import Books
from core.ledger.refresh import refresh
from core.lists import rows
from core.metrics.indicators import INDICATORS
from core.reading import open_ledger
from core.view import View
from tests.laws.full_shop import full_shop, known_by
from tests.rows import take

pytestmark = pytest.mark.slow

SEED = 11
CONFIGURATION = Configuration(
    books=BooksSettings(currency="CNY"), definitions=Definitions(lapse_after_days=60)
)


@pytest.fixture(scope="module")
def open_books(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Opens the random shop, as a company knew it at a day, or with all that was known later."""
    with ExitStack() as opened:

        def open_at(day: date | None) -> View:
            found = full_shop(SEED)
            # Books know a day as theirs once something was sold on it.
            sale = {**found["orders"][0], "order_id": "dated", "customer_id": None}
            found["orders"].append({**sale, "ordered_at": datetime(2022, 2, 28, 9)})
            books = Books(tmp_path_factory.mktemp("books"))
            take(books, found if day is None else known_by(found, day))
            refresh(books, CONFIGURATION)
            return View(opened.enter_context(open_ledger(books)))

        yield open_at


@pytest.fixture(scope="module")
def whole(open_books) -> View:
    return open_books(None)


@pytest.fixture(scope="module")
def day() -> date:
    return date(2022, 2, 28)


@pytest.fixture(scope="module")
def shown(whole: View, day: date) -> dict[str, Card]:
    return cards(whole, day)


def keys(view: View) -> dict[str, int]:
    found = view.ledger.persons("customer_ids").to_pyarrow().to_pylist()
    return {row["customer_id"]: row["customer_key"] for row in found}


def cards(view: View, day: date) -> dict[str, Card]:
    """The card of each customer who was not merged into another, by the company's id."""
    known = costed(view, day)
    found = {name: card_of(view.ledger, key, day, known) for name, key in keys(view).items()}
    return {name: card for name, card in found.items() if card and card.asked_key is None}


def without_keys(value: object) -> object:
    """A card without the numbers that the books gave to customers in the order they came."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {f.name: without_keys(getattr(value, f.name)) for f in fields(value)}
        kept.pop("customer_key", None)
        return kept
    if isinstance(value, tuple):
        return tuple(without_keys(each) for each in value)
    return value


def test_a_card_of_a_day_shows_nothing_that_became_known_later(open_books, whole, day, shown):
    assert day in whole.days
    then, now = cards(open_books(day), day), shown
    assert len(then) >= 12
    for name, card in then.items():
        assert without_keys(card) == without_keys(now[name]), name


def test_reasons_and_value_at_risk_are_those_of_the_list(whole, day, shown):
    listed = {row["customer_id"]: row for row in rows(whole, "at-risk", as_of=day).to_pylist()}
    assert listed
    for name, card in shown.items():
        row = listed.get(name, {"reasons": [], "evidence_on": [], "value_at_risk": 0})
        found = dict(zip(row["reasons"], row["evidence_on"], strict=True))
        reasons = {} if card.stands is None else card.stands.reasons
        assert reasons == found
        if card.stands is not None:
            assert card.stands.stake == row["value_at_risk"]


def test_open_matters_are_those_of_the_lists(whole, day, shown):
    for key, what, column in (
        ("complaints-open", "complaint", "waiting_since"),
        ("promises-broken", "broken_promise", "due_on"),
    ):
        listed = rows(whole, key, as_of=day).to_pylist()
        expected = sorted(
            (row["customer_id"], row[column]) for row in listed if not row.get("kept_on")
        )
        due_on = sorted(
            (name, due.on) for name, card in shown.items() for due in card.care.due
            if due.what == what
        )  # fmt: skip
        assert due_on == expected
        assert due_on


def test_dependence_is_that_of_the_list(whole, day, shown):
    listed = rows(whole, "dependency-customers", as_of=day).to_pylist()
    expected = {row["customer_id"]: (row["employee_id"], row["knows_nobody_else"])
                for row in listed}  # fmt: skip
    found = {
        name: (card.served.depends_on, card.served.knows_nobody_else)
        for name, card in shown.items()
        if card.served.depends_on and card.stands and card.stands.state == "active"
    }
    assert found == expected


def test_percentiles_are_those_of_the_list(whole, day):
    known, numbers = everybody(whole, day), keys(whole)
    listed = rows(whole, "indicators", as_of=day).to_pylist()
    assert listed
    for row in listed:
        one = one_of(whole.ledger, numbers[row["customer_id"]])
        assert one is not None
        found = among(whole, OneView(one, costed=costed(whole, day)), day, known)
        assert found is not None
        places = {place.indicator: place.percentile for place in found.places}
        assert places == pytest.approx({name: row[name] for name in INDICATORS})


def test_what_is_expected_of_the_others_is_that_of_the_list(whole, day):
    known, numbers = everybody(whole, day), keys(whole)
    for row in rows(whole, "expected", as_of=day).to_pylist():
        one = one_of(whole.ledger, numbers[row["customer_id"]])
        assert one is not None
        view = OneView(one, costed=costed(whole, day))
        if row["gap_basis"] == "like":
            found = among(whole, view, day, known)
            assert found is not None
            assert found.expected_on == row["expected_on"]
        else:
            card = card_of(whole.ledger, one.customer_key, day, costed(whole, day))
            assert card is not None
            assert card.stands is not None
            assert card.stands.expected_on == row["expected_on"]
