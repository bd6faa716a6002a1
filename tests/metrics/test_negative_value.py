from datetime import date

from core.metrics.negative_value import negative_value, negative_value_parts
from tests.care_shop import entries, keys, lines, rows

AS_OF = date(2026, 6, 30)


def test_the_parts_add_up_to_the_value():
    # Sold 100 at 20 off, 30 given back, goods 60, service 25, contract 5: 100-30-60-25+5 = -10.
    line = {"customer_key": 1, "value": -10, "net_12m": 75, "contract_12m": 5}
    booked = entries(
        {"customer_key": 1, "gross": 40, "discount": 20, "cost": 30},
        {"customer_key": 1, "gross": 60, "cost": 30, "service_cost": 25},
        {"customer_key": 1, "returned": 30},
    )
    [row] = rows(negative_value(lines(AS_OF, line), booked))
    parts = {n: float(row[n]) for n in ("gross", "discount", "returned", "cost", "service_cost")}
    assert parts == {"gross": 100, "discount": 20, "returned": 30, "cost": 60, "service_cost": 25}
    made = row["gross"] - row["returned"] - row["cost"] - row["service_cost"] + row["contract"]
    assert made == row["value"]


def test_a_value_of_nothing_is_not_negative():
    shop = lines(
        AS_OF,
        {"customer_key": 1, "value": 0},
        {"customer_key": 2, "value": "-0.01"},
        {"customer_key": 3, "value": 5},
    )
    assert keys(negative_value(shop, entries())) == [2]


def test_the_lost_are_listed_too():
    shop = lines(AS_OF, {"customer_key": 1, "value": -3, "is_active": False})
    assert rows(negative_value(shop, entries()))[0]["is_active"] is False


def test_bookings_of_others_are_not_mixed_in():
    shop = lines(AS_OF, {"customer_key": 1, "value": -3})
    booked = entries({"customer_key": 2, "gross": 9}, {"gross": 7}, {"customer_key": 1, "cost": 3})
    [row] = rows(negative_value(shop, booked))
    assert (float(row["gross"]), float(row["cost"])) == (0.0, 3.0)


def test_an_empty_shop_has_no_negative_customers():
    assert rows(negative_value(lines(AS_OF), entries())) == []


def test_the_parts_of_all_are_summed_by_tier():
    shop = lines(
        AS_OF,
        {"customer_key": 1, "tier": 1, "value": -10},
        {"customer_key": 2, "tier": 4, "value": -4},
        {"customer_key": 3, "tier": 4, "value": -6, "contract_12m": 2},
        {"customer_key": 4, "tier": 4, "value": 5},
    )
    booked = entries(
        {"customer_key": 1, "gross": 20, "cost": 30},
        {"customer_key": 2, "gross": 6, "discount": 3, "cost": 10},
        {"customer_key": 3, "returned": 8},
        {"customer_key": 4, "gross": 50},
    )
    found = rows(negative_value_parts(negative_value(shop, booked), by=["tier_name"]), "tier_name")
    names = ("customers", "value", "gross", "discount", "returned", "cost", "contract")
    assert {row["tier_name"]: [float(row[n]) for n in names] for row in found} == {
        "other": [2, -10, 6, 3, 8, 10, 2], "top": [1, -10, 20, 0, 0, 30, 0],
    }  # fmt: skip


def test_nobody_negative_has_parts_of_nothing():
    (row,) = rows(negative_value_parts(negative_value(lines(AS_OF), entries())))
    assert (row["customers"], row["value"], row["gross"]) == (0, 0, 0)
