"""What sales are made of: products, categories, and what no line accounts for."""

from datetime import date, datetime

import ibis
import pytest

from core.metrics.composition import composition, product_sales
from tests.care_shop import entries, facts, rows

SINCE, AS_OF = date(2025, 7, 1), date(2026, 6, 30)
INSIDE = date(2026, 3, 1)


def order(number: str, amount: float, on: date = INSIDE, **more) -> dict:
    return {"order_id": number, "customer_key": 1, "ordered_at": on, "amount": amount, **more}


def line(number: str, product: str | None, amount: float, place: int = 1) -> dict:
    return {"order_id": number, "line_id": str(place), "product_id": product, "amount": amount}


def refund(amount: float, on: date = INSIDE, **more) -> dict:
    return {"refund_id": "r", "refunded_at": on, "amount": amount, **more}


def sold(orders: list[dict], lines: list[dict], refunds: tuple = (), rate: float = 1.0) -> dict:
    """Return net sales of the window by customer and product."""
    found = facts("orders", *orders)
    dated = found.mutate(
        ordered_on=found.ordered_at.cast("date"), cancelled_on=found.cancelled_at.cast("date"),
        rate=ibis.literal(rate),
    )  # fmt: skip
    given = facts("refunds", *refunds).mutate(refunded_on=lambda t: t.refunded_at.cast("date"))
    sales = product_sales(dated, facts("order_lines", *lines), given, since=SINCE, as_of=AS_OF)
    sums = sales.group_by("customer_key", "product_id").agg(net=sales.net.sum())
    return {(r["customer_key"], r["product_id"]): pytest.approx(r["net"]) for r in rows(sums)}


# 100 = 60 of tea + 40 of cups.
ORDER, LINES = order("o1", 100), [line("o1", "tea", 60), line("o1", "cup", 40, 2)]


def test_lines_bring_their_amounts():
    assert sold([ORDER], LINES) == {(1, "tea"): 60, (1, "cup"): 40}


def test_the_window_begins_with_its_first_day_and_ends_with_its_last():
    orders = [
        order("a", 1, date(2025, 6, 30)), order("b", 2, SINCE), order("c", 4, AS_OF),
        order("d", 8, date(2026, 7, 1)),
    ]  # fmt: skip
    lines = [line(o["order_id"], "tea", o["amount"]) for o in orders]
    assert sold(orders, lines) == {(1, "tea"): 6}


def test_a_refund_that_names_a_product_reduces_that_product():
    given = (refund(15, order_id="o1", product_id="tea"),)
    assert sold([ORDER], LINES, given) == {(1, "tea"): 45, (1, "cup"): 40}


def test_a_refund_of_a_product_without_the_order_reduces_that_product():
    given = (refund(15, customer_key=1, product_id="tea"),)
    assert sold([ORDER], LINES, given) == {(1, "tea"): 45, (1, "cup"): 40}


def test_a_refund_of_an_order_alone_is_spread_over_its_lines():
    # 15 of 100: 9 of tea, 6 of cups.
    given = (refund(15, order_id="o1"),)
    assert sold([ORDER], LINES, given) == {(1, "tea"): 51, (1, "cup"): 34}


def test_a_refund_of_an_amount_alone_belongs_to_no_product():
    assert sold([ORDER], LINES, (refund(15, customer_key=1),)) == {(1, "tea"): 60, (1, "cup"): 40}


def test_a_refund_counts_on_its_own_day():
    given = (refund(15, date(2026, 7, 1), order_id="o1"),)
    assert sold([ORDER], LINES, given) == {(1, "tea"): 60, (1, "cup"): 40}
    old = order("o1", 100, date(2025, 6, 30))
    given = (refund(15, SINCE, order_id="o1"),)
    assert sold([old], LINES, given) == {(1, "tea"): -9, (1, "cup"): -6}


def test_a_cancellation_takes_back_what_no_refund_had():
    cancelled = order("o1", 100, cancelled_at=date(2026, 4, 1))
    assert sold([cancelled], LINES) == {}
    # 20 of tea came back before; the other 80 go line by line, and a later refund counts not.
    given = (
        refund(20, order_id="o1", product_id="tea"),
        refund(10, date(2026, 5, 1), order_id="o1", product_id="cup"),
    )
    found = sold([cancelled], LINES, given)
    # Sold 60 and 40, cancelled 48 and 32, back 20 of tea.
    assert found == {(1, "tea"): -8, (1, "cup"): 8}


def test_a_cancellation_after_the_day_has_not_happened_yet():
    cancelled = order("o1", 100, cancelled_at=datetime(2026, 7, 1))
    assert sold([cancelled], LINES) == {(1, "tea"): 60, (1, "cup"): 40}


def test_lines_in_another_currency_take_the_rate_of_their_order():
    # 100 at 7 is 700; 70 of the books' money given back is a tenth of it.
    given = (refund(70, order_id="o1"),)
    assert sold([ORDER], LINES, given, rate=7.0) == {(1, "tea"): 378, (1, "cup"): 252}


def test_nothing_sold_is_nothing():
    assert sold([], []) == {}


def cells(sales: list[dict], booked: list[dict], by=("category",)) -> dict:
    table = ibis.memtable(
        [{"customer_key": 1, "region": None, **row} for row in sales],
        schema={"customer_key": "int64", "region": "string", "product_id": "string",
                "net": "float64"},
    )  # fmt: skip
    products = facts(
        "products",
        {"product_id": "tea", "category": "Drinks"},
        {"product_id": "juice", "category": "Drinks"},
        {"product_id": "cup", "category": "Ware"},
        {"product_id": "odd"},
    )
    regions = ibis.literal("North")
    found = composition(table, entries(*booked).mutate(region=regions), products, by=by)
    return {tuple(r[n] for n in by): (float(r["net"]), r["share"]) for r in rows(found)}


def test_products_are_gathered_by_category():
    sales = [{"product_id": p, "net": n} for p, n in (("tea", 60), ("juice", 20), ("cup", 20))]
    booked = [{"customer_key": 1, "entered_on": INSIDE, "gross": 100}]
    assert cells(sales, booked) == {("Drinks",): (80, 0.8), ("Ware",): (20, 0.2)}


def test_what_no_line_accounts_for_has_no_category_and_all_adds_up():
    # 200 sold and 30 given back; lines tell of 60 of tea, 10 without and 5 of unknown products.
    sales = [
        {"product_id": "tea", "net": 60}, {"product_id": "odd", "net": 10},
        {"product_id": None, "net": 10}, {"product_id": "new", "net": 5},
    ]  # fmt: skip
    booked = [
        {"customer_key": 1, "entered_on": INSIDE, "gross": 200, "returned": 30},
        {"customer_key": None, "entered_on": INSIDE, "gross": 30},
    ]
    assert cells(sales, booked) == {("Drinks",): (60, 0.3), (None,): (140, 0.7)}


def test_the_rest_is_that_of_each_group():
    sales = [{"product_id": "tea", "net": 60, "region": "North"}]
    booked = [{"customer_key": 1, "entered_on": INSIDE, "gross": 100}]
    assert cells(sales, booked, by=("region", "category")) == {
        ("North", "Drinks"): (60, 0.6), ("North", None): (40, 0.4),
    }  # fmt: skip


def test_shares_are_null_where_net_is_not_above_zero():
    sales = [{"product_id": "tea", "net": -5}]
    booked = [{"customer_key": 1, "entered_on": INSIDE, "returned": 5}]
    assert cells(sales, booked) == {("Drinks",): (-5, None)}


def test_nothing_booked_has_no_composition():
    assert cells([], []) == {}
