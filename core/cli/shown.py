"""Figures as rows: exactly the fields that programs read, and as people read them."""

from collections.abc import Sequence

from core.cli.printed import UNKNOWN, number
from core.figures import Figure, definition_of
from core.i18n import translate

FIELDS = (
    "key", "scope", "as_of", "value", "n", "unit", "low", "high", "definition", "data_version",
    "note",
)  # fmt: skip
COMPARED = ("was", "was_as_of")


def record(figure: Figure, language: str) -> dict[str, object]:
    """Return a figure by ``FIELDS`` and ``COMPARED``.

    ``definition`` is the text, with the version of the definitions in brackets; ``note`` is null
    where there is nothing to say.
    """
    text = definition_of(figure.key).definition(language)
    values = {name: getattr(figure, name) for name in (*FIELDS, *COMPARED)}
    return values | {
        "scope": dict(figure.scope),
        "definition": f"{text} [{figure.definition}]",
        "note": figure.note_text(language) or None,
    }


def shown(figure: Figure, language: str) -> dict[str, object]:
    """Return a figure as a row of a table: numbers written out, scope as text."""
    definition = definition_of(figure.key)

    def written(value: float | None) -> str:
        return UNKNOWN if value is None else number(value, figure.unit, language)

    interval = UNKNOWN
    if figure.low is not None or figure.high is not None:
        interval = f"{written(figure.low)} … {written(figure.high)}"
    scope = ", ".join(value or UNKNOWN for value in figure.scope.values())
    return {
        "key": figure.key,
        "name": definition.name(language),
        "scope": scope or translate("cli.whole", language),
        "value": written(figure.value),
        "was": written(figure.was),
        "interval": interval,
        "n": figure.n,
        "unit": translate(f"unit.{figure.unit}", language),
        "definition": definition.definition(language),
        "note": figure.note_text(language),
    }


def records(figures: Sequence[Figure], language: str) -> list[dict[str, object]]:
    """Return ``record`` of each figure."""
    return [record(figure, language) for figure in figures]
