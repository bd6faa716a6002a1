"""Channels: by which ways customers buy and are spoken to, and who still comes to a branch."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def occasions_by_channel(purchases: ir.Table) -> ir.Table:
    """How often do customers buy through each channel?

    A customer's day counts once per channel on which something was bought, so that the shares add
    up to 1 also where one day saw two channels.

    Parameters
    ----------
    purchases
        ``purchases``: ``customer_key``, ``ordered_on``, ``channel``.

    Returns
    -------
    One row per channel (null: not recorded): ``channel``, ``occasions``, ``customers`` (int64),
    ``occasion_share`` (0 to 1, of all).

    References
    ----------
    Definitions: channel_mix.
    """
    days = days_by_channel(purchases)
    sums = days.group_by("channel").agg(
        occasions=days.occasions.sum().cast("int64"), customers=days.count().cast("int64")
    )
    return sums.mutate(occasion_share=_share(sums.occasions))


def days_by_channel(purchases: ir.Table) -> ir.Table:
    """On how many days did each customer buy through each channel?

    Parameters
    ----------
    purchases
        As in ``occasions_by_channel``.

    Returns
    -------
    One row per channel and customer: ``channel``, ``customer_key``, ``occasions`` (int64).
    """
    return purchases.group_by("channel", "customer_key").agg(
        occasions=purchases.ordered_on.nunique().cast("int64")
    )


def contacts_by_channel(made: ir.Table) -> ir.Table:
    """How often are customers spoken to through each channel?

    Parameters
    ----------
    made
        Contacts that took place.

    Returns
    -------
    One row per channel (null: not recorded): ``channel``, ``contacts`` (int64), ``contact_share``
    (0 to 1, of all).

    References
    ----------
    Definitions: channel_mix.
    """
    sums = made.group_by("channel").agg(contacts=made.count().cast("int64"))
    return sums.mutate(contact_share=_share(sums.contacts))


def channel_use(
    lines: ir.Table,
    purchases: ir.Table,
    appointments: ir.Table | None = None,
    *,
    branch_channels: Sequence[str],
    by: Sequence[str] = (),
) -> ir.Table:
    """Through which channels did each active customer come?

    An order was made at a branch if its channel is one of ``branch_channels``; where no channel is
    recorded, if it names a branch. An appointment was at a branch if it names one and was kept.

    Parameters
    ----------
    lines
        Ledger lines, with ``value``.
    purchases
        ``purchases`` of the window.
    appointments
        ``waiting.appointments_due`` of the window, if brought.
    by
        Further columns of ``lines`` to keep.

    Returns
    -------
    One row per active customer: ``customer_key``, ``value``, ``by``, ``is_channel_known``,
    ``is_multi`` (bought on more than one channel), ``is_place_known``, ``was_at_branch``.
    """
    at_branch = purchases.channel.lower().isin(branch_channels)
    at_branch = ibis.coalesce(at_branch, purchases.branch.notnull())
    used = purchases.group_by(_key="customer_key").agg(
        _first=purchases.channel.min(),
        _last=purchases.channel.max(),
        _place=(purchases.channel.notnull() | purchases.branch.notnull()).any(),
        _bought=at_branch.any(),
    )
    active = lines.filter(lines.is_active).select("customer_key", "value", *by)
    rows = active.left_join(used, active.customer_key == used["_key"]).drop("_key")
    came = ibis.literal(False)
    if appointments is not None:
        kept = appointments.filter(appointments.is_kept & appointments.branch.notnull())
        kept = kept.select(_came="customer_key").distinct()
        rows = rows.left_join(kept, rows.customer_key == kept["_came"])
        came = rows["_came"].notnull()
    return rows.select(
        "customer_key", "value", *by,
        is_channel_known=rows["_first"].notnull(),
        is_multi=(rows["_first"] != rows["_last"]).fill_null(False),
        is_place_known=rows["_place"].fill_null(False) | came,
        was_at_branch=rows["_bought"].fill_null(False) | came,
    )  # fmt: skip


def channel_figures(used: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many active customers still come to a branch, and how many use several channels?

    Parameters
    ----------
    used
        ``channel_use``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by``: ``active``, ``places`` (customers of whom any place is known), ``visitors``,
    ``buyers`` (on a known channel), ``multi`` (int64), ``branch_visit_rate`` (visitors of active;
    null where no place is known of anybody), ``multi_channel_share`` (of buyers), 0 to 1;
    ``multi_value`` and ``single_value`` (float64, money per head; null where nobody).

    References
    ----------
    Definitions: channel_mix.
    """

    def count(is_so: ir.BooleanValue) -> ir.IntegerScalar:
        return is_so.sum().cast("int64").fill_null(0)

    value = used.value.cast("float64")
    is_single = used.is_channel_known & ~used.is_multi
    sums = used.aggregate(
        by=list(by),
        active=used.count().cast("int64"),
        places=count(used.is_place_known),
        visitors=count(used.was_at_branch),
        buyers=count(used.is_channel_known),
        multi=count(used.is_multi),
        multi_value=value.mean(where=used.is_multi),
        single_value=value.mean(where=is_single),
    )
    visits = sums.visitors.cast("float64") / sums.active.cast("float64").nullif(0)
    return sums.mutate(
        branch_visit_rate=(sums.places > 0).ifelse(visits, ibis.null("float64")),
        multi_channel_share=sums.multi.cast("float64") / sums.buyers.cast("float64").nullif(0),
    )


def _share(part: ir.IntegerColumn) -> ir.FloatingValue:
    whole = part.sum().over(ibis.window())
    return part.cast("float64") / whole.cast("float64").nullif(0)
