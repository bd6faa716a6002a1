import pytest

from core.metrics.effort import ces, demand_met
from core.metrics.intervals import Z
from tests.care_shop import rows
from tests.survey_answers import answer, asked


def test_effort_is_a_mean_and_a_share_of_the_agreeing():
    [row] = rows(ces(asked(*[answer(n, s, "ces") for n, s in enumerate((7, 5, 4, 2))])))
    assert (row["n"], row["easy"], row["mean"]) == (4, 2, 4.5)
    # Squares from 4.5: 6.25, 0.25, 0.25, 6.25: 13 over 3; half-width Z sqrt(13 / 3 / 4).
    half = Z * (13 / 12) ** 0.5
    assert (row["low"], row["high"]) == (pytest.approx(4.5 - half), pytest.approx(4.5 + half))


@pytest.mark.parametrize("scores", [(6,), (6, 6)])
def test_a_mean_without_a_spread_has_no_interval(scores):
    [row] = rows(ces(asked(*[answer(n, s, "ces") for n, s in enumerate(scores)])))
    assert (row["mean"], row["low"], row["high"]) == (6.0, None, None)


def test_other_methods_of_measuring_effort_are_not_mixed_in():
    [row] = rows(ces(asked(answer(1, 5, "ces", scale_max=5), answer(2, 2, "ces", scale_min=0))))
    assert (row["n"], row["easy"], row["mean"]) == (0, 0, None)


def test_effort_can_be_told_apart_by_wave():
    found = ces(asked(answer(1, 7, "ces", wave="a"), answer(1, 1, "ces", wave="b")), by=("wave",))
    assert [(r["wave"], r["mean"]) for r in rows(found, "wave")] == [("a", 7.0), ("b", 1.0)]


def test_demand_met_stretches_each_scale_from_nothing_to_all():
    # 60 of 100 and 3 of 0 to 4: 0.6 and 0.75.
    found = demand_met(asked(answer(1, 60, "wallet"), answer(2, 3, "wallet", scale_max=4)))
    [row] = rows(found)
    assert (row["n"], row["mean"]) == (2, pytest.approx(0.675))


def test_the_interval_of_a_share_stays_between_nothing_and_all():
    [row] = rows(demand_met(asked(answer(1, 0, "wallet"), answer(2, 100, "wallet"))))
    assert (row["mean"], row["low"], row["high"]) == (0.5, 0.0, 1.0)


def test_where_the_share_of_wallet_was_not_asked_nothing_is_known():
    [row] = rows(demand_met(asked(answer(1, 9), answer(2, 5, "wallet", scale_max=1))))
    assert (row["n"], row["mean"]) == (0, None)
