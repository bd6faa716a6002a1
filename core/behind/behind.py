"""What a drill is: the customers behind a figure, so that the list adds up to the figure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

# How the rows make the figure.
How = Literal["sum", "share", "median", "those"]
Rows = Callable[..., ir.Table]


@dataclass(frozen=True)
class Behind:
    """The customers behind a figure.

    Attributes
    ----------
    rows
        ``Asked``, and the values of a drill such as the tier of a bar, to one row per customer (or
        per lead, where there is no customer yet): ``customer_key``, and

        - ``counted`` (float64): what the customer adds to the figure, 0 where only to its
          denominator; null where they add nothing and are shown all the same;
        - ``base`` (float64), of a "share" alone: what they add to the denominator;
        - any of ``more``: columns that tell why, shown beside.
    how
        "sum": the sum of ``counted`` is the figure. "share": the sum of ``counted`` over the sum of
        ``base`` (times ``scale``) is. "median": the median of ``counted`` is. "those": the figure
        is none of these; the rows are the customers that it rests on.
    scale
        Of a share: 100 where the figure counts in points, 1000 per thousand.
    is_money
        Whether ``counted`` is money.
    more
        Columns of ``rows`` to show; their headings are ``list.column.<column>``.
    values
        What each value of the drill stands for: "tier", "category", ...; empty for figures.
    tables
        Tables without which there is nobody; of a figure those of its definition.
    reasons
        Where there are some, ``rows`` has a date ``<reason>_on`` for each; shown are ``reasons``
        (the codes of those that apply) and ``evidence_on`` (their dates), which ``more`` names.
    is_movement
        Of drills with ``values``: whether it is measured from the opening of a period.
    """

    rows: Rows
    how: How = "sum"
    scale: float = 1.0
    is_money: bool = False
    more: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_movement: bool = False
