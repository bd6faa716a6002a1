"""The group that all commands belong to: language, errors, options that several share."""

import logging
import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from types import TracebackType

import click

from core import settings
from core.cli.printed import FORMATS
from core.errors import CoreError, UnknownFigure
from core.facts import Books
from core.i18n import LANGUAGES, translate
from core.reading import open_ledger
from core.view import Scope, View

log = logging.getLogger("regulars")


def default_language() -> str:
    """Return the language of the terminal."""
    set_to = next((v for n in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), "")
    return "zh" if set_to.startswith("zh") else "en"


def help_of(key: str) -> str:
    """Return the help of a command or option in the language of the terminal."""
    return translate(f"cli.help.{key}", default_language())


class Commands(click.Group):
    """Shows a deliberate error as one sentence and ends with status 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CoreError as error:
            click.echo(error.text(ctx.meta.get("language") or default_language()), err=True)
            ctx.exit(2)


@click.group(cls=Commands, help=help_of("regulars"))
@click.version_option(package_name="regulars", help=help_of("version"))
@click.pass_context
def main(ctx: click.Context) -> None:
    """Answer questions about customers from a company's own books."""

    def failed(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        _log_failure(kind, error, trace, ctx.meta)

    sys.excepthook = failed


def _log_failure(
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    meta: Mapping[str, str],
) -> None:
    """Log what nobody foresaw under a number, and tell it to the user."""
    number = uuid.uuid4().hex[:8]
    log.error("Failure %s", number, exc_info=(kind, error, trace))
    language = meta.get("language") or default_language()
    click.echo(translate("cli.failure", language, number=number), err=True)


def _keep_language(ctx: click.Context, _: click.Parameter, value: str | None) -> str:
    ctx.meta["language"] = value or default_language()
    return ctx.meta["language"]


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


def _scope(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> Scope:
    """Return the values asked for by scope; ``SCOPE=VALUE`` may be given several times."""
    found: dict[str, tuple[str, ...]] = {}
    for value in values:
        name, sign, wanted = value.partition("=")
        if not sign:
            raise UnknownFigure("in", found=value)
        found[name] = (*found.get(name, ()), wanted)
    return found


@contextmanager
def view(known_at: int | None, within: Scope) -> Iterator[View]:
    """Open the ledger of the books as known at a data version, in a scope."""
    with open_ledger(Books(settings.load().home), known_at) as ledger:
        found = View(ledger, within)
        found.must_exist()
        yield found


_DAY = click.DateTime(["%Y-%m-%d"])
lang = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), callback=_keep_language, is_eager=True,
    help=help_of("lang"),
)  # fmt: skip
form = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
    help=help_of("format"),
)  # fmt: skip
as_of = click.option(
    "--as-of", type=_DAY, callback=_day, metavar="YYYY-MM-DD", help=help_of("as_of")
)
compare = click.option(
    "--compare", type=_DAY, callback=_day, metavar="YYYY-MM-DD", help=help_of("compare")
)
within = click.option(
    "--in", "within", multiple=True, metavar="SCOPE=VALUE", callback=_scope, help=help_of("in")
)
known_at = click.option("--known-at", type=int, metavar="N", help=help_of("known_at"))
