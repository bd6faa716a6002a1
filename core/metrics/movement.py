"""Movement between two month-ends: who is new, kept, returned, lost, and the bridge of them."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

MOVEMENTS = (
    "new", "kept", "returned", "moved_in", "lost", "undone", "moved_out", "came_and_went",
)  # fmt: skip
_MONEY = "decimal(38, 4)"


def movements(
    opening: ir.Table, closing: ir.Table, *, opened_on: date, by: str | None = None
) -> ir.Table:
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
    by
        Column of both, such as ``region``: each of its values is a scope of its own, and a customer
        who changed from one to another has a row in both.

    Returns
    -------
    One row per customer who moved into, within or out of the scope: ``customer_key``,
    ``movement``, ``value_then`` and ``value_now`` (money; 0 where not active in scope), and the
    column ``by``, if any.

    References
    ----------
    Definitions: new / kept / returned / lost / undone, customer_bridge.
    """
    both = _both_ends(opening, closing, opened_on, by)
    if by is None:
        return _moved(both)
    # The scope a customer stood in at the beginning, then the one entered since.
    stayed = both["_group"].identical_to(both["_group_now"])
    first = both.mutate(is_in=both.is_in & stayed)
    second = both.filter(~stayed & both.is_in).mutate(was_in=False, _group=both["_group_now"])
    return _moved(first.union(second)).rename({by: "_group"})


def _both_ends(opening: ir.Table, closing: ir.Table, opened_on: date, by: str | None) -> ir.Table:
    then_group = {} if by is None else {"_group_then": opening[by]}
    now_group = {} if by is None else {"_group_now": closing[by]}
    then = opening.select(
        _key="customer_key", was_active="is_active", was_in="is_in_scope", _then="value",
        **then_group,
    )  # fmt: skip
    now = closing.select(
        "customer_key", "since_on", "is_active", is_in="is_in_scope", _now="value", **now_group
    )
    both = then.outer_join(now, then["_key"] == now.customer_key)
    flags = ("was_active", "was_in", "is_active", "is_in")
    groups = {}
    if by is not None:
        is_known_then = both["_key"].notnull()
        groups = {
            "_group": is_known_then.ifelse(both["_group_then"], both["_group_now"]),
            "_group_now": both["_group_now"],
        }
    return both.select(
        "since_on", "_then", "_now",
        is_first=(both.since_on > opened_on).fill_null(False),
        customer_key=ibis.coalesce(both.customer_key, both["_key"]),
        **{name: both[name].fill_null(False) for name in flags},
        **groups,
    )  # fmt: skip


def _moved(both: ir.Table) -> ir.Table:
    was_active, was_in = both.was_active, both.was_in
    is_active, is_in = both.is_active, both.is_in
    movement = ibis.cases(
        (was_active & is_active & was_in & is_in, "kept"),
        (was_active & is_active & is_in, "moved_in"),
        (was_active & is_active & was_in, "moved_out"),
        (was_active & was_in & both.since_on.isnull(), "undone"),
        (was_active & was_in & ~is_active, "lost"),
        (~was_active & is_active & is_in & both.is_first, "new"),
        (~was_active & is_active & is_in, "returned"),
        (~was_active & ~is_active & is_in & both.is_first, "came_and_went"),
        else_=ibis.null("string"),
    )
    zero = ibis.literal(0).cast("decimal(18, 4)")
    group = {"_group": both["_group"]} if "_group" in both.columns else {}
    found = both.select(
        customer_key=both.customer_key,
        movement=movement,
        value_then=(was_active & was_in).ifelse(both["_then"], zero),
        value_now=(is_active & is_in).ifelse(both["_now"], zero),
        **group,
    )
    return found.filter(found.movement.notnull())


def since_as_joined(closing: ir.Table, joined: ir.Table, *, books_from: date) -> ir.Table:
    """Since when was each customer one, where the books begin in the middle of the story?

    In the first ``lapse_after_days`` of the books a first purchase cannot be told from a return.
    Where the company says when the customer joined, who joined before the books began counts as a
    customer since then, so that a purchase soon after is a return; everybody else is new.

    Parameters
    ----------
    closing
        Ledger lines (``View.all_lines``).
    joined
        One row per customer: ``customer_key``, ``joined_on`` (date).
    books_from
        First day of the books.

    Returns
    -------
    ``closing`` with ``since_on`` (date) put back to the day of joining where that was before the
    books, and ``is_origin_known`` (boolean): whether the company says when the customer joined; a
    day after the first purchase, which was not known then, tells nothing.

    References
    ----------
    Definitions: ground rules, tau.
    """
    known = joined.filter(joined.joined_on.notnull())
    known = known.group_by(_joiner=known.customer_key).agg(_joined_on=known.joined_on.min())
    rows = closing.left_join(known, closing.customer_key == known["_joiner"])
    is_before = (rows["_joined_on"] < books_from).fill_null(False) & rows.since_on.notnull()
    return rows.mutate(
        since_on=is_before.ifelse(rows["_joined_on"], rows.since_on),
        is_origin_known=(rows["_joined_on"] <= rows.since_on).fill_null(False),
    ).drop("_joiner", "_joined_on")


def customer_bridge(moved: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How did the customer base come from its opening to its closing state?

    opening + new + returned + moved_in - lost - undone - moved_out = closing, in heads; in value,
    the opening is the trailing value of those active then, the closing that of those active now,
    and what the kept bring more or less stands between. Bridges of adjoining periods do not chain.

    Parameters
    ----------
    moved
        ``movements`` of the two month-ends.
    by
        Columns of ``moved`` to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``opening``, ``new``, ``returned``, ``moved_in``, ``lost``,
    ``undone``, ``moved_out``, ``closing``, ``kept``, ``came_and_went`` (int64, customers);
    ``value_opening``, ``value_new``, ``value_returned``, ``value_moved_in``, ``value_lost``,
    ``value_undone``, ``value_moved_out``, ``value_up``, ``value_down``, ``value_closing`` (money,
    signs as added or taken off are positive), and ``value_kept`` (money, the kept as they were at
    the opening).

    References
    ----------
    Definitions: customer_bridge.
    """

    def heads(*names: str) -> ir.IntegerValue:
        return moved.movement.isin(names).sum().cast("int64").fill_null(0)

    def money(column: str, *names: str) -> ir.DecimalValue:
        total = moved[column].sum(where=moved.movement.isin(names))
        return total.fill_null(0).cast(_MONEY)

    is_kept = moved.movement == "kept"
    change = moved.value_now - moved.value_then
    then, now = "value_then", "value_now"
    return moved.aggregate(
        by=by,
        opening=heads("kept", "lost", "undone", "moved_out"),
        closing=heads("kept", "new", "returned", "moved_in"),
        **{name: heads(name) for name in MOVEMENTS},
        value_opening=money(then, "kept", "lost", "undone", "moved_out"),
        **{f"value_{n}": money(now, n) for n in ("new", "returned", "moved_in")},
        **{f"value_{n}": money(then, n) for n in ("lost", "undone", "moved_out", "kept")},
        value_up=change.sum(where=is_kept & (change > 0)).fill_null(0).cast(_MONEY),
        value_down=(-change).sum(where=is_kept & (change < 0)).fill_null(0).cast(_MONEY),
        value_closing=money(now, "kept", "new", "returned", "moved_in"),
    )
