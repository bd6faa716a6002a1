"""Every text stands in both languages, with the same places to fill, and none is missing."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

from core.i18n import LANGUAGES, texts, translate

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "core" / "locales"
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
ERRORS = {
    node.name
    for node in ast.parse((ROOT / "core" / "errors.py").read_text("utf-8")).body
    if isinstance(node, ast.ClassDef)
}


def areas(language: str) -> set[str]:
    return {
        path.name.removesuffix(f".{language}.toml") for path in LOCALES.glob(f"*.{language}.toml")
    }


def flat(tree: dict, prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in tree.items():
        found |= (
            flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
        )
    return found


def own_texts(area: str, language: str) -> dict[str, object]:
    return flat(tomllib.loads((LOCALES / f"{area}.{language}.toml").read_text("utf-8")))


def places(text: str) -> set[str]:
    """The names in braces of a text, without their format."""
    return {
        re.split(r"[.\[]", name)[0]
        for _, name, _, _ in string.Formatter().parse(text)
        if name is not None
    }


def constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def key_of(node: ast.Call) -> str | None:
    """The key that a call names outright: of a text, an error, or a reason to reject a row."""
    whole = ast.unparse(node.func)
    called = whole.split(".")[-1]
    first, second = ([constant(argument) for argument in node.args] + [None, None])[:2]
    if called == "translate" or whole in ("say", "session.say"):
        return first
    if called in ERRORS and first:
        return f"error.{first}"
    if called in ("Bad", "Fault") and second:
        return f"reject.{second}"
    return None


def used_keys() -> list[tuple[str, str, set[str]]]:
    """Keys that the code names outright: where, and the values given with them."""
    paths = [ROOT / "streamlit_app.py"]
    for folder in ("core", "dashboard", "data"):
        paths += (ROOT / folder).rglob("*.py")
    return [
        (
            key,
            f"{path.relative_to(ROOT)}:{node.lineno}",
            {keyword.arg or "**" for keyword in node.keywords},
        )
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and (key := key_of(node))
    ]


def test_every_area_is_written_in_both_languages():
    assert areas("en") == areas("zh") != set()


@pytest.mark.parametrize("area", sorted(areas("en") | areas("zh")))
def test_both_languages_have_the_same_texts(area):
    assert own_texts(area, "en").keys() == own_texts(area, "zh").keys()


def test_no_key_stands_in_two_areas():
    first: dict[str, str] = {}
    twice = [
        f"{key}: {first[key]} and {area}"
        for area in sorted(areas("en"))
        for key in own_texts(area, "en")
        if first.setdefault(key, area) != area
    ]
    assert not twice


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_a_sentence_or_a_name_and_not_empty(language):
    blank = [
        k for k, text in texts(language).items() if not isinstance(text, str) or not text.strip()
    ]
    assert not blank


def test_both_languages_fill_the_same_places():
    english, chinese = texts("en"), texts("zh")
    differing = {
        key: (places(english[key]), places(chinese[key]))
        for key in english.keys() & chinese.keys()
        if places(english[key]) != places(chinese[key])
    }
    assert not differing


def test_english_texts_hold_no_chinese():
    # Names of languages are written in the language itself.
    found = [
        key for key, text in texts("en").items() if CHINESE.search(text) and "language" not in key
    ]
    assert not found


def test_chinese_texts_are_chinese():
    # A text without a Chinese character is a name, a unit or a pattern: equal in both languages.
    english, chinese = texts("en"), texts("zh")
    found = [
        key
        for key, text in chinese.items()
        if not CHINESE.search(text)
        and re.search(r"[A-Za-z]{3}", re.sub(r"\{.*?\}", "", text))
        and text != english.get(key)
    ]
    assert not found


def test_every_text_that_the_code_names_exists():
    missing = {key: where for key, where, _ in used_keys() if key not in texts("en")}
    assert not missing


def test_every_place_of_a_text_is_filled_where_it_is_used():
    unfilled = {
        where: sorted(unknown)
        for key, where, given in used_keys()
        if "**" not in given and (unknown := places(texts("en").get(key, "")) - given)
    }
    assert not unfilled


def test_a_missing_text_is_an_error():
    with pytest.raises(KeyError):
        translate("no.such.text", "en")
