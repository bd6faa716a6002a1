"""Who comes back after how long a silence, and who leaves at the end of a contract."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.breakdowns.breakdown import Breakdown, Period
from core.figures.figure import Note
from core.ledger.lines import LINES
from core.metrics.contract_churn import ended_contracts, lost_by
from core.metrics.intervals import wilson
from core.metrics.retention import reactivation as reactivation_of
from core.metrics.winback import lost_customers
from core.view import View

_BANDS = ("0-90", "91-180", "181-365", "366-730", "731+")
_REACTIVATION = (
    "tier_name",
    "silence_band",
    "customers",
    "came_back",
    "return_rate",
    "return_low",
    "return_high",
)
_CONTRACT_CHURN = ("lost_by", "end_cause", "customers", "share_of_lost", "opening_value")


def reactivation(view: View, period: Period) -> ir.Table | pa.Table:
    """Share of those lost at the opening who bought since, by last tier and silence."""
    if period.opening is None:
        return pa.table({name: pa.array([], pa.string()) for name in _REACTIVATION})
    definitions = view.definitions
    lost = lost_customers(
        view.lines(period.opening),
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    now = view.ledger.derived("ledger", LINES, (f"month_end={period.as_of.isoformat()}",))
    rows = reactivation_of(lost, now, by=("tier", "tier_name", "silence_band"))
    low, high = wilson(rows.returned, rows.n)
    place = rows.silence_band.cases(*((band, n) for n, band in enumerate(_BANDS)))
    found = rows.mutate(
        customers=rows.n,
        came_back=rows.returned,
        return_rate=rows.reactivation,
        return_low=low,
        return_high=high,
        place=place,
    )
    # Rounding leaves a trace outside 0 to 1 where nobody or everybody came back.
    return found.mutate(
        return_low=found.return_low.clip(lower=0.0), return_high=found.return_high.clip(upper=1.0)
    )


def contract_churn(view: View, period: Period) -> ir.Table | pa.Table:
    """Customers lost in the period, by what ended last: silence, or a contract and its cause."""
    if period.opening is None:
        return pa.table({name: pa.array([], pa.string()) for name in _CONTRACT_CHURN})
    definitions = view.definitions
    ended = ended_contracts(
        view.ledger.table("contracts"), opened_on=period.opening, as_of=period.as_of
    )
    lost = lost_by(
        view.lines(period.opening, view.is_on_margin(period.opening)),
        view.all_lines(period.as_of),
        ended,
        lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )
    rows = lost.group_by("lost_by", "end_cause").agg(
        customers=lost.count().cast("int64"), opening_value=lost.value.sum().cast("float64")
    )
    everybody = rows.customers.sum().over(ibis.window()).cast("float64")
    return rows.mutate(share_of_lost=rows.customers.cast("float64") / everybody.nullif(0))


def _notes(_: View, period: Period) -> tuple[Note, ...]:
    """Say since when."""
    if period.opening is None:
        return (Note("no_earlier_day"),)
    return (Note("since", {"day": period.opening}),)


def _valued(view: View, period: Period) -> tuple[Note, ...]:
    if period.opening is None:
        return _notes(view, period)
    basis = Note("on_margin" if view.is_on_margin(period.opening) else "on_net")
    return (*_notes(view, period), basis)


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "reactivation-by-silence", reactivation, _REACTIVATION, order=("tier", "place"),
        notes=_notes,
    ),
    Breakdown(
        "contract-churn", contract_churn, _CONTRACT_CHURN,
        order=("-customers", "lost_by", "end_cause"), tables=("orders", "contracts"), notes=_valued,
    ),
)  # fmt: skip
