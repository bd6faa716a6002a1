"""Commands that read the books: kpi, list, versions, rejects, definitions, check."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from core import definitions as settings_of_books
from core import lists, settings
from core.cli import entry as options
from core.cli import imported, printed
from core.cli.shown import COMPARED, FIELDS, record, shown
from core.facts import Books
from core.figures import FIGURES, compute, definitions_of
from core.i18n import translate
from core.reading import open_ledger, refreshes
from core.view import View


@options.main.command(help=options.help_of("kpi"))
@click.argument("name", nargs=-1)
@options.as_of
@options.compare
@click.option("--by", metavar="SCOPE", help=options.help_of("by"))
@options.known_at
@options.form
@options.lang
def kpi(
    name: tuple[str, ...], as_of: date | None, compare: date | None, by: str | None,
    known_at: int | None, form: str, language: str,
) -> None:  # fmt: skip
    """Print headline figures."""
    with _view(known_at) as view:
        found = compute(view, name or None, as_of, compare, by)
    columns = (
        "key",
        "name",
        "scope",
        "value",
        "was",
        "interval",
        "n",
        "unit",
        "definition",
        "note",
    )
    fields = FIELDS if compare is None else (*FIELDS, *COMPARED)
    if form == "table":
        skipped = {"was"} if compare is None else set()
        skipped |= {"scope"} if by is None else set()
        fields = tuple(column for column in columns if column not in skipped)
    click.echo(
        printed.printed(
            [record(figure, language) for figure in found],
            {field: translate(f"cli.column.{field}", language) for field in fields},
            form, language,
            shown=[shown(figure, language) for figure in found],
            title=f"{found[0].as_of}" if found else "",
        ), nl=False,
    )  # fmt: skip


@options.main.command("list", help=options.help_of("list"))
@click.argument("name", nargs=-1)
@options.as_of
@click.option("--top", type=click.IntRange(1), metavar="N", help=options.help_of("top"))
@options.known_at
@options.form
@options.lang
def list_(
    name: tuple[str, ...], as_of: date | None, top: int | None, known_at: int | None, form: str,
    language: str,
) -> None:  # fmt: skip
    """Print work lists."""
    with _view(known_at) as view:
        if not name:
            rows = [
                {"list": key, "rows": lists.counts(view, key, as_of),
                 "title": lists.title(view, key, language, as_of)}
                for key in lists.LISTS
            ]  # fmt: skip
            _print(rows, ("list", "title", "rows"), form, language)
        found = {key: lists.rows(view, key, as_of=as_of, top=top).to_pylist() for key in name}
        if form == "json" and found:
            # Rows of several lists make one array, and say which list they are of.
            mark = len(found) > 1
            gathered = [
                {"list": key, **row} if mark else row for key, rows in found.items() for row in rows
            ]
            click.echo(printed.as_json(gathered), nl=False)
        for key, rows in found.items():
            if form != "json":
                title = lists.title(view, key, language, as_of)
                headings = lists.LISTS[key].headings(language)
                click.echo(printed.printed(rows, headings, form, language, title=title), nl=False)
            for note in lists.notes(view, key, language, as_of):
                click.echo(note, err=form != "table")


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
        {"key": d.key, "name": d.name(language), "unit": d.unit, "better": d.better,
         "definition": d.definition(language), "edges": d.edges(language)}
        for d in chosen
    ]  # fmt: skip
    _print(rows, ("key", "name", "unit", "better", "definition", "edges"), form, language)


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


@contextmanager
def _view(known_at: int | None) -> Iterator[View]:
    with open_ledger(_books(), known_at) as ledger:
        yield View(ledger)


def _print(rows: list[dict], columns: tuple[str, ...], form: str, language: str) -> None:
    headings = {name: translate(f"cli.column.{name}", language) for name in columns}
    click.echo(printed.printed(rows, headings, form, language), nl=False)
