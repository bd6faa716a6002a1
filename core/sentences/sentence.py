"""What a generated sentence is: a claim, what it is worth, and where it is proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

# Of the customer base, below which nothing is told.
LEAST_WEIGHT = 0.002

Kind = Literal[
    "count",
    "money",
    "rate",
    "points",
    "hours",
    "days",
    "day",
    "month",
    "quarter",
    "text",
    "channel",
    "change",
]


class Value(NamedTuple):
    """One value of a sentence, and how it is written."""

    kind: Kind
    value: object


@dataclass(frozen=True)
class Sentence:
    """One thing that a leader should know.

    Attributes
    ----------
    key
        Its text, ``sentence.<key>``, with ``values`` in it.
    weight
        What it is about, as a share of the customer base: of value where that is known, else of
        active customers. Sentences are ranked by it.
    theme
        Of several on one theme, the weightiest is told.
    page, asks
        The page that proves it, and what its address asks.
    evidence
        The figures and breakdowns that it rests on.
    n
        Customers or events that a rate in it rests on.
    low, high
        95 % interval of the difference that it claims; null where it counts what there is.
    """

    key: str
    values: Mapping[str, Value]
    weight: float
    theme: str
    page: str
    asks: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    n: int | None = None
    low: float | None = None
    high: float | None = None
