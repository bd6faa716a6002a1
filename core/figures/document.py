"""Writes docs/definitions.md from the texts that the product shows beside its figures."""

from collections.abc import Iterator
from pathlib import Path

from core.breakdowns.breakdown import Breakdown
from core.breakdowns.registry import BREAKDOWNS
from core.figures.definition import FigureDefinition
from core.figures.registry import FAMILIES
from core.i18n import LANGUAGES, texts, translate

PAGE = Path(__file__).parents[2] / "docs" / "definitions.md"


def document() -> str:
    """Return the page: ground rules, then every figure, in both languages."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f"# {_both('definitions.title')}"
    for language in LANGUAGES:
        yield ""
        yield translate("definitions.about", language)
    yield ""
    yield f"## {_both('definitions.rules')}"
    for language in LANGUAGES:
        yield ""
        rules = [text for key, text in texts(language).items() if key.startswith("rule.")]
        yield from (f"- {rule}" for rule in rules)
    for family, figures in FAMILIES.items():
        yield ""
        yield f"## {_both(f'definitions.family_{family}')}"
        for figure in figures:
            yield from _figure(figure)
    yield ""
    yield f"## {_both('definitions.breakdowns')}"
    for breakdown in BREAKDOWNS.values():
        yield from _breakdown(breakdown)


def _figure(figure: FigureDefinition) -> Iterator[str]:
    yield ""
    yield f"### `{figure.key}`: {' · '.join(figure.name(language) for language in LANGUAGES)}"
    for language in LANGUAGES:
        stop = " " if language == "en" else ""
        yield ""
        yield f"{figure.definition(language)}{stop}{figure.edges(language)}"
        yield ""
        yield f"`{figure.formula(language)}`"
        yield ""
        yield f"*{_facts(figure, language)}*"


def facts(figure: FigureDefinition, language: str) -> list[tuple[str, str]]:
    """Return what else is to be known of a figure: unit, window, ..., each with what it is."""
    said = (
        ("unit", translate(f"unit.{figure.unit}", language)),
        ("window", _window(figure, language)),
        ("better", translate(f"better.{figure.better}", language)),
        ("needs", translate(f"definitions.{figure.needs.replace(' ', '_')}", language)),
        ("tables", ", ".join(f"`{table}`" for table in figure.tables)),
        ("reference", figure.reference),
    )
    return [(translate(f"definitions.{key}", language), text) for key, text in said if text]


def _facts(figure: FigureDefinition, language: str) -> str:
    colon, semicolon = (": ", "; ") if language == "en" else ("：", "；")
    return semicolon.join(f"{name}{colon}{text}" for name, text in facts(figure, language))


def _window(figure: FigureDefinition, language: str) -> str:
    return translate(f"window.{figure.window.replace(' ', '_')}", language)


def _breakdown(breakdown: Breakdown) -> Iterator[str]:
    yield ""
    yield f"### `{breakdown.key}`: {' · '.join(breakdown.title(each) for each in LANGUAGES)}"
    for language in LANGUAGES:
        stop = " " if language == "en" else ""
        yield ""
        yield f"{breakdown.about(language)}{stop}{breakdown.edges(language)}"
        yield ""
        yield ", ".join(f"`{name}` {text}" for name, text in breakdown.headings(language).items())


def _both(key: str) -> str:
    return " · ".join(translate(key, language) for language in LANGUAGES)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(document(), "utf-8")
