"""Who stands behind complaints, recovery, promises and waiting."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.behind.events import one, per_customer
from core.breakdowns.complaints import age_band, speed
from core.figures.asked import MONTHS, Asked
from core.figures.channels import due_appointments
from core.figures.service import BEGINNING, compared, resolved, states
from core.metrics.complaints import open_complaints
from core.metrics.promises import due_promises
from core.metrics.recovery import recovery_cases
from core.periods import window_start

_COMPLAINTS = ("orders", "complaints")
_PROMISES = ("orders", "promises")
_COMPLAINED = ("opened_on", "category")
# What complaints are told apart by, and the column of their states.
_OF_COMPLAINTS = {
    "branch": "branch", "category": "category", "cause": "cause", "product": "product_id",
}  # fmt: skip


def opened(asked: Asked) -> ir.Table:
    """Return who complained in 12 months, and how often."""
    return _complained(states(asked))


def opened_of(asked: Asked, value: str, *, column: str) -> ir.Table:
    """Return who complained in 12 months of a branch, a category, a cause or a product."""
    rows = states(asked)
    return _complained(rows.filter(rows[column] == value))


def opened_in(asked: Asked, month: str) -> ir.Table:
    """Return who complained in a month, as "2024-03"."""
    rows = states(asked)
    return _complained(rows.filter(rows.month.strftime("%Y-%m") == month))


def waiting(asked: Asked) -> ir.Table:
    """Return whose complaint is open, and how many are."""
    return _complained(_open(asked))


def waiting_for(asked: Asked, band: str) -> ir.Table:
    """Return whose complaint has been open for as long as a band says."""
    rows = _open(asked)
    return _complained(rows.filter(age_band(rows.age_days) == band))


def reopened(asked: Asked) -> ir.Table:
    """Return whose complaint was resolved, and how many were opened again."""
    rows = states(asked)
    rows = rows.filter(rows.resolved_on.notnull() | rows.is_reopened)
    return per_customer(rows, rows.is_reopened, one(), opened_on=rows.opened_on.max())


def per_active(asked: Asked) -> ir.Table:
    """Return the complaints of 12 months over the active customers."""
    rows = states(asked)
    lines = asked.lines(asked.as_of)
    both = ibis.union(
        rows.select("customer_key", counted=ibis.literal(1.0), base=ibis.literal(0.0)),
        lines.filter(lines.is_active).select(
            "customer_key", counted=ibis.literal(0.0), base=ibis.literal(1.0)
        ),
    )
    return per_customer(both, both.counted, both.base)


def recovered(asked: Asked, *, quality: tuple[str, ...] = ()) -> ir.Table:
    """Return whose complaint was resolved long enough ago, and who bought again."""
    rows = _cases(asked, quality)
    return per_customer(rows, rows.came_back, one(), opened_on=rows.opened_on.max())


def recovered_of(asked: Asked, value: str, *, column: str) -> ir.Table:
    """Return whose complaint of a kind was resolved long enough ago, and who bought again."""
    rows = _cases(asked)
    kind = speed(rows.resolution_days) if column == "speed" else rows[column]
    rows = rows.filter(kind == value)
    return per_customer(rows, rows.came_back, one(), opened_on=rows.opened_on.max())


def like_customers(asked: Asked, *, quality: tuple[str, ...] = ()) -> ir.Table:
    """Return those for whom there are like customers, with the share of these who bought."""
    rows = _cases(asked, quality)
    rows = rows.filter(rows.like_rate.notnull())
    return per_customer(rows, rows.like_rate, one(), opened_on=rows.opened_on.max())


def against_like(asked: Asked) -> ir.Table:
    """Return those for whom there are like customers, with their return less that of these."""
    rows = _cases(asked)
    rows = rows.filter(rows.like_rate.notnull())
    gap = rows.came_back.cast("float64") - rows.like_rate
    return per_customer(rows, gap, one(), opened_on=rows.opened_on.max())


def promised(asked: Asked) -> ir.Table:
    """Return to whom a promise fell due in 12 months, and which were kept."""
    return _kept(_due(asked))


def promised_of(asked: Asked, value: str, *, column: str) -> ir.Table:
    """Return to whom a promise of a kind, or of an employee, fell due in 12 months."""
    rows = _due(asked)
    return _kept(rows.filter(rows[column] == value))


def promised_in(asked: Asked, quarter_from: str) -> ir.Table:
    """Return to whom a promise fell due in the quarter that begins on a day, as "2024-04-01"."""
    table = asked.view.ledger.table("promises")
    rows = asked.scoped(due_promises(table, since=BEGINNING, as_of=asked.as_of))
    return _kept(rows.filter(rows.quarter_from.cast("string") == quarter_from))


def broken(asked: Asked) -> ir.Table:
    """Return to whom promises were broken in 12 months, and how many."""
    rows = _due(asked)
    rows = rows.filter(~rows.is_kept)
    return per_customer(rows, one(), due_on=rows.due_on.max(), late_days=rows.late_days.max())


def missed(asked: Asked) -> ir.Table:
    """Return whose appointments were due in 12 months, and which they missed."""
    return _missed(due_appointments(asked))


def missed_of(asked: Asked, value: str, *, column: str) -> ir.Table:
    """Return whose appointments were due at a branch, at an hour, or for a service."""
    rows = due_appointments(asked)
    place = rows.hour.cast("string").lpad(2, "0") if column == "hour" else rows[column]
    return _missed(rows.filter(place == value))


def on_time(asked: Asked) -> ir.Table:
    """Return whose appointments have begun, and which of them on time."""
    rows = due_appointments(asked)
    rows = rows.filter(rows.wait_minutes.notnull())
    target = asked.view.definitions.waiting_target_minutes
    return per_customer(
        rows, rows.wait_minutes <= target, one(), longest_wait=rows.wait_minutes.max()
    )


def timed(asked: Asked, *, what: str) -> ir.Table:
    """Return of whom the length of a "wait" or a "service" is known, and how often."""
    rows = due_appointments(asked)
    minutes = rows[f"{what}_minutes"]
    rows = rows.filter(minutes.notnull())
    return per_customer(rows, one(), **{f"longest_{what}": rows[f"{what}_minutes"].max()})


def _open(asked: Asked) -> ir.Table:
    return asked.scoped(
        open_complaints(asked.view.ledger.table("complaints"), as_of=asked.as_of)
    )  # fmt: skip


def _complained(rows: ir.Table) -> ir.Table:
    last = rows.opened_on
    return per_customer(rows, one(), opened_on=last.max(), category=rows.category.argmax(last))


def _cases(asked: Asked, quality: tuple[str, ...] = ()) -> ir.Table:
    done = asked.scoped(resolved(asked.view, asked.as_of, quality))
    return recovery_cases(done, **compared(asked.view, asked.as_of))


def _due(asked: Asked) -> ir.Table:
    since = window_start(asked.as_of, MONTHS)
    table = asked.view.ledger.table("promises")
    return asked.scoped(due_promises(table, since=since, as_of=asked.as_of))


def _kept(rows: ir.Table) -> ir.Table:
    return per_customer(rows, rows.is_kept, one(), due_on=rows.due_on.max())


def _missed(rows: ir.Table) -> ir.Table:
    rows = rows.filter(rows.is_kept | rows.is_missed)
    return per_customer(rows, rows.is_missed, one())


_TIMES = Behind(opened, "those", more=_COMPLAINED)
BEHIND = {
    "complaints_opened": Behind(opened, more=_COMPLAINED),
    "complaints_open": Behind(waiting, more=_COMPLAINED),
    **{
        f"complaint_{what}_hours{suffix}": _TIMES
        for what in ("response", "resolution")
        for suffix in ("", "_p90")
    },
    "complaints_reopened": Behind(reopened, "share", more=("opened_on",)),
    "complaints_per_1000": Behind(per_active, "share", 1000.0),
    "recovery": Behind(recovered, "share", more=("opened_on",)),
    "recovery_like": Behind(like_customers, "share", more=("opened_on",)),
    "recovery_gap": Behind(against_like, "share", more=("opened_on",)),
    "promise_kept_rate": Behind(promised, "share", more=("due_on",)),
    "promises_broken": Behind(broken, more=("due_on", "late_days")),
    **{
        f"complaint_{name}": Behind(
            partial(opened_of, column=column), more=_COMPLAINED, values=(name,),
            tables=_COMPLAINTS,
        )
        for name, column in _OF_COMPLAINTS.items()
    },
    **{
        f"recovery_{name}": Behind(
            partial(recovered_of, column=name), "share", more=("opened_on",), values=(name,),
            tables=_COMPLAINTS,
        )
        for name in ("speed", "category", "branch", "cause")
    },
    "complaint_month": Behind(opened_in, more=_COMPLAINED, values=("month",), tables=_COMPLAINTS),
    "complaint_age": Behind(
        waiting_for, more=_COMPLAINED, values=("age_band",), tables=_COMPLAINTS
    ),
    "promise_kind": Behind(
        partial(promised_of, column="kind"), "share", more=("due_on",), values=("kind",),
        tables=_PROMISES,
    ),
    "promise_employee": Behind(
        partial(promised_of, column="employee_id"), "share", more=("due_on",),
        values=("employee_id",), tables=_PROMISES,
    ),
    "promise_quarter": Behind(
        promised_in, "share", more=("due_on",), values=("quarter_from",), tables=_PROMISES
    ),
}  # fmt: skip
WAITING = {
    "on_time_share": Behind(on_time, "share", more=("longest_wait",)),
    "missed_rate": Behind(missed, "share"),
    **{
        f"{what}_minutes{suffix}": Behind(
            partial(timed, what=what), "those", more=(f"longest_{what}",)
        )
        for what in ("wait", "service")
        for suffix in ("", "_p90")
    },
    **{
        f"missed_{name}": Behind(
            partial(missed_of, column=name), "share", values=(name,), tables=("appointments",)
        )
        for name in ("branch", "hour", "service")
    },
}
