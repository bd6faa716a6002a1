"""Whoever stands behind a figure adds up to it: in the whole, in a scope, at several days."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from core.behind.registry import BEHIND, found_behind
from core.definitions import BooksSettings, Configuration, Definitions
from core.errors import UnknownFigure
from core.facts import Books
from core.figures import FIGURES, Figure, compute
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.view import View
from tests.laws.full_shop import full_shop
from tests.rows import take
from tests.shop import CLOSING, OPENING, ten_customers

pytestmark = pytest.mark.slow

KEYS = sorted(key for key, each in BEHIND.items() if not each.values)
# Figures without customers behind them: sales without a customer, money spent, days of business,
# a limit proposed, and leads, who are customers only once they have bought.
NOBODY = {
    "bridge_value_total", "bridge_value_without_customer", "net_without_customer_12m",
    "share_without_customer", "spend_acquisition", "spend_retention", "business_days_to_date",
    "lapse_proposed", "lead_conversion", "leads_dormant", "leads_new", "leads_open",
    "leads_opened", "leads_tried", "leads_won", "trial_rate",
}  # fmt: skip
SCOPES = ({"region": ("x",)}, {"tier": ("other",)})
Known = dict[tuple[date, date | None], dict[str, Figure]]


@dataclass
class Seen:
    """A view, and all its figures at the days looked at, worked out once."""

    view: View
    known: Known

    def ties(self, key: str, day: date, compare: date | None) -> None:
        """Hold the customers behind a figure against it."""
        figure = self.known[day, compare][key]
        found = found_behind(self.view, key, as_of=day, compare=compare)
        if figure.value is None:
            return
        if BEHIND[key].how == "those":
            assert found.total is None
            # Of events, each customer counts as often as they had one.
            counted = found.rows["counted"].to_pylist()
            assert sum(1 if each is None else each for each in counted) == figure.n
        else:
            assert found.total is not None
            assert math.isclose(found.total, figure.value, rel_tol=1e-9, abs_tol=1e-9)
        keys = found.rows["customer_key"].to_pylist()
        assert len(keys) == len(set(keys))
        if figure.unit == "customers":
            assert len(found.rows) == figure.value


def seen(view: View, *days: tuple[date, date | None]) -> Seen:
    found = {at: {f.key: f for f in compute(view, KEYS, *at)} for at in days}
    return Seen(view, found)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Seen]]:
    """A random shop with every table: the whole, and two scopes."""
    books = Books(tmp_path_factory.mktemp("full"))
    take(books, full_shop(11))
    settings = BooksSettings(currency="CNY")
    refresh(books, Configuration(books=settings, definitions=Definitions(lapse_after_days=60)))
    with open_ledger(books) as ledger:
        whole = View(ledger)
        closed, last = (whole.days[-2], whole.days[-8]), (whole.days[-1], None)
        narrow = [seen(View(ledger, scope), closed) for scope in SCOPES]
        yield [seen(whole, closed, last), *narrow]


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with open_ledger(ten_customers(tmp_path_factory.mktemp("ten"))) as ledger:
        yield seen(View(ledger), (CLOSING, OPENING))


@pytest.mark.parametrize("key", KEYS)
def test_the_customers_behind_a_figure_add_up_to_it(full, ten, key):
    # Each of the whole at a closed day, a scope, and the last day for every third figure: a third
    # of the time, and all sources of figures at each of them.
    whole, *narrow = full
    place = KEYS.index(key)
    closed, last = whole.known
    whole.ties(key, *(last if place % 3 == 0 else closed))
    if place % 3 == 1:
        narrow[place % len(narrow)].ties(key, *closed)
    ten.ties(key, *next(iter(ten.known)))


def test_every_figure_has_its_customers_but_those_that_are_of_nobody():
    assert {figure.key for figure in FIGURES} - set(BEHIND) == NOBODY


def test_who_was_lost_is_named_with_what_they_had_brought(ten):
    found = found_behind(ten.view, "bridge_value_lost", as_of=CLOSING, compare=OPENING)
    # Bob brought 80 and Fay 25 in the 12 months up to the opening: 105 together.
    rows = [(row["customer_id"], row["counted"]) for row in found.rows.to_pylist()]
    assert rows == [("Bob", 80), ("Fay", 25)]
    assert found.total == 105


def test_a_figure_that_nobody_stands_behind_is_refused_with_those_that_have_some(ten):
    with pytest.raises(UnknownFigure, match="active_customers"):
        found_behind(ten.view, "nonsense")


def test_a_drill_wants_its_values(ten):
    with pytest.raises(UnknownFigure, match="wants"):
        found_behind(ten.view, "churn", ["top"])
