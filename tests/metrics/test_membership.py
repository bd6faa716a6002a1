from datetime import date

import pytest

from core.definitions import Definitions
from core.metrics.intervals import wilson
from core.metrics.membership import level_moves, levels, member_share, members_like, with_level
from tests.care_shop import lines, rows

OPENING, CLOSING = date(2025, 6, 30), date(2026, 6, 30)


def shop(day: date, *customers: dict):
    return with_level(lines(day, *customers), not_a_member=Definitions().not_a_member)


def one(key: int, level: str | None, value: float = 10, **others) -> dict:
    return {"customer_key": key, "membership": level, "value": value, **others}


def test_no_value_and_what_stands_for_none_is_no_member():
    found = rows(
        shop(CLOSING, one(1, None), one(2, "None"), one(3, "非会员"), one(4, " "), one(5, "gold")),
        "customer_key",
    )
    assert [row["level"] for row in found] == ["none", "none", "none", "none", "gold"]
    assert [row["is_member"] for row in found] == [False, False, False, False, True]


def test_share_of_members_and_of_their_value():
    found = shop(
        CLOSING,
        one(1, "gold", 60), one(2, "none", 30), one(3, None, 10),
        one(4, "gold", 500, is_active=False),
    )  # fmt: skip
    [row] = rows(member_share(found))
    assert (row["active"], row["members"], row["known"]) == (3, 1, 2)
    assert (row["share"], row["value_share"]) == (pytest.approx(1 / 3), pytest.approx(0.6))


def test_without_value_above_0_there_is_no_share_of_it():
    [row] = rows(member_share(shop(CLOSING, one(1, "gold", 5), one(2, "none", -5))))
    assert (row["share"], row["value_share"]) == (0.5, None)
    [row] = rows(member_share(shop(CLOSING)))
    assert (row["active"], row["share"], row["value_share"]) == (0, None, None)


def test_by_a_column():
    found = shop(CLOSING, one(1, "gold", region="North"), one(2, None, region="South"))
    by = rows(member_share(found, by=("region",)), "region")
    assert [(r["region"], r["share"]) for r in by] == [("North", 1), ("South", 0)]


THEN = [
    one(1, "gold", 100), one(2, "gold", 50), one(3, "none", 40), one(4, "none", 20),
    one(5, "silver", 10, is_active=False),
]  # fmt: skip
NOW = [
    one(1, "gold", 120, occasions_12m=3),
    one(2, "gold", 5, is_active=False),
    one(3, "silver", 60, occasions_12m=1),
    one(4, "none", 20, occasions_12m=2),
    one(5, "silver", 30, occasions_12m=1),
]


def test_value_and_repurchase_are_of_the_level_now_and_churn_of_the_level_then():
    found = levels(shop(CLOSING, *NOW), shop(OPENING, *THEN))
    by = {row["level"]: row for row in rows(found)}
    gold, silver, none = by["gold"], by["silver"], by["none"]
    assert (gold["active"], gold["value"], gold["value_per_active"]) == (1, 120, 120)
    assert (gold["active_then"], gold["lost"], gold["churn"]) == (2, 1, 0.5)
    assert (gold["churn_low"], gold["churn_high"]) == pytest.approx(wilson(1, 2))
    # 3 moved up to silver: kept, and counted there now.
    assert (silver["active"], silver["value"], silver["value_per_active"]) == (2, 90, 45)
    assert (silver["buyers"], silver["repeat_rate"]) == (2, 0)
    assert (silver["active_then"], silver["churn"]) == (0, None)
    assert (none["active"], none["active_then"], none["lost"]) == (1, 2, 0)


def test_without_an_opening_churn_is_unknown():
    by = {row["level"]: row for row in rows(levels(shop(CLOSING, *NOW)))}
    assert (by["gold"]["active_then"], by["gold"]["churn"]) == (None, None)


def test_a_level_that_nobody_holds_any_more_still_shows_its_losses():
    found = levels(
        shop(CLOSING, one(1, "silver", is_active=False)), shop(OPENING, one(1, "gold", 100))
    )
    gold = {row["level"]: row for row in rows(found)}["gold"]
    assert (gold["active"], gold["value"], gold["lost"], gold["churn"]) == (0, 0, 1, 1)


def test_who_has_no_purchase_left_is_not_lost():
    undone = one(1, "gold", 0, is_active=False, since_on=None)
    found = levels(shop(CLOSING, undone), shop(OPENING, one(1, "gold", 100)))
    [row] = rows(found)
    assert (row["active_then"], row["lost"]) == (1, 0)
    [move] = rows(level_moves(shop(OPENING, one(1, "gold", 100)), shop(CLOSING, undone)))
    assert (move["is_lost"], move["value_now"]) == (False, 0)


def test_in_a_scope_who_moved_to_another_one_is_not_lost():
    here, everybody = shop(CLOSING), shop(CLOSING, one(1, "gold"))
    [row] = rows(levels(here, shop(OPENING, one(1, "gold")), everybody))
    assert (row["active"], row["lost"]) == (0, 0)


def test_moves_tell_the_lost_apart():
    found = rows(
        level_moves(shop(OPENING, *THEN), shop(CLOSING, *NOW)), "level_then", "is_lost", "level_now"
    )
    assert [
        (r["level_then"], r["level_now"], r["is_lost"], r["customers"], r["value_now"])
        for r in found
    ] == [
        ("gold", "gold", False, 1, 120),
        ("gold", "gold", True, 1, 0),
        ("none", "none", False, 1, 20),
        ("none", "silver", False, 1, 60),
    ]
    assert [r["share"] for r in found] == [0.5, 0.5, 0.5, 0.5]


def test_members_beside_like_customers_by_tier():
    then = [*THEN, one(6, None, 30, tier=1), one(7, "gold", 90, tier=1)]
    now = [*NOW, one(6, None, 33, tier=1), one(7, "gold", 90, tier=1)]
    found = rows(members_like(shop(OPENING, *then), shop(CLOSING, *now)), "tier", "group")
    assert [(r["tier"], r["group"], r["customers"], r["churn"]) for r in found] == [
        (1, "member", 1, 0),
        (1, "non_member", 1, 0),
        # 3 joined, having stayed; 1 and 2 were members, 4 was none.
        (4, "joined", 1, None),
        (4, "member", 2, 0.5),
        (4, "non_member", 1, 0),
    ]
    member = found[3]
    assert (member["value_then_per_head"], member["value_now_per_head"]) == (75, 60)


def test_nobody_active_then_has_no_groups():
    assert rows(members_like(shop(OPENING), shop(CLOSING, *NOW))) == []
    assert rows(level_moves(shop(OPENING), shop(CLOSING))) == []
