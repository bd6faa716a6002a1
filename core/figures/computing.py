"""Computes figures: one source at a time for the whole and for every value of a scope."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from core.errors import UnknownFigure
from core.figures.asked import Asked, Cells, Group
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Figure, Note, unknown
from core.figures.reasons import reason_unknown
from core.figures.registry import FIGURES, definitions_of
from core.periods import is_month_end
from core.schema import SCOPES
from core.view import View

STEPS_BACK = 3  # ledger days between opening and closing, where the reader does not say


def compute(
    view: View,
    keys: Iterable[str] | None = None,
    as_of: date | None = None,
    compare: date | None = None,
    by: str | None = None,
) -> list[Figure]:
    """Compute figures at a day, for the whole of the view and for each value of a scope.

    Parameters
    ----------
    view
        The ledger, in a scope.
    keys
        Which figures; all of ``FIGURES`` where null.
    as_of
        Day at whose end they hold; the last closed month-end where null. A figure that needs
        ledger lines is null on other days.
    compare
        Opening of the figures of movement (where null: three ledger days earlier), and the day
        that the others are compared with. The movement is compared with that of the period of
        equal length before.
    by
        A scope (``schema.SCOPES`` or ``tier``): one more figure for each of its values.

    Returns
    -------
    One figure per key and scope: the whole first, then the values by name, the unknown last.

    Raises
    ------
    UnknownFigure
        If there is no such figure or scope, ``as_of`` is after the data, or ``compare`` is not
        before ``as_of``.
    """
    wanted = definitions_of(keys) if keys is not None else list(FIGURES)
    if by is not None and by not in (*SCOPES, "tier"):
        raise UnknownFigure("scope", found=by, known=", ".join((*SCOPES, "tier")))
    scopes = (None,) if by is None else (None, by)
    cells: dict[tuple[str, Group], Cell] = {}
    before: dict[tuple[str, Group], Cell] = {}
    asked = asked_at(view, as_of, compare)
    for scope in scopes:
        asked = replace(asked, by=scope)
        cells |= _cells(asked, wanted)
        if compare is not None:
            before |= _before(asked, compare, wanted)
    groups = {group for _, group in cells}
    ordered = sorted(groups, key=lambda g: (len(g), g[:1] == (None,), g or ("",)))
    return [_figure(asked, d, group, compare, cells, before) for d in wanted for group in ordered]


def asked_at(view: View, as_of: date | None, compare: date | None) -> Asked:
    """Return what ``compute`` asks its sources of the whole of a view.

    Raises
    ------
    UnknownFigure
        If ``as_of`` is after the data, or ``compare`` is not before ``as_of``.
    """
    as_of = _day(view, as_of, compare)
    opening = compare if compare is not None else _earlier(view, as_of, STEPS_BACK)
    return Asked(view, as_of, opening, basis_days=(as_of,) if compare is None else (compare, as_of))


def _day(view: View, as_of: date | None, compare: date | None) -> date:
    last = view.ledger.refresh.data_date
    if as_of is None:
        as_of = view.ledger_day(None)
    if as_of > last:
        raise UnknownFigure("after_data", found=as_of, last=last)
    if compare is not None and compare >= as_of:
        raise UnknownFigure("compare_order", compare=compare, as_of=as_of)
    return as_of


def _earlier(view: View, day: date, steps: int) -> date | None:
    """Return the ledger day so many before ``day``; null where the books do not reach back."""
    if day not in view.days or (position := view.days.index(day) - steps) < 0:
        return None
    return view.days[position]


def _cells(asked: Asked, wanted: list[FigureDefinition]) -> dict[tuple[str, Group], Cell]:
    """Return what the sources say, with a reason for everything that is not known."""
    asked.within_days = tuple(d.days for d in wanted if d.days is not None)
    found: Cells = {}
    reasons = {d.key: reason for d in wanted if (reason := reason_unknown(asked, d))}
    for source in dict.fromkeys(d.source for d in wanted if d.key not in reasons):
        for group, cells in source(asked).items():
            found.setdefault(group, {}).update(cells)
    if asked.by is None:
        found.setdefault((), {})
    else:
        # What a source says of all values of the scope at once.
        reasons = found.pop((), {}) | reasons
    return {
        (d.key, group): reasons.get(d.key) or known.get(d.key) or _nothing(d)
        for group, known in found.items()
        for d in wanted
    }


def _nothing(d: FigureDefinition) -> Cell:
    """Return the figure of a scope in which a source has found nobody."""
    is_sum = d.unit in ("customers", "count", "money") and not d.is_mean
    return Cell(0, 0) if is_sum else unknown("nobody", 0)


def _before(
    asked: Asked, compare: date, wanted: list[FigureDefinition]
) -> dict[tuple[str, Group], Cell]:
    """Return the figures at ``compare``; movements over the period of equal length before it."""
    days = asked.view.days
    if compare < asked.first_on:
        return {}
    opening = None
    if asked.is_ledger_day and compare in days:
        opening = _earlier(asked.view, compare, days.index(asked.as_of) - days.index(compare))
    return _cells(replace(asked, as_of=compare, opening=opening), wanted)


def _figure(
    asked: Asked,
    d: FigureDefinition,
    group: Group,
    compare: date | None,
    cells: dict[tuple[str, Group], Cell],
    before: dict[tuple[str, Group], Cell],
) -> Figure:
    cell = cells.get((d.key, group)) or _nothing(d)
    was = before.get((d.key, group))
    if was and any(note.key == "provisional" for note in (*cell.note, *was.note)):
        # Tiers of provisional cut-points compare with no other day.
        was = None
    scope: dict[str, str | None] = {n: ", ".join(v) for n, v in asked.view.scope.items()}
    if group and asked.by is not None:
        scope[asked.by] = group[0]
    refresh = asked.view.ledger.refresh
    return Figure(
        d.key, scope, asked.as_of, cell.value, cell.n, d.unit, cell.low, cell.high,
        refresh.definitions_version, refresh.data_version, _notes(asked, d, cell),
        was.value if was else None, compare,
    )  # fmt: skip


def _notes(asked: Asked, d: FigureDefinition, cell: Cell) -> tuple[Note, ...]:
    """Return the notes of a figure: since when it moved, and whether the month is still open."""
    if cell.value is None:
        return cell.note
    notes = cell.note
    if d.is_movement and asked.opening is not None:
        notes = (Note("since", {"day": asked.opening}), *notes)
    if d.needs == "ledger day" and not is_month_end(asked.as_of):
        notes = (*notes, Note("open_month"))
    return notes
