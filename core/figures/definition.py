"""What a figure is: its key, how it is computed, what it needs, and where its texts are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.figures.asked import Asked, Cells
from core.i18n import translate

Source = Callable[[Asked], Cells]
Unit = Literal[
    "customers", "count", "rate", "money", "ratio", "days", "hours", "minutes", "points", "score"
]
Better = Literal["up", "down", "none"]
Needs = Literal["ledger day", "any date"]
Window = Literal["day", "period", "12 months", "24 months", "history", "N days", "month to date"]


@dataclass(frozen=True)
class FigureDefinition:
    """One figure.

    Attributes
    ----------
    key
        Its name on the command line and in the texts ``figure.<key>`` (``text``, where given).
    source
        Computes it, and perhaps others with it, by its key.
    unit, better
        What it counts in, and which way is good.
    window
        What it looks at: the day itself, the period since the opening, a trailing window.
    needs
        Whether it exists on ledger days only, or at any date.
    tables
        Tables without which it is not known.
    is_movement
        Whether it is measured from the opening of a period.
    is_yearly
        Whether it is measured from the ledger day 12 months ago.
    is_whole_only
        Whether it exists for the whole company alone.
    is_mean
        Whether it is unknown, and not 0, where there is nobody, though money or a count: such as
        value per head.
    days
        N of a figure "within N days".
    reference
        Paper or book that it comes from; empty where it is the product's own.
    """

    key: str
    source: Source
    unit: Unit
    better: Better
    window: Window = "12 months"
    needs: Needs = "ledger day"
    tables: tuple[str, ...] = ("orders",)
    is_movement: bool = False
    is_yearly: bool = False
    is_whole_only: bool = False
    is_mean: bool = False
    text: str = ""
    days: int | None = None
    reference: str = ""

    def _text(self, part: str, language: str) -> str:
        return translate(f"figure.{self.text or self.key}.{part}", language, days=self.days)

    def name(self, language: str) -> str:
        """Return what the figure is called in ``language``."""
        return self._text("name", language)

    def formula(self, language: str) -> str:
        """Return how it is computed, in one line."""
        return self._text("formula", language)

    def definition(self, language: str) -> str:
        """Return what the figure means, in one or two sentences."""
        return self._text("definition", language)

    def edges(self, language: str) -> str:
        """Return how its edge cases are decided, and when it is not known."""
        return self._text("edges", language)
