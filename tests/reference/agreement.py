"""Whether the product says what the plain figures say: exactly, but for ratios, to 1e-9."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from core.figures import Figure
from tests.reference.plain import UNITS, Number, Told, wilson

CLOSE = 1e-9
# Shares of customers, which carry an interval.
OF_CUSTOMERS = (
    "retention", "churn", "reactivation", "retention_annual", "churn_annual", "repeat_rate",
    "next_window_rate", "repurchase_within_30", "repurchase_within_90", "repurchase_within_180",
    "repurchase_within_365",
)  # fmt: skip


def is_same(ours: float | None, told: Number) -> bool:
    """Whether a value of the product is the plain one."""
    if ours is None or told is None:
        return ours is told
    if isinstance(told, Decimal):
        return round(ours * UNITS) == told * UNITS
    if isinstance(told, Fraction):
        return abs(ours - float(told)) <= CLOSE * max(1, abs(float(told)))
    return ours == told


def disagreements(figures: Iterable[Figure], plain: Mapping[str, Told]) -> list[tuple]:
    """Figures that differ in value, number or interval, are missing, or null without a reason."""
    found, seen = [], set()
    for figure in figures:
        if figure.key not in plain:
            continue
        seen.add(figure.key)
        told = plain[figure.key]
        if not is_same(figure.value, told.value):
            found.append((figure.key, "value", figure.value, told.value))
        elif figure.value is None and not figure.note:
            found.append((figure.key, "null without a reason"))
        elif figure.value is not None and told.n is not None and figure.n != told.n:
            found.append((figure.key, "n", figure.n, told.n))
        elif figure.key in OF_CUSTOMERS and not _has_interval(figure, told):
            found.append((figure.key, "interval", figure.low, figure.high))
    return found + [(key, "not computed") for key in plain if key not in seen]


def _has_interval(figure: Figure, told: Told) -> bool:
    if told.value is None or told.n is None:
        return figure.low is None and figure.high is None
    low, high = wilson(round(told.value * told.n), told.n)
    if figure.low is None or figure.high is None:
        return False
    return abs(figure.low - low) <= CLOSE and abs(figure.high - high) <= CLOSE
