"""What sales are made of, and what drove their change: through books, by hand."""

from collections.abc import Iterator
from datetime import date
from itertools import permutations

import pytest

from core import breakdowns
from core.facts import Books
from core.figures import FAMILIES, Figure, compute
from core.reading import open_ledger
from core.view import View
from tests.figures.tiered_shop import AS_OF, YEAR_AGO
from tests.shop import CLOSING, ten_customers

pytestmark = pytest.mark.slow

# The shop of ten customers is 15 months old: there are no two years to compare.
WHOLE = dict.fromkeys(
    ("change_net_sales", "change_customers", "change_occasions", "change_basket", "change_mix")
)
# Customers, occasions and net of 2022 and 2023. North: Ada, Ben, Cid; South: Dot, Eve, Fin (2022),
# Gil, Joy. Ada comes 4 times a year; Eve comes twice in 2023.
NORTH = ((3, 6, 1200 + 600 + 600), (3, 6, 1200 + 50 + 60))
SOUTH = ((5, 5, 200 + 50 + 50 + 30 + 90), (4, 5, 200 + 90 + 30 - 50))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    with open_ledger(ten_customers(tmp_path_factory.mktemp("shop"))) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def tiered(tiered_books: Books) -> Iterator[View]:
    with open_ledger(tiered_books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def figures(tiered: View) -> dict[str, Figure]:
    return {figure.key: figure for figure in compute(tiered, ["composition"], AS_OF)}


def rows(view: View, key: str, as_of: date = AS_OF) -> list[dict]:
    return breakdowns.rows(view, key, as_of=as_of).to_pylist()


def by_every_order(*cells: tuple[tuple, tuple]) -> dict[str, float]:
    """Change customers, mix, occasions and basket one after another, in all 24 orders."""
    totals = [sum(cell[end][0] for cell in cells) for end in (0, 1)]

    def factors(cell: tuple, end: int) -> dict[str, float]:
        customers, occasions, net = cell[end]
        return {
            "customers": totals[end], "mix": customers / totals[end],
            "occasions": occasions / customers, "basket": net / occasions,
        }  # fmt: skip

    effects = dict.fromkeys(("customers", "mix", "occasions", "basket"), 0.0)
    for cell in cells:
        for order in permutations(effects):
            now = factors(cell, 0)
            for name in order:
                before = now["customers"] * now["mix"] * now["occasions"] * now["basket"]
                now[name] = factors(cell, 1)[name]
                after = now["customers"] * now["mix"] * now["occasions"] * now["basket"]
                effects[name] += (after - before) / 24
    return effects


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["composition"]}


@pytest.mark.parametrize("key", sorted(WHOLE))
def test_a_figure_of_the_shop_is_as_by_hand(shop, key):
    (found,) = compute(shop, [key], CLOSING)
    assert found.value is WHOLE[key] is None
    assert [note.key for note in found.note] == ["window_before_books"]


def test_the_drivers_of_the_change_are_the_mean_over_all_orders(figures):
    for name, effect in by_every_order(NORTH, SOUTH).items():
        assert figures[f"change_{name}"].value == pytest.approx(effect)


def test_the_drivers_add_up_to_the_change(figures):
    # 2023 less 2022: 1310 + 270 less 2400 + 420.
    assert figures["change_net_sales"].value == pytest.approx(1580 - 2820)
    parts = [figures[f"change_{n}"].value for n in ("customers", "occasions", "basket", "mix")]
    assert sum(part or 0 for part in parts) == pytest.approx(1580 - 2820)


def test_within_a_region_its_own_customers_are_the_whole(tiered):
    found = compute(tiered, ["composition"], AS_OF, by="region")
    known = {(f.key, f.scope.get("region")): f.value for f in found}
    for region, cell in (("North", NORTH), ("South", SOUTH)):
        for name, effect in by_every_order(cell).items():
            assert known[f"change_{name}", region] == pytest.approx(effect, abs=1e-9)
    # North has as many customers and occasions as before: all is the basket.
    assert known["change_basket", "North"] == pytest.approx(1310 - 2400)


def test_tiers_of_two_years_are_told_apart_where_they_compare(tiered):
    found = compute(tiered, ["change_net_sales"], AS_OF, by="tier")
    known = {f.scope.get("tier"): f.value for f in found}
    # Ben and Cid were high in 2022; nobody is in 2023.
    assert (known["top"], known["high"], known["middle"]) == (0, -1200, 0)


def test_without_attributes_the_mix_alone_is_not_known():
    needing = {f.key for f in FAMILIES["composition"] if "customer_attributes" in f.tables}
    assert needing == {"change_mix"}


def test_the_change_is_told_apart_by_region_and_tier(tiered):
    found = {(r["scope"], r["scope_value"]): r for r in rows(tiered, "composition-change")}
    north = found["region", "North"]
    assert (north["customers_then"], north["occasions_now"], north["net_now"]) == (3, 6, 1310)
    for row in found.values():
        parts = [row[f"change_{n}"] for n in ("customers", "occasions", "basket", "mix")]
        assert sum(parts) == pytest.approx(row["change"])
    for scope in ("region", "channel", "tier"):
        changes = [row["change"] for (name, _), row in found.items() if name == scope]
        assert sum(changes) == pytest.approx(1580 - 2820)
    (since,) = breakdowns.notes(tiered, "composition-change", as_of=AS_OF)
    assert since.values == {"day": YEAR_AGO}


def test_the_change_of_a_young_shop_is_empty_and_says_why(shop):
    assert rows(shop, "composition-change", CLOSING) == []
    (reason,) = breakdowns.notes(shop, "composition-change", as_of=CLOSING)
    assert reason.key == "window_before_books"


def test_categories_add_up_to_net_sales(tiered):
    found = {row["category"]: float(row["net"]) for row in rows(tiered, "composition-category")}
    # Ada's 4 x 200 of tea and 4 x 100 of cups; of the other 1615 - 1200 nothing is known.
    assert found == {"Drinks": 800, "Ware": 400, None: 415}
    (net,) = compute(tiered, ["net_sales_12m"], AS_OF)
    assert sum(found.values()) == net.value


def test_net_sales_by_region_are_those_of_its_customers(tiered):
    found = {
        (r["region"], r["category"]): float(r["net"]) for r in rows(tiered, "composition-region")
    }
    assert found == {
        ("North", "Drinks"): 800, ("North", "Ware"): 400, ("North", None): 110,
        ("South", None): 270, (None, None): 35,
    }  # fmt: skip


def test_the_lost_and_those_without_a_customer_stand_apart_by_tier(tiered):
    found = {(r["tier_name"], r["category"]): r["net"] for r in rows(tiered, "composition-tier")}
    assert {tier for tier, _ in found} == {"top", "middle", "other", None}
    assert found[None, None] == 35


def test_a_scope_holds_its_own_customers_alone(tiered):
    north = View(tiered.ledger, {"region": ("North",)})
    found = {row["category"]: float(row["net"]) for row in rows(north, "composition-category")}
    assert found == {"Drinks": 800, "Ware": 400, None: 110}


def test_without_lines_there_is_no_composition(shop):
    assert rows(shop, "composition", CLOSING) == []
    (reason,) = breakdowns.notes(shop, "composition", as_of=CLOSING)
    assert reason.key == "no_table"
