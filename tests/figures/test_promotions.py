"""Newcomers, promotions, what is expected: figures and tables of a shop worked out by hand.

The lapse is 60 days, a promotion is judged by 180; the books begin on 1 January 2023, and the day
looked at is 31 March 2025. Amounts are 10 unless said; R pays 20 in cash, 20 by card.

| customer | region | bought (P, Q: on a promotion)                      | what that makes         |
|----------|--------|----------------------------------------------------|-------------------------|
| Old      | South  | 1 January 2023 P, 1 February, 5 on 31 March 2025   | old: first 60 days      |
| P1       | North  | 10 May 2023 P, 1 August 2023                       | came again              |
| P2       | North  | 12 May 2023 P                                      | one-off                 |
| P3       | South  | 20 May 2023 P, 1 July 2023 Q                       | not at full price       |
| P4       | South  | 1 December 2023 P                                  | one-off, nobody like it |
| O1       | North  | 2 May 2023, 2 June 2023                            | other, came again       |
| O2       | South  | 30 May 2023, 26 November 2023                      | other, on the 180th day |
| O3       | South  | 1 June 2023                                        | other, of another month |
| R        | South  | 1, 11, 21 February and 3 March 2025                | expected on 13 March    |
| S        | South  | 20 on 1 and 25 January, 18 February, 14 March 2025 | expected on 7 April     |
| Gus      | South  | 15 May 2023, given back the day after              | no purchase             |
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from core import breakdowns, lists
from core.facts import Books
from core.figures import FAMILIES, Figure, compute
from core.i18n import LANGUAGES
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.shop import CLOSING, attribute, build, day, order, ten_customers

pytestmark = pytest.mark.slow

AS_OF = date(2025, 3, 31)
# The shop of ten knows no promotions, its books are too young, and nobody there has a rhythm.
WHOLE = dict.fromkeys(
    ("promo_repurchase", "promo_repurchase_others", "promo_repurchase_gap", "one_off_share",
     "expected_next_30")
)  # fmt: skip
_BOUGHT = (
    ("Old", "2023-01-01 P", "2023-02-01", "2025-03-31"),
    ("P1", "2023-05-10 P", "2023-08-01"),
    ("P2", "2023-05-12 P"),
    ("P3", "2023-05-20 P", "2023-07-01 Q"),
    ("P4", "2023-12-01 P"),
    ("O1", "2023-05-02", "2023-06-02"),
    ("O2", "2023-05-30", "2023-11-26"),
    ("O3", "2023-06-01"),
    ("R", "2025-02-01", "2025-02-11", "2025-02-21", "2025-03-03"),
    ("S", "2025-01-01", "2025-01-25", "2025-02-18", "2025-03-14"),
    ("Gus", "2023-05-15"),
)
_AMOUNTS = {"S": 20, ("Old", "2025-03-31"): 5}
_NORTH = ("P1", "P2", "O1")


def _orders() -> list[dict]:
    found = []
    for customer, *days in _BOUGHT:
        for number, text in enumerate(days):
            on, _, promotion = text.partition(" ")
            amount = _AMOUNTS.get((customer, on), _AMOUNTS.get(customer, 10))
            is_cash = customer == "Old" or (customer == "R" and number < 2)
            found.append(
                order(len(found), customer, on, amount)
                | {
                    "promotion_id": promotion or None,
                    "payment_method": "cash" if is_cash else "card",
                }
            )
    return found


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    orders = _orders()
    products = {o["order_id"]: "B" if o["customer_id"] == "R" else "A" for o in orders}
    gus = next(o for o in orders if o["customer_id"] == "Gus")
    return build(
        tmp_path_factory.mktemp("newcomers"),
        (),
        orders=orders,
        order_lines=[
            {"order_id": o["order_id"], "line_id": "1", "product_id": products[o["order_id"]],
             "amount": o["amount"]}
            for o in orders
        ],
        products=[
            {"product_id": "A", "name": "Oil", "category": "care"},
            {"product_id": "B", "name": "Brush", "category": "care"},
        ],
        promotions=[
            {"promotion_id": "P", "name": "First for 9", "started_on": day("2023-01-01"),
             "ended_on": day("2023-12-31")}
        ],
        refunds=[
            {"refund_id": "r", "refunded_at": datetime(2023, 5, 16), "amount": Decimal(10),
             "order_id": gus["order_id"], "customer_id": "Gus"}
        ],
        customer_attributes=[
            attribute(c, "North" if c in _NORTH else "South", "2023-01-01") for c, *_ in _BOUGHT
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def view(books: Books) -> Iterator[View]:
    with open_ledger(books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    with open_ledger(ten_customers(tmp_path_factory.mktemp("ten"))) as ledger:
        yield View(ledger)


def figures(view: View, *keys: str, on: date = AS_OF, by: str | None = None) -> dict[str, Figure]:
    found = compute(view, keys, on, by=by)
    return {f"{f.key}{''.join(f' {v}' for v in f.scope.values())}": f for f in found}


def table(view: View, key: str, *columns: str) -> list[tuple]:
    rows = breakdowns.rows(view, key, as_of=AS_OF).to_pylist()
    return [tuple(row[name] for name in columns) for row in rows]


def test_every_figure_of_the_family_is_worked_out(ten):
    families = (*FAMILIES["promotions"], *FAMILIES["expected"])
    assert set(WHOLE) == {figure.key for figure in families}
    found = compute(ten, WHOLE, CLOSING)
    assert {f.key: f.value for f in found} == WHOLE
    assert all(f.note_text(language) for f in found for language in LANGUAGES)


def test_newcomers_on_a_promotion_are_held_against_those_without(view):
    found = figures(view, "promotions")
    # P1 alone of P1 to P4 came again at full price; of December there are no others.
    rate = found["promo_repurchase"]
    assert (rate.value, rate.n, rate.low, rate.high) == (1 / 4, 4, *wilson(1, 4))
    assert (found["promo_repurchase_others"].value, found["promo_repurchase_others"].n) == (1, 2)
    gap = found["promo_repurchase_gap"]
    assert (gap.value, gap.n) == (pytest.approx(1 / 3 - 1), 2)
    # Newcombe: 1/3 and 2/2 with their Wilson bounds.
    (low, high), (least, _) = wilson(1, 3), wilson(2, 2)
    assert low is not None
    assert high is not None
    assert least is not None
    assert gap.low == pytest.approx(-2 / 3 - (1 / 3 - low))
    assert gap.high == pytest.approx(-2 / 3 + ((high - 1 / 3) ** 2 + (1 - least) ** 2) ** 0.5)


def test_scopes_are_held_against_their_own(view):
    keys = ("promo_repurchase", "promo_repurchase_others", "promo_repurchase_gap")
    found = figures(view, *keys, by="region")
    # North: P1 and P2 against O1. South: P3 and P4, of whom P3 has O2 beside it.
    values = {name: f.value for name, f in found.items() if " " in name}
    assert values == {
        "promo_repurchase North": 0.5, "promo_repurchase_others North": 1,
        "promo_repurchase_gap North": -0.5, "promo_repurchase South": 0,
        "promo_repurchase_others South": 1, "promo_repurchase_gap South": -1,
    }  # fmt: skip


def test_as_of_an_earlier_day_only_who_had_matured_counts(view):
    # The days of P1, P2 and P3 ended on 6, 8 and 16 November.
    found = figures(view, "promo_repurchase", on=date(2023, 10, 31))
    assert found["promo_repurchase"].value is None
    found = figures(view, "promo_repurchase", on=date(2023, 11, 30))
    assert (found["promo_repurchase"].value, found["promo_repurchase"].n) == (1 / 3, 3)


def test_one_off_customers_are_newcomers_of_the_year_before_last_without_a_second_day(view):
    share = figures(view, "one_off_share")["one_off_share"]
    # P1 to P4 and O1 to O3; P2, P4 and O3 never came again.
    assert (share.value, share.n) == (pytest.approx(3 / 7), 7)
    assert (share.low, share.high) == wilson(3, 7)


def test_one_off_customers_are_known_at_any_date(view):
    share = figures(view, "one_off_share", on=date(2025, 3, 20))["one_off_share"]
    # Its window is [21 March 2023, 21 March 2024).
    assert (share.value, share.n) == (pytest.approx(3 / 7), 7)


def test_while_the_window_reaches_into_the_first_days_of_the_books_origins_are_unknown(view):
    share = figures(view, "one_off_share", on=date(2025, 1, 31))["one_off_share"]
    assert share.value is None
    assert "2023-03-02" in share.note_text("en")


def test_who_is_expected_is_counted_of_those_with_a_rhythm(view):
    soon = figures(view, "expected_next_30")["expected_next_30"]
    assert (soon.value, soon.n) == (1, 2)
    [row] = lists.rows(view, "expected", as_of=AS_OF).to_pylist()
    assert (row["customer_id"], row["gap_days"], row["gap_basis"], row["expected_on"]) == (
        "S", 24, "own", date(2025, 4, 7),
    )  # fmt: skip
    assert row["value"] == 80


def test_who_is_expected_in_a_scope(view):
    north = View(view.ledger, {"region": ("North",)})
    assert lists.rows(north, "expected", as_of=AS_OF).num_rows == 0


def test_promotions_are_listed_with_their_others(view):
    columns = ("promotion_id", "promotion", "newcomers", "days_passed", "bought_again",
               "repurchase_rate", "others", "others_rate")  # fmt: skip
    assert table(view, "promotions", *columns) == [("P", "First for 9", 4, 4, 1, 1 / 4, 2, 1)]
    assert "180" in breakdowns.notes(view, "promotions", as_of=AS_OF)[0].text("en")


def test_products_bought_again_are_held_against_those_bought_once(view):
    columns = ("product", "product_name", "category", "one_time", "multi", "is_small_n")
    # A: Old, P1, P3, O1, O2 and S more than once; P2, P4 and O3 once; Gus not at all.
    assert table(view, "multi-buyers", *columns) == [
        ("A", "Oil", "care", 3, 6, True), ("B", "Brush", "care", 0, 1, True),
    ]  # fmt: skip
    money = ("one_time_value", "multi_value", "one_time_active", "multi_active")
    # Old brings 5 and S 80, and these two are active; R brings 40.
    assert table(view, "multi-buyers", *money) == [
        (0, pytest.approx(85 / 6), 0, pytest.approx(2 / 6)), (None, 40, None, 1),
    ]  # fmt: skip
    assert table(view, "multi-buyers-category", "category", "one_time", "multi", "multi_value") == [
        ("care", 3, 7, pytest.approx(125 / 7))
    ]


def test_value_by_payment_weighs_customers_by_their_orders(view):
    columns = ("payment_method", "customers", "weight", "mean_value", "share_of_value")
    # R, who brings 40, pays half in cash; Old 5 in cash; S 80 by card.
    assert sorted(table(view, "value-by-payment", *columns)) == [
        ("card", 2, 1.5, pytest.approx(100 / 1.5), pytest.approx(100 / 125)),
        ("cash", 2, 1.5, pytest.approx(25 / 1.5), pytest.approx(25 / 125)),
    ]


def test_value_by_segment_is_the_mean_of_its_buyers(view):
    assert table(view, "value-by-segment", "segment", "customers", "mean_value") == [
        (None, 3, pytest.approx(125 / 3))
    ]


def test_gaps_are_told_by_number_of_purchases(view):
    # Second purchases: O1 and Old after 31, R 10, S 24, P3 42, P1 83, O2 180; P2, P4, O3 never.
    first = table(view, "gaps", "k", "customers", "bought_again", "gap_days")[0]
    # Of ten: 10, 24, 31, 31 leave 6/10, 42 leaves 5/10.
    assert first == (1, 10, 7, 42)


def test_the_curve_begins_with_the_first_return(view):
    curve = table(view, "repurchase-curve", "day", "repurchase_rate", "at_risk", "is_young")
    assert curve[0] == (10, pytest.approx(1 / 10), 10, False)
    # P4, O3 and P2 never returned, and were watched for 486, 669 and 689 days.
    assert [row[0] for row in curve] == [10, 24, 31, 42, 83, 180, 486, 669, 689]
    assert [row[1] for row in curve[5:]] == pytest.approx([7 / 10] * 4)
    assert [row[3] for row in curve] == [False] * 7 + [True] * 2


def test_cohorts_are_of_the_first_month_and_open_months_are_empty(view):
    rows = {(c, k): (size, n, rate) for c, k, size, n, rate in table(
        view, "cohorts", "cohort", "months_since", "cohort_size", "bought_again", "bought_rate"
    )}  # fmt: skip
    may = date(2023, 5, 1)
    # P1, P2, P3, O1 and O2; Gus is no customer. June: O1. July: P3. August: P1. November: O2.
    assert [rows[may, k][1] for k in range(8)] == [5, 1, 1, 1, 0, 0, 1, 0]
    assert rows[may, 1] == (5, 1, pytest.approx(1 / 5))
    assert rows[date(2025, 2, 1), 1] == (1, 1, 1)
    assert rows[date(2025, 2, 1), 2] == (1, None, None)


def test_cohort_money_is_per_customer_of_the_cohort(view):
    rows = {(c, k): (net, each) for c, k, net, each in table(
        view, "cohort-money", "cohort", "months_since", "net", "net_per_customer"
    )}  # fmt: skip
    assert rows[date(2025, 1, 1), 0] == (40, 40)
    assert rows[date(2025, 1, 1), 3] == (None, None)
    assert rows[date(2023, 5, 1), 4] == (0, 0)


def test_the_average_of_cohorts_weighs_by_size(view):
    (_, size, rate), *_ = table(view, "cohort-average", "months_since", "cohort_size",
                                "bought_rate")[1:]  # fmt: skip
    # All ten have had a month after. In it came Old (February), O1 (June), R (March), S (February).
    assert (size, rate) == (10, pytest.approx(4 / 10))


def test_without_lines_of_orders_products_are_not_told_apart(ten: View):
    assert breakdowns.rows(ten, "multi-buyers", as_of=CLOSING).num_rows == 0
    assert "order_lines" in breakdowns.notes(ten, "multi-buyers", as_of=CLOSING)[0].text("en")


@pytest.mark.parametrize("family", ["repurchase", "cohorts"])
def test_every_table_can_be_had_of_a_shop_without_extras(ten: View, family: str):
    from core.breakdowns.registry import FAMILIES as TABLES

    for each in TABLES[family]:
        found = breakdowns.rows(ten, each.key, as_of=CLOSING)
        assert tuple(found.column_names) == each.columns
        for language in LANGUAGES:
            assert each.title(language)
            assert each.about(language)
            assert each.edges(language)
            assert all(each.headings(language).values())
            assert all(n.text(language) for n in breakdowns.notes(ten, each.key, as_of=CLOSING))
