"""Online Retail II, with refunds, sales without a customer and moves: against plain pandas."""

from datetime import date

import pytest

from core.figures import compute
from core.view import View
from tests.reference import plain, plain_tables
from tests.reference.agreement import disagreements, is_same
from tests.reference.plain_shop import Shop

pytestmark = pytest.mark.slow

# The first days of the books reach into the period; the first frozen tiers; two full years.
DAYS = (date(2010, 6, 30), date(2010, 12, 31), date(2011, 11, 30))
LAST = date(2011, 12, 9)  # the open month


@pytest.fixture
def shop(retail_shop: Shop) -> Shop:
    return retail_shop


@pytest.fixture
def view(retail_view: View) -> View:
    return retail_view


@pytest.mark.parametrize("day", [*DAYS, LAST], ids=str)
def test_the_figures_of_online_retail_are_those_of_plain_pandas(
    view: View, shop: Shop, day: date
) -> None:
    told = plain.figures(shop, day)
    assert disagreements(compute(view, list(told), day), told) == []


def test_what_cannot_be_known_yet_is_null(view: View) -> None:
    def nulls(day: date) -> set[str]:
        keys = [*plain.UNKNOWABLE, "new", "returned", "came_and_went", "arrived"]
        return {figure.key for figure in compute(view, keys, day) if figure.value is None}

    # By 30 June 2010 nobody was lost at the opening, and no year has passed.
    known = {"gap_median"}
    origin = {"new", "returned", "came_and_went"}
    assert nulls(DAYS[0]) == {*plain.UNKNOWABLE, *origin} - known
    assert nulls(DAYS[2]) == set()
    # The open month is a ledger day without one 12 months before.
    assert nulls(LAST) == {"retention_annual", "churn_annual", "grr", "nrr"}


def test_there_are_voided_orders_and_an_undone_customer_to_test_with(shop: Shop) -> None:
    assert len(shop.voided) > 200
    assert shop.movement(date(2010, 9, 30), date(2010, 12, 31)).eq("undone").sum() == 1


def test_figures_of_occasions_hold_in_the_middle_of_a_month(view: View, shop: Shop) -> None:
    day = date(2011, 5, 17)
    told = {**plain.buying(shop, day), **plain.sales(shop, day)}
    assert disagreements(compute(view, list(told), day), told) == []


def test_compared_figures_are_those_of_the_earlier_day(view: View, shop: Shop) -> None:
    closing, compare = date(2011, 11, 30), date(2011, 5, 31)
    told = plain.figures(shop, closing, compare)
    before = plain.figures(shop, compare, date(2010, 11, 30))
    found = compute(view, list(told), closing, compare)
    assert disagreements(found, told) == []
    assert [(f.key, f.was) for f in found if not is_same(f.was, before[f.key].value)] == []


def test_tiers_compared_with_provisional_ones_are_null(view: View, shop: Shop) -> None:
    frozen, provisional = date(2011, 11, 30), date(2010, 11, 30)
    keys = ["tier_top", "tier_top_value", "customers"]
    found = {figure.key: figure for figure in compute(view, keys, frozen, provisional)}
    assert found["tier_top"].value is not None
    customers = plain.standing(shop, provisional)["customers"].value
    assert [found[key].was for key in keys] == [None, None, customers]


def test_each_region_has_its_own_and_the_moves_between_them(view: View, shop: Shop) -> None:
    opened, closed = date(2010, 12, 31), date(2011, 11, 30)
    told = plain_tables.by_region(shop, opened, closed)
    keys = list(told["United Kingdom"])
    found = compute(view, keys, closed, opened, by="region")
    for region, expected in told.items():
        ours = [figure for figure in found if figure.scope == {"region": region}]
        assert disagreements(ours, expected) == [], region
    moved = [figures["bridge_moved_in"].value for figures in told.values()]
    assert sum(moved) > 0
    assert sum(moved) == sum(figures["bridge_moved_out"].value for figures in told.values())
