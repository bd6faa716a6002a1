"""How a customer stands among the customers of the segment, by four indicators never added."""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.figures.expected import LIKE
from core.lists.silent import ties_of
from core.metrics.indicators import INDICATORS, indicator_values
from core.metrics.next_expected import gaps_of_like
from core.metrics.surveys import asked_in
from core.periods import window_start
from core.view import View

MONTHS = 12
# What is worked out for all customers at once, and kept; the others are counted for each customer.
_KEPT = ("satisfaction", "dependence")


@dataclass(frozen=True)
class Everybody:
    """What a card needs to know of all customers at a day.

    Attributes
    ----------
    values
        One row per segment, indicator and value: ``segment``, ``indicator``, ``by``, ``value``
        (float64), ``n`` (int64).
    alike
        ``next_expected.gaps_of_like``.
    """

    values: pa.Table
    alike: pa.Table


@dataclass(frozen=True)
class Place:
    """A customer's mid-rank percentile among ``n`` of the segment; null: nothing is known."""

    indicator: str
    percentile: float | None
    n: int
    by: str | None  # instrument, "wallet" or "ties"


@dataclass(frozen=True)
class Among:
    """A customer among the others; ``expected_on`` is when like customers came again."""

    segment: str | None
    places: tuple[Place, ...]
    like_gap_days: int | None
    like_n: int
    expected_on: date | None


def everybody(view: View, day: date) -> Everybody:
    """Return what ``among`` needs of all customers at a ledger day."""
    lines = view.all_lines(day, view.is_on_margin(day))
    rows = _values(view, lines, day)
    parts = [
        rows.select(
            "segment",
            indicator=ibis.literal(name),
            by=rows[f"{name}_by"],
            value=rows[f"{name}_value"],
        )
        for name in _KEPT
    ]
    every = ibis.union(*parts)
    every = every.filter(every.value.notnull())
    counted = every.group_by("segment", "indicator", "by", "value").agg(
        n=every.count().cast("int64")
    )
    alike = gaps_of_like(view.all_lines(day), view.gaps(day), as_of=day, like=LIKE)
    return Everybody(counted.to_pyarrow(), alike.to_pyarrow())


def among(view: View, own: View, day: date, known: Everybody) -> Among | None:
    """Return where an active customer stands among those of the segment; null: not active.

    Parameters
    ----------
    view
        All customers.
    own
        The customer alone.
    known
        ``everybody`` at the day.
    """
    is_on_margin = view.is_on_margin(day)
    rows = _values(own, own.all_lines(day, is_on_margin), day).to_pyarrow().to_pylist()
    if not rows:
        return None
    (row,) = rows
    places = {name: _kept_place(row, name, known.values) for name in _KEPT}
    places |= _counted_places(view.all_lines(day, is_on_margin), row)
    like = next(
        (
            each
            for each in known.alike.to_pylist()
            if each[LIKE] == row["segment"] and each["k"] == row["occasions"]
        ),
        {"like_gap_days": None, "like_n": 0},
    )
    days = like["like_gap_days"]
    expected_on = row["last_on"] + timedelta(days=days) if days and row["last_on"] else None
    return Among(
        row["segment"], tuple(places[name] for name in INDICATORS), days, like["like_n"],
        expected_on,
    )  # fmt: skip


def _values(view: View, lines: ir.Table, day: date) -> ir.Table:
    asked = asked_in(view.ledger.table("surveys"), since=window_start(day, MONTHS), as_of=day)
    return indicator_values(lines, asked, ties_of(view, day))


def _kept_place(row: dict, name: str, values: pa.Table) -> Place:
    value, by = row[f"{name}_value"], row[f"{name}_by"]
    if value is None:
        return Place(name, None, 0, None)
    alike = [
        each
        for each in values.to_pylist()
        if each["indicator"] == name and each["by"] == by and each["segment"] == row["segment"]
    ]
    below = sum(each["n"] for each in alike if each["value"] < value)
    equal = sum(each["n"] for each in alike if each["value"] == value)
    n = sum(each["n"] for each in alike)
    return Place(name, (below + equal / 2) / n if n else None, n, by)


def _counted_places(lines: ir.Table, row: dict) -> dict[str, Place]:
    """Count who has less, and as much, of what nearly every customer has a value of their own."""
    segment = ibis.literal(row["segment"], "string")
    active = lines.filter(lines.is_active & lines.segment.identical_to(segment))
    own = {"loyalty": active.occasions_12m, "contribution": active.value.cast("float64")}
    sums = {"n": active.count().cast("int64")}
    for name, column in own.items():
        value = ibis.literal(row[f"{name}_value"], "float64")
        sums[f"{name}_below"] = (column < value).sum().cast("int64")
        sums[f"{name}_equal"] = (column == value).sum().cast("int64")
    (found,) = active.agg(**sums).to_pyarrow().to_pylist()
    n = found["n"]
    return {
        name: Place(name, (found[f"{name}_below"] + found[f"{name}_equal"] / 2) / n, n, None)
        for name in own
    }
