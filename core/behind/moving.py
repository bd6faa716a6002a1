"""Who stands behind the movement between two ledger days."""

from functools import partial

import ibis
import ibis.expr.types as ir

from core.behind.behind import Behind, Rows
from core.figures.asked import Asked
from core.figures.moving import closing_lines
from core.metrics.movement import movements

_OPENED = ("kept", "lost", "undone", "moved_out")
_CLOSED = ("kept", "new", "returned", "moved_in")
_MORE = ("movement", "value_then", "value_now")


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
    "quick_ratio": Behind(in_and_out, "share", more=_MORE),
    "quick_ratio_value": Behind(money_in_and_out, "share", is_money=True, more=_MORE),
}  # fmt: skip
