"""What customers did after a day, worked out by hand."""

import ibis
import pyarrow as pa
import pytest

from core.metrics.afterwards import bought_after, kept_against_like, with_lines
from tests.shop import day, lines, occasions, one

DAY = day("2024-01-10")


def asked(*rows: tuple[int, str]):
    schema = pa.schema([("customer_key", pa.int64()), ("asked_on", pa.date32())])
    found = [{"customer_key": key, "asked_on": day(on)} for key, on in rows]
    return ibis.memtable(pa.Table.from_pylist(found, schema=schema))


def after(asked_rows, as_of: str = "2024-12-31", **days: str) -> list[dict]:
    found = bought_after(asked_rows, occasions(**days), as_of=day(as_of), within_days=10)
    return sorted(found.to_pyarrow().to_pylist(), key=lambda row: row["customer_key"])


def test_the_day_itself_does_not_count_and_the_last_day_does():
    found = after(
        asked((1, "2024-01-10"), (2, "2024-01-10"), (3, "2024-01-10")),
        c1="2024-01-10", c2="2024-01-20", c3="2024-01-21",
    )  # fmt: skip
    assert [row["occasions_after"] for row in found] == [0, 1, 0]
    assert [row["has_bought"] for row in found] == [False, True, False]


def test_while_the_days_are_not_over_nothing_is_told():
    rows = asked((1, "2024-01-10"))
    (open_row,) = after(rows, "2024-01-19", c1="2024-01-12")
    (closed,) = after(rows, "2024-01-20", c1="2024-01-12")
    assert (open_row["is_closed"], open_row["has_bought"]) == (False, None)
    assert (closed["is_closed"], closed["has_bought"]) == (True, True)


def test_a_customer_asked_about_on_two_days_counts_for_each():
    found = bought_after(
        asked((1, "2024-01-10"), (1, "2024-03-01")), occasions(c1="2024-01-12 2024-01-13"),
        as_of=day("2024-12-31"), within_days=10,
    )  # fmt: skip
    counts = {row["asked_on"]: row["occasions_after"] for row in found.to_pyarrow().to_pylist()}
    assert counts == {DAY: 2, day("2024-03-01"): 0}


def test_nobody_asked_about_is_nobody():
    assert after(asked(), c1="2024-01-12") == []


def test_the_line_of_the_day_is_taken_and_no_line_is_null():
    rows = asked((1, "2024-01-31"), (2, "2024-01-31"))
    there = lines(day("2024-01-31"), {"customer_key": 1, "tier_name": "top", "value": 5})
    found = with_lines(rows, there, on="asked_on", tier="tier_name").to_pyarrow().to_pylist()
    assert {row["customer_key"]: row["tier"] for row in found} == {1: "top", 2: None}


def followed(*rows: tuple[str, bool, bool | None]):
    """Rows of tier, whether it is theirs, whether they stayed."""
    schema = pa.schema(
        [
            ("asked_on", pa.date32()),
            ("tier_name", pa.string()),
            ("is_theirs", pa.bool_()),
            ("has_stayed", pa.bool_()),
        ]
    )
    found = [
        {"asked_on": DAY, "tier_name": tier, "is_theirs": theirs, "has_stayed": stayed}
        for tier, theirs, stayed in rows
    ]
    return ibis.memtable(pa.Table.from_pylist(found, schema=schema))


def test_like_customers_count_by_the_tiers_of_those_looked_at():
    rows = followed(
        ("top", True, True), ("top", True, False), ("other", True, True), ("other", True, None),
        ("top", False, True), ("top", False, True), ("other", False, False), ("high", False, True),
    )  # fmt: skip
    found = one(kept_against_like(rows))
    assert (found["customers"], found["stayed"], found["like_customers"]) == (3, 2, 3)
    assert found["rate"] == pytest.approx(2 / 3)
    # Two thirds of them are top, where all like customers stayed; in the other tier none did.
    assert found["like_rate"] == pytest.approx(2 / 3)


def test_a_tier_without_like_customers_makes_what_was_to_be_expected_unknown():
    found = one(kept_against_like(followed(("top", True, True), ("other", False, True))))
    assert (found["rate"], found["like_rate"]) == (1.0, None)


def test_nobody_who_can_be_told_is_no_rate():
    found = one(kept_against_like(followed(("top", True, None))))
    assert (found["customers"], found["rate"], found["like_rate"]) == (0, None, None)
