"""Whoever stands behind a cell of the pyramid page adds up to it."""

import math
from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from core import breakdowns
from core.behind.composition import NO_CATEGORY
from core.behind.registry import Found, found_behind
from core.figures.tiers import incomparable
from core.reading import open_ledger
from core.view import View
from tests.figures.tiered_shop import AS_OF, YEAR_AGO, tiered_shop
from tests.laws.full_shop import full_books

pytestmark = pytest.mark.slow

SCOPES = ({}, {"region": ("x",)})


@pytest.fixture(scope="module")
def full() -> Iterator[dict[str, View]]:
    """Views of a random shop with every table, by scope."""
    with open_ledger(full_books()) as ledger:
        yield {str(scope): View(ledger, scope) for scope in SCOPES}


@pytest.fixture(scope="module")
def tiered() -> Iterator[View]:
    with open_ledger(tiered_shop()) as ledger:
        yield View(ledger)


@pytest.fixture(params=[str(scope) for scope in SCOPES])
def view(full: dict[str, View], request: pytest.FixtureRequest) -> View:
    return full[request.param]


def told(view: View, key: str, compare: date | None = None) -> list[dict]:
    return breakdowns.rows(view, key, as_of=day(view), compare=compare).to_pylist()


def day(view: View) -> date:
    return view.days[-2]


def opening(view: View) -> date:
    """A day whose tiers compare with those of ``day``."""
    return next(each for each in view.days if not incomparable(view, each, day(view)))


def found(view: View, key: str, values: list[str], compare: date | None = None) -> Found:
    return found_behind(view, key, values, as_of=day(view), compare=compare)


def keys(each: Found) -> set[int]:
    everybody = each.rows["customer_key"].to_pylist()
    assert len(everybody) == len(set(everybody))
    return set(everybody)


def test_a_move_between_tiers_has_as_many_customers_as_its_cell(view):
    since = opening(view)
    cells = told(view, "tier-migration", since)
    assert cells
    assert "other" in {cell["tier_then"] for cell in cells}
    for cell in cells:
        behind = found(view, "tier_moves", [cell["tier_then"], cell["tier_now"]], since)
        assert len(keys(behind)) == cell["customers"] == behind.total
        for column in ("value_then", "value_now"):
            assert sum(behind.rows[column].to_pylist()) == cell[column]


def test_nobody_stands_behind_a_move_under_tiers_that_do_not_compare(view):
    first = view.days[0]
    assert incomparable(view, first, day(view))
    assert found(view, "tier_moves", ["top", "top"], first).rows.num_rows == 0


def test_negative_value_of_a_level_is_that_of_its_customers(view):
    for row in told(view, "negative-value-parts"):
        behind = found(view, "negative_value_tier", [row["tier_name"]])
        assert len(keys(behind)) == row["customers"]
        assert close(behind.total, row["value"])


@pytest.mark.parametrize(
    ("key", "column"), [("tier", "tier_name"), ("region", "region"), ("channel", "channel")]
)
def test_net_sales_of_a_cell_are_those_of_its_customers(view, key, column):
    cells = [cell for cell in told(view, f"composition-{key}") if cell[column] is not None]
    assert cells
    for cell in cells:
        values = [cell["category"] or NO_CATEGORY, cell[column]]
        behind = found(view, f"bought_{key}", values)
        keys(behind)
        assert close(behind.total, cell["net"])


def test_net_sales_of_a_category_are_those_of_its_customers_and_of_nobody(view):
    nobodys = net_of_nobody(view)
    for cell in told(view, "composition-category"):
        behind = found(view, "bought_category", [cell["category"] or NO_CATEGORY])
        keys(behind)
        assert close((behind.total or 0) + nobodys.get(cell["category"], 0), cell["net"])


def net_of_nobody(view: View) -> Mapping[str | None, float]:
    """Net sales without a customer by category: what no tier has, where there is no scope."""
    rows = told(view, "composition-tier")
    return {row["category"]: float(row["net"]) for row in rows if row["tier_name"] is None}


def test_a_channel_has_the_customers_and_occasions_of_its_row(view):
    rows = [row for row in told(view, "channel-mix") if row["channel"] and row["customers"]]
    assert rows
    for row in rows:
        behind = found(view, "channel_buyers", [row["channel"]])
        assert len(keys(behind)) == row["customers"]
        assert behind.total == row["occasions"]


def test_a_membership_level_has_its_active_customers(view):
    rows = told(view, "membership")
    assert rows
    for row in rows:
        behind = found(view, "membership_level", [row["membership_level"]])
        assert len(keys(behind)) == row["active"] == behind.total


def test_moves_between_levels_have_their_customers_the_lost_by_the_level_they_had(view):
    since = opening(view)
    cells: dict[tuple[str, str], int] = {}
    for row in told(view, "membership-moves", since):
        pair = row["level_then"], "lost" if row["is_lost"] else row["level_now"]
        cells[pair] = cells.get(pair, 0) + row["customers"]
    assert any(now == "lost" for _, now in cells)
    for pair, customers in cells.items():
        assert len(keys(found(view, "membership_moves", list(pair), since))) == customers


def test_who_bought_a_category_is_named_with_what_it_came_to(tiered):
    # Ada alone has lines: four orders of 2023 with 200 of tea each.
    behind = found_behind(tiered, "bought_category", ["Drinks"], as_of=AS_OF)
    rows = [(row["customer_id"], row["counted"]) for row in behind.rows.to_pylist()]
    assert rows == [("Ada", 800)]
    # Of the others nothing is known; Joy got back 70, of which 20 were bought in the year.
    rest = found_behind(tiered, "bought_category", [NO_CATEGORY], as_of=AS_OF)
    counted = {row["customer_id"]: row["counted"] for row in rest.rows.to_pylist()}
    assert counted == {"Ben": 50, "Cid": 60, "Dot": 200, "Eve": 90, "Gil": 30, "Joy": -50}


def test_who_fell_from_a_tier_is_named(tiered):
    behind = found_behind(tiered, "tier_moves", ["high", "other"], as_of=AS_OF, compare=YEAR_AGO)
    names = {row["customer_id"] for row in behind.rows.to_pylist()}
    # Ben and Cid brought 600 in 2022, of the 500 that make a high customer; 50 and 60 in 2023.
    assert names == {"Ben", "Cid"}


def close(total: float | None, amount: object) -> bool:
    return math.isclose(total or 0, float(str(amount)), rel_tol=1e-9, abs_tol=1e-6)
