"""The `regulars` command: everything the board shows, for scripts and checks."""

import errno
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from core import definitions as settings_of_books
from core import settings
from core.batch import staging
from core.errors import BooksError, CoreError
from core.exports import imported, printed
from core.exports.figures import COMPARED, FIELDS, record, shown
from core.exports.progress import progress
from core.facts import Books
from core.figures import FIGURES, compute, definition_of
from core.i18n import LANGUAGES, translate
from core.imports import publish
from core.ingest import mapping as mappings
from core.ingest.stage import stage
from core.ledger.refresh import refresh as build_ledger
from core.reading import Refresh, open_ledger, refreshes
from core.view import View

log = logging.getLogger("regulars")
_DEMO = "demo"
_DEMO_SETTINGS = """\
[books]
company = "恒信汽车 Hengxin Motors"
currency = "CNY"
time_zone = "Asia/Shanghai"

[definitions]
# Of those silent for 330 days, fewer than a tenth buy within the next 330.
lapse_after_days = 330
"""


def _default_language() -> str:
    """Return the language of the terminal."""
    set_to = next((v for n in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), "")
    return "zh" if set_to.startswith("zh") else "en"


def _help(key: str) -> str:
    return translate(f"cli.help.{key}", _default_language())


class _Commands(click.Group):
    """Shows a deliberate error as one sentence; logs anything else under a number."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CoreError as error:
            click.echo(error.text(_language(ctx)), err=True)
            ctx.exit(2)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            number = uuid.uuid4().hex[:8]
            log.exception("Failure %s", number)
            click.echo(translate("cli.failure", _language(ctx), number=number), err=True)
            ctx.exit(1)


def _language(ctx: click.Context) -> str:
    return ctx.meta.get("language") or _default_language()


def _keep_language(ctx: click.Context, _: click.Parameter, value: str | None) -> str:
    ctx.meta["language"] = value or _default_language()
    return ctx.meta["language"]


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


_DAY = click.DateTime(["%Y-%m-%d"])
_lang = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), callback=_keep_language, is_eager=True,
    help=_help("lang"),
)  # fmt: skip
_form = click.option(
    "--format", "form", type=click.Choice(printed.FORMATS), default="table", show_default=True,
    help=_help("format"),
)  # fmt: skip
_as_of = click.option("--as-of", type=_DAY, callback=_day, help=_help("as_of"))
_known_at = click.option("--known-at", type=int, metavar="N", help=_help("known_at"))


@click.group(cls=_Commands, help=_help("regulars"))
@click.version_option(package_name="regulars", help=_help("version"))
def main() -> None:
    """Answer questions about customers from a company's own books."""


@main.command(help=_help("demo"))
@click.option("--customers", type=click.IntRange(500), default=20_000, show_default=True,
              help=_help("customers"))  # fmt: skip
@click.option("--months", type=click.IntRange(12), default=36, show_default=True,
              help=_help("months"))  # fmt: skip
@click.option("--seed", type=int, default=7, show_default=True, help=_help("seed"))
@_lang
def demo(customers: int, months: int, seed: int, language: str) -> None:
    """Build the books of the demo company."""
    from data import demo as company

    books = _books()
    _refuse_other_books(books)
    _keep_settings(books.home, _DEMO_SETTINGS)
    with staging() as con, progress(language) as tell:
        batch = company.stage(con, customers=customers, months=months, seed=seed, progress=tell)
        _refuse_other_books(books, batch.mapping_text)
        report = publish(books, batch, currency=_configuration().books.currency, progress=tell)
    _build_ledger(language)
    click.echo(translate("cli.demo", language, home=books.home, rows=report.rows_read))


@main.command(help=_help("suggest"))
@click.argument("source")
@_lang
def suggest(source: str, language: str) -> None:
    """Propose a mapping."""
    from core.ingest.suggest import suggest as proposal

    click.echo(proposal(source), nl=False)


@main.command("import", help=_help("import"))
@click.argument("source")
@click.option("--mapping", "mapping_file", required=True, metavar="FILE", help=_help("mapping"))
@click.option("--encoding", metavar="NAME", help=_help("encoding"))
@_form
@_lang
def import_(source: str, mapping_file: str, encoding: str | None, form: str, language: str) -> None:
    """Take a source into the books as one new version."""
    mapping = mappings.load(Path(mapping_file))
    if encoding:
        mapping = mapping.model_copy(
            update={"source": mapping.source.model_copy(update={"encoding": encoding})}
        )
    books = _books()
    if mapping.currency and not books.versions():
        _keep_settings(books.home, f'[books]\ncurrency = "{mapping.currency}"\n')
    configuration = _configuration()
    today = datetime.now(ZoneInfo(configuration.books.time_zone)).date()
    with staging() as con, progress(language) as tell:
        batch = stage(source, mapping, con, imported_on=today, progress=tell)
        batch.mapping_text = Path(mapping_file).read_text("utf-8-sig")
        report = publish(books, batch, currency=configuration.books.currency, progress=tell)
        rejects = imported.reject_reasons(batch, language)
    rows, headings = imported.report_rows(report, language)
    click.echo(printed.printed(rows, headings, form, language), nl=False)
    for line in imported.sentences(report, rejects, language):
        click.echo(line, err=form != "table")


@main.command(help=_help("refresh"))
@_lang
def refresh(language: str) -> None:
    """Build the ledger of the newest version."""
    made = _build_ledger(language)
    click.echo(
        translate("cli.refreshed", language, version=made.data_version, day=made.data_date,
                  seconds=f"{made.seconds:.1f}")
    )  # fmt: skip


@main.command(help=_help("kpi"))
@click.argument("name", nargs=-1)
@_as_of
@click.option("--compare", type=_DAY, callback=_day, help=_help("compare"))
@click.option("--by", metavar="SCOPE", help=_help("by"))
@_known_at
@_form
@_lang
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


@main.command("list", help=_help("list"))
@click.argument("name", nargs=-1)
@_as_of
@click.option("--top", type=click.IntRange(1), metavar="N", help=_help("top"))
@_known_at
@_form
@_lang
def list_(
    name: tuple[str, ...], as_of: date | None, top: int | None, known_at: int | None, form: str,
    language: str,
) -> None:  # fmt: skip
    """Print work lists."""
    from core import lists

    with _view(known_at) as view:
        if not name:
            rows = [
                {"list": key, "rows": lists.counts(view, key, as_of),
                 "title": lists.title(view, key, language, as_of)}
                for key in lists.LISTS
            ]  # fmt: skip
            _print(rows, ("list", "title", "rows"), form, language)
        for key in name:
            found = lists.rows(view, key, as_of=as_of, top=top).to_pylist()
            headings = lists.LISTS[key].headings(language)
            if form == "json" and len(name) > 1:
                found = [{"list": key, **row} for row in found]
                headings = {"list": "list", **headings}
            title = lists.title(view, key, language, as_of)
            click.echo(printed.printed(found, headings, form, language, title=title), nl=False)
            for note in lists.notes(view, key, language, as_of):
                click.echo(note, err=form != "table")


@main.command(help=_help("versions"))
@_form
@_lang
def versions(form: str, language: str) -> None:
    """List the imports that were published."""
    books = _books()
    books.version()
    _print(imported.version_rows(books.versions(), refreshes(books)), imported.VERSION_COLUMNS,
           form, language)  # fmt: skip


@main.command(help=_help("rejects"))
@click.option("--version", "version", type=int, metavar="N", help=_help("rejects_version"))
@click.option("--export", "file", type=click.Path(dir_okay=False), metavar="FILE",
              help=_help("export"))  # fmt: skip
@_form
@_lang
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


@main.command(help=_help("definitions"))
@click.argument("name", nargs=-1)
@click.option("--settings", "is_settings", is_flag=True, help=_help("settings"))
@_form
@_lang
def definitions(name: tuple[str, ...], is_settings: bool, form: str, language: str) -> None:
    """Say what the figures mean, or how the definitions are set."""
    if is_settings:
        rows = imported.setting_rows(_configuration())
        _print(rows, ("setting", "value", "default"), form, language)
        return
    chosen = [definition_of(key) for key in name] if name else FIGURES
    rows = [
        {"key": d.key, "name": d.name(language), "unit": d.unit, "better": d.better,
         "definition": d.definition(language), "edges": d.edges(language)}
        for d in chosen
    ]  # fmt: skip
    _print(rows, ("key", "name", "unit", "better", "definition", "edges"), form, language)


@main.command(help=_help("check"))
@_lang
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


def _keep_settings(home: Path, text: str) -> None:
    """Write ``regulars.toml`` where there is none yet."""
    path = home / "regulars.toml"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _refuse_other_books(books: Books, mapping_text: str | None = None) -> None:
    """Refuse to put the demo company into books of something else, or of another demo."""
    for version in books.versions():
        is_other = version.mapping != _DEMO
        if is_other or (mapping_text is not None and version.mapping_text != mapping_text):
            raise BooksError("demo_over_books", home=books.home, source=version.source)


def _build_ledger(language: str) -> Refresh:
    with progress(language) as tell:
        return build_ledger(_books(), _configuration(), progress=tell)


@contextmanager
def _view(known_at: int | None) -> Iterator[View]:
    with open_ledger(_books(), known_at) as ledger:
        yield View(ledger)


def _print(rows: list[dict], columns: tuple[str, ...], form: str, language: str) -> None:
    headings = {name: translate(f"cli.column.{name}", language) for name in columns}
    click.echo(printed.printed(rows, headings, form, language), nl=False)


if __name__ == "__main__":
    main()
