"""Are books and store whole?

Every version can be opened, every file is there, every key is once, every change has its audit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from sqlalchemy import func, select, text

from core import engine
from core.facts import CUSTOMER_IDS, Books
from core.i18n import translate
from core.ledger.lines import LINES
from core.reading import Reading, open_ledger, refreshes
from core.schema import TABLES
from core.store import Store, store_at
from core.store.log import Audit
from core.store.records import KINDS


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the books; ``check.<key>`` is its text."""

    key: str
    values: Mapping[str, object]

    def text(self, language: str) -> str:
        """Return what is wrong in ``language``."""
        return translate(f"check.{self.key}", language, **self.values)


def check(books: Books) -> list[Problem]:
    """Return everything that is wrong with the books; an empty list where they are whole.

    Raises
    ------
    BooksError
        If there are no books.
    """
    newest = books.version()
    problems = [*_versions(books), *_files(books)]
    if problems:
        return problems
    with Reading(books, newest) as reading:
        problems += _keys(books, reading)
    return [*problems, *_ledger(books), *_store(books)]


def _versions(books: Books) -> Iterator[Problem]:
    numbers = [version.version for version in books.versions()]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Problem("versions", {"found": ", ".join(map(str, numbers))})


def _files(books: Books) -> Iterator[Problem]:
    """Yield tables that cannot be opened at a published version, and files that are gone."""
    sets = [(f"version {v.version}", v.tables) for v in books.versions()]
    sets += [(f"refresh {r.refresh}", r.tables) for r in refreshes(books)]
    seen: set[tuple[str, int]] = set()
    for owner, tables in sets:
        for name, number in tables.items():
            # Tables of persons keep no history: only their newest version need be there.
            if (name, number) in seen or name.startswith("persons/"):
                continue
            seen.add((name, number))
            try:
                files = DeltaTable(books.path(name), version=number).file_uris()
            except DeltaError as error:
                yield Problem("table", {"name": name, "owner": owner, "problem": str(error)[:200]})
                continue
            for file in files:
                if not Path(file).exists():
                    yield Problem("file", {"name": name, "owner": owner, "file": Path(file).name})


def _keys(books: Books, reading: Reading) -> Iterator[Problem]:
    for name, schema in TABLES.items():
        if reading.has(name):
            files = books.files(f"facts/{name}", reading.version.tables)
            rows = engine.read_parquet(reading.con, files, books.fact_schema(name))
            keys = rows.select(*schema.fact_key)
            repeated = engine.count(keys) - engine.count(keys.distinct())
            if repeated:
                yield Problem("repeated", {"name": name, "n": repeated})
    ids = reading.persons("customer_ids")
    for column in CUSTOMER_IDS.names:
        repeated = engine.count(ids) - engine.count(ids.select(column).distinct())
        if repeated:
            yield Problem("repeated", {"name": f"customer_ids ({column})", "n": repeated})


def _ledger(books: Books) -> list[Problem]:
    if not refreshes(books):
        return []
    with open_ledger(books, with_desk=False) as ledger:
        lines = ledger.derived("ledger", LINES).select("customer_key", "month_end")
        repeated = engine.count(lines) - engine.count(lines.distinct())
    return [Problem("repeated", {"name": "ledger", "n": repeated})] if repeated else []


def _store(books: Books) -> Iterator[Problem]:
    """Yield records whose changes are not all in the audit, and damage of an SQLite file."""
    if not Store.is_there(books.home):
        return
    with store_at(books.home).reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            for (said,) in session.execute(text("pragma integrity_check")):
                if said != "ok":
                    yield Problem("store_file", {"problem": said})
        for name, kind in KINDS.items():
            logged = (
                select(Audit.record_id, func.max(Audit.record_version).label("last"))
                .where(Audit.kind == name, Audit.action.in_(("added", "changed")))
                .group_by(Audit.record_id)
                .subquery()
            )
            odd = (
                select(func.count())
                .select_from(kind)
                .outerjoin(logged, logged.c.record_id == kind.id)
                .where(func.coalesce(logged.c.last, 0) != kind.version)
            )
            if n := session.scalar(odd):
                yield Problem("store_audit", {"name": name, "n": n})
