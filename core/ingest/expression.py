"""How a mapping says where the value of one canonical column comes from, and which rows count."""

import re
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field, model_validator

KINDS = (
    "column", "value", "multiply", "add", "subtract", "divide", "negate", "abs", "concat",
    "first", "cases", "content",
)  # fmt: skip
DATE_WORDS = ("iso", "excel", "excel 1904", "unix", "unix ms")
Clean = Literal["point_zero", "upper", "lower", "spaces", "digits", "leading_zeros"]
Op = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "not in", "matches", "not matches", "empty", "not empty",
]  # fmt: skip


class Unfit(ValueError):
    """A setting that does not fit; ``key`` names the text error.mapping_<key>."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)


class Strict(BaseModel):
    """A part of a mapping in which an unknown setting is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Condition(Strict):
    """What a row must fulfil: ``{ column = "Price", op = ">", value = 0 }``, or ``any``/``all``.

    A number is compared as a number, a text as a text (ISO dates compare rightly). A row whose
    value cannot be read as a number fulfils the condition, so that it is rejected where its value
    is needed instead of being left out unseen.
    """

    column: str | None = Field(default=None, description="Source column.")
    op: Op = Field(default="=", description="How it is compared.")
    value: str | float | bool | list[str | float] | None = Field(
        default=None, description="With what; a list for in and not in."
    )
    any: list["Condition"] | None = Field(
        default=None, description="Conditions of which one must hold."
    )
    all: list["Condition"] | None = Field(
        default=None, description="Conditions that must all hold."
    )

    @model_validator(mode="after")
    def _is_one(self) -> "Condition":
        if sum(part is not None for part in (self.column, self.any, self.all)) != 1:
            raise Unfit("kind", kinds="column, any, all")
        if self.column is None:
            return self
        wants = "list" if self.op in ("in", "not in") else "one"
        wants = "none" if self.op in ("empty", "not empty") else wants
        is_list = isinstance(self.value, list)
        if wants != ("none" if self.value is None else "list" if is_list else "one"):
            raise Unfit("op_value", op=self.op, found=self.value)
        if self.op in ("matches", "not matches"):
            check_pattern(self.value)
        return self


class Case(Strict):
    """One branch of ``cases``: where ``when`` holds, the value is ``then``."""

    when: Condition = Field(description="Where this branch is taken.")
    then: "Operand" = Field(description="Its value: a source column, a number or an expression.")


class Expression(Strict):
    """The value of a column, made of source columns. Exactly one of ``KINDS`` is set.

    A bare text is always the name of a source column, a bare number is itself; a literal text is
    ``{ value = "..." }``. One exception: what ``values`` and its ``otherwise`` map to is literal.
    """

    column: str | None = Field(default=None, description="A source column.")
    value: str | float | bool | None = Field(default=None, description="A constant.")
    multiply: list["Operand"] | None = Field(default=None, description="The product of these.")
    add: list["Operand"] | None = Field(default=None, description="Their sum.")
    subtract: list["Operand"] | None = Field(default=None, description="The first less the others.")
    divide: list["Operand"] | None = Field(
        default=None, description="The first divided by the others; by 0 is empty."
    )
    negate: "Operand | None" = Field(default=None, description="The same with the other sign.")
    abs: "Operand | None" = Field(default=None, description="The same without its sign.")
    concat: list["Operand"] | None = Field(
        default=None, description="Texts put together; empty if one is."
    )
    first: list["Operand"] | None = Field(default=None, description="The first that is not empty.")
    cases: list[Case] | None = Field(default=None, description="The first case that holds.")
    content: list["Operand"] | None = Field(
        default=None, description="An id made of these, and of the number of equal rows before."
    )

    format: str | list[str] | None = Field(
        default=None,
        description='How dates are written: strptime codes, or "iso", "excel", "unix".',
    )
    extract: str | None = Field(default=None, description="Pattern; its first group is taken.")
    values: dict[str, str] | None = Field(
        default=None, description="Source value -> canonical value."
    )
    otherwise: "Operand | None" = Field(default=None, description="For values and cases not named.")
    clean: list[Clean] = Field(
        default=[],
        description="Spellings made one: point_zero (17850.0), upper, lower, spaces, ...",
    )
    null_words: list[str] = Field(default=[], description="Words that mean empty, here only.")
    yes: list[str] | None = Field(default=None, description="Words for yes.")
    no: list[str] | None = Field(default=None, description="Words for no.")
    decimal: Literal[".", ","] | None = Field(
        default=None, description="Decimal mark, if not that of [source]."
    )
    thousands: str | None = Field(
        default=None, description="Mark between thousands, if not that of [source]."
    )
    separator: str = Field(default="-", description="What stands between the parts of concat.")
    within: list["Operand"] = Field(
        default=[], description="Scope of content: equal rows are counted within it."
    )
    prefix: "Operand | None" = Field(
        default=None, description="What stands before the hash of content."
    )

    @model_validator(mode="after")
    def _is_one(self) -> "Expression":
        if len([kind for kind in KINDS if getattr(self, kind) is not None]) != 1:
            raise Unfit("kind", kinds=", ".join(KINDS))
        if self.otherwise is not None and self.values is None and self.cases is None:
            raise Unfit("goes_with", part="otherwise", whole="values, cases")
        if self.content is None and (self.within or self.prefix is not None):
            raise Unfit("goes_with", part="within, prefix", whole="content")
        if (self.yes is None) != (self.no is None):
            raise Unfit("both")
        for name in ("multiply", "add", "subtract", "divide", "concat", "first", "content"):
            if getattr(self, name) is not None and not getattr(self, name):
                raise Unfit("empty_list", part=name)
        if self.extract is not None:
            check_pattern(self.extract)
            if re.compile(self.extract).groups < 1:
                raise Unfit("no_group", pattern=self.extract)
        for one in self.formats:
            check_date_format(one)
        return self

    @property
    def kind(self) -> str:
        """Which of ``KINDS`` this is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def formats(self) -> tuple[str, ...]:
        """The date formats, as a tuple."""
        if self.format is None:
            return ()
        return (self.format,) if isinstance(self.format, str) else tuple(self.format)


Operand = str | float | Expression
Case.model_rebuild()
Expression.model_rebuild()


def check_pattern(pattern: Any) -> None:
    """Raise Unfit if ``pattern`` is no regular expression that DuckDB (RE2) can follow."""
    if not isinstance(pattern, str):
        raise Unfit("pattern", pattern=pattern, problem="text")
    try:
        duckdb.execute("select regexp_matches('', ?)", [pattern])
        re.compile(pattern)
    except (duckdb.Error, re.error) as error:
        problem = str(error).removeprefix("Invalid Input Error: ")
        raise Unfit("pattern", pattern=pattern, problem=problem) from error


def check_date_format(text: str) -> None:
    """Raise Unfit if ``text`` does not say year, month and day."""
    if text in DATE_WORDS:
        return
    codes = set(re.findall(r"%-?([A-Za-z])", text))
    year = codes & {"Y", "y"}
    if not (
        codes & {"x", "c"}
        or (year and ("j" in codes or (codes & {"m", "b", "B"} and "d" in codes)))
    ):
        raise Unfit("date_format", found=text, words=", ".join(DATE_WORDS))


def columns_of(operand: "Operand | Condition") -> set[str]:
    """Return the names that ``operand`` refers to, nested ones included."""
    if isinstance(operand, str):
        return {operand}
    if isinstance(operand, int | float):
        return set()
    if isinstance(operand, Condition):
        nested = [*(operand.any or []), *(operand.all or [])]
        own = {operand.column} if operand.column else set()
        return own.union(*(columns_of(part) for part in nested))
    found: set[str] = {operand.column} if operand.column is not None else set()
    for kind in KINDS[2:]:
        part = getattr(operand, kind)
        if part is None:
            continue
        for one in part if isinstance(part, list) else [part]:
            if isinstance(one, Case):
                found |= columns_of(one.when) | columns_of(one.then)
            else:
                found |= columns_of(one)
    if operand.otherwise is not None and operand.cases is not None:
        found |= columns_of(operand.otherwise)
    for one in [*operand.within, *([] if operand.prefix is None else [operand.prefix])]:
        found |= columns_of(one)
    return found
