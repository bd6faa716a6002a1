"""A figure: a value with its number of customers, its interval, its scope, and why it is null."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from core.i18n import translate

SMALL_N = 30
# Units of estimates; counts and money are of everybody there is.
ESTIMATES = ("rate", "ratio", "days", "hours", "minutes", "points", "score")


@dataclass(frozen=True)
class Note:
    """Why a figure is null, or what a reader of it must know: a text ``note.<key>`` and values."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """Return the note in ``language`` ("en" or "zh")."""
        return translate(f"note.{self.key}", language, **self.values)


@dataclass(frozen=True)
class Cell:
    """One value as a source of figures gives it, before it is known where it stands."""

    value: float | None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    note: tuple[Note, ...] = ()


def unknown(key: str, n: int | None = None, **values: object) -> Cell:
    """Return a null with its reason."""
    return Cell(None, n, note=(Note(key, values),))


@dataclass(frozen=True)
class Figure:
    """One headline figure in one scope at one day.

    Attributes
    ----------
    key
        Which figure, of ``FIGURES``.
    scope
        Scope -> value; empty for the whole; a null value holds those of whom it is not known.
    as_of
        Day at whose end it holds.
    value
        The figure; null where it is not known, with the reason in ``note``. Rates are 0 to 1.
    n
        Customers it rests on: the denominator of a rate.
    unit
        Of ``FigureDefinition``.
    low, high
        95 % interval, where there is one.
    definition
        Version of the definitions.
    data_version
        Version of the data.
    note
        Why it is null, or what to know of it.
    was, was_as_of
        The same figure at the day compared with. Of movements: over the period of equal length
        before.
    """

    key: str
    scope: Mapping[str, str | None]
    as_of: date
    value: float | None
    n: int | None
    unit: str
    low: float | None
    high: float | None
    definition: str
    data_version: int
    note: tuple[Note, ...] = ()
    was: float | None = None
    was_as_of: date | None = None

    @property
    def is_small_n(self) -> bool:
        """Whether it rests on too few customers to be coloured: the interval is shown instead."""
        is_estimate = self.unit in ESTIMATES
        return is_estimate and self.n is not None and self.n < SMALL_N

    def note_text(self, language: str) -> str:
        """Return the notes as one text in ``language``; empty if there are none."""
        return " ".join(note.text(language) for note in self.note)
