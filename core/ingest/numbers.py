"""Numbers as companies write them, read exactly; money rounded half to even at four decimals."""

import re
from decimal import Decimal, InvalidOperation

import ibis
import ibis.expr.types as ir

from core.ingest.made import Bad, Made

DECIMAL = "decimal(38, 8)"
MOST_MONEY = 10**14  # what decimal(18, 4) no longer holds
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"


def constant(value: float) -> ir.DecimalValue:
    """Return a number of the mapping as a decimal literal."""
    return ibis.literal(Decimal(str(value)), type=DECIMAL)


def constant_of(value: object) -> ir.DecimalValue | None:
    """Return a constant as a decimal literal; None if it is no number."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return ibis.literal(number, type=DECIMAL) if number.is_finite() else None


def of_numeric(column: ir.NumericValue, name: str) -> Made:
    """Read a column that is a number already; NaN and infinity fail."""
    expr = column.try_cast(DECIMAL)
    return Made(expr, (Bad(column.notnull() & expr.isnull(), "number", (name,)),), (name,))


def parsed(text: Made, decimal: str, thousands: str | None) -> Made:
    """Read a text as a number, with the marks that the mapping states."""
    plain = text.expr
    if thousands:
        # Only where it stands between digits in threes: 1,234 but not 12,34.
        mark = re.escape(thousands)
        grouped = plain.re_search(rf"^[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+([^0-9].*)?$")
        plain = ibis.ifelse(grouped, plain.replace(thousands, ""), plain)
    if decimal == ",":
        plain = ibis.ifelse(plain.contains("."), "x", plain.replace(",", "."))
    looks = plain.re_search(_NUMBER)
    expr = ibis.ifelse(looks, plain, ibis.null("string")).try_cast(DECIMAL)
    bad = Bad(text.expr.notnull() & expr.isnull(), "number", text.columns)
    return Made(expr, (*text.bads, bad), text.columns)


def combine(kind: str, parts: list[ir.DecimalValue]) -> tuple[ir.DecimalValue, ir.BooleanValue]:
    """Return parts multiplied, added, subtracted or divided, and where the result is too large.

    Each step is exact and then kept to eight decimals; dividing by 0 gives null.
    """
    result = parts[0]
    too_large: ir.BooleanValue = ibis.literal(False)
    for part in parts[1:]:
        left, right = result.cast("float64"), part.cast("float64")
        size = {
            "multiply": left * right, "add": left + right, "subtract": left - right,
            "divide": left / right.nullif(0),
        }[kind]  # fmt: skip
        fits = size.abs() < 1e20
        nothing = ibis.null(DECIMAL)
        if kind == "multiply":
            step = ibis.ifelse(fits, result, nothing) * ibis.ifelse(fits, part, nothing)
        elif kind == "divide":
            step = ibis.ifelse(fits, size, ibis.null("float64"))
        else:
            step = result + part if kind == "add" else result - part
        too_large = too_large | (size.notnull() & ~fits)
        # Ibis takes a product of decimals for scale 8 and would leave out a plain cast; DuckDB
        # gives it scale 16.
        result = step.try_cast(DECIMAL)
    return result, too_large.fill_null(False)


def finish(made: Made, wanted: str) -> Made:
    """Return a decimal as "number" or "integer"; a fraction is no integer."""
    expr = made.expr
    if wanted == "number":
        return Made(expr.cast("float64"), made.bads, made.columns)
    whole = expr.cast("decimal(38, 0)")
    bad = Bad((whole != expr).fill_null(False), "integer", made.columns)
    return Made(whole.try_cast("int64"), (*made.bads, bad), made.columns)


def money(made: Made, rounded: ir.DecimalValue) -> Made:
    """Return a decimal as money: four decimals, halves to the even neighbour.

    Parameters
    ----------
    made
        The exact value, decimal(38, 8).
    rounded
        The same cast to decimal(38, 4), which on DuckDB rounds halves away from 0.
    """
    value = made.expr
    too_large = (rounded.abs() >= MOST_MONEY).fill_null(False)
    step = ibis.literal(Decimal("0.0001"), type="decimal(38, 4)")
    is_half = (rounded - value).abs() == ibis.literal(Decimal("0.00005"), type=DECIMAL)
    is_odd = (rounded * 10_000) % 2 != 0
    down = ibis.ifelse(rounded > 0, rounded - step, rounded + step)
    expr = ibis.ifelse((is_half & is_odd).fill_null(False), down, rounded)
    expr = ibis.ifelse(too_large, ibis.null("decimal(18, 4)"), expr.try_cast("decimal(18, 4)"))
    return Made(expr, (*made.bads, Bad(too_large, "too_large", made.columns)), made.columns)
