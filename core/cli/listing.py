"""The command ``list``: work lists of named customers, and figures told apart."""

from collections.abc import Iterable
from datetime import date

import click
import pyarrow as pa

from core import breakdowns, lists
from core.cli import entry as options
from core.cli import printed
from core.cli.entry import Scope
from core.cli.shown import spoken
from core.errors import UnknownFigure
from core.i18n import translate
from core.view import View


@options.main.command("list", help=options.help_of("list"))
@click.argument("name", nargs=-1)
@options.as_of
@options.compare
@click.option("--top", type=click.IntRange(1), metavar="N", help=options.help_of("top"))
@options.within
@options.known_at
@options.form
@options.lang
def list_(
    name: tuple[str, ...], as_of: date | None, compare: date | None, top: int | None,
    within: Scope, known_at: int | None, form: str, language: str,
) -> None:  # fmt: skip
    """Print work lists and breakdowns."""
    _must_be_known(name)
    with options.view(known_at, within) as view:
        if not name:
            click.echo(_overview(view, as_of, form, language), nl=False)
        found = {key: _rows(view, key, as_of, compare, top).to_pylist() for key in name}
        if form == "json" and found:
            # Rows of several lists make one array, and say which list they are of.
            mark = len(found) > 1
            gathered = [
                {"list": key, **row} if mark else row for key, rows in found.items() for row in rows
            ]
            click.echo(printed.as_json(gathered), nl=False)
        for key, rows in found.items():
            if form != "json":
                title, headings = _headed(view, key, as_of, language)
                shown = [spoken(row, view.definitions, language) for row in rows]
                click.echo(
                    printed.printed(rows, headings, form, language, shown=shown, title=title),
                    nl=False,
                )
            for note in _notes(view, key, as_of, compare, language):
                click.echo(note, err=form != "table")


def _must_be_known(names: Iterable[str]) -> None:
    for key in names:
        if key not in lists.LISTS and key not in breakdowns.BREAKDOWNS:
            known = ", ".join((*lists.LISTS, *breakdowns.BREAKDOWNS))
            raise UnknownFigure("list", found=key, known=known)


def _overview(view: View, as_of: date | None, form: str, language: str) -> str:
    """Say which lists and breakdowns there are; how many rows the lists have."""
    rows: list[dict[str, object]] = [
        {"list": key, "rows": lists.counts(view, key, as_of),
         "title": lists.title(view, key, language, as_of)}
        for key in lists.LISTS
    ]  # fmt: skip
    rows += [
        {"list": key, "rows": None, "title": each.title(language)}
        for key, each in breakdowns.BREAKDOWNS.items()
    ]
    headings = {name: translate(f"cli.column.{name}", language) for name in rows[0]}
    return printed.printed(
        rows, {name: headings[name] for name in ("list", "title", "rows")}, form, language
    )


def _rows(
    view: View, key: str, as_of: date | None, compare: date | None, top: int | None
) -> pa.Table:
    if key in lists.LISTS:
        return lists.rows(view, key, as_of=as_of, top=top)
    return breakdowns.rows(view, key, as_of=as_of, compare=compare).slice(0, top)


def _headed(view: View, key: str, as_of: date | None, language: str) -> tuple[str, dict[str, str]]:
    """Return the title of a list or breakdown, and the headings of its columns."""
    if key in lists.LISTS:
        return lists.title(view, key, language, as_of), lists.LISTS[key].headings(language)
    chosen = breakdowns.breakdown_of(key)
    return chosen.title(language), chosen.headings(language)


def _notes(
    view: View, key: str, as_of: date | None, compare: date | None, language: str
) -> list[str]:
    if key in lists.LISTS:
        return lists.notes(view, key, language, as_of)
    found = breakdowns.notes(view, key, as_of=as_of, compare=compare)
    return [note.text(language) for note in found]
