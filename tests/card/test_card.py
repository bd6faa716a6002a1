"""Who a customer is, where they stand and what is due, worked out by hand on the ten customers."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.card.card import card_of, costed, one_of
from core.card.people import Relation
from core.card.profile import masked, masked_email, reach
from core.card.standing import Month
from tests import shop
from tests.card.cards import card, key_of, opened
from tests.shop import CLOSING, LAST, OPENING, day

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop.ten_customers(tmp_path_factory.mktemp("ten")).home


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T10:00")


def test_a_kept_customer_stands_with_value_rhythm_and_scope(ten):
    stands = card(ten, "Ann", CLOSING).stands
    assert stands is not None
    assert (stands.state, stands.since_on, stands.last_on) == (
        "active", day("2023-01-10"), day("2024-03-01"),
    )  # fmt: skip
    # 50 on 1 December and 70 on 1 March; the 100 of January 2023 are older than 12 months.
    assert stands.value == Decimal(120)
    assert (stands.occasions, stands.occasions_12m) == (3, 2)
    assert stands.silence_days == 30  # 1 to 31 March
    assert (stands.gaps, stands.median_gap_days) == (2, None)  # two gaps are no rhythm
    assert stands.expected_on is None
    assert stands.scopes["region"] == "South"  # since 1 February
    assert not stands.reasons
    assert stands.net_total == Decimal(220)


def test_a_rhythm_leads_to_the_next_day(tmp_path):
    bought = [("Ann", on, 5) for on in ("2024-01-01", "2024-01-11", "2024-01-22", "2024-02-02")]
    bought.append(("Bob", "2024-02-10", 5))
    stands = card(shop.build(tmp_path, bought).home, "Ann", day("2024-02-10")).stands
    assert stands is not None
    # Gaps of 10, 11 and 11 days: 11 days after 2 February. Overdue only after 22 days.
    assert stands.median_gap_days == 11
    assert stands.expected_on == day("2024-02-13")
    assert stands.overdue_on is None


def test_half_days_of_a_rhythm_are_rounded_up(tmp_path):
    days = ("2024-01-01", "2024-01-06", "2024-01-12", "2024-01-17", "2024-01-23")
    bought = [("Ann", on, 5) for on in days]
    stands = card(shop.build(tmp_path, bought).home, "Ann", day("2024-01-23")).stands
    assert stands is not None
    # Gaps of 5, 6, 5 and 6 days: 5.5, so 6 days after 23 January.
    assert stands.expected_on == day("2024-01-29")


def test_the_lost_say_since_when(ten):
    stands = card(ten, "Bob", CLOSING).stands
    assert stands is not None
    # Silent since 20 November: the 60th day is 19 January, so lost the day after.
    assert (stands.state, stands.lost_on) == ("lost", day("2024-01-20"))


def test_a_prospect_is_known_and_has_bought_nothing(ten):
    found = card(ten, "Ida", CLOSING)
    assert found.stands is not None
    assert found.stands.state == "prospect"
    assert found.profile.joined_on == day("2023-06-01")
    assert card(ten, "Ida", day("2023-05-31")).stands is None  # the day before she joined


def test_whose_purchase_was_given_back_has_never_bought(ten):
    stands = card(ten, "Gus", CLOSING).stands
    assert stands is not None
    assert (stands.state, stands.last_on) == ("prospect", None)


def test_the_months_before_stand_side_by_side(ten):
    stands = card(ten, "Cem", CLOSING).stands
    assert stands is not None
    found = {month.day: (month.is_active, month.value) for month in stands.months}
    # 40 on 1 February 2023, lost after 60 days; 60 on 10 February 2024, when the 40 are 12 months
    # old.
    assert found[day("2023-02-28")] == (True, Decimal(40))
    assert found[day("2023-04-30")] == (False, Decimal(40))
    assert found[OPENING] == (False, Decimal(40))
    assert found[day("2024-02-29")] == (True, Decimal(60))
    assert max(found) == CLOSING  # the open month is not known yet


def test_the_open_month_is_the_last_cell(ten):
    stands = card(ten, "Ann", LAST).stands
    assert stands is not None
    assert isinstance(stands.months[-1], Month)
    assert stands.months[-1].day == LAST
    assert stands.last_on == LAST


def test_the_card_shows_the_attributes_of_its_day(ten):
    assert card(ten, "Ann", OPENING).profile.attributes == {"region": "North"}
    assert card(ten, "Ann", CLOSING).profile.attributes == {"region": "South"}


def test_nobody_stands_under_a_number_that_was_never_given(ten):
    with opened(ten) as view:
        known = costed(view, CLOSING)
        for number in (0, -1, 10**15 - 1):
            assert card_of(view.ledger, number, CLOSING, known) is None


def test_the_telephone_number_is_masked_until_it_is_asked_for(tmp_path):
    people = [{"customer_id": "Ann", "phone": "13812345678", "email": "ann@example.com"}]
    home = shop.build(tmp_path, [("Ann", "2024-01-10", 5)], customers=people).home
    on = day("2024-01-10")
    found = card(home, "Ann", on)
    assert found.profile.masked_phone == "138****5678"
    assert "13812345678" not in str(found)
    assert "ann@" not in str(found)
    with opened(home) as view:
        one = one_of(view.ledger, key_of(view, "Ann"))
        assert one is not None
        assert reach(one) == ("13812345678", "ann@example.com")


@pytest.mark.parametrize(
    ("number", "shown"), [("13812345678", "138****5678"), ("1234567890", "****"), ("", "****")]
)
def test_of_short_numbers_nothing_is_shown(number, shown):
    assert masked(number) == shown


def test_of_what_is_no_address_nothing_is_shown():
    assert masked_email("nonsense") == "****"


def test_a_merged_customer_is_one_with_whom_they_were_merged_into(tmp_path):
    merges = [{"customer_id": "Old", "into_customer_id": "Ann", "merged_on": day("2024-01-12")}]
    people = [{"customer_id": "Ann", "name": None, "birthday": day("1980-02-29")},
              {"customer_id": "Old", "name": "Anna", "birthday": day("1981-01-01")}]  # fmt: skip
    bought = [("Ann", "2024-01-10", 5), ("Old", "2024-01-11", 7)]
    home = shop.build(tmp_path, bought, customers=people, customer_merges=merges).home
    found = card(home, "Old", day("2024-01-11"))
    assert found.profile.customer_id == "Ann"
    assert found.asked_key is not None
    assert found.profile.former_ids == ("Old",)
    assert found.stands is not None
    assert found.stands.value == Decimal(12)
    # The last record first; what it lacks, of the former one.
    assert (found.profile.name, found.profile.birthday) == ("Anna", day("1980-02-29"))


CARE = date(2024, 3, 31)


@pytest.fixture(scope="module")
def cared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ann, of the highest tier, cared for every 30 days; Bob wants no contact; Cem is alone."""
    bought = [("Ann", "2024-01-05", 900), ("Ann", "2024-02-05", 100), ("Bob", "2024-03-05", 50),
              ("Cem", "2024-03-30", 10)]  # fmt: skip
    orders = [
        each | {"employee_id": "e1" if each["customer_id"] == "Ann" else None, "branch": "Bund"}
        for each in shop.orders([*bought, (None, "2024-03-31", 1)])
    ]
    contact = {"customer_id": "Ann", "employee_id": "e1", "is_reached": True,
               "has_opportunity": False}  # fmt: skip
    return shop.build(
        tmp_path_factory.mktemp("cared"), [], orders=orders,
        customers=[{"customer_id": name, "may_contact": name != "Bob"} for name in
                   ("Ann", "Bob", "Cem")],
        employees=[{"employee_id": "e1", "name": "Su", "branch": "Bund",
                    "left_on": day("2024-03-20")},
                   {"employee_id": "e2", "name": "Wu", "branch": "Bund", "left_on": None}],
        contacts=[
            contact | {"contact_id": "1", "contacted_at": at("2024-02-20")},
            contact | {"contact_id": "2", "contacted_at": at("2024-03-10"), "is_reached": False},
            contact | {"contact_id": "3", "contacted_at": at("2024-02-19"),
                       "has_opportunity": True, "employee_id": "e2"},
            contact | {"contact_id": "4", "contacted_at": at("2024-01-04"),
                       "has_opportunity": True},
        ],
        key_dates=[
            {"key_date_id": str(n), "customer_id": "Ann", "kind": "insurance",
             "due_on": day(due_on), "known_on": day(known_on), "value": Decimal(n)}
            for n, (due_on, known_on) in enumerate([
                ("2024-03-31", "2024-01-01"),  # has come: it stands in the timeline
                ("2024-04-01", "2024-03-31"),  # the first day ahead, known on the last
                ("2024-05-30", "2024-01-01"),  # 60 days ahead
                ("2024-05-31", "2024-01-01"),  # 61 days ahead
                ("2024-04-02", "2024-04-01"),  # not known yet
            ])
        ],
        promises=[
            {"promise_id": str(n), "customer_id": "Ann", "promised_on": day("2024-01-10"),
             "due_on": day(due_on), "kept_on": kept_on and day(kept_on)}
            for n, (due_on, kept_on) in enumerate([
                ("2024-03-31", None),  # broken at the end of the day
                ("2024-04-01", None),  # due
                ("2024-04-03", "2024-04-02"),  # due: kept only later
                ("2024-04-04", "2024-03-01"),  # kept already
                ("2024-02-01", "2024-02-03"),  # kept late: over
            ])
        ],
        referrals=[{"referral_id": "1", "customer_id": "Ann", "referred_customer_id": "Bob",
                    "referred_on": day("2024-02-01")},
                   {"referral_id": "2", "customer_id": "Ann", "referred_customer_id": None,
                    "referred_on": day("2024-03-01")},
                   {"referral_id": "3", "customer_id": "Cem", "referred_customer_id": "Ann",
                    "referred_on": day("2024-04-01")}],
        contracts=[{"contract_id": "1", "customer_id": "Cem", "started_on": day("2024-03-01"),
                    "ended_on": day("2024-03-31"), "monthly_value": Decimal(3)},
                   {"contract_id": "2", "customer_id": "Cem", "started_on": day("2024-03-01"),
                    "ended_on": day("2024-03-30"), "monthly_value": Decimal(3)},
                   {"contract_id": "3", "customer_id": "Cem", "started_on": day("2024-04-01"),
                    "ended_on": None, "monthly_value": Decimal(3)}],
        balances=[{"customer_id": "Cem", "product_id": "a", "balance_on": day(on),
                   "balance": Decimal(amount)}
                  for on, amount in (("2024-01-31", 7), ("2024-02-29", 8), ("2024-04-30", 9))],
    ).home  # fmt: skip


def test_the_next_contact_is_due_by_the_cadence_of_the_tier(cared):
    found = card(cared, "Ann", CARE)
    assert found.stands is not None
    assert found.stands.tier == "top"
    # Reached on 20 February, in vain on 10 March: 30 days later is 21 March.
    assert (found.care.reached_on, found.care.tried_on) == (day("2024-02-20"), day("2024-03-10"))
    assert (found.care.every_days, found.care.contact_due_on) == (30, day("2024-03-21"))


def test_who_was_never_reached_is_due_from_the_first_purchase_on(cared):
    found = card(cared, "Cem", CARE)
    assert found.stands is not None
    assert found.care.reached_on is None
    assert found.care.every_days is not None
    due_on = found.care.contact_due_on
    assert due_on is not None
    # His contract began on 1 March.
    assert (due_on - day("2024-03-01")).days == found.care.every_days


def test_who_wants_no_contact_is_due_for_none(cared):
    found = card(cared, "Bob", CARE)
    assert found.profile.may_contact is False
    assert (found.care.every_days, found.care.contact_due_on) == (None, None)


def test_what_is_due_stands_with_its_day(cared):
    found = [(due.what, due.on.isoformat()) for due in card(cared, "Ann", CARE).care.due]
    assert found == [
        # The opportunity of 4 January was followed by an order, on the next day.
        ("opportunity", "2024-02-19"),
        ("broken_promise", "2024-03-31"),
        ("key_date", "2024-04-01"),
        ("promise", "2024-04-01"),
        ("promise", "2024-04-03"),
        ("key_date", "2024-05-30"),
    ]


def test_who_serves_a_customer_stands_with_the_share(cared):
    found = card(cared, "Ann", CARE).served
    # Two orders and the contacts of 4 January and 20 February by Su, one contact by Wu; the one
    # in vain does not count.
    assert found.dealings == 5
    first, second = found.employees
    assert (first.name, first.dealings, first.share) == ("Su", 4, 0.8)
    assert (first.last_on, first.left_on) == (day("2024-02-20"), day("2024-03-20"))
    assert (second.name, second.left_on) == ("Wu", None)
    # 80 % through Su, but Wu was in touch within 6 months.
    assert (found.depends_on, found.knows_nobody_else) == (None, False)


def test_who_has_not_left_by_the_day_is_still_there(cared):
    first = card(cared, "Ann", day("2024-02-29")).served.employees[0]
    assert first.left_on is None


def test_whoever_deals_with_one_employee_alone_depends_on_them(tmp_path):
    orders = [
        each | {"employee_id": "e1"}
        for each in shop.orders([("Ann", f"2024-01-0{n}", 5) for n in (1, 2, 3)])
    ]
    found = card(shop.build(tmp_path, [], orders=orders).home, "Ann", day("2024-01-03")).served
    assert (found.depends_on, found.knows_nobody_else) == ("e1", True)


def test_orders_that_are_nobodys_count_against_dependence(tmp_path):
    orders = [
        each | {"employee_id": "e1" if each["customer_id"] == "Bob" else None}
        for each in shop.orders(
            [("Ann", f"2024-01-0{n}", 5) for n in (1, 2, 3)] + [("Bob", "2024-01-03", 5)]
        )
    ]
    contacts = [{"contact_id": str(n), "customer_id": "Ann", "employee_id": "e1",
                 "contacted_at": at(f"2024-01-0{n}"), "is_reached": True}
                for n in (1, 2, 3)]  # fmt: skip
    home = shop.build(tmp_path, [], orders=orders, contacts=contacts).home
    found = card(home, "Ann", day("2024-01-03")).served
    # Three contacts of six dealings: the orders of these books say who served, hers nobody.
    assert (found.dealings, found.depends_on) == (6, None)


def test_recommendations_stand_on_both_sides(cared):
    with opened(cared) as view:
        bob = key_of(view, "Bob")
    assert card(cared, "Ann", CARE).relations == (
        Relation(True, None, None, None, day("2024-03-01")),
        Relation(True, bob, "Bob", None, day("2024-02-01")),
    )  # Cem's of 1 April has not happened yet
    (other,) = card(cared, "Bob", CARE).relations
    assert (other.has_recommended, other.customer_id) == (False, "Ann")


def test_holdings_are_those_of_the_day(cared):
    found = card(cared, "Cem", CARE).holdings
    (contract,) = found.contracts  # its last day; another ended before, one has not begun
    assert contract.ended_on == CARE
    (balance,) = found.balances
    assert (balance.balance, balance.on) == (Decimal(8), day("2024-02-29"))
    assert found.points is None


def test_products_given_back_are_not_held(tmp_path):
    orders = shop.orders([("Ann", "2024-01-01", 30), ("Ann", "2024-01-05", 20)])
    lines = [
        {"order_id": "o1", "line_id": "1", "product_id": "p", "amount": Decimal(20)},
        {"order_id": "o1", "line_id": "2", "product_id": "q", "amount": Decimal(10)},
        {"order_id": "o2", "line_id": "1", "product_id": "q", "amount": Decimal(20)},
    ]
    refund = {"refund_id": "r", "refunded_at": at("2024-01-04"), "amount": Decimal(20),
              "order_id": "o1", "customer_id": "Ann", "product_id": "p"}  # fmt: skip
    home = shop.build(tmp_path, [], orders=orders, order_lines=lines, refunds=[refund]).home
    (held,) = card(home, "Ann", day("2024-01-05")).holdings.products
    assert (held.name, held.times, held.last_on) == ("q", 2, day("2024-01-05"))
