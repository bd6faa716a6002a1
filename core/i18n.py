"""Texts in English and Simplified Chinese, from ``core/locales/<area>.<language>.toml``."""

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
_FOLDER = Path(__file__).parent / "locales"


@cache
def texts(language: str) -> dict[str, str]:
    """Return every text of ``language`` by its dotted key, from all areas."""
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob(f"*.{language}.toml")):
        _flatten(tomllib.loads(path.read_text("utf-8")), "", found)
    return found


def translate(key: str, language: str, **values: object) -> str:
    """Return the text under ``key``, filled with ``values``.

    Raises
    ------
    KeyError
        If the key is unknown: a missing text is a defect, never shown as a key.
    """
    return texts(language)[key].format(**values)


def _flatten(tree: dict, prefix: str, into: dict[str, str]) -> None:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            _flatten(value, key + ".", into)
        else:
            into[key] = value
