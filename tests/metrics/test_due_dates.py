from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.metrics.due_dates import business, due_dates, due_kept, kept_dates, with_match
from core.metrics.intervals import wilson
from core.metrics.purchases import purchases
from tests.care_shop import entries, facts, rows

pytestmark = pytest.mark.slow

SINCE, AS_OF = date(2025, 7, 1), date(2026, 6, 30)
DUE = date(2026, 3, 31)  # answered from 1 March to 30 April
PRODUCTS = (
    {"product_id": "p1", "category": "insurance"},
    {"product_id": "p2", "category": "insurance"},
    {"product_id": "p3", "category": "tyres"},
)


def key_date(number: int, product: str | None = "p1", due: date = DUE, **others) -> dict:
    return {
        "key_date_id": str(number), "customer_key": number, "kind": "insurance", "due_on": due,
        "value": 100, "product_id": product, **others,
    }  # fmt: skip


def dates(*key_dates: dict, products=PRODUCTS, as_of: date = AS_OF):
    known = facts("products", *products) if products else None
    return due_dates(
        facts("key_dates", *key_dates), known, since=SINCE, as_of=as_of, within_days=30
    )


def done(*sold: tuple, contracts=(), has_lines: bool = True, products=PRODUCTS):
    """Business as (customer, day, product)."""
    orders = facts(
        "orders",
        *[
            {"order_id": str(n), "customer_key": key, "ordered_at": day, "amount": 10}
            for n, (key, day, _) in enumerate(sold)
        ],
    )
    lines = facts(
        "order_lines",
        *[
            {"order_id": str(n), "line_id": "1", "product_id": product, "amount": 10}
            for n, (_, _, product) in enumerate(sold)
        ],
    )
    signed = facts(
        "contracts",
        *[
            {"contract_id": str(n), "customer_key": key, "started_on": day, "product_id": product}
            for n, (key, day, product) in enumerate(contracts)
        ],
    )
    return business(
        purchases(orders, entries(), None, as_of=AS_OF),
        lines if has_lines else None,
        signed,
        facts("products", *products) if products else None,
        as_of=AS_OF,
    )


def kept(due, *sold: tuple, balances=(), as_of: date = AS_OF, **more) -> list[bool]:
    found = kept_dates(due, done(*sold, **more), held(balances), as_of=as_of)
    return [row["is_kept"] for row in rows(found, "key_date_id")]


def held(balances):
    """Balances as (customer, product, day, amount)."""
    if not balances:
        return None
    table = facts(
        "balances",
        *[
            {"customer_key": key, "product_id": product, "balance_on": day, "balance": amount}
            for key, product, day, amount in balances
        ],
    )
    return with_match(table, facts("products", *PRODUCTS))


def test_business_of_the_same_category_follows():
    due = dates(*[key_date(n) for n in (1, 2, 3, 4)])
    assert kept(due, (1, DUE, "p1"), (2, DUE, "p2"), (3, DUE, "p3")) == [True, True, False, False]


@pytest.mark.parametrize(
    ("day", "is_kept"),
    [
        (DUE - timedelta(days=31), False),
        (DUE - timedelta(days=30), True),
        (DUE + timedelta(days=30), True),
        (DUE + timedelta(days=31), False),
    ],
)
def test_business_counts_from_thirty_days_before_to_the_last_day_after(day, is_kept):
    assert kept(dates(key_date(1)), (1, day, "p1")) == [is_kept]


def test_what_was_there_when_the_date_became_known_did_not_follow_it():
    known = DUE - timedelta(days=10)
    due = dates(key_date(1, known_on=known))
    assert kept(due, (1, known, "p1")) == [False]
    assert kept(due, (1, known + timedelta(days=1), "p1")) == [True]


def test_a_contract_follows_as_an_order_does():
    due = dates(key_date(1), key_date(2))
    assert kept(due, contracts=[(1, DUE, "p2"), (2, DUE, "p3")]) == [True, False]


def test_a_date_without_a_product_is_followed_by_any_business():
    assert kept(dates(key_date(1, None)), (1, DUE, "p3")) == [True]


def test_a_category_may_stand_for_the_product():
    assert kept(dates(key_date(1, "insurance")), (1, DUE, "p2")) == [True]


def test_without_order_lines_any_order_follows():
    assert kept(dates(key_date(1)), (1, DUE, None), has_lines=False) == [True]


def test_without_products_the_product_itself_must_match():
    due = dates(key_date(1), key_date(2), products=None)
    assert kept(due, (1, DUE, "p1"), (2, DUE, "p2"), products=None) == [True, False]


def test_birthdays_and_dates_not_known_yet_are_left_out():
    due = dates(
        key_date(1, kind="birthday"), key_date(2, known_on=AS_OF + timedelta(days=1)), key_date(3)
    )
    assert [row["key_date_id"] for row in rows(due)] == ["3"]


@pytest.mark.parametrize(
    ("due_on", "n", "is_closed"),
    [
        (SINCE - timedelta(days=31), 0, None),
        (SINCE - timedelta(days=30), 1, True),
        (AS_OF - timedelta(days=30), 1, True),
        (AS_OF - timedelta(days=29), 1, False),
        (AS_OF, 1, False),
        (AS_OF + timedelta(days=1), 0, None),
    ],
)
def test_dates_whose_days_ended_in_the_window_or_still_run(due_on, n, is_closed):
    found = rows(dates(key_date(1, due=due_on)))
    assert [row["is_closed"] for row in found] == [is_closed] * n


def test_business_after_the_day_has_not_happened():
    as_of = DUE + timedelta(days=5)
    due = dates(key_date(1), as_of=as_of)
    assert kept(due, (1, as_of, "p1"), as_of=as_of) == [True]
    assert kept(due, (1, as_of + timedelta(days=1), "p1"), as_of=as_of) == [False]


def maturity(*balances: tuple, as_of: date = AS_OF) -> tuple:
    due = dates(key_date(1, kind="maturity"), as_of=as_of)
    [row] = rows(kept_dates(due, done(), held(balances), as_of=as_of))
    return row["is_kept"], row["new_money"]


BEFORE, AFTER = DUE - timedelta(days=1), DUE + timedelta(days=1)


def test_a_balance_after_a_maturity_follows_it_and_what_is_above_is_new_money():
    assert maturity((1, "p1", BEFORE, 100), (1, "p2", AFTER, 130)) == (True, 30)


def test_money_that_went_away_is_no_new_money():
    assert maturity((1, "p1", BEFORE, 100), (1, "p1", AFTER, 60)) == (True, 0)
    assert maturity((1, "p1", BEFORE, 100), (1, "p1", AFTER, 0)) == (False, 0)


def test_the_balance_of_the_day_itself_is_neither_before_nor_after():
    assert maturity((1, "p1", BEFORE, 100), (1, "p1", DUE, 500)) == (False, None)


def test_the_last_balances_on_both_sides_count_and_all_of_the_category():
    found = maturity(
        (1, "p1", BEFORE - timedelta(days=30), 900), (1, "p1", BEFORE, 70), (1, "p2", BEFORE, 30),
        (1, "p1", AFTER, 800), (1, "p1", DUE + timedelta(days=30), 110),
        (1, "p1", DUE + timedelta(days=31), 5000), (1, "p3", AFTER, 7000), (2, "p1", AFTER, 9000),
    )  # fmt: skip
    assert found == (True, 10)


def test_a_balance_follows_maturities_alone():
    due = dates(key_date(1))
    assert kept(due, balances=[(1, "p1", BEFORE, 1), (1, "p1", AFTER, 1)]) == [False]


def test_share_kept_value_and_what_is_open():
    due = dates(
        key_date(1, value=100), key_date(2, value=40), key_date(3, value=None),
        key_date(4, due=AS_OF), key_date(5, due=AS_OF),
    )  # fmt: skip
    found = kept_dates(due, done((1, DUE, "p1"), (3, DUE, "p1"), (5, AS_OF, "p1")), as_of=AS_OF)
    [row] = rows(due_kept(found))
    # 4 and 5 still run; 5 is followed already, and counted nowhere until its days are over.
    assert (row["due"], row["kept"], row["open"]) == (3, 2, 1)
    assert (row["value_due"], row["value_kept"]) == (Decimal(140), Decimal(100))
    assert row["kept_rate"] == pytest.approx(2 / 3)
    assert (row["low"], row["high"]) == pytest.approx(wilson(2, 3))
    assert (row["matured"], row["new_money"]) == (0, 0)


def test_several_matches_keep_a_date_once():
    due = dates(key_date(1))
    [row] = rows(due_kept(kept_dates(due, done((1, DUE, "p1"), (1, DUE, "p2")), as_of=AS_OF)))
    assert (row["due"], row["kept"]) == (1, 1)


def test_one_order_may_follow_several_dates():
    due = dates(key_date(1), {**key_date(2), "customer_key": 1})
    assert kept(due, (1, DUE, "p1")) == [True, True]


def test_without_dates_there_is_no_rate():
    [row] = rows(due_kept(kept_dates(dates(), done(), as_of=AS_OF)))
    assert (row["due"], row["kept_rate"], row["low"]) == (0, None, None)


def test_by_kind():
    due = dates(key_date(1), key_date(2, kind="inspection"))
    by = rows(due_kept(kept_dates(due, done((1, DUE, "p1")), as_of=AS_OF), by=("kind",)), "kind")
    assert [(r["kind"], r["kept_rate"]) for r in by] == [("inspection", 0), ("insurance", 1)]
