"""Tables of a small shop for tests of metrics: a few rows in, Ibis tables out."""

from datetime import date, datetime
from decimal import Decimal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.definitions import TIERS
from core.ledger.entries import ENTRIES
from core.ledger.lines import LINES
from core.schema import SCOPES, TABLES

_LINES = pa.schema(
    [
        *LINES,
        *((name, pa.string()) for name in SCOPES),
        ("tier_name", pa.string()),
        ("value", pa.decimal128(18, 4)),
    ]
)
_OCCASIONS = pa.schema([("customer_key", pa.int64()), ("occasion_on", pa.date32())])


def facts(table: str, *rows: dict) -> ir.Table:
    """Rows of a table of facts; columns left out are null, days may stand for moments."""
    return _table(TABLES[table].fact_schema(), rows)


def persons(table: str, *rows: dict) -> ir.Table:
    """Rows of what is kept apart of a table."""
    return _table(TABLES[table].personal_schema(), rows)


def entries(*rows: dict) -> ir.Table:
    """Rows of ENTRIES; money left out is 0."""
    zeros = {
        name: 0 for name in ("gross", "returned", "cost", "service_cost", "discount", "costed_net")
    }
    return _table(ENTRIES, [{**zeros, "orders": 0, **row} for row in rows])


def occasions(*rows: tuple[int, date]) -> ir.Table:
    """Occasions as (customer, day)."""
    return _table(_OCCASIONS, [{"customer_key": key, "occasion_on": day} for key, day in rows])


def lines(day: date, *rows: dict) -> ir.Table:
    """Ledger lines of a day: active, of the lowest tier, without value, if not said otherwise."""
    return _table(_LINES, [_line(day, row) for row in rows])


def rows(table: ir.Table, *order: str) -> list[dict]:
    """Rows of a result, sorted by ``order``."""
    found = table.to_pyarrow().to_pylist()
    return sorted(found, key=lambda row: [(row[name] is None, row[name]) for name in order])


def keys(table: ir.Table) -> list[int]:
    """Customers of a result, sorted."""
    return sorted(table.to_pyarrow()["customer_key"].to_pylist())


def _line(day: date, row: dict) -> dict:
    line = {"is_active": True, "tier": 4, "value": 0, "month_end": day, "contract_12m": 0, **row}
    line.setdefault("since_on", line.get("last_on", day))
    line.setdefault("net_12m", line["value"])
    line["tier_name"] = TIERS[line["tier"] - 1] if line["tier"] else None
    return line


def _table(schema: pa.Schema, rows: object) -> ir.Table:
    cells = [{name: _cell(row.get(name), schema.field(name).type) for name in schema.names}
             for row in rows]  # fmt: skip
    unknown = [name for row in rows for name in row if name not in schema.names]
    assert not unknown, unknown
    return ibis.memtable(pa.Table.from_pylist(cells, schema=schema))


def _cell(value: object, dtype: pa.DataType) -> object:
    if value is not None and pa.types.is_decimal(dtype):
        return Decimal(str(value))
    if pa.types.is_timestamp(dtype) and type(value) is date:
        return datetime(value.year, value.month, value.day, 12)
    return value
