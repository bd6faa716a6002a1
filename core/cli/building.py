"""Commands that write the books: demo, suggest, import, refresh."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from core import definitions, settings
from core.batch import staging
from core.cli import entry as options
from core.cli import imported, printed
from core.cli.progress import progress
from core.errors import BooksError
from core.facts import Books
from core.i18n import translate
from core.imports import publish
from core.ingest import mapping as mappings
from core.ingest.stage import stage
from core.ledger.refresh import refresh as build_ledger
from core.reading import Refresh

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
# Of the year that the demo company is in: a figure, and what it is to reach by then. Counts and
# money are per customer of the demo.
_DEMO_YEAR = 2026
_DEMO_TARGETS = (
    ("active_customers", 0.6, True), ("net_sales", 11_500, True), ("leads_opened", 0.18, True),
    ("repurchase_within_90", 0.43, False), ("churn_annual", 0.28, False), ("nps", 45, False),
    ("promise_kept_rate", 0.85, False), ("lead_conversion", 0.25, False),
    ("contact_gap", 0.6, False),
)  # fmt: skip


@options.main.command(help=options.help_of("demo"))
@click.option("--customers", type=click.IntRange(500), default=20_000, show_default=True,
              help=options.help_of("customers"))  # fmt: skip
@click.option("--months", type=click.IntRange(12), default=36, show_default=True,
              help=options.help_of("months"))  # fmt: skip
@click.option("--seed", type=int, default=7, show_default=True, help=options.help_of("seed"))
@options.lang
def demo(customers: int, months: int, seed: int, language: str) -> None:
    """Build the books of the demo company."""
    from data import demo as company
    from data import demo_desk

    books = Books(settings.load().home)
    _refuse_other_books(books)
    definitions.begin(books.home, _DEMO_SETTINGS + _demo_targets(customers))
    with staging() as con, progress(language) as tell:
        batch = company.stage(con, customers=customers, months=months, seed=seed, progress=tell)
        _refuse_other_books(books, batch.mapping_text)
        report = publish(
            books,
            batch,
            currency=definitions.load(settings.load().home).books.currency,
            progress=tell,
        )
    _build_ledger(language)
    demo_desk.fill(books.home)
    click.echo(translate("cli.demo", language, home=books.home, rows=report.rows_read))


def _demo_targets(customers: int) -> str:
    return "".join(
        f'\n[[targets]]\nkey = "{key}"\nperiod = "{_DEMO_YEAR}"\n'
        f"value = {round(value * customers) if is_per_customer else value}\n"
        for key, value, is_per_customer in _DEMO_TARGETS
    )


@options.main.command(help=options.help_of("suggest"))
@click.argument("source")
@options.lang
def suggest(source: str, language: str) -> None:
    """Propose a mapping."""
    from core.ingest.suggest import suggest as proposal

    click.echo(proposal(source), nl=False)


@options.main.command("import", help=options.help_of("import"))
@click.argument("source")
@click.option(
    "--mapping", "mapping_file", required=True, metavar="FILE", help=options.help_of("mapping")
)
@click.option("--encoding", metavar="NAME", help=options.help_of("encoding"))
@options.form
@options.lang
def import_(source: str, mapping_file: str, encoding: str | None, form: str, language: str) -> None:
    """Take a source into the books as one new version."""
    mapping = mappings.load(Path(mapping_file))
    if encoding:
        mapping = mapping.model_copy(
            update={"source": mapping.source.model_copy(update={"encoding": encoding})}
        )
    books = Books(settings.load().home)
    if not books.versions():
        definitions.begin_in(books.home, mapping.currency)
    configuration = definitions.load(settings.load().home)
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


@options.main.command(help=options.help_of("refresh"))
@options.lang
def refresh(language: str) -> None:
    """Build the ledger of the newest version."""
    made = _build_ledger(language)
    click.echo(
        translate("cli.refreshed", language, version=made.data_version, day=made.data_date,
                  seconds=f"{made.seconds:.1f}")
    )  # fmt: skip


def _refuse_other_books(books: Books, mapping_text: str | None = None) -> None:
    """Refuse to put the demo company into books of something else, or of another demo."""
    for version in books.versions():
        is_other = version.mapping != _DEMO
        if is_other or (mapping_text is not None and version.mapping_text != mapping_text):
            raise BooksError("demo_over_books", home=books.home, source=version.source)


def _build_ledger(language: str) -> Refresh:
    with progress(language) as tell:
        return build_ledger(
            Books(settings.load().home), definitions.load(settings.load().home), progress=tell
        )
