"""What the page of customers finds: those behind a figure, and how they make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from core.behind.behind import Behind
from core.behind.registry import BEHIND, Found
from core.definitions import TIERS
from core.exports.spoken import coded
from core.figures import Figure, definition_of
from core.i18n import texts
from core.schema import SCOPES
from dashboard import address, drill, numbers, tables
from dashboard.findings import words
from dashboard.session import Look, Scope, say

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
FALLBACK = "active_customers"
# Scopes that a drill may ask for beside the shared filters.
NARROWER = ("tier", *(name for name in SCOPES if name not in address.SHARED))
_WHO = ("customer_id", "name", "tier_name")
_WHERE = ("value", "manager", "branch", "last_on", "may_contact")


@dataclass(frozen=True)
class Asked:
    """Whose customers the address asks for, and what of it had to be left out."""

    figure: str
    values: tuple[str, ...]
    scope: Scope
    dropped: tuple[str, ...]


def asked(known: Sequence[Mapping[str, str | None]]) -> Asked:
    """Read the address; ``known`` are the combinations of scopes that the ledger has."""
    figure = address.held("figure") or FALLBACK
    values = drill.parted(address.held("values") or "")
    dropped = []
    if figure not in BEHIND or len(values) != len(BEHIND[figure].values):
        dropped.append(say("customers.figure_dropped", figure=", ".join((figure, *values))))
        figure, values = FALLBACK, ()
        address.drop("figure", "values")
    scope = []
    for name in NARROWER:
        if (value := address.held(name)) is None:
            continue
        options = TIERS if name == "tier" else {row.get(name) for row in known}
        if value in options:
            scope.append((name, (value,)))
        else:
            dropped.append(say("filter.dropped", names=f"{_heading(name)} “{value}”"))
            address.drop(name)
    return Asked(figure, values, tuple(scope), tuple(dropped))


def title(
    look: Look, ask: Asked, figure: Figure | None, tiers: str, staff: Mapping[str, str]
) -> str:
    """Say which figure it is, with its value, and in which scope beside the filters."""
    if figure is None:
        said = [_said(name, value, look, tiers, staff) for name, value in _named(ask)]
        name = texts(look.language).get(f"behind.{ask.figure}.title", "{0}").format(*said)
    else:
        name = say(
            "customers.title", name=definition_of(figure.key).name(look.language),
            value=words.shown(figure, look),
        )  # fmt: skip
    parts = [_said(name, value, look, tiers, staff) for name, (value,) in ask.scope]
    return " · ".join((name, *parts))


def tie(look: Look, ask: Asked, figure: Figure | None, found: Found) -> str:
    """Say how the customers make the figure, and what the board says."""
    behind, rows = BEHIND[ask.figure], found.rows
    n = numbers.whole(rows.num_rows, look.language)
    if figure is None or found.total is None:
        return say("customers.count", n=n)
    total = words.amount(found.total, words.unit_of(figure), look)
    board = words.shown(figure, look)
    if behind.how == "median":
        return say("customers.median", n=n, total=total, board=board)
    counted = _sum(look, behind, rows, "counted")
    if behind.how == "share":
        base = _sum(look, behind, rows, "base")
        key = "share" if words.unit_of(figure) in ("rate", "share") else "ratio"
        times = f" × {numbers.whole(behind.scale, look.language)}" if behind.scale != 1 else ""
        return say(
            f"customers.{key}", counted=counted, base=base + times, total=total, board=board
        )  # fmt: skip
    key = "money" if behind.is_money else "heads" if _is_constant(rows) else "events"
    return say(f"customers.{key}", n=n, total=total, board=board)


def columns(look: Look, ask: Asked, found: Found) -> tuple[pa.Table, dict[str, tables.Column]]:
    """Return the rows and their columns: who, why, what they count, whether to contact them."""
    behind, rows = BEHIND[ask.figure], found.rows
    # Where all moved alike, the title has said it.
    alike = {"movement"} if "movement" in behind.more and _is_alike(rows["movement"]) else set()
    counted: tuple[str, ...] = ()
    if behind.how == "share" and not behind.is_money and _is_constant(rows, "base"):
        counted = ("counted",)
        place = rows.column_names.index("counted")
        rows = rows.set_column(place, "counted", pc.greater(rows["counted"], 0))
    elif behind.is_money or behind.how == "median" or not _is_constant(rows):
        counted = ("counted", "base") if behind.how == "share" else ("counted",)
    why = [name for name in behind.more if name not in {*_WHO, *_WHERE, *alike}]
    if any(_is_same(rows, "base", name) for name in why):
        counted = ("counted",)  # the column that says what it is says more
    names = (*_WHO, *counted, *why, *_WHERE)
    if behind.is_money and _is_same(rows, "counted", "value"):
        names = tuple(name for name in names if name != "value")
    made = tables.columns_of(rows, found.headings, look.currency, names)
    for name in ("counted", "base"):
        if behind.is_money and name in made:
            heading = say("table.money", heading=found.headings[name], currency=look.currency)
            made[name] = tables.Column(heading, "money")
    return rows, made


def meaning(look: Look, ask: Asked, figure: Figure | None) -> list[str]:
    """Return how the figure is computed, what it means and how edge cases are decided."""
    if figure is None:
        return []
    known = definition_of(figure.key)
    spoken = look.language
    found = [known.formula(spoken), known.definition(spoken), known.edges(spoken)]
    return [text for text in (*found, figure.note_text(spoken)) if text]


def absent(figure: Figure | None) -> list[str]:
    """Return the tables that a figure needs and the company did not bring."""
    notes = figure.note if figure else ()
    return [
        table for note in notes if note.key == "no_table"
        for table in str(note.values["tables"]).split(", ")
    ]  # fmt: skip


def _named(ask: Asked) -> list[tuple[str, str]]:
    return list(zip(BEHIND[ask.figure].values, ask.values, strict=True))


def _said(name: str, value: str, look: Look, tiers: str, staff: Mapping[str, str]) -> str:
    if name in ("manager", "employee_id"):
        return staff.get(value, value)
    return coded("tier_name" if name.startswith("tier") else name, value, tiers, look.language)


def _heading(scope: str) -> str:
    return say(f"list.column.{'tier_name' if scope == 'tier' else scope}")


def _sum(look: Look, behind: Behind, rows: pa.Table, column: str) -> str:
    value = pc.sum(rows[column]).as_py() or 0
    if behind.is_money:
        return numbers.short_money(value, look.currency, look.language)
    return numbers.whole(value, look.language)


def _is_constant(rows: pa.Table, column: str = "counted") -> bool:
    """Whether each row counts once."""
    return pc.all(pc.equal(rows[column], 1)).as_py() is not False


def _is_alike(column: pa.ChunkedArray) -> bool:
    return len(pc.unique(column)) == 1


def _is_same(rows: pa.Table, one: str, other: str) -> bool:
    """Whether two columns of money hold the same in every row."""
    if one not in rows.column_names or not pa.types.is_decimal(rows.schema.field(other).type):
        return False
    values = rows[other].cast(pa.float64())
    return bool(pc.all(pc.less(pc.abs(pc.subtract(rows[one], values)), 0.005)).as_py())
