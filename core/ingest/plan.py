"""The columns of one canonical table, and the ways in which a row of it can fail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core import schema
from core.ingest.expression import Expression, Operand
from core.ingest.made import Bad
from core.ingest.rejects import Fault
from core.ingest.values import Maker

# Dates that may lie ahead of the import: plans, ends, things due.
MAY_LIE_AHEAD = {
    ("promises", "due_on"), ("promises", "renegotiated_on"), ("key_dates", "due_on"),
    ("contracts", "started_on"), ("contracts", "ended_on"), ("appointments", "scheduled_at"),
    ("contacts", "planned_on"), ("promotions", "started_on"), ("promotions", "ended_on"),
    ("employees", "joined_on"), ("employees", "left_on"), ("customer_attributes", "valid_from"),
    ("customer_attributes", "valid_to"), ("rates", "rate_on"),
}  # fmt: skip
ABOVE_ZERO = {("refunds", "amount"), ("rates", "rate")}


@dataclass
class Plan:
    """Columns to make for one canonical table, and the ways in which a row can fail."""

    maker: Maker
    table: str
    imported_on: date
    columns: dict[str, ir.Value] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(
        self, name: str, operand: Operand, *, prefix: str = "", table: str | None = None
    ) -> None:
        """Make canonical column ``name``, called ``prefix + name`` while staged."""
        table = table or self.table
        column = schema.TABLES[table].column(name)
        layers = self.maker.layers
        mark = layers.missing
        made = self.maker.make(operand, column.type)
        self._fault(made.bads, table)
        expr = made.expr.cast(STAGED_TYPES[column.type])
        expr = layers.column(("canonical", prefix, table, name), expr, mark)
        if column.required:
            self._one(expr.isnull(), "missing", made.columns, table)
        if column.choices:
            self._one(expr.notnull() & ~expr.isin(column.choices), "choice", made.columns, table)
        if (table, name) in ABOVE_ZERO:
            self._one(expr <= 0, "not_positive", made.columns, table)
        if column.type in ("date", "timestamp") and (table, name) not in MAY_LIE_AHEAD:
            last = self.imported_on + timedelta(days=1)
            self._one(expr.cast("date") > ibis.literal(last), "future", made.columns, table)
        self.columns[prefix + name] = expr

    def add_content(self, name: str, how: Expression) -> None:
        """Make a hash of the row's content, and the scope within which equal rows are counted."""
        hashed = _hash([self._content(one) for one in how.content or []])
        if how.prefix is not None:
            hashed = self._content(how.prefix) + "-" + hashed
        self.columns[name] = hashed
        if how.within:
            self.columns[f"{name}_scope"] = _joined([self._content(one) for one in how.within])

    def _content(self, operand: Operand) -> ir.StringValue:
        """Return a part of the content as text: a canonical column if it is one made here."""
        if isinstance(operand, str) and operand in self.columns:
            return self.columns[operand].cast("string")
        return self.maker.make(operand, "text").expr

    def _fault(self, bads: Iterable[Bad], table: str) -> None:
        for bad in bads:
            self._one(bad.bad, bad.reason, bad.columns, table)

    def _one(self, bad: ir.BooleanValue, reason: str, columns: tuple[str, ...], table: str) -> None:
        self.faults.append(Fault(bad.fill_null(False), reason, columns, table))


STAGED_TYPES = {
    "id": "string", "customer": "string", "text": "string", "date": "date",
    "timestamp": "timestamp(6)", "money": "decimal(18, 4)", "number": "float64",
    "integer": "int64", "boolean": "boolean",
}  # fmt: skip


@ibis.udf.scalar.builtin(name="md5")
def _md5(text: str) -> str: ...


def _hash(parts: list[ir.StringValue]) -> ir.StringValue:
    return _md5(_joined(parts))[:16]


def _joined(parts: list[ir.StringValue]) -> ir.StringValue:
    """Join texts by marks that no text has, so that neither borders nor nulls are mistaken."""
    whole = [part.fill_null("\x1e") for part in parts]
    joined = whole[0]
    for part in whole[1:]:
        joined = joined + "\x1f" + part
    return joined
