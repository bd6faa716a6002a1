"""Scores against what customers did afterwards, worked out by hand."""

from datetime import date

import pytest

from core.desk.calibration import (
    Rated,
    correlation,
    rated,
    raters,
    steps,
)
from core.reading import open_ledger
from core.store.records import SCORES
from core.view import View
from tests import shop


def one(rater: str, loyalty: int | None, occasions: int | None = None, tier: str | None = "top",
        is_active: bool | None = None) -> Rated:  # fmt: skip
    scores: dict[str, int | None] = dict.fromkeys(SCORES)
    return Rated(rater, tier, scores | {"loyalty": loyalty}, occasions, is_active)


def test_a_step_counts_those_whose_days_are_over():
    found = [one("A", 5, 2, is_active=True), one("A", 5, 0), one("A", 5, None), one("B", 1, 0)]
    low, high = steps(found, "loyalty")
    assert (low.step, low.n, low.bought) == (1, 1, 0.0)
    # Two of the three are over, one of them bought; of one it is known that it is active.
    assert (high.n, high.bought, high.n_active, high.active) == (2, 0.5, 1, 1.0)


def test_nine_evaluations_say_nothing():
    assert correlation([one("A", n % 5 + 1, n) for n in range(9)], "loyalty").rho is None


def test_scores_in_the_order_of_purchases_correlate_wholly():
    found = [one("A", 1, 0)] * 5 + [one("A", 5, 3)] * 5
    assert correlation(found, "loyalty").rho == pytest.approx(1)


def test_ties_share_their_rank():
    # Scores 1 1 2 2 x 3, purchases 0 1 0 1 x 3: every pair stands against its mirror.
    found = [one("A", s, o) for s, o in ((1, 0), (1, 1), (2, 0), (2, 1))] * 3
    agree = correlation(found, "loyalty")
    assert agree.rho == pytest.approx(0)
    assert agree.low is not None
    assert agree.low < 0 < (agree.high or 0)


def test_the_same_score_for_everybody_foretells_nothing():
    assert correlation([one("A", 3, n) for n in range(12)], "loyalty").rho is None


def test_a_rater_is_held_against_colleagues_on_customers_of_the_same_tier():
    own = [one("A", 5)] * 9 + [one("A", 4)]
    others = [one("B", 3)] * 5 + [one("C", 2)] * 5
    alone = [one("A", 1, tier="other")] * 20  # nobody else scored that tier
    rater_a = next(each for each in raters([*own, *others, *alone], "loyalty") if each.rater == "A")
    # 4.9 against 2.5
    assert (rater_a.n, rater_a.mean) == (10, 4.9)
    assert rater_a.difference == pytest.approx(2.4)
    assert rater_a.verdict == "lenient"


def test_a_rater_of_nine_is_not_judged():
    found = raters([one("A", 5)] * 9 + [one("B", 1)] * 10, "loyalty")
    assert {each.rater: each.verdict for each in found} == {"A": None, "B": "strict"}


def test_raters_who_score_alike_are_like_the_others():
    found = raters([one(who, step) for who in "AB" for step in (1, 2, 3, 4, 5)] * 2, "loyalty")
    assert {each.verdict for each in found} == {"like_others"}


@pytest.mark.slow
def test_what_customers_did_is_read_from_the_books(tmp_path):
    books = shop.ten_customers(tmp_path)
    with open_ledger(books) as ledger:
        view = View(ledger)
        keys = {
            row["customer_id"]: row["customer_key"]
            for row in ledger.persons("customer_ids").to_pyarrow().to_pylist()
        }
        on = date(2023, 12, 31)
        ratings = [
            (name, keys[name], "Kim", on, 3, 3, 3, 3, 3) for name in ("Ann", "Bob", "Jin")
        ] + [("late", keys["Ann"], "Kim", date(2024, 4, 1), 3, 3, 3, 3, 3)]
        ann, bob, jin, late = rated(view, ratings, shop.LAST, 90)
    # 90 days after 31 December end on 30 March: Ann came on 1 March, Jin a day too late, on the
    # 31st. At the end of March Bob's silence is over 60 days.
    assert (ann.occasions, bob.occasions, jin.occasions) == (1, 0, 0)
    assert (ann.is_active, bob.is_active, jin.is_active) == (True, False, True)
    assert (late.occasions, late.is_active) == (None, None)
