"""Figures of what winning and keeping customers costs, and of contracts that end."""

from core.figures.asked import Asked, Cells
from core.figures.definition import Better, FigureDefinition, Source, Unit
from core.figures.figure import Cell, Note, unknown
from core.figures.moving import movement
from core.metrics.contract_churn import ended_contracts, renewal, running_contracts
from core.metrics.intervals import wilson
from core.metrics.refill import PURPOSES, refill_costs, spend_by_purpose
from core.periods import is_month_end

_KEEPING = ("retention_cost",)


def spent(asked: Asked) -> Cells:
    """Spend on winning customers and on keeping them, over whole months."""
    cells, _ = _spend(asked)
    return {(): cells}


def refill(asked: Asked) -> Cells:
    """What a new customer, a replaced one and a kept one cost."""
    cells, spend = _spend(asked)
    if not spend:
        absent = cells["spend_acquisition"]
        return {(): dict.fromkeys(_REFILL, Cell(None, note=absent.note))}
    moved = movement(asked)[()]
    new, lost, kept = (moved[name] for name in ("new", "lost", "kept"))
    costs = refill_costs(
        spend["acquisition"],
        spend["retention"],
        new=new.value,
        came_and_went=moved["came_and_went"].value,
        lost=lost.value or 0,
        kept=kept.value or 0,
    )
    won = None if new.value is None else int(new.value + (moved["came_and_went"].value or 0))
    ns = {"cost_per_new": won, "retention_cost": kept.n}
    return {
        (): {
            key: Cell(value, ns.get(key, new.n))
            if (value := costs[key]) is not None
            else _why_unknown(key, cells, new, lost)
            for key in _REFILL
        }
    }


def _spend(asked: Asked) -> tuple[dict[str, Cell], dict[str, float | None]]:
    """Return the spend of the period as figures and as numbers; no numbers where none is known."""
    keys = {purpose: f"spend_{purpose}" for purpose in PURPOSES}
    opening, as_of = asked.opening, asked.as_of
    if not asked.is_whole:
        return dict.fromkeys(keys.values(), unknown("spend_whole_only")), {}
    if opening is None or not (is_month_end(opening) and is_month_end(as_of)):
        return dict.fromkeys(keys.values(), unknown("spend_whole_months")), {}
    sums = spend_by_purpose(asked.view.ledger.table("spend"), opened_on=opening, as_of=as_of)
    (row,) = sums.to_pyarrow().to_pylist()
    months = (as_of.year - opening.year) * 12 + as_of.month - opening.month
    cells = {
        keys[p]: Cell(row[p])
        if row[p] is not None
        else unknown("spend_missing", known=row[f"{p}_months"], months=months)
        for p in PURPOSES
    }
    return cells, {p: row[p] for p in PURPOSES}


def _why_unknown(key: str, spend: dict[str, Cell], new: Cell, lost: Cell) -> Cell:
    """Return a null with the first reason why a cost is not known."""
    needed = ["retention"] if key in _KEEPING else ["acquisition"]
    if key == "refill_ratio":
        needed = [*PURPOSES]
    notes: tuple[Note, ...] = ()
    for purpose in needed:
        notes = notes or spend[f"spend_{purpose}"].note
    if notes:
        return Cell(None, note=notes)
    if key in _KEEPING:
        return unknown("nobody_kept", 0)
    if new.value is None:
        return Cell(None, note=new.note)
    if key in ("refill_cost", "refill_spend", "refill_ratio") and not lost.value:
        return unknown("nobody_lost_in_period", 0)
    if not new.value:
        return unknown("nobody_new", 0)
    return unknown("nothing_spent_on_keeping")


def contracts(asked: Asked) -> Cells:
    """Contracts that ended in the period, and how many of them were renewed."""
    if asked.opening is None:
        return {}
    ended = ended_contracts(
        asked.view.ledger.table("contracts"), opened_on=asked.opening, as_of=asked.as_of
    )
    rows = renewal(asked.scoped(ended), by=asked.column)
    cells: Cells = {}
    for group, row in asked.rows(rows):
        n = row["ended"]
        none = unknown("no_contract_ended", 0)
        rates = {"churn_contract": row["unrenewed"], "renewal_rate": row["renewed"]}
        cells[group] = {"contracts_ended": Cell(n, n)} | {
            key: Cell(row[key], n, *wilson(count, n)) if n else none for key, count in rates.items()
        }
    return cells


def running(asked: Asked) -> Cells:
    """Customers who have a contract that runs."""
    found = running_contracts(asked.view.ledger.table("contracts"), as_of=asked.as_of)
    rows = asked.scoped(found)
    sums = rows.aggregate(by=asked.column, n=rows.customer_key.nunique().cast("int64"))
    return {
        group: {"contracts_running": Cell(row["n"], row["n"])} for group, row in asked.rows(sums)
    }


_REFILL = ("cost_per_new", "refill_cost", "refill_spend", "retention_cost", "refill_ratio")


def _of_period(
    key: str, source: Source, unit: Unit, better: Better, *, is_mean: bool = False
) -> FigureDefinition:
    table = "contracts" if source is contracts else "spend"
    return FigureDefinition(
        key, source, unit, better, "period", tables=("orders", table), is_movement=True,
        is_mean=is_mean,
    )  # fmt: skip


FIGURES: tuple[FigureDefinition, ...] = (
    _of_period("spend_acquisition", spent, "money", "none"),
    _of_period("spend_retention", spent, "money", "none"),
    _of_period("cost_per_new", refill, "money", "down", is_mean=True),
    _of_period("refill_cost", refill, "money", "down", is_mean=True),
    _of_period("refill_spend", refill, "money", "down"),
    _of_period("retention_cost", refill, "money", "down", is_mean=True),
    _of_period("refill_ratio", refill, "ratio", "none"),
    FigureDefinition(
        "contracts_running", running, "customers", "up", "day", tables=("orders", "contracts")
    ),
    _of_period("contracts_ended", contracts, "count", "none"),
    _of_period("renewal_rate", contracts, "rate", "up"),
    _of_period("churn_contract", contracts, "rate", "down"),
)
