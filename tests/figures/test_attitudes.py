"""Attitudes, ladder and silence, worked out by hand from ``tests/figures/voice_shop.py``."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from core import breakdowns, lists
from core.definitions import BooksSettings, Configuration, Definitions
from core.facts import Books
from core.figures import FAMILIES, Figure, compute
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.figures.voice_shop import complaint, question
from tests.shop import CLOSING, build, orders, ten_customers

pytestmark = pytest.mark.slow

WHOLE = {
    # Ann 80, Jin 40 of 100.
    "demand_met": 0.6,
    # Ann 4 and Jin 3; Ann 2; Ann 5, Cem 4 and Jin 1; of quality nobody was asked.
    "brand_attention": 1 / 2, "competitor_attention": 0, "price_sensitivity_stated": 2 / 3,
    "accident_tolerance_stated": None,
    # No order says what was given off.
    "price_sensitivity": None,
    # Of Jin's and Ann's complaints about quality, Ann came again a week later. All others who were
    # active at the end of August or November complained, or had been silent for longer.
    "accident_tolerance": 1 / 2, "accident_tolerance_like": None,
    # Ann is content, thinks of us first, came on two days and gave a 9. Jin is content but does not
    # think of us first. Cem and Dua are not content; of Eva nothing is known.
    "ladder_recommending": 1, "ladder_loyal": 0, "ladder_identified": 0, "ladder_satisfied": 1,
    "ladder_none": 2, "ladder_unknown": 1,
    # The books do not reach back two years.
    "silent": None, "silent_value": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def view(voice_books: Books) -> Iterator[View]:
    with open_ledger(voice_books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def whole(view: View) -> dict[str, Figure]:
    return {f.key: f for f in compute(view, ["attitudes"], CLOSING)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["attitudes"]}


def test_the_figures_of_the_shop_are_as_by_hand(whole):
    found = {key: figure.value for key, figure in whole.items()}
    assert found == {
        key: None if value is None else pytest.approx(value) for key, value in WHOLE.items()
    }


def test_what_is_not_known_says_why(whole):
    assert "given off" in whole["price_sensitivity"].note_text("en")
    assert "answered" in whole["accident_tolerance_stated"].note_text("en")
    assert "like customers" in whole["accident_tolerance_like"].note_text("en")
    assert "2022-04-01" in whole["silent"].note_text("en")


def test_rates_carry_their_n_and_interval(whole):
    price = whole["price_sensitivity_stated"]
    assert [price.n, price.low, price.high] == pytest.approx([3, *wilson(2, 3)])
    assert whole["demand_met"].n == 2


def test_the_steps_of_the_ladder_add_up_to_the_active(view, whole):
    [active] = compute(view, ["active_customers"], CLOSING)
    steps = [f.value for key, f in whole.items() if key.startswith("ladder_")]
    assert sum(step or 0 for step in steps) == active.value


def test_by_region_each_customer_stands_where_he_is(view):
    keys = ["ladder_none", "ladder_recommending", "ladder_satisfied", "demand_met"]
    found = compute(view, keys, CLOSING, by="region")
    values = {(f.key, f.scope["region"]): f.value for f in found if f.scope}
    assert (values["ladder_none", "North"], values["ladder_none", "South"]) == (2, 0)
    assert values["ladder_recommending", "South"] == values["ladder_satisfied", "South"] == 1
    assert values["demand_met", "North"] is None
    assert values["demand_met", "South"] == pytest.approx(0.6)


def test_the_ladder_shows_what_each_step_brings(view):
    found = breakdowns.rows(view, "ladder", as_of=CLOSING).to_pylist()
    assert [(row["level"], row["customers"], row["value"]) for row in found] == [
        ("recommending", 1, 120), ("satisfied", 1, 520), ("none", 2, 270), ("unknown", 1, 30),
    ]  # fmt: skip
    assert found[1]["share_of_value"] == pytest.approx(520 / 940)
    # Jin's next step is known not to be met.
    assert [row["may_stand_higher"] for row in found] == [0, 0, 0, 0]


def test_without_surveys_only_behaviour_can_be_known(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        found = compute(View(ledger), ["attitudes"], CLOSING)
    assert {figure.value for figure in found} == {None}


def test_what_was_bought_on_a_day_with_a_discount_is_bought_on_discount(tmp_path):
    bought = [
        ("a", "2023-01-02", 50), ("a", "2024-01-10", 30), ("b", "2024-01-11", 60),
        ("b", "2024-01-11", 10), ("c", "2024-02-01", 100), ("c", "2024-04-01", 5),
    ]  # fmt: skip
    rows = orders(bought)
    for row, off in zip(rows, (9, 0, 5, 0, 0, 9), strict=True):
        row["discount"] = Decimal(off)
    for row in rows:
        row["cancelled_at"] = None
    # The sale of 100 was cancelled in March; a's first of 50 lies before the 12 months.
    rows[4]["cancelled_at"] = rows[4]["ordered_at"].replace(month=3)
    with open_ledger(build(tmp_path, [], orders=rows)) as ledger:
        [share] = compute(View(ledger), ["price_sensitivity"], CLOSING)
        [before] = compute(View(ledger), ["price_sensitivity"], date(2024, 2, 29))
    assert (share.value, share.n) == (pytest.approx(70 / 100), 2)
    assert (before.value, before.n) == (pytest.approx(70 / 200), 3)


_DAYS = ("2022-02-01", "2022-05-01", "2022-08-01", "2022-11-01", "2023-02-01", "2023-05-01")
_QUIET = [(customer, on, 10) for customer in "abc" for on in _DAYS]
_STEADY = [("d", on, 10) for on in (*_DAYS, "2023-08-01", "2023-11-01")]


@pytest.fixture(scope="module")
def quiet_view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    """a, b and c came four times, then twice; b answered a question and c complained."""
    books = build(
        tmp_path_factory.mktemp("quiet"),
        [("e", "2022-01-05", 1), *_QUIET, *_STEADY, ("e", "2024-01-15", 1)],
        Configuration(
            books=BooksSettings(currency="CNY"), definitions=Definitions(lapse_after_days=300)
        ),
        surveys=[
            question(1, "b", "nps", "2023-06-01", "2023-06-02", 8),
            question(2, "a", "nps", "2023-06-01", None, None),
        ],
        complaints=[complaint(1, "c", "2023-07-01T12")],
    )
    with open_ledger(books) as ledger:
        yield View(ledger)


END = date(2023, 12, 31)


def test_silent_is_who_slows_down_without_a_word(quiet_view):
    [silent, value] = compute(quiet_view, ["silent", "silent_value"], END)
    # a: twice in 2023 after four times in 2022, and no word for 244 days.
    assert (silent.value, value.value) == (1, 20)


def test_the_silent_are_listed_with_what_they_were_asked(quiet_view):
    [row] = lists.rows(quiet_view, "silent", as_of=END).to_pylist()
    # Five gaps from 1 February 2022 to 1 May 2023: 454 days.
    assert (row["customer_id"], row["silence_days"], row["asked"]) == ("a", 244, 1)
    assert row["mean_gap_days"] == pytest.approx(454 / 5)
    assert (row["occasions_12m"], row["occasions_before"]) == (2, 4)


def test_before_there_is_a_year_to_compare_with_nobody_is_listed(quiet_view):
    assert lists.rows(quiet_view, "silent", as_of=date(2022, 6, 30)).to_pylist() == []


def test_the_four_indicators_stand_side_by_side(quiet_view):
    found = {
        r["customer_id"]: r for r in lists.rows(quiet_view, "indicators", as_of=END).to_pylist()
    }
    # Three came twice and d four times; three brought 20 and d 40.
    assert [found[c]["loyalty"] for c in "abcd"] == [3 / 8, 3 / 8, 3 / 8, 7 / 8]
    assert [found[c]["contribution"] for c in "abcd"] == [3 / 8, 3 / 8, 3 / 8, 7 / 8]
    assert [found[c]["satisfaction"] for c in "abcd"] == [None, 1 / 2, None, None]
    # Neither wallets nor products nor contracts are known.
    assert {row["dependence"] for row in found.values()} == {None}
    assert next(iter(found)) == "d"


def test_ties_stand_for_dependence_where_no_wallet_was_asked_for(tmp_path):
    """a bought from two categories and has a contract, b from one."""
    bought = [("a", "2024-01-02", 10), ("b", "2024-01-03", 10), ("a", "2024-02-01", 5)]
    products = [{"product_id": p, "category": c} for p, c in (("p", "tyres"), ("q", "oil"))]
    order_lines = [
        {"order_id": order, "line_id": "1", "product_id": product, "amount": Decimal(5)}
        for order, product in (("o1", "p"), ("o2", "p"), ("o3", "q"))
    ]
    contract = {"contract_id": "k", "customer_id": "a", "started_on": date(2024, 1, 1),
                "monthly_value": Decimal(1)}  # fmt: skip
    books = build(
        tmp_path, bought, products=products, order_lines=order_lines, contracts=[contract]
    )
    with open_ledger(books) as ledger:
        found = lists.rows(View(ledger), "indicators", as_of=date(2024, 2, 1)).to_pylist()
    assert {r["customer_id"]: r["dependence"] for r in found} == {"a": 3 / 4, "b": 1 / 4}
    assert {r["dependence_by"] for r in found} == {"ties"}
