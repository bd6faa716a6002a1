"""Movement between two month-ends: who is new, kept, returned, lost, and the bridge of them."""

from datetime import date

import ibis
import ibis.expr.types as ir

MOVEMENTS = (
    "new", "kept", "returned", "moved_in", "lost", "undone", "moved_out", "came_and_went",
)  # fmt: skip


def movements(opening: ir.Table, closing: ir.Table, *, opened_on: date) -> ir.Table:
    """What became of each customer between two month-ends?

    Over ``(opened_on, closed_on]``: *new* first bought in it and is active at its end; *kept* is
    active at both; *returned* bought before, was not active at the beginning and is at the end;
    *lost* was active and no longer is; *undone* was active and has no purchase left; who first
    bought in it but is no longer active at its end *came and went*. In a scope, a customer active
    at both ends who changed scope *moved in* or *moved out*.

    Parameters
    ----------
    opening, closing
        Ledger lines at the two month-ends with ``is_in_scope`` and ``value`` (``View.all_lines``).
    opened_on
        Day of ``opening``.

    Returns
    -------
    One row per customer who moved into, within or out of the scope: ``customer_key``,
    ``movement``, ``value_then`` and ``value_now`` (money; 0 where not active in scope).

    References
    ----------
    Definitions: new / kept / returned / lost / undone, customer_bridge.
    """
    then = opening.select(
        _key="customer_key", was_active="is_active", was_in="is_in_scope", _then="value",
    )  # fmt: skip
    now = closing.select(
        "customer_key", "since_on", "is_active", is_in="is_in_scope", _now="value"
    )
    both = then.outer_join(now, then["_key"] == now.customer_key)
    key = ibis.coalesce(both.customer_key, both["_key"])
    was_active, was_in = both.was_active.fill_null(False), both.was_in.fill_null(False)
    is_active, is_in = both.is_active.fill_null(False), both.is_in.fill_null(False)
    is_first = (both.since_on > opened_on).fill_null(False)
    movement = ibis.cases(
        (was_active & is_active & was_in & is_in, "kept"),
        (was_active & is_active & is_in, "moved_in"),
        (was_active & is_active & was_in, "moved_out"),
        (was_active & was_in & both.since_on.isnull(), "undone"),
        (was_active & was_in & ~is_active, "lost"),
        (~was_active & is_active & is_in & is_first, "new"),
        (~was_active & is_active & is_in, "returned"),
        (~was_active & ~is_active & is_in & is_first, "came_and_went"),
        else_=ibis.null("string"),
    )
    zero = ibis.literal(0).cast("decimal(18, 4)")
    found = both.select(
        customer_key=key,
        movement=movement,
        value_then=(was_active & was_in).ifelse(both["_then"], zero),
        value_now=(is_active & is_in).ifelse(both["_now"], zero),
    )
    return found.filter(found.movement.notnull())


def customer_bridge(moved: ir.Table) -> ir.Table:
    """How did the customer base come from its opening to its closing state?

    opening + new + returned + moved_in - lost - undone - moved_out = closing, in heads; in value,
    the opening is the trailing value of those active then, the closing that of those active now,
    and what the kept bring more or less stands between. Bridges of adjoining periods do not chain.

    Parameters
    ----------
    moved
        ``movements`` of the two month-ends.

    Returns
    -------
    One row: ``opening``, ``new``, ``returned``, ``moved_in``, ``lost``, ``undone``, ``moved_out``,
    ``closing``, ``kept``, ``came_and_went`` (int64, customers); ``value_opening``, ``value_new``,
    ``value_returned``, ``value_moved_in``, ``value_lost``, ``value_undone``, ``value_moved_out``,
    ``value_up``, ``value_down``, ``value_closing`` (money, signs as added or taken off are
    positive).

    References
    ----------
    Definitions: customer_bridge.
    """
    def heads(*names: str) -> ir.IntegerScalar:
        return moved.movement.isin(names).sum().cast("int64").fill_null(0)

    def money(column: str, *names: str) -> ir.DecimalScalar:
        total = moved[column].sum(where=moved.movement.isin(names))
        return total.fill_null(0).cast("decimal(38, 4)")

    is_kept = moved.movement == "kept"
    change = moved.value_now - moved.value_then
    then, now = "value_then", "value_now"
    return moved.agg(
        opening=heads("kept", "lost", "undone", "moved_out"),
        closing=heads("kept", "new", "returned", "moved_in"),
        **{name: heads(name) for name in MOVEMENTS},
        value_opening=money(then, "kept", "lost", "undone", "moved_out"),
        **{f"value_{n}": money(now, n) for n in ("new", "returned", "moved_in")},
        **{f"value_{n}": money(then, n) for n in ("lost", "undone", "moved_out")},
        value_up=change.sum(where=is_kept & (change > 0)).fill_null(0).cast("decimal(38, 4)"),
        value_down=(-change).sum(where=is_kept & (change < 0)).fill_null(0).cast("decimal(38, 4)"),
        value_closing=money(now, "kept", "new", "returned", "moved_in"),
    )
