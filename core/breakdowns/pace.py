"""Open periods against earlier ones after as many business days, and figures against targets."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pyarrow as pa

from core import definitions
from core.breakdowns.breakdown import Breakdown, Period
from core.figures.asked import Asked
from core.figures.computing import compute
from core.figures.figure import Figure, Note
from core.figures.moving import is_left_truncated
from core.figures.pace import business_days
from core.figures.registry import definition_of
from core.metrics import to_date as pacing
from core.periods import month_start, plus_months
from core.targets import Target, in_force, is_flow, pace, targets_of, targets_set
from core.view import View

_UNITS: tuple[pacing.Unit, ...] = ("month", "quarter", "year")
_MEASURES = ("net", "occasions", "buyers", "new_buyers")


def to_date(view: View, period: Period) -> pa.Table:
    """Month, quarter and year so far against the one before and that of last year."""
    as_of = period.as_of
    sold = business_days(view, date(as_of.year - 1, 1, 1), as_of)
    stretches = {unit: pacing.compared(sold, unit, as_of=as_of) for unit in _UNITS}
    flat = {f"{u}.{name}": s for u, found in stretches.items() for name, s in found.items()}
    measured = _measured(view, as_of, flat)
    rows = []
    for unit, found in stretches.items():
        for measure in _MEASURES:
            seen = {name: measured[f"{unit}.{name}"].get(measure) for name in found}
            rows.append(
                {
                    "period": unit, "measure": measure, "business_days": found["now"].days,
                    "to_date": seen["now"], "previous_period": seen["previous"],
                    "last_year": seen["last_year"],
                    "previous_days": found["previous"].days,
                    "last_year_days": found["last_year"].days,
                    "change_previous": _change(seen["now"], seen["previous"]),
                    "change_last_year": _change(seen["now"], seen["last_year"]),
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_TO_DATE)


def _measured(
    view: View, as_of: date, stretches: Mapping[str, pacing.Stretch]
) -> dict[str, dict[str, float]]:
    """Return the measures of each stretch that lies within the books; of others nothing."""
    first_on = month_start(view.ledger.refresh.first_on)
    known = {name: s for name, s in stretches.items() if s.from_on >= first_on}
    entries = view.entries(as_of, since=min(s.from_on for s in known.values()))
    lines = view.lines(as_of)
    if view.scope:
        entries = entries.semi_join(lines, "customer_key")
    rows = pacing.traded(entries, known).to_pyarrow().to_pylist()
    found: dict[str, dict[str, float]] = {name: {} for name in stretches}
    for row in rows:
        found[row.pop("stretch")] = row
    asked = Asked(view, as_of, None)
    for name, stretch in known.items():
        if not is_left_truncated(asked, stretch.from_on - timedelta(days=1)):
            firsts = pacing.new_buyers(lines, from_on=stretch.from_on, to_on=stretch.to_on)
            found[name] |= firsts.to_pyarrow().to_pylist()[0]
    return found


def _change(now: float | None, then: float | None) -> float | None:
    return now / then - 1 if now is not None and then is not None and then > 0 else None


def _to_date_notes(view: View, period: Period) -> tuple[Note, ...]:
    as_of = period.as_of
    sold = business_days(view, date(as_of.year - 1, 1, 1), as_of)
    found = [pacing.compared(sold, unit, as_of=as_of) for unit in _UNITS]
    notes = []
    if any(stretch.is_short for each in found for stretch in each.values()):
        notes.append(Note("fewer_days_there"))
    first_on = view.ledger.refresh.first_on
    if any(s.from_on < month_start(first_on) for each in found for s in each.values()):
        notes.append(Note("compared_before_books", {"first_on": first_on}))
    asked = Asked(view, as_of, None)
    starts = [s.from_on - timedelta(days=1) for each in found for s in each.values()]
    if any(is_left_truncated(asked, day) for day in starts):
        notes.append(Note("new_buyers_unknown"))
    return tuple(notes)


def target_rows(view: View, as_of: date, targets: Sequence[Target]) -> list[dict[str, object]]:
    """Return every target whose period ``as_of`` lies in, with how far its figure has come.

    In a scope, the targets of that scope or within it alone.
    """
    current = [t for t in targets if t.days[0] <= as_of <= t.days[1] and _is_within(t, view)]
    since = min([plus_months(as_of, -12), *(t.days[0] for t in current)])
    sold = business_days(view, since, as_of)
    rows = []
    for target in current:
        first, last = target.days
        whole = pacing.expected_business_days(
            sold, from_on=first, to_on=last, as_of=as_of,
            books_from=view.ledger.refresh.first_on,
        )  # fmt: skip
        done = sum(first <= day <= as_of for day in sold)
        elapsed = done / whole if whole else None
        rows.append(_target_row(target, _actual(view, target, as_of), elapsed))
    return rows


def _is_within(target: Target, view: View) -> bool:
    return all(target.scope.get(name) in wanted for name, wanted in view.scope.items())


def _actual(view: View, target: Target, as_of: date) -> Figure:
    """Return the figure of a target; what is measured over a period, since the target's began."""
    scoped = View(view.ledger, {name: (value,) for name, value in target.scope.items()})
    opening = target.days[0] - timedelta(days=1)
    since = opening if definition_of(target.key).window == "period" else None
    (found,) = compute(scoped, [target.key], as_of, since)
    return found


def _target_row(target: Target, found: Figure, elapsed: float | None) -> dict[str, object]:
    figure = definition_of(target.key)
    flows = is_flow(figure)
    scope = ", ".join(f"{name}={value}" for name, value in sorted(target.scope.items()))
    row = {
        "figure": target.key, "period": target.period, "target_scope": scope,
        "target": target.value, "actual": found.value, "days_elapsed": elapsed if flows else None,
    }  # fmt: skip
    if found.value is None or (flows and elapsed is None):
        return row
    reached = pace(
        found.value, target.value, better=figure.better, share_elapsed=elapsed if flows else None
    )
    return row | {
        "target_reached": reached.share, "expected_by_now": reached.expected,
        "ahead_by": reached.ahead,
        "target_status": reached.status,
    }  # fmt: skip


def targets(view: View, period: Period) -> pa.Table:
    """Every target whose period the day lies in."""
    rows = target_rows(view, period.as_of, _configured(view))
    rows.sort(key=lambda row: (row["figure"], row["target_scope"], row["period"]))
    return pa.Table.from_pylist(rows, schema=_TARGETS)


def _target_notes(view: View, period: Period) -> tuple[Note, ...]:
    found = _configured(view)
    if not any(t.days[0] <= period.as_of <= t.days[1] for t in found):
        return (Note("no_targets"),)
    return (Note("target_pace"),)


def _configured(view: View) -> tuple[Target, ...]:
    """Return the targets of ``regulars.toml``, and those set on the board in their stead."""
    written = targets_of(definitions.load(view.ledger.books.home).targets)
    ours = view.ledger.recorded.get("targets")
    rows = ours.to_pylist() if ours is not None else []
    return in_force(
        written, targets_set({**row, "scope": json.loads(row["scope"])} for row in rows)
    )


_TO_DATE = pa.schema(
    [
        ("period", pa.string()),
        ("measure", pa.string()),
        ("business_days", pa.int64()),
        ("to_date", pa.float64()),
        ("previous_period", pa.float64()),
        ("previous_days", pa.int64()),
        ("change_previous", pa.float64()),
        ("last_year", pa.float64()),
        ("last_year_days", pa.int64()),
        ("change_last_year", pa.float64()),
    ]
)
_TARGETS = pa.schema(
    [
        ("figure", pa.string()),
        ("period", pa.string()),
        ("target_scope", pa.string()),
        ("target", pa.float64()),
        ("actual", pa.float64()),
        ("target_reached", pa.float64()),
        ("days_elapsed", pa.float64()),
        ("expected_by_now", pa.float64()),
        ("ahead_by", pa.float64()),
        ("target_status", pa.string()),
    ]
)
BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown("to-date", to_date, tuple(_TO_DATE.names), notes=_to_date_notes),
    Breakdown("targets", targets, tuple(_TARGETS.names), notes=_target_notes),
)
