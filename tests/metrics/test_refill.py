"""What winning and keeping customers costs."""

from datetime import date

import pytest

from core.metrics.refill import refill_costs, spend_by_purpose
from tests.care_shop import facts, rows

A, B = date(2023, 12, 31), date(2024, 2, 29)


def spent(*found: tuple[str, str, float]) -> dict:
    table = facts(
        "spend",
        *[{"month": date.fromisoformat(m), "purpose": p, "amount": a} for m, p, a in found],
    )
    (row,) = rows(spend_by_purpose(table, opened_on=A, as_of=B))
    return row


def test_the_months_after_the_opening_up_to_the_last_are_added_up():
    row = spent(
        ("2023-12-01", "acquisition", 1000), ("2024-01-01", "acquisition", 10),
        ("2024-02-01", "acquisition", 20), ("2024-03-01", "acquisition", 5000),
        ("2024-01-01", "retention", 3), ("2024-02-01", "retention", 4),
    )  # fmt: skip
    assert (row["acquisition"], row["retention"]) == (30, 7)


def test_any_day_stands_for_its_month():
    row = spent(("2024-01-31", "retention", 1), ("2024-02-15", "retention", 2))
    assert row["retention"] == 3


def test_a_month_without_a_row_is_not_taken_for_nothing():
    row = spent(("2024-01-01", "acquisition", 10), ("2024-01-01", "retention", 1),
                ("2024-02-01", "retention", 0))  # fmt: skip
    assert (row["acquisition"], row["acquisition_months"], row["retention"]) == (None, 1, 1)


def test_two_rows_of_one_month_do_not_stand_for_two_months():
    row = spent(("2024-01-01", "retention", 1), ("2024-01-02", "retention", 1))
    assert (row["retention"], row["retention_months"]) == (None, 1)


def test_without_rows_nothing_is_known():
    row = spent()
    assert (row["acquisition"], row["retention"], row["retention_months"]) == (None, None, 0)


def costs(acquisition: float | None = 600, retention: float | None = 100, **heads) -> dict:
    given = {"new": 4, "came_and_went": 2, "lost": 3, "kept": 50} | heads
    return refill_costs(acquisition, retention, **given)


def test_who_came_and_went_is_paid_for_by_those_who_stayed():
    found = costs()
    # 600 over six first-time buyers; over the four who are still there.
    assert (found["cost_per_new"], found["refill_cost"]) == (100, 150)


def test_the_spend_that_only_refilled_is_that_on_the_lost_who_were_replaced():
    assert costs()["refill_spend"] == 450
    assert costs(lost=4)["refill_spend"] == 600
    assert costs(lost=9)["refill_spend"] == 600


def test_refilling_is_held_against_keeping():
    found = costs()
    assert (found["retention_cost"], found["refill_ratio"]) == (2, 75)


def test_where_nobody_was_lost_nobody_had_to_be_replaced():
    found = costs(lost=0)
    assert (found["refill_cost"], found["refill_spend"], found["refill_ratio"]) == (None,) * 3
    assert (found["cost_per_new"], found["retention_cost"]) == (100, 2)


def test_where_nobody_new_stayed_there_is_no_refill_cost():
    found = costs(new=0)
    assert (found["cost_per_new"], found["refill_cost"], found["refill_spend"]) == (300, None, None)


def test_unknown_origin_makes_costs_of_the_new_unknown_and_others_not():
    found = costs(new=None, came_and_went=None)
    assert found == {"cost_per_new": None, "refill_cost": None, "refill_spend": None,
                     "retention_cost": 2, "refill_ratio": None}  # fmt: skip


@pytest.mark.parametrize("missing", [{"kept": 0}, {"retention": None}, {"retention": 0}])
def test_without_a_cost_of_keeping_there_is_no_ratio(missing):
    assert costs(**missing)["refill_ratio"] is None


def test_nothing_spent_is_a_cost_of_nothing():
    assert (costs(acquisition=0)["refill_cost"], costs(retention=0)["retention_cost"]) == (0, 0)
