"""Who stands behind the figures of care: who was due, what came of contacts, what fell due."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind
from core.figures import care as figures
from core.figures.asked import Asked
from core.metrics import care, due_dates, follow_up

_GAP = ("is_due_done", "is_due_reached")
NOBODY = "-"  # stands for no manager in the value of a drill


def due(asked: Asked) -> ir.Table:
    """Return who was due for a contact, with what was done."""
    lines = asked.lines(asked.as_of)
    return figures.each_due(asked.view, lines, asked.as_of, ("manager",))


def due_those(asked: Asked, *, which: str) -> ir.Table:
    """Return those due ("all"), those contacted ("done"), those not reached ("missing")."""
    rows = due(asked)
    is_so = {"all": True, "done": rows.done, "missing": ~rows.reached}[which]
    return _with_flags(rows.filter(is_so)).mutate(counted=ibis.literal(1.0))


def gap(asked: Asked) -> ir.Table:
    """Return those due; those whom nobody reached in time are the share."""
    rows = _with_flags(due(asked))
    return rows.mutate(counted=rows.is_due_reached.ifelse(0.0, 1.0), base=ibis.literal(1.0))


def gap_of_manager(asked: Asked, manager: str) -> ir.Table:
    """Return the same of one manager's customers; of those without one for ``NOBODY``."""
    rows = gap(asked)
    return rows.filter(rows.manager.isnull() if manager == NOBODY else rows.manager == manager)


def _with_flags(rows: ir.Table) -> ir.Table:
    return rows.mutate(is_due_done=rows.done, is_due_reached=rows.reached)


def contacts(asked: Asked, *, part: str, whole: str) -> ir.Table:
    """Return who was contacted in 12 months: each contact counts."""
    rows = care.contact_quality(figures.made(asked), by=("customer_key",))
    found = rows.mutate(counted=rows[part].cast("float64"), base=rows[whole].cast("float64"))
    return found.filter(found.base > 0)


def pending(asked: Asked) -> ir.Table:
    """Return with whom opportunities were found that no business has followed."""
    rows = figures.opportunities(asked)
    rows = rows.filter(rows.is_pending)
    return rows.group_by("customer_key").agg(
        counted=rows.count().cast("float64"), contacted_on=rows.contacted_on.max()
    )


def unspoken(asked: Asked) -> ir.Table:
    """Return those lost in 12 months; those to whom nobody had spoken are the share."""
    rows = follow_up.contact_before_loss(
        figures.lost_in_year(asked),
        asked.view.ledger.table("contacts"),
        within_days=figures.DAYS_BEFORE_LOSS,
    )
    counted = rows.was_reached.ifelse(0.0, 1.0)
    return rows.mutate(counted=counted, base=ibis.literal(1.0))


def last_contact(asked: Asked) -> ir.Table:
    """Return the active customers with the days since somebody last reached them."""
    rows = follow_up.last_reached(
        asked.lines(asked.as_of), asked.view.ledger.table("contacts"), as_of=asked.as_of
    )
    return rows.mutate(counted=ibis.literal(1.0))


def dates(asked: Asked, *, kind: str) -> ir.Table:
    """Return whose key dates were due ("rate"), kept ("value", "money") or are "open"."""
    known = asked.scoped(asked.view.ledger.table("key_dates"))
    rows = figures.dates_due(asked.view, known, asked.as_of)
    sums = due_dates.due_kept(rows, by=("customer_key",))
    counted = {"rate": sums.kept, "value": sums.value_kept, "open": sums.open}.get(kind)
    found = sums.mutate(
        counted=(sums.new_money if counted is None else counted).cast("float64"),
        base=sums.due.cast("float64"),
    )
    weight = {"rate": found.due, "value": found.kept, "open": found.open}.get(kind, found.matured)
    return found.filter(weight > 0)


def _due(which: str) -> Behind:
    return Behind(partial(due_those, which=which), more=_GAP)


def _contacts(part: str, whole: str) -> Behind:
    return Behind(partial(contacts, part=part, whole=whole), "share", more=("contacts",))


BEHIND = {
    "contacts_due": _due("all"),
    "contacts_done": _due("done"),
    "contacts_missing": _due("missing"),
    "contact_gap": Behind(gap, "share", more=_GAP),
    "manager_gap": Behind(
        gap_of_manager, "share", more=_GAP, values=("manager",), tables=("contacts",)
    ),
    "reach_rate": _contacts("reached", "recorded"),
    "learned_rate": _contacts("learned", "learned_n"),
    "opportunity_rate": _contacts("opportunities", "opportunity_n"),
    "without_content": _contacts("empty", "judged"),
    "opportunities_pending": Behind(pending, more=("contacted_on",)),
    "lost_without_contact": Behind(unspoken, "share", more=("lost_on",)),
    "last_contact_days": Behind(
        last_contact, "those", more=("contact_age_days", "last_reached_on")
    ),
    "due_kept": Behind(partial(dates, kind="rate"), "share"),
    "due_kept_value": Behind(partial(dates, kind="value"), is_money=True),
    "due_open": Behind(partial(dates, kind="open")),
    "due_new_money": Behind(partial(dates, kind="money"), is_money=True),
}
