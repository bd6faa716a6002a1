"""Care for the ten customers of the shop: who was due, who was reached, what fell due."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from core import breakdowns
from core.breakdowns.care import BREAKDOWNS
from core.facts import Books
from core.figures import FAMILIES, compute
from core.i18n import LANGUAGES
from core.ledger.refresh import refresh
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.rows import take
from tests.shop import CLOSING, CONFIGURATION, day, ten_customers

pytestmark = pytest.mark.slow

# Customer, day, reached, learned, opportunity, what was written; the sixth was only planned.
CONTACTS = [
    ("Ida", "2023-06-01", True, None, None, None),
    ("Ann", "2023-12-01", True, True, False, "wants a red one"),
    ("Jin", "2024-03-10", False, None, None, None),
    ("Jin", "2024-03-01", True, False, False, None),
    ("Dua", "2024-02-20", True, True, True, "has a fleet"),
    ("Cem", None, None, None, None, None),
    ("Ann", "2024-02-01", True, False, True, "asks for an offer"),
    ("Fay", "2024-01-05", False, None, None, None),
    ("Bob", "2023-12-05", True, False, False, "  "),
    ("Cem", "2024-04-02", True, True, True, "after the day"),
]
# Customer, kind, due on, known on, value.
KEY_DATES = [
    ("Ann", "inspection", "2024-02-20", None, 100),
    ("Bob", "insurance", "2023-12-01", None, 200),
    ("Fay", "renewal", "2024-01-31", None, 50),
    ("Jin", "maturity", "2024-03-01", None, 1000),
    ("Cem", "maintenance", "2024-03-20", None, 70),
    ("Dua", "birthday", "2024-03-01", None, None),
    ("Eva", "inspection", "2024-03-10", "2024-04-05", 60),
]
BALANCES = [("Jin", "2024-02-28", 1000), ("Jin", "2024-03-15", 1300)]
WHOLE = {
    # Jin (top, 30 days), Ann and Cem (180 days) are due; Dua and Eva have been customers for less.
    # Jin was called in vain on 10 March and reached exactly 30 days ago, too early; Cem never.
    "contacts_due": 3, "contacts_done": 2, "contacts_missing": 2, "contact_gap": 2 / 3,
    # Eight took place; six reached somebody; of five of these it is known what came of them.
    "reach_rate": 6 / 8, "learned_rate": 2 / 5, "opportunity_rate": 2 / 5,
    # Of Ida, Jin and Bob nothing was written, learned or found.
    "without_content": 3 / 6,
    # Ann bought on 1 March; Dua on no later day.
    "opportunities_pending": 1,
    # Bob was spoken to before 20 January; Fay was not reached before 1 March, Hao never called.
    "lost_without_contact": 2 / 3,
    # Jin 30 days ago, Dua 40, Ann 59; Cem and Eva never.
    "last_contact_days": 59,
    # Ann came on 1 March, Bob before the day, Jin on the 30th day after; Fay bought a day too
    # early. Cem has until 19 April.
    "due_kept": 3 / 4, "due_kept_value": 1300, "due_open": 1, "due_new_money": 300,
}  # fmt: skip


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{text}T10:00") if text else None


def tables() -> dict[str, list[dict]]:
    contacts = [
        {
            "contact_id": f"t{n}", "customer_id": who, "employee_id": "E1",
            "contacted_at": moment(on), "planned_on": day("2024-03-01"), "channel": "call",
            "is_reached": reached, "has_learned": learned, "has_opportunity": chance,
            "content": text,
        }
        for n, (who, on, reached, learned, chance, text) in enumerate(CONTACTS)
    ]  # fmt: skip
    key_dates = [
        {
            "key_date_id": f"k{n}", "customer_id": who, "kind": kind, "due_on": day(on),
            "known_on": day(known) if known else None,
            "value": None if value is None else Decimal(value),
        }
        for n, (who, kind, on, known, value) in enumerate(KEY_DATES)
    ]  # fmt: skip
    balances = [
        {"customer_id": who, "product_id": "p", "balance_on": day(on), "balance": Decimal(amount)}
        for who, on, amount in BALANCES
    ]
    employees = [{"employee_id": "E1", "name": "Zoe", "branch": "Centre"}]
    return {
        "contacts": contacts, "key_dates": key_dates, "balances": balances, "employees": employees
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
    return {f.key: f for f in compute(view, keys or ["care"], as_of, **more)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["care"]}


def test_the_figures_of_the_shop_are_as_by_hand(view):
    found = {key: figure.value for key, figure in figures(view).items()}
    assert found == {key: pytest.approx(value) for key, value in WHOLE.items()}


def test_rates_carry_their_n_and_interval(view):
    found = figures(view)
    for key, k, n in (
        ("contact_gap", 2, 3), ("reach_rate", 6, 8), ("learned_rate", 2, 5),
        ("without_content", 3, 6), ("lost_without_contact", 2, 3), ("due_kept", 3, 4),
    ):  # fmt: skip
        assert (found[key].n, found[key].low, found[key].high) == (n, *wilson(k, n))


def test_without_contacts_and_key_dates_nothing_is_known(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        found = figures(View(ledger))
    assert {figure.value for figure in found.values()} == {None}
    assert "contacts" in found["contact_gap"].note_text("en")
    assert "key_dates" in found["due_kept"].note_text("zh")


def by_region(view: View, *keys: str) -> dict:
    found = compute(view, keys, CLOSING, by="region")
    return {(f.key, f.scope["region"]): f.value for f in found if f.scope}


def test_by_region_each_customer_counts_where_he_is(view):
    found = by_region(view, "contacts_due", "contact_gap", "due_kept", "opportunities_pending")
    # Ann is in the South by then: due and reached; Cem is in the North, Jin in the South.
    assert (found["contacts_due", "North"], found["contacts_due", "South"]) == (1, 2)
    assert (found["contact_gap", "North"], found["contact_gap", "South"]) == (1, 1 / 2)
    # Bob's was followed; of Ann's, Fay's and Jin's two.
    assert (found["due_kept", "North"], found["due_kept", "South"]) == (1, pytest.approx(2 / 3))
    assert (found["opportunities_pending", "North"], found["opportunities_pending", "South"]) == (
        1, 0,
    )  # fmt: skip


def test_in_a_scope_only_its_customers_count(books):
    with open_ledger(books) as ledger:
        north = figures(View(ledger, {"region": ("North",)}))
    # Bob and Dua were contacted in the North, and Bob's date was followed.
    assert (north["reach_rate"].n, north["reach_rate"].value) == (2, 1)
    assert (north["due_kept"].n, north["due_new_money"].value) == (1, None)


def test_earlier_the_same_contacts_say_less(view):
    # At the end of 2023 three had taken place, all of which reached somebody; no date had closed
    # but Bob's, whose 30 days ended on the very day.
    found = figures(view, as_of=date(2023, 12, 31))
    assert (found["reach_rate"].n, found["reach_rate"].value) == (3, 1)
    assert (found["due_kept"].n, found["due_kept"].value) == (1, 1)
    assert found["opportunities_pending"].value == 0


def test_who_does_not_want_to_be_contacted_is_never_due(books, tmp_path):
    books = ten_customers(tmp_path)
    refused = [{"customer_id": "Cem", "may_contact": False}]
    take(books, tables() | {"customers": refused})
    refresh(books, CONFIGURATION)
    with open_ledger(books) as ledger:
        found = figures(View(ledger), "contacts_due", "contacts_missing")
    assert (found["contacts_due"].value, found["contacts_missing"].value) == (2, 1)


def rows(view: View, key: str) -> list[dict]:
    return breakdowns.rows(view, key, as_of=CLOSING).to_pylist()


def test_the_gap_by_tier_manager_and_branch_adds_up(view):
    found = rows(view, "contact-gap")
    tiers = {row["group"]: row for row in found if row["told_by"] == "tier_name"}
    assert (tiers["top"]["to_contact"], tiers["top"]["missing"]) == (1, 1)
    assert (tiers["other"]["done"], tiers["other"]["contact_gap"]) == (1, 0.5)
    for way in ("tier_name", "manager", "branch"):
        assert sum(row["to_contact"] for row in found if row["told_by"] == way) == 3


def test_contacts_by_employee_carry_the_name_and_by_branch_that_of_the_employee(view):
    found = rows(view, "contacts")
    by = {row["told_by"]: row for row in found}
    assert (by["employee_id"]["group"], by["employee_id"]["employee"]) == ("E1", "Zoe")
    assert (by["branch"]["group"], by["branch"]["employee"]) == ("Centre", None)
    assert [row["contacts"] for row in found] == [8, 8, 8, 8]
    assert by["channel"]["without_content"] == 0.5


def test_key_dates_by_kind_and_month(view):
    found = rows(view, "due-dates")
    assert [(r["kind"], r["month"], r["due"], r["followed"], r["open"]) for r in found] == [
        ("inspection", date(2024, 2, 1), 1, 1, 0),
        ("insurance", date(2023, 12, 1), 1, 1, 0),
        ("maintenance", date(2024, 3, 1), 0, 0, 1),
        ("maturity", date(2024, 3, 1), 1, 1, 0),
        ("renewal", date(2024, 1, 1), 1, 0, 0),
    ]
    assert [row["new_money"] for row in found] == [None, None, None, 300, None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_breakdowns_have_their_texts(view, language):
    for each in BREAKDOWNS:
        assert each.title(language)
        assert each.about(language)
        assert each.edges(language)
        assert set(each.headings(language)) == set(each.columns)
        for note in breakdowns.notes(view, each.key, as_of=CLOSING):
            assert note.text(language)
