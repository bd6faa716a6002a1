"""How far leads get within their days, and what happens to them month by month."""

from datetime import date, datetime, timedelta

import pytest

from core.metrics.funnel import lead_funnel
from core.metrics.leads import lead_flow, lead_states, matured_leads
from tests.care_shop import facts, rows

AS_OF, CAME, DAYS = date(2026, 6, 30), datetime(2026, 3, 1, 9), 30


def lead(number: int, created_at: datetime = CAME, **others) -> dict:
    return {"lead_id": str(number), "created_at": created_at, **others}


def move(number: int, days: int, stage: str) -> dict:
    return {"lead_id": str(number), "moved_at": CAME + timedelta(days=days), "stage": stage}


def steps(leads: list[dict], moves: list[dict] | None = None, as_of: date = AS_OF) -> list[tuple]:
    stages = None if moves is None else facts("lead_stages", *moves)
    found = lead_funnel(facts("leads", *leads), stages, as_of=as_of, within_days=DAYS)
    return [(r["stage"], r["reached"], r["reached_share"], r["step_rate"])
            for r in rows(found, "step")]  # fmt: skip


def test_who_entered_a_later_stage_or_bought_has_passed_those_before():
    sold = CAME + timedelta(days=20)
    found = steps(
        [lead(1), lead(2), lead(3), lead(4, converted_at=sold)],
        [move(1, 0, "new"), move(2, 0, "new"), move(2, 1, "talk"), move(2, 5, "offer"),
         # The third skips the talk.
         move(3, 0, "new"), move(3, 2, "talk"), move(3, 3, "offer"), move(4, 0, "new")],
    )  # fmt: skip
    # New: all four. Talk: 2, 3, and 4, who bought. Offer: the same three. Bought: 4.
    assert found == [
        (None, 4, 1.0, None), ("new", 4, 1.0, 1.0), ("talk", 3, 0.75, 0.75),
        ("offer", 3, 0.75, 1.0), (None, 1, 0.25, 1 / 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "reached"), [(DAYS, 1), (DAYS + 1, 0)])
def test_a_stage_or_sale_after_the_days_of_the_lead_does_not_count(days, reached):
    others = [move(2, 0, "new"), move(2, 1, "talk")]  # so that the stage is known
    leads = [lead(1, converted_at=CAME + timedelta(days=days)), lead(2)]
    found = steps(leads, [move(1, 0, "new"), *others])
    assert found[-1][1] == reached
    found = steps([lead(1), lead(2)], [move(1, 0, "new"), move(1, days, "talk"), *others])
    assert dict((stage, n) for stage, n, *_ in found)["talk"] == 1 + reached


def test_the_stage_entered_with_the_sale_or_the_loss_is_an_end():
    end = CAME + timedelta(days=3)
    found = steps(
        [lead(1, converted_at=end), lead(2, lost_at=end)],
        [move(1, 0, "new"), move(1, 3, "won"), move(2, 0, "new"), move(2, 3, "lost")],
    )
    assert [stage for stage, *_ in found] == [None, "new", None]


def test_only_leads_whose_days_have_passed_are_in_the_funnel():
    young = datetime(2026, 6, 1, 9)  # its 30 days end on 1 July
    assert steps([lead(1), lead(2, young)])[0] == (None, 1, 1.0, None)
    assert steps([lead(2, young)], as_of=date(2026, 7, 1))[0][1] == 1


def test_without_moves_the_trial_stands_for_the_stages():
    tried, sold = CAME + timedelta(days=2), CAME + timedelta(days=4)
    found = steps([lead(1), lead(2, trial_at=tried), lead(3, converted_at=sold), lead(4)])
    # Who bought counts as having tried: 2 of 4, then 1 of 2.
    assert found == [(None, 4, 1.0, None), ("trial", 2, 0.5, 0.5), (None, 1, 0.25, 0.5)]


def test_without_leads_nobody_gets_anywhere():
    found = steps([lead(1, datetime(2026, 6, 29))], [])
    assert found == [(None, 0, None, None), (None, 0, None, None)]


def test_what_happens_in_a_period_counts_by_its_own_day():
    first, last = date(2026, 3, 1), date(2026, 4, 30)
    before, after = datetime(2026, 2, 28, 23), datetime(2026, 5, 1)
    leads = facts(
        "leads", lead(1, before, trial_at=CAME), lead(2, trial_at=after),
        lead(3, datetime(2026, 4, 30, 23), converted_at=datetime(2026, 4, 30, 23)),
    )  # fmt: skip
    [row] = rows(lead_flow(leads, since=first, as_of=last))
    assert (row["came_in"], row["tried"], row["won"]) == (2, 1, 1)
    months = rows(lead_flow(leads, since=first, as_of=last, by_month=True), "month")
    assert [(r["month"], r["came_in"], r["tried"], r["won"]) for r in months] == [
        (first, 1, 1, 0), (date(2026, 4, 1), 1, 0, 1),
    ]  # fmt: skip
    [row] = rows(lead_flow(leads, since=date(2027, 1, 1), as_of=date(2027, 1, 31)))
    assert (row["came_in"], row["tried"], row["won"]) == (0, 0, 0)


def test_the_leads_that_rates_rest_on():
    late = CAME + timedelta(days=DAYS + 1)
    young = datetime(2026, 6, 20)
    leads = facts("leads", lead(1, converted_at=late), lead(2, trial_at=CAME), lead(3, young))
    found = rows(
        matured_leads(lead_states(leads, as_of=AS_OF), as_of=AS_OF, within_days=DAYS), "lead_id"
    )
    assert [(r["lead_id"], r["has_tried"], r["has_bought"]) for r in found] == [
        ("1", False, False), ("2", True, False),
    ]  # fmt: skip
