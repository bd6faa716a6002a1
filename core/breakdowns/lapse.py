"""What other limits of silence would say: who comes back, and how churn would read."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.breakdowns.breakdown import Breakdown, Period
from core.figures.figure import Note
from core.figures.lapse import returns, sample_note, tried
from core.metrics.contract_churn import running_contracts
from core.metrics.lapse import churn_by_lapse, proposed_lapse
from core.periods import is_month_end, month_end, plus_months
from core.view import View


def proposal(view: View, period: Period) -> ir.Table:
    """Every limit: who comes back, how churn would read, whether it is proposed or in force."""
    con = view.ledger.con
    rates = engine.small_table(
        con, returns(view, view.occasions(period.as_of), period.as_of).to_pyarrow()
    )
    (chosen,) = proposed_lapse(rates).to_pyarrow().to_pylist()
    rows = rates.mutate(
        is_proposed=(rates.lapse_days == chosen["proposed_days"]).fill_null(False),
        is_in_force=rates.lapse_days == view.definitions.lapse_after_days,
    )
    year_ago = month_end(plus_months(period.as_of, -12)) if is_month_end(period.as_of) else None
    for name, opening in (("churn_period", period.opening), ("churn_annual", year_ago)):
        rows = rows.left_join(_churn(view, opening, period.as_of, name), "lapse_days")
        rows = rows.drop("lapse_days_right")
    return rows


def _churn(view: View, opening: date | None, as_of: date, name: str) -> ir.Table:
    """Return churn since ``opening`` with each limit.

    Null where the opening lies within so many days of the beginning of the books: who was active
    by an earlier purchase is not seen there, and these are the ones who are lost first.
    """
    schema = pa.schema([("lapse_days", pa.int64()), (name, pa.float64())])
    if opening is None or opening not in view.days:
        return engine.small_table(view.ledger.con, schema.empty_table())
    running: dict[str, ir.Table | None] = {"running_then": None, "running_now": None}
    if view.ledger.has("contracts"):
        contracts = view.ledger.table("contracts")
        running = {
            "running_then": running_contracts(contracts, as_of=opening),
            "running_now": running_contracts(contracts, as_of=as_of),
        }
    found = churn_by_lapse(
        view.lines(opening), view.all_lines(as_of), lapses=tried(view.definitions), **running
    )
    seen = (opening - view.ledger.refresh.first_on).days
    is_whole = found.lapse_days <= seen
    churn = is_whole.ifelse(found.churn, ibis.null("float64"))
    rows = found.select("lapse_days", **{name: churn}).to_pyarrow()
    return engine.small_table(view.ledger.con, rows)


def by_segment(view: View, period: Period) -> pa.Table:
    """For each segment, the limit that suits it and the one in force."""
    lines = view.lines(period.as_of).select("customer_key", "segment")
    occasions = view.occasions(period.as_of).inner_join(lines, "customer_key")
    found = returns(view, occasions, period.as_of, by=("segment",)).to_pyarrow()
    rates = engine.small_table(view.ledger.con, found)
    at = {(row["segment"], row["lapse_days"]): row for row in found.to_pylist()}
    definitions = view.definitions
    rows = []
    for row in proposed_lapse(rates, by=("segment",)).to_pyarrow().to_pylist():
        segment = row["segment"]
        in_force = definitions.lapse_by_segment.get(segment or "", definitions.lapse_after_days)
        proposed = at.get((segment, row["proposed_days"]))
        rows.append(
            row
            | {
                "in_force_days": in_force,
                "in_force_rate": at[segment, in_force]["return_rate"],
                "proposed_rate": proposed["return_rate"] if proposed else None,
                "silent": proposed["silent"] if proposed else None,
            }
        )
    rows.sort(key=lambda row: (row["segment"] is None, row["segment"]))
    return pa.Table.from_pylist(rows, schema=_SEGMENT_SCHEMA)


def _notes(view: View, period: Period) -> tuple[Note, ...]:
    if period.opening is None:
        return (Note("no_earlier_day"), *sample_note(view))
    since = Note("lapse_churn_since", {"day": period.opening})
    differing = (Note("lapse_segments"),) if view.definitions.lapse_by_segment else ()
    return (since, *differing, *sample_note(view))


def _sampled(view: View, _: Period) -> tuple[Note, ...]:
    return sample_note(view)


_SEGMENT_SCHEMA = pa.schema(
    [
        ("segment", pa.string()),
        ("in_force_days", pa.int64()),
        ("in_force_rate", pa.float64()),
        ("proposed_days", pa.int64()),
        ("proposed_rate", pa.float64()),
        ("silent", pa.int64()),
        ("longest_days", pa.int64()),
    ]
)
BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "lapse-proposal", proposal,
        ("lapse_days", "silent", "came_back", "return_rate", "return_low", "return_high",
         "churn_period", "churn_annual", "is_proposed", "is_in_force"),
        order=("lapse_days",), notes=_notes,
    ),
    Breakdown("lapse-by-segment", by_segment, tuple(_SEGMENT_SCHEMA.names), notes=_sampled),
)  # fmt: skip
