"""Targets: what a figure is to reach in a month, quarter or year, and how far it has come."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.definitions import TIERS
from core.errors import DefinitionsError, UnknownFigure
from core.figures.definition import Better, FigureDefinition
from core.figures.registry import definition_of
from core.periods import month_end
from core.schema import SCOPES

Status = Literal["ahead", "on_target", "behind"]
FILE = "regulars.toml"
# Of a period or month, but holding at one end of it, or for the whole.
_DIRECT = (
    "pace_net", "kept", "bridge_opening", "bridge_closing", "bridge_value_opening",
    "bridge_value_closing",
)  # fmt: skip


class Target(BaseModel):
    """What a figure is to reach.

    Attributes
    ----------
    key
        The figure.
    period
        ``2026-11``, ``2026-Q4`` or ``2026``: of the calendar.
    value
        What it is to reach by the end of the period, in the unit of the figure (a rate: 0 to 1).
    scope
        Scope -> the one value that it is set for; empty for the whole.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    period: str = Field(pattern=r"^[1-9]\d{3}(-(0[1-9]|1[0-2])|-Q[1-4])?$")
    value: float = Field(allow_inf_nan=False)
    scope: dict[str, str] = {}

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of the period."""
        return days_of(self.period)

    @property
    def place(self) -> tuple[object, ...]:
        """Figure, period and scope: one target may stand for each."""
        return self.key, self.period, *sorted(self.scope.items())


@dataclass(frozen=True)
class Pace:
    """How far a figure has come towards its target.

    Attributes
    ----------
    share
        Of the target that is reached; null where the target is not above 0.
    expected
        What it should be by now: of what adds up over the period, as much of the target as
        business days have passed; of all else, the target.
    ahead
        Actual less expected, as it is good: negative where it is behind.
    status
        ``ahead``, ``on_target`` or ``behind``.
    """

    share: float | None
    expected: float
    ahead: float
    status: Status


def targets_of(found: Iterable[Mapping[str, Any]]) -> tuple[Target, ...]:
    """Return the targets set in ``regulars.toml`` (``Configuration.targets``), checked.

    Raises
    ------
    DefinitionsError
        If one has a wrong or missing part, names a figure, scope or tier that does not exist, or
        stands twice.
    """
    targets = tuple(_target(number, each) for number, each in enumerate(found, start=1))
    seen: dict[tuple[object, ...], int] = {}
    for number, each in enumerate(targets, start=1):
        if (first := seen.setdefault(each.place, number)) != number:
            raise DefinitionsError("target_twice", file=FILE, first=first, number=number)
    return targets


def targets_set(found: Iterable[Mapping[str, Any]]) -> tuple[Target, ...]:
    """Return the targets that were set on the board.

    They were checked when they were set; of a figure that is no more there is none.
    """
    targets = []
    for each in found:
        try:
            definition_of(each["key"])
        except UnknownFigure:
            continue
        targets.append(Target.model_validate(dict(each)))
    return tuple(targets)


def in_force(written: Sequence[Target], set_here: Sequence[Target]) -> tuple[Target, ...]:
    """Return the targets of ``regulars.toml`` and those set on the board.

    One set on the board replaces that of the file for the same figure, period and scope.
    """
    replaced = {each.place for each in set_here}
    return (*(each for each in written if each.place not in replaced), *set_here)


def days_of(period: str) -> tuple[date, date]:
    """Return the first and last day of ``2026-11``, ``2026-Q4`` or ``2026``.

    Examples
    --------
    >>> days_of("2026-Q4")
    (datetime.date(2026, 10, 1), datetime.date(2026, 12, 31))
    >>> days_of("2028-02")[1]
    datetime.date(2028, 2, 29)
    """
    year = int(period[:4])
    if quarter := re.fullmatch(r"\d{4}-Q([1-4])", period):
        last = 3 * int(quarter[1])
        return date(year, last - 2, 1), month_end(date(year, last, 1))
    if len(period) == 4:
        return date(year, 1, 1), date(year, 12, 31)
    first = date(year, int(period[5:]), 1)
    return first, month_end(first)


def targets_for(
    targets: Sequence[Target], key: str, as_of: date, scope: Mapping[str, str | None] | None = None
) -> Target | None:
    """Return the target of a figure at a day in a scope; the one of the shortest period.

    ``scope`` is the scope of a ``Figure``; a target of another scope, also a wider one, is none.
    """
    known = {
        each.days: each
        for each in targets
        if each.key == key
        and each.scope == dict(scope or {})
        and each.days[0] <= as_of <= each.days[1]
    }
    return known[min(known, key=lambda days: days[1] - days[0])] if known else None


def is_flow(figure: FigureDefinition) -> bool:
    """Whether a figure adds up over its period, so that half of the days make half of it."""
    adds_up = figure.unit in ("customers", "count", "money") and not figure.is_mean
    is_of_period = figure.window in ("period", "month to date")
    return adds_up and is_of_period and figure.key not in _DIRECT


def pace(
    actual: float, target: float, *, better: Better, share_elapsed: float | None = None
) -> Pace:
    """Hold a figure against its target.

    Parameters
    ----------
    actual
        The figure.
    target
        What it is to reach.
    better
        Which way is good; of ``none``, more is ahead.
    share_elapsed
        Of the business days of the period, 0 to 1, for what adds up over it; null for all else.

    Examples
    --------
    >>> pace(45, 100, better="up", share_elapsed=0.5)
    Pace(share=0.45, expected=50.0, ahead=-5.0, status='behind')
    >>> pace(0.25, 0.5, better="down").status
    'ahead'
    """
    expected = target if share_elapsed is None else target * share_elapsed
    ahead = expected - actual if better == "down" else actual - expected
    status: Status = "ahead" if ahead > 0 else "behind" if ahead < 0 else "on_target"
    return Pace(actual / target if target > 0 else None, expected, ahead, status)


def _target(number: int, found: Mapping[str, Any]) -> Target:
    try:
        target = Target.model_validate(dict(found))
    except ValidationError as error:
        first = error.errors()[0]
        part = ".".join(str(each) for each in ("targets", number, *first["loc"]))
        raise DefinitionsError(
            "setting", file=FILE, setting=part, problem=first["msg"], found=first["input"]
        ) from error
    try:
        figure = definition_of(target.key)
    except UnknownFigure as error:
        raise DefinitionsError(
            "target_figure", file=FILE, number=number, found=target.key
        ) from error
    if figure.window == "month to date" and not re.fullmatch(r"\d{4}-\d{2}", target.period):
        raise DefinitionsError("target_month", file=FILE, number=number, found=target.period)
    known = (*SCOPES, "tier")
    for name, value in target.scope.items():
        if name not in known:
            raise DefinitionsError(
                "target_scope", file=FILE, number=number, found=name, known=", ".join(known)
            )
        if name == "tier" and value not in TIERS:
            raise DefinitionsError(
                "target_tier", file=FILE, number=number, found=value, known=", ".join(TIERS)
            )
    return target
