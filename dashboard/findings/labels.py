"""Labels that fit beside a chart, and from which day on a curve rests on too few."""

import unicodedata
from collections.abc import Sequence
from typing import Any

_UNWATCHED = 0.05  # of those who began; beyond it a curve is dashed


def short(text: str, columns: int = 20) -> str:
    """Return ``text`` in at most so many columns; a Chinese character takes two."""
    room = columns
    for place, character in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if room < 0:
            return text[: max(place - 1, 1)].rstrip() + "…"
    return text


def distinct(labels: Sequence[str]) -> list[str]:
    """Return labels of which no two are alike: a chart would lay these on each other."""
    found: list[str] = []
    for label in labels:
        found.append(label if label not in found else f"{label} ({len(found) + 1})")
    return found


def dashed_from(rows: Any) -> int | None:
    """Return the place of the first day by which too many were not watched so long.

    Of a frame by ``day`` with ``at_risk`` and ``bought_again``; null where there is none. Where
    customers come in all the time, some are too young for every day but the first.
    """
    began = rows.at_risk.iloc[0]
    unwatched = began - rows.at_risk - rows.bought_again.cumsum().shift(fill_value=0)
    too_many = list(unwatched / began > _UNWATCHED)
    return too_many.index(True) if True in too_many else None
