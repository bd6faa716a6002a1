from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core import lists
from core.behind.registry import BEHIND, WHO
from core.breakdowns import BREAKDOWNS
from core.definitions import Configuration
from core.errors import UnknownFigure
from core.facts import Books
from core.i18n import LANGUAGES, texts
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.schema import SCOPES
from core.view import View
from tests.rows import take

pytestmark = pytest.mark.slow

JUNE, MAY = date(2026, 6, 30), date(2026, 5, 31)


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12)


def alike(*rows: dict) -> list[dict]:
    """Rows with the columns of all of them."""
    names = {name: None for row in rows for name in row}
    return [{**names, **row} for row in rows]


def order(number: int, customer: str | None, day: datetime, amount: int, **others) -> dict:
    return {
        "order_id": f"O{number}", "customer_id": customer, "ordered_at": day,
        "amount": Decimal(amount), "employee_id": None, **others,
    }  # fmt: skip


def customer(number: str, name: str, may_contact: bool | None = None) -> dict:
    return {"customer_id": number, "name": name, "may_contact": may_contact}


ORDERS = alike(
    # Anna knows nobody but E1; her former id bought too.
    *[order(n, "C1", at(2026, n, 10), 100, employee_id="E1") for n in (2, 3, 4, 5)],
    order(6, "C0", at(2026, 6, 10), 50, employee_id="E1"),
    # Bert and Carl came every ten days and stopped in March; Bert does not want to be called.
    *[order(100 + n, "C2", at(2026, 3, n), 20) for n in (1, 11, 21, 31)],
    *[order(200 + n, "C3", at(2026, 3, n), 10) for n in (1, 11, 21, 31)],
    # Lost since last summer: Dora and Emil worth the same, Finn more, but not to be called.
    order(52, "C5", at(2025, 8, 1), 70),
    order(53, "C4", at(2025, 8, 1), 70),
    order(54, "C6", at(2025, 8, 1), 90),
    # Gina brought back what she bought before the last twelve months.
    order(60, "C7", at(2025, 6, 20), 30),
    order(61, "C7", at(2026, 5, 2), 5),
    order(70, None, at(2026, 6, 30), 1),
)
ROWS = {
    "orders": ORDERS,
    "customers": [
        customer("C0", "Anna B."), customer("C1", "Anna"), customer("C2", "Bert", False),
        customer("C3", "Carl", True), customer("C4", "Dora"), customer("C5", "Emil"),
        customer("C6", "Finn", False), customer("C7", "Gina"),
    ],
    "customer_merges": [{"customer_id": "C0", "into_customer_id": "C1"}],
    "customer_attributes": [
        {
            "customer_id": number, "attribute": "branch", "value": branch,
            "valid_from": date(2024, 1, 1), "is_dated": True,
        }
        for number, branch in (("C1", "North"), ("C3", "South"), ("C4", "South"))
    ],
    "employees": [{"employee_id": "E1", "name": "Eva", "branch": "North"}],
    "refunds": [
        {
            "refund_id": "R1", "customer_id": "C7", "refunded_at": at(2026, 6, 1),
            "amount": Decimal(20), "order_id": "O60",
        }
    ],
    "complaints": alike(
        {"complaint_id": "K1", "customer_id": "C1", "opened_at": at(2026, 5, 20)},
        {
            "complaint_id": "K2", "customer_id": "C3", "opened_at": at(2026, 5, 25),
            "resolved_at": at(2026, 6, 5),
        },
    ),
    "leads": alike(
        {"lead_id": "L1", "created_at": at(2026, 1, 5), "source": "show", "customer_id": None},
        {"lead_id": "L2", "created_at": at(2026, 2, 5), "source": "web", "customer_id": "C3"},
        {"lead_id": "L3", "created_at": at(2026, 2, 5), "source": "web", "customer_id": "C2"},
        {"lead_id": "L4", "created_at": at(2026, 6, 5), "source": "web", "customer_id": None},
    ),
}  # fmt: skip


def opened(home: Path, rows: dict) -> View:
    books = Books(home)
    take(books, rows)
    refresh(books, Configuration())
    return View(open_ledger(books))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    view = opened(tmp_path_factory.mktemp("shop"), ROWS)
    yield view
    view.ledger.con.disconnect()


@pytest.fixture(scope="module")
def orders_only(tmp_path_factory):
    sold = [{k: v for k, v in row.items() if k != "employee_id"} for row in ORDERS]
    view = opened(tmp_path_factory.mktemp("orders"), {"orders": sold})
    yield view
    view.ledger.con.disconnect()


def of(view: View, key: str, *names: str, **options) -> list[tuple]:
    found = lists.rows(view, key, **options).to_pylist()
    return [tuple(row[name] for name in names) for row in found]


def test_a_customer_at_risk_has_reasons_and_their_days(shop):
    found = lists.rows(shop, "at-risk").to_pylist()
    assert [row["customer_id"] for row in found] == ["C1", "C3"]
    assert (found[0]["name"], found[0]["value"]) == ("Anna", Decimal(450))
    assert (found[0]["reasons"], found[0]["evidence_on"]) == (
        ["open_complaint"], [date(2026, 5, 20)],
    )  # fmt: skip
    # Carl came every ten days, so 20 days were allowed after 31 March.
    assert (found[1]["reasons"], found[1]["evidence_on"]) == (["overdue"], [date(2026, 4, 21)])
    assert [row["value_at_risk"] for row in found] == [Decimal(0), Decimal(40)]


def test_a_complaint_resolved_after_the_day_is_open_at_it(shop):
    assert of(shop, "complaints-open", "complaint_id", as_of=MAY) == [("K1",), ("K2",)]
    assert of(shop, "complaints-open", "complaint_id", as_of=JUNE) == [("K1",)]


def test_nobody_is_called_against_their_wish(shop):
    for key, number in (("overdue", "C2"), ("at-risk", "C2"), ("win-back", "C6")):
        assert number not in lists.rows(shop, key)["customer_id"].to_pylist()
    assert of(shop, "leads-dormant", "lead_id") == [("L1",), ("L2",)]
    for key in ("overdue", "win-back", "leads-dormant"):
        assert any(note.startswith("1 more") for note in lists.notes(shop, key, "en"))


def test_customers_of_equal_value_stand_in_the_order_of_their_own_ids(shop):
    assert of(shop, "win-back", "customer_id", "value_lost", "lost_on") == [
        ("C4", Decimal(70), date(2026, 1, 29)),
        ("C5", Decimal(70), date(2026, 1, 29)),
    ]


def test_top_takes_the_first_of_the_whole_list(shop):
    assert of(shop, "win-back", "customer_id", top=1) == [("C4",)]
    assert of(shop, "win-back", "customer_id", top=0) == []
    assert lists.counts(shop, "win-back") == 2


def test_merged_customers_stand_in_a_list_once(shop):
    assert of(shop, "dependency-customers", "customer_id", "name", "events", "employee") == [
        ("C1", "Anna", 5, "Eva")
    ]


def test_what_hangs_on_an_employee(shop):
    names = ("employee_id", "employee", "customers", "uses_nobody_else", "value", "branch_value")
    assert of(shop, "dependency", *names) == [("E1", "Eva", 1, 1, Decimal(450), Decimal(450))]


def test_without_costs_the_list_is_refunds_that_exceed_purchases(shop):
    assert of(shop, "negative-value", "customer_id", "value", "gross", "returned") == [
        ("C7", Decimal(-15), Decimal(5), Decimal(20))
    ]
    assert lists.title(shop, "negative-value", "en") == "Customers whose refunds exceed purchases"
    assert lists.LISTS["negative-value"].title("en") == "Negative-value customers"
    assert "net" in lists.notes(shop, "negative-value", "en")[0]


def test_a_list_can_be_had_for_an_earlier_month(shop):
    assert of(shop, "overdue", "customer_id", as_of=date(2026, 3, 31)) == []
    assert of(shop, "win-back", "customer_id", as_of=date(2025, 11, 30)) == []
    with pytest.raises(UnknownFigure):
        lists.rows(shop, "overdue", as_of=date(2026, 6, 15))


def test_a_list_holds_customers_of_the_scope_alone(shop):
    south = View(shop.ledger, {"branch": ("South",)})
    assert of(south, "at-risk", "customer_id") == [("C3",)]
    assert of(south, "win-back", "customer_id") == [("C4",)]
    assert of(south, "complaints-open", "complaint_id", as_of=MAY) == [("K2",)]
    assert of(south, "leads-dormant", "lead_id") == [("L2",)]
    assert of(south, "dependency", "employee_id") == []
    assert len(lists.notes(south, "leads-dormant", "en")) == 1


def test_leads_come_by_the_days_that_nobody_touched_them(shop):
    # 5 January to 30 June: 176 days.
    assert of(shop, "leads-dormant", "lead_id", "customer_id", "untouched_days")[0] == (
        "L1", None, 176,
    )  # fmt: skip


@pytest.mark.parametrize("key", lists.LISTS)
def test_a_list_has_its_columns_and_as_many_rows_as_counted(shop, orders_only, key):
    for view in (shop, orders_only):
        found = lists.rows(view, key)
        assert tuple(found.column_names) == lists.LISTS[key].columns
        assert found.num_rows == lists.counts(view, key)


@pytest.mark.parametrize(
    ("key", "tables"),
    [
        ("dependency", ["contacts"]),
        ("dependency-customers", ["contacts"]),
        ("complaints-open", ["complaints"]),
        ("promises-broken", ["promises"]),
        ("leads-dormant", ["leads"]),
        ("at-risk", []),
        ("win-back", []),
        ("negative-value", []),
        ("overdue", []),
    ],
)
def test_a_list_whose_table_was_not_brought_is_empty_and_says_so(orders_only, key, tables):
    assert lists.missing(orders_only, key) == tables
    if tables:
        assert lists.rows(orders_only, key).num_rows == 0
        assert tables[0] in lists.notes(orders_only, key, "en")[0]


def test_dependence_can_be_told_from_orders_that_name_who_served(shop):
    assert not shop.ledger.has("contacts")
    assert lists.missing(shop, "dependency") == []


def test_without_master_data_the_own_id_stands_without_a_name(orders_only):
    assert of(orders_only, "overdue", "customer_id", "name") == [("C2", None), ("C3", None)]


def test_reasons_that_could_not_be_looked_at_are_named(orders_only, shop):
    def unseen(view: View) -> str:
        return lists.notes(view, "at-risk", "en")[-1]

    assert "Open complaint" in unseen(orders_only)
    assert "Overdue" not in unseen(orders_only)
    assert "Open complaint" not in unseen(shop)


def test_a_list_that_does_not_exist_is_named_with_those_that_do(shop):
    with pytest.raises(UnknownFigure) as raised:
        lists.rows(shop, "nobody")
    for language in LANGUAGES:
        assert "nobody" in raised.value.text(language)
        assert "win-back" in raised.value.text(language)


LATER = {
    "orders": alike(
        # Carl buys and Dora comes back, Anna is served by somebody else, Emil's order is cancelled.
        order(300, "C3", at(2026, 7, 3), 500, cancelled_at=None),
        order(301, "C4", at(2026, 7, 4), 500),
        order(302, "C1", at(2026, 7, 5), 500, employee_id="E2"),
        order(52, "C5", at(2025, 8, 1), 70, cancelled_at=at(2026, 7, 6)),
        order(399, None, at(2026, 7, 31), 1),
    ),
    "employees": alike(
        {"employee_id": "E1", "name": "Eva", "branch": "North", "left_on": date(2026, 7, 1)}
    ),
    "refunds": [
        {
            "refund_id": "R2", "customer_id": "C1", "refunded_at": at(2026, 7, 7),
            "amount": Decimal(450), "order_id": "O2",
        }
    ],
    "complaints": alike(
        {
            "complaint_id": "K1", "customer_id": "C1", "opened_at": at(2026, 5, 20),
            "first_response_at": at(2026, 7, 1), "resolved_at": at(2026, 7, 1),
        },
        {"complaint_id": "K3", "customer_id": "C4", "opened_at": at(2026, 7, 1)},
    ),
    "leads": alike(
        {
            "lead_id": "L1", "created_at": at(2026, 1, 5), "source": "show", "customer_id": None,
            "trial_at": at(2026, 7, 2), "converted_at": at(2026, 7, 3),
        },
        {"lead_id": "L5", "created_at": at(2026, 7, 2)},
    ),
    "contacts": [
        {
            "contact_id": "T1", "customer_id": "C1", "employee_id": "E2",
            "contacted_at": at(2026, 7, 2), "is_reached": True,
        }
    ],
}  # fmt: skip


def test_what_came_later_changes_no_list_of_an_earlier_day(tmp_path):
    view = opened(tmp_path, ROWS)
    before = {key: lists.rows(view, key, as_of=JUNE).to_pylist() for key in lists.LISTS}
    view.ledger.con.disconnect()
    view = opened(tmp_path, LATER)
    assert view.ledger.refresh.data_date == date(2026, 7, 31)
    after = {key: lists.rows(view, key, as_of=JUNE).to_pylist() for key in lists.LISTS}
    assert after == before
    later = {key: lists.rows(view, key).to_pylist() for key in lists.LISTS}
    view.ledger.con.disconnect()
    changed = {key for key in lists.LISTS if later[key] != before[key]}
    assert {"at-risk", "win-back", "dependency", "complaints-open", "leads-dormant"} <= changed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", lists.LISTS)
def test_every_list_is_named_in_both_languages(key, language):
    chosen = lists.LISTS[key]
    for is_on_margin in (True, False):
        assert chosen.title(language, is_on_margin)
        assert chosen.about(language, is_on_margin)
    assert set(chosen.headings(language)) == set(chosen.columns)


def test_no_heading_of_a_list_is_left_over():
    tables = [*lists.LISTS.values(), *BREAKDOWNS.values()]
    used = {column for each in tables for column in each.columns}
    used |= {column for each in BEHIND.values() for column in each.more}
    used |= {*WHO, "counted", "base", *SCOPES}
    stated = {k.removeprefix("list.column.") for k in texts("en") if k.startswith("list.column.")}
    assert stated == used
