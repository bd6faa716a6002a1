"""Each kind of event stands in the timeline from the day on which it became known."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.card.event import Event, Line
from tests import shop
from tests.card.cards import card
from tests.shop import day, order

pytestmark = pytest.mark.slow

END = day("2024-03-31")  # the data date: everything below happened by then


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T10:00")


def row(key: str, number: int = 1, **values: object) -> dict:
    return {key: f"{key[0]}{number}", "customer_id": "Ann", **values}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ann, to whom everything happens once, on the day that its text below names."""
    orders = [
        order(1, "Ann", "2023-11-05", 100) | {"cancelled_at": None},
        order(2, "Ann", "2023-12-06", 60) | {"cancelled_at": at("2024-02-07")},
        order(3, None, "2024-03-31", 1) | {"cancelled_at": None},
    ]
    lines = [
        {"order_id": "o1", "line_id": "1", "product_id": "p", "quantity": 1.0,
         "amount": Decimal(20)},
        {"order_id": "o1", "line_id": "2", "product_id": "q", "quantity": 2.0,
         "amount": Decimal(70)},
        {"order_id": "o1", "line_id": "3", "product_id": "p", "quantity": 3.0,
         "amount": Decimal(10)},
    ]  # fmt: skip
    tables = {
        "orders": orders,
        "order_lines": lines,
        "products": [{"product_id": "p", "name": "Pen"}],
        "customers": [{"customer_id": "Ann", "name": "Ann", "joined_on": day("2023-11-01")},
                      {"customer_id": "Old", "name": "Ann M", "joined_on": None},
                      {"customer_id": "Bob", "name": "Bob", "joined_on": day("2023-11-01")}],
        "customer_merges": [{"customer_id": "Old", "into_customer_id": "Ann",
                             "merged_on": day("2024-02-11")}],
        "refunds": [row("refund_id", refunded_at=at("2024-01-08"), amount=Decimal(40),
                        order_id="o1", reason="defect")],
        "contacts": [
            row("contact_id", 1, contacted_at=at("2024-01-09"), planned_on=day("2024-01-02"),
                is_reached=True, has_opportunity=True, employee_id="e1", content="Wants *two*"),
            row("contact_id", 2, contacted_at=at("2024-02-10"), planned_on=None,
                is_reached=False, has_opportunity=None, employee_id="e1", content=None),
        ],
        "employees": [{"employee_id": "e1", "name": "Su"}],
        "complaints": [row("complaint_id", opened_at=at("2023-12-12"),
                           first_response_at=at("2023-12-14"), resolved_at=at("2024-01-15"),
                           reopened_at=at("2024-02-16"), category="quality", text="It broke")],
        "surveys": [row("survey_id", instrument="nps", scale_min=0.0, scale_max=10.0,
                        asked_at=at("2023-12-17"), answered_at=at("2024-01-18"), score=6.0,
                        comment="Fine")],
        "promises": [
            row("promise_id", 1, promised_on=day("2023-12-19"), due_on=day("2024-01-20"),
                kept_on=day("2024-01-11"), what="Call back", renegotiated_on=None),
            row("promise_id", 2, promised_on=day("2023-12-21"), due_on=day("2024-01-22"),
                kept_on=day("2024-02-23"), what="Repair", renegotiated_on=day("2024-01-04")),
        ],
        "appointments": [
            row("appointment_id", 1, scheduled_at=at("2024-01-24"), status="missed",
                started_at=None),
            row("appointment_id", 2, scheduled_at=at("2024-01-25"), status="kept",
                started_at=at("2024-01-25") + timedelta(minutes=12)),
        ],
        "contracts": [row("contract_id", started_on=day("2023-12-26"), ended_on=day("2024-02-27"),
                          is_renewed=False, end_cause="price", monthly_value=Decimal(5))],
        "key_dates": [row("key_date_id", kind="insurance", due_on=day("2024-02-28"),
                          known_on=day("2023-12-01"))],
        "customer_attributes": [
            shop.attribute("Ann", "silver", "2023-12-01", "membership"),
            shop.attribute("Ann", "gold", "2024-01-29", "membership"),
        ],
        "referrals": [
            {"referral_id": "f1", "customer_id": "Ann", "referred_customer_id": "Bob",
             "referred_on": day("2024-01-30")},
            {"referral_id": "f2", "customer_id": "Bob", "referred_customer_id": "Ann",
             "referred_on": day("2023-12-30")},
        ],
        "departures": [row("departure_id", stated_on=day("2024-03-01"), cause="new_demand",
                           evidence="stated", note="Moved away")],
        "leads": [row("lead_id", created_at=at("2023-11-02"), trial_at=at("2023-11-03"),
                      converted_at=at("2023-11-04"), lost_at=None, lost_reason=None)],
    }  # fmt: skip
    tables.pop("orders")
    return shop.build(tmp_path_factory.mktemp("all"), [], orders=orders, **tables).home


# What stands in the timeline, with the day on which it happened.
HAPPENED = {
    "joined": "2023-11-01", "lead": "2023-11-02", "trial": "2023-11-03", "converted": "2023-11-04",
    "cancelled": "2024-02-07", "refunded": "2024-01-08", "contacted": "2024-01-09",
    "not_reached": "2024-02-10", "complained": "2023-12-12", "answered": "2023-12-14",
    "resolved": "2024-01-15", "reopened": "2024-02-16", "survey_answered": "2024-01-18",
    "promise_kept": "2024-01-11", "promise_moved": "2024-01-04", "promise_broken": "2024-01-22",
    "promise_late": "2024-02-23", "appointment_missed": "2024-01-24",
    "appointment_kept": "2024-01-25", "contract_started": "2023-12-26",
    "contract_ended": "2024-02-27", "key_date": "2024-02-28", "moved": "2024-01-29",
    "recommended": "2024-01-30", "was_recommended": "2023-12-30", "merged": "2024-02-11",
    "departure": "2024-03-01",
}  # fmt: skip
TWICE = {"ordered": ["2023-12-06", "2023-11-05"], "promised": ["2023-12-21", "2023-12-19"]}


@pytest.fixture(scope="module")
def timeline(home: Path) -> tuple[Event, ...]:
    return card(home, "Ann", END).timeline


def the(events: tuple[Event, ...], what: str) -> Event:
    (event,) = [each for each in events if each.what == what]
    return event


def test_everything_that_happened_stands_there_once_on_its_day(timeline):
    found: dict[str, list[str]] = {}
    for event in timeline:
        found.setdefault(event.what, []).append(event.on.isoformat())
    assert found == {what: [on] for what, on in HAPPENED.items()} | TWICE


def test_the_newest_stands_first(timeline):
    days = [event.at for event in timeline]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("as_of", ["2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29"])
def test_what_happened_later_is_not_seen_at_a_day(home, as_of):
    found = {event.what for event in card(home, "Ann", day(as_of)).timeline}
    # A contact that was planned for 2 January took place on the 9th: by no day here is it open.
    happened = HAPPENED | {what: days[-1] for what, days in TWICE.items()}
    assert found == {what for what, on in happened.items() if on <= as_of}


def test_a_planned_contact_stands_until_it_is_made(tmp_path):
    planned = {"contact_id": "c1", "customer_id": "Ann", "planned_on": day("2024-01-31"),
               "contacted_at": at("2024-02-05")}  # fmt: skip
    bought = [("Ann", "2024-01-10", 5), ("Ann", "2024-02-29", 5)]
    home = shop.build(tmp_path, bought, contacts=[planned]).home
    assert the(card(home, "Ann", day("2024-01-31")).timeline, "not_contacted")
    assert the(card(home, "Ann", day("2024-02-29")).timeline, "contacted")


def test_an_order_tells_its_products_once_each_the_dearest_first(timeline):
    first = [event for event in timeline if event.what == "ordered"][-1]
    # q cost 70; p cost 20 and 10, four of them.
    assert first.lines == (Line("q", 2.0), Line("Pen", 4.0))
    assert first.values["amount"] == Decimal(100)


def test_what_people_wrote_stands_as_it_was_written(timeline):
    texts = {event.what: event.text for event in timeline if event.text}
    assert texts["contacted"] == "Wants *two*"
    assert texts["complained"] == "It broke"
    assert texts["survey_answered"] == "Fine"
    assert texts["promise_broken"] == texts["promise_late"] == "Repair"
    assert texts["departure"] == "Moved away"


def test_names_stand_where_numbers_stood(timeline):
    assert the(timeline, "contacted").details["employee_id"] == "Su"
    assert the(timeline, "recommended").values["customer"] == "Bob"
    assert the(timeline, "merged").values["customer"] == "Old"


def test_details_tell_what_came_of_it(timeline):
    assert the(timeline, "contacted").details["finding"] == "opportunity"
    assert the(timeline, "appointment_kept").details["waited_minutes"] == 12
    assert the(timeline, "refunded").details["bought_on"] == day("2023-11-05")
    assert the(timeline, "moved").values == {
        "attribute": "membership", "before": "silver", "after": "gold",
    }  # fmt: skip


def test_a_refund_that_names_its_order_alone_is_the_customers(tmp_path):
    refund = {"refund_id": "r1", "refunded_at": at("2024-01-20"), "amount": Decimal(3),
              "order_id": "o1", "customer_id": None}  # fmt: skip
    home = shop.build(tmp_path, [("Ann", "2024-01-10", 5)], refunds=[refund]).home
    assert the(card(home, "Ann", day("2024-01-20")).timeline, "refunded")
