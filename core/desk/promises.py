"""The register of promises to customers: imported ones and those made here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from core import engine
from core.desk.refused import Refused
from core.periods import window_start
from core.store import changing
from core.store.records import Promise
from core.view import View

MONTHS = 12  # of promises that were due
PROMISE_STATES = ("late", "open", "kept_late", "kept")


@dataclass(frozen=True)
class Promised:
    """A promise as the register shows it; ``id`` is null for an imported one that stands as it is.

    ``promise_id`` is that of the company's own system; null where it was made here.
    """

    id: str | None
    promise_id: str | None
    customer_key: int
    employee_id: str | None
    kind: str | None
    what: str | None
    promised_on: date
    due_on: date
    kept_on: date | None
    renegotiated_on: date | None
    state: str  # of PROMISE_STATES
    moved_to: date | None = None

    @property
    def by(self) -> date:
        """The day that work goes by: the one agreed on last."""
        return self.moved_to or self.due_on


def promise_state(
    due_on: date, kept_on: date | None, today: date, moved_to: date | None = None
) -> str:  # fmt: skip
    """Return what a promise is: open, late (open, and its day is over), kept, or kept late.

    One that was moved is open until the new day, and kept only if it was by the first: otherwise
    every late promise could be moved.

    Examples
    --------
    >>> promise_state(date(2026, 11, 9), None, date(2026, 11, 9))
    'open'
    """
    if kept_on is not None:
        return "kept" if kept_on <= due_on else "kept_late"
    return "late" if (moved_to or due_on) < today else "open"


def recorded_promises(session: Session, state: str, today: date, most: int) -> list[Promised]:
    """Return promises recorded here that are in a state, the most urgent first."""
    chosen = select(Promise).where(_is(state, today)).order_by(*_order(state)).limit(most)
    return [
        Promised(
            each.id, each.replaces, each.customer_key, each.employee_id or None,
            each.kind or None, each.what, each.promised_on, each.due_on, each.kept_on,
            each.renegotiated_on, state, each.moved_to,
        )
        for each in session.scalars(chosen)
    ]  # fmt: skip


def count_recorded(session: Session, today: date) -> dict[str, int]:
    """Return how many promises recorded here are in each state."""
    return {
        state: session.scalar(select(func.count()).select_from(Promise).where(_is(state, today)))
        or 0
        for state in PROMISE_STATES
    }


def replaced(session: Session) -> tuple[str, ...]:
    """Return the imported promises for which one stands here."""
    chosen = select(Promise.replaces).where(
        Promise.replaces.is_not(None), Promise.state == "stands"
    )
    return tuple(id for id in session.scalars(chosen.order_by(Promise.replaces)) if id)


def _is(state: str, today: date) -> ColumnElement[bool]:
    return and_(
        Promise.state == "stands",
        {
            "late": Promise.kept_on.is_(None) & (_by() < today),
            "open": Promise.kept_on.is_(None) & (_by() >= today),
            "kept": Promise.kept_on <= Promise.due_on,
            "kept_late": Promise.kept_on > Promise.due_on,
        }[state],
    )


def _order(state: str) -> tuple:
    return _by().asc() if state == "open" else _by().desc(), Promise.id


def _by() -> ColumnElement[date]:
    """Return the day that work goes by, as ``Promised.by``."""
    return func.coalesce(Promise.moved_to, Promise.due_on)


def imported_promises(
    view: View, state: str, today: date, without: Sequence[str], most: int
) -> tuple[list[Promised], int]:  # fmt: skip
    """Return promises that the company brought and that are in a state, and how many there are.

    Those due in the 12 months before ``today`` or later, in scope; the most urgent first.

    Parameters
    ----------
    without
        Ids of those for which one recorded here stands.
    """
    found = _imported(view, today, without)
    found = found.filter(found.state == state)
    n = engine.count(found)
    due = found.due_on.asc() if state == "open" else found.due_on.desc()
    first = found.order_by(due, found.promise_id).limit(most)
    texts = view.ledger.persons("promises").select(_text="promise_id", what="what")
    rows = first.left_join(texts, first.promise_id == texts["_text"]).to_pyarrow().to_pylist()
    rows.sort(key=lambda row: row["promise_id"])
    rows.sort(key=lambda row: row["due_on"], reverse=state != "open")
    names = (
        "promise_id", "customer_key", "employee_id", "kind", "what", "promised_on", "due_on",
        "kept_on", "renegotiated_on",
    )  # fmt: skip
    return [
        Promised(id=None, state=state, **{name: row[name] for name in names}) for row in rows
    ], n


def count_imported(view: View, today: date, without: Sequence[str]) -> dict[str, int]:
    """Return how many promises that the company brought are in each state."""
    found = _imported(view, today, without)
    rows = found.group_by("state").agg(n=found.count()).to_pyarrow().to_pylist()
    return dict.fromkeys(PROMISE_STATES, 0) | {row["state"]: row["n"] for row in rows}


def _imported(view: View, today: date, without: Sequence[str]) -> ir.Table:
    if not view.ledger.has("promises"):
        return _none(view)
    rows = view.ledger.table("promises")
    rows = rows.filter(rows.due_on >= window_start(today, MONTHS))
    if without:
        rows = rows.filter(~rows.promise_id.isin(list(without)))
    if view.scope:
        rows = rows.semi_join(view.lines(view.days[-1]), "customer_key")
    is_late = rows.kept_on > rows.due_on
    return rows.mutate(
        state=ibis.cases(
            (is_late.fill_null(False), "kept_late"),
            (rows.kept_on.notnull(), "kept"),
            (rows.due_on < today, "late"),
            else_="open",
        )
    )


def _none(view: View) -> ir.Table:
    rows = view.ledger.table("promises")
    return rows.mutate(state=ibis.null("string"))


def promise(
    session: Session, *, customer_key: int, employee_id: str, what: str, due_on: date | None,
    promised_on: date, kind: str = "",
) -> str:  # fmt: skip
    """Record a promise and return its id.

    Raises
    ------
    Refused
        If it does not say what, or until when, or was due before it was made.
    """
    if not what.strip() or due_on is None:
        raise Refused("promise_incomplete")
    if due_on < promised_on:
        raise Refused("promise_due_before", due_on=due_on, promised_on=promised_on)
    record = Promise(
        customer_key=customer_key, employee_id=employee_id, what=what.strip(), due_on=due_on,
        promised_on=promised_on, kind=kind.strip(),
    )  # fmt: skip
    return changing.add(session, record)


def stand_for(
    session: Session, imported: Promised, *, kept_on: date | None = None,
    moved_to: date | None = None, renegotiated_on: date | None = None,
) -> str:  # fmt: skip
    """Record that an imported promise was kept, or moved to another day; return the id.

    The record here stands for the imported one from then on.

    Raises
    ------
    Refused
        If somebody else did so in the meantime.
    """
    chosen = select(Promise).where(Promise.replaces == imported.promise_id)
    record = session.scalars(chosen).one_or_none()
    if record is not None and record.state == "stands":
        raise Refused("promise_taken", by=record.changed_by)
    values = {
        "customer_key": imported.customer_key, "employee_id": imported.employee_id or "",
        "kind": imported.kind or "", "what": imported.what or "",
        "promised_on": imported.promised_on, "due_on": imported.due_on,
        "kept_on": kept_on, "renegotiated_on": renegotiated_on, "moved_to": moved_to,
    }  # fmt: skip
    if record is None:
        return changing.add(session, Promise(replaces=imported.promise_id, **values))
    return changing.change(session, Promise, record.id, record.version, **values, state="stands").id
