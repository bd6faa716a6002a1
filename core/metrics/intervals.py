"""How sure a rate is: the Wilson interval, for numbers and for columns."""

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


def _bounds(successes, n, z):  # type: ignore[no-untyped-def]
    rate = successes / n
    scale = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / scale
    half = z * (rate * (1 - rate) / n + z * z / (4 * n * n)) ** 0.5 / scale
    return centre - half, centre + half
