"""Codes by their names, and what kind of value stands in a column."""

from datetime import date

import pyarrow as pa

from core.exports.columns import kind_of, kinds_of
from core.exports.spoken import coded, spoken, spoken_rows


def said(language: str = "en", **columns) -> dict[str, list]:
    return spoken_rows(pa.table(columns), "curry", language).to_pydict()


def test_tiers_and_causes_go_by_their_names_in_both_languages():
    assert said(tier_name=["top", None], cause=["product_quality", "unknown"]) == {
        "tier_name": ["Top", None], "cause": ["Product quality", "Unknown"],
    }  # fmt: skip
    assert said("zh", tier_name=["top"]) == {"tier_name": ["顶层"]}


def test_names_of_customers_are_no_codes():
    # Somebody is called like a tier.
    assert said(name=["top"], customer_id=["lost"]) == {"name": ["top"], "customer_id": ["lost"]}


def test_a_value_that_is_no_code_stays():
    assert coded("cause", "weather", "curry", "en") == "weather"


def test_reasons_stand_in_one_text_with_their_days_and_the_latest_is_kept():
    reasons = [["overdue", "tier_drop"], [], ["overdue"]]
    days = [[date(2026, 9, 12), date(2026, 10, 31)], [], [None]]
    rows = pa.table(
        {
            "reasons": pa.array(reasons, pa.list_(pa.string())),
            "evidence_on": pa.array(days, pa.list_(pa.date32())),
        }
    )
    assert spoken_rows(rows, "curry", "en").to_pydict() == {
        "reasons": ["Overdue 2026-09-12 · Fell a tier 2026-10-31", "", "Overdue"],
        "evidence_on": [date(2026, 10, 31), None, None],
        "reason_codes": reasons,
    }


def test_only_who_may_not_be_contacted_is_marked():
    # Unknown is no refusal.
    assert said(may_contact=[True, False, None]) == {"may_contact": ["", "Do not contact", ""]}


def test_managers_go_by_their_names():
    rows = pa.table({"manager": ["E1", "E2", None]})
    found = spoken_rows(rows, "curry", "en", {"E1": "Li Na"})
    assert found.to_pydict() == {"manager": ["Li Na", "E2", None]}


def test_two_managers_of_one_name_stay_two_rows():
    rows = pa.table({"manager": ["E1", "E2"] * 10})
    found = spoken_rows(rows, "curry", "en", {"E1": "Li Na", "E2": "Li Na"})
    assert found["manager"].to_pylist() == ["Li Na"] * 20


def test_groups_told_apart_by_tier_are_named_as_tiers():
    assert said(told_by=["tier_name", "branch"], group=["top", "top"]) == {
        "told_by": ["Tier", "Branch"], "group": ["Top", "top"],
    }  # fmt: skip


def test_a_row_is_spoken_as_the_rows_are():
    row = {"tier_name": "top", "reasons": ["overdue"], "value": 1.5, "name": "top"}
    expected = {"tier_name": "Top", "reasons": ["Overdue"], "value": 1.5, "name": "top"}
    assert spoken(row, "curry", "en") == expected


def test_what_stands_in_a_column_follows_from_type_and_name():
    kinds = {
        "value": "money", "mean_value": "money", "return_rate": "percent",
        "churn_annual": "percent",
        "share_of_value": "percent", "gap_days": "number",
    }  # fmt: skip
    assert {name: kind_of(name, pa.float64()) for name in kinds} == kinds
    assert kind_of("customers", pa.int64()) == "number"
    assert kind_of("anything", pa.decimal128(18, 4)) == "money"
    assert kind_of("last_on", pa.date32()) == "date"
    assert kind_of("is_active", pa.bool_()) == "flag"
    assert kind_of("name", pa.dictionary(pa.int32(), pa.string())) == "text"


def test_the_ends_of_an_interval_are_rates_unless_a_score_is_beside_them():
    ends = {"low": [0.1], "high": [0.2]}
    assert kinds_of(pa.table(ends)) == {"low": "percent", "high": "percent"}
    scored = kinds_of(pa.table({**ends, "score": [30.0]}))
    assert (scored["low"], scored["high"]) == ("number", "number")
