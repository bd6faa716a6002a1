from datetime import date, datetime, timedelta

import pytest

from core.metrics.leads import dormant_leads, lead_rates, lead_states, stage_stays
from core.metrics.survival import life_table, median_days
from tests.care_shop import facts, rows

AS_OF = date(2026, 6, 30)
CAME = datetime(2026, 1, 10, 9)
CAME_ON = CAME.date()


def lead(number: int, created_at: date = CAME, **others) -> dict:
    return {"lead_id": str(number), "created_at": created_at, **others}


def states(*leads: dict, stages=None, contacts=None, as_of: date = AS_OF):
    return lead_states(facts("leads", *leads), stages, contacts, as_of=as_of)


def move(number: int, moved_at: date, stage: str) -> dict:
    return {"lead_id": str(number), "moved_at": moved_at, "stage": stage}


def test_what_happens_later_has_not_happened_yet():
    tomorrow = AS_OF + timedelta(days=1)
    later = lead(1, trial_at=tomorrow, converted_at=tomorrow, lost_at=tomorrow)
    [row] = rows(states(later))
    assert (row["trial_on"], row["converted_on"], row["lost_on"]) == (None, None, None)
    assert row["is_open"] is True
    [row] = rows(states(later, as_of=tomorrow))
    assert (row["converted_on"], row["is_open"]) == (tomorrow, False)
    assert rows(states(lead(1, tomorrow))) == []


def test_coming_in_is_no_touch():
    moves = facts("lead_stages", move(1, CAME, "new"))
    [row] = rows(states(lead(1), stages=moves))
    assert (row["stage"], row["last_touch_on"]) == ("new", None)
    assert row["untouched_days"] == (AS_OF - CAME.date()).days


def test_moves_trials_and_contacts_are_touches():
    moves = facts(
        "lead_stages", move(1, CAME, "new"), move(1, date(2026, 2, 1), "contacted"),
        move(1, AS_OF + timedelta(days=1), "won"),
    )  # fmt: skip
    met = facts(
        "contacts",
        {"contact_id": "a", "customer_key": 7, "contacted_at": date(2026, 3, 1)},
        {"contact_id": "b", "customer_key": 7, "contacted_at": date(2026, 1, 9)},
        {"contact_id": "c", "customer_key": 7, "planned_on": AS_OF},
    )
    found = rows(
        states(
            lead(1),
            lead(2, trial_at=date(2026, 4, 1)),
            lead(3, customer_key=7),
            stages=moves,
            contacts=met,
        ),
        "lead_id",
    )
    assert [(r["stage"], r["last_touch_on"]) for r in found] == [
        ("contacted", date(2026, 2, 1)),
        (None, date(2026, 4, 1)),
        (None, date(2026, 3, 1)),
    ]


@pytest.mark.parametrize(("days", "is_dormant"), [(59, False), (60, True)])
def test_a_lead_is_dormant_after_sixty_days_without_a_touch(days, is_dormant):
    found = dormant_leads(states(lead(1, trial_at=AS_OF - timedelta(days=days))))
    assert len(rows(found)) == is_dormant


def test_a_closed_lead_is_not_dormant():
    found = dormant_leads(states(lead(1, converted_at=CAME), lead(2, lost_at=CAME)))
    assert rows(found) == []


def rates(*leads: dict, by: tuple[str, ...] = ()) -> list[dict]:
    return rows(lead_rates(states(*leads), as_of=AS_OF, within_days=30, by=by), *by)


def test_only_matured_leads_count():
    closed = AS_OF - timedelta(days=30)
    [row] = rates(lead(1, closed, converted_at=AS_OF), lead(2, closed + timedelta(days=1)))
    assert (row["leads"], row["matured"], row["converted"]) == (2, 1, 1)
    assert row["conversion_rate"] == 1.0


def test_trials_and_sales_must_come_within_the_days():
    last = CAME + timedelta(days=30)
    [row] = rates(
        lead(1, trial_at=last, converted_at=last),
        lead(2, trial_at=last + timedelta(days=1), converted_at=last + timedelta(days=1)),
    )
    assert (row["tried"], row["converted"]) == (1, 1)
    assert (row["trial_rate"], row["conversion_rate"]) == (0.5, 0.5)


def test_rates_by_source_with_the_dormant():
    first, second = rates(
        lead(1, source="show"), lead(2, source="web", trial_at=AS_OF), by=("source",)
    )
    assert (first["source"], first["open"], first["dormant"]) == ("show", 1, 1)
    assert (second["source"], second["open"], second["dormant"]) == ("web", 1, 0)


def test_without_matured_leads_there_is_no_rate():
    [row] = rates(lead(1, AS_OF))
    assert (row["matured"], row["conversion_rate"], row["trial_rate"]) == (0, None, None)
    [row] = rates()
    assert (row["leads"], row["open"], row["conversion_rate"]) == (0, 0, None)


@pytest.mark.parametrize(("opened", "matured"), [(date(2026, 6, 1), 0), (date(2026, 5, 31), 1)])
def test_a_window_holds_leads_that_came_and_leads_whose_days_ended_in_it(opened, matured):
    # 30 days from 31 May end on 30 June; from 1 June, on 1 July.
    lone = states(lead(1, opened))
    [row] = rows(lead_rates(lone, as_of=AS_OF, within_days=30, since=date(2026, 6, 1)))
    assert (row["leads"], row["matured"], row["open"]) == (1 - matured, matured, 1)


def test_a_lead_whose_days_ended_before_the_window_is_left_out():
    # 30 days from 1 May end on 31 May, the day before the window.
    for day, n in ((date(2026, 5, 1), 0), (date(2026, 5, 2), 1)):
        lone = states(lead(1, day))
        [row] = rows(lead_rates(lone, as_of=AS_OF, within_days=30, since=date(2026, 6, 1)))
        assert row["matured"] == n


def test_the_days_until_a_lead_is_dormant_can_be_set():
    lone = states(lead(1, AS_OF - timedelta(days=10)))
    for days, n in ((10, 1), (11, 0)):
        [row] = rows(lead_rates(lone, as_of=AS_OF, within_days=30, untouched_days=days))
        assert row["dormant"] == n


def stays(*moves: dict, leads: tuple[dict, ...] = (lead(1),), since: date = CAME_ON):
    found = stage_stays(
        facts("leads", *leads), facts("lead_stages", *moves), since=since, as_of=AS_OF
    )
    return rows(found, "lead_id", "stage")


def test_a_stay_ends_with_the_next_move_and_the_last_goes_on():
    found = stays(move(1, CAME, "new"), move(1, date(2026, 1, 20), "trial"))
    # 10 January to 20 January; 20 January to 30 June: 11 + 28 + 31 + 30 + 31 + 30.
    assert [(r["stage"], r["days"], r["is_event"]) for r in found] == [
        ("new", 10, True),
        ("trial", 161, False),
    ]


def test_a_stay_ends_with_the_sale_or_the_loss():
    sold = lead(1, converted_at=datetime(2026, 2, 9, 12))
    moves = (move(1, CAME, "new"), move(1, datetime(2026, 2, 9, 12), "won"))
    [row] = stays(*moves, leads=(sold,))
    assert (row["stage"], row["days"], row["is_event"]) == ("new", 30, True)
    # Without a move to the end, the day of the loss closes the stage.
    [row] = stays(moves[0], leads=(lead(1, lost_at=date(2026, 1, 15)),))
    assert (row["days"], row["is_event"]) == (5, True)


def test_what_happens_later_does_not_end_a_stay():
    tomorrow = AS_OF + timedelta(days=1)
    for later in (
        stays(move(1, CAME, "new"), move(1, tomorrow, "trial")),
        stays(move(1, CAME, "new"), leads=(lead(1, converted_at=tomorrow),)),
    ):
        assert [(r["days"], r["is_event"]) for r in later] == [(171, False)]


def test_stays_count_from_the_day_they_began():
    assert len(stays(move(1, CAME, "new"), since=CAME.date())) == 1
    assert stays(move(1, CAME, "new"), since=CAME.date() + timedelta(days=1)) == []
    assert stays(move(1, AS_OF + timedelta(days=1), "new")) == []


def test_leads_that_are_still_in_a_stage_make_its_median_longer():
    came = datetime(2026, 6, 20, 9)
    leads = tuple(lead(n, came) for n in (1, 2, 3, 4))
    moves = [move(n, came, "new") for n in (1, 2, 3, 4)]
    # Two moved on after 4 and 6 days; two are still there after 10: half have left by day 6,
    # where the mean of the finished would be 5.
    moves += [move(1, datetime(2026, 6, 24), "trial"), move(2, datetime(2026, 6, 26), "trial")]
    found = stage_stays(
        facts("leads", *leads), facts("lead_stages", *moves), since=CAME.date(), as_of=AS_OF
    )
    table = median_days(life_table(found, by=("stage",)), by=("stage",))
    new = rows(table, "stage")[0]
    assert (new["stage"], new["n"], new["events"], new["median"]) == ("new", 4, 2, 6)
