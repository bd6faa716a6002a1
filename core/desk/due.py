"""The cards that the books make: ranked and cut by the engine, for one employee or everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.definitions import TIERS
from core.desk.attention import REASONS, OnBoard, attention, reached_active
from core.desk.cards import OWED, SERVICE_DATES, Card, until_of
from core.desk.owed import owed
from core.ledger.scopes import SCOPE_TABLE
from core.lists.registry import named
from core.view import View

# More than anybody can do in a week, so that the next come up when cards are done.
PER_OWNER = 150
MOST = 3_000
# What lights up which cards.
TABLES = ("contacts", "key_dates", "complaints", "promises")


@dataclass(frozen=True)
class Due:
    """Cards of the books, what is owed first, then the most valuable; and how many there are.

    ``cards`` are at most ``PER_OWNER`` with a day and as many without one for each employee, and
    ``MOST`` in all, half of them with a day; ``counts`` has all of them, by kind.
    """

    day: date  # ledger day that they are told from
    cards: tuple[Card, ...]
    counts: Mapping[str, int]
    missing: tuple[str, ...]  # tables that would make more


def due(view: View, today: date, plays: Sequence[OnBoard] = (), owner: str | None = None) -> Due:
    """Return what the books ask to be done by the end of the week.

    Who does not want to be contacted appears for complaints and promises alone; controls of open
    waves for these and for service.

    Parameters
    ----------
    view
        The books, with what was recorded here.
    today
        Day on which people work.
    plays
        Those that make cards.
    owner
        An employee, or "" for nobody's customers; null for everybody.
    """
    day, until = view.days[-1], until_of(today)
    missing = tuple(name for name in TABLES if not view.ledger.has(name))
    reached = reached_active(view, day, today, view.is_on_margin(day))
    reached = engine.kept(view.ledger.con, reached)
    counts: dict[str, int] = {}
    cards: list[Card] = []
    for rows, order in (
        (_with_day(view, day, today, until, reached), ("is_owed", "value")),
        (attention(view, day, today, until, reached, plays), ("value",)),
    ):
        found = _allowed(view, _owned(view, rows, today))
        if owner is not None:
            found = found.filter(found.owner == owner)
        found = engine.kept(view.ledger.con, found)
        counts |= _counts(found)
        best = engine.kept(view.ledger.con, _told(view, _best(found, order)))
        cards += _cards(named(view, best).to_pyarrow())
    return Due(day, tuple(sorted(cards, key=lambda card: card.order)), counts, missing)


def _with_day(view: View, day: date, today: date, until: date, reached: ir.Table) -> ir.Table:
    """Return the cards that have a day of their own, with value, tier and scope of the customer."""
    parts = owed(view, day, today, until, reached)
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    rows = engine.kept(view.ledger.con, rows)
    lines = view.own_lines(day, (), view.is_on_margin(day))
    lines = lines.select("scope_key", "tier", "value", _line="customer_key")
    rows = rows.inner_join(lines, rows.customer_key == lines["_line"]).drop("_line")
    return rows.mutate(is_owed=rows.kind.isin(OWED))


def _owned(view: View, rows: ir.Table, today: date) -> ir.Table:
    """Add branch and owner: who promised, else who manages the customer; nobody who has left."""
    scopes = view.ledger.derived("scopes", SCOPE_TABLE)
    staff = view.ledger.table("employees")
    gone = staff.filter((staff.left_on < today).fill_null(False)).select(_gone="employee_id")
    scopes = scopes.left_join(gone, scopes.manager == gone["_gone"])
    manager = scopes["_gone"].isnull().ifelse(scopes.manager, ibis.null("string"))
    scopes = scopes.select("branch", _scope="scope_key", owner=manager.fill_null(""))
    rows = rows.left_join(scopes, rows.scope_key == scopes["_scope"]).drop("_scope", "scope_key")
    rows = rows.mutate(value=rows.value.cast("float64"))
    if "employee_id" not in rows.columns:
        return rows
    rows = rows.left_join(gone, rows.employee_id == gone["_gone"])
    still = rows["_gone"].isnull().ifelse(rows.employee_id, ibis.null("string"))
    return rows.mutate(owner=ibis.coalesce(still, rows.owner)).drop("_gone", "employee_id")


def _allowed(view: View, rows: ir.Table) -> ir.Table:
    """Leave out whom nobody may contact for the reason of the card; mark the others of them."""
    has_kind = "kind" in rows.columns
    is_owed = rows.kind.isin(OWED) if has_kind else ibis.literal(False)
    is_service = is_owed
    if has_kind:
        is_service = is_owed | rows.detail.isin(SERVICE_DATES).fill_null(False)
    rows = rows.mutate(_owed=is_owed, _service=is_service)
    for mark, unless, who in (
        ("is_refused", "_owed", view.ledger.not_to_contact()),
        ("is_held_out", "_service", view.ledger.noted("held_out")),
    ):
        who = who.select(_who="customer_key")
        rows = rows.left_join(who, rows.customer_key == who["_who"])
        rows = rows.filter(rows["_who"].isnull() | rows[unless])
        rows = rows.mutate(**{mark: rows["_who"].notnull()}).drop("_who")
    return rows.drop("_owed", "_service")


def _counts(rows: ir.Table) -> dict[str, int]:
    """Return how many cards there are by kind."""
    kind = rows.kind if "kind" in rows.columns else _kind_of(rows)
    found = rows.group_by(kind=kind).agg(n=rows.count()).to_pyarrow().to_pylist()
    return {row["kind"]: row["n"] for row in found}


def _kind_of(rows: ir.Table) -> ir.StringValue:
    """Return for what somebody is to be contacted first."""
    return ibis.cases(
        (rows.at_risk_on.notnull(), "at_risk"),
        (rows.contact_gap_on.notnull(), "contact_gap"),
        else_="play",
    )


def _best(rows: ir.Table, order: Sequence[str]) -> ir.Table:
    """Return the most valuable cards of each owner, and of these the most valuable of all."""
    falling = [rows[name].desc(nulls_first=False) for name in order]
    place = ibis.row_number().over(group_by=rows.owner, order_by=[*falling, rows.customer_key])
    best = rows.mutate(_place=place).filter(ibis._["_place"] < PER_OWNER).drop("_place")
    falling = [best[name].desc(nulls_first=False) for name in order]
    return best.order_by([*falling, best.customer_key]).limit(MOST // 2)


def _told(view: View, rows: ir.Table) -> ir.Table:
    """Add what cards say, in columns that all kinds share."""
    days = dict.fromkeys(f"{reason}_on" for reason in REASONS)
    if "kind" in rows.columns:
        # What customers said in complaints, and what was promised to them.
        said = view.ledger.persons("complaints").select(_id="complaint_id", text="text")
        what = view.ledger.persons("promises").select(_id="promise_id", text="what")
        both = said.union(what)
        is_of = (rows.item == both["_id"]) & rows.kind.isin(("complaint", "promise"))
        rows = rows.left_join(both, is_of).drop("_id", "is_owed")
        return rows.mutate(**{name: ibis.null("date") for name in days})
    kind = _kind_of(rows)
    due_on = ibis.coalesce(rows.at_risk_on, rows.contact_gap_on, rows.play_on)
    key = ibis.literal(":") + rows.customer_key.cast("string") + ":" + due_on.strftime("%Y-%m-%d")
    is_play = kind == "play"
    return rows.mutate(
        kind=kind,
        due_on=due_on,
        source=is_play.ifelse(ibis.literal("play:") + rows.item + key, kind + key),
        item=is_play.ifelse(rows.item, ibis.null("string")),
        until_on=ibis.null("date"),
        detail=ibis.null("string"),
        text=ibis.null("string"),
    )


def _cards(rows: pa.Table) -> list[Card]:
    return [
        Card(
            row["source"], row["kind"], row["due_on"], row["customer_key"], row["owner"],
            row["customer_id"], row["name"], TIERS[row["tier"] - 1] if row["tier"] else None,
            row["branch"], row["value"],
            row["detail"], row["text"], row["item"], row["until_on"], row["answered_from"],
            tuple((name, on) for name in REASONS if (on := row[f"{name}_on"]) is not None),
            row["is_refused"], row["is_held_out"],
        )
        for row in rows.to_pylist()
    ]  # fmt: skip
