"""Commands that keep what people recorded: store backup, restore, export."""

from pathlib import Path

import click

from core import settings
from core.cli import entry as options
from core.exports.recorded import export
from core.i18n import translate
from core.store import Store, store_url
from core.store.archive import backup, restore
from core.store.store import engine_of


@options.main.group(help=options.help_of("store"))
def store() -> None:
    """What people recorded on the desk."""


@store.command("backup", help=options.help_of("store_backup"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.lang
def backup_(file: Path, language: str) -> None:
    """Write everything into one file."""
    made = backup(Store.at(settings.load().home), file)
    rows = sum(made.rows.values())
    click.echo(translate("cli.store_backup", language, file=file, rows=rows))


@store.command("restore", help=options.help_of("store_restore"))
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@options.lang
def restore_(file: Path, language: str) -> None:
    """Put a backup into an empty store."""
    home = settings.load().home
    home.mkdir(parents=True, exist_ok=True)
    made = restore(engine_of(store_url(home)), file)
    rows = sum(made.rows.values())
    click.echo(translate("cli.store_restore", language, file=file, rows=rows, at=made.made_at))


@store.command("export", help=options.help_of("store_export"))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@options.lang
def export_(folder: Path, language: str) -> None:
    """Write each table as CSV."""
    rows = export(Store.at(settings.load().home), folder)
    said = translate("cli.store_export", language, folder=folder, rows=sum(rows.values()))
    click.echo(said)
