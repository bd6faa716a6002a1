"""The books as if they held one customer: what figures count of all is told of one by the same
functions, fed with that customer's rows alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from core import engine
from core.facts import CUSTOMER_IDS
from core.ledger.scopes import SCOPE_TABLE
from core.reading import Ledger, Reading
from core.schema import TABLES
from core.view import View

# Tables without a customer of their own, the table whose rows they belong to, and by what.
_PARTS = {"order_lines": ("orders", "order_id"), "lead_stages": ("leads", "lead_id")}


class OneCustomer(Ledger):
    """A ledger in which only the rows of one customer stand; each table is read once.

    Tables that are of nobody, such as products and employees, stand whole.
    """

    def __init__(self, ledger: Ledger, customer_key: int) -> None:
        Reading.__init__(self, ledger.books, ledger.version, ledger.con)
        self.refresh = ledger.refresh
        self.customer_key = customer_key
        self._files: dict[str, list[str]] = {}
        self._rows: dict[str, pa.Table] = {}
        self._own: dict[tuple, ir.Table] = {}
        self._whole = ledger

    @cached_property
    def _newest(self) -> Mapping[str, int]:
        return self.books.version().tables

    @cached_property
    def merged(self) -> dict[int, int]:
        """The numbers that customers had before they were found to be others, with the last."""
        if not self.has("customer_merges"):
            return {}
        found = self._final_keys.to_pyarrow().to_pydict()
        return dict(zip(found["customer_key"], found["into_key"], strict=True))

    @cached_property
    def keys(self) -> list[int]:
        """The customer's number, and those of whoever was merged into this customer."""
        into = self.customer_key
        return [into, *sorted(key for key, last in self.merged.items() if last == into)]

    def has(self, table: str) -> bool:
        """Whether there is anything of the customer in a table; of nobody's: whether it is there.

        Contacts are there if the company brought them: that there was none says something.
        """
        is_brought = super().has(table)
        if table == "contacts" or not _is_personal(table):
            return is_brought
        return is_brought and len(self._facts(table)) > 0

    @property
    def names_employees(self) -> bool:
        """Whether any order of the books says who served."""
        return len(self._witness) > 0

    def rows(self, name: str) -> list[dict]:
        """Return the customer's facts of a table, with merged customers as one."""
        return self._facts(name).to_pylist() if self.has(name) else []

    def person_rows(self, name: str, column: str, values: Collection[int | str]) -> list[dict]:
        """Return what is kept apart, as it stands now, where ``column`` holds one of ``values``."""
        schema = CUSTOMER_IDS if name == "customer_ids" else TABLES[name].personal_schema()
        files = self.books.files(f"persons/{name}", self._newest)
        return engine.rows_where(self.con, files, schema, column, values).to_pylist()

    def table(self, name: str) -> ir.Table:
        """Return a table of facts with the customer's rows; whole where it is of nobody.

        Orders keep one more, without a customer, that names an employee: it tells that orders of
        these books say who served.
        """
        if not _is_personal(name) or not self.has(name):
            return self._whole.table(name)
        place = (name,)
        if place not in self._own:
            found = self._facts(name)
            if name == "orders":
                found = pa.concat_tables([found, self._witness])
            self._own[place] = engine.small_table(self.con, found)
        return self._own[place]

    def derived(
        self, name: str, schema: pa.Schema, partitions: tuple[str, ...] | None = None
    ) -> ir.Table:
        """Return a derived table with the customer's rows, or only some of its partitions."""
        column, values = "customer_key", [self.customer_key]
        if schema == SCOPE_TABLE:
            column, values = "scope_key", self._scope_keys()
        if column not in schema.names:
            return self._whole.derived(name, schema, partitions)
        place = (name, partitions)
        if place not in self._own:
            found = self.derived_rows(name, schema, partitions, column, values)
            self._own[place] = engine.small_table(self.con, found)
        return self._own[place]

    def derived_rows(
        self, name: str, schema: pa.Schema, partitions: tuple[str, ...] | None,
        column: str = "customer_key", values: Sequence[int] = (),
    ) -> pa.Table:  # fmt: skip
        """Return rows of a derived table, with the columns of ``schema`` alone."""
        files = self._derived_files(name)
        if partitions is not None:
            files = [f for f in files if any(f"/{p}/" in f for p in partitions)]
        wanted = values or [self.customer_key]
        return engine.rows_where(self.con, files, schema, column, wanted)

    def texts(self, name: str, column: str) -> dict[str, str]:
        """Return what people wrote in a column that is kept apart, by the key of its row."""
        (key,) = TABLES[name].fact_key
        ids = [row[key] for row in self.rows(name)]
        if not ids:
            return {}
        found = self.person_rows(name, key, ids)
        return {row[key]: row[column] for row in found if row[column]}

    def names(self, name: str, ids: Collection[str | None], *columns: str) -> dict[str, dict]:
        """Return rows of a table that is of nobody, by its key: products, employees."""
        (key,) = TABLES[name].fact_key
        wanted = sorted({each for each in ids if each})
        if not wanted or not self.has(name):
            return {}
        found = self._of(name, key, wanted).select([key, *columns])
        return {row[key]: row for row in found.to_pylist()}

    def _facts(self, name: str) -> pa.Table:
        if name not in self._rows:
            columns = _customers(name)
            if name in _PARTS:
                whole, key = _PARTS[name]
                found = self._of(name, key, self._facts(whole)[key].to_pylist())
            else:
                found = pa.concat_tables([self._of(name, c, self.keys) for c in columns])
            if name == "refunds":  # one may name its order alone
                orders = self._facts("orders")["order_id"].to_pylist()
                loose = self._of(name, "order_id", orders)
                found = pa.concat_tables([found, loose.filter(pc.field("customer_key").is_null())])
            found = found.sort_by([(key, "ascending") for key in TABLES[name].fact_key])
            self._rows[name] = self._as_last(found, columns)
        return self._rows[name]

    def _of(self, name: str, column: str, values: Collection[int | str]) -> pa.Table:
        files = self.books.files(f"facts/{name}", self.version.tables)
        return engine.rows_where(self.con, files, self.books.fact_schema(name), column, values)

    def _as_last(self, found: pa.Table, columns: Sequence[str]) -> pa.Table:
        for column in columns:
            last = [self.merged.get(key, key) for key in found[column].to_pylist()]
            place = found.schema.get_field_index(column)
            found = found.set_column(place, column, pa.array(last, pa.int64()))
        return found

    @cached_property
    def _witness(self) -> pa.Table:
        orders = self._whole.table("orders")
        naming = orders.filter(orders.employee_id.notnull()).limit(1).to_pyarrow()
        blank = pa.nulls(len(naming), pa.int64())
        place = naming.schema.get_field_index("customer_key")
        naming = naming.set_column(place, "customer_key", blank)
        return naming.select(self._facts("orders").column_names).cast(self._facts("orders").schema)

    def _scope_keys(self) -> list[int]:
        """Return the scopes of the lines that were asked for."""
        found: set[int] = set()
        for place, rows in self._own.items():
            if place[0] == "ledger":
                found.update(rows.scope_key.to_pyarrow().to_pylist())
        return sorted(found)


@dataclass
class OneView(View):
    """What a card looks at: the lines of one customer at the days of ``costed``."""

    def all_lines_of(self, days: Sequence[date], is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of the customer at some of these days, as ``View`` gives them."""
        if ("lines",) not in self.known:
            rows = super().all_lines_of(sorted(self.costed)).to_pyarrow()
            self.known["lines",] = engine.small_table(self.ledger.con, rows)
        rows = self.known["lines",]
        value = rows.margin_12m if is_on_margin else rows.net_12m
        return rows.filter(rows.month_end.isin(list(days))).mutate(value=value)


def _customers(name: str) -> list[str]:
    """Return the columns of a table that name customers."""
    return [c.fact_name for c in TABLES[name].fact_columns if c.type == "customer"]


def _is_personal(name: str) -> bool:
    return name in _PARTS or (name != "customer_merges" and bool(_customers(name)))
