from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest

from core.metrics.dealings import events
from core.metrics.intervals import wilson
from core.metrics.purchases import purchases
from core.metrics.ties import (
    categories_bought,
    churn_by_ties,
    contracts_running,
    one_product_share,
    people_known,
    points_held,
    services_used,
    ties,
)
from core.metrics.waiting import appointments_due
from tests.care_shop import entries, facts, lines, rows

SINCE, AS_OF = date(2025, 7, 1), date(2026, 6, 30)
TOMORROW, YESTERDAY = AS_OF + timedelta(days=1), AS_OF - timedelta(days=1)
PRODUCTS = (
    {"product_id": "p1", "category": "cars"},
    {"product_id": "p2", "category": "cars"},
    {"product_id": "p3", "category": "tyres"},
    {"product_id": "p4", "category": None},
)


def categories(*sold: tuple, day: date = AS_OF):
    """What customers bought, as (customer, product) or (customer, product, amount)."""
    orders = facts(
        "orders",
        *[
            {"order_id": str(n), "customer_key": row[0], "ordered_at": day, "amount": 10}
            for n, row in enumerate(sold)
        ],
    )
    order_lines = facts(
        "order_lines",
        *[
            {
                "order_id": str(n), "line_id": "1", "product_id": row[1],
                "amount": row[2] if len(row) > 2 else 10,
            }
            for n, row in enumerate(sold)
        ],
    )  # fmt: skip
    bought = purchases(orders, entries(), None, as_of=AS_OF, since=SINCE)
    return categories_bought(bought, order_lines, facts("products", *PRODUCTS))


def test_categories_are_counted_once_each():
    found = rows(
        categories((1, "p1"), (1, "p2"), (2, "p1"), (2, "p3"), (3, "p4"), (4, "p3", 0)),
        "customer_key",
    )
    # 3 bought a product without a category, 4 was given one.
    assert [(r["customer_key"], r["categories"]) for r in found] == [(1, 1), (2, 2)]


@pytest.mark.parametrize(("day", "n"), [(SINCE, 1), (SINCE - timedelta(days=1), 0), (TOMORROW, 0)])
def test_only_purchases_of_the_window_count(day, n):
    assert len(rows(categories((1, "p1"), day=day))) == n


def share(*sold: tuple, shop=({"customer_key": 1}, {"customer_key": 2})) -> dict:
    [row] = rows(one_product_share(lines(AS_OF, *shop), categories(*sold)))
    return row


def test_share_of_customers_of_one_category():
    found = share((1, "p1"), (1, "p2"), (2, "p1"), (2, "p3"))
    assert (found["buyers"], found["one_product"], found["share"]) == (2, 1, 0.5)


def test_who_bought_nothing_known_is_left_out():
    found = share((1, "p1"), (2, "p4"))
    assert (found["active"], found["buyers"], found["share"]) == (2, 1, 1)


def test_nobody_who_bought_has_no_share():
    assert share()["share"] is None
    found = share((1, "p1"), shop=({"customer_key": 1, "is_active": False},))
    assert (found["buyers"], found["share"]) == (0, None)


def test_contracts_run_from_their_first_day_to_their_last():
    def contract(number: int, started: date, ended: date | None) -> dict:
        return {
            "contract_id": str(number), "customer_key": number, "started_on": started,
            "ended_on": ended,
        }  # fmt: skip

    found = contracts_running(
        facts(
            "contracts",
            contract(1, AS_OF, None), contract(2, SINCE, AS_OF), contract(3, SINCE, YESTERDAY),
            contract(4, TOMORROW, None), contract(1, SINCE, TOMORROW),
        ),
        as_of=AS_OF,
    )  # fmt: skip
    held = {row["customer_key"]: row["contracts"] for row in rows(found)}
    assert held == {1: 2, 2: 1}


def test_services_of_kept_appointments_count():
    def visit(number: int, service: str | None, status: str = "kept") -> dict:
        return {
            "appointment_id": str(number), "customer_key": 1, "scheduled_at": AS_OF,
            "service": service, "status": status,
        }  # fmt: skip

    due = appointments_due(
        facts(
            "appointments", visit(1, "repair"), visit(2, "repair"), visit(3, "wash"),
            visit(4, "paint", "missed"), visit(5, None),
        ),
        since=SINCE,
        as_of=AS_OF,
    )  # fmt: skip
    assert rows(services_used(due)) == [{"customer_key": 1, "services": 2}]


def test_people_known_are_those_dealt_with_in_the_window():
    served = [
        (1, AS_OF, "A", None), (1, AS_OF, "A", None), (1, SINCE, "B", None),
        (1, SINCE - timedelta(days=1), "C", None), (1, TOMORROW, "D", None), (1, AS_OF, None, None),
        (2, AS_OF, "A", AS_OF), (3, AS_OF, "A", TOMORROW),
    ]  # fmt: skip
    orders = facts(
        "orders",
        *[
            {
                "order_id": str(n), "customer_key": key, "ordered_at": day, "amount": 10,
                "employee_id": employee, "cancelled_at": cancelled,
            }
            for n, (key, day, employee, cancelled) in enumerate(served)
        ],
    )  # fmt: skip
    found = rows(people_known(events(orders), since=SINCE, as_of=AS_OF), "customer_key")
    assert [(r["customer_key"], r["people"]) for r in found] == [(1, 2), (3, 1)]


def test_points_are_added_up_to_the_day():
    booked = facts(
        "points",
        *[
            {"point_id": str(n), "customer_key": 1, "booked_on": day, "points": points}
            for n, (day, points) in enumerate([(SINCE, 10.0), (AS_OF, -4.0), (TOMORROW, 100.0)])
        ],
    )
    assert rows(points_held(booked, as_of=AS_OF)) == [{"customer_key": 1, "points": 6.0}]


def held(**numbers: float):
    [(name, number)] = numbers.items()
    schema = {"customer_key": [1], name: [number]}
    return ibis.memtable(pa.table(schema))


def test_a_tie_is_each_kind_of_which_there_is_enough():
    shop = lines(AS_OF, {"customer_key": 1}, {"customer_key": 2})
    enough = {
        "categories": held(categories=2), "contracts": held(contracts=1),
        "services": held(services=2), "people": held(people=2), "points": held(points=0.5),
    }  # fmt: skip
    found = rows(ties(shop, **enough), "customer_key")
    assert [row["ties"] for row in found] == [5, 0]
    too_few = {
        "categories": held(categories=1), "contracts": held(contracts=0),
        "services": held(services=1), "people": held(people=1), "points": held(points=-3.0),
    }  # fmt: skip
    assert [row["ties"] for row in rows(ties(shop, **too_few))] == [0, 0]


def test_what_was_not_brought_ties_nobody_and_is_unknown():
    shop = lines(AS_OF, {"customer_key": 1}, {"customer_key": 2})
    found = rows(ties(shop, contracts=held(contracts=1)), "customer_key")
    assert [(r["contracts"], r["points"], r["ties"]) for r in found] == [(1, None, 1), (0, None, 0)]


def churn(then: list[dict], lost: set[int], ties_of: dict[int, int]):
    contracts = ibis.memtable(
        pa.table({"customer_key": list(ties_of), "contracts": list(ties_of.values())})
    )
    tied = ties(lines(SINCE, *then), contracts=contracts)
    now = [
        {"customer_key": row["customer_key"], "is_active": row["customer_key"] not in lost}
        for row in then
    ]
    return rows(churn_by_ties(tied, lines(AS_OF, *now)), "ties")


def test_losses_are_compared_with_others_of_the_same_tier():
    # Tied: 1, 2 (top), 3, 4 (other); 3 is lost. Untied: 5 (top), 6, 7 (other); 5 and 6 are lost.
    then = [{"customer_key": k, "tier": t, "value": 10} for k, t in
            {1: 1, 2: 1, 3: 4, 4: 4, 5: 1, 6: 4, 7: 4}.items()]  # fmt: skip
    found = churn(then, {3, 5, 6}, dict.fromkeys((1, 2, 3, 4), 1))
    untied, tied = found
    assert (tied["customers"], tied["lost"], tied["churn"], tied["value"]) == (4, 1, 0.25, 40)
    assert (tied["low"], tied["high"]) == pytest.approx(wilson(1, 4))
    # Like the tied: top 1 of 1 lost, other 1 of 2; so (2 x 1 + 2 x 1/2) / 4 = 3/4.
    assert (tied["like_customers"], tied["like_churn"], tied["excess"]) == (3, 0.75, -0.5)
    # Like the untied: top 0 of 2 lost, other 1 of 2; so (1 x 0 + 2 x 1/2) / 3 = 1/3.
    assert untied["like_churn"] == pytest.approx(1 / 3)
    assert untied["churn"] == pytest.approx(2 / 3)


def test_a_tier_without_like_customers_leaves_nothing_to_compare():
    found = churn([{"customer_key": 1, "tier": 1}, {"customer_key": 2, "tier": 4}], {2}, {1: 1})
    assert [(r["ties"], r["like_churn"], r["excess"]) for r in found] == [
        (0, None, None),
        (1, None, None),
    ]


def test_nobody_active_at_the_opening_gives_no_rows():
    assert churn([], set(), {1: 1}) == []


def test_who_has_no_purchase_left_is_not_lost():
    tied = ties(lines(SINCE, {"customer_key": 1}))
    undone = {"customer_key": 1, "is_active": False, "since_on": None}
    [row] = rows(churn_by_ties(tied, lines(AS_OF, undone)))
    assert (row["customers"], row["lost"], row["churn"]) == (1, 0, 0)
