"""Estimates and how far they lie apart."""

from dashboard.findings.voice import is_apart


def test_an_estimate_whose_interval_leaves_out_the_whole_lies_apart():
    assert is_apart(0.6, 0.5, 0.7, 0.49, many=1)
    assert not is_apart(0.6, 0.5, 0.7, 0.51, many=1)
    assert is_apart(0.4, 0.3, 0.5, 0.51, many=1)


def test_the_more_are_compared_the_further_one_must_lie_apart():
    # Of ten the quantile is 2.807 and not 1.960, so that 0.1 reaches to 0.143.
    assert not is_apart(0.6, 0.5, 0.7, 0.46, many=10)
    assert is_apart(0.6, 0.5, 0.7, 0.45, many=10)


def test_without_an_interval_or_a_whole_nothing_lies_apart():
    assert not is_apart(0.6, None, None, 0.1, many=1)
    assert not is_apart(0.6, 0.5, 0.7, None, many=1)
