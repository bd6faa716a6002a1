"""Whoever stands behind a figure adds up to it: in the whole, in a scope, at several days."""

import math
from collections.abc import Iterator
from datetime import date

import pytest

from core.behind.registry import BEHIND, found_behind
from core.definitions import BooksSettings, Configuration, Definitions
from core.errors import UnknownFigure
from core.facts import Books
from core.figures import compute
from core.figures.figure import ESTIMATES
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.view import View
from tests.laws.full_shop import full_shop
from tests.rows import take
from tests.shop import CLOSING, OPENING, ten_customers

pytestmark = pytest.mark.slow

FIGURES = sorted(key for key, each in BEHIND.items() if not each.values)
SCOPES = ({}, {"region": ("x",)}, {"tier": ("other",)})


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, View]]:
    """Views of a random shop with every table, by scope."""
    books = Books(tmp_path_factory.mktemp("full"))
    take(books, full_shop(11))
    refresh(
        books,
        Configuration(
            books=BooksSettings(currency="CNY"), definitions=Definitions(lapse_after_days=60)
        ),
    )
    with open_ledger(books) as ledger:
        yield {str(scope): View(ledger, scope) for scope in SCOPES}


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    with open_ledger(ten_customers(tmp_path_factory.mktemp("ten"))) as ledger:
        yield View(ledger)


@pytest.mark.parametrize("scope", [str(scope) for scope in SCOPES])
@pytest.mark.parametrize("key", FIGURES)
def test_the_customers_behind_a_figure_add_up_to_it(full, key, scope):
    view = full[scope]
    for day, compare in ((view.days[-2], view.days[-8]), (view.days[-1], None)):
        _ties(view, key, day, compare)


@pytest.mark.parametrize("key", FIGURES)
def test_without_optional_tables_they_add_up_too(ten, key):
    _ties(ten, key, CLOSING, OPENING)


def _ties(view: View, key: str, day: date, compare: date | None) -> None:
    (figure,) = compute(view, [key], day, compare)
    found = found_behind(view, key, as_of=day, compare=compare)
    if figure.value is None:
        return
    if BEHIND[key].how == "those":
        assert found.total is None
        assert len(found.rows) == figure.n
    else:
        assert found.total is not None
        assert math.isclose(found.total, figure.value, rel_tol=1e-9, abs_tol=1e-9)
    keys = found.rows["customer_key"].to_pylist()
    assert len(keys) == len(set(keys))
    if figure.unit == "customers":
        assert len(found.rows) == figure.value
    if figure.unit in ESTIMATES and BEHIND[key].how == "share" and not BEHIND[key].is_money:
        assert len(found.rows) >= 1


def test_who_was_lost_is_named_with_what_they_had_brought(ten):
    found = found_behind(ten, "bridge_value_lost", as_of=CLOSING, compare=OPENING)
    # Bob brought 80 and Fay 25 in the 12 months up to the opening: 105 together.
    rows = [(row["customer_id"], row["counted"]) for row in found.rows.to_pylist()]
    assert rows == [("Bob", 80), ("Fay", 25)]
    assert found.total == 105


def test_a_figure_that_nobody_stands_behind_is_refused_with_those_that_have_some(ten):
    with pytest.raises(UnknownFigure, match="active_customers"):
        found_behind(ten, "nonsense")


def test_a_drill_wants_its_values(ten):
    with pytest.raises(UnknownFigure, match="wants"):
        found_behind(ten, "churn", ["top"])
