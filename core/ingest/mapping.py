"""The mapping: a TOML file that says what a company's columns mean. Read and checked here."""

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError, field_validator

from core import schema
from core.errors import MappingError
from core.ingest.expression import Condition, Expression, Operand, Strict, Unfit, columns_of

Mode = Literal["append", "snapshot"]
Duplicates = Literal["last", "first", "newest", "reject"]
NULL_WORDS = ("NULL", "null", "\\N", "NaN", "nan", "None", "#N/A")
# Sums over the lines of an order, where the mapping rolls lines up.
SUMMED = ("amount", "cost", "discount")
# Stands in a proposed mapping where a person has to decide.
DOUBT = "?"


class Source(Strict):
    """How the files are to be read. What is not said is detected and reported."""

    encoding: str | None = Field(default=None, description="utf-8, utf-16, gb18030, cp1252, ...")
    delimiter: str | None = Field(
        default=None, description='One character, or "spaces" for runs of them.'
    )
    quote: str | None = Field(default=None, description='Quotation mark; "" if there is none.')
    escape: str | None = Field(
        default=None, description="What stands before a quotation mark inside a value."
    )
    header: bool | None = Field(default=None, description="Whether a row names the columns.")
    skip: int | None = Field(
        default=None, ge=0, description="Title rows above the header (or the data)."
    )
    names: list[str] | None = Field(default=None, description="Names of the columns, in order.")
    sheet: str | None = Field(default=None, description='Sheet of a workbook; "*" for all of them.')
    decimal: Literal[".", ","] = Field(default=".", description="Decimal mark.")
    thousands: str | None = Field(default=None, description="Mark between thousands.")
    null_words: list[str] = Field(default=list(NULL_WORDS), description="Words that mean empty.")
    time_zone: str | None = Field(
        default=None, description="Business time zone, for moments written with an offset."
    )
    extract: str | None = Field(
        default=None,
        description="Column that tells one extract from another; the file where not said.",
    )


class TableMapping(Strict):
    """Where the rows of one canonical table come from."""

    from_: str | None = Field(
        default=None, alias="from", description="File pattern, sheet, table or query."
    )
    where: list[Condition] = Field(
        default=[], description="Conditions; rows that fail one are left out."
    )
    columns: dict[str, Operand] = Field(default={}, description="Canonical column -> source.")
    attributes: dict[str, Operand] = Field(
        default={}, description="Wide attribute columns, melted."
    )
    content_id: list[Operand] | None = Field(
        default=None, description="Columns that stand for the key where the source has none."
    )
    extract: str | None = Field(
        default=None, description="Column that tells extracts apart, here only."
    )
    updated_at: Operand | None = Field(
        default=None, description="When the source last changed the row."
    )
    duplicates: Duplicates | None = Field(default=None, description="Which row of equal key wins.")
    changes_only: bool = Field(
        default=False, description="Drop dated attributes that repeat the value before them."
    )
    rollup: bool = Field(default=False, description="Orders are built by grouping the order lines.")
    mode: Mode | None = Field(default=None, description="append or snapshot, for this table only.")


class Mapping(Strict):
    """The whole of a mapping."""

    name: str = Field(description="Name of the source: imports of one name correct one another.")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Currency of orders that do not say theirs."
    )
    mode: Mode = Field(
        default="append", description="snapshot: rows missing from the source are withdrawn."
    )
    source: Source = Field(default=Source(), description="How the files are to be read.")
    tables: dict[str, list[TableMapping]] = Field(description="Canonical table -> its parts.")
    _text: str = PrivateAttr("")

    @property
    def text(self) -> str:
        """The TOML from which this was loaded."""
        return self._text

    @field_validator("tables", mode="before")
    @classmethod
    def _one_or_several(cls, tables: Any) -> Any:
        if not isinstance(tables, dict):
            return tables
        return {name: [part] if isinstance(part, dict) else part for name, part in tables.items()}

    @property
    def snapshots(self) -> frozenset[str]:
        """Canonical tables whose missing rows are withdrawn."""
        return frozenset(
            name
            for name, parts in self.tables.items()
            if any((part.mode or self.mode) == "snapshot" for part in parts)
        )


def load(source: Path | str) -> Mapping:
    """Read a mapping from a path, or from the text of one.

    Parameters
    ----------
    source
        Path of a TOML file; a text with a line break or ``=`` in it is taken as TOML itself.

    Raises
    ------
    MappingError
        If it is no TOML, has an unknown or unfit setting, names an unknown table or column, lacks
        a required one, or still holds an undecided doubt (``"?"``).
    """
    if isinstance(source, str) and ("\n" in source or "=" in source):
        text, file = source, "mapping"
    else:
        path = Path(source)
        file = path.name
        try:
            text = path.read_text("utf-8-sig")
        except FileNotFoundError as error:
            raise MappingError("mapping_missing", file=str(path)) from error
        except UnicodeDecodeError as error:
            raise MappingError("mapping_encoding", file=file) from error
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError("toml", file=file, problem=str(error)) from error
    _refuse_doubts(tree, (), file)
    if "tables" not in tree and "# [[tables." in text:
        raise MappingError("mapping_doubt", file=file, setting="tables.orders")
    try:
        mapping = Mapping.model_validate(tree)
        mapping._text = text
    except ValidationError as error:
        raise _first_problem(error, file) from error
    for name, parts in mapping.tables.items():
        for part in parts:
            _check_table(file, name, part, mapping)
            has_content = part.content_id is not None or any(map(is_content, part.columns.values()))
            if has_content and len(parts) > 1:
                setting = f"tables.{name}: content"
                raise MappingError("mapping_from_content", file=file, setting=setting)
    return mapping


def _refuse_doubts(tree: Any, path: tuple[str, ...], file: str) -> None:
    if tree == DOUBT:
        raise MappingError("mapping_doubt", file=file, setting=".".join(path))
    if isinstance(tree, dict):
        for name, part in tree.items():
            _refuse_doubts(part, (*path, name), file)
    elif isinstance(tree, list):
        for number, part in enumerate(tree, start=1):
            _refuse_doubts(part, (*path, str(number)), file)


def _first_problem(error: ValidationError, file: str) -> MappingError:
    """Return the deepest problem: unions report each branch, and most are beside the point."""
    worst = max(error.errors(), key=_weight)
    parts = [part for part in worst["loc"] if part not in ("str", "float", "Expression", "bool")]
    setting = ".".join(str(part + 1 if isinstance(part, int) else part) for part in parts)
    context = worst.get("ctx", {})
    problem = context.get("error")
    if isinstance(problem, Unfit):
        return MappingError(f"mapping_{problem.key}", file=file, setting=setting, **problem.values)
    if worst["type"] == "extra_forbidden":
        return MappingError("mapping_unknown", file=file, setting=setting)
    if worst["type"] == "missing":
        return MappingError("mapping_lacks", file=file, setting=setting)
    found = str(worst["input"])[:200]
    if "expected" in context:
        expected = context["expected"]
        return MappingError(
            "mapping_choice", file=file, setting=setting, found=found, expected=expected
        )
    return MappingError("mapping_type", file=file, setting=setting, found=found)


def _weight(problem: Any) -> tuple[bool, bool, int]:
    is_ours = isinstance(problem.get("ctx", {}).get("error"), Unfit)
    return is_ours, problem["type"] == "extra_forbidden", len(problem["loc"])


def _check_table(file: str, name: str, part: TableMapping, mapping: Mapping) -> None:
    if name not in schema.TABLES:
        raise MappingError("mapping_table", file=file, table=name, tables=", ".join(schema.TABLES))
    table = schema.TABLES[name]
    for column in part.columns:
        if column not in table.names:
            raise MappingError(
                "mapping_column", file=file, table=name, column=column,
                columns=", ".join(table.names),
            )  # fmt: skip
    for attribute in part.attributes:
        if name != "customer_attributes" or attribute not in schema.ATTRIBUTES:
            raise MappingError(
                "mapping_attribute", file=file, attribute=attribute,
                attributes=", ".join(schema.ATTRIBUTES),
            )  # fmt: skip
    if part.rollup and (name != "orders" or "order_lines" not in mapping.tables):
        raise MappingError("mapping_rollup", file=file)
    for column in _wanted(name, part):
        if column not in part.columns:
            if re.search(rf"^#\s*(columns\.)?{column}\s*=", mapping.text, re.MULTILINE):
                raise MappingError("mapping_doubt", file=file, setting=f"tables.{name}.{column}")
            raise MappingError("mapping_required", file=file, table=name, column=column)


def _wanted(name: str, part: TableMapping) -> list[str]:
    """Return the canonical columns that this part must map."""
    table = schema.TABLES[name]
    wanted = set(table.required)
    if name == "customer_attributes":
        wanted -= {"valid_from"}
        if part.attributes:
            wanted -= {"attribute"}
    if part.content_id is not None and len(table.key) == 1:
        wanted -= set(table.key)
    if part.rollup:
        wanted -= {"amount"}
        if part.from_ is None:
            wanted -= {"order_id"}
    return [column for column in table.names if column in wanted]


def used_columns(part: TableMapping) -> set[str]:
    """Return the names that a part of a mapping refers to: source columns, and canonical ones."""
    operands: list[Operand | Condition] = [
        *part.where, *part.columns.values(), *part.attributes.values(), *(part.content_id or []),
    ]  # fmt: skip
    if part.updated_at is not None:
        operands.append(part.updated_at)
    extract = {part.extract} if part.extract else set()
    return extract.union(*(columns_of(operand) for operand in operands))


def is_content(operand: Operand) -> bool:
    """Tell whether ``operand`` makes an id of the row's content."""
    return isinstance(operand, Expression) and operand.content is not None
