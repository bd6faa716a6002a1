"""Texts as companies write them: what stands around a value, and one spelling for equal ones."""

import ibis
import ibis.expr.types as ir

from core.ingest.expression import Expression, Operand

# Blanks of all scripts, a byte order mark, marks of direction and width: around a value, not of it.
_EDGE = (
    r"[\s\x0b\x{00a0}\x{1680}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}\x{2066}-\x{2069}"
    r"\x{3000}\x{feff}]"
)


def trimmed(text: ir.StringValue) -> ir.StringValue:
    """Return ``text`` without the blanks and invisible marks at its ends."""
    return text.re_replace(f"^{_EDGE}+|{_EDGE}+$", "")


def needs_trimming(text: ir.StringValue) -> ir.BooleanValue:
    """Tell whether ``trimmed`` would change ``text``."""
    return text.re_search(f"^{_EDGE}|{_EDGE}$")


def cleaned(text: ir.StringValue, how: str) -> ir.StringValue:
    """Return ``text`` put into one spelling, as ``clean`` of a mapping says."""
    if how == "point_zero":
        return text.re_replace(r"^([+-]?[0-9]+)\.0+$", r"\1")
    if how == "upper":
        return text.upper()
    if how == "lower":
        return text.lower()
    if how == "spaces":
        return text.re_replace(r"[\s\x{3000}]{2,}|[\t\r\n\x{3000}]", " ")
    if how == "digits":
        found = text.re_replace(r"[^0-9]", "")
        return ibis.ifelse(found == "", ibis.null("string"), found)
    return text.re_replace(r"^0+([0-9])", r"\1")


def literal_or_null(operand: Operand) -> ir.Value:
    """What ``values`` maps all other values to: a literal, "" for null."""
    value = operand.value if isinstance(operand, Expression) else operand
    text = plain(value)
    return ibis.null("string") if text == "" else ibis.literal(text)


def plain(value: object) -> str:
    """Return a constant of a mapping as the text that a source would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
