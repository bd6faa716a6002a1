"""Handing customers over: whose they are, to whom they go, who was contacted, who stayed.

Ivy (E1) leaves on 15 April 2024, the last day of the books; Joe (E2) and Kai (E3) stay, Lou (E4)
left before.

| customer | manager | dealings in the 12 months                     | then                       |
|----------|---------|-----------------------------------------------|----------------------------|
| Ann      | E1      | Ivy 3, Joe 1                                  | Joe, her second contact    |
| Bob      | -       | Ivy 2, Joe 1                                  | Joe, his second contact    |
| Cem      | E2      | Ivy 2                                         | Joe, the manager           |
| Dua      | E1      | nobody's                                      | Kai, who looks after fewer |
| Eva      | E2      | Joe 1                                         | not Ivy's                  |
| Fay      | E1      | Ivy 1, and 200 days ago: lost                 | lost already               |
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.desk import handovers, kept
from core.desk.handovers import Assigned, Employee, proposed
from core.desk.refused import Refused
from core.facts import Books
from core.reading import open_ledger
from core.store import Conflict, changing, store_at
from core.store.record import new_id
from core.store.records import Contact, Handover
from core.view import View
from tests import shop

LAST = date(2024, 4, 15)
DEALT = (
    ("Ann", "2024-02-20", 10, "E1"), ("Ann", "2024-03-20", 10, "E1"),
    ("Ann", "2024-04-02", 10, "E1"), ("Ann", "2024-04-03", 5, "E2"),
    ("Bob", "2024-03-01", 60, "E1"), ("Bob", "2024-03-20", 20, "E1"),
    ("Bob", "2024-03-22", 20, "E2"),
    ("Cem", "2024-03-02", 50, "E1"), ("Cem", "2024-03-12", 50, "E1"),
    ("Dua", "2024-03-05", 40, None),
    ("Eva", "2024-04-15", 30, "E2"),
    ("Fay", "2023-09-28", 25, "E1"),
)  # fmt: skip
MANAGERS = {"Ann": "E1", "Cem": "E2", "Dua": "E1", "Eva": "E2", "Fay": "E1"}


def staff(id: str, name: str, left_on: date | None = None) -> dict:
    return {"employee_id": id, "name": name, "role": "adviser", "branch": "Main",
            "left_on": left_on}  # fmt: skip


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    orders = [
        shop.order(n, who, on, amount) | {"employee_id": by}
        for n, (who, on, amount, by) in enumerate(DEALT, start=1)
    ]
    managers = [shop.attribute(c, m, "2023-01-01", "manager") for c, m in MANAGERS.items()]
    branches = [shop.attribute(c, "Main", "2023-01-01", "branch") for c in (*MANAGERS, "Bob")]
    home = tmp_path_factory.mktemp("handover")
    return shop.build(
        home, [], orders=orders, customer_attributes=[*managers, *branches],
        employees=[
            staff("E1", "Ivy"), staff("E2", "Joe"), staff("E3", "Kai"),
            staff("E4", "Lou", date(2024, 1, 31)),
        ],
    )  # fmt: skip


def left_behind(books: Books) -> tuple[list[dict], list[Employee], Employee]:
    with open_ledger(books, with_desk=False) as ledger:
        view = View(ledger)
        people = handovers.staff(view)
        ivy = next(each for each in people if each.employee_id == "E1")
        rows = handovers.customers_left(view, ivy, LAST).to_pylist()
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    names = {row["customer_key"]: row["customer_id"] for row in ids}
    return [{**row, "who": names[row["customer_key"]]} for row in rows], people, ivy


@pytest.mark.slow
def test_an_employee_leaves_behind_whom_they_dealt_with_mainly_or_manage(books):
    rows, people, ivy = left_behind(books)
    found = {row["who"]: row for row in rows}
    assert [row["who"] for row in rows] == ["Bob", "Cem", "Dua", "Ann", "Fay"]  # by value
    assert (found["Ann"]["own_events"], found["Ann"]["events"]) == (3, 4)
    assert (found["Ann"]["second_id"], found["Ann"]["second_events"]) == ("E2", 1)
    assert (found["Dua"]["is_main"], found["Dua"]["is_manager"]) == (False, True)
    assert (found["Bob"]["is_main"], found["Bob"]["is_manager"]) == (True, False)
    assert {who for who, row in found.items() if not row["is_active"]} == {"Fay"}
    # Ann and Dua; Fay is lost. Joe has Cem and Eva.
    assert {e.employee_id: e.customers for e in people} == {"E1": 2, "E2": 2, "E3": 0, "E4": 0}
    assert ivy.name == "Ivy"


@pytest.mark.slow
def test_customers_go_to_their_manager_then_the_second_contact_then_the_least_loaded(books):
    rows, people, ivy = left_behind(books)
    given = proposed([row for row in rows if row["is_active"]], people, ivy, LAST)
    names = {row["customer_key"]: row["who"] for row in rows}
    assert {names[key]: to for key, to in given.items()} == {
        "Ann": "E2", "Bob": "E2", "Cem": "E2", "Dua": "E3"
    }  # fmt: skip


def employee(id: str, branch: str = "Main", role: str = "adviser", n: int = 0) -> Employee:
    return Employee(id, id, role, branch, None, n)


def row(key: int, branch: str | None = "Main") -> dict:
    return {"customer_key": key, "manager": None, "second_id": None, "branch": branch}


def test_customers_without_a_second_contact_are_spread_evenly_and_equals_go_by_number():
    people = [employee("L"), employee("A"), employee("B", n=1), employee("C", role="driver")]
    given = proposed([row(n) for n in range(4)], people, people[0], LAST)
    # A has 0, then 1 as B has: A first, then B (1), and again A.
    assert given == {0: "A", 1: "A", 2: "B", 3: "A"}


def test_where_nobody_is_in_the_branch_somebody_of_the_leavers_branch_is_proposed():
    people = [employee("L"), employee("A"), employee("B", branch="Far")]
    assert proposed([row(1, "Nowhere"), row(2, "Far")], people, people[0], LAST) == {1: "A", 2: "B"}


def test_where_there_is_nobody_at_all_nobody_is_proposed():
    leaver = employee("L")
    assert proposed([row(1)], [leaver], leaver, LAST) == {1: None}


def hand_over(home: Path, *assigned: Assigned, **other) -> str:
    values = {
        "employee_id": "E1", "leaves_on": LAST, "contact_by": date(2024, 4, 22), "note": "",
        "assigned": list(assigned), "today": LAST,
    } | other  # fmt: skip
    return store_at(home).write("Kim", new_id(), lambda s: handovers.hand_over(s, **values))


def test_a_handover_needs_somebody_and_another_employee_and_a_day_to_come(tmp_path):
    one = Assigned(1, "E2", Decimal(10))
    for assigned, other in (
        ((), {}), ((Assigned(1, "E1", None),), {}), ((one,), {"contact_by": date(2024, 4, 14)}),
    ):  # fmt: skip
        with pytest.raises(Refused):
            hand_over(tmp_path, *assigned, **other)
    hand_over(tmp_path, one)
    with pytest.raises(Refused, match="E1"):
        hand_over(tmp_path, one)


def test_the_first_contact_counts_from_the_day_of_the_transfer_and_of_the_successor(tmp_path):
    id = hand_over(tmp_path, *(Assigned(n, "E2", None) for n in (1, 2, 3, 4)))

    def contact(key: int, by: str, at: datetime, **other) -> Contact:
        return Contact(
            customer_key=key, employee_id=by, contacted_at=at, channel="phone",
            **({"is_reached": True} | other),
        )  # fmt: skip

    def do(session) -> str:
        session.add_all(
            [
                contact(1, "E2", datetime(2024, 4, 15, 0, 0)),
                contact(1, "E2", datetime(2024, 4, 17, 9)),
                contact(2, "E2", datetime(2024, 4, 14, 23, 59)),
                contact(3, "E3", datetime(2024, 4, 16, 9)),
                contact(4, "E2", datetime(2024, 4, 16, 9), is_reached=False),
            ]
        )
        return "done"

    store_at(tmp_path).write("Joe", new_id(), do)
    with store_at(tmp_path).reading() as session:
        assert handovers.contacted_here(session, id) == {1: LAST}


def test_transfers_are_given_to_somebody_else_all_or_none(tmp_path):
    id = hand_over(tmp_path, Assigned(1, "E2", Decimal(5)), Assigned(2, None, Decimal(9)))
    store = store_at(tmp_path)
    with store.reading() as session:
        second, first = handovers.transfers(session, id)  # by value
    assert (first.to_employee_id, second.to_employee_id, second.assigned_on) == ("E2", None, None)
    versions = {first.id: first.version, second.id: second.version}
    on = date(2024, 4, 18)
    store.write("Kim", new_id(), lambda s: handovers.reassign(s, versions, "E3", on))
    with store.reading() as session:
        assert {each.to_employee_id for each in handovers.transfers(session, id)} == {"E3"}
        assert handovers.assigned_transfers(session) == [(1, on), (2, on)]
    with pytest.raises(Conflict):
        store.write("Lee", new_id(), lambda s: handovers.reassign(s, versions, "E2", on))


def test_a_closed_handover_makes_room_for_another(tmp_path):
    id = hand_over(tmp_path, Assigned(1, "E2", None))
    store_at(tmp_path).write(
        "Kim", new_id(), lambda s: changing.change(s, Handover, id, 1, state="closed").id
    )
    assert hand_over(tmp_path, Assigned(1, "E3", None)) != id


@pytest.mark.slow
def test_who_stayed_is_held_against_like_customers_once_the_days_are_over(tmp_path):
    books = shop.ten_customers(tmp_path)
    with open_ledger(books) as ledger:
        view = View(ledger)
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
        key = {each["customer_id"]: each["customer_key"] for each in ids}
        on = date(2024, 1, 1)
        made = [(key["Ann"], on), (key["Gus"], on), (key["Jin"], date(2024, 2, 1))]
        found = kept.kept_after(view, made, shop.LAST, 89)
    # 89 days from 1 January end on 30 March. Ann bought on 1 March, Gus nothing, as his purchase
    # was given back and voided; Jin's days end on 30 April and are not over.
    assert found.readable_on == date(2024, 3, 30)
    assert (found.bought["customers"], found.bought["stayed"]) == (2, 1)
    # All are of the other tier. Of those of it who were active on 31 December and not handed over,
    # Bob and Fay, nobody bought, and both were lost by 31 March; so was Gus.
    assert (found.bought["like_customers"], found.bought["like_rate"]) == (2, 0.0)
    assert (found.active["stayed"], found.active["like_rate"]) == (1, 0.0)


@pytest.mark.slow
def test_while_no_days_are_over_only_the_day_is_told(books):
    with open_ledger(books, with_desk=False) as ledger:
        found = kept.kept_after(View(ledger), [(1, LAST)], LAST, 90)
    assert (found.bought, found.readable_on) == ({}, date(2024, 7, 14))
