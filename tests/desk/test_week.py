"""The week: what people did with cards, and how the rest is laid out over the days."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.desk import contacts, recorded, tasks, week
from core.desk.cards import Card, week_of
from core.desk.contacts import Told
from core.desk.refused import Refused
from core.store import Store
from core.store.errors import StoreError
from core.store.records import (
    Case,
    Contact,
    Handover,
    Member,
    Promise,
    Refusal,
    Task,
    Transfer,
    Wave,
)

MONDAY, SUNDAY = date(2024, 4, 15), date(2024, 4, 21)
NOW = datetime(2024, 4, 15, 9, 30)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def card(kind: str = "contact_gap", customer: int = 1, on: date = MONDAY, **more: Any) -> Card:
    values = {"owner": "E1", "value": 100.0, "answered_from": date(2024, 3, 1), **more}
    return Card(f"{kind}:{customer}:{on}", kind, on, customer, **values)


def logged(store: Store, about: Card, is_reached: bool, by: str = "E1", key: str = "w") -> str:
    return store.write(
        by, key,
        lambda s: contacts.log_card(
            s, about, NOW, contact_id=key, is_reached=is_reached, employee=by
        ),
    )  # fmt: skip


def standing(store: Store, *cards: Card, today: date = MONDAY) -> list[Card]:
    with store.reading() as session:
        return week.undone(cards, week.done_with(session, cards), today)


def test_a_click_logs_a_call_and_the_card_is_done(store: Store):
    gap = card()
    logged(store, gap, is_reached=True)
    assert standing(store, gap) == []
    with store.reading() as session:
        (made,), n = contacts.logged(session)
        (task,), _ = tasks.done_in(session, *week_of(MONDAY), "E1", 10)
    assert n == 1
    assert (made.channel, made.is_reached, made.purpose, made.contacted_at) == (
        "phone", True, "care", NOW,
    )  # fmt: skip
    assert (task.source, task.done_on, made.task_id) == (gap.source, MONDAY, task.id)


def test_a_second_click_of_the_same_form_writes_nothing(store: Store):
    logged(store, card(), is_reached=True, key="same")
    logged(store, card(), is_reached=True, key="same")
    with store.reading() as session:
        assert contacts.logged(session)[1] == 1


def test_of_two_who_answer_one_card_the_second_is_told_and_logs_nothing(store: Store):
    logged(store, card(), is_reached=True, by="E1", key="first")
    with pytest.raises(Refused) as told:
        logged(store, card(), is_reached=True, by="E2", key="second")
    assert "E1" in told.value.text("en")
    with store.reading() as session:
        assert contacts.logged(session)[1] == 1


def test_who_was_not_reached_is_tried_again_tomorrow(store: Store):
    gap = card()
    logged(store, gap, is_reached=False)
    (again,) = standing(store, gap)
    assert (again.on, again.due_on, again.tries) == (MONDAY + timedelta(days=1), MONDAY, 1)
    assert again.has_day
    found = week.laid_out([again], {"contact_gap": 1}, MONDAY, 12)
    assert found.columns["tomorrow"] == [again]


def test_a_contact_that_reached_the_customer_answers_every_card_that_asks_for_one(store: Store):
    logged(store, card(), is_reached=True)
    birthday = card("key_date", on=MONDAY, answered_from=MONDAY)
    later = card("key_date", on=SUNDAY, answered_from=SUNDAY)
    owed = card("complaint", answered_from=None)
    other = card(customer=2)
    assert standing(store, birthday, later, owed, other) == [later, owed, other]


def test_a_contact_withdrawn_lets_its_card_be_open_again(store: Store):
    gap = card()
    id = logged(store, gap, is_reached=True)
    with pytest.raises(Refused):
        store.write("E2", "k1", lambda s: contacts.withdraw(s, id, 1))
    store.write("E1", "k2", lambda s: contacts.withdraw(s, id, 1))
    (again,) = standing(store, gap)
    assert again.source == gap.source
    with store.reading() as session:
        assert recorded.withdrawn(session) == 1
        assert contacts.summaries(session, MONDAY, MONDAY) == []


def test_a_card_put_off_comes_up_on_its_day_and_one_dropped_does_not(store: Store):
    gap, risk = card(), card("at_risk", 2)
    store.write(
        "E1", "a",
        lambda s: tasks.mark(s, gap, MONDAY, state="open", put_off_until=date(2024, 4, 18)),
    )  # fmt: skip
    with pytest.raises(Refused):
        store.write("E1", "b", lambda s: tasks.drop(s, risk, MONDAY, "  "))
    store.write("E1", "c", lambda s: tasks.drop(s, risk, MONDAY, "Moved abroad"))
    (again,) = standing(store, gap, risk)
    assert (again.on, again.due_on) == (date(2024, 4, 18), MONDAY)


def test_a_complaint_that_is_still_open_a_week_after_it_was_answered_comes_up_again(store: Store):
    complaint = card("complaint", answered_from=None)
    logged(store, complaint, is_reached=True)
    assert standing(store, complaint, today=date(2024, 4, 21)) == []
    assert standing(store, complaint, today=date(2024, 4, 22)) == [complaint]
    store.write("E2", "again", lambda s: tasks.mark(s, complaint, date(2024, 4, 22)))


def test_what_came_of_a_call_is_written_with_its_promise_and_refusal(store: Store):
    id = logged(store, card(), is_reached=True)
    told = Told(
        "Wants a second car", "Second car", "Send an offer", date(2024, 4, 17), "An offer",
        date(2024, 4, 18), is_refused=True,
    )  # fmt: skip
    store.write("E1", "more", lambda s: contacts.complete(s, id, 1, told))
    with store.reading() as session:
        made = session.get_one(Contact, id)
        (promise,) = session.query(Promise).all()
        (refusal,) = session.query(Refusal).all()
        cards = recorded.recorded_cards(session, SUNDAY, None)
    assert (made.learned, made.opportunity, made.next_step, made.next_on) == (
        "Wants a second car", "Second car", "Send an offer", date(2024, 4, 17),
    )  # fmt: skip
    assert (promise.what, promise.due_on, promise.customer_key) == (
        "An offer",
        date(2024, 4, 18),
        1,
    )
    assert refusal.customer_key == 1
    assert {(each.kind, each.due_on) for each in cards} == {
        ("promise", date(2024, 4, 18)), ("next_step", date(2024, 4, 17)),
    }  # fmt: skip
    # Who wants no contact is owed the promise, not the next step.
    assert [each.kind for each in standing(store, *cards)] == ["promise"]


def test_a_promise_without_a_day_is_refused_and_nothing_is_written(store: Store):
    id = logged(store, card(), is_reached=True)
    told = Told("Learned", promised="An offer")
    with pytest.raises(StoreError):
        store.write("E1", "more", lambda s: contacts.complete(s, id, 1, told))
    with store.reading() as session:
        assert session.get_one(Contact, id).learned == ""


def test_a_promise_kept_is_kept_whether_it_was_made_here_or_brought(store: Store):
    promise = Promise(
        id="p", customer_key=1, employee_id="E1", what="An offer", promised_on=MONDAY,
        due_on=date(2024, 4, 18),
    )  # fmt: skip
    store.write("E1", "a", lambda s: s.add(promise))
    brought = card("promise", 2, answered_from=None, item="P77", detail="refund")
    with store.reading() as session:
        (own,) = recorded.recorded_cards(session, SUNDAY, "E1")
    for number, each in enumerate((own, brought)):
        store.write("E1", f"k{number}", lambda s, each=each: contacts.keep_promise(s, each, MONDAY))
    with store.reading() as session:
        kept = {each.replaces: each.kept_on for each in session.query(Promise)}
        assert recorded.recorded_cards(session, SUNDAY, None) == []
    assert kept == {None: MONDAY, "P77": MONDAY}
    assert standing(store, brought) == []


def test_controls_are_left_out_but_for_service(store: Store):
    def draw(session) -> None:
        session.add(Wave(id="w", programme="care", theme="Spring", state="open"))
        session.flush()
        session.add(Member(wave_id="w", customer_key=1, arm="control"))

    store.write("E1", "a", draw)
    maturity = card("key_date", detail="maturity", answered_from=None)
    birthday = card("key_date", on=SUNDAY, detail="birthday", answered_from=None)
    assert [each.detail for each in standing(store, card(), maturity, birthday)] == ["maturity"]


def test_cases_and_handovers_make_cards_until_their_step_is_taken(store: Store):
    def begin(session) -> None:
        session.add(
            Case(id="c", customer_key=1, owner="E1", stage_since=MONDAY, next_on=MONDAY,
                 next_step="Call about the offer")
        )  # fmt: skip
        session.add(Handover(id="h", employee_id="E9", leaves_on=MONDAY, contact_by=SUNDAY))
        session.flush()
        for number, to in ((1, "E1"), (2, None)):
            session.add(
                Transfer(id=f"t{number}", handover_id="h", customer_key=number, to_employee_id=to,
                         assigned_on=MONDAY, contact_by=SUNDAY)
            )  # fmt: skip

    store.write("E1", "a", begin)
    with store.reading() as session:
        found = recorded.recorded_cards(session, SUNDAY, "E1")
        assert recorded.recorded_cards(session, SUNDAY, "E2") == []
    assert [(each.kind, each.detail) for each in found] == [
        ("win_back", "to_contact"), ("handover", "E9"),
    ]  # fmt: skip
    logged(store, found[0], is_reached=True)
    with store.reading() as session:
        # Reaching the customer is the successor's first contact, too.
        assert [c.kind for c in recorded.recorded_cards(session, SUNDAY, "E1")] == ["win_back"]
        assert session.get_one(Case, "c").stage == "contacted"
    assert standing(store, found[0]) == []


def test_days_hold_as_much_as_can_be_done_the_most_valuable_first():
    cards = [card(customer=n, value=float(100 - n)) for n in range(1, 8)]
    birthday = card("key_date", 90, date(2024, 4, 16), value=1.0)
    found = week.laid_out([birthday, *cards], {"contact_gap": 20, "key_date": 1}, MONDAY, 2)
    # Two a day: today the first two; tomorrow the birthday and one; from Wednesday to Friday six
    # more, of which four are left.
    assert [c.customer_key for c in found.columns["today"]] == [1, 2]
    assert [c.customer_key for c in found.columns["tomorrow"]] == [3, 90]
    assert [c.customer_key for c in found.columns["week"]] == [4, 5, 6, 7]
    assert (found.shown, found.more, dict(found.waiting)) == (8, 13, {"contact_gap": 13})


def test_what_is_late_takes_at_most_half_of_the_day_and_debts_are_never_hidden():
    late = [card("promise", n, date(2024, 4, 1), value=1.0) for n in range(5)]
    floating = [card(customer=n, value=50.0) for n in range(10, 20)]
    found = week.laid_out([*late, *floating], {"promise": 5, "contact_gap": 10}, MONDAY, 4)
    # Four a day: two are left for today beside the late; then 4 tomorrow, 4 of 12 until Friday.
    assert [len(found.columns[name]) for name in week.COLUMNS] == [5, 2, 4, 4]


def test_each_employee_has_days_of_their_own():
    cards = [card(customer=n, owner=owner) for owner in ("E1", "E2") for n in (1, 2)]
    found = week.laid_out(cards, {"contact_gap": 4}, MONDAY, 1)
    assert sorted(c.owner for c in found.columns["today"]) == ["E1", "E2"]


def test_on_a_sunday_the_board_looks_at_the_next_day():
    found = week.laid_out(
        [card(on=MONDAY, customer=1), card("promise", 2, MONDAY)], {}, date(2024, 4, 14), 5
    )
    assert [c.kind for c in found.columns["tomorrow"]] == ["promise"]


def test_mechanical_visits_are_counted_by_employee(store: Store):
    told = {"a": Told(), "b": Told("New flat"), "c": Told(next_step="Call", next_on=SUNDAY)}
    for key, each in told.items():
        store.write(
            "E1", key,
            lambda s, key=key, each=each: contacts.log(
                s, key, 1, NOW, employee="E1", channel="visit", purpose="care", is_reached=True,
                told=each,
            ),
        )  # fmt: skip
    logged(store, card(customer=2), is_reached=False, by="E2")
    with store.reading() as session:
        one, two = contacts.summaries(session, MONDAY, MONDAY)
    # Of the three that reached somebody one left nothing behind.
    assert (one.employee, one.contacts, one.reached, one.learned, one.empty) == ("E1", 3, 3, 1, 1)
    assert (two.contacts, two.reached, two.empty) == (1, 0, 0)
    assert contacts.whole([one, two]).contacts == 4


def test_the_plan_of_a_month_counts_tasks_and_cards_apart(store: Store):
    def plan(session) -> None:
        for n, (on, state) in enumerate(
            ((date(2024, 4, 3), "done"), (date(2024, 4, 30), "open"), (None, "open"))
        ):
            session.add(
                Task(id=str(n), title="T", owner="E1", due_on=on, month=date(2024, 4, 1),
                     state=state, done_on=on if state == "done" else None)
            )  # fmt: skip
        session.add(Task(id="9", title="May", owner="E1", due_on=date(2024, 5, 1)))

    store.write("E1", "a", plan)
    logged(store, card(), is_reached=True)
    with store.reading() as session:
        found = tasks.month_of(session, date(2024, 4, 1), "E1")
        assert tasks.month_of(session, date(2024, 4, 1), "E2").n == 0
    assert (found.n, found.done, found.cards_done) == (3, 1, 1)
    assert [task.id for task in found.tasks] == ["0", "1", "2"]


def test_a_task_needs_a_title(store: Store):
    with pytest.raises(Refused):
        store.write("E1", "a", lambda s: tasks.add(s, {"title": " "}))
