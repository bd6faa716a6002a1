"""What other definitions would make of the same data, before anybody changes one."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from filelock import FileLock, Timeout

from core.definitions import Configuration
from core.errors import BooksError
from core.facts import Books
from core.figures import Figure, compute
from core.ledger.build import Progress
from core.ledger.refresh import refresh
from core.lists.registry import named
from core.reading import Ledger, open_ledger
from core.view import Scope, View

BIGGEST = 100  # customers named whose state or tier would be another
_APART = ("derived", "refreshes")


class Trial(Books):
    """The facts of the books with derived tables of their own, beside those published."""

    def __init__(self, home: Path, folder: Path) -> None:
        super().__init__(home)
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return the folder of a Delta table; of what is derived, its own."""
        return self.folder / name if name.split("/")[0] in _APART else super().path(name)

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Hold nothing: the books are only read, and ``compared`` holds the trial."""
        yield


@dataclass(frozen=True)
class Compared:
    """Old and new definitions on the same data.

    Attributes
    ----------
    data_version
        Of the data that both were built from.
    before, after
        The figures asked for, in the same order.
    moves
        One row per change of a customer's place: ``level_then``, ``level_now`` (a tier, "lost" or
        "prospect"; under the old and the new definitions) and ``customers``; those who stay apart.
    biggest
        The customers of greatest value whose place would be another: ids, name, ``value``,
        ``level_then``, ``level_now``.
    """

    data_version: int
    before: list[Figure]
    after: list[Figure]
    moves: pa.Table
    biggest: pa.Table


def compared(
    home: Path, configuration: Configuration, keys: Sequence[str], scope: Scope,
    as_of: date, compare: date | None, progress: Progress | None = None,
) -> Compared:  # fmt: skip
    """Build the ledger under other definitions, hold it against the published one, and remove it.

    The published derived tables are not touched, and nobody who reads or imports waits for it.

    Raises
    ------
    BooksError
        If there is no ledger, or another trial is running.
    """
    with held(home) as folder, open_ledger(Books(home)) as ledger:
        trial = Trial(home, folder)
        version = ledger.version
        made = refresh(trial, configuration, version=version.version, progress=progress)
        with Ledger(trial, version, made) as tried:
            now, then = View(tried, scope), View(ledger, scope)
            before, after = (compute(view, keys, as_of, compare) for view in (then, now))
            placed = _places(then, now, as_of)
            moves = placed.group_by("level_then", "level_now").agg(customers=placed.count())
            moved = placed.filter(placed.level_then != placed.level_now)
            found = named(then, moved.order_by(ibis.desc("value")).limit(BIGGEST))
            columns = ("customer_key", "customer_id", "name", "value", "level_then", "level_now")
            return Compared(
                version.version, before, after,
                moves.order_by(ibis.desc("customers"), "level_then", "level_now").to_pyarrow(),
                found.order_by(ibis.desc("value"), "customer_id").select(*columns).to_pyarrow(),
            )  # fmt: skip


def _places(then: View, now: View, as_of: date) -> ir.Table:
    """Return where customers in scope stand under both definitions."""
    is_on_margin = then.is_on_margin(as_of)
    old, new = (
        _level(then.all_lines(as_of, is_on_margin)),
        _level(now.all_lines(as_of, is_on_margin)),
    )
    rows = old.select("customer_key", "value", "is_in_scope", level_then="level")
    # The other ledger is read through the connection of the first.
    other = new.select("customer_key", "is_in_scope", level_now="level").to_pyarrow()
    con = then.ledger.con
    later = con.create_table(ibis.util.gen_name("trial"), other, temp=True)
    later = later.rename(_key="customer_key", _in="is_in_scope")
    both = rows.inner_join(later, rows.customer_key == later["_key"])
    return both.filter(both.is_in_scope | both["_in"]).drop("is_in_scope", "_key", "_in")


def _level(lines: ir.Table) -> ir.Table:
    below = lines.since_on.notnull().ifelse("lost", "prospect")
    return lines.mutate(level=lines.is_active.ifelse(lines.tier_name.fill_null("none"), below))


@contextmanager
def held(home: Path) -> Iterator[Path]:
    """Hold the place for a trial, empty; whatever a killed one left is removed first."""
    place = home.resolve() / "trial"
    place.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(place / ".lock").acquire(timeout=1)
    except Timeout as error:
        raise BooksError("trial_runs", home=home) from error
    with lock:
        folder = place / "books"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
