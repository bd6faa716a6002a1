from datetime import date, datetime

import pytest

from core.definitions import Definitions
from core.metrics.channels import (
    channel_figures,
    channel_use,
    contacts_by_channel,
    occasions_by_channel,
)
from core.metrics.purchases import purchases
from core.metrics.waiting import appointments_due
from tests.care_shop import entries, facts, lines, rows

SINCE, AS_OF = date(2025, 7, 1), date(2026, 6, 30)
BRANCH = Definitions().branch_channels
FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)


def bought(*orders: tuple):
    """Purchases as (customer, day, channel) or (customer, day, channel, branch)."""
    table = facts(
        "orders",
        *[
            {
                "order_id": str(number), "customer_key": row[0], "ordered_at": row[1], "amount": 10,
                "channel": row[2], "branch": row[3] if len(row) > 3 else None,
            }
            for number, row in enumerate(orders)
        ],
    )  # fmt: skip
    return purchases(table, entries(), None, as_of=AS_OF, since=SINCE)


def test_a_day_counts_once_per_channel_and_shares_add_up():
    found = rows(
        occasions_by_channel(
            bought(
                (1, FIRST, "branch"), (1, FIRST, "branch"), (1, FIRST, "online"),
                (1, SECOND, "branch"), (2, FIRST, "branch"), (3, FIRST, None),
            )
        ),
        "channel",
    )  # fmt: skip
    assert [(r["channel"], r["occasions"], r["customers"]) for r in found] == [
        ("branch", 3, 2),
        ("online", 1, 1),
        (None, 1, 1),
    ]
    assert [r["occasion_share"] for r in found] == [3 / 5, 1 / 5, 1 / 5]


def test_contacts_by_channel():
    made = facts(
        "contacts",
        *[
            {"contact_id": str(n), "customer_key": 1, "contacted_at": FIRST, "channel": channel}
            for n, channel in enumerate(("call", "call", "visit", None))
        ],
    )
    found = rows(contacts_by_channel(made), "channel")
    assert [(r["channel"], r["contacts"], r["contact_share"]) for r in found] == [
        ("call", 2, 0.5),
        ("visit", 1, 0.25),
        (None, 1, 0.25),
    ]


def test_without_rows_there_are_no_channels():
    assert rows(occasions_by_channel(bought())) == []
    assert rows(contacts_by_channel(facts("contacts"))) == []


def use(shop, orders, *appointments: dict):
    due = None
    if appointments:
        due = appointments_due(facts("appointments", *appointments), since=SINCE, as_of=AS_OF)
    return channel_use(shop, orders, due, branch_channels=BRANCH)


SHOP = [{"customer_key": n, "value": 10 * n} for n in (1, 2, 3, 4)]


def figures(*orders: tuple, appointments=(), shop=SHOP) -> dict:
    [row] = rows(channel_figures(use(lines(AS_OF, *shop), bought(*orders), *appointments)))
    return row


def test_several_channels_and_their_value():
    found = figures(
        (1, FIRST, "branch"), (1, SECOND, "app"), (2, FIRST, "app"), (2, SECOND, "app"),
        (3, FIRST, "branch"), (3, SECOND, "online"), (4, FIRST, None),
    )  # fmt: skip
    # 1 and 3 used two channels, 2 one; of 4 none is known.
    assert (found["buyers"], found["multi"]) == (3, 2)
    assert found["multi_channel_share"] == pytest.approx(2 / 3)
    assert (found["multi_value"], found["single_value"]) == (20, 20)


def test_an_order_of_an_unknown_channel_is_no_second_channel():
    assert figures((1, FIRST, "app"), (1, SECOND, None))["multi"] == 0


def test_a_branch_is_visited_by_an_order_of_its_channel_or_a_kept_appointment():
    visit = {
        "appointment_id": "a", "customer_key": 3, "scheduled_at": datetime(2026, 3, 1, 9),
        "branch": "North", "status": "kept",
    }  # fmt: skip
    missed = {**visit, "appointment_id": "b", "customer_key": 4, "status": "missed"}
    found = figures(
        (1, FIRST, "Branch"), (2, FIRST, "online", "North"), appointments=(visit, missed)
    )
    # 1 bought at a branch and 3 came; the online order names the branch that sent it.
    assert (found["visitors"], found["branch_visit_rate"]) == (2, 0.5)


def test_where_orders_have_no_channel_the_branch_that_they_name_counts():
    found = figures((1, FIRST, None, "North"), (2, FIRST, None))
    assert (found["visitors"], found["branch_visit_rate"]) == (1, 0.25)


def test_where_no_place_is_known_there_is_no_visit_rate():
    found = figures((1, FIRST, None))
    assert (found["places"], found["branch_visit_rate"]) == (0, None)
    assert (found["multi_channel_share"], found["multi_value"]) == (None, None)


def test_only_active_customers_count():
    shop = [{"customer_key": 1}, {"customer_key": 2, "is_active": False}]
    found = figures((1, FIRST, "app"), (2, FIRST, "branch"), shop=shop)
    assert (found["active"], found["visitors"], found["buyers"]) == (1, 0, 1)


def test_nobody_active_has_no_rates():
    found = figures(shop=[])
    assert (found["active"], found["branch_visit_rate"], found["multi_channel_share"]) == (
        0, None, None,
    )  # fmt: skip


def test_by_a_column_of_the_lines():
    shop = lines(
        AS_OF, {"customer_key": 1, "region": "North"}, {"customer_key": 2, "region": "South"}
    )
    orders = bought((1, FIRST, "branch"), (2, FIRST, "app"))
    used = channel_use(shop, orders, branch_channels=BRANCH, by=("region",))
    found = rows(channel_figures(used, by=("region",)), "region")
    assert [(r["region"], r["branch_visit_rate"]) for r in found] == [("North", 1), ("South", 0)]
