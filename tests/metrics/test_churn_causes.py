from datetime import date, timedelta
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from core.metrics.churn_causes import (
    TREE,
    causes,
    causes_of_complaints,
    causes_of_contracts,
    causes_of_departures,
    causes_stated,
    churn_causes,
    known_causes,
)
from core.schema import TABLES
from tests.care_shop import facts, rows

AS_OF = date(2026, 6, 30)
SETTINGS = {"slow_after_days": 14, "quality_categories": ("quality", "质量")}
LAST = date(2025, 9, 1)  # last business
LOST = date(2026, 2, 28)  # 180 days later
TOMORROW = AS_OF + timedelta(days=1)
_LOST = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("region", pa.string()),
        ("value_lost", pa.decimal128(18, 4)),
        ("last_on", pa.date32()),
        ("last_business_on", pa.date32()),
        ("lost_on", pa.date32()),
    ]
)


def lost(*found: dict) -> ibis.Table:
    """Lost customers; who bought last on LAST and is lost since LOST, if not said otherwise."""
    plain = {"last_on": LAST, "last_business_on": LAST, "lost_on": LOST, "region": None}
    full = [{**plain, **row, "value_lost": Decimal(str(row.get("value_lost", 0)))} for row in found]
    return ibis.memtable(pa.Table.from_pylist(full, schema=_LOST))


ONE = {"customer_key": 1}


def note(number: int, cause: str, day: date, evidence: str | None = "stated", key: int = 1) -> dict:
    return {
        "departure_id": str(number), "customer_key": key, "cause": cause, "stated_on": day,
        "evidence": evidence,
    }  # fmt: skip


def stated(*notes: dict, of: dict = ONE) -> list[dict]:
    return rows(causes_stated(lost(of), facts("departures", *notes), as_of=AS_OF))


def test_every_cause_of_the_schema_is_in_the_tree():
    choices = TABLES["departures"].column("cause").choices
    assert set(TREE) | {"unknown"} == set(choices)


@pytest.mark.parametrize(
    ("day", "n"), [(LAST - timedelta(days=1), 0), (LAST, 1), (AS_OF, 1), (TOMORROW, 0)]
)
def test_a_cause_counts_if_noted_between_the_last_business_and_the_day(day, n):
    assert len(stated(note(1, "innovation", day))) == n


@pytest.mark.parametrize(("day", "n"), [(date(2025, 2, 28), 1), (date(2025, 2, 27), 0)])
def test_who_left_with_a_contract_may_have_said_so_in_the_year_before_its_end(day, n):
    # The contract ended on 28 February 2026; the last purchase was long before.
    of = {"customer_key": 1, "last_on": date(2024, 1, 1), "last_business_on": LOST}
    assert len(stated(note(1, "new_demand", day), of=of)) == n
    of["last_on"] = None  # never bought, contract alone
    assert len(stated(note(1, "new_demand", day), of=of)) == n


def test_a_note_without_a_grade_is_stated_and_one_without_evidence_says_nothing():
    [row] = stated(note(1, "innovation", LOST, evidence=None))
    assert (row["cause"], row["evidence"], row["evidence_on"]) == ("innovation", "stated", LOST)
    [row] = stated(note(1, "innovation", LOST, evidence="inferred"))
    assert row["evidence"] == "inferred"
    assert stated(note(1, "innovation", LOST, evidence="none")) == []
    assert stated(note(1, "unknown", LOST)) == []


def complaint(opened: date, resolved: date | None = None, **others) -> dict:
    return {
        "complaint_id": str(others.get("customer_key", 1)), "customer_key": 1, "opened_at": opened,
        "resolved_at": resolved, "category": "service", **others,
    }  # fmt: skip


def inferred(*complaints: dict, of: dict = ONE) -> list[dict]:
    return rows(causes_of_complaints(lost(of), facts("complaints", *complaints), **SETTINGS))


def test_an_open_complaint_points_to_product_or_service():
    for category, cause in (
        ("Quality of goods", "product_quality"),
        ("产品质量", "product_quality"),
        ("waiting", "service_quality"),
        (None, "service_quality"),
    ):
        [row] = inferred(complaint(LAST, category=category))
        assert (row["cause"], row["evidence"], row["evidence_on"]) == (cause, "inferred", LAST)


@pytest.mark.parametrize(("days", "n"), [(14, 0), (15, 1)])
def test_a_solution_is_slow_after_fourteen_days(days, n):
    assert len(inferred(complaint(LAST, LAST + timedelta(days=days)))) == n


def test_who_bought_after_a_slow_solution_forgave():
    opened = LAST - timedelta(days=60)
    assert inferred(complaint(opened, LAST - timedelta(days=1))) == []
    assert len(inferred(complaint(opened, LAST))) == 1


def test_what_was_solved_after_the_loss_was_open_at_it():
    assert len(inferred(complaint(LOST, LOST))) == 0
    assert len(inferred(complaint(LOST, LOST + timedelta(days=1)))) == 1
    assert inferred(complaint(LOST + timedelta(days=1))) == []


def test_a_complaint_opened_again_is_not_solved():
    solved = LAST + timedelta(days=2)
    assert len(inferred(complaint(LAST, solved, reopened_at=LOST))) == 1
    assert inferred(complaint(LAST, solved, reopened_at=LOST + timedelta(days=1))) == []


def test_a_complaint_of_more_than_a_year_before_the_last_business_is_forgotten():
    # 12 months before 1 September 2025.
    assert len(inferred(complaint(date(2024, 9, 1)))) == 1
    assert inferred(complaint(date(2024, 8, 31))) == []


def departed(*found: tuple[int, date]) -> ibis.Table:
    schema = pa.schema([("customer_key", pa.int64()), ("left_on", pa.date32())])
    full = [{"customer_key": key, "left_on": day} for key, day in found]
    return ibis.memtable(pa.Table.from_pylist(full, schema=schema))


@pytest.mark.parametrize(
    ("day", "n"),
    [(date(2024, 9, 1), 1), (date(2024, 8, 31), 0), (LOST, 1), (LOST + timedelta(days=1), 0)],
)
def test_an_employee_who_went_counts_from_a_year_before_the_last_business_to_the_loss(day, n):
    found = rows(causes_of_departures(lost(ONE), departed((1, day), (2, LAST))))
    assert [row["cause"] for row in found] == ["employee_left"] * n


def ended(cause: str | None, day: date = LOST, **others) -> list[dict]:
    of = {"customer_key": 1, "last_on": LAST, "last_business_on": LOST}
    of["lost_on"] = LOST + timedelta(days=1)
    contract = {
        "contract_id": "1", "customer_key": 1, "started_on": LAST, "ended_on": day,
        "end_cause": cause, **others,
    }  # fmt: skip
    return rows(causes_of_contracts(lost(of), facts("contracts", contract)))


def test_a_contract_ended_for_a_cause_of_the_tree_says_why():
    assert [row["cause"] for row in ended(" New_Demand ")] == ["new_demand"]
    assert [row["cause"] for row in ended("市场管控")] == ["market_control"]
    assert ended("cancelled_by_customer") == ended(None) == []


def test_only_the_contract_that_ended_the_business_says_why():
    assert ended("innovation", LOST - timedelta(days=1)) == []
    assert len(ended("innovation", LOST + timedelta(days=1))) == 1
    assert ended("innovation", LOST + timedelta(days=2)) == []
    assert ended("innovation", is_renewed=True) == []


def evidence_of(table, *notes: dict, complaints=(), left=()) -> list[ibis.Table]:
    return [
        causes_stated(table, facts("departures", *notes), as_of=AS_OF),
        causes_of_complaints(table, facts("complaints", *complaints), **SETTINGS),
        causes_of_departures(table, departed(*left)),
    ]


def test_what_was_stated_goes_before_what_is_inferred():
    table = lost(*[{"customer_key": key} for key in (1, 2, 3, 4)])
    found = causes(
        table,
        evidence_of(
            table,
            note(1, "inner_change", LAST, key=1),
            note(2, "innovation", LOST, "inferred", key=1),
            note(3, "innovation", LOST, "inferred", key=2),
            complaints=[
                complaint(LAST, customer_key=1),
                complaint(LAST, customer_key=2),
                complaint(LOST, customer_key=3),
            ],
            left=[(3, LAST)],
        ),
    )
    assert [
        (r["side"], r["cause"], r["evidence"], r["is_controllable"])
        for r in rows(found, "customer_key")
    ] == [
        ("customer", "inner_change", "stated", False),
        ("company", "innovation", "inferred", True),
        ("company", "service_quality", "inferred", True),
        ("unknown", "unknown", "none", None),
    ]


def test_of_several_notes_the_last_counts():
    table = lost(ONE)
    notes = [note(1, "innovation", LAST), note(2, "new_demand", LOST), note(3, "innovation", LAST)]
    [row] = rows(causes(table, evidence_of(table, *notes)))
    assert (row["cause"], row["evidence_on"]) == ("new_demand", LOST)


def test_without_any_table_every_cause_is_unknown():
    [row] = rows(causes(lost(ONE), []))
    assert (row["side"], row["cause"], row["evidence"]) == ("unknown", "unknown", "none")
    assert row["is_controllable"] is None
    assert rows(causes(lost(), [])) == []


def told() -> ibis.Table:
    table = lost(
        {"customer_key": 1, "value_lost": 60, "region": "North"},
        {"customer_key": 2, "value_lost": 30, "region": "North"},
        {"customer_key": 3, "value_lost": 10, "region": "South"},
    )
    return causes(
        table,
        evidence_of(
            table, note(1, "market_control", LOST, key=1), note(2, "new_demand", LOST, key=2)
        ),
    )


def test_the_unknown_stands_among_the_causes_with_its_share():
    assert [
        (r["cause"], r["heads"], float(r["value_lost"]), r["share_of_value"])
        for r in rows(churn_causes(told()), "cause")
    ] == [
        ("market_control", 1, 60.0, pytest.approx(0.6)),
        ("new_demand", 1, 30.0, pytest.approx(0.3)),
        ("unknown", 1, 10.0, pytest.approx(0.1)),
    ]
    assert sum(r["share_of_heads"] for r in rows(churn_causes(told()))) == pytest.approx(1)


def test_the_controllable_loss_is_that_of_causes_of_the_company():
    [row] = rows(known_causes(told()))
    assert (row["lost"], row["known"], row["stated"], row["controllable"]) == (3, 2, 2, 1)
    # 60 of 60 + 30 + 10.
    assert (float(row["controllable_loss"]), row["controllable_share"]) == (60, pytest.approx(0.6))
    north, south = rows(known_causes(told(), by=("region",)), "region")
    assert (north["lost"], north["controllable_share"]) == (2, pytest.approx(60 / 90))
    assert (south["lost"], south["known"], south["controllable_share"]) == (1, 0, 0.0)


def test_without_value_lost_there_is_no_share_of_it():
    table = lost({"customer_key": 1, "value_lost": -5})
    [row] = rows(known_causes(causes(table, [])))
    assert (row["lost"], row["controllable_share"]) == (1, None)
    assert [r["share_of_value"] for r in rows(churn_causes(causes(table, [])))] == [None]
    [row] = rows(known_causes(causes(lost(), [])))
    assert (row["lost"], row["known"], row["controllable_share"]) == (0, 0, None)
    assert rows(churn_causes(causes(lost(), []))) == []
