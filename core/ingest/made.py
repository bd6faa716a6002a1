"""A value that the mapping makes of source columns, and the ways in which it can fail."""

from dataclasses import dataclass, field

import ibis.expr.types as ir


@dataclass(frozen=True)
class Bad:
    """Where ``bad`` holds, the value cannot be had, for ``reason``."""

    bad: ir.BooleanValue
    reason: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """An expression, how it can fail, and the source columns it is made of."""

    expr: ir.Value
    bads: tuple[Bad, ...] = ()
    columns: tuple[str, ...] = field(default=())
