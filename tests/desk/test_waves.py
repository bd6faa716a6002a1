"""Waves and their cases in a real store."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import select

from core.desk import cases, waves
from core.store import Conflict, Store, StoreError, changing
from core.store.log import Audit
from core.store.record import new_id
from core.store.records import Case, Contact, Member, Refusal, Wave

TODAY = date(2024, 4, 16)


@pytest.fixture
def store(tmp_path: Path):
    made = Store.at(tmp_path)
    yield made
    made.close()


def write(store: Store, do: Callable[..., Any], by: str = "E1") -> Any:
    return store.write(by, new_id(), do)


def people(*keys: int, manager: str | None = "E2") -> pa.Table:
    rows = [
        {"customer_key": key, "tier": 4, "silence_band": "731+", "cause": None, "value": 12.5,
         "worth": 3.0, "verdict": "win_back_now", "manager": manager}
        for key in keys
    ]  # fmt: skip
    schema = pa.schema([
        ("customer_key", pa.int64()), ("tier", pa.int64()), ("silence_band", pa.string()),
        ("cause", pa.string()), ("value", pa.float64()), ("worth", pa.float64()),
        ("verdict", pa.string()), ("manager", pa.string()),
    ])  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def draft(store: Store, id: str = "w1", **terms: Any) -> str:
    wave = {"theme": "Spring", "programme": "win_back", "owner": "E1", **terms}
    return write(store, lambda session: changing.add(session, Wave(id=id, **wave)))


def draw(store: Store, taken: pa.Table, id: str = "w1", version: int = 1, **settings: Any) -> dict:
    given = {"control_share": 0.3, "today": TODAY, "as_of": TODAY, "data_version": 1, "salt": id,
             "staff": ("E1", "E2"), **settings}  # fmt: skip
    return write(store, lambda session: waves.draw(session, id, version, taken, **given))


def wave(store: Store, id: str = "w1") -> waves.Standing:
    with store.reading() as session:
        return next(each for each in waves.waves(session) if each.wave.id == id)


def keys(store: Store, arm: str, id: str = "w1") -> set[int]:
    with store.reading() as session:
        found = select(Member.customer_key).where(Member.wave_id == id, Member.arm == arm)
        return set(session.scalars(found))


def case_of(store: Store, key: int) -> Case:
    with store.reading() as session:
        return session.scalars(select(Case).where(Case.customer_key == key)).one()


def test_drawing_freezes_the_list_and_gives_each_treated_customer_a_case(store):
    draft(store)
    counts = draw(store, people(*range(10)))
    # 30 % of 10 are held out.
    assert (counts["treated"], counts["control"], counts["exempt"]) == (7, 3, 0)
    found = wave(store)
    assert (found.wave.state, found.arms) == ("open", {"treated": 7, "control": 3})
    assert found.closes_on == date(2024, 7, 15)  # 90 days after 16 April
    with store.reading() as session:
        rows = cases.cases(session).to_pylist()
        assert waves.is_as_drawn(session, found.wave)
    assert {row["customer_key"] for row in rows} == keys(store, "treated")
    assert {(row["owner"], row["stage"], row["value"]) for row in rows} == {
        ("E2", "to_contact", 12.5)
    }


def test_a_case_goes_to_the_owner_of_the_wave_where_the_manager_has_left(store):
    draft(store)
    draw(store, people(1, manager="gone"), control_share=0)
    assert case_of(store, 1).owner == "E1"


def test_a_wave_is_drawn_once(store):
    draft(store)
    draw(store, people(1, 2, 3))
    with pytest.raises(StoreError) as told:
        draw(store, people(1, 2, 3), version=2)
    assert told.value.key == "wave_not_draft"


def test_a_draft_that_somebody_changed_since_is_not_drawn(store):
    draft(store)
    write(store, lambda s: changing.change(s, Wave, "w1", 1, offer="voucher").id, by="E9")
    with pytest.raises(Conflict):
        draw(store, people(1, 2, 3), version=1)
    assert not keys(store, "treated")


def test_nobody_is_in_two_open_waves_and_controls_are_in_no_other(store):
    draft(store)
    draw(store, people(*range(10)))
    draft(store, "w2")
    counts = draw(store, people(*range(8, 14)), "w2")
    assert counts["in_waves"] == 2  # 8 and 9
    assert keys(store, "treated", "w2") | keys(store, "control", "w2") == set(range(10, 14))


def test_who_refused_since_or_has_an_open_case_is_in_neither_arm(store):
    def before(session) -> str:
        session.add(Refusal(customer_key=1, refused_on=TODAY))
        session.add(Refusal(customer_key=5, refused_on=TODAY, state="withdrawn"))
        session.add(Case(customer_key=2, stage="offered", stage_since=TODAY))
        session.add(Case(customer_key=3, stage="let_go", stage_since=TODAY))
        return ""

    write(store, before)
    draft(store)
    counts = draw(store, people(1, 2, 3, 4, 5), control_share=0)
    assert (counts["refused"], counts["in_cases"]) == (1, 1)
    assert keys(store, "treated") == {3, 4, 5}


def test_the_exempt_are_named_with_their_reason_and_have_no_case(store):
    draft(store, audience={"exempt": {"3": "in dispute"}})
    counts = draw(store, people(*range(6)), control_share=0.4)
    assert counts["exempt"] == 1
    with store.reading() as session:
        member = session.get_one(Member, ("w1", 3))
        assert (member.arm, member.exempt_reason) == ("exempt", "in dispute")
        assert 3 not in cases.cases(session)["customer_key"].to_pylist()


def test_a_wave_without_anybody_to_treat_is_not_drawn(store):
    draft(store)
    with pytest.raises(StoreError) as told:
        draw(store, people())
    assert told.value.key == "wave_nobody"
    assert wave(store).wave.state == "draft"


def test_the_draw_leaves_one_row_of_who_drew_how_many(store):
    draft(store)
    draw(store, people(*range(10)))
    with store.reading() as session:
        row = session.scalars(select(Audit).where(Audit.action == "drawn")).one()
    assert (row.by, row.record_id) == ("E1", "w1")
    assert (row.after["treated"], row.after["control"]) == (7, 3)


def test_a_changed_list_is_found_out(store):
    draft(store)
    draw(store, people(*range(10)))

    def turn(session) -> str:
        member = session.get_one(Member, ("w1", min(keys(store, "control"))))
        member.arm = "treated"
        return ""

    write(store, turn)
    with store.reading() as session:
        assert not waves.is_as_drawn(session, wave(store).wave)


def test_controls_are_told_until_the_wave_closes(store):
    draft(store)
    draw(store, people(*range(10)))
    held_out, treated = min(keys(store, "control")), min(keys(store, "treated"))
    with store.reading() as session:
        found = waves.control_of(session, held_out)
        assert found is not None
        assert found.wave.theme == "Spring"
        assert waves.control_of(session, treated) is None
    write(store, lambda s: waves.close(s, "w1", 2, {"strata": []}, today=TODAY))
    with store.reading() as session:
        assert waves.control_of(session, held_out) is None


def test_a_wave_is_read_once(store):
    draft(store)
    draw(store, people(1, 2))
    write(store, lambda s: waves.close(s, "w1", 2, {"strata": [], "as_of": "2024-08-01"},
                                       today=TODAY))  # fmt: skip
    with pytest.raises(StoreError) as told:
        write(store, lambda s: waves.close(s, "w1", 3, {"strata": [1]}, today=TODAY))
    assert told.value.key == "wave_not_open"
    assert wave(store).wave.reading == {"strata": [], "as_of": "2024-08-01"}


def test_a_wave_can_be_dropped_only_before_anybody_was_worked_on(store):
    draft(store)
    draw(store, people(1, 2, 3), control_share=0)
    id = case_of(store, 2).id
    contact = {"channel": "phone", "is_reached": False}
    write(store, lambda s: cases.log(s, id, contact, moment=datetime(2024, 4, 17, 10)))
    with pytest.raises(StoreError) as told:
        write(store, lambda s: waves.drop(s, "w1", 2, today=TODAY))
    assert told.value.key == "wave_begun"


def test_the_cases_of_a_dropped_wave_end_and_its_customers_are_free(store):
    draft(store)
    draw(store, people(*range(10)))
    write(store, lambda s: waves.drop(s, "w1", 2, today=TODAY))
    with store.reading() as session:
        assert cases.cases(session).num_rows == 0
        assert not any(waves.not_to_draw(session).values())
    draft(store, "w2")
    assert draw(store, people(*range(10)), "w2")["treated"] == 7


def test_a_draft_can_be_given_up(store):
    draft(store)
    write(store, lambda s: waves.drop(s, "w1", 1, today=TODAY))
    assert wave(store).wave.state == "dropped"


def test_the_first_contact_that_reaches_the_customer_moves_the_case_on(store):
    draft(store)
    draw(store, people(1), control_share=0)
    case = case_of(store, 1)
    missed = {"channel": "phone", "is_reached": False, "next_step": "again",
              "next_on": date(2024, 4, 20)}  # fmt: skip
    write(store, lambda s: cases.log(s, case.id, missed, moment=datetime(2024, 4, 18, 9)))
    found = case_of(store, 1)
    assert (found.stage, found.next_step, found.next_on) == (
        "to_contact", "again", date(2024, 4, 20)
    )  # fmt: skip
    reached = {"channel": "visit", "is_reached": True, "learned": "moved house"}
    write(store, lambda s: cases.log(s, case.id, reached, moment=datetime(2024, 4, 19, 9)))
    found = case_of(store, 1)
    assert (found.stage, found.stage_since) == ("contacted", date(2024, 4, 19))
    assert found.next_step == "again"  # nothing new was agreed
    with store.reading() as session:
        said = cases.contacts(session, case.id)
    assert [(each.channel, each.wave_id, each.customer_key) for each in said] == [
        ("visit", "w1", 1), ("phone", "w1", 1)
    ]  # fmt: skip


def test_an_empty_contact_that_repeats_one_of_the_same_day_is_not_taken(store):
    draft(store)
    draw(store, people(1), control_share=0)
    id = case_of(store, 1).id

    def log(hour: int, day: int = 18, **contact) -> None:
        same = {"employee_id": "E2", "channel": "phone", "purpose": "care", "is_reached": True}
        moment = datetime(2024, 4, day, hour)
        write(store, lambda s: cases.log(s, id, {**same, **contact}, moment=moment))

    log(9, learned="moved house")
    with pytest.raises(StoreError) as told:
        log(10)
    assert told.value.key == "contact_repeated"
    log(11, opportunity="a loan")
    log(12, channel="visit")
    log(13, employee_id="E3")
    log(14, is_reached=False)
    log(15, is_reached=False)  # rang twice in vain
    log(9, day=19)
    with store.reading() as session:
        hours = [each.contacted_at.hour for each in cases.contacts(session, id)]
    assert hours == [9, 15, 14, 13, 12, 11, 9]


def test_several_cases_are_changed_together_or_not_at_all(store):
    draft(store)
    draw(store, people(1, 2, 3), control_share=0)
    with store.reading() as session:
        read = {row["id"]: row["version"] for row in cases.cases(session).to_pylist()}
    other = case_of(store, 2)
    write(store, lambda s: changing.change(s, Case, other.id, 1, notes="in talks").id, by="E9")
    values = {"owner": "E7", "stage": "offered"}
    with pytest.raises(StoreError) as told:
        write(store, lambda s: cases.change_many(s, read, values, today=TODAY))
    assert told.value.key == "cases_changed"
    assert case_of(store, 1).owner == "E2"
    with store.reading() as session:
        read = {row["id"]: row["version"] for row in cases.cases(session).to_pylist()}
    later = date(2024, 5, 1)
    write(store, lambda s: cases.change_many(s, read, values, today=later))
    found = case_of(store, 2)
    assert (found.owner, found.stage, found.stage_since) == ("E7", "offered", later)
    assert found.notes == "in talks"


def test_cases_stand_by_their_next_day_then_by_value(store):
    draft(store)
    draw(store, people(1, 2, 3), control_share=0)
    for key, on in ((1, None), (2, date(2024, 5, 2)), (3, date(2024, 5, 1))):
        case = case_of(store, key)
        if on:
            write(store, lambda s, c=case, d=on: changing.change(s, Case, c.id, 1, next_on=d).id)
    with store.reading() as session:
        assert cases.cases(session)["customer_key"].to_pylist() == [3, 2, 1]


def test_whoever_is_a_control_now_is_on_no_list_of_cases(store):
    def before(session) -> str:
        session.add(Wave(id="w0", theme="old", programme="win_back", state="open"))
        session.flush()
        session.add(Member(wave_id="w0", customer_key=1, arm="control"))
        session.add(Case(customer_key=1, stage="to_contact", stage_since=TODAY))
        session.add(Case(customer_key=2, stage="to_contact", stage_since=TODAY))
        return ""

    write(store, before)
    with store.reading() as session:
        assert cases.cases(session)["customer_key"].to_pylist() == [2]


def test_the_cause_of_a_case_stands_before_that_of_the_list(store):
    draft(store)
    draw(store, people(1), control_share=0)
    case = case_of(store, 1)
    noted = {"cause": "new_demand", "evidence": "stated", "cause_on": TODAY}
    write(store, lambda s: changing.change(s, Case, case.id, 1, **noted).id)
    with store.reading() as session:
        assert cases.cases(session).to_pylist()[0]["cause"] == "new_demand"
        assert cases.causes_noted(session) == {1: ("new_demand", "stated")}
        assert cases.last_stages(session) == {1: "to_contact"}


def test_money_of_the_list_is_exact(store):
    draft(store)
    draw(store, people(1), control_share=0)
    with store.reading() as session:
        member = session.get_one(Member, ("w1", 1))
    assert (member.value, member.worth) == (Decimal("12.5"), Decimal(3))


def test_a_contact_withdrawn_does_not_hold_a_wave(store):
    draft(store)
    draw(store, people(1), control_share=0)
    write(store, lambda s: s.add(Contact(customer_key=1, contacted_at=datetime(2024, 4, 17),
                                         channel="phone", is_reached=True, wave_id="w1",
                                         state="withdrawn")))  # fmt: skip
    assert write(store, lambda s: waves.drop(s, "w1", 2, today=TODAY)) == "w1"


def test_cases_opened_by_hand_leave_controls_and_open_cases_alone(store):
    draft(store)
    draw(store, people(*range(10)))
    held_out = keys(store, "control")
    made = write(store, lambda s: cases.open_cases(s, [*range(12), 11], "E9", today=TODAY))
    assert made == 2  # 10 and 11: the others are controls, or have a case of the wave
    assert not held_out & {case_of(store, key).customer_key for key in (10, 11)}
    assert case_of(store, 11).owner == "E9"
