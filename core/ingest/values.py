"""Turns what a mapping says of a column into an Ibis expression, and into the ways it can fail."""

from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from core.errors import MappingError
from core.ingest import numbers, texts, times
from core.ingest.expression import Condition, Expression, Operand
from core.ingest.layers import Layers
from core.ingest.made import Bad, Made
from core.ingest.mapping import Source
from core.ingest.reading import Reading

YES = ("true", "t", "yes", "y", "1", "1.0", "是", "有", "真", "对")
NO = ("false", "f", "no", "n", "0", "0.0", "否", "无", "假", "错")


@dataclass(frozen=True)
class Maker:
    """Makes expressions over the records of one reading.

    ``layers`` holds what is computed once and used often; see ``core.ingest.layers``.
    """

    reading: Reading
    source: Source
    table: str  # canonical table, for messages
    layers: Layers

    def make(self, operand: Operand, wanted: str) -> Made:
        """Return the value of ``operand`` as a canonical type.

        Parameters
        ----------
        operand
            As the mapping says it.
        wanted
            "text" (also ids and customers), "decimal" (38, 8), "money", "number", "integer",
            "date", "timestamp" or "boolean".

        Raises
        ------
        MappingError
            If a source column does not exist, or dates are written in a way that is not stated.
        """
        if wanted in ("id", "customer"):
            wanted = "text"
        if wanted in ("money", "number", "integer"):
            return self._number(operand, wanted)
        if wanted == "decimal":
            return self.decimal(operand)
        if wanted in ("date", "timestamp"):
            mark = self.layers.missing
            made = self._moment(operand)
            moment = self.layers.column(("moment", repr(operand)), made.expr, mark)
            return times.finish(replace(made, expr=moment), wanted)
        if wanted == "boolean":
            return self._boolean(operand)
        return self._text(operand)

    def column(self, name: str) -> ir.Value:
        """Return a source column as it stands."""
        if name not in self.reading.slots:
            raise MappingError(
                "no_column", table=self.table, column=name, file=self.reading.parts[0].name,
                columns=", ".join(list(self.reading.slots)[:40]),
            )  # fmt: skip
        return self.layers.table[self.reading.slots[name]]

    def text(self, name: str, words: tuple[str, ...] = ()) -> ir.StringValue:
        """Return a source column as trimmed text, null where it is empty or a word for empty."""
        column = self.column(name)
        if isinstance(column, ir.FloatingValue):
            # Whole numbers that were stored as floats because some were missing: 17850.0.
            whole = (column == column.floor()) & (column.abs() < 1e15)
            return ibis.ifelse(
                whole, column.try_cast("int64").cast("string"), column.cast("string")
            )
        if not isinstance(column, ir.StringValue):
            return column.cast("string")
        mark = self.layers.missing
        trimmed = column
        if name not in self.reading.trimmed:
            trimmed = self.layers.column(("trim", name), texts.trimmed(column), mark)
        empty = list(dict.fromkeys(["", *self.source.null_words, *words]))
        text = ibis.ifelse(trimmed.isin(empty), ibis.null("string"), trimmed)
        return self.layers.column(("text", name, words), text, mark)  # pyright: ignore

    def _text(self, operand: Operand) -> Made:
        if isinstance(operand, str):
            return Made(self.text(operand), (), (operand,))
        if isinstance(operand, int | float):
            return Made(ibis.literal(texts.plain(operand)))
        kind = operand.kind
        if kind == "column":
            text = self.text(operand.column or "", tuple(operand.null_words))
            return self._refined(Made(text, (), (operand.column or "",)), operand)
        if kind == "value":
            return Made(ibis.literal(texts.plain(operand.value)))
        if kind == "concat":
            parts = [self._text(part) for part in operand.concat or []]
            joined = parts[0].expr
            for part in parts[1:]:
                joined = joined + operand.separator + part.expr
            return self._refined(_joined(joined, parts), operand)
        if kind in ("first", "cases"):
            return self._refined(self._choice(operand, "text"), operand)
        made = self.decimal(operand)
        return replace(made, expr=made.expr.cast("float64").cast("string"))

    def _refined(self, made: Made, how: Expression) -> Made:
        """Extract, clean and translate a text, in this order."""
        text = made.expr
        if how.extract is not None:
            found = text.re_extract(how.extract, 1)
            text = ibis.ifelse(found == "", ibis.null("string"), found)
        for clean in how.clean:
            text = texts.cleaned(text, clean)
        if how.values is not None:
            otherwise = text
            if how.otherwise is not None:
                otherwise = texts.literal_or_null(how.otherwise)
            pairs = [(text == key, ibis.literal(value)) for key, value in how.values.items()]
            text = ibis.cases(*pairs, else_=otherwise)
            text = ibis.ifelse(text == "", ibis.null("string"), text)
        return replace(made, expr=text)

    def _choice(self, operand: Expression, wanted: str) -> Made:
        if operand.first is not None:
            parts = [self.make(part, wanted) for part in operand.first]
            return _joined(ibis.coalesce(*(part.expr for part in parts)), parts)
        branches = [
            (self.holds(case.when), self.make(case.then, wanted)) for case in operand.cases or []
        ]
        parts = [made for _, made in branches]
        otherwise: ir.Value = ibis.null(parts[0].expr.type())
        if operand.otherwise is not None:
            last = self.make(operand.otherwise, wanted)
            parts.append(last)
            otherwise = last.expr
        expr = ibis.cases(*((when, made.expr) for when, made in branches), else_=otherwise)
        # A branch that is not taken cannot fail.
        bads: list[Bad] = []
        taken = ibis.literal(False)
        for when, made in branches:
            mine = when & ~taken
            bads += [replace(bad, bad=bad.bad & mine) for bad in made.bads]
            taken = taken | when
        if operand.otherwise is not None:
            bads += [replace(bad, bad=bad.bad & ~taken) for bad in parts[-1].bads]
        return Made(expr, tuple(bads), _columns(parts))

    def decimal(self, operand: Operand) -> Made:
        """Return the value of ``operand`` as decimal(38, 8), computed once."""
        mark = self.layers.missing
        made = self._decimal(operand)
        return replace(made, expr=self.layers.column(("decimal", repr(operand)), made.expr, mark))

    def _decimal(self, operand: Operand) -> Made:
        if isinstance(operand, bool) or operand is None:
            raise MappingError("not_a_number", table=self.table, found=str(operand))
        if isinstance(operand, int | float):
            return Made(numbers.constant(operand))
        if isinstance(operand, str):
            operand = Expression(column=operand)
        kind = operand.kind
        if kind == "value":
            number = numbers.constant_of(operand.value)
            if number is None:
                raise MappingError("not_a_number", table=self.table, found=str(operand.value))
            return Made(number)
        if kind == "column":
            return self._decimal_column(operand)
        if kind in ("first", "cases"):
            return self._choice(operand, "decimal")
        if kind in ("negate", "abs"):
            part = self.decimal(getattr(operand, kind))
            return replace(part, expr=-part.expr if kind == "negate" else part.expr.abs())
        if kind in ("multiply", "add", "subtract", "divide"):
            parts = [self.decimal(part) for part in getattr(operand, kind)]
            expr, bad = numbers.combine(kind, [part.expr for part in parts])
            made = _joined(expr, parts)
            return replace(made, bads=(*made.bads, Bad(bad, "too_large", made.columns)))
        text = self._text(operand)
        return numbers.parsed(text, operand.decimal or self.source.decimal, operand.thousands)

    def _decimal_column(self, operand: Expression) -> Made:
        name = operand.column or ""
        column = self.column(name)
        plain = not (operand.extract or operand.values or operand.clean or operand.null_words)
        if (
            plain
            and isinstance(column, ir.NumericValue)
            and not isinstance(column, ir.BooleanValue)
        ):
            return numbers.of_numeric(column, name)
        text = self._refined(Made(self.text(name, tuple(operand.null_words)), (), (name,)), operand)
        thousands = operand.thousands if operand.thousands is not None else self.source.thousands
        return numbers.parsed(text, operand.decimal or self.source.decimal, thousands)

    def _moment(self, operand: Operand) -> Made:
        if isinstance(operand, str):
            operand = Expression(column=operand)
        if isinstance(operand, Expression) and operand.kind in ("first", "cases"):
            return self._choice(operand, "timestamp")
        if isinstance(operand, Expression) and operand.kind == "column":
            column = self.column(operand.column or "")
            if isinstance(column, ir.DateValue | ir.TimestampValue):
                return times.of_moment(column, operand.column or "", self.source.time_zone)
        made = self._text(operand)
        formats = operand.formats if isinstance(operand, Expression) else ()
        return times.parsed(made, formats, self.source.time_zone, self.table, self._some)

    def _some(self, condition: ir.BooleanValue, text: ir.StringValue) -> tuple[int, int, list[str]]:
        """Return how many texts there are, in how many the condition holds, and three of those."""
        if self.layers.is_growing:
            return 0, 0, []
        return times.count_and_show(self.layers.con, self.layers.kept, condition, text)

    def _number(self, operand: Operand, wanted: str) -> Made:
        mark = self.layers.missing
        made = self.decimal(operand)
        if wanted != "money":
            return numbers.finish(made, wanted)
        rounded = made.expr.cast("decimal(38, 4)")
        rounded = self.layers.column(("rounded", repr(operand)), rounded, mark)
        return numbers.money(made, rounded)

    def _boolean(self, operand: Operand) -> Made:
        if isinstance(operand, Expression) and isinstance(operand.value, bool):
            return Made(ibis.literal(operand.value))
        if isinstance(operand, Expression) and operand.kind in ("first", "cases"):
            return self._choice(operand, "boolean")
        yes, no = YES, NO
        if isinstance(operand, Expression) and operand.yes is not None:
            yes, no = tuple(operand.yes), tuple(operand.no or ())
            operand = operand.model_copy(update={"yes": None, "no": None})
        made = self._text(operand)
        word = made.expr.lower()
        is_yes, is_no = word.isin([x.lower() for x in yes]), word.isin([x.lower() for x in no])
        expr = ibis.cases((is_yes, True), (is_no, False), else_=ibis.null("boolean"))
        bad = Bad(made.expr.notnull() & ~is_yes & ~is_no, "boolean", made.columns)
        return Made(expr, (*made.bads, bad), made.columns)

    def holds(self, condition: Condition) -> ir.BooleanValue:
        """Return whether a row fulfils a condition; never null."""
        if condition.any is not None:
            return ibis.or_(*(self.holds(part) for part in condition.any))
        if condition.all is not None:
            return ibis.and_(*(self.holds(part) for part in condition.all))
        name, op, value = condition.column or "", condition.op, condition.value
        text = self.text(name)
        if op in ("empty", "not empty"):
            return text.isnull() if op == "empty" else text.notnull()
        if op in ("matches", "not matches"):
            found = text.fill_null("").re_search(str(value))
            return found if op == "matches" else ~found
        if op in ("in", "not in"):
            found = text.fill_null("").isin([texts.plain(one) for one in value or []])  # pyright: ignore
            return found if op == "in" else ~found
        left: ir.Value = text.fill_null("")
        right: ir.Value = ibis.literal(texts.plain(value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            left, right = self.decimal(name).expr, numbers.constant(value)
        compared = {
            "=": left == right, "!=": left != right, "<": left < right, "<=": left <= right,
            ">": left > right, ">=": left >= right,
        }[op]  # fmt: skip
        return compared.fill_null(True)


def _joined(expr: ir.Value, parts: list[Made]) -> Made:
    return Made(expr, tuple(bad for part in parts for bad in part.bads), _columns(parts))


def _columns(parts: list[Made]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.columns))
