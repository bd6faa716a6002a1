"""Which figures have their customers behind them, and how to get these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.behind import (
    again,
    attitudes,
    buyers,
    care,
    channels,
    cohorts,
    composition,
    kinds,
    money,
    moving,
    newcomers,
    people,
    risk,
    satisfaction,
    selling,
    service,
    standing,
)
from core.behind.behind import Behind
from core.errors import UnknownFigure
from core.figures.asked import Asked
from core.figures.computing import asked_at
from core.figures.reasons import reason_unknown
from core.figures.registry import definition_of
from core.i18n import translate
from core.lists.registry import named, with_reasons
from core.view import View

FAMILIES: dict[str, dict[str, Behind]] = {
    "standing": standing.BEHIND,
    "kinds": kinds.BEHIND,
    "composition": composition.BEHIND,
    "channels": channels.BEHIND,
    "movement": moving.BEHIND,
    "sales": selling.BEHIND,
    "money": money.BEHIND,
    "risk": risk.BEHIND,
    "care": care.BEHIND,
    "people": people.BEHIND,
    "satisfaction": satisfaction.BEHIND,
    "attitudes": attitudes.BEHIND,
    "service": service.BEHIND,
    "waiting": service.WAITING,
    "repurchase": again.BEHIND,
    "expected": again.EXPECTED,
    "promotions": newcomers.BEHIND,
    "cohorts": cohorts.BEHIND,
    "buyers": buyers.BEHIND,
    "leads": buyers.LEADS,
}
BEHIND: dict[str, Behind] = {key: each for f in FAMILIES.values() for key, each in f.items()}

WHO = (
    "customer_key", "customer_id", "name", "tier_name", "region", "branch", "manager", "value",
    "last_on", "may_contact",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The customers behind a figure, and what they add up to.

    Attributes
    ----------
    rows
        One row per customer: ``WHO``, what the drill shows beside, ``counted``, and ``base`` of a
        share. The greatest ``counted`` first, then the greatest value.
    total
        What the rows make: the figure; null where they make none.
    headings
        The heading of each column, in the language asked for.
    """

    rows: pa.Table
    total: float | None
    headings: dict[str, str]


def behind_of(key: str) -> Behind:
    """Return the drill ``key``.

    Raises
    ------
    UnknownFigure
        If nobody stands behind it.
    """
    if key not in BEHIND:
        raise UnknownFigure("behind", found=key, known=", ".join(BEHIND))
    return BEHIND[key]


def found_behind(
    view: View, key: str, values: Sequence[str] = (), *, as_of: date | None = None,
    compare: date | None = None, language: str = "en",
) -> Found:  # fmt: skip
    """Return the customers behind a figure as ``figures.compute`` gives it.

    Parameters
    ----------
    key
        One of ``BEHIND``.
    values
        What the drill is about: as many as its ``values``.
    as_of
        A ledger day; null for the last closed month-end.
    compare
        Ledger day that movements begin at; null for three ledger days before.

    Raises
    ------
    UnknownFigure
        If there is no such drill, the number of values is another, or there is no ledger at a day.
    """
    chosen = behind_of(key)
    if len(values) != len(chosen.values):
        wanted, given = (", ".join(each) or "–" for each in (chosen.values, values))
        raise UnknownFigure("behind_values", name=key, found=given, wanted=wanted)
    asked = asked_at(view, view.ledger_day(as_of), compare and view.ledger_day(compare))
    columns = (*WHO, *chosen.more, "counted", *(("base",) if chosen.how == "share" else ()))
    if _is_unknown(asked, key, chosen):
        rows = pa.table({name: pa.array([], pa.string()) for name in columns})
        return Found(rows, None, _headings(columns, key, language))
    expression = _described(asked, chosen.rows(asked, *values))
    order = [ibis.desc(name, nulls_first=False) for name in ("counted", "value")]
    days = tuple(f"{reason}_on" for reason in chosen.reasons)
    read = [name for name in columns if not (days and name == "evidence_on")]
    rows = expression.order_by([*order, "customer_id"]).select(*read, *days).to_pyarrow()
    if chosen.reasons:
        rows = with_reasons(rows, chosen.reasons).select(columns)
    return Found(rows, _total(chosen, rows), _headings(columns, key, language))


def _is_unknown(asked: Asked, key: str, chosen: Behind) -> bool:
    if chosen.values:
        if chosen.is_movement and asked.opening is None:
            return True
        return any(not asked.view.ledger.has(table) for table in chosen.tables)
    return reason_unknown(asked, definition_of(key)) is not None


def _described(asked: Asked, rows: ir.Table) -> ir.Table:
    """Add who the customers are: names, and where they stand at the day."""
    lines = asked.all_lines(asked.as_of, asked.is_on_margin(asked.as_of))
    known = {name: lines[name] for name in WHO if name in lines.columns and name != "customer_key"}
    who = lines.select(
        _line="customer_key", **{n: known[n] for n in known if n not in rows.columns}
    )
    rows = rows.left_join(who, rows.customer_key == who["_line"]).drop("_line")
    return named(asked.view, rows)


def _total(chosen: Behind, rows: pa.Table) -> float | None:
    counted = rows["counted"].to_pandas().astype("float64")
    if chosen.how == "sum":
        return float(counted.sum())
    if chosen.how == "median":
        return float(counted.median()) if len(counted.dropna()) else None
    if chosen.how == "share":
        base = float(rows["base"].to_pandas().astype("float64").sum())
        return float(counted.sum()) / base * chosen.scale if base else None
    return None


def _headings(columns: tuple[str, ...], key: str, language: str) -> dict[str, str]:
    return {name: translate(f"list.column.{name}", language) for name in columns}
