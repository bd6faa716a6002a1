"""Who depends on whom, who is tied and who recommends, in the shop of ten customers."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from core import breakdowns
from core.breakdowns.people import BREAKDOWNS
from core.facts import Books
from core.figures import FAMILIES, compute
from core.i18n import LANGUAGES
from core.ledger.refresh import refresh
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.rows import take
from tests.shop import CLOSING, CONFIGURATION, OPENING, day, ten_customers

pytestmark = pytest.mark.slow

# Orders of the shop name no employee, so that contacts alone tell who dealt with whom.
CONTACTS = [
    # E9 left on 15 March 2023, and Ann knew nobody else then; Cem knew E2.
    *[("Ann", "E9", on) for on in ("2023-02-01", "2023-02-15", "2023-03-10")],
    *[("Cem", "E2", on) for on in ("2023-02-01", "2023-02-15", "2023-03-10")],
    # In the 12 months before 31 March 2024:
    *[("Jin", "E1", on) for on in ("2023-11-01", "2024-01-10", "2024-03-01")],
    *[("Dua", "E1", on) for on in ("2023-12-01", "2024-01-10", "2024-02-20", "2024-03-05")],
    ("Dua", "E2", "2023-05-01"),
    ("Ann", "E1", "2023-12-05"), ("Ann", "E1", "2024-03-01"),
    *[("Cem", "E1", on) for on in ("2024-02-01", "2024-02-10", "2024-03-01")],
    ("Cem", "E2", "2024-03-02"),
    # Lost by the end of March.
    *[("Fay", "E2", on) for on in ("2023-11-05", "2023-12-05", "2024-01-05")],
]  # fmt: skip
# Order number of the shop, product.
LINES = [
    (1, "p2"), (2, "p1"), (3, "p2"), (6, "p1"), (7, "p1"), (8, "p2"), (13, "p1"), (14, "p2"),
]  # fmt: skip
PRODUCTS = {"p1": "cars", "p2": "cars", "p3": "tyres"}
# Who recommends whom, on which day.
REFERRALS = [
    ("Ann", "Jin", "2023-10-01"), ("Ann", "Dua", "2023-12-01"), ("Bob", "Eva", "2024-01-02"),
    ("Jin", None, "2023-12-15"), ("Cem", "Ann", "2023-11-01"),
]  # fmt: skip
WHOLE = {
    # Jin (520) has E1 alone; Dua (210) had E2 once in five, more than 6 months ago. Ann had two
    # contacts, Cem one in four through E2. Active customers bring 940.
    "dependency_share": 730 / 940, "dependent_customers": 2, "dependent_alone": 1,
    # Ann bought cars and tyres; Cem, Dua and Jin cars alone; of Eva it is not known.
    "one_product_share": 3 / 4,
    # Jin came after 31 days, Dua after 81; nobody was named in the fourth; Ann was a customer.
    # Eva's 90 days end on 1 April.
    "referral_success": 2 / 4,
}  # fmt: skip


def tables() -> dict[str, list[dict]]:
    return {
        "contacts": [
            {
                "contact_id": f"t{n}", "customer_id": who, "employee_id": employee,
                "contacted_at": datetime.fromisoformat(f"{on}T10:00"), "is_reached": True,
            }
            for n, (who, employee, on) in enumerate(CONTACTS)
        ],
        "employees": [
            {"employee_id": "E1", "name": "Zoe", "branch": "Centre", "left_on": None},
            {"employee_id": "E2", "name": "Yan", "branch": "Centre", "left_on": None},
            {"employee_id": "E9", "name": "Xu", "branch": "Centre", "left_on": day("2023-03-15")},
        ],
        "order_lines": [
            {
                "order_id": f"o{order}", "line_id": "1", "product_id": "p3" if order == 3 else
                product, "amount": Decimal(1),
            }
            for order, product in LINES
        ],
        "products": [{"product_id": p, "category": c} for p, c in PRODUCTS.items()],
        "referrals": [
            {
                "referral_id": f"r{n}", "customer_id": who, "referred_customer_id": whom,
                "employee_id": "E1", "referred_on": day(on),
            }
            for n, (who, whom, on) in enumerate(REFERRALS)
        ],
        "points": [
            {"point_id": "a", "customer_id": "Ann", "booked_on": day("2023-12-01"), "points": 5.0},
            {"point_id": "b", "customer_id": "Bob", "booked_on": day("2024-01-01"), "points": 5.0},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    books = ten_customers(tmp_path_factory.mktemp("shop"))
    take(books, tables())
    refresh(books, CONFIGURATION)
    return books


@pytest.fixture(scope="module")
def view(books: Books) -> Iterator[View]:
    with open_ledger(books) as ledger:
        yield View(ledger)


def figures(view: View, *keys: str, as_of: date = CLOSING, **more) -> dict:
    return {f.key: f for f in compute(view, keys or ["people"], as_of, **more)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["people"]}


def test_the_figures_of_the_shop_are_as_by_hand(view):
    found = {key: figure.value for key, figure in figures(view).items()}
    assert found == {key: pytest.approx(value) for key, value in WHOLE.items()}


def test_rates_carry_their_n_and_interval(view):
    found = figures(view)
    for key, k, n in (("one_product_share", 3, 4), ("referral_success", 2, 4)):
        assert (found[key].n, found[key].low, found[key].high) == (n, *wilson(k, n))
    assert (found["dependent_customers"].n, found["dependent_alone"].n) == (5, 2)


def test_without_employees_products_and_referrals_nothing_is_known(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        found = figures(View(ledger))
    assert {figure.value for figure in found.values()} == {None}
    assert "name an employee" in found["dependency_share"].note_text("en")
    assert "员工" in found["dependent_alone"].note_text("zh")


def test_by_region_dependence_is_of_that_region(view):
    found = compute(view, ["dependency_share", "referral_success"], CLOSING, by="region")
    by = {(f.key, f.scope["region"]): f.value for f in found if f.scope}
    # North: Dua of Dua and Cem; South: Jin of Ann, Eva and Jin.
    assert by["dependency_share", "North"] == pytest.approx(210 / 270)
    assert by["dependency_share", "South"] == pytest.approx(520 / 670)
    # Cem recommends in the North, Ann and Jin in the South.
    assert by["referral_success", "North"] == 0
    assert by["referral_success", "South"] == pytest.approx(2 / 3)


def test_in_a_scope_only_its_customers_count(books):
    with open_ledger(books) as ledger:
        north = figures(View(ledger, {"region": ("North",)}))
    assert north["dependency_share"].value == pytest.approx(210 / 270)
    # Cem and Dua bought cars alone; of Bob's order no line is known.
    assert (north["one_product_share"].n, north["one_product_share"].value) == (2, 1)


def rows(view: View, key: str) -> list[dict]:
    return breakdowns.rows(view, key, as_of=CLOSING, compare=OPENING).to_pylist()


def test_a_departure_is_followed_for_a_year(view):
    # Ann was lost on 31 January 2024, and not back at the end of February; Cem was, but is of
    # another tier, so that there is nobody like Ann.
    [row] = rows(view, "departures")
    assert (row["employee"], row["left_on"]) == ("Xu", day("2023-03-15"))
    assert (row["customers"], row["lost"], row["lost_rate"]) == (1, 1, 1)
    assert (row["like_rate"], row["loss_excess"]) == (None, None)
    assert (row["value"], row["value_lost"]) == (100, 100)


def test_a_year_that_has_not_passed_is_not_judged(view):
    as_of = date(2024, 1, 31)
    [row] = breakdowns.rows(view, "departures", as_of=as_of).to_pylist()
    assert (row["employee"], row["customers"], row["lost_rate"]) == ("Xu", None, None)
    [what_if] = breakdowns.rows(view, "dependency-what-if", as_of=as_of).to_pylist()
    # Fay, who brought 25, knows Yan alone.
    assert (what_if["employee"], what_if["value"]) == ("Yan", 25)
    assert (what_if["lost_rate"], what_if["expected_loss"]) == (None, None)
    notes = breakdowns.notes(view, "dependency-what-if", as_of=as_of)
    assert "no_past_departures" in [note.key for note in notes]


def test_what_if_an_employee_leaves_is_judged_by_past_departures(view):
    [row] = rows(view, "dependency-what-if")
    assert (row["employee"], row["customers"], row["uses_nobody_else"]) == ("Zoe", 2, 1)
    assert (row["value"], row["lost_rate"], row["expected_loss"]) == (730, 1, 730)
    assert row["expected_excess"] is None


def test_losses_by_ties_of_the_opening(view):
    # At the end of 2023 Ann had tyres and cars no more than cars, knew E9 and E1, and held points;
    # Jin, Bob, Fay and Gus had no ties; Bob's points came later. Bob and Fay were lost since.
    none, two = rows(view, "ties")
    assert (none["number_of_ties"], none["customers"], none["lost"]) == (0, 4, 2)
    assert (two["number_of_ties"], two["customers"], two["lost"]) == (2, 1, 0)
    assert (two["value"], two["churn"]) == (150, 0)


def test_referrals_by_employee_and_tier(view):
    found = rows(view, "referrals")
    by = {(row["told_by"], row["group"]): row for row in found}
    zoe = by["employee_id", "E1"]
    assert (zoe["employee"], zoe["referrals"], zoe["successes"]) == ("Zoe", 4, 2)
    assert (zoe["were_customers"], zoe["unnamed"], zoe["value"]) == (1, 1, 730)
    # Ann and Cem are of the lowest tier, Jin of the top.
    assert by["tier_name", "other"]["success_rate"] == pytest.approx(2 / 3)
    assert by["tier_name", "top"]["success_rate"] == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_breakdowns_have_their_texts(view, language):
    for each in BREAKDOWNS:
        assert each.title(language)
        assert each.about(language)
        assert each.edges(language)
        assert set(each.headings(language)) == set(each.columns)
        for note in breakdowns.notes(view, each.key, as_of=CLOSING):
            assert note.text(language)
