"""Evaluations: from the draft to the next scoring, and what stands of each department."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from core.desk import evaluations as register
from core.desk.refused import Refused
from core.store import Conflict, Store, changing
from core.store.record import new_id
from core.store.records import Evaluation

TODAY = date(2024, 4, 16)
FIVE = {"satisfaction": 4, "loyalty": 3, "contribution": 5, "dependence": None, "outlook": 2}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield found
    found.close()


def write(store: Store, do: Callable, by: str = "Kim") -> str:
    return store.write(by, new_id(), do)


def scored(store: Store, customer: int = 1, rater: str = "Kim", **other) -> Evaluation:
    values = {"scores": FIVE, "department": "North", "scored_on": TODAY} | other
    id = write(
        store, lambda s: register.score(s, customer_key=customer, rater=rater, **values), rater
    )
    return read(store, id)


def read(store: Store, id: str) -> Evaluation:
    with store.reading() as session:
        return changing.get(session, Evaluation, id)


def change(store: Store, record: Evaluation, by: str, values: dict) -> Evaluation:
    write(
        store,
        lambda s: changing.change(s, Evaluation, record.id, record.version, **values).id,
        by,
    )
    return read(store, record.id)


def agreed(store: Store) -> Evaluation:
    draft = scored(store)
    seen = change(store, draft, "Lee", register.reviewed(draft, "Lee", TODAY, "Yes"))
    return change(store, seen, "Kim", register.agreed(seen, "Call", "Kim", date(2024, 5, 1)))


def test_a_draft_keeps_what_is_not_known_as_null(store):
    found = scored(store)
    assert (found.state, found.satisfaction, found.dependence) == ("draft", 4, None)


def test_an_evaluation_without_any_score_is_refused(store):
    with pytest.raises(Refused, match="at least one"):
        scored(store, scores=dict.fromkeys(FIVE))


def test_a_score_off_the_scale_is_refused(store):
    with pytest.raises(Refused, match="1 to 5"):
        scored(store, scores=FIVE | {"loyalty": 6})


def test_nobody_reviews_their_own_evaluation(store):
    with pytest.raises(Refused, match="yourself"):
        register.reviewed(scored(store), "Kim", TODAY, "Fine")


def test_what_was_reviewed_is_reviewed_once_and_no_draft_any_more(store):
    found = agreed(store)
    assert (found.state, found.reviewer, found.measures) == ("agreed", "Lee", "Call")
    for rule in (
        lambda: register.reviewed(found, "Max", TODAY, ""),
        lambda: register.draft_changed(found, "Kim", state="withdrawn"),
    ):
        with pytest.raises(Refused):
            rule()


def test_only_the_rater_changes_a_draft(store):
    draft = scored(store)
    assert register.draft_changed(draft, "Kim", state="withdrawn") == {"state": "withdrawn"}
    with pytest.raises(Refused, match="Kim"):
        register.draft_changed(draft, "Lee", state="withdrawn")


@pytest.mark.parametrize("missing", [{"measures": " "}, {"owner": ""}, {"due_on": None}])
def test_measures_need_what_who_and_until_when(store, missing):
    draft = scored(store)
    seen = change(store, draft, "Lee", register.reviewed(draft, "Lee", TODAY, ""))
    with pytest.raises(Refused):
        register.agreed(
            seen, **({"measures": "Call", "owner": "Kim", "due_on": TODAY} | missing)
        )  # fmt: skip


def test_measures_come_after_the_review(store):
    with pytest.raises(Refused):
        register.agreed(scored(store), "Call", "Kim", TODAY)


def test_scored_again_closes_the_one_before_and_shows_the_difference(store):
    before = agreed(store)
    again = scored(
        store, scores=FIVE | {"loyalty": 5, "dependence": 1, "outlook": None},
        follows=(before.id, before.version),
    )  # fmt: skip
    assert read(store, before.id).state == "scored_again"
    # Loyalty 3 -> 5; dependence was not known, the outlook is not.
    assert register.difference(before, again) == {
        "satisfaction": 0, "loyalty": 2, "contribution": 0, "dependence": None, "outlook": None,
    }  # fmt: skip


def test_the_same_is_not_scored_again_twice(store):
    before = agreed(store)
    scored(store, follows=(before.id, before.version))
    with pytest.raises((Refused, Conflict)):
        scored(store, follows=(before.id, before.version))


def test_a_draft_or_another_customer_is_not_followed(store):
    draft = scored(store)
    with pytest.raises(Refused):
        scored(store, follows=(draft.id, draft.version))
    before = agreed(store)
    with pytest.raises(Refused):
        scored(store, customer=2, follows=(before.id, before.version))


def test_departments_count_the_last_word_on_each_relationship(store):
    before = agreed(store)
    scored(store, scores=FIVE | {"loyalty": 5}, follows=(before.id, before.version))
    scored(store, customer=2, scores=FIVE | {"loyalty": 2})
    scored(store, customer=3, department="South", scored_on=date(2024, 4, 1))
    scored(store, customer=4, scored_on=date(2023, 1, 1))
    with store.reading() as session:
        north, south = register.departments(session, date(2023, 4, 16), TODAY)
    assert (north.name, north.evaluations, north.drafts) == ("North", 2, 2)
    assert (north.mean("loyalty"), north.n("loyalty")) == (3.5, 2)  # 5 and 2
    assert (north.mean("dependence"), north.n("dependence")) == (None, 0)
    assert (south.evaluations, south.steps["loyalty"][3]) == (1, 1)


def test_measures_are_overdue_the_day_after_they_were_due(store):
    agreed(store)  # due on 1 May
    with store.reading() as session:
        on_time = register.departments(session, TODAY, date(2024, 5, 1))
        late = register.departments(session, TODAY, date(2024, 5, 2))
    assert (on_time[0].overdue, late[0].overdue) == (0, 1)


def test_who_was_withdrawn_is_still_to_be_evaluated(store):
    draft = scored(store)
    scored(store, customer=2)
    change(store, draft, "Kim", register.draft_changed(draft, "Kim", state="withdrawn"))
    with store.reading() as session:
        assert register.evaluated_since(session, TODAY) == (2,)
        assert register.evaluated_since(session, date(2024, 4, 17)) == ()
