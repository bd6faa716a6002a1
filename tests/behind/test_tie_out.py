"""Whoever stands behind a figure adds up to it: in the whole, in a scope, at several days."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from core.behind.registry import BEHIND, found_behind
from core.errors import UnknownFigure
from core.figures import FIGURES, Figure, compute
from core.reading import open_ledger
from core.view import View
from tests import shop
from tests.laws.full_shop import full_books
from tests.shop import CLOSING, OPENING

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
# Scopes and the figures looked at in each.
SCOPES = (({"region": ("x",)}, KEYS[4::6]), ({"tier": ("other",)}, KEYS[1::6]))


@dataclass
class Seen:
    """A view at a day, and its figures there, worked out once."""

    view: View
    day: date
    compare: date | None
    known: dict[str, Figure]

    def ties(self, key: str) -> None:
        """Hold the customers behind a figure against it."""
        figure = self.known[key]
        found = found_behind(self.view, key, as_of=self.day, compare=self.compare)
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


def seen(view: View, keys: list[str], day: date, compare: date | None = None) -> Seen:
    return Seen(view, day, compare, {f.key: f for f in compute(view, keys, day, compare)})


@pytest.fixture(scope="module")
def full() -> Iterator[list[Seen]]:
    """A random shop with every table: the whole at a closed day and at the last, two scopes.

    Each figure is looked at in the whole, at the last day every third; every third in a scope: a
    third of the time, and all sources of figures at each of them.
    """
    with open_ledger(full_books()) as ledger:
        whole = View(ledger)
        closed = (whole.days[-2], whole.days[-8])
        yield [
            seen(whole, [key for place, key in enumerate(KEYS) if place % 3], *closed),
            seen(whole, KEYS[::3], whole.days[-1]),
            *(seen(View(ledger, scope), keys, *closed) for scope, keys in SCOPES),
        ]


@pytest.fixture(scope="module")
def ten() -> Iterator[Seen]:
    with open_ledger(shop.ten()) as ledger:
        yield seen(View(ledger), KEYS, CLOSING, OPENING)


@pytest.mark.parametrize("key", KEYS)
def test_the_customers_behind_a_figure_add_up_to_it(full, ten, key):
    for each in (*full, ten):
        if key in each.known:
            each.ties(key)


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
