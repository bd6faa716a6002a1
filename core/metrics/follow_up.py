"""What care left undone: customers not spoken to for long, opportunities that nobody took up."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

LONG_AGO = 1_000_000.0  # days; stands for never


def last_contact(
    lines: ir.Table, contacts: ir.Table, *, as_of: date, by: Sequence[str] = ()
) -> ir.Table:
    """How long ago was the typical active customer last reached?

    The median over all active customers. Who was never reached waits longer than anybody: leaving
    them out would flatter whoever calls few. Where half or more were never reached, there is no
    median.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``.
    contacts
        The company's contacts; those known not to have reached the customer do not count.
    by
        Columns of ``lines`` to tell apart.

    Returns
    -------
    One row per ``by``: ``active``, ``ever_reached`` (int64, customers), ``median_days`` (null where
    nobody is active, or not even half were ever reached).

    References
    ----------
    Definitions: contact_gap.
    """
    rows = last_reached(lines, contacts, as_of=as_of, by=by)
    found = rows.aggregate(
        by=list(by),
        active=rows.count().cast("int64"),
        ever_reached=rows.last_reached_on.count().cast("int64"),
        _median=rows.contact_age_days.fill_null(LONG_AGO).median(),
    )
    is_known = found["_median"] < LONG_AGO / 2
    return found.mutate(median_days=is_known.ifelse(found["_median"], None)).drop("_median")


def last_reached(
    lines: ir.Table, contacts: ir.Table, *, as_of: date, by: Sequence[str] = ()
) -> ir.Table:
    """When was each active customer last reached, as ``last_contact`` counts it?

    Returns
    -------
    One row per active customer: ``customer_key``, the columns of ``by``, ``last_reached_on`` and
    ``contact_age_days`` (float64; both null: never).
    """
    day = contacts.contacted_at.cast("date")
    met = contacts.filter((day <= as_of) & contacts.is_reached.fill_null(True))
    last = met.group_by(_key="customer_key").agg(
        last_reached_on=met.contacted_at.max().cast("date")
    )
    active = lines.filter(lines.is_active).select("customer_key", *by)
    rows = active.left_join(last, active.customer_key == last["_key"]).drop("_key")
    age = ibis.literal(as_of).delta(rows.last_reached_on, unit="day").cast("float64")
    return rows.mutate(contact_age_days=age)


def pending_opportunities(
    lines: ir.Table, made: ir.Table, contracts: ir.Table | None = None, *, as_of: date
) -> ir.Table:
    """Which opportunities that contacts found has nobody turned into business yet?

    An opportunity is *pending* until an order on a later day, or a contract that starts on a later
    day. What was bought on the very day does not close it: that day's visit may have brought both.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``: they know the last order that stands.
    made
        ``contacts_made`` up to ``as_of``.
    contracts
        The company's contracts, if brought.

    Returns
    -------
    One row per contact with an opportunity: the columns of ``made`` and ``is_pending``.

    References
    ----------
    Definitions: contact_gap (opportunity found).
    """
    found = made.filter(made.has_opportunity.fill_null(False))
    last = lines.select(_key="customer_key", _bought="last_on")
    rows = found.left_join(last, found.customer_key == last["_key"]).drop("_key")
    closed = (rows["_bought"] > rows.contacted_on).fill_null(False)
    if contracts is not None:
        signed = contracts.filter(contracts.started_on <= as_of)
        signed = signed.group_by(_key="customer_key").agg(_signed=signed.started_on.max())
        rows = rows.mutate(_closed=closed)
        rows = rows.left_join(signed, rows.customer_key == signed["_key"]).drop("_key")
        closed = rows["_closed"] | (rows["_signed"] > rows.contacted_on).fill_null(False)
    return rows.mutate(is_pending=~closed).select(*made.columns, "is_pending")


def lost_without_contact(
    lost: ir.Table, contacts: ir.Table, *, within_days: int = 90, by: Sequence[str] = ()
) -> ir.Table:
    """What share of the lost had nobody talk to them in the days before they were lost?

    Parameters
    ----------
    lost
        ``winback.lost_customers`` (``customer_key``, ``lost_on``).
    contacts
        The company's contacts; those that did not reach the customer do not count.
    by
        Columns of ``lost`` to tell apart.

    Returns
    -------
    One row per ``by``: ``lost``, ``without_contact`` (int64), ``share`` (0 to 1; null where nobody
    was lost). The lost whose days before begin earlier than the first contact of the books are
    left out: nothing is known of them.

    References
    ----------
    Definitions: contact_gap (share of the lost who had no contact in the 90 days before).
    """
    both = contact_before_loss(lost, contacts, within_days=within_days)
    sums = both.aggregate(
        by=list(by),
        lost=both.count().cast("int64"),
        without_contact=(~both.was_reached).sum().cast("int64").fill_null(0),
    )
    return sums.mutate(share=_ratio(sums.without_contact, sums.lost))


def contact_before_loss(lost: ir.Table, contacts: ir.Table, *, within_days: int = 90) -> ir.Table:
    """Return the rows of ``lost`` that ``lost_without_contact`` counts, with ``was_reached``."""
    first_on = contacts.contacted_at.min().cast("date").as_scalar()
    met = contacts.filter(contacts.contacted_at.notnull() & contacts.is_reached.fill_null(True))
    met = met.select(_key="customer_key", _on=met.contacted_at.cast("date"))
    rows = lost.mutate(_from=(lost.lost_on - ibis.interval(days=within_days)).cast("date"))
    rows = rows.filter(rows["_from"] >= first_on)
    spoken = rows.semi_join(
        met,
        [rows.customer_key == met["_key"], met["_on"] >= rows["_from"], met["_on"] < rows.lost_on],
    ).select(_met="customer_key")
    both = rows.left_join(spoken, rows.customer_key == spoken["_met"])
    return both.mutate(was_reached=both["_met"].notnull()).drop("_met", "_from")


def _ratio(part: ir.NumericValue, whole: ir.NumericValue) -> ir.FloatingValue:
    return part.cast("float64") / whole.cast("float64").nullif(0)
