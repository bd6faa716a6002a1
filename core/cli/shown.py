"""Figures as rows: exactly the fields that programs read, and as people read them."""

from collections.abc import Mapping, Sequence

from core.cli.printed import UNKNOWN, number
from core.definitions import Definitions
from core.exports import spoken as exported
from core.exports.columns import is_rate
from core.figures import Figure, definition_of
from core.figures.tiers import tier_title
from core.i18n import translate
from core.targets import Target, targets_for

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


def shown(
    figure: Figure, language: str, definitions: Definitions, targets: Sequence[Target] = ()
) -> dict[str, object]:
    """Return a figure as a row of a table: numbers written out, scope and tiers as text."""
    definition = definition_of(figure.key)
    target = targets_for(targets, figure.key, figure.as_of, figure.scope)

    def written(value: float | None) -> str:
        return UNKNOWN if value is None else number(value, figure.unit, language)

    interval = UNKNOWN
    if figure.low is not None or figure.high is not None:
        interval = f"{written(figure.low)} … {written(figure.high)}"
    scope = ", ".join(
        _tiers(definitions, value, language) if name == "tier" and value else value or UNKNOWN
        for name, value in figure.scope.items()
    )
    return {
        "key": figure.key,
        "name": definition.name(language),
        "scope": scope or translate("cli.whole", language),
        "value": written(figure.value),
        "was": written(figure.was),
        "target": written(target.value if target else None),
        "interval": interval,
        "n": figure.n,
        "unit": translate(f"unit.{figure.unit}", language),
        "definition": definition.definition(language),
        "note": figure.note_text(language),
    }


def _tiers(definitions: Definitions, names: str, language: str) -> str:
    return ", ".join(
        tier_title(definitions.tiers.names, name, language) for name in names.split(", ")
    )


def records(figures: Sequence[Figure], language: str) -> list[dict[str, object]]:
    """Return ``record`` of each figure."""
    return [record(figure, language) for figure in figures]


def spoken(row: Mapping[str, object], definitions: Definitions, language: str) -> dict[str, object]:
    """Return a row of a list as people read it: codes by their names, shares as percent."""
    return {
        name: number(value, "rate", language)
        if isinstance(value, float) and is_rate(name)
        else value
        for name, value in exported.spoken(row, definitions.tiers.names, language).items()
    }
