"""Movement between two month-ends, and the bridge of heads and value."""

from datetime import date
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.metrics.movement import customer_bridge, movements, since_as_joined
from tests.shop import day, found, lines, one

A, B = date(2023, 12, 31), date(2024, 3, 31)


def moved(opening: list[dict], closing: list[dict], by: str | None = None) -> dict:
    rows = found(movements(lines(A, *opening), lines(B, *closing), opened_on=A, by=by))
    return {(row["customer_key"], *([row[by]] if by else [])): row["movement"] for row in rows}


def customer(key: int, since: str = "2023-06-01", **more) -> dict:
    return {"customer_key": key, "since_on": day(since), **more}


def test_active_at_both_ends_is_kept():
    assert moved([customer(1)], [customer(1)]) == {(1,): "kept"}


def test_active_at_the_opening_only_is_lost():
    assert moved([customer(1)], [customer(1, is_active=False)]) == {(1,): "lost"}


@pytest.mark.parametrize(
    ("since", "movement"),
    [("2023-12-31", "returned"), ("2024-01-01", "new"), ("2024-03-31", "new")],
)
def test_new_is_who_first_bought_after_the_opening_day(since, movement):
    was = [customer(1, since, is_active=False)] if movement == "returned" else []
    assert moved(was, [customer(1, since)]) == {(1,): movement}


def test_bought_before_and_not_active_at_the_opening_is_returned():
    assert moved([customer(1, is_active=False)], [customer(1)]) == {(1,): "returned"}


def test_first_bought_in_the_period_and_no_longer_active_came_and_went():
    assert moved([], [customer(1, "2024-01-01", is_active=False)]) == {(1,): "came_and_went"}


def test_active_at_the_opening_with_no_purchase_left_is_undone_and_not_lost():
    gone = {"customer_key": 1, "since_on": None, "is_active": False}
    assert moved([customer(1)], [gone]) == {(1,): "undone"}


def test_a_line_that_is_gone_is_undone():
    assert moved([customer(1)], []) == {(1,): "undone"}


def test_inactive_at_both_ends_is_in_no_movement():
    assert moved([customer(1, is_active=False)], [customer(1, is_active=False)]) == {}


def test_a_prospect_is_in_no_movement():
    prospect = {"customer_key": 1, "is_prospect": True}
    assert moved([prospect], [prospect]) == {}


@pytest.mark.parametrize(
    ("was_in", "is_in", "movement"), [(False, True, "moved_in"), (True, False, "moved_out")]
)
def test_active_at_both_ends_in_another_scope_moved(was_in, is_in, movement):
    opening = [customer(1, is_in_scope=was_in)]
    assert moved(opening, [customer(1, is_in_scope=is_in)]) == {(1,): movement}


def test_who_was_lost_in_one_scope_and_stood_in_another_by_then_is_lost_where_they_were():
    opening = [customer(1, region="North")]
    closing = [customer(1, region="South", is_active=False)]
    assert moved(opening, closing, by="region") == {(1, "North"): "lost"}


def test_by_a_scope_who_changed_it_stands_in_both():
    opening = [customer(1, region="North"), customer(2, region="North")]
    closing = [customer(1, region="South"), customer(2, region="North")]
    assert moved(opening, closing, by="region") == {
        (1, "North"): "moved_out", (1, "South"): "moved_in", (2, "North"): "kept",
    }  # fmt: skip


def test_by_a_scope_the_unknown_is_a_value_of_its_own():
    assert moved([customer(1)], [customer(1, region="South")], by="region") == {
        (1, None): "moved_out", (1, "South"): "moved_in",
    }  # fmt: skip


def test_by_a_scope_who_is_outside_the_view_at_one_end_moved():
    opening = [customer(1, region="North", is_in_scope=False)]
    closing = [customer(1, region="North")]
    assert moved(opening, closing, by="region") == {(1, "North"): "moved_in"}


def test_the_bridge_of_nobody_is_zero():
    row = one(customer_bridge(movements(lines(A), lines(B), opened_on=A)))
    assert set(row.values()) == {0}


def test_the_bridge_splits_the_kept_into_up_and_down():
    opening = [customer(1, value=100), customer(2, value=50), customer(3, value=7)]
    closing = [customer(1, value=130), customer(2, value=10), customer(3, value=7)]
    row = one(customer_bridge(movements(lines(A, *opening), lines(B, *closing), opened_on=A)))
    assert (row["value_up"], row["value_down"]) == (30, 40)
    assert (row["value_opening"], row["value_closing"], row["value_kept"]) == (157, 147, 157)


def test_value_of_who_is_not_active_is_not_in_the_bridge():
    closing = [customer(1, "2024-01-01", is_active=False, value=15)]
    row = one(customer_bridge(movements(lines(A), lines(B, *closing), opened_on=A)))
    assert (row["came_and_went"], row["value_closing"]) == (1, 0)


states = st.fixed_dictionaries(
    {
        "since_on": st.sampled_from([None, day("2023-06-01"), A, day("2024-01-01"), B]),
        "is_active": st.booleans(),
        "is_in_scope": st.booleans(),
        "region": st.sampled_from([None, "North", "South"]),
        "value": st.decimals(-1000, 1000, places=2),
    }
)


@st.composite
def two_ends(draw) -> tuple[list[dict], list[dict]]:
    """Lines at both ends: who is active has been a customer."""
    ends: tuple[list[dict], list[dict]] = ([], [])
    for key in range(1, draw(st.integers(1, 6)) + 1):
        for end in ends:
            state = draw(states)
            state["is_active"] &= state["since_on"] is not None
            if draw(st.booleans()):
                end.append({"customer_key": key, **state})
    return ends


def reconciles(row: dict) -> bool:
    heads = row["opening"] + row["new"] + row["returned"] + row["moved_in"]
    heads -= row["lost"] + row["undone"] + row["moved_out"]
    up = ("opening", "new", "returned", "moved_in", "up")
    down = ("lost", "undone", "moved_out", "down")
    value = sum(row[f"value_{n}"] for n in up) - sum(row[f"value_{n}"] for n in down)
    return heads == row["closing"] and value == row["value_closing"]


@pytest.mark.slow
@given(two_ends())
@settings(max_examples=40, deadline=None)
def test_the_bridge_reconciles_in_heads_and_value_in_any_scope(ends):
    opening, closing = lines(A, *ends[0]), lines(B, *ends[1])
    whole = one(customer_bridge(movements(opening, closing, opened_on=A)))
    assert reconciles(whole)
    moves = movements(opening, closing, opened_on=A, by="region")
    parts = found(customer_bridge(moves, by=("region",)))
    assert all(reconciles(part) for part in parts)
    for name in ("opening", "closing", "value_opening", "value_closing"):
        assert sum(part[name] for part in parts) == whole[name]


@pytest.mark.slow
@given(two_ends())
@settings(max_examples=20, deadline=None)
def test_by_a_scope_each_value_is_as_if_it_were_the_scope(ends):
    opening, closing = lines(A, *ends[0]), lines(B, *ends[1])
    moves = movements(opening, closing, opened_on=A, by="region")
    parts = {row.pop("region"): row for row in found(customer_bridge(moves, by=("region",)))}
    for region, part in parts.items():
        alone = movements(within(opening, region), within(closing, region), opened_on=A)
        assert one(customer_bridge(alone)) == part


def within(table, region: str | None):
    return table.mutate(is_in_scope=table.is_in_scope & table.region.identical_to(region))


def joined(*pairs: tuple[int, str | None]):
    schema = pa.schema([("customer_key", pa.int64()), ("joined_on", pa.date32())])
    rows = [{"customer_key": key, "joined_on": day(on) if on else None} for key, on in pairs]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def test_who_joined_before_the_books_began_counts_as_a_customer_since_then():
    closing = lines(B, customer(1, "2024-01-05"), customer(2, "2024-01-05"))
    known = since_as_joined(
        closing, joined((1, "2020-05-01"), (2, "2024-01-01")), books_from=date(2024, 1, 1)
    )
    rows = {row["customer_key"]: row for row in found(known)}
    assert rows[1]["since_on"] == date(2020, 5, 1)
    assert rows[2]["since_on"] == date(2024, 1, 5)
    assert rows[1]["is_origin_known"]
    assert rows[2]["is_origin_known"]


def test_where_the_day_of_joining_is_not_known_the_origin_is_not_known():
    closing = lines(B, customer(1, "2024-01-05"), customer(2, "2024-01-05"))
    known = since_as_joined(closing, joined((1, None)), books_from=date(2024, 1, 1))
    assert not any(row["is_origin_known"] for row in found(known))


def test_a_day_of_joining_after_the_first_purchase_tells_no_origin():
    closing = lines(B, customer(1, "2024-01-05"), customer(2, "2024-01-05"))
    days = joined((1, "2024-01-05"), (2, "2024-01-06"))
    rows = found(since_as_joined(closing, days, books_from=date(2024, 1, 1)))
    assert {r["customer_key"]: r["is_origin_known"] for r in rows} == {1: True, 2: False}


def test_a_prospect_who_joined_before_the_books_stays_one():
    closing = lines(B, {"customer_key": 1, "is_prospect": True})
    known = since_as_joined(closing, joined((1, "2020-05-01")), books_from=date(2024, 1, 1))
    assert one(known)["since_on"] is None


def test_money_stays_exact():
    opening = [customer(1, value="0.10"), customer(2, value="0.20")]
    row = one(customer_bridge(movements(lines(A, *opening), lines(B, *opening), opened_on=A)))
    assert row["value_closing"] == Decimal("0.30")
