"""Who qualifies for a wave, with all that their worth is made of: from the books, as they stand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute

from core import engine
from core.figures.evidence import customers_at_risk, overdue_customers
from core.figures.losses import lost_with_causes
from core.ledger.lines import LINES
from core.lists import sources
from core.metrics.retention import silence_band
from core.metrics.second_life import second_life_money, second_life_value, second_lives
from core.metrics.winback import lost_customers, spontaneous_return
from core.view import View

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
# Programme -> the work list whose customers qualify.
PROGRAMMES = {"win_back": "win-back", "at_risk": "at-risk", "care": "overdue"}
BANDS = ("0-90", "91-180", "181-365", "366-730", "731+")
UPPER = 3  # tiers
_COLUMNS = (
    "customer_key", "tier", "tier_name", "silence_band", "silence_days", "last_on", "value",
    "occasions", "history_days", "was_upper", "cause", "evidence", "region", "branch", "manager",
    "is_refused", "return_rate", "return_n",
)  # fmt: skip


@dataclass(frozen=True)
class Candidates:
    """Who stands on the list of a programme at a ledger day.

    ``rows`` has one row per customer: ``customer_key``, ``tier`` (int64), ``tier_name``,
    ``silence_band``, ``silence_days``, ``last_on``, ``value`` (float64; of the 12 months up to the
    last business, of the active up to the day), ``occasions``, ``history_days`` (first to last
    business), ``was_upper`` (ever in the upper three tiers), ``cause`` and ``evidence`` (of the
    lost; null: unknown), region, branch, manager, ``is_refused`` (may not be contacted),
    ``return_rate`` and ``return_n`` (share of like customers who bought within the horizon without
    a wave, and of how many).

    ``second_lives`` gives the mean of the 12 months after the return and its n by tier.
    """

    day: date
    rows: pa.Table
    second_lives: Mapping[int | None, tuple[float | None, int]]
    is_on_margin: bool


def candidates(view: View, programme: str, day: date, *, horizon_days: int) -> Candidates:
    """Return who qualifies for a programme at a ledger day, before anything narrows it."""
    is_on_margin = view.is_on_margin(day)
    if programme == "win_back":
        rows = _lost(view, day, horizon_days)
        lives = _second_lives(view, day, horizon_days, is_on_margin)
    else:
        rows = _active(view, programme, day, horizon_days, is_on_margin)
        lives = {}
    refused = view.ledger.not_to_contact().select(_refused="customer_key")
    rows = rows.left_join(refused, rows.customer_key == refused["_refused"])
    history = rows.last_business_on.delta(rows.since_on, unit="day").cast("int64")
    rows = rows.mutate(
        tier=rows.tier.cast("int64"), value=rows.value.cast("float64"),
        occasions=rows.occasions.cast("int64"), history_days=history,
        is_refused=rows["_refused"].notnull(),
    )  # fmt: skip
    found = rows.select(*_COLUMNS).order_by("customer_key").to_pyarrow()
    return Candidates(day, found, lives, is_on_margin)


def with_recorded(
    found: Candidates, causes: Mapping[int, tuple[str, str]], refused: Collection[int]
) -> Candidates:
    """Return candidates with what was recorded since: causes of loss, and who refused a contact.

    A cause that the owner of a case noted goes before what the books say; it is the later one.

    Parameters
    ----------
    causes
        Customer -> cause and evidence.
    """
    rows = found.rows
    keys = pa.array(causes.keys(), pa.int64())
    place = pc.index_in(rows["customer_key"], keys)
    for part, name in enumerate(("cause", "evidence")):
        noted = pa.array([each[part] for each in causes.values()], pa.string()).take(place)
        column = pc.coalesce(noted, rows[name])
        rows = rows.set_column(rows.column_names.index(name), name, column)
    said = pc.is_in(rows["customer_key"], pa.array(sorted(refused), pa.int64()))
    is_refused = pc.or_(rows["is_refused"], said)
    rows = rows.set_column(rows.column_names.index("is_refused"), "is_refused", is_refused)
    return replace(found, rows=rows)


def _lost(view: View, day: date, horizon_days: int) -> ir.Table:
    lost = engine.kept(view.ledger.con, sources.lost_to_win_back(view, day, horizon_days))
    lost = lost.drop("value").rename(value="value_lost")
    causes = lost_with_causes(view, lost, view.days[0], day)
    is_known = causes.cause != "unknown"
    causes = causes.filter(is_known).select(_who="customer_key", cause="cause", evidence="evidence")
    rows = lost.left_join(causes, lost.customer_key == causes["_who"])
    every = view.ledger.derived("ledger", LINES)
    once = every.filter((every.month_end <= day) & (every.tier <= UPPER))
    once = once.select(_upper="customer_key").distinct()
    rows = rows.left_join(once, rows.customer_key == once["_upper"])
    return rows.mutate(was_upper=rows["_upper"].notnull())


def _active(
    view: View, programme: str, day: date, horizon_days: int, is_on_margin: bool
) -> ir.Table:
    """Return who is at risk or overdue; like customers are the active of tier and silence."""
    chosen = (
        customers_at_risk(view, day, is_on_margin)
        if programme == "at_risk"
        else overdue_customers(view, day)
    ).select(_chosen="customer_key")
    lines = view.lines(day, is_on_margin)
    rows = silence_band(lines.semi_join(chosen, lines.customer_key == chosen["_chosen"]))
    days = tuple(
        f"month_end={d.isoformat()}" for d in sources.months_apart(view, day, horizon_days)
    )
    earlier = view.ledger.derived("ledger", LINES, days)
    earlier = silence_band(earlier.filter(earlier.is_active))
    rates = spontaneous_return(
        earlier, View(view.ledger).occasions(day), as_of=day, within_days=horizon_days
    ).select(_tier="tier", _band="silence_band", return_n="return_n", return_rate="return_rate")
    is_like = rows.tier.identical_to(rates["_tier"]) & rows.silence_band.identical_to(
        rates["_band"]
    )
    found = rows.left_join(rates, is_like)
    nothing = ibis.null("string")
    return found.mutate(
        return_n=found.return_n.fill_null(0), was_upper=(found.tier <= UPPER).fill_null(False),
        cause=nothing, evidence=nothing, last_business_on=found.last_on,
    )  # fmt: skip


def _second_lives(
    view: View, day: date, horizon_days: int, is_on_margin: bool
) -> dict[int | None, tuple[float | None, int]]:
    definitions = view.definitions
    days = tuple(
        f"month_end={d.isoformat()}" for d in sources.months_apart(view, day, horizon_days)
    )
    earlier = sources.with_segment(view, view.ledger.derived("ledger", LINES, days))
    tau = {
        "lapse_after_days": definitions.lapse_after_days,
        "lapse_by_segment": definitions.lapse_by_segment,
    }
    whole = View(view.ledger)
    lives = second_lives(lost_customers(earlier, **tau), whole.occasions(day), **tau)
    money = second_life_money(lives, whole.entries(day), as_of=day)
    found = second_life_value(money, is_on_margin=is_on_margin).to_pyarrow().to_pylist()
    return {row["tier"]: (row["second_life"], row["returned"]) for row in found}
