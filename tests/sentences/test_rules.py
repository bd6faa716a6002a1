"""Each rule tells what is there, and is silent where it could be chance or is too little."""

from datetime import date

import pytest

from core.figures import Figure
from core.figures.figure import Cell, Note
from core.i18n import LANGUAGES, translate
from core.sentences import care, movement, offers, people, selling
from core.sentences.happened import Event, Jump, chosen, joined
from core.sentences.registry import ranked
from core.sentences.seen import Base
from core.sentences.sentence import LEAST_WEIGHT, Sentence, Value
from dashboard.findings import changed
from dashboard.session import Look

DAY = date(2026, 10, 31)


def told(sentence: Sentence | None) -> Sentence:
    """The sentence, whose text stands in both languages with the values that it gives."""
    assert sentence is not None
    values = {name: value.value for name, value in sentence.values.items()}
    for language in LANGUAGES:
        assert translate(f"sentence.{sentence.key}", language, **values)
    return sentence


def values(sentence: Sentence | None) -> dict[str, object]:
    return {name: value.value for name, value in told(sentence).values.items()}


def test_churn_is_told_where_its_change_is_beyond_chance():
    # 30 % of 1,000 against 25 % of 1,000: 5 points; Newcombe gives 0.011 to 0.089.
    found = told(movement.tell_churn((1000, 300), (1000, 250), 9_000))
    assert found.key == "churn_rose"
    assert found.weight == pytest.approx(0.05)
    assert found.low == pytest.approx(0.011, abs=5e-4)
    assert movement.tell_churn((1000, 250), (1000, 300), 9_000).key == "churn_fell"


def test_churn_within_chance_is_not_told():
    # 27 % against 25 %: 2 points, with about 3.8 on either side.
    assert movement.tell_churn((1000, 270), (1000, 250), 0) is None
    assert movement.tell_churn((1000, 250), (1000, 250), 0) is None


def test_churn_of_fewer_than_thirty_customers_is_not_told():
    assert movement.tell_churn((29, 29), (1000, 10), 0) is None
    assert movement.tell_churn((30, 30), (1000, 10), 0) is not None
    assert movement.tell_churn((30, 30), (None, None), 0) is None


def place(n: int, lost: int, value: float, value_lost: float) -> dict[str, Cell]:
    parts = ("bridge_opening", "bridge_lost", "bridge_value_opening", "bridge_value_lost")
    return {key: Cell(v) for key, v in zip(parts, (n, lost, value, value_lost), strict=True)}


def test_the_place_that_lost_most_for_its_size_is_told():
    # A lost 40 of 100; B and C 10 % of 200: 30 more than the others would have. In money A lost
    # 400 of 1,000, the others 200 of 2,000: 400 - 100 = 300 of 3,000 in all, as 30 of 300 heads.
    found = movement.tell_place(
        "branch",
        {"A": place(100, 40, 1000, 400), "B": place(100, 10, 1000, 100),
         "C": place(100, 10, 1000, 100)},
        3000,
    )  # fmt: skip
    assert values(found) == {"place": "A", "n": 40, "rate": 0.4, "others": 0.1, "value": 400}
    assert found.weight == pytest.approx(0.1)
    assert found.asks == {"branch": "A"}


def test_a_place_is_not_told_where_one_of_as_many_may_be_so_by_chance():
    # 17 of 100 against 8.5 of 100: alone beyond chance, but one of twelve places may be so.
    rest = {f"{n}": place(100, 9, 1000, 90) for n in range(11)}
    assert movement.tell_place("branch", rest | {"A": place(100, 17, 1000, 170)}, 12_000) is None
    two = {"A": place(100, 17, 1000, 170), "B": place(1100, 99, 11_000, 990)}
    assert movement.tell_place("branch", two, 12_000) is not None


def test_a_place_of_fewer_than_thirty_customers_is_not_told():
    rest = {"B": place(1000, 100, 10_000, 1000)}
    assert movement.tell_place("branch", rest | {"A": place(29, 29, 290, 290)}, 10_290) is None
    assert movement.tell_place("branch", rest | {"A": place(30, 30, 300, 300)}, 10_300) is not None


def upper(n: int, fallen: float, excess: float | None, periods: int = 2) -> dict[str, Cell]:
    note = (Note("expected_from", {"periods": periods}),)
    return {"upper_fallen": Cell(fallen, n), "upper_fallen_excess": Cell(excess, n, note=note)}


def test_falls_from_the_upper_tiers_are_told_beyond_the_usual_ones():
    # 300 of 1,000 fell where 240 are usual, of 2,000 in two earlier periods.
    found = movement.tell_tiers(upper(1000, 300, 60), 5000)
    assert values(found) == {"n": 300, "of": 1000, "excess": 60}
    assert found.weight == pytest.approx(0.012)


def test_usual_falls_are_not_told():
    assert movement.tell_tiers(upper(1000, 300, 10), 5000) is None
    assert movement.tell_tiers(upper(1000, 300, -60), 5000) is None
    assert movement.tell_tiers(upper(1000, 300, None), 5000) is None
    assert movement.tell_tiers(upper(29, 29, 28), 5000) is None


def test_newcomers_who_come_again_less_than_those_before_them_are_told():
    # 40 % of 500 against 50 % of 500.
    row = {"n": 500, "k": 200, "m": 500, "j": 250}
    found = told(movement.tell_newcomers(row, DAY, DAY, 1000))
    assert found.key == "newcomers_fell"
    assert found.weight == pytest.approx(0.05)  # 0.1 x 500 of 1,000 active
    assert movement.tell_newcomers(row | {"j": 220}, DAY, DAY, 1000) is None  # 44 %: chance
    assert movement.tell_newcomers(row | {"n": 29, "k": 0}, DAY, DAY, 1000) is None


STAFF = Base(opened=1000, lost=240, value=10_000, active=1000)


def left(n: int, lost: int, value: float, name: str | None = "Eve") -> dict:
    return {
        "employee_id": "E1",
        "name": name,
        "left_on": date(2026, 1, 31),
        "customers": n,
        "lost": lost,
        "value_lost": value,
    }


def test_customers_lost_after_their_employee_left_are_told():
    # 60 of 100 were lost; of the other 900, 240 - 60 = 180: 20 %. They had brought 5 % of value.
    found = people.tell_employee_left([left(100, 60, 500), left(30, 6, 9)], STAFF)
    assert values(found) == {
        "n": 100, "name": "Eve", "day": date(2026, 1, 31), "rate": 0.6, "others": 0.2, "value": 500,
    }  # fmt: skip
    assert found.weight == pytest.approx(0.06)  # 60 of 1,000 heads weigh more than 5 %


def test_an_employee_without_a_name_is_told_by_number():
    found = people.tell_employee_left([left(100, 60, 500, None)], STAFF)
    assert values(found)["name"] == "E1"


def test_customers_who_went_no_more_than_others_are_not_told():
    assert people.tell_employee_left([left(100, 27, 1)], STAFF) is None
    assert people.tell_employee_left([left(29, 29, 1)], STAFF) is None
    assert people.tell_employee_left([], STAFF) is None


def hangs(share: float | None, value: float = 300) -> list[dict]:
    return [
        {"employee_id": "E1", "employee": "Eve", "branch": "North", "customers": 9,
         "uses_nobody_else": 8, "value": value, "share_of_branch": share}
    ]  # fmt: skip


def test_an_employee_with_a_fifth_of_a_branch_is_told():
    found = people.tell_dependency(hangs(0.2), 10_000)
    assert values(found)["alone"] == 8
    assert found.weight == pytest.approx(0.03)


def test_an_employee_with_less_is_not_told():
    assert people.tell_dependency(hangs(0.19), 10_000) is None
    assert people.tell_dependency(hangs(None), 10_000) is None
    assert people.tell_dependency(hangs(0.5), 0) is None
    assert people.tell_dependency([], 10_000) is None


def brought(n: int, back: int, others_rate: float = 0.5, others: int = 500) -> dict:
    return {
        "promotion_id": "a", "name": "Spring", "first_on": date(2025, 1, 5), "matured": n,
        "returned": back, "repurchase_rate": back / n, "compared": n, "others": others,
        "others_rate": others_rate,
    }  # fmt: skip


def test_a_promotion_whose_newcomers_stay_away_is_told():
    # 10 of 200 came again, of like newcomers a half: 90 fewer, of 1,000 active.
    found = offers.tell_promotion([brought(200, 10), brought(40, 2)], 13, 180, 1000)
    assert values(found)["n"] == 200
    assert found.weight == pytest.approx(0.09)
    assert found.high < 0


def test_a_promotion_whose_newcomers_come_again_as_others_do_is_not_told():
    assert offers.tell_promotion([brought(200, 95)], 13, 180, 1000) is None
    assert offers.tell_promotion([brought(29, 0)], 13, 180, 1000) is None
    assert offers.tell_promotion([brought(200, 10, others=29)], 13, 180, 1000) is None
    assert offers.tell_promotion([brought(200, 10) | {"compared": 150}], 13, 180, 1000) is None


JUMP = Jump("p", date(2026, 1, 1), date(2026, 2, 28), 120, 3.0)


BASE = Base(opened=1000, lost=200, value=10_000, active=1000)
BEFORE = date(2025, 10, 31)


def test_a_product_is_told_with_the_loss_of_those_who_complained():
    # 50 of 100 were lost; of the other 900, 150.
    fate = {"n": 100, "lost": 50, "value_lost": 800.0}
    found = told(offers.tell_quality(JUMP, "Brakes", fate, BASE, BEFORE))
    assert found.key == "quality_lost"
    assert values(found)["others"] == pytest.approx(150 / 900)
    assert found.weight == pytest.approx(0.08)


def test_a_product_is_told_without_a_loss_that_may_be_chance():
    fate = {"n": 100, "lost": 20, "value_lost": 800.0}
    found = told(offers.tell_quality(JUMP, "Brakes", fate, BASE, BEFORE))
    assert (found.key, found.weight) == ("quality", pytest.approx(0.12))


def test_complaints_of_before_the_opening_alone_are_not_told():
    fate = {"n": 100, "lost": 20, "value_lost": 800.0}
    assert offers.tell_quality(JUMP, "Brakes", fate, BASE, JUMP.until) is None


def quarter(number: int, due: int, kept: int) -> dict:
    return {"quarter_from": date(2026, 3 * number - 2, 1), "due": due, "kept": kept}


def test_the_quarter_in_which_promises_were_broken_is_told():
    # 40 of 100 kept, in the other two 180 of 200: half as many as should be, 50 of 1,000 active.
    rows = [quarter(1, 100, 90), quarter(2, 100, 40), quarter(3, 100, 90)]
    found = care.tell_promises(rows, rows, 1000)
    assert values(found) == {"n": 100, "quarter": date(2026, 4, 1), "rate": 0.4, "others": 0.9}
    assert found.weight == pytest.approx(0.05)


def test_a_quarter_like_the_others_is_not_told():
    rows = [quarter(1, 100, 90), quarter(2, 100, 85), quarter(3, 100, 90)]
    assert care.tell_promises(rows, rows, 1000) is None
    assert care.tell_promises(rows[:1], rows[:1], 1000) is None  # there are no others
    few = [quarter(1, 1000, 900), quarter(2, 29, 0)]
    assert care.tell_promises(few, few, 1000) is None
    broken = [quarter(1, 100, 40), quarter(2, 100, 90)]
    assert care.tell_promises(broken[1:], broken, 1000) is None  # it lies before the period


def test_a_branch_most_of_whose_complaints_wait_longer_is_told():
    # Of two branches: 45 of 60 late; the lower bound for two is above a half.
    rows = [
        {"branch": "A", "opened": 60, "late": 45},
        {"branch": "B", "opened": 300, "late": 135},
    ]
    slow = care.slowest(rows)
    assert slow is rows[0]
    found = care.tell_slow_branch(slow, {True: 36.0, False: 5.0}, 1000)
    assert values(found) == {"branch": "A", "n": 60, "hours": 36.0, "others": 5.0}
    assert found.weight == pytest.approx(0.045)  # 45 late ones, of 1,000 active


def test_a_branch_that_may_be_late_by_chance_is_not_told():
    other = {"branch": "B", "opened": 300, "late": 145}
    assert care.slowest([{"branch": "A", "opened": 60, "late": 35}, other]) is None
    assert care.slowest([{"branch": "A", "opened": 29, "late": 29}, other]) is None
    assert care.slowest([{"branch": "A", "opened": 60, "late": 60}]) is None  # there is no other
    slow = {"branch": "A", "opened": 60, "late": 45}
    assert care.tell_slow_branch(slow, {True: None, False: 5.0}, 1000) is None
    assert care.tell_slow_branch(slow, {True: 5.0, False: 5.0}, 1000) is None


def nps(value: float | None, half: float | None, n: int = 500) -> Figure:
    low, high = (None, None) if half is None or value is None else (value - half, value + half)
    return Figure("nps", {}, DAY, value, n, "points", low, high, "d", 1)


def test_nps_is_told_where_it_moved_by_more_than_its_interval():
    # Half widths of 3 and 4 make one of 5 for the difference.
    found = told(care.tell_satisfaction(nps(30, 3), nps(36, 4), 1000))
    assert (found.key, found.low, found.high) == ("nps_fell", pytest.approx(-11), pytest.approx(-1))
    assert found.weight == pytest.approx(0.03)  # 0.06 of the 500 of 1,000 who answered
    assert care.tell_satisfaction(nps(36, 4), nps(30, 3), 1000).key == "nps_rose"


def test_nps_within_its_interval_is_not_told():
    assert care.tell_satisfaction(nps(30, 3), nps(35, 4), 1000) is None
    assert care.tell_satisfaction(nps(30, None), nps(90, 1), 1000) is None
    assert care.tell_satisfaction(nps(None, None), nps(90, 1), 1000) is None
    assert care.tell_satisfaction(nps(30, 3, 29), nps(90, 4), 1000) is None


def change(customers: float = 0, occasions: float = 0, basket: float = 0, mix: float = 0) -> dict:
    total = customers + occasions + basket + mix
    return {
        "net_then": 1000.0, "change": total, "change_customers": customers, "customers_now": 5,
        "change_occasions": occasions, "change_basket": basket, "change_mix": mix,
    }  # fmt: skip


def test_sales_are_told_with_what_went_furthest_the_same_way():
    found = told(selling.tell_sales([change(customers=50), change(basket=-20, occasions=10)]))
    assert found.key == "sales_rose_customers"
    assert values(found) == {"change": 40, "share": 0.02, "part": 50}
    assert told(selling.tell_sales([change(mix=-300, basket=20)])).key == "sales_fell_mix"


@pytest.mark.parametrize("driver", ["customers", "occasions", "basket", "mix"])
@pytest.mark.parametrize("sign", [1, -1])
def test_every_driver_of_sales_has_its_sentence(driver, sign):
    told(selling.tell_sales([change(**{driver: 100 * sign})]))


def test_sales_that_hardly_changed_are_not_told():
    assert selling.tell_sales([change(customers=9)]) is None
    assert selling.tell_sales([change(customers=10)]) is not None
    assert selling.tell_sales([]) is None


def test_the_part_that_departs_most_from_the_growth_of_all_is_told():
    # All grow from 1,000 to 1,100, 10 %. A would be at 220 and is at 120: 100 below.
    found = selling.tell_departure(
        "place_sales", "region", {"A": (200, 120), "B": (500, 600), None: (300, 380)}
    )
    assert values(found) == {
        "name": "A",
        "change": 80,
        "share": 0.4,
        "others": pytest.approx(0.225),
    }
    assert told(found).key == "place_sales_fell"
    assert found.weight == pytest.approx(0.1)
    assert found.asks == {"section": "composition", "by": "region"}


def test_a_channel_is_told_by_what_it_is_called():
    found = selling.tell_departure("place_sales", "channel", {"app": (200, 120), "x": (500, 600)})
    name = told(found).values["name"]
    look = Look("", 0, 0, (), date(2026, 1, 31), None, False, "CNY", "zh", None)
    assert (name, changed.shown(name, look)) == (Value("channel", "app"), "应用")


@pytest.mark.parametrize("theme", ["place_sales", "category_sales"])
@pytest.mark.parametrize("now", [50, 500])
def test_every_departure_has_its_sentence(theme, now):
    told(selling.tell_departure(theme, "region", {"A": (100, now), "B": (900, 900)}))


def test_parts_that_grow_alike_are_not_told():
    assert selling.tell_departure("x", "region", {"A": (500, 550), "B": (500, 550)}) is None
    # 1 % of 1,000 is the least: B departs by 10 of 1,000, which is not more.
    assert selling.tell_departure("x", "region", {"A": (500, 490), "B": (500, 510)}) is None
    assert selling.tell_departure("x", "region", {"A": (1000, 90)}) is None
    assert selling.tell_departure("x", "region", {}) is None


def test_the_weightiest_come_first_one_of_each_theme():
    def sentence(key: str, weight: float, theme: str) -> Sentence:
        return Sentence(key, {}, weight, theme, "churn")

    found = ranked(
        [sentence("b", 0.1, "x"), sentence("a", 0.1, "y"), sentence("c", 0.2, "x"),
         sentence("d", LEAST_WEIGHT, "z"), sentence("e", LEAST_WEIGHT * 0.99, "w")]
    )  # fmt: skip
    assert [each.key for each in found] == ["c", "a", "d"]
    assert ranked(found[::-1]) == found


def test_months_in_a_row_are_one_jump():
    # Twelve months with 36 complaints in all: 33 in May and June, 3 in the ten others.
    rows = [
        {"product_id": "p", "month": date(2024, 5, 1), "complaints": 20, "usual": 16 / 11},
        {"product_id": "p", "month": date(2024, 6, 1), "complaints": 13, "usual": 23 / 11},
        {"product_id": "q", "month": date(2024, 7, 1), "complaints": 10, "usual": 0.0},
    ]
    first, second = joined(rows, 12)
    assert (first.month, first.until) == (date(2024, 5, 1), date(2024, 6, 30))
    assert (first.complaints, first.usual) == (33, pytest.approx(0.3))
    assert (second.product_id, second.complaints) == ("q", 10)


def test_of_many_events_the_largest_of_each_kind_and_then_the_largest_are_chosen():
    campaigns = [Event("campaign", date(2024, n, 1), str(n), 100 * n) for n in range(1, 8)]
    exit_, jump = (
        Event("exit", date(2024, 3, 5), "Eve", 3),
        Event("complaints", date(2024, 2, 1), "p", 2),
    )
    changed = Event("definitions", date(2024, 12, 1), "v2", None)
    found = chosen([*campaigns, exit_, jump, changed])
    assert found == [jump, exit_, *campaigns[4:], changed]
