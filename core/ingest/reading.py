"""What was read from a source: one table of records as they stood, and where each came from."""

from dataclasses import dataclass, field

import ibis.expr.types as ir
import sqlglot.expressions as sge

ROW, FILE = "_row", "_file"
# Record numbers of different files are kept apart in one integer.
FILE_STEP = 1 << 40


@dataclass(frozen=True)
class Part:
    """One file, sheet, table or query of a reading."""

    name: str
    first: int  # _row of its first record
    records: int  # records that stand in the table, empty ones included
    ragged: int = 0  # records that could not be split into columns, already among the rejects
    details: dict[str, object] = field(default_factory=dict)  # what was detected


@dataclass
class Reading:
    """Records of one source, in a DuckDB table or view whose columns are ``c0``, ``c1``, ...

    The table also has ``_row`` (int64, order of the record) and ``_file`` (int32, which part).
    ``slots`` maps the name of a source column to the column of the table.
    """

    table: ir.Table
    slots: dict[str, str]
    parts: list[Part]
    empty: int = 0  # records without any value, left out
    trimmed: frozenset[str] = frozenset()  # text columns known to have nothing to trim

    @property
    def records(self) -> int:
        """Records read, those included that are empty or could not be split."""
        return sum(part.records + part.ragged for part in self.parts)


def quoted(name: str) -> str:
    """Return ``name`` as a DuckDB identifier."""
    return sge.to_identifier(name, quoted=True).sql("duckdb")


def literal(text: str) -> str:
    """Return ``text`` as a DuckDB literal."""
    return sge.Literal.string(text).sql("duckdb")
