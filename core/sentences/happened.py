"""What happened: products complained of, campaigns, exits of employees, changed definitions, and
what people recorded."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import ibis.expr.types as ir

from core.figures.evidence import dealings, has_departed
from core.metrics import events as metrics
from core.metrics.complaints import complaint_states
from core.periods import month_end, month_start, plus_months
from core.reading import refreshes
from core.view import View

MOST = 6


@dataclass(frozen=True)
class Jump:
    """Months in a row in which a product was complained of far more often than usual."""

    product_id: str
    month: date  # first day of the first
    until: date  # last day of the last
    complaints: int
    usual: float  # complaints in any other month


@dataclass(frozen=True)
class Event:
    """Something to be marked on the axis of time.

    ``customers`` is null where it touches all, or nobody counted whom; ``noted`` is what people
    recorded.
    """

    kind: Literal["complaints", "campaign", "exit", "definitions", "noted"]
    happened_on: date
    name: str
    customers: int | None


def events(view: View, since: date, as_of: date) -> list[Event]:
    """Return what happened from ``since`` to ``as_of``: the ``MOST`` chosen, by day."""
    found = [
        *_definitions(view, since, as_of), *_complaints(view, since, as_of),
        *_campaigns(view, since, as_of), *_exits(view, since, as_of), *_noted(view, since, as_of),
    ]  # fmt: skip
    return chosen(found)


def chosen(found: Sequence[Event]) -> list[Event]:
    """Return the ``MOST`` events that touched most customers, in order of their days.

    The largest of each kind come first: a campaign touches more customers than any accident, and
    five campaigns would leave no room for it.
    """
    by_size = sorted(
        found,
        key=lambda e: (e.customers is not None, -(e.customers or 0), e.happened_on, e.kind, e.name),
    )
    first = list({event.kind: event for event in reversed(by_size)}.values())
    others = [event for event in by_size if event not in first]
    wanted = [*first, *others][:MOST]
    return sorted(wanted, key=lambda event: (event.happened_on, event.kind, event.name))


def product_states(view: View, since: date, as_of: date) -> ir.Table:
    """Return ``complaint_states`` of customers in scope that name a product."""
    table = view.ledger.table("complaints")
    states = complaint_states(table, since=since, as_of=as_of)
    states = states.filter(states.product_id.notnull())
    return _of_scope(view, states, as_of)


def jumps(view: View, states: ir.Table, since: date, as_of: date) -> list[Jump]:
    """Return the ``complaint_jumps`` of states opened in the window, months in a row as one."""
    from_on = max(since, view.ledger.refresh.first_on)
    months = (as_of.year - from_on.year) * 12 + as_of.month - from_on.month + 1
    found = metrics.complaint_jumps(states, months=months)
    return joined(found.order_by("product_id", "month").to_pyarrow().to_pylist(), months)


def joined(rows: Sequence[Mapping], months: int) -> list[Jump]:
    """Return rows of ``complaint_jumps``, by product and month, with months in a row as one."""
    runs: list[list[Mapping]] = []
    for row in rows:
        last = runs[-1][-1] if runs else None
        follows = (
            last is not None
            and last["product_id"] == row["product_id"]
            and plus_months(last["month"], 1) == row["month"]
        )
        if follows:
            runs[-1].append(row)
        else:
            runs.append([row])
    return [_jump(run, months) for run in runs]


def _jump(run: list[Mapping], months: int) -> Jump:
    first, last = run[0], run[-1]
    whole = first["usual"] * max(months - 1, 1) + first["complaints"]
    complaints = sum(row["complaints"] for row in run)
    usual = (whole - complaints) / max(months - len(run), 1)
    return Jump(first["product_id"], first["month"], month_end(last["month"]), complaints, usual)


def who_complained(states: ir.Table, jump: Jump) -> ir.Table:
    """Return the customers who complained of the product in those months, once each."""
    is_then = (states.opened_on >= jump.month) & (states.opened_on <= jump.until)
    rows = states.filter((states.product_id == jump.product_id) & is_then)
    return rows.filter(rows.customer_key.notnull()).select("customer_key").distinct()


def product_name(view: View, product_id: str) -> str:
    """Return what a product is called; its number where that is not known."""
    products = view.ledger.table("products")
    rows = products.filter(products.product_id == product_id).select("name").to_pyarrow()
    names = [name for name in rows["name"].to_pylist() if name]
    return names[0] if names else product_id


def _complaints(view: View, since: date, as_of: date) -> list[Event]:
    if not view.ledger.has("complaints"):
        return []
    states = product_states(view, since, as_of)
    return [
        Event(
            "complaints", jump.month, product_name(view, jump.product_id),
            int(who_complained(states, jump).count().to_pyarrow().as_py()),
        )
        for jump in jumps(view, states, since, as_of)
    ]  # fmt: skip


def _campaigns(view: View, since: date, as_of: date) -> list[Event]:
    if not view.ledger.has("promotions"):
        return []
    bought = _of_scope(view, view.purchases(as_of, month_start(since)), as_of)
    table = view.ledger.table("promotions")
    rows = metrics.campaigns(table, bought, since=since, as_of=as_of).to_pyarrow().to_pylist()
    return [
        Event("campaign", row["happened_on"], row["name"] or row["promotion_id"], row["customers"])
        for row in rows
    ]


def _exits(view: View, since: date, as_of: date) -> list[Event]:
    if not view.ledger.has("employees") or not has_departed(view, since, as_of):
        return []
    dealt = dealings(view, plus_months(since, -metrics.MONTHS_SERVED), as_of)
    dealt = _of_scope(view, dealt, as_of)
    staff = view.ledger.table("employees")
    rows = metrics.exits(staff, dealt, since=since, as_of=as_of).to_pyarrow().to_pylist()
    return [
        Event("exit", row["happened_on"], row["name"] or row["employee_id"], row["customers"])
        for row in rows
    ]


def _definitions(view: View, since: date, as_of: date) -> list[Event]:
    """Return the days on which figures began to be computed by other definitions."""
    found, before = [], None
    for made in refreshes(view.ledger.books):
        day = made.refreshed_at.date()
        if before not in (None, made.definitions_version) and since <= day <= as_of:
            found.append(Event("definitions", day, made.definitions_version, None))
        before = made.definitions_version
    return found


def _noted(view: View, since: date, as_of: date) -> list[Event]:
    """Return what people recorded, but for what happened in another scope than the view's."""
    found = []
    rows = view.ledger.recorded["events"].to_pylist() if "events" in view.ledger.recorded else []
    for row in rows:
        scope = json.loads(row["scope"])
        if since <= row["happened_on"] <= as_of and _touches(scope, view):
            found.append(Event("noted", row["happened_on"], _placed(row["title"], scope), None))
    return found


def _touches(scope: Mapping[str, str], view: View) -> bool:
    return all(value in view.scope.get(name, (value,)) for name, value in scope.items())


def _placed(title: str, scope: Mapping[str, str]) -> str:
    return f"{title} ({', '.join(scope.values())})" if scope else title


def _of_scope(view: View, rows: ir.Table, as_of: date) -> ir.Table:
    if not view.scope:
        return rows
    return rows.semi_join(view.lines(view.ledger_day(as_of)), "customer_key")
