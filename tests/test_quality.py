"""What the checks of the books find, and what they leave in peace."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core import quality
from core.facts import Books
from core.i18n import LANGUAGES, texts
from core.reading import open_facts
from tests.rows import Rows, take

pytestmark = pytest.mark.slow

MONDAY = date(2024, 1, 1)


def order(number: object, on: str, customer: str | None = "a", amount: int = 10, **more) -> dict:
    return {
        "order_id": f"o{number}", "customer_id": customer, "amount": Decimal(amount),
        "ordered_at": datetime.fromisoformat(on), **more,
    }  # fmt: skip


def found(home: Path, *imports: Rows) -> dict[str, quality.Issue]:
    books = Books(home)
    for rows in imports:
        take(books, rows)
    with open_facts(books) as reading:
        return {issue.key: issue for issue in quality.issues(reading)}


def test_books_without_a_fault_have_no_issue(tmp_path):
    orders = [order(i, f"2024-01-{i:02} 10:00") for i in range(1, 29)]
    assert found(tmp_path, {"orders": orders}) == {}


def test_orders_without_a_customer_are_counted(tmp_path):
    orders = [order(1, "2024-01-01 10:00", None), order(2, "2024-01-02 10:00")]
    issue = found(tmp_path, {"orders": orders})["without_customer"]
    assert (issue.n, issue.of, issue.share) == (1, 2, 0.5)


def test_a_line_of_an_unknown_product_is_an_orphan_and_one_without_is_none(tmp_path):
    lines = [
        {"order_id": "o1", "line_id": str(i), "product_id": product, "amount": Decimal(5)}
        for i, product in enumerate(("p", "q", None))
    ]
    rows = {
        "orders": [order(1, "2024-01-01 10:00")], "order_lines": lines,
        "products": [{"product_id": "p"}],
    }  # fmt: skip
    issue = found(tmp_path, rows)["orphans"]
    assert (issue.n, issue.of, issue.table) == (1, 2, "order_lines")
    assert issue.values == {"column": "product_id", "other": "products"}


def test_a_buyer_without_a_row_of_customers_is_unknown(tmp_path):
    rows = {
        "orders": [order(1, "2024-01-01 10:00"), order(2, "2024-01-02 10:00", "b")],
        "customers": [{"customer_id": "a"}],
    }  # fmt: skip
    issue = found(tmp_path, rows)["unknown_customers"]
    assert (issue.n, issue.of) == (1, 2)


def test_an_empty_weekday_is_a_gap_and_a_closed_sunday_is_none(tmp_path):
    # Ten weeks of Monday to Saturday; the first Wednesday is missing: 9 of 10 are usual.
    days = [MONDAY + timedelta(days=i) for i in range(70)]
    sold = [day for day in days if day.weekday() < 6 and day != date(2024, 1, 3)]
    orders = [order(i, f"{day} 10:00", f"c{i}") for i, day in enumerate(sold)]
    issue = found(tmp_path, {"orders": orders})["days_without_orders"]
    # From 1 January to 9 March, the last Saturday.
    assert (issue.n, issue.of) == (1, 60)
    assert issue.values == {"first": date(2024, 1, 3), "last": date(2024, 1, 3)}


def test_a_table_is_old_from_the_63rd_day_on(tmp_path):
    def contact(on: str) -> Rows:
        at = datetime.fromisoformat(f"{on} 10:00")
        return {
            "orders": [order(1, "2024-03-04 10:00")],
            "contacts": [{"contact_id": "k", "customer_id": "a", "contacted_at": at}],
        }

    # 4 March is the 64th day of 2024: 2 January lies 62 days before, 1 January 63.
    assert "old_table" not in found(tmp_path / "young", contact("2024-01-02"))
    issue = found(tmp_path / "old", contact("2024-01-01"))["old_table"]
    assert (issue.table, issue.values["days"]) == ("contacts", 63)


def test_equal_orders_are_counted_beyond_the_first_unless_only_their_day_is_known(tmp_path):
    timed = [order(i, "2024-01-01 10:00") for i in range(3)]
    other = [order("x", "2024-01-01 10:00", amount=11), order("y", "2024-01-01 10:00", "b")]
    days = [order(f"d{i}", "2024-01-02", "c") for i in range(2)]
    issue = found(tmp_path, {"orders": [*timed, *other, *days]})["equal_orders"]
    assert (issue.n, issue.of) == (2, 7)


def test_customers_of_one_phone_are_counted_beyond_the_first(tmp_path):
    phones = ("1", "1", "2", None, None)
    rows = {
        "orders": [order(1, "2024-01-01 10:00")],
        "customers": [
            {"customer_id": name, "phone": phone}
            for name, phone in zip("abcde", phones, strict=True)
        ],
    }  # fmt: skip
    issue = found(tmp_path, rows)["equal_customers"]
    assert (issue.n, issue.of, issue.values["column"]) == (1, 5, "phone")


def test_customers_found_to_be_one_do_not_share_a_phone(tmp_path):
    rows = {
        "orders": [order(1, "2024-01-01 10:00")],
        "customers": [{"customer_id": name, "phone": "1"} for name in "ab"],
        "customer_merges": [{"customer_id": "b", "into_customer_id": "a"}],
    }
    assert "equal_customers" not in found(tmp_path, rows)


def test_an_order_for_a_month_that_was_over_is_late_and_one_of_the_open_month_is_none(tmp_path):
    first = {"orders": [order(1, "2024-02-10 10:00")]}
    later = {"orders": [order(2, "2024-01-31 23:00"), order(3, "2024-02-01 10:00", "b")]}
    issue = found(tmp_path, first, later)["late_rows"]
    assert (issue.n, issue.of) == (1, 3)


def test_amounts_below_zero_are_counted(tmp_path):
    orders = [order(1, "2024-01-01 10:00", amount=-5), order(2, "2024-01-02 10:00", amount=0)]
    assert found(tmp_path, {"orders": orders})["below_zero"].n == 1


def test_a_few_midnights_among_times_are_suspicious_and_days_alone_are_not(tmp_path):
    timed = [order(i, f"2024-01-{i:02} 10:00") for i in range(1, 9)]
    mixed = [*timed, order("m", "2024-01-09")]
    issue = found(tmp_path / "mixed", {"orders": mixed})["midnight"]
    assert (issue.n, issue.of) == (1, 9)
    days = [order(i, f"2024-01-{i:02}") for i in range(1, 9)]
    assert "midnight" not in found(tmp_path / "days", {"orders": days})


def test_more_than_a_fifth_of_sales_before_five_is_suspicious(tmp_path):
    def sold(hours: list[int]) -> Rows:
        return {"orders": [order(i, f"2024-01-{i + 1:02} {h:02}:30") for i, h in enumerate(hours)]}

    # Five o'clock is morning: one of five is a fifth, not more.
    assert "night" not in found(tmp_path / "day", sold([4, 5, 9, 10, 11]))
    assert found(tmp_path / "night", sold([3, 4, 9, 10, 11]))["night"].n == 2


def test_undated_attributes_and_missing_costs_are_counted(tmp_path):
    attribute = {"customer_id": "a", "attribute": "region", "valid_from": date(2024, 1, 1)}
    rows = {
        "orders": [
            order(1, "2024-01-01 10:00", cost=Decimal(4)), order(2, "2024-01-02 10:00"),
        ],
        "customer_attributes": [
            {**attribute, "value": "x", "is_dated": True},
            {**attribute, "customer_id": "b", "value": "y", "is_dated": False},
        ],
    }  # fmt: skip
    issues = found(tmp_path, rows)
    assert (issues["undated_attributes"].n, issues["undated_attributes"].of) == (1, 2)
    assert (issues["without_cost"].n, issues["without_cost"].of) == (1, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_issue_has_its_words(language):
    parts = ("title", "what", "touches", "advice")
    known = texts(language)
    keys = {key.split(".")[1] for key in known if key.startswith("quality.")}
    assert all(f"quality.{key}.{part}" in known for key in keys for part in parts)
    assert keys == {
        "without_customer", "orphans", "unknown_customers", "days_without_orders", "old_table",
        "equal_orders", "equal_customers", "late_rows", "below_zero", "midnight", "night",
        "undated_attributes", "without_cost",
    }  # fmt: skip
