"""How sure a rate is, and the difference of two: Wilson, Newcombe."""

from statistics import NormalDist
from typing import overload

import ibis.expr.types as ir

Z = 1.959963984540054  # 95 %, two-sided


@overload
def wilson(successes: int, n: int, z: float = Z) -> tuple[float | None, float | None]: ...
@overload
def wilson(
    successes: ir.NumericValue, n: ir.NumericValue, z: float = Z
) -> tuple[ir.NumericValue, ir.NumericValue]: ...
def wilson(successes, n, z=Z):  # type: ignore[no-untyped-def]
    """Between which bounds does the rate lie, of which ``successes`` out of ``n`` were seen?

    Parameters
    ----------
    successes, n
        Two counts, or two columns of counts; 0 <= successes <= n.
    z
        Quantile of the normal distribution.

    Returns
    -------
    Lower and upper bound, 0 to 1, as numbers or as columns of float64; null where ``n`` is 0.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> low, high = wilson(5, 10)
    >>> round(low, 4), round(high, 4)
    (0.2366, 0.7634)
    >>> wilson(0, 0)
    (None, None)
    """
    if isinstance(n, ir.NumericValue):
        return _bounds(successes.cast("float64"), n.nullif(0).cast("float64"), z)
    if not n:
        return None, None
    low, high = _bounds(successes, n, z)
    # Rounding leaves a trace where nobody or everybody did.
    return 0.0 if not successes else low, 1.0 if successes == n else high


def newcombe(
    successes: float, n: int, others: float, n_others: int, z: float = Z
) -> tuple[float, float] | None:
    """Between which bounds does the difference of two independent rates lie?

    Parameters
    ----------
    successes, n
        Of the one group: ``successes`` of ``n``.
    others, n_others
        Of the other group.
    z
        Quantile of the normal distribution; ``z_of`` where one group was picked out of several.

    Returns
    -------
    Lower and upper bound of the first rate less the second, -1 to 1; null where a group is empty.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions,
    method 10.

    Examples
    --------
    >>> low, high = newcombe(56, 70, 48, 80)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    if not n or not n_others:
        return None
    p, q = successes / n, others / n_others
    low, high = _bounds(successes, n, z)
    low_others, high_others = _bounds(others, n_others, z)
    down = ((p - low) ** 2 + (high_others - q) ** 2) ** 0.5
    up = ((high - p) ** 2 + (q - low_others) ** 2) ** 0.5
    return p - q - down, p - q + up


def z_of(several: int) -> float:
    """Which quantile keeps 95 % where the most striking of ``several`` is picked?

    Each is held against the others at 5 % divided by their number (Bonferroni), so that one of
    many stands out by chance no more often than one alone.

    Examples
    --------
    >>> round(z_of(1), 4), round(z_of(12), 4)
    (1.96, 2.8653)
    """
    return NormalDist().inv_cdf(1 - 0.025 / max(several, 1))


def _bounds(successes, n, z):  # type: ignore[no-untyped-def]
    rate = successes / n
    scale = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / scale
    half = z * (rate * (1 - rate) / n + z * z / (4 * n * n)) ** 0.5 / scale
    return centre - half, centre + half
