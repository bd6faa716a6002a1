"""Figures as rows: exactly the fields that programs read, and as people read them."""

import re
from collections.abc import Mapping, Sequence

from core.cli.printed import UNKNOWN, number
from core.definitions import Definitions
from core.figures import Figure, definition_of
from core.figures.tiers import tier_title
from core.i18n import texts, translate
from core.targets import Target, targets_for

FIELDS = (
    "key", "scope", "as_of", "value", "n", "unit", "low", "high", "definition", "data_version",
    "note",
)  # fmt: skip
# Columns of lists that hold rates, 0 to 1.
_RATE = re.compile(r"(^|_)(share|rate)(_|$)")
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
    """Return a row of a list as people read it: tiers, kinds, causes, reasons by their names."""
    found = {name: _coded(name, value, language) for name, value in row.items()}
    for name in ("tier_name", "tier_then", "tier_now", "tier_year_ago"):
        if isinstance(tier := row.get(name), str):
            found[name] = tier_title(definitions.tiers.names, tier, language)
    if isinstance(kind := row.get("customer_kind"), str):
        found["customer_kind"] = translate(f"kind.{kind}", language)
    if isinstance(scope := row.get("scope"), str) and "scope_value" in row:
        found["scope"] = translate(
            f"list.column.{'tier_name' if scope == 'tier' else scope}", language
        )
        if scope == "tier" and isinstance(tier := row["scope_value"], str):
            found["scope_value"] = tier_title(definitions.tiers.names, tier, language)
    return found


def _coded(column: str, value: object, language: str) -> object:
    """Return what a code of a column is called, and a share as percent; anything else as it is."""
    if isinstance(value, float) and _RATE.search(column):
        return number(value, "rate", language)
    if column == "reasons" and isinstance(value, list):
        return [_coded("reason", each, language) for each in value]
    place = "list.reason" if column == "reason" else f"list.code.{column}"
    return texts(language).get(f"{place}.{value}", value)
