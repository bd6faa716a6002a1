"""Net sales of a breakdown, summed by what its rows are told apart by; the small ones together."""

from collections import defaultdict
from collections.abc import Callable, Collection

import pandas as pd

from dashboard.data import Told

MOST = 8  # rows of a table or a chart; the rest stand together
REST = "\u0000rest"
_NOTHING = 0.5  # an amount below it is none


def key(value: object) -> str:
    """Return a value of a breakdown; empty where it is not known."""
    return value if isinstance(value, str) else ""


def named(rows: pd.DataFrame, column: str) -> set[str]:
    """Return the values of a column that are known."""
    return {key(value) for value in rows[column]} - {""}


def top(rows: pd.DataFrame, column: str, most: int = MOST) -> dict[str, float]:
    """Return net sales by the values of a column that sell most; the rest together, the last."""
    sums = _sums(rows, column)
    net = {name: sums[name] for name in sorted(sums, key=lambda each: (-sums[each], each))}
    net = {name: amount for name, amount in net.items() if abs(amount) > _NOTHING}
    if len(net) <= most:
        return net
    first = dict(list(net.items())[: most - 1])
    return first | {REST: sum(net.values()) - sum(first.values())}


def shares(told: Told | None, column: str, names: Collection[str]) -> dict[str, float]:
    """Return the shares of ``names`` in all net sales; nothing where these are not above 0."""
    if told is None:
        return {}
    net = _sums(told.rows, column, names)
    total = sum(net.values())
    return {name: net.get(name, 0.0) / total for name in names} if total > 0 else {}


def crossed(
    rows: pd.DataFrame, column: str, names: Collection[str], categories: Collection[str]
) -> Callable[[str, str], tuple[float, float | None]]:
    """Return a function of row and category: net sales, and their share of the row."""
    net: defaultdict[tuple[str, str], float] = defaultdict(float)
    of_row: defaultdict[str, float] = defaultdict(float)
    for value, category, amount in zip(rows[column], rows.category, rows.net, strict=True):
        row = _kept(value, names)
        net[row, _kept(category, categories)] += float(amount)
        of_row[row] += float(amount)

    def cell(row: str, category: str) -> tuple[float, float | None]:
        amount, whole = net.get((row, category), 0.0), of_row.get(row, 0.0)
        return amount, amount / whole if whole > 0 else None

    return cell


def _sums(
    rows: pd.DataFrame, column: str, names: Collection[str] | None = None
) -> dict[str, float]:
    """Return net sales by the values of a column; those not in ``names`` together."""
    sums: defaultdict[str, float] = defaultdict(float)
    for value, amount in zip(rows[column], rows.net, strict=True):
        sums[key(value) if names is None else _kept(value, names)] += float(amount)
    return sums


def _kept(value: object, names: Collection[str]) -> str:
    return key(value) if key(value) in names else REST
