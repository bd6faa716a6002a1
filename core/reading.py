"""The books opened at one data version: facts, persons and the tables derived from them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import TracebackType
from typing import Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from core import engine
from core.errors import BooksError
from core.facts import CUSTOMER_IDS, Books, Version, published
from core.periods import is_month_end
from core.schema import TABLES
from core.store.joined import OURS, recorded, until_day
from core.store.store import Store, store_at

REFRESHES = pa.schema(
    [
        ("refresh", pa.int64()),
        ("refreshed_at", pa.timestamp("us")),  # UTC
        ("data_version", pa.int64()),
        ("definitions_version", pa.string()),
        ("definitions", pa.string()),  # JSON
        ("tables", pa.string()),  # JSON: "derived/ledger" -> Delta version
        ("first_on", pa.date32()),  # first day of the books
        ("data_date", pa.date32()),
        ("rebuilt_from", pa.date32()),  # first ledger day that was built anew
        ("seconds", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Refresh:
    """One build of the derived tables: a pure function of data version and definitions."""

    refresh: int
    refreshed_at: datetime
    data_version: int
    definitions_version: str
    definitions: str
    tables: Mapping[str, int]
    first_on: date
    data_date: date
    rebuilt_from: date
    seconds: float


def refreshes(books: Books) -> list[Refresh]:
    """Return every published refresh, oldest first."""
    rows = published(books.path("refreshes"))
    found = [Refresh(**row | {"tables": json.loads(row["tables"])}) for row in rows]
    return sorted(found, key=lambda refresh: refresh.refresh)


class Reading:
    """Facts of one data version, in a connection of the reader's own."""

    def __init__(
        self, books: Books, version: Version, con: Backend | None = None,
        recorded: Mapping[str, pa.Table] | None = None,
    ) -> None:  # fmt: skip
        self.books = books
        self.version = version
        self.recorded = dict(recorded or {})  # beside the facts: what was written on the desk
        self.con = con or engine.connect(books.home)
        self._tables: dict[str, ir.Table] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.con.disconnect()

    def has(self, table: str) -> bool:
        """Whether the company brought ``table``, or something of it was recorded here."""
        return f"facts/{table}" in self.version.tables or table in self.recorded

    def table(self, name: str) -> ir.Table:
        """Return a table of facts with merged customers as one; empty if it was not brought."""
        if name not in self._tables:
            schema = self.books.fact_schema(name)
            files = self.books.files(f"facts/{name}", self.version.tables)
            rows = engine.read_parquet(self.con, files, schema)
            found = self._merged(name, self._with_recorded(name, rows))
            self._tables[name] = rows if found is rows else engine.named(self.con, found)
        return self._tables[name]

    def not_to_contact(self) -> ir.Table:
        """Return ``customer_key`` of those who do not want to be contacted."""
        customers = self.table("customers")
        refused = customers.filter(~customers.may_contact.fill_null(True))
        said = self.noted("refusals")
        return refused.select("customer_key").union(said).distinct()

    def noted(self, name: str) -> ir.Table:
        """Return ``customer_key`` of ``refusals`` or of ``held_out``, as recorded here."""
        nobody = pa.table({"customer_key": pa.array([], pa.int64())})
        return engine.small_table(self.con, self.recorded.get(name, nobody))

    def persons(self, name: str) -> ir.Table:
        """Return what is kept apart of ``name``, as it stands now; empty if there is none."""
        newest = self.books.version().tables
        schema = CUSTOMER_IDS if name == "customer_ids" else TABLES[name].personal_schema()
        return engine.read_parquet(self.con, self.books.files(f"persons/{name}", newest), schema)

    def _with_recorded(self, name: str, rows: ir.Table) -> ir.Table:
        if name in self.recorded:
            ours = engine.small_table(self.con, self.recorded[name])
            (key,) = TABLES[name].fact_key
            keys = self.recorded[name][key].to_pylist()
            # Some stand for imported rows, and have their keys.
            if replaced := [each for each in keys if not each.startswith(OURS)]:
                rows = rows.filter(~rows[key].isin(replaced))
            return rows.union(
                ours.select(
                    **{
                        column: ours[column] if column in ours.columns else ibis.null().cast(kind)
                        for column, kind in rows.schema().items()
                    }
                )
            )
        if name == "customers" and "refusals" in self.recorded:
            refused = self.recorded["refusals"]["customer_key"].to_pylist()
            has_refused = rows.customer_key.isin(refused)
            return rows.mutate(may_contact=has_refused.ifelse(False, rows.may_contact))
        return rows

    def _merged(self, name: str, rows: ir.Table) -> ir.Table:
        columns = [c.fact_name for c in TABLES[name].fact_columns if c.type == "customer"]
        if name == "customer_merges" or not columns or not self.has("customer_merges"):
            return rows
        finals = self._final_keys
        for column in columns:
            target = finals.rename({f"_{column}": "customer_key", "_into": "into_key"})
            joined = rows.left_join(target, rows[column] == target[f"_{column}"])
            rows = joined.mutate(**{column: ibis.coalesce(joined["_into"], joined[column])}).drop(
                f"_{column}", "_into"
            )
        return rows

    @cached_property
    def _final_keys(self) -> ir.Table:
        merges = self.table("customer_merges")
        pairs = merges.select("customer_key", "into_customer_key").to_pyarrow().to_pydict()
        into = dict(zip(pairs["customer_key"], pairs["into_customer_key"], strict=True))
        final = {key: _last(key, into) for key in into}
        found = pa.table(
            {
                "customer_key": pa.array(final.keys(), pa.int64()),
                "into_key": pa.array(final.values(), pa.int64()),
            }
        )
        return engine.small_table(self.con, found)


def _last(key: int, into: Mapping[int, int]) -> int:
    seen = {key}
    while key in into and into[key] not in seen:
        key = into[key]
        seen.add(key)
    return key


class Ledger(Reading):
    """The books with the derived tables of one refresh."""

    def __init__(
        self, books: Books, version: Version, refresh: Refresh,
        recorded: Mapping[str, pa.Table] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(books, version, recorded=recorded)
        self.refresh = refresh
        self._files: dict[str, list[str]] = {}

    def derived(
        self, name: str, schema: pa.Schema, partitions: tuple[str, ...] | None = None
    ) -> ir.Table:
        """Return a derived table, or only some of its partitions (named ``column=value``)."""
        files = self._derived_files(name)
        if partitions is not None:
            files = [f for f in files if any(f"/{p}/" in f for p in partitions)]
        return engine.read_parquet(self.con, files, schema, hive=True)

    def _derived_files(self, name: str) -> list[str]:
        if name not in self._files:
            self._files[name] = self.books.files(f"derived/{name}", self.refresh.tables)
        return self._files[name]


def open_facts(books: Books, version: int | None = None) -> Reading:
    """Open the facts at a data version, or the newest."""
    return Reading(books, books.version(version))


def open_ledger(books: Books, version: int | None = None, with_desk: bool = True) -> Ledger:
    """Open the ledger of the last refresh, or of the last refresh of data version ``version``.

    ``with_desk`` adds what was recorded here to the facts (``core.store``).

    Raises
    ------
    BooksError
        If there are no books, no such version, or it has no ledger yet.
    StoreError
        If something was recorded here, and where it stands cannot be reached.
    """
    wanted = books.version(version)
    found = [r for r in refreshes(books) if version is None or r.data_version == version]
    if not found:
        raise BooksError("no_refresh", version=wanted.version)
    newest = max(found, key=lambda r: (r.data_version, r.refresh))
    chosen = books.version(newest.data_version)
    ours = _recorded(books, chosen, newest.data_date) if with_desk else {}
    return Ledger(books, chosen, newest, ours)


def _recorded(books: Books, version: Version, data_date: date) -> dict[str, pa.Table]:
    """Return what people recorded while ``version`` was the newest, or before.

    The open month stands for now: what is dated after the last day of the books counts on that
    day. A month that has ended is never added to.
    """
    if not Store.is_there(books.home):
        return {}
    later = [each.imported_at for each in books.versions() if each.version > version.version]
    with store_at(books.home).reading() as session:
        found = recorded(session, min(later, default=None))
    return found if is_month_end(data_date) else until_day(found, data_date)
