"""What stands in the rows of a breakdown, in words, and the way to the customers behind it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.i18n import texts
from dashboard import drill, filters
from dashboard.drill import Drill
from dashboard.session import language, say


def known(value: Any) -> float | None:
    """Return a number; null where it is not known."""
    return None if value is None or pd.isna(value) else float(value)


def spoken(value: Any, column: str) -> str:
    """Return what a code of a column is called, else what the company wrote; null: unknown."""
    if value is None or pd.isna(value):
        return say("pyramid.unknown")
    return str(texts(language()).get(f"list.code.{column}.{value}", value))


def behind(label: str, figure: str, *values: Any) -> Drill | None:
    """Return the way to the customers of a cell; null where a value is not known."""
    is_told = all(isinstance(value, str) and value and "," not in value for value in values)
    if not is_told or not drill.is_known(figure):
        return None
    return Drill(f"{label} · {say('drill.label')}", figure, values)


def joined(*sentences: str) -> str:
    """Return sentences one after the other, as the reader's language writes them."""
    return ("" if language() == "zh" else " ").join(each for each in sentences if each)


def choice(name: str, options: tuple[str, ...]) -> str:
    """Draw a choice of the pyramid page; return its code."""
    title = say(f"pyramid.{name}_choice")
    return filters.choice(name, options, lambda code: say(f"pyramid.{name}.{code}"), title=title)


def points(trace: int, drills: Sequence[Drill | None]) -> dict[tuple[int, int], Drill]:
    """Return drills by trace and point, as a finding has them."""
    return {(trace, i): each for i, each in enumerate(drills) if each is not None}


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dictionaries; null is what is not known, whatever pandas made of it."""
    return [
        {str(name): _null(value) for name, value in row.items()} for row in rows.to_dict("records")
    ]


def _null(value: Any) -> Any:
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value
