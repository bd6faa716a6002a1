"""Commands that read the books: kpi, versions, rejects, definitions, check."""

from datetime import date
from pathlib import Path

import click

from core import definitions as settings_of_books
from core import settings
from core.cli import entry as options
from core.cli import imported, printed
from core.cli.shown import COMPARED, FIELDS, record, shown
from core.desk.targets import targets_of_books
from core.facts import Books
from core.figures import FIGURES, compute, definitions_of
from core.i18n import translate
from core.reading import refreshes


@options.main.command(help=options.help_of("kpi"))
@click.argument("name", nargs=-1)
@options.as_of
@options.compare
@click.option("--by", metavar="SCOPE", help=options.help_of("by"))
@options.within
@options.known_at
@options.form
@options.lang
def kpi(
    name: tuple[str, ...], as_of: date | None, compare: date | None, by: str | None,
    within: options.Scope, known_at: int | None, form: str, language: str,
) -> None:  # fmt: skip
    """Print headline figures."""
    with options.view(known_at, within) as view:
        found = compute(view, name or None, as_of, compare, by)
        definitions = view.definitions
    targets = targets_of_books(_books().home) if form == "table" else ()
    columns = (
        "key",
        "name",
        "scope",
        "value",
        "was",
        "target",
        "interval",
        "n",
        "unit",
        "definition",
        "note",
    )
    fields = FIELDS if compare is None else (*FIELDS, *COMPARED)
    if form == "table":
        skipped = {"was"} if compare is None else set()
        skipped |= {"scope"} if by is None and not within else set()
        skipped |= set() if targets else {"target"}
        fields = tuple(column for column in columns if column not in skipped)
    click.echo(
        printed.printed(
            [record(figure, language) for figure in found],
            {field: translate(f"cli.column.{field}", language) for field in fields},
            form, language,
            shown=[shown(figure, language, definitions, targets) for figure in found],
            title=f"{found[0].as_of}" if found else "",
        ), nl=False,
    )  # fmt: skip


@options.main.command(help=options.help_of("versions"))
@options.form
@options.lang
def versions(form: str, language: str) -> None:
    """List the imports that were published."""
    books = _books()
    books.version()
    _print(imported.version_rows(books.versions(), refreshes(books)), imported.VERSION_COLUMNS,
           form, language)  # fmt: skip


@options.main.command(help=options.help_of("rejects"))
@click.option(
    "--version", "version", type=int, metavar="N", help=options.help_of("rejects_version")
)
@click.option("--export", "file", type=click.Path(dir_okay=False), metavar="FILE",
              help=options.help_of("export"))  # fmt: skip
@options.form
@options.lang
def rejects(version: int | None, file: str | None, form: str, language: str) -> None:
    """List the rows that were rejected."""
    books = _books()
    rows = imported.rejected_rows(books, version)
    if file is not None:
        Path(file).write_text(imported.mendable(rows, language), "utf-8-sig")
        click.echo(translate("cli.exported", language, n=len(rows), file=file))
        return
    for row in rows:
        row["reason"] = translate(f"reject.{row['reason']}", language)
    _print(rows, ("version", "file", "row", "table", "column", "reason", "found"), form, language)


@options.main.command(help=options.help_of("definitions"))
@click.argument("name", nargs=-1)
@click.option("--settings", "is_settings", is_flag=True, help=options.help_of("settings"))
@options.form
@options.lang
def definitions(name: tuple[str, ...], is_settings: bool, form: str, language: str) -> None:
    """Say what the figures mean, or how the definitions are set."""
    if is_settings:
        rows = imported.setting_rows(_configuration())
        _print(rows, ("setting", "value", "default"), form, language)
        return
    chosen = definitions_of(name) if name else FIGURES
    rows = [
        {"key": d.key, "name": d.name(language), "unit": d.unit, "window": d.window,
         "better": d.better, "formula": d.formula(language), "definition": d.definition(language),
         "edges": d.edges(language), "reference": d.reference or None}
        for d in chosen
    ]  # fmt: skip
    columns = (
        "key", "name", "unit", "window", "better", "formula", "definition", "edges", "reference",
    )  # fmt: skip
    _print(rows, columns, form, language)


@options.main.command(help=options.help_of("check"))
@options.lang
@click.pass_context
def check(ctx: click.Context, language: str) -> None:
    """Say whether the books are whole."""
    from core.check import check as problems_of

    problems = problems_of(_books())
    for problem in problems:
        click.echo(problem.text(language), err=True)
    if problems:
        ctx.exit(1)
    click.echo(translate("cli.whole_books", language))


def _books() -> Books:
    return Books(settings.load().home)


def _configuration() -> settings_of_books.Configuration:
    return settings_of_books.load(settings.load().home)


def _print(rows: list[dict], columns: tuple[str, ...], form: str, language: str) -> None:
    headings = {name: translate(f"cli.column.{name}", language) for name in columns}
    click.echo(printed.printed(rows, headings, form, language), nl=False)
