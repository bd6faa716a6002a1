"""Who stands behind the movement between two ledger days."""

from datetime import date
from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind, Rows
from core.figures.asked import Asked
from core.figures.moving import closing_lines
from core.metrics.movement import movements

_OPENED = ("kept", "lost", "undone", "moved_out")
_CLOSED = ("kept", "new", "returned", "moved_in")
_ENDS = ("value_then", "value_now")
_MORE = ("movement", *_ENDS)


def moved(asked: Asked) -> ir.Table:
    """Return ``movements`` since the opening."""
    opening = asked.opened_on
    before = asked.all_lines(opening, asked.is_on_margin(opening, asked.as_of))
    closing, _ = closing_lines(asked, opening)
    return movements(before, closing, opened_on=opening)


def heads(asked: Asked, *, names: tuple[str, ...]) -> ir.Table:
    """Return those of some movements, each counted once."""
    rows = moved(asked)
    return rows.filter(rows.movement.isin(names)).mutate(counted=ibis.literal(1.0))


def money(asked: Asked, *, names: tuple[str, ...], column: str) -> ir.Table:
    """Return those of some movements, with their value at the opening or at the closing."""
    rows = heads(asked, names=names)
    return rows.mutate(counted=rows[column].cast("float64"))


def change(asked: Asked, *, sign: int) -> ir.Table:
    """Return the kept who bring more, or less, with the difference."""
    rows = heads(asked, names=("kept",))
    rows = rows.mutate(counted=(rows.value_now - rows.value_then).cast("float64") * sign)
    return rows.filter(rows.counted > 0)


def share(asked: Asked, *, names: tuple[str, ...], is_money: bool = False) -> ir.Table:
    """Return those active at the opening; those of some movements are the share."""
    rows = heads(asked, names=_OPENED)
    base = rows.value_then.cast("float64") if is_money else rows.counted
    return rows.mutate(base=base, counted=rows.movement.isin(names).ifelse(base, 0.0))


def in_and_out(asked: Asked) -> ir.Table:
    """Return who came and who was lost."""
    rows = heads(asked, names=("new", "returned", "lost"))
    is_lost = rows.movement == "lost"
    return rows.mutate(counted=is_lost.ifelse(0.0, 1.0), base=is_lost.ifelse(1.0, 0.0))


def money_in_and_out(asked: Asked) -> ir.Table:
    """Return who brought more, and who less, than at the opening."""
    rows = heads(asked, names=("new", "returned", "lost", "kept"))
    change = (rows.value_now - rows.value_then).cast("float64")
    came, went = rows.movement.isin(("new", "returned")), rows.movement == "lost"
    now, then = rows.value_now.cast("float64"), rows.value_then.cast("float64")
    rows = rows.mutate(
        counted=ibis.cases((came, now), (went, 0.0), else_=change.clip(0)),
        base=ibis.cases((went, then), (came, 0.0), else_=(-change).clip(0)),
    )
    return rows.filter((rows.counted != 0) | (rows.base != 0))


def of_year(asked: Asked, *, names: tuple[str, ...]) -> ir.Table:
    """Return those active 12 months ago; those of some movements are the share."""
    year_ago = asked.view.ledger_day(asked.year_ago)
    ends = _ends(asked, year_ago)
    rows = movements(*ends, opened_on=year_ago)
    rows = rows.filter(rows.movement.isin(_OPENED)).mutate(base=ibis.literal(1.0))
    return rows.mutate(counted=rows.movement.isin(names).ifelse(1.0, 0.0))


def revenue(asked: Asked, *, is_gross: bool) -> ir.Table:
    """Return who brought anything a year ago, with what of it they bring now."""
    then, now = _ends(asked, asked.view.ledger_day(asked.year_ago))
    former = then.filter(then.is_in_scope & (then.value > 0))
    former = former.select("customer_key", value_then="value")
    now = now.select(_key="customer_key", value_now="value")
    rows = former.left_join(now, former.customer_key == now["_key"]).drop("_key")
    base = rows.value_then.cast("float64")
    left = rows.value_now.cast("float64").fill_null(0.0).clip(lower=0.0)
    return rows.mutate(base=base, counted=ibis.least(left, base) if is_gross else left)


def back(asked: Asked) -> ir.Table:
    """Return those lost at the opening; those who bought since are the share."""
    opening = asked.lines(asked.opened_on)
    lost = opening.filter(opening.since_on.notnull() & ~opening.is_active)
    now = asked.all_lines(asked.as_of).select(_key="customer_key", _last="last_on")
    rows = lost.select("customer_key").left_join(now, lost.customer_key == now["_key"])
    has_bought = (rows["_last"] > asked.opened_on).fill_null(False)
    return rows.select("customer_key", base=ibis.literal(1.0), counted=has_bought.ifelse(1.0, 0.0))


def _ends(asked: Asked, opening: date) -> tuple[ir.Table, ir.Table]:
    is_on_margin = asked.is_on_margin(opening, asked.as_of)
    return asked.all_lines(opening, is_on_margin), asked.all_lines(asked.as_of, is_on_margin)


def _heads(*names: str) -> Behind:
    return Behind(partial(heads, names=names), more=_MORE)


def _money(rows: Rows) -> Behind:
    return Behind(rows, is_money=True, more=_MORE)


def _share(*names: str, is_money: bool = False) -> Behind:
    rows = partial(share, names=names, is_money=is_money)
    return Behind(rows, "share", is_money=is_money, more=_MORE)


BEHIND = {
    **{
        name: _heads(name)
        for name in ("new", "kept", "returned", "lost", "undone", "came_and_went")
    },
    "arrived": _heads("new", "returned"),
    "bridge_opening": _heads(*_OPENED),
    "bridge_closing": _heads(*_CLOSED),
    **{
        f"bridge_{name}": _heads(name)
        for name in ("new", "returned", "moved_in", "lost", "undone", "moved_out")
    },
    "bridge_value_opening": _money(partial(money, names=_OPENED, column="value_then")),
    "bridge_value_closing": _money(partial(money, names=_CLOSED, column="value_now")),
    **{
        f"bridge_value_{name}": _money(partial(money, names=(name,), column="value_now"))
        for name in ("new", "returned", "moved_in")
    },
    **{
        f"bridge_value_{name}": _money(partial(money, names=(name,), column="value_then"))
        for name in ("lost", "undone", "moved_out")
    },
    "bridge_value_up": _money(partial(change, sign=1)),
    "bridge_value_down": _money(partial(change, sign=-1)),
    "retention": _share("kept", "moved_out"),
    "churn": _share("lost"),
    "retention_value": _share("kept", "moved_out", is_money=True),
    "churn_value": _share("lost", is_money=True),
    "retention_annual": Behind(partial(of_year, names=("kept", "moved_out")), "share", more=_MORE),
    "churn_annual": Behind(partial(of_year, names=("lost",)), "share", more=_MORE),
    "grr": Behind(partial(revenue, is_gross=True), "share", is_money=True, more=_ENDS),
    "nrr": Behind(partial(revenue, is_gross=False), "share", is_money=True, more=_ENDS),
    "reactivation": Behind(back, "share"),
    "quick_ratio": Behind(in_and_out, "share", more=_MORE),
    "quick_ratio_value": Behind(money_in_and_out, "share", is_money=True, more=_MORE),
}  # fmt: skip
