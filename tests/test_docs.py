"""Every command, option, setting and figure is documented, and every example in the code runs."""

import doctest
import importlib
import json
import os
import pkgutil
import re
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

import core
import data
from core import definitions, settings
from core.cli import main
from core.figures import FIGURES
from core.i18n import LANGUAGES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")


def section(text: str, title: str) -> str:
    """The part of a page below the heading that begins with ``title``."""
    found = re.search(rf"^(#+) {re.escape(title)}.*?$(.*?)(?=^\1 |\Z)", text, re.M | re.S)
    assert found, f"there is no section {title!r}"
    return found[2]


def commands(group: click.Group = main, prefix: str = "regulars") -> dict[str, click.Command]:
    """Every command that can be called, by its whole name."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix} {name}")
        else:
            found[f"{prefix} {name}"] = command
    return found


def rows(text: str) -> dict[str, str]:
    """Rows of the tables in ``text``: the first cell's code, and the whole row."""
    found = re.findall(r"^\| `([^`]+)`.*\|$", text, re.M)
    whole = re.findall(r"^\| `[^`]+`.*\|$", text, re.M)
    return dict(zip(found, whole, strict=True))


def fields(model: type[BaseModel], prefix: str) -> dict[str, object]:
    """Every setting of ``regulars.toml`` by its dotted name, with its default."""
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= fields(field.annotation, f"{prefix}{name}.")
        else:
            found[prefix + name] = field.get_default()
    return found


COMMAND_ROWS = rows(section(README, "Commands"))
EVERYWHERE = {"--lang", "--help"}  # said once, above the table


def row_of(name: str) -> str:
    found = [row for call, row in COMMAND_ROWS.items() if re.match(rf"{name}(?![\w-])", call)]
    assert found, f"README.md, Commands: there is no row for {name}"
    return " ".join(found)


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_stands_in_the_readme(name):
    row = row_of(name)
    for parameter in commands()[name].params:
        if isinstance(parameter, click.Option) and not EVERYWHERE.intersection(parameter.opts):
            assert any(f"`{option}" in row for option in parameter.opts), parameter.opts
        elif isinstance(parameter, click.Argument):
            assert (parameter.name or "").upper() in row


def test_the_readme_has_no_command_or_option_that_is_not_there():
    known = commands()
    for call in COMMAND_ROWS:
        name = next((n for n in sorted(known, key=len, reverse=True) if call.startswith(n)), None)
        assert name, f"{call} is no command"
        options = {option for p in known[name].params for option in (*p.opts, *p.secondary_opts)}
        stated = set(re.findall(r"--[a-z][a-z-]*", COMMAND_ROWS[call]))
        assert stated <= options | EVERYWHERE, f"{call}: {stated - options}"
    assert "--lang" in section(README, "Commands").split("| command")[0]


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_has_its_help(name):
    command = commands()[name]
    assert command.help
    silent = [
        p.name
        for p in command.params
        if isinstance(p, click.Option) and not p.hidden and not p.help
    ]
    assert not silent


def test_every_environment_variable_stands_in_the_readme():
    stated = rows(section(README, "Settings"))
    wanted = {f"REGULARS_{name.upper()}" for name in settings.Settings.model_fields}
    assert wanted == {name for name in stated if name.startswith("REGULARS_")}
    for name, field in settings.Settings.model_fields.items():
        assert field.description
        default = field.get_default()
        if default not in (None, ""):
            assert f"`{default}`" in stated[f"REGULARS_{name.upper()}"], name


def test_every_setting_of_the_books_stands_in_the_readme_with_its_default():
    stated = rows(section(README, "Settings"))
    wanted = fields(definitions.Configuration, "")
    assert set(wanted) == {name for name in stated if not name.startswith("REGULARS_")}
    for name, default in wanted.items():
        cell = stated[name].split("|")[2].strip()
        assert cell == (
            f"`{json.dumps(default, ensure_ascii=False)}`" if default not in (None, "", {}) else ""
        ), name


def test_every_figure_has_a_name_and_a_definition_in_both_languages():
    unnamed = [
        f"{language}: {figure.key}"
        for figure in FIGURES
        for language in LANGUAGES
        if not (figure.name(language).strip() and figure.definition(language).strip())
    ]
    assert not unnamed
    untranslated = [f.key for f in FIGURES if f.definition("en") == f.definition("zh")]
    assert not untranslated


def test_the_pages_that_the_documents_link_to_exist():
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_no_file_of_the_project_names_a_registry():
    named = re.compile(r"(pypi\.org|pythonhosted|index-url|registry\.npm|find-links)")
    files = [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".ci" / "run"]
    files += [*ROOT.glob("requirements*"), *(ROOT / "scripts").glob("*")]
    texts = {
        file.name: file.read_text("utf-8").replace("--no-emit-index-url", "") for file in files
    }
    assert not [name for name, text in texts.items() if named.search(text)]


def test_every_requirement_is_pinned_exactly():
    for file in ("requirements.txt", "requirements-dev.txt"):
        loose = [
            line
            for line in (ROOT / file).read_text("utf-8").splitlines()
            if not re.fullmatch(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+( ; .+)?", line)
        ]
        assert not loose


def modules() -> list[str]:
    found = []
    for package in (core, data):
        walked = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
        found += [module.name for module in walked]
    return [name for name in found if ">>>" in source(name)]


def source(name: str) -> str:
    path = ROOT.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text("utf-8")


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_a_module_run(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_scripts_can_be_run():
    for file in [ROOT / ".ci" / "run", *(ROOT / "scripts").glob("*.sh")]:
        assert os.access(file, os.X_OK), file.name
