"""CDNOW, the whole cohort: every main figure against plain pandas."""

from datetime import date

import pytest

from core.figures import compute
from core.view import View
from tests.reference import plain
from tests.reference.agreement import disagreements, is_same
from tests.reference.plain_shop import Shop

pytestmark = pytest.mark.slow

# Tiers of its own, provisional; tiers of the December before; the last day of the books.
DAYS = (date(1997, 9, 30), date(1998, 1, 31), date(1998, 6, 30))


@pytest.fixture
def shop(cdnow_shop: Shop) -> Shop:
    return cdnow_shop


@pytest.fixture
def view(cdnow_view: View) -> View:
    return cdnow_view


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_figures_of_cdnow_are_those_of_plain_pandas(view: View, shop: Shop, day: date) -> None:
    told = plain.figures(shop, day)
    assert disagreements(compute(view, list(told), day), told) == []


def test_what_cannot_be_known_yet_is_null(view: View) -> None:
    def nulls(day: date) -> set[str]:
        keys = plain.UNKNOWABLE
        return {figure.key for figure in compute(view, keys, day) if figure.value is None}

    assert nulls(DAYS[0]) == set(plain.UNKNOWABLE)
    # A year of purchases is full and two are not; half of the buyers never come back.
    assert nulls(DAYS[2]) == {"grr", "nrr", "next_window_rate", "gap_median"}


def test_figures_of_occasions_hold_in_the_middle_of_a_month(view: View, shop: Shop) -> None:
    day = date(1997, 4, 15)
    told = plain.buying(shop, day)
    assert disagreements(compute(view, list(told), day), told) == []


def test_compared_figures_are_those_of_the_earlier_day(view: View, shop: Shop) -> None:
    closing, compare = date(1998, 6, 30), date(1998, 3, 31)
    told = plain.figures(shop, closing, compare)
    # Movements are compared with those of the period of equal length before.
    before = plain.figures(shop, compare, date(1997, 12, 31))
    found = compute(view, list(told), closing, compare)
    assert disagreements(found, told) == []
    assert [(f.key, f.was) for f in found if not is_same(f.was, before[f.key].value)] == []
